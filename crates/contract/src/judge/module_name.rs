//! The importable name of an extension module, from its path; and for which Python its suffix says it is.

/// What the path of an extension module says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionName {
    /// The name that `import` takes: `pandas._libs.lib`.
    pub module: String,
    /// Whether it is the initialiser of a package (`__init__.cpython-311-darwin.so`).
    pub package: bool,
    /// Major and minor version of the Python that the suffix names; `None` for `abi3` and for plain `.so` or `.pyd`.
    pub python: Option<(u8, u8)>,
}

/// Reads the name out of a path with `/`, relative to a folder of the search path. `None` for files that no `import`
/// statement finds: libraries such as `libfoo.so.1`, and files below folders that are no packages.
pub fn extension_name(path: &str) -> Option<ExtensionName> {
    let stem = path.strip_suffix(".so").or_else(|| path.strip_suffix(".pyd"))?;
    let (folders, file) = stem.rsplit_once('/').unwrap_or(("", stem));
    let (name, tag) = file.split_once('.').unwrap_or((file, ""));
    let python = python_of(tag)?;
    let mut parts: Vec<&str> = folders.split('/').filter(|part| !part.is_empty()).collect();
    let package = name == "__init__";
    if !package {
        parts.push(name);
    }
    let importable = !parts.is_empty() && parts.iter().all(|part| is_identifier(part));
    importable.then(|| ExtensionName { module: parts.join("."), package, python })
}

/// The name of the module that a `.py` file holds, and whether it is a package's `__init__.py`.
pub(super) fn source_name(path: &str) -> Option<(String, bool)> {
    let stem = path.strip_suffix(".py")?;
    let package = stem == "__init__" || stem.ends_with("/__init__");
    let stem = if package { stem.strip_suffix("/__init__")? } else { stem };
    stem.split('/').all(is_identifier).then(|| (stem.replace('/', "."), package))
}

/// What an interpreter-specific suffix says: `Some(None)` for none, `None` when it is no such suffix.
fn python_of(tag: &str) -> Option<Option<(u8, u8)>> {
    if tag.is_empty() || tag == "abi3" || tag == "abi3t" {
        return Some(None);
    }
    if tag.starts_with("pypy") || tag.starts_with("graalpy") {
        return Some(Some((0, 0)));
    }
    let digits = tag.strip_prefix("cpython-").or_else(|| tag.strip_prefix("cp"))?;
    let digits = digits.get(..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()))?;
    let major = digits.get(..1)?.parse().ok()?;
    Some(Some((major, digits.get(1..)?.parse().ok()?)))
}

fn is_identifier(part: &str) -> bool {
    let mut characters = part.chars();
    let begins = characters.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    begins && characters.all(|c| c == '_' || c.is_alphanumeric())
}

/// Major and minor number of a Python version such as `3.11.7`; `None` for `3`.
pub fn python_line(version: &str) -> Option<(u8, u8)> {
    let mut numbers = version.split('.').map(|part| part.parse::<u8>().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::{extension_name, python_line, source_name};

    #[test]
    fn names_come_from_paths_of_every_platform() {
        let name = |path| extension_name(path).map(|name| (name.module, name.python));
        let of = |module: &str, python| Some((module.to_owned(), python));
        assert_eq!(name("pandas/_libs/lib.cpython-311-x86_64-linux-gnu.so"), of("pandas._libs.lib", Some((3, 11))));
        assert_eq!(name("cv2/cv2.abi3.so"), of("cv2.cv2", None));
        assert_eq!(name("a/b.cp39-win_amd64.pyd"), of("a.b", Some((3, 9))));
        assert_eq!(name("a/b.cpython-37m-x86_64-linux-gnu.so"), of("a.b", Some((3, 7))));
        assert_eq!(name("torch/_C.pyd"), of("torch._C", None));
        assert_eq!(name("pkg/__init__.cpython-312-darwin.so"), of("pkg", Some((3, 12))));
        assert_eq!(name("pkg/x.pypy39-pp73-x86_64-linux-gnu.so"), of("pkg.x", Some((0, 0))));
    }

    #[test]
    fn libraries_are_no_modules() {
        for path in
            ["pyarrow/libarrow.so.1500", "scipy.libs/libq-1.so", "a/b.dll", "a/libx-2.so", "a/b.c.so", "../x.so"]
        {
            assert_eq!(extension_name(path), None, "{path}");
        }
    }

    #[test]
    fn sources_have_names_too() {
        assert_eq!(source_name("a/b/__init__.py"), Some(("a.b".to_owned(), true)));
        assert_eq!(source_name("six.py"), Some(("six".to_owned(), false)));
        assert_eq!(source_name("a-b/c.py"), None);
        assert_eq!(python_line("3.11.7"), Some((3, 11)));
    }
}
