//! Signals that end a process: Ctrl-C, a request to end, a lost terminal. What runs in sessions of its own, which the
//! keyboard does not reach, is ended with this process, and what it laid down for the moment is taken away. While an
//! environment is being changed the process stays, to put back what was there.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whether an environment is being changed.
static CHANGING: Mutex<Option<Changing>> = Mutex::new(None);
/// What is to be taken away.
static MINDED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A change that is under way.
#[derive(Clone, Copy, Debug, Default)]
struct Changing {
    /// What to say to the first signal meanwhile.
    #[cfg_attr(not(unix), allow(dead_code, reason = "no signal is heard there"))]
    tell: Option<fn()>,
}

fn locked<T>(what: &'static Mutex<T>) -> MutexGuard<'static, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or folder that a signal does not leave behind either.
#[derive(Debug)]
pub struct Minded<T> {
    // Fields are dropped in this order: what is gone needs nobody to mind it.
    made: T,
    _minder: Minder,
}

#[derive(Debug)]
struct Minder(PathBuf);

impl Drop for Minder {
    fn drop(&mut self) {
        locked(&MINDED).remove(&self.0);
    }
}

impl<T: AsRef<Path>> Minded<T> {
    /// Makes it. From here on signals that end this process are caught.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(make: impl FnOnce() -> io::Result<T>) -> io::Result<Self> {
        // Where signals cannot be caught it is left behind as before.
        let _ = end_with_signals();
        // The lock is held until it is known, so that a signal in between misses none.
        let mut minded = locked(&MINDED);
        let made = make()?;
        let path = made.as_ref().to_path_buf();
        minded.insert(path.clone());
        Ok(Self { made, _minder: Minder(path) })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.made.as_ref()
    }

    /// What was made.
    pub fn made(&mut self) -> &mut T {
        &mut self.made
    }
}

/// Signals do not end this process any more: what runs in its sessions is ended, and nothing new is started there.
pub(crate) fn begin_change() {
    // Without it a signal ends this process in the middle, which can be mended as well.
    let _ = end_with_signals();
    *locked(&CHANGING) = Some(Changing::default());
}

/// What to say to the first signal that comes while an environment is being changed.
pub(crate) fn tell(tell: fn()) {
    if let Some(changing) = locked(&CHANGING).as_mut() {
        changing.tell = Some(tell);
    }
}

/// Signals end this process again.
pub(crate) fn end_change() {
    *locked(&CHANGING) = None;
}

/// From now on, signals that end this process (Ctrl-C, termination, a lost terminal) first end what runs in its sessions,
/// which the keyboard does not reach, and take away what lies there for the moment.
///
/// # Errors
/// When the system does not let signals be caught.
#[cfg(unix)]
pub fn end_with_signals() -> io::Result<()> {
    use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
    static STARTED: Mutex<bool> = Mutex::new(false);
    let mut started = locked(&STARTED);
    if *started {
        return Ok(());
    }
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    std::thread::spawn(move || signals.forever().for_each(came));
    *started = true;
    Ok(())
}

/// Jobs end with the process that made them.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn end_with_signals() -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn came(signal: i32) {
    let mut changing = locked(&CHANGING);
    // Whoever goes on may start no more of them; whoever ends holds everything up.
    let sessions = crate::probe::end_sessions();
    if let Some(changing) = changing.as_mut() {
        changing.tell.take().into_iter().for_each(|tell| tell());
        return;
    }
    let minded = locked(&MINDED);
    for path in minded.iter() {
        // What is gone already needs nothing more.
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    drop((sessions, minded));
}
