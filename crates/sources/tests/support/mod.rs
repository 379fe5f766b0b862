//! Makes small wheels, right ones and wrong ones.
#![allow(dead_code, unreachable_pub, missing_docs)]

pub mod server;

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The file name that the made wheels go by.
pub const NAME: &str = "demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl";

/// A wheel in the making: names and contents, in order.
pub struct Maker {
    pub members: Vec<(String, Vec<u8>, CompressionMethod)>,
    pub record: bool,
}

impl Default for Maker {
    fn default() -> Self {
        let mut maker = Self { members: Vec::new(), record: true };
        maker.add("demo/__init__.py", b"from demo import _core\n");
        maker.add("demo/_core.cpython-311-x86_64-linux-gnu.so", &noise(200_000));
        maker.add(
            "demo-1.0.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.9\n\
              Requires-Dist: numpy (>=1.22) ; python_version < \"3.12\"\n\
              Requires-Dist: numpy>=1.26 ; python_version >= \"3.12\"\n\
              Requires-Dist: numpy<2 ; extra == \"old\"\n\
              Requires-Dist: numpydoc ; extra == \"docs\"\n\nA body that says Name: other\n",
        );
        maker.add("demo-1.0.dist-info/WHEEL", b"Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\n");
        maker
    }
}

impl Maker {
    pub fn add(&mut self, name: &str, content: &[u8]) {
        self.members.push((name.to_owned(), content.to_vec(), CompressionMethod::Deflated));
    }

    pub fn store(&mut self, name: &str, content: &[u8]) {
        self.members.push((name.to_owned(), content.to_vec(), CompressionMethod::Stored));
    }

    pub fn build(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content, method) in &self.members {
            let options = SimpleFileOptions::default().compression_method(*method);
            zip.start_file(name.clone(), options).expect("a member can be begun");
            zip.write_all(content).expect("memory can be written");
        }
        if self.record {
            zip.start_file("demo-1.0.dist-info/RECORD", SimpleFileOptions::default()).expect("a member can be begun");
            zip.write_all(self.record_text().as_bytes()).expect("memory can be written");
        }
        zip.finish().expect("memory can be written").into_inner()
    }

    fn record_text(&self) -> String {
        let rows = self.members.iter().map(|(name, content, _)| format!("{name},sha256=x,{}\n", content.len()));
        rows.chain(["demo-1.0.dist-info/RECORD,,\n".to_owned()]).collect()
    }
}

/// Bytes that do not compress away, the same on every run.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Overwrites every occurrence of `from` by `to`, which has the same length.
pub fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let mut count = 0;
    for start in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[start..].starts_with(from) {
            bytes[start..start + to.len()].copy_from_slice(to);
            count += 1;
        }
    }
    count
}

/// Where the central header of the member named `name` begins.
pub fn central_header(bytes: &[u8], name: &str) -> usize {
    let at =
        |start: usize| bytes[start..].starts_with(b"PK\x01\x02") && bytes[start + 46..].starts_with(name.as_bytes());
    (0..bytes.len() - 46).find(|start| at(*start)).expect("the member is in the directory")
}
