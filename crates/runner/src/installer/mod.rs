//! Asks the user's own installer what it would install. Indexes, credentials and constraints are those of its own
//! configuration; nothing is installed, and no source distribution of an index is built, since building runs foreign code.
//! (pip heeds that for what an index has, not for what is required at an address.)

mod pip;
mod uv;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::NamedTempFile;

use crate::signals::Minded;

/// How many lines of an installer's complaint are passed on.
const COMPLAINT: usize = 25;

/// What is to be resolved, and for whom.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Requirement specifiers: `torch==2.2.2`.
    pub requirements: Vec<String>,
    /// Requirements files.
    pub files: Vec<PathBuf>,
    /// Lines as of a requirements file, options too. pip alone takes them.
    pub lines: Vec<String>,
    /// Requirement specifiers that hold for whatever is chosen, and ask for nothing by themselves.
    pub constraints: Vec<String>,
    /// Choose the oldest releases of what [`Self::requirements`] names instead of the newest. uv alone can.
    pub oldest: bool,
    /// The Python to resolve for: `(3, 11)`.
    pub python: (u8, u8),
    /// Its exact version, where it is known: `3.6.15`. A release may ask for more than the first of a line.
    pub exactly: Option<String>,
    /// The platform in uv's words; `None` where uv has none for it.
    pub uv_platform: Option<String>,
    /// Whether the platform is exactly this machine's, for which uv needs no word.
    pub own_platform: bool,
    /// The oldest macOS to resolve for, where the platform is a Mac.
    pub macos: Option<String>,
    /// The pip to ask, and no other; the first that PATH has where nothing is said.
    pub pip: Option<Pip>,
    /// The folder of the environment that is resolved for: a pip that does not run in it reads its configuration as well.
    pub environment: Option<PathBuf>,
    /// The interpreter of that environment, where uv would have to find one elsewhere.
    pub interpreter: Option<PathBuf>,
    /// The platform as wheel tags, most wanted first.
    pub platform_tags: Vec<String>,
    /// Leave out what the requirements themselves require.
    pub no_dependencies: bool,
    /// Names of distributions to leave out, whoever requires them. uv alone can.
    pub left_out: Vec<String>,
    /// Take source distributions for what has no wheel. Heeded with [`Self::no_dependencies`] and without
    /// [`Self::files`] alone, where uv asks nothing of them and so builds nothing; pip always builds.
    pub sources_too: bool,
    /// Fetch nothing.
    pub offline: bool,
    /// Whether environment markers are another matter there than where the installer runs: on another platform, or on
    /// another Python than pip's own.
    pub foreign: bool,
}

/// The installers that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// uv.
    Uv,
    /// pip.
    Pip,
}

/// A pip that works on one environment, with that environment's configuration, and chooses wheels for its Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pip {
    /// The words that start it: `ENV/bin/python -m pip`, or `python3 -m pip --python ENV/bin/python`.
    pub words: Vec<String>,
}

/// An installer's answer, in its own format.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// Which installer: uv answers with a `pylock.toml`, pip with an installation report in JSON.
    pub tool: Tool,
    /// The answer.
    pub text: String,
    /// What the answer may leave out.
    pub note: Option<String>,
}

/// Seen with pip 23: asked for macOS on Linux, it wants what torch requires on Linux; asked for 3.10 by 3.11, it wants
/// what is for 3.11.
const PIP_MARKERS: &str = "`pip` judges environment markers by the machine and the Python it runs on, not by those asked for, so \
                           requirements of one platform or one Python alone may be wrong; `uv` on PATH does without this, and \
                           `--no-deps` looks at nothing but what is named";

/// pip answers about a source distribution only after it has run the project's own code.
const PIP_WHEELS: &str = "`pip` was asked for wheels alone, since building runs foreign code; with `uv` on PATH, what has no \
                          wheel is read as a source distribution, as far as that tells what a build would give";

/// How pip 23 (the first four, classes of its urllib3) and uv 0.13 say that they got no connection; seen with a proxy that
/// does not answer. pip goes on after it and ends with "no matching distribution".
const NO_WAY_THROUGH: [&str; 6] = [
    "NewConnectionError(",
    "ConnectTimeoutError(",
    "NameResolutionError(",
    "ProxyError(",
    "error sending request for url",
    "client error (Connect)",
];

/// How pip's log begins to tell that it could not ask an index, and what it tells where an index just does not know a name.
/// Where it may not try again, pip says nothing of it but there.
const NOT_FETCHED: &str = "Could not fetch URL ";
const NOT_KNOWN_THERE: &str = " Client Error: ";

/// How uv 0.13 and pip 23 say that they looked and found nothing that fits.
const LOOKED: [&str; 5] = [
    "No solution found when resolving",
    "No matching distribution found",
    "Could not find a version that satisfies",
    "ResolutionImpossible",
    "conflicting dependencies",
];
const FOUND_NOTHING: &str = "found nothing to install for this Python and platform";
const COULD_NOT_LOOK: &str = "could not look for what would be installed";

