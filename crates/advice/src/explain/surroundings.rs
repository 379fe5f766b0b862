//! What a text tells of the machine, the interpreter and the installer it comes from.

use std::sync::LazyLock;

use regex::Regex;

use super::clean::Flat;
use super::diagnosis::Facts;
use super::hosts;
use super::installed::Installed;
use super::pattern::ascii;
use crate::commands::Installer;

static PYTHON: LazyLock<Regex> = LazyLock::new(|| {
    ascii(concat!(
        r"(?i)\bPython (?:version: ?|: )?(\d\.\d+(?:\.\d+)?)\b",
        r"|python(\d\.\d+)[/\\ ]",
        r"|Python_?(\d)[_.]?(\d\d?)(?:\.\d+)?[/\\]",
        r"|(?:cpython-|cp|\bpy)(3)(\d\d?)\b",
    ))
});
static NUMPY: LazyLock<Regex> = LazyLock::new(|| {
    ascii(concat!(
        r#"(?i)The NumPy version is: "(\d+\.[\w.]*\w)"#,
        r"|\bnumpy(?: version)? ?(?::|is) ?(\d+\.\d+(?:\.\d+)?)",
        r"|Got NumPy (\d+\.\d+)",
        r"|but you have numpy (\d+\.[\w.]*\w)",
        r"|your numpy version is (\d+\.[\w.]*\w)",
    ))
});

static PIPX: LazyLock<Regex> = LazyLock::new(|| ascii(r"[/\\]pipx[/\\]venvs[/\\]([A-Za-z0-9._-]+)"));

/// Marks of operating systems, most telling first.
const SYSTEMS: &[(&str, &[&str])] = &[
    ("windows", &["C:\\", "D:\\", "E:\\", "\\site-packages\\", "win_amd64", "DLL load failed", "\\lib\\", "Windows "]),
    ("macos", &["on darwin", "/Users/", "macosx_", "-darwin.so", "/opt/homebrew/", "macOS", "MacBook", "Darwin "]),
    (
        "linux",
        &["on linux", "/home/", "/usr/lib", "/usr/local/lib", "linux-gnu.so", "manylinux", "/root/", "/opt/", "Linux"],
    ),
];
/// Marks of processors.
const MACHINES: &[(&str, &[&str])] = &[
    ("arm64", &["arm64", "Apple M1", "Apple M2", "Apple M3", "(M3)", "m2 mac", "m1 mac", "M2 Pro"]),
    ("aarch64", &["aarch64"]),
    ("x86_64", &["x86_64", "AMD64", "amd64", "Intel Mac", "x86-64"]),
];
/// Marks of installers, most telling first.
const INSTALLERS: &[(Installer, &[&str])] = &[
    (Installer::Uv, &["uv pip ", "uv venv"]),
    (Installer::UvProject, &["uv sync", "uv run", "uv add", "uv.lock"]),
    (Installer::Pipx, &["/pipx/venvs/", "\\pipx\\venvs\\"]),
    (Installer::Poetry, &["poetry install", "poetry run", "pypoetry", "poetry add", "poetry.lock"]),
    (Installer::Pdm, &["pdm install", "pdm run", "pdm sync", "pdm add", "pdm.lock"]),
    (Installer::Pixi, &["pixi install", "pixi run", "pixi add", ".pixi/envs/", ".pixi\\envs\\"]),
    (Installer::Pip, &["pip install", "pip3 install", "pip list", "Package Version"]),
    (Installer::Conda, &["conda install", "conda create", "conda-forge", "mamba install"]),
];
const NOTEBOOK: &[&str] = &[
    "ipython-input",
    "Cell In[",
    "/content/",
    "dist-packages/ipykernel",
    "ipykernel_launcher",
    "/kaggle/",
    "In [",
    "colab",
    "Jupyter",
    "!pip ",
    "%pip ",
];

/// Looks at most this far into a text for marks, from each end.
const LOOK: usize = 400_000;

