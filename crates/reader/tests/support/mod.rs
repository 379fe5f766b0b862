//! What tests of the reader share: files out of pinned wheels.

use std::io::Read;

/// The first file of a pinned wheel whose name contains `part`. `wheel` is the beginning of the wheel's file name.
pub(crate) fn file(wheel: &str, part: &str) -> Vec<u8> {
    let path = testing::wheel(wheel);
    let opened = std::fs::File::open(&path).expect("a fetched wheel");
    let mut archive = zip::ZipArchive::new(opened).expect("a wheel");
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).expect("a member");
        if member.name().is_ok_and(|name| name.contains(part)) {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).expect("its bytes");
            return bytes;
        }
    }
    panic!("`{}` has no file like `{part}`", path.display());
}