/// What to do about complaints that name no way out, by words that stand in them.
const WAYS_OUT: [(&str, &str); 2] = [
    (
        "Building source distributions for `",
        "what a requirement names by its address is not built here; check the source distribution by itself \
         (`numpact check FILE`), and the others without it",
    ),
    (
        "No interpreter found for Python",
        "uv resolves with some Python at hand, and numpact keeps it from fetching one; `uv python install` does",
    ),
];

/// The installer could not answer.
#[derive(Debug, thiserror::Error)]
pub enum InstallerError {
    /// There is none.
    #[error("neither `uv` nor `pip` was found on PATH; one of them is needed to find out what would be installed")]
    NoInstaller,
    /// What it is to be given cannot be written down.
    #[error("cannot write a temporary file")]
    TemporaryFile(#[source] std::io::Error),
    /// It is there and cannot be started.
    #[error("`{command}` cannot be started")]
    CannotStart {
        /// The command.
        command: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// It did not get through to an index.
    #[error(
        "`{command}` did not reach the package index; the network, a proxy or the index's address may be wrong; it \
         says:\n{complaint}"
    )]
    Unreachable {
        /// The command.
        command: String,
        /// The end of its standard error.
        complaint: String,
    },
    /// It found no answer.
    #[error("`{command}` {}; it says:\n{complaint}", if *.looked { FOUND_NOTHING } else { COULD_NOT_LOOK })]
    Refused {
        /// The command.
        command: String,
        /// Whether it looked for what was asked for; otherwise something is wrong with the question, such as a line or a
        /// file that cannot be read.
        looked: bool,
        /// The end of its standard error.
        complaint: String,
        /// What it found source distributions of and no wheel, as far as it says so: requirement specifiers. pip does not.
        without_wheel: Vec<String>,
    },
}

impl Request {
    /// The Python in an installer's words, which know numbers alone.
    fn python_version(&self) -> String {
        let (major, minor) = self.python;
        let plain = |version: &&String| version.split('.').all(|part| part.parse::<u8>().is_ok());
        self.exactly.as_ref().filter(plain).cloned().unwrap_or_else(|| format!("{major}.{minor}"))
    }
}

/// Asks one installer.
///
/// # Errors
/// When it is not there or does not know the platform ([`InstallerError::NoInstaller`]), or cannot resolve the request.
pub fn resolve_with(tool: Tool, request: &Request) -> Result<Resolution, InstallerError> {
    let note = (tool == Tool::Pip && request.foreign).then_some(PIP_MARKERS);
    let answer = match tool {
        Tool::Uv => uv::ask(request),
        Tool::Pip => pip::ask(request),
    };
    let hint = (tool == Tool::Pip).then_some(PIP_WHEELS);
    let text = answer.map_err(|error| error.with_notes(note.into_iter().chain(hint)))?;
    let text = text.ok_or(InstallerError::NoInstaller)?;
    Ok(Resolution { tool, text, note: note.map(str::to_owned) })
}

/// The line of Python that pip runs on, by which it judges environment markers; `None` where there is no pip.
pub fn python_of_pip(request: &Request) -> Option<(u8, u8)> {
    pip::python(request)
}

/// The words that start a pip which is none of the environment's own and which the Python of its `interpreter`, of this line,
/// can run: `python3 -m pip`. It works there once `--python` and the interpreter follow. `None` where PATH has no such pip.
pub fn pip_from_outside(interpreter: &Path, python: (u8, u8)) -> Option<Vec<String>> {
    pip::from_outside(interpreter, python)
}

/// Whether uv is there and runs.
pub fn has_uv() -> bool {
    answers(&["uv".to_owned(), "--version".to_owned()])
}

/// Whether a command ends well.
fn answers(words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).env_remove("PIP_PYTHON").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Every release of a distribution that pip finds for the request's Python and platform, in the order that it prints.
/// uv has no such question.
///
/// # Errors
/// As [`resolve_with`].
pub fn versions(name: &str, request: &Request) -> Result<Vec<String>, InstallerError> {
    listed(pip::ask_for_versions(name, pip::Form::Wheel, request)?)
}

/// Every release of a distribution that pip finds a source distribution of, pre-releases too. Nothing is built.
///
/// # Errors
/// As [`resolve_with`].
pub fn versions_of_sources(name: &str, request: &Request) -> Result<Vec<String>, InstallerError> {
    listed(pip::ask_for_versions(name, pip::Form::Source, request)?)
}

/// The releases that pip lists.
fn listed(text: Option<String>) -> Result<Vec<String>, InstallerError> {
    let text = text.ok_or(InstallerError::NoInstaller)?;
    let listed = text.lines().find_map(|line| line.strip_prefix("Available versions:")).unwrap_or_default();
    Ok(listed.split(',').map(|version| version.trim().to_owned()).filter(|version| !version.is_empty()).collect())
}

impl InstallerError {
    /// Adds lines to what an installer complained of, where it found nothing.
    fn with_notes<'a>(mut self, notes: impl Iterator<Item = &'a str>) -> Self {
        if let Self::Refused { complaint, looked: true, .. } = &mut self {
            notes.for_each(|note| complaint.push_str(&format!("\n{note}")));
        }
        self
    }
}

