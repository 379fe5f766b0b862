//! Installs a NumPy's wheel into a folder, by uv where it is on PATH, else by the environment's pip, else by the pip of
//! PATH. Indexes and credentials are those of the user's own configuration.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::OverlayError;
use super::interpreter::Identity;
use crate::NO_DOWNLOADS;

/// How many lines of a complaint are passed on.
const COMPLAINT: usize = 12;
/// Settings that would forbid what is asked for, or send it elsewhere: the user's project need not agree with a NumPy
/// that it is only tried under.
const FORBIDDING: [&str; 9] = [
    "PIP_CONSTRAINT",
    "PIP_NO_BINARY",
    "PIP_PREFIX",
    "PIP_REQUIRE_HASHES",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_TARGET",
    "PIP_USER",
    "UV_CONSTRAINT",
    "UV_OVERRIDE",
];

/// A way to install.
struct Way {
    program: OsString,
    arguments: Vec<OsString>,
}

/// Installs NumPy into `folder`, which is empty.
pub(super) fn numpy(interpreter: &Path, identity: &Identity, version: &str, folder: &Path) -> Result<(), OverlayError> {
    let mut refused = None;
    for way in ways(interpreter, version, folder) {
        match way.run() {
            Err(_) => {}
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                if has_none(&said) {
                    return Err(OverlayError::NoWheel { version: version.to_owned(), python: identity.words() });
                }
                if !said.contains("No module named pip") {
                    refused.get_or_insert((way.shown(), complaint(&said)));
                }
            }
        }
    }
    let version = version.to_owned();
    Err(match refused {
        Some((command, complaint)) => OverlayError::Refused { version, command, complaint },
        None => OverlayError::NoInstaller { version },
    })
}

fn ways(interpreter: &Path, version: &str, folder: &Path) -> [Way; 3] {
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let place = |tool: Vec<OsString>| {
        let wanted = [OsString::from("--target"), folder.into(), OsString::from(format!("numpy=={version}"))];
        [tool, words(&["--no-deps", "--only-binary", ":all:"]), wanted.to_vec()].concat()
    };
    let python = interpreter.as_os_str().to_owned();
    let uv = [words(&["pip", "install", "--quiet", "--python"]), vec![python.clone()]].concat();
    let install = words(&["install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    let own = [words(&["-m", "pip"]), install.clone()].concat();
    let host = [words(&["-m", "pip", "--python"]), vec![python.clone()], install].concat();
    [
        Way { program: "uv".into(), arguments: place(uv) },
        Way { program: python, arguments: place(own) },
        Way { program: "python3".into(), arguments: place(host) },
    ]
}

impl Way {
    fn run(&self) -> std::io::Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command.env(NO_DOWNLOADS.0, NO_DOWNLOADS.1);
        FORBIDDING.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.output()
    }

    /// The words that name it in messages.
    fn shown(&self) -> String {
        let words = self.arguments.iter().map(OsString::as_os_str).take_while(|word| *word != OsStr::new("--quiet"));
        let words = std::iter::once(self.program.as_os_str()).chain(words).map(OsStr::to_string_lossy);
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Whether an installer saw the index and found no such wheel there. An index out of reach lists no versions at all.
fn has_none(said: &str) -> bool {
    let uv = ["has no usable wheels", "there is no version of numpy", "has no wheels with a matching"];
    let pip = said.contains("No matching distribution found") && !said.contains("(from versions: none)");
    pip || uv.iter().any(|words| said.contains(words))
}

/// The end of a complaint, where the cause stands, indented.
fn complaint(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(COMPLAINT)..).unwrap_or_default();
    last.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::has_none;

    #[test]
    fn a_wheel_that_is_not_there_is_told_from_an_index_that_is_not() {
        let found = "ERROR: Could not find a version that satisfies the requirement numpy==1.26.4 (from versions: 2.1.0)\n\
                     ERROR: No matching distribution found for numpy==1.26.4";
        assert!(has_none(found));
        assert!(!has_none(&found.replace("2.1.0", "none")));
        assert!(has_none("  cause: Because numpy==1.26.4 has no usable wheels and you require numpy==1.26.4"));
        assert!(!has_none("error: Request failed after 3 retries in 9.0s"));
    }
}
