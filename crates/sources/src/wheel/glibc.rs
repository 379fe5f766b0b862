//! The version of this machine's glibc, which decides which wheels for Linux install on it. The library says it in a
//! sentence that it prints where it is started as a program; here the sentence is read from its file.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memchr::memmem;

/// What stands before the version: `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`
const BEFORE: &[u8] = b" release version 2.";
/// The largest library that is read, in bytes; glibc has some two million.
const LARGEST: u64 = 32 << 20;

/// The minor version of the glibc that this program runs with, or else of the one that lies where systems keep it; `None`
/// where there is none.
pub(super) fn minor() -> Option<u16> {
    static FOUND: OnceLock<Option<u16>> = OnceLock::new();
    *FOUND.get_or_init(|| loaded().into_iter().chain(usual()).find_map(|file| of_file(&file)))
}

/// The C library among the files that this process has mapped.
fn loaded() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let paths = maps.lines().filter_map(|line| line.find('/').and_then(|at| line.get(at..)));
    let is_libc = |name: &str| name == "libc.so.6" || (name.starts_with("libc-2.") && name.ends_with(".so"));
    paths.map(PathBuf::from).find(|path| path.file_name().is_some_and(|name| is_libc(&name.to_string_lossy())))
}

/// Where Debian, Fedora, Arch and their kin keep it.
fn usual() -> impl Iterator<Item = PathBuf> {
    let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
    let folders =
        [format!("/lib/{triple}"), format!("/usr/lib/{triple}"), "/lib64".to_owned(), "/usr/lib64".to_owned()];
    folders.into_iter().chain(["/usr/lib".to_owned()]).map(|folder| Path::new(&folder).join("libc.so.6"))
}

fn of_file(path: &Path) -> Option<u16> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, LARGEST), &mut bytes).ok()?;
    of_bytes(&bytes)
}

fn of_bytes(bytes: &[u8]) -> Option<u16> {
    let from = memmem::find(bytes, BEFORE)?.checked_add(BEFORE.len())?;
    let digits: Vec<u8> = bytes.get(from..)?.iter().copied().take_while(u8::is_ascii_digit).take(3).collect();
    String::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::of_bytes;

    #[test]
    fn the_version_stands_in_a_sentence() {
        assert_eq!(
            of_bytes(b"\0GNU C Library (Ubuntu GLIBC 2.31-0ubuntu9) stable release version 2.31.\nCopyright"),
            Some(31)
        );
        assert_eq!(of_bytes(b"\0GNU C Library (GNU libc) development release version 2.41.9000.\n"), Some(41));
        assert_eq!(of_bytes(b"\0musl libc (x86_64)\nVersion 1.2.4\n"), None);
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn this_machine_s_is_what_python_says() {
        let ask = "import os; print(os.confstr('CS_GNU_LIBC_VERSION'))";
        let python = testing::host_interpreter().expect("a Python 3").path;
        let output = std::process::Command::new(python).args(["-c", ask]).output().expect("started");
        let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert_eq!(super::minor().map(|minor| format!("glibc 2.{minor}")), Some(told));
    }
}