/// Everything but what the messages themselves say.
pub(super) fn facts(flat: &Flat, installed: &Installed) -> Facts {
    let ends = [flat.after(0, LOOK), flat.before(flat.text.len(), LOOK)];
    let system = first_marked(&ends, SYSTEMS).map(str::to_owned);
    let installer = installer(&ends, installed);
    Facts {
        numpy: installed.version("numpy").map(str::to_owned).or_else(|| numpy(&ends)),
        python: python(&ends),
        machine: first_marked(&ends, MACHINES).map(str::to_owned),
        place: place(&ends, installer),
        installer,
        notebook: NOTEBOOK.iter().any(|mark| ends.iter().any(|text| text.contains(mark))),
        system,
        ..Facts::default()
    }
}

fn first_marked<T: Copy>(texts: &[&str], table: &[(T, &[&str])]) -> Option<T> {
    let marked = |marks: &[&str]| marks.iter().any(|mark| texts.iter().any(|text| text.contains(mark)));
    table.iter().find(|(_, marks)| marked(marks)).map(|(value, _)| *value)
}

/// conda's own word on who installed NumPy outweighs commands in the text.
fn installer(texts: &[&str], installed: &Installed) -> Option<Installer> {
    match installed.channel("numpy") {
        Some("pypi") => Some(Installer::Pip),
        Some(_) => Some(Installer::Conda),
        None => first_marked(texts, INSTALLERS),
    }
}

/// What the tool has to be told: pipx keeps each application in an environment of its own, and pip works on the Python
/// that runs it, which is not that of a host application.
fn place(texts: &[&str], installer: Option<Installer>) -> Option<String> {
    match installer {
        Some(Installer::Pipx) => {
            let found = texts.iter().find_map(|text| PIPX.captures(text))?;
            Some(found.get(1)?.as_str().to_owned())
        }
        Some(Installer::Pip) | None => texts.iter().find_map(|text| hosts::interpreter(text)),
        Some(_) => None,
    }
}

fn python(texts: &[&str]) -> Option<String> {
    let found = texts.iter().find_map(|text| PYTHON.captures(text))?;
    let groups: Vec<&str> = found.iter().skip(1).flatten().map(|group| group.as_str()).collect();
    Some(groups.join("."))
}

fn numpy(texts: &[&str]) -> Option<String> {
    let found = texts.iter().find_map(|text| NUMPY.captures(text))?;
    (1..found.len()).find_map(|group| found.get(group)).map(|version| version.as_str().to_owned())
}

/// The minor version of CPython: `(3, 11)` for `3.11.2`.
pub(super) fn minor(python: &str) -> Option<(u8, u8)> {
    let mut parts = python.split('.').map(str::parse::<u8>);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::facts;
    use crate::commands::Installer;
    use crate::explain::clean::flatten;
    use crate::explain::installed::Installed;

    fn python(text: &str) -> Option<String> {
        facts(&flatten(text), &Installed::default()).python
    }

    #[test]
    fn pythons_in_every_place() {
        assert_eq!(python("Python 3.11.2 (main, Mar 5 2023)").as_deref(), Some("3.11.2"));
        assert_eq!(python("/x/lib/python3.8/site-packages").as_deref(), Some("3.8"));
        assert_eq!(python(r"C:\Programs\Python\Python311\Lib").as_deref(), Some("3.11"));
        assert_eq!(python("_C.cpython-39-x86_64-linux-gnu.so").as_deref(), Some("3.9"));
        assert_eq!(python("nothing of it"), None);
    }

    #[test]
    fn a_list_of_packages_says_who_installed_numpy() {
        let list = "numpy 1.22.4 pypi_0 pypi\n";
        let facts = facts(&flatten(list), &Installed::read(list));
        assert_eq!((facts.installer, facts.numpy.as_deref()), (Some(Installer::Pip), Some("1.22.4")));
    }
}
