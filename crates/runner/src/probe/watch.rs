//! Runs a command in a session (on Windows: a job) of its own, hears it out, and ends it and everything that it started
//! when it is over, takes too long or writes too much.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

use super::strays;

/// How much of standard error is kept, in bytes.
const KEPT: usize = 64 << 10;
/// How long a stream may stay open after everything was ended that is known to hold it.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest pause between two looks at the process.
const PAUSE: Duration = Duration::from_millis(20);

/// What a command may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) time: Duration,
    /// Both streams together, in bytes.
    pub(super) output: u64,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Exit(i32),
    Signal(i32),
    TimedOut,
    Flooded,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(status) => write!(f, "exit status {status}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
            Self::TimedOut => f.write_str("it took too long"),
            Self::Flooded => f.write_str("it wrote too much"),
        }
    }
}

/// What was seen of a command.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) cause: Cause,
    /// The beginning of its standard error.
    pub(super) stderr: Vec<u8>,
    pub(super) elapsed: Duration,
}

/// It could not be watched.
#[derive(Debug)]
pub(super) enum Failed {
    Starting(io::Error),
    Waiting(io::Error),
}

/// Runs `command`, gives it `input`, and waits for its end. `mark` is what its processes carry in their environment.
pub(super) fn run(mut command: Command, input: &[u8], mark: &str, limits: Limits) -> Result<Watched, Failed> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let child = spawn(command, mark).map_err(Failed::Starting)?;
    let mut child = Guard { child, mark };
    let heard = Arc::new(AtomicU64::new(0));
    let out = child.child.stdout().take().map(|stream| listen(stream, 0, &heard));
    let err = child.child.stderr().take().map(|stream| listen(stream, KEPT, &heard));
    if let Some(mut pipe) = child.child.stdin().take() {
        // An interpreter that ends before it reads its order says why on its standard error.
        let _ = pipe.write_all(input);
    }
    let cause = wait(&mut *child.child, begun, &heard, limits).map_err(Failed::Waiting)?;
    drop(child);
    let elapsed = begun.elapsed();
    out.and_then(|out| out.recv_timeout(PATIENCE).ok());
    let stderr = err.and_then(|err| err.recv_timeout(PATIENCE).ok()).unwrap_or_default();
    let flooded = heard.load(Ordering::Relaxed) > limits.output;
    Ok(Watched { cause: if flooded { Cause::Flooded } else { cause }, stderr, elapsed })
}

/// A running command. Whatever way it is left, nothing of it goes on.
struct Guard<'a> {
    child: Box<dyn ChildWrapper>,
    mark: &'a str,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // There may be nothing left to end.
        let _ = self.child.start_kill();
        strays::end(self.mark);
        let _ = self.child.wait();
        running().sessions.remove(self.mark);
    }
}

fn spawn(command: Command, mark: &str) -> io::Result<Box<dyn ChildWrapper>> {
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::std::ProcessSession);
    #[cfg(windows)]
    command.wrap(process_wrap::std::JobObject);
    // The lock is held until the process is known, so that a signal in between misses none.
    let mut running = running();
    if running.over {
        return Err(io::ErrorKind::Interrupted.into());
    }
    let child = command.spawn()?;
    running.sessions.insert(mark.to_owned(), child.id());
    Ok(child)
}

fn wait(child: &mut dyn ChildWrapper, begun: Instant, heard: &AtomicU64, limits: Limits) -> io::Result<Cause> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(cause(status));
        }
        if heard.load(Ordering::Relaxed) > limits.output {
            return Ok(Cause::Flooded);
        }
        if begun.elapsed() >= limits.time {
            return Ok(Cause::TimedOut);
        }
        std::thread::sleep(pause);
        pause = PAUSE.min(pause.saturating_mul(2));
    }
}

#[cfg(unix)]
fn cause(status: ExitStatus) -> Cause {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().map_or(Cause::Exit(status.code().unwrap_or(1)), Cause::Signal)
}

#[cfg(not(unix))]
fn cause(status: ExitStatus) -> Cause {
    Cause::Exit(status.code().unwrap_or(1))
}

/// Reads a stream to its end, counts it, and sends its beginning when it ends.
fn listen(mut stream: impl Read + Send + 'static, keep: usize, heard: &Arc<AtomicU64>) -> Receiver<Vec<u8>> {
    let (tell, told) = channel();
    let heard = Arc::clone(heard);
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        let mut buffer = [0; 16 << 10];
        loop {
            let piece = match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => buffer.get(..length).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            heard.fetch_add(piece.len() as u64, Ordering::Relaxed);
            let room = keep.saturating_sub(kept.len()).min(piece.len());
            kept.extend_from_slice(piece.get(..room).unwrap_or_default());
        }
        // Whoever waited may have lost patience.
        let _ = tell.send(kept);
    });
    told
}

/// The processes that run now.
#[derive(Debug, Default)]
pub(crate) struct Running {
    /// Their marks and numbers.
    sessions: BTreeMap<String, u32>,
    /// Whether no more are to be started.
    over: bool,
}

fn running() -> MutexGuard<'static, Running> {
    static RUNNING: Mutex<Running> = Mutex::new(Running { sessions: BTreeMap::new(), over: false });
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends what runs in sessions of this process, for good: nothing new is started. As long as what it gives is kept, nobody
/// gets on who waits for one of them.
#[cfg(unix)]
pub(crate) fn end_sessions() -> MutexGuard<'static, Running> {
    let mut running = running();
    running.over = true;
    for (mark, id) in &running.sessions {
        strays::end_session(*id);
        strays::end(mark);
    }
    running
}
