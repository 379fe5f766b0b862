//! What may go wrong while a test's input is prepared, said so that a person knows what to do next.

use std::path::PathBuf;

/// Why a test's input could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No pinned wheel has this name.
    #[error(
        "no wheel named `{0}` is pinned; add it to a file in `fixtures/wheels` (`python3 xtask/python/pin.py --help`)"
    )]
    NotPinned(String),
    /// Several pinned wheels begin with this name.
    #[error("`{name}` is the beginning of several pinned wheels: {}; write more of the name", found.join(", "))]
    Ambiguous {
        /// The name asked for.
        name: String,
        /// The file names that begin with it.
        found: Vec<String>,
    },
    /// A line of a pin file is not `name==version --hash=sha256:HEX # FILE.whl`.
    #[error("`{}` line {line}: expected `name==version --hash=sha256:HEX # FILE.whl`, found `{text}`", file.display())]
    BadPin {
        /// The pin file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The line's text.
        text: String,
    },
    /// An environment file lacks a setting, or there is no such file.
    #[error("environment `{name}`: {reason}")]
    BadEnvironment {
        /// The environment's name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The machine lacks an interpreter.
    #[error("no CPython {0} on this machine (looked on PATH, in `~/.pyenv/versions` and in uv's folder); install it")]
    NoInterpreter(String),
    /// A wheel could not be downloaded.
    #[error("could not fetch `{file}`; is the package index reachable?\n{output}")]
    Fetch {
        /// The wheel.
        file: String,
        /// What pip said.
        output: String,
    },
    /// A wheel has not the bytes that were pinned.
    #[error("`{}` has sha256 {found}, but {expected} is pinned; delete the file and try again", file.display())]
    Hash {
        /// The file.
        file: PathBuf,
        /// The pinned hash.
        expected: String,
        /// The file's hash.
        found: String,
    },
    /// A command did not succeed.
    #[error("`{command}` failed\n{output}")]
    Command {
        /// The command as one would type it.
        command: String,
        /// What it printed.
        output: String,
    },
    /// A file or folder could not be read or written.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl Problem {
    /// Makes an error of the system one that names the path.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}
