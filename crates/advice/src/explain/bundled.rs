//! Libraries that a wheel brings along for its own compiled files: when one of them is missing, no package of the system
//! has it, and only the wheel brings it back.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::ascii;

/// A library of a wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Library {
    /// Its file's name.
    pub(super) file: String,
    /// The distribution, where the library's folder tells it.
    pub(super) distribution: Option<String>,
}

/// Who says that a file is not there, and where its name stands.
static MISSING: LazyLock<Regex> = LazyLock::new(|| {
    ascii(concat!(
        r#"(?i)([^\s'"`:;,()]+): (?:cannot open shared object file|image not found)"#,
        r#"|Library not loaded: '?([^\s'"`;,()]+)"#,
    ))
});
/// auditwheel puts eight digits of a hash behind a library's name, delvewheel thirty-two.
static HASHED: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)-(?:[0-9a-f]{8}|[0-9a-f]{32})\.(?:so|dll|dylib)\b"));
/// The folders into which auditwheel, delvewheel and delocate put libraries.
static FOLDER: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?:^|/)(?:([A-Za-z0-9][\w.-]*)\.libs|(?:([\w.-]+)/)?\.dylibs)/"));
/// What NumPy's and SciPy's own builds of OpenBLAS are called in their wheels.
const OWN: &str = "libscipy_openblas";

/// The library that a loader's error says is missing, if it is one of a wheel.
pub(super) fn missing(error: &str) -> Option<Library> {
    let path = file(error)?.replace('\\', "/");
    let file = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let folder = FOLDER.captures(&path);
    let bundled = folder.is_some() || file.starts_with(OWN) || HASHED.is_match(&file);
    let owner = folder.and_then(|found| found.get(1).or(found.get(2)).map(|name| name.as_str().replace('_', "-")));
    bundled.then(|| Library { file, distribution: owner.filter(|name| !name.starts_with('.')) })
}

/// The file that a loader's error says is missing.
pub(super) fn file(error: &str) -> Option<&str> {
    let found = MISSING.captures(error)?;
    found.get(1).or(found.get(2)).map(|path| path.as_str())
}

#[cfg(test)]
mod tests {
    use super::missing;

    fn of(error: &str) -> Option<(String, Option<String>)> {
        missing(error).map(|library| (library.file, library.distribution))
    }

    #[test]
    fn a_library_of_a_wheel_is_known_by_its_name_or_its_folder() {
        let some = |file: &str, owner: Option<&str>| Some((file.to_owned(), owner.map(str::to_owned)));
        let linux = |path: &str| format!("{path}: cannot open shared object file: No such file or directory");
        let hashed = "libgfortran-040039e1.so.5.0.0";
        assert_eq!(of(&linux(hashed)), some(hashed, None));
        assert_eq!(of(&linux("libscipy_openblas64_.so")), some("libscipy_openblas64_.so", None));
        assert_eq!(of(&linux("/v/scikit_learn.libs/libgomp.so.1")), some("libgomp.so.1", Some("scikit-learn")));
        let mac = "Library not loaded: @loader_path/../.dylibs/libgfortran.5.dylib Referenced from: x";
        assert_eq!(of(mac), some("libgfortran.5.dylib", None));
        let mac = "Library not loaded: /v/site-packages/scipy/.dylibs/libopenblas.dylib";
        assert_eq!(of(mac), some("libopenblas.dylib", Some("scipy")));
        assert_eq!(of(&linux("libGL.so.1")), None);
        assert_eq!(of(&linux("libblas-3.so.3")), None);
        assert_eq!(of("libscipy_openblas64_.so: undefined symbol: x"), None);
    }
}
