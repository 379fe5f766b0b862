//! Paths as Python's `os.path` sees them, and bytes as paths.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// `os.path.abspath`: joined to `base`, with `.` and `..` taken out of the text, links not followed.
pub(super) fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}

/// A line of bytes as a path of this system. Where paths are text, bytes that are no UTF-8 give `None`.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    os_string(bytes).map(PathBuf::from)
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec()))
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> Option<OsString> {
    std::str::from_utf8(bytes).ok().map(OsString::from)
}

/// The path of a file inside a folder as records write it: relative, with `/`, dots resolved. `None` when it leads out
/// of the folder; an absolute path is taken relative to the folder when it lies inside.
pub(super) fn inside(folder: &Path, recorded: &str) -> Option<String> {
    if is_plain(recorded) {
        return Some(recorded.to_owned());
    }
    let clean = absolute(folder, Path::new(&recorded.replace('\\', "/")));
    let relative = clean.strip_prefix(folder).ok()?;
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/")).filter(|path| !path.is_empty())
}

/// Whether a recorded path needs no resolving, as nearly all do.
fn is_plain(recorded: &str) -> bool {
    !recorded.starts_with('/') && !recorded.contains("./") && !recorded.contains('\\') && !recorded.contains(':')
}

/// The name of a distribution in the form that compares equal however it is spelled (PEP 503).
pub(super) fn normalised(name: &str) -> String {
    pep508_rs::PackageName::new(name.to_owned()).map_or_else(|_| name.to_ascii_lowercase(), |name| name.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{absolute, inside, normalised};

    #[test]
    fn resolves_dots_in_the_text() {
        assert_eq!(absolute(Path::new("/a/b"), Path::new("../c/./d")), Path::new("/a/c/d"));
        assert_eq!(absolute(Path::new("/a"), Path::new("../../../x")), Path::new("/x"));
    }

    #[test]
    fn keeps_records_inside_their_folder() {
        let site = Path::new("/env/site-packages");
        assert_eq!(inside(site, "numpy/core/x.so").as_deref(), Some("numpy/core/x.so"));
        assert_eq!(inside(site, "numpy\\core\\x.pyd").as_deref(), Some("numpy/core/x.pyd"));
        assert_eq!(inside(site, "a/../b.py").as_deref(), Some("b.py"));
        assert_eq!(inside(site, "/env/site-packages/c.py").as_deref(), Some("c.py"));
        assert_eq!(inside(site, "../../bin/f2py"), None);
        assert_eq!(inside(site, "/etc/passwd"), None);
    }

    #[test]
    fn compares_names_however_spelled() {
        assert_eq!(normalised("Scikit_Learn"), normalised("scikit.learn"));
    }
}
