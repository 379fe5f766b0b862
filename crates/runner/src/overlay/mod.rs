//! NumPys to be put in front of an interpreter's search path, so that an environment is tried under another NumPy
//! without being changed. The user's own uv or pip installs each into a folder of its own, once.
//!
//! A folder is made aside and moved into place when it is whole. Whoever uses it holds a lock on it; the ones unused for
//! longest go when there are too many.

mod install;
mod interpreter;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use interpreter::Identity;

use crate::signals::Minded;

/// A folder of NumPys, bounded in number: one takes 60 to 100 MB.
#[derive(Clone, Debug)]
pub struct Overlays {
    folder: PathBuf,
    limit: usize,
}

/// One NumPy. Nobody removes it while this value lives.
#[derive(Debug)]
pub struct Overlay {
    folder: PathBuf,
    fresh: bool,
    _lock: File,
}

impl Overlay {
    /// The folder that holds `numpy`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it was installed just now.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }
}

/// There is no such NumPy for an interpreter, or it could not be had.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The index has none.
    #[error("there is no wheel of NumPy {version} for {python}")]
    NoWheel {
        /// The release asked for.
        version: String,
        /// The interpreter in words: `CPython 3.13 on linux-x86_64`.
        python: String,
    },
    /// The installers could not say, or not install it.
    #[error("NumPy {version} could not be installed beside the environment; `{command}` says:\n{complaint}")]
    Refused {
        /// The release asked for.
        version: String,
        /// The command.
        command: String,
        /// The end of what it wrote on standard error.
        complaint: String,
    },
    /// No installer is there.
    #[error("neither `uv` nor `pip` was found on PATH; one of them is needed to fetch NumPy {version}")]
    NoInstaller {
        /// The release asked for.
        version: String,
    },
    /// The interpreter cannot say what it is.
    #[error("`{}` does not run: {reason}", path.display())]
    Interpreter {
        /// The interpreter.
        path: PathBuf,
        /// What the system or the interpreter says.
        reason: String,
    },
    /// The folder cannot be used.
    #[error("cannot keep NumPys in `{}`", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// What a folder under construction is called, and when one that nobody finished is given up.
const UNFINISHED: &str = ".unfinished-";
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

impl Overlays {
    /// How many NumPys an ordinary folder keeps.
    pub const ORDINARY_LIMIT: usize = 24;

    /// NumPys kept in `cache`, numpact's cache folder; it is made when something is put in.
    pub fn at(cache: &Path, limit: usize) -> Self {
        Self { folder: cache.join("numpys-1"), limit }
    }

    /// The NumPy of that version for `interpreter`, installed now if need be. A second process that wants the same waits.
    ///
    /// # Errors
    /// When there is no such NumPy, or it cannot be installed.
    pub fn numpy(&self, interpreter: &Path, version: &str) -> Result<Overlay, OverlayError> {
        let identity = interpreter::ask(interpreter)
            .map_err(|reason| OverlayError::Interpreter { path: interpreter.to_path_buf(), reason })?;
        let key = format!("numpy-{}-{}", plain(version), plain(&identity.tag()));
        self.io(fs::create_dir_all(&self.folder))?;
        let mut fresh = false;
        loop {
            if let Some(overlay) = self.io(self.present(&key, fresh))? {
                self.io(self.shrink())?;
                return Ok(overlay);
            }
            self.make(&key, interpreter, &identity, version)?;
            fresh = true;
        }
    }

    /// The folder of that name, locked against removal.
    fn present(&self, key: &str, fresh: bool) -> io::Result<Option<Overlay>> {
        let lock = self.lock_file(key)?;
        shared(&lock)?;
        let folder = self.folder.join(key);
        // The lock's time tells when it was used last; a failure to note it only makes it go earlier.
        let _ = lock.set_modified(SystemTime::now());
        Ok(folder.is_dir().then_some(Overlay { folder, fresh, _lock: lock }))
    }

    fn make(&self, key: &str, interpreter: &Path, identity: &Identity, version: &str) -> Result<(), OverlayError> {
        let lock = self.io(self.lock_file(key))?;
        let alone = self.io(exclusive(&lock))?;
        let target = self.folder.join(key);
        if target.is_dir() {
            return Ok(());
        }
        if alone {
            self.io(self.sweep(key))?;
        }
        let work = self.io(Minded::make(|| self.beside(key)))?;
        install::numpy(interpreter, identity, version, work.path())?;
        self.io(fs::rename(work.path(), &target))
    }

    fn lock_file(&self, key: &str) -> io::Result<File> {
        File::options().create(true).truncate(false).write(true).open(self.folder.join(format!("{key}.lock")))
    }

    /// A folder under construction for a key.
    fn beside(&self, key: &str) -> io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix(&format!("{UNFINISHED}{key}-")).tempdir_in(&self.folder)
    }

    /// Removes what was left of a key by whoever did not finish it, and has ended: the lock is ours.
    fn sweep(&self, key: &str) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)?.flatten() {
            if unfinished(&entry.file_name().to_string_lossy()) == Some(key) {
                // What cannot be removed now is removed another time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }

    /// Whether nobody is at work at a key. Where there are no locks nobody can tell.
    fn is_left_alone(&self, key: &str) -> bool {
        self.lock_file(key).is_ok_and(|lock| lock.try_lock().is_ok())
    }

    /// Removes the NumPys unused for longest, as far as there are too many and nobody uses them.
    fn shrink(&self) -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let used = |path: &Path| path.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            if name.starts_with(UNFINISHED) {
                let age = used(&entry.path()).elapsed().unwrap_or_default();
                if age > ABANDONED || unfinished(&name).is_some_and(|key| self.is_left_alone(key)) {
                    let _ = fs::remove_dir_all(entry.path());
                }
            } else if entry.path().is_dir() {
                kept.push((used(&self.folder.join(format!("{name}.lock"))), name));
            }
        }
        kept.sort();
        let many = kept.len().saturating_sub(self.limit);
        kept.iter().take(many).for_each(|(_, key)| self.remove(key));
        Ok(())
    }

    /// Removes one unless it is used; it is moved aside first, so that nobody sees half of it.
    fn remove(&self, key: &str) {
        let Ok(lock) = self.lock_file(key) else { return };
        if lock.try_lock().is_err() {
            return;
        }
        if let Ok(aside) = Minded::make(|| self.beside(key)) {
            // What cannot be removed now is removed another time.
            let _ = fs::rename(self.folder.join(key), aside.path().join("numpy"));
        }
    }

    fn io<T>(&self, outcome: io::Result<T>) -> Result<T, OverlayError> {
        outcome.map_err(|source| OverlayError::Folder { folder: self.folder.clone(), source })
    }
}

/// The key that a folder under construction is for; `None` for other folders, and where its name does not tell.
fn unfinished(name: &str) -> Option<&str> {
    let (key, _) = name.strip_prefix(UNFINISHED)?.rsplit_once('-')?;
    Some(key)
}

/// Some file systems know no locks; there the move into place is all the safety there is.
/// Whether it is locked.
fn exclusive(file: &File) -> io::Result<bool> {
    unless_unsupported(file.lock())
}

fn shared(file: &File) -> io::Result<bool> {
    unless_unsupported(file.lock_shared())
}

fn unless_unsupported(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// A word that every file system takes.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' }).collect()
}
