//! Imports one module in a process of its own and tells what came of it: the experiment that confirms or refutes a
//! verdict. Nothing that the module does is a failure of the probe: an exception, a crash, a hang, a flood of output
//! and a silent exit are [`Outcome`]s.
//!
//! The interpreter runs isolated (`-I`): neither the working folder nor `PYTHON*` variables nor the user's startup
//! files count, and no byte code is written. It gets a session of its own (a job on Windows), so that what it starts
//! ends with it. What happened is read from a file that the module does not know, never from its output.

mod answer;
mod strays;
mod watch;

#[cfg(unix)]
pub(crate) use watch::end_sessions;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use answer::{Event, Line};
use watch::{Cause, Limits, Watched};

use crate::signals::Minded;

/// What the child runs.
const SCRIPT: &str = include_str!("child.py");
/// The variable by which processes are known that a module started and that left its session.
const MARK: &str = "NUMPACT_PROBE";
/// How many of the first lines of standard error are kept, and how long a line may be, in bytes.
const LINES: usize = 60;
const LONGEST: usize = 500;

/// One experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The interpreter that imports.
    pub interpreter: PathBuf,
    /// The module, as an `import` statement names it: `pandas._libs.lib`.
    pub module: String,
    /// Python statements to run after the import, which must import what they use: `import torch; torch.zeros(1).numpy()`.
    pub snippet: Option<String>,
    /// A folder that is put in front of the search path: the place of a NumPy other than the environment's.
    pub overlay: Option<PathBuf>,
    /// Folders that the environment's interpreter imports from, in order. Those that an isolated interpreter leaves out
    /// (the user's site folder, `PYTHONPATH`) are added in their place; may be empty.
    pub search_path: Vec<PathBuf>,
    /// How long it may take.
    pub time_limit: Duration,
    /// How much it may write to standard output and standard error together, in bytes.
    pub output_limit: u64,
}

impl Probe {
    /// How long an import may take where nobody says otherwise. Large frameworks take a quarter of it from a cold disk.
    pub const TIME_LIMIT: Duration = Duration::from_secs(60);
    /// How much a module may write where nobody says otherwise, in bytes.
    pub const OUTPUT_LIMIT: u64 = 16 << 20;

    /// The import of a module with the ordinary limits, and with nothing put before the environment's own folders.
    pub fn new(interpreter: &Path, module: &str) -> Self {
        Self {
            interpreter: interpreter.to_path_buf(),
            module: module.to_owned(),
            snippet: None,
            overlay: None,
            search_path: Vec::new(),
            time_limit: Self::TIME_LIMIT,
            output_limit: Self::OUTPUT_LIMIT,
        }
    }
}

/// What an experiment came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// How it ended.
    pub outcome: Outcome,
    /// How far it came: in which of its steps it ended, for one that did not succeed.
    pub stage: Stage,
    /// The NumPy that had been imported by then.
    pub numpy: Option<SeenNumpy>,
    /// The first lines of standard error.
    pub stderr: Vec<String>,
    /// Where a crash or a hang happened, as Python's `faulthandler` wrote it.
    pub trace: Vec<String>,
    /// From the start of the process to its end.
    pub elapsed: Duration,
}

impl Probed {
    /// Whether the import, and the use where one was asked for, went well.
    pub fn succeeded(&self) -> bool {
        self.outcome == Outcome::Succeeded
    }
}

/// How an experiment ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The module was imported, and used where a use was asked for.
    Succeeded,
    /// An exception came out of it.
    Raised {
        /// Its class: `ImportError`, `numpy.exceptions.DTypePromotionError`, `SystemExit`.
        kind: String,
        /// Its message, which may have several lines.
        message: String,
        /// The last lines of the traceback.
        traceback: Vec<String>,
    },
    /// A signal killed the process.
    Died {
        /// The signal's number.
        signal: i32,
    },
    /// The process ended by itself before the import was over (`os._exit`). Windows tells crashes in this way, too.
    Exited {
        /// Its exit status.
        status: i32,
    },
    /// It took longer than the limit, and was ended.
    TimedOut,
    /// It wrote more than the limit, and was ended.
    Flooded,
}

/// A step of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The import.
    Import,
    /// The use that was asked for.
    Use,
}

/// A NumPy that was seen in the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenNumpy {
    /// What it says of itself; a half-installed one may not say.
    pub version: Option<String>,
    /// Its `__init__.py`.
    pub file: Option<PathBuf>,
}

