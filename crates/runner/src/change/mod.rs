//! Changes what is installed so that it can be put back: the files that go away are kept beside the environment before
//! an installer is started, together with a list of everything that was there. Putting back is a matter of files alone;
//! it needs no index and no installer, and can be begun again after it was cut short.

mod installing;
mod journal;
mod keep;
mod listing;
mod restore;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use installing::ELSEWHERE;
pub use installing::{Built, Ended, build};
pub use journal::{Journal, State};
pub use restore::{Restored, restore};

use crate::signals;

/// The folder inside an environment that holds what is kept.
const FOLDER: &str = ".numpact";

/// What is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The folder that the environment is known by; what is kept lies in `.numpact` there.
    pub root: PathBuf,
    /// Folders of which a change may add files, below or outside of `root`.
    pub watched: Vec<PathBuf>,
    /// Every file of the distributions that are replaced.
    pub files: Vec<PathBuf>,
    /// The distributions that change or come anew, as PEP 503 compares names.
    pub names: Vec<String>,
    /// What is done, in words: `numpy 2.2.6 -> 1.26.4`.
    pub title: String,
    /// Every distribution that is there, a line each, as `pip freeze` would write it.
    pub freeze: Vec<String>,
    /// The commands, as lines.
    pub commands: Vec<String>,
}

/// A change could not be made, or not be taken back.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// An earlier change was cut short.
    #[error("an earlier change of `{}` was cut short ({title}); `numpact fix --undo {}` puts back what was there", root.display(), root.display())]
    Unfinished {
        /// The environment.
        root: PathBuf,
        /// What it did.
        title: String,
    },
    /// There is nothing to put back.
    #[error("nothing is kept for `{}`, so there is nothing to put back", root.display())]
    NothingKept {
        /// The environment.
        root: PathBuf,
    },
    /// The installer of a change that was cut short still runs.
    #[error("the installer of that change still runs (process {pid}); wait for its end, or end it")]
    StillRuns {
        /// The process.
        pid: u32,
    },
    /// A file that was kept is not as it was.
    #[error("`{}`, which was kept, was changed since; the distributions that were there are listed in `{}`", file.display(), freeze.display())]
    KeptChanged {
        /// Where it belongs.
        file: PathBuf,
        /// The list.
        freeze: PathBuf,
    },
    /// The journal cannot be understood.
    #[error("`{}` cannot be understood: {cause}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The system refuses.
    #[error("`{}` cannot be read or written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Makes an error of a path.
fn at(path: &Path) -> impl FnOnce(io::Error) -> ChangeError + '_ {
    move |source| ChangeError::Io { path: path.to_path_buf(), source }
}

/// A change that has begun: what was there is kept, and nothing has changed yet.
#[derive(Debug)]
pub struct Change {
    folder: PathBuf,
    root: PathBuf,
    interrupted: Arc<AtomicBool>,
    _until: Until,
}

/// As long as it is there, a signal does not end this process: imports that run are ended at once, and no others begin.
#[derive(Debug)]
struct Until;

impl Until {
    fn begun() -> Self {
        signals::begin_change();
        Self
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        signals::end_change();
    }
}

impl Change {
    /// Keeps everything that the change takes away. From here on Ctrl-C does not end this process, and
    /// [`Self::is_interrupted`] tells of it.
    ///
    /// # Errors
    /// When an earlier change was cut short, or the files cannot be kept; then nothing has changed.
    pub fn begin(order: &Order) -> Result<Self, ChangeError> {
        if let Some(journal) = kept(&order.root)?.filter(|journal| journal.state == State::Changing) {
            return Err(ChangeError::Unfinished { root: order.root.clone(), title: journal.title });
        }
        let interrupted = Arc::new(AtomicBool::new(false));
        listen(&interrupted);
        let until = Until::begun();
        let folder = keep::keep(order)?;
        Ok(Self { folder, root: order.root.clone(), interrupted, _until: until })
    }

    /// Runs an installer to its end, its output passed on to standard error.
    ///
    /// # Errors
    /// When it cannot be started or waited for.
    pub fn run(&self, program: &Path, arguments: &[String]) -> Result<Ended, ChangeError> {
        installing::run(&self.folder, program, arguments)
    }

    /// What to say at once to whoever asks to stop.
    pub fn tell_interrupt(&self, tell: fn()) {
        signals::tell(tell);
    }

    /// Whether somebody asked to stop.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Where what was there is kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The change stays; what was there is still kept, for [`restore`].
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn finish(self) -> Result<(), ChangeError> {
        journal::finish(&self.folder)
    }

    /// Puts back what was there.
    ///
    /// # Errors
    /// As [`restore`].
    pub fn take_back(self) -> Result<Restored, ChangeError> {
        restore(&self.root)
    }
}

/// The journal of the change that something is kept of; `None` where nothing is.
///
/// # Errors
/// When it cannot be read.
pub fn kept(root: &Path) -> Result<Option<Journal>, ChangeError> {
    journal::read(&place(root))
}

/// Where what was there is kept.
fn place(root: &Path) -> PathBuf {
    root.join(FOLDER).join("undo")
}

#[cfg(unix)]
fn listen(flag: &Arc<AtomicBool>) {
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Without the handler a signal ends this process in the middle, which `restore` mends as well.
        let _ = signal_hook::flag::register(signal, Arc::clone(flag));
    }
}

#[cfg(not(unix))]
fn listen(_: &Arc<AtomicBool>) {}

/// Why no file can be made in a folder; `None` where one can.
pub fn unwritable(folder: &Path) -> Option<io::Error> {
    tempfile::Builder::new().prefix(".numpact-").tempfile_in(folder).err()
}

/// A process that has files of an environment in its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub pid: u32,
    /// Its name, as the system tells it.
    pub name: String,
}

/// The processes that have files below these folders in their memory, by number. Linux alone tells; elsewhere none is
/// found.
pub fn users(folders: &[PathBuf]) -> Vec<User> {
    let own = std::process::id();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let uses = |pid: u32| {
        // Processes of others say nothing, and could not be ended either.
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
        let mapped = |line: &str| line.find('/').and_then(|at| line.get(at..)).map(PathBuf::from);
        let inside = |path: PathBuf| folders.iter().any(|folder| path.starts_with(folder));
        maps.lines().filter_map(mapped).any(inside).then_some(())?;
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned();
        Some(User { pid, name })
    };
    let mut found: Vec<User> = pids.filter(|pid| *pid != own).filter_map(uses).collect();
    found.sort_by_key(|user| user.pid);
    found
}
