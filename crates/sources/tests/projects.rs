//! Source distributions and source trees: what they say that building them requires, and that hostile ones are bounded.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use numpact_sources::project::{SdistLimits, SourceTree, is_source_tree, read_folder, read_sdist};
use numpact_sources::wheel::Target;

const PYPROJECT: &str = "[build-system]\nrequires = ['meson-python', 'numpy>=2.0; python_version >= \"3.9\"', \
                         'oldest-supported-numpy; python_version < \"3.9\"']\n\
                         [project]\nname = 'demo'\nversion = '1.0'\ndependencies = ['numpy (>=1.21)', 'numpydoc']\n";
const PKG_INFO: &str = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: numpy>=1.23\n";

fn target(minor: u8) -> Target {
    Target { python: (3, minor), platform: "linux-x86_64".parse().expect("a platform") }
}

/// A `.tar.gz` of these files.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // Written past the library, which refuses names that leave the folder.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, *content).expect("memory can be written");
    }
    archive.into_inner().expect("finished").finish().expect("finished")
}

fn read(bytes: Vec<u8>, limits: SdistLimits) -> Result<SourceTree, String> {
    read_sdist(Arc::new(bytes), "demo-1.0.tar.gz", limits)
}

#[test]
fn a_source_distribution_tells_what_its_build_and_its_use_require() {
    let files = [("demo-1.0/PKG-INFO", PKG_INFO.as_bytes()), ("demo-1.0/pyproject.toml", PYPROJECT.as_bytes())];
    let tree = read(packed(&files), SdistLimits::default()).expect("readable");
    assert_eq!(tree.project.name.as_deref(), Some("demo"));
    assert_eq!(tree.build_numpy(&target(11)), ["numpy>=2.0"]);
    assert_eq!(tree.build_numpy(&target(8)), ["oldest-supported-numpy"]);
    assert_eq!(tree.runtime_numpy(&target(11)), Some(Some(">=1.23".to_owned())), "what a build may not change");
    let old = PKG_INFO.replace("2.2", "2.1");
    let files = [("demo-1.0/PKG-INFO", old.as_bytes()), ("demo-1.0/pyproject.toml", PYPROJECT.as_bytes())];
    let tree = read(packed(&files), SdistLimits::default()).expect("readable");
    assert_eq!(tree.runtime_numpy(&target(11)), Some(Some(">=1.21".to_owned())), "older metadata bind nobody");
}

#[test]
fn only_the_files_of_the_folder_itself_count() {
    let files: [(&str, &[u8]); 4] = [
        ("../pyproject.toml", b"[project]\nname = 'outside'\n"),
        ("demo-1.0/vendored/pyproject.toml", b"[project]\nname = 'vendored'\n"),
        ("demo-1.0/../pyproject.toml", b"[project]\nname = 'climbing'\n"),
        ("/pyproject.toml", b"[project]\nname = 'root'\n"),
    ];
    let error = read(packed(&files), SdistLimits::default()).expect_err("no file of it counts");
    assert!(error.contains("no source distribution"), "{error}");
}

#[test]
fn the_metadata_name_what_a_build_would_work_out() {
    let project = "[build-system]\nrequires = ['numpy']\n[project]\nname = 'demo'\ndynamic = ['version']\n";
    let files = [("demo-1.0/PKG-INFO", PKG_INFO.as_bytes()), ("demo-1.0/pyproject.toml", project.as_bytes())];
    let tree = read(packed(&files), SdistLimits::default()).expect("readable");
    assert_eq!(tree.project.version.as_deref(), Some("1.0"));
    let old = [("demo-1.0/PKG-INFO", PKG_INFO.as_bytes()), ("demo-1.0/setup.py", b"")];
    let tree = read(packed(&old), SdistLimits::default()).expect("readable");
    assert_eq!(tree.project.name.as_deref(), Some("demo"));
}

#[test]
fn hostile_archives_are_bounded() {
    let zeros = vec![0; 8 << 20];
    let small = SdistLimits { inflated: 4 << 20, ..SdistLimits::default() };
    let error = read(packed(&[("demo-1.0/data", &zeros)]), small).expect_err("a bomb");
    assert!(error.contains("inflates to more than is read"), "{error}");
    let error = read(packed(&[("demo-1.0/pyproject.toml", &zeros)]), SdistLimits::default()).expect_err("too large");
    assert!(error.contains("larger than 4194304 bytes"), "{error}");
    let many: Vec<(&str, &[u8])> = vec![("demo-1.0/a", b""); 50];
    let few = SdistLimits { entries: 10, ..SdistLimits::default() };
    assert!(read(packed(&many), few).expect_err("too many").contains("more than 10 entries"));
    let whole = packed(&[("demo-1.0/data", &zeros[..100_000]), ("demo-1.0/pyproject.toml", PYPROJECT.as_bytes())]);
    for end in (0..whole.len()).step_by(7) {
        // An end that comes too early is an error or leaves something out; it is never a panic.
        drop(read(whole[..end].to_vec(), SdistLimits::default()));
    }
    assert!(read_sdist(Arc::new(whole), "demo-1.0.tar.bz2", SdistLimits::default()).is_err());
}

#[test]
fn old_archives_are_zip_files() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("demo-1.0/pyproject.toml", options).expect("begun");
    archive.write_all(PYPROJECT.as_bytes()).expect("memory can be written");
    let bytes = archive.finish().expect("finished").into_inner();
    let tree = read_sdist(Arc::new(bytes), "demo-1.0.zip", SdistLimits::default()).expect("readable");
    assert_eq!(tree.build_numpy(&target(11)), ["numpy>=2.0"]);
}

#[test]
fn a_folder_with_sources_is_read_like_a_distribution_of_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(!is_source_tree(folder.path()));
    std::fs::write(folder.path().join("setup.py"), "").expect("written");
    assert!(is_source_tree(folder.path()));
    let bare = read_folder(folder.path()).expect("readable");
    assert_eq!((bare.build_numpy(&target(11)), bare.runtime_numpy(&target(11))), (Vec::new(), None));
    std::fs::write(folder.path().join("pyproject.toml"), PYPROJECT).expect("written");
    assert_eq!(read_folder(folder.path()).expect("readable").build_numpy(&target(11)), ["numpy>=2.0"]);
    std::fs::write(folder.path().join("pyproject.toml"), "= =").expect("written");
    assert!(read_folder(folder.path()).expect_err("no TOML").to_string().contains("cannot be understood"));
}