/// The experiment could not be made. What the module does is never this.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The process could not be started.
    #[error("`{}` cannot be started", interpreter.display())]
    CannotStart {
        /// The interpreter.
        interpreter: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The interpreter did not come as far as to run anything.
    #[error("`{}` ended before it could import anything ({ended}); it says:\n{complaint}", interpreter.display())]
    NoInterpreter {
        /// The interpreter.
        interpreter: PathBuf,
        /// How it ended.
        ended: String,
        /// The first lines of its standard error.
        complaint: String,
    },
    /// The place for the answer could not be made, or the process not be waited for.
    #[error("the probe of `{module}` could not be made")]
    System {
        /// The module.
        module: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

/// What the child is told, as JSON on its standard input.
#[derive(Serialize)]
struct Order<'a> {
    module: &'a str,
    #[serde(rename = "use")]
    snippet: Option<&'a str>,
    first: Vec<&'a Path>,
    folders: &'a [PathBuf],
    answer: &'a Path,
    trace: &'a Path,
    nonce: &'a str,
    /// The time limit.
    seconds: f64,
    /// When it is reached, in seconds since 1970.
    end: f64,
}

/// Makes an experiment.
///
/// # Errors
/// When the interpreter cannot be started, or cannot run anything.
pub fn probe(probe: &Probe) -> Result<Probed, ProbeError> {
    let system = |source| ProbeError::System { module: probe.module.clone(), source };
    let desk = Minded::make(|| tempfile::Builder::new().prefix("numpact-probe-").tempdir()).map_err(system)?;
    let (answer, trace) = (desk.path().join("answer"), desk.path().join("trace"));
    let nonce = nonce(desk.path());
    let order = order(probe, &answer, &trace, &nonce).map_err(|error| system(error.into()))?;
    let place = desk.path().join("empty");
    std::fs::create_dir(&place).map_err(system)?;
    let limits = Limits { time: probe.time_limit, output: probe.output_limit };
    let watched = watch::run(command(probe, &place, &nonce), &order, &nonce, limits).map_err(|error| match error {
        watch::Failed::Starting(source) => ProbeError::CannotStart { interpreter: probe.interpreter.clone(), source },
        watch::Failed::Waiting(source) => system(source),
    })?;
    let lines = answer::read(&answer, &nonce);
    judge(probe, &lines, watched, &trace)
}

fn order(probe: &Probe, answer: &Path, trace: &Path, nonce: &str) -> serde_json::Result<Vec<u8>> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    serde_json::to_vec(&Order {
        module: &probe.module,
        snippet: probe.snippet.as_deref(),
        first: probe.overlay.as_deref().into_iter().collect(),
        folders: &probe.search_path,
        answer,
        trace,
        nonce,
        seconds: probe.time_limit.as_secs_f64(),
        end: since_1970.saturating_add(probe.time_limit).as_secs_f64(),
    })
}

/// A word that no module can know beforehand: the folder's random name, and a random number of this process.
fn nonce(folder: &Path) -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:016x}", RandomState::new().hash_one(folder))
}

fn command(probe: &Probe, folder: &Path, nonce: &str) -> Command {
    let mut command = Command::new(&probe.interpreter);
    command.args(["-I", "-B", "-u", "-c", SCRIPT]).current_dir(folder);
    let python = |name: &OsStr| name.to_string_lossy().starts_with("PYTHON");
    for (name, _) in std::env::vars_os().filter(|(name, _)| python(name)) {
        command.env_remove(name);
    }
    // For interpreters that the module starts.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env(MARK, nonce);
    command
}

fn judge(probe: &Probe, lines: &[Line], watched: Watched, trace: &Path) -> Result<Probed, ProbeError> {
    let stderr = first_lines(&watched.stderr);
    let Some(last) = lines.last() else {
        return Err(ProbeError::NoInterpreter {
            interpreter: probe.interpreter.clone(),
            ended: watched.cause.to_string(),
            complaint: stderr.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"),
        });
    };
    let imported = lines.iter().any(|line| line.event == Event::Imported);
    let trace = answer::text(trace).lines().take(LINES).map(str::to_owned).collect();
    Ok(Probed {
        outcome: outcome(last, &watched.cause, probe.snippet.is_some()),
        stage: if imported && probe.snippet.is_some() { Stage::Use } else { Stage::Import },
        numpy: last.numpy(),
        stderr,
        trace,
        elapsed: watched.elapsed,
    })
}

/// What the module's last sign of life and the end of its process come to.
fn outcome(last: &Line, cause: &Cause, used: bool) -> Outcome {
    let through = last.event == if used { Event::Used } else { Event::Imported };
    match (cause, last.raised()) {
        (Cause::Flooded, _) => Outcome::Flooded,
        (_, Some(raised)) => raised,
        _ if through => Outcome::Succeeded,
        (Cause::TimedOut, None) => Outcome::TimedOut,
        (Cause::Signal(signal), None) => Outcome::Died { signal: *signal },
        (Cause::Exit(status), None) => Outcome::Exited { status: *status },
    }
}

fn first_lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let short = |line: &str| line.get(..line.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned();
    text.lines().take(LINES).map(short).collect()
}