/// A command in the making.
struct Asked {
    program: String,
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
    /// Variables that it must not see.
    without: &'static [&'static str],
    input: Option<String>,
    /// The file that it is told to keep a log in.
    log: Option<PathBuf>,
}

impl Asked {
    /// The words that name it in messages: the program and its subcommand.
    fn shown(&self) -> String {
        let words = self.arguments.iter().map(|a| a.to_string_lossy()).take(3);
        let words: Vec<_> = words.take_while(|word| !word.starts_with("--")).collect();
        format!("{} {}", self.program, words.join(" "))
    }

    /// Runs it to its end; `None` when there is no such program.
    fn run(&self) -> Result<Option<String>, InstallerError> {
        let failed = |source| InstallerError::CannotStart { command: self.shown(), source };
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        self.without.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), &self.input) {
            // An installer that ends before it reads its input says why on its standard error.
            let _ = pipe.write_all(input.as_bytes());
        }
        let output = child.wait_with_output().map_err(failed)?;
        if output.status.success() {
            return Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let told = String::from_utf8_lossy(&output.stderr);
        let (command, complaint) = (self.shown(), complaint(&told));
        let log = self.log.as_ref().and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        Err(if NO_WAY_THROUGH.iter().any(|words| told.contains(words)) {
            InstallerError::Unreachable { command, complaint }
        } else if let Some(cause) = not_fetched(&log) {
            InstallerError::Unreachable { command, complaint: format!("  {cause}\n{complaint}") }
        } else {
            let looked = LOOKED.iter().any(|words| told.contains(words));
            let ways_out = WAYS_OUT.iter().filter(|(words, _)| told.contains(words));
            let complaint = ways_out.fold(complaint, |all, (_, way)| format!("{all}\n  next: {way}"));
            InstallerError::Refused { command, looked, complaint, without_wheel: uv::without_wheel(&told) }
        })
    }
}

/// What a log of pip tells of an index that could not be asked; `None` where all could. One that knows no such name, or
/// shows it to nobody, was asked; a proxy that wants a password is in the way.
fn not_fetched(log: &str) -> Option<&str> {
    let told = log.lines().filter_map(|line| line.get(line.find(NOT_FETCHED)?..));
    told.into_iter().find(|line| !line.contains(NOT_KNOWN_THERE) || line.contains(": 407"))
}

/// The end of a complaint, where the cause stands, indented.
fn complaint(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(COMPLAINT);
    let told: Vec<String> = lines.get(from..).unwrap_or_default().iter().map(|line| format!("  {line}")).collect();
    if told.is_empty() { "  (nothing)".to_owned() } else { told.join("\n") }
}

/// The constraints as a file, since installers take them no other way; it is gone when the value is.
fn constraints_file(request: &Request) -> Result<Option<Minded<NamedTempFile>>, InstallerError> {
    list_file("constraints-", &request.constraints)
}

/// A file with a requirement a line; none where there is none.
fn list_file(prefix: &str, lines: &[String]) -> Result<Option<Minded<NamedTempFile>>, InstallerError> {
    if lines.is_empty() {
        return Ok(None);
    }
    let write = || {
        let mut file = Minded::make(|| tempfile::Builder::new().prefix(prefix).suffix(".txt").tempfile())?;
        file.made().write_all((lines.join("\n") + "\n").as_bytes())?;
        file.made().flush()?;
        Ok(file)
    };
    write().map(Some).map_err(InstallerError::TemporaryFile)
}

/// A file for an installer to tell in what it did.
fn log_file() -> Result<Minded<NamedTempFile>, InstallerError> {
    let make = || tempfile::Builder::new().prefix("installer-").suffix(".log").tempfile();
    Minded::make(make).map_err(InstallerError::TemporaryFile)
}

/// `-r FILE` for each file.
fn file_arguments(files: &[PathBuf]) -> impl Iterator<Item = OsString> + '_ {
    files.iter().map(PathBuf::as_path).flat_map(|path: &Path| [OsString::from("-r"), path.as_os_str().to_owned()])
}

#[cfg(test)]
mod tests {
    use super::not_fetched;

    /// pip that may not try again ends with "no matching distribution", as if it had looked.
    #[test]
    fn an_index_that_could_not_be_asked_is_told_from_one_that_does_not_know_the_name() {
        let of = |reason: &str| {
            let log = format!(
                "2026-11-22T10:28:07,616 1 location(s) to search\n2026-11-22T10:28:07,616 Could not fetch URL https://example.org/simple/six/: {reason} - skipping\n"
            );
            not_fetched(&log).map(str::to_owned)
        };
        for reason in [
            "connection error: HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded with url: /simple/six/",
            "There was a problem confirming the ssl certificate: certificate verify failed",
            "503 Server Error: Service Unavailable for url: https://example.org/simple/six/",
            "407 Client Error: Proxy Authentication Required for url: https://example.org/simple/six/",
        ] {
            assert!(of(reason).is_some_and(|told| told.starts_with("Could not fetch URL https://")), "{reason}");
        }
        for reason in ["404 Client Error: Not Found for url: x", "403 Client Error: Forbidden for url: x"] {
            assert_eq!(of(reason), None);
        }
    }
}
