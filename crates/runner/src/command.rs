//! Runs a command as if numpact were not there, and listens to its standard error.
//!
//! Standard input and output are handed on as they are. Standard error passes through: by a pipe where it already goes
//! to a file or pipe, by a pseudo-terminal where it goes to a terminal, so that the program keeps its colours and
//! progress bars. On Windows a terminal is handed on untouched and nothing is heard. Signals sent to numpact are sent
//! on; those of the keyboard reach the command by themselves, since it stays in the same process group.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status, where it exited by itself.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// Whether its standard error could be listened to.
    pub heard: bool,
}

impl Ended {
    /// The exit status that a shell would report: 128 and the signal's number for a killed one.
    pub fn exit_status(self) -> i32 {
        self.code.or(self.signal.map(|signal| signal.saturating_add(128))).unwrap_or(1)
    }

    /// Whether it died of what processes die of in broken native code. Windows reports it as an exit status.
    pub fn is_crash(self) -> bool {
        const SIGNALS: [i32; 5] = [4, 6, 7, 8, 11];
        const ACCESS_VIOLATION: i32 = -1_073_741_819;
        const STACK_OVERRUN: i32 = -1_073_740_791;
        let died = self.signal.is_some_and(|signal| SIGNALS.contains(&signal) || signal == 10);
        died || self.code.is_some_and(|code| code == ACCESS_VIOLATION || code == STACK_OVERRUN)
    }
}

/// The command could not be run.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is none of that name.
    #[error("`{name}` was not found; check the name, or give its path")]
    NotFound {
        /// The name as given.
        name: String,
    },
    /// It is there and cannot be started.
    #[error("`{name}` cannot be started")]
    CannotStart {
        /// The name as given.
        name: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Something went wrong while it ran.
    #[error("waiting for the command failed")]
    Waiting(#[source] io::Error),
}

impl CommandError {
    /// The exit status that a shell would report.
    pub fn exit_status(&self) -> i32 {
        match self {
            Self::NotFound { .. } => 127,
            Self::CannotStart { .. } => 126,
            Self::Waiting(_) => 2,
        }
    }
}

/// Runs `program` to its end and hands every piece of its standard error to `listen`, after it was passed on.
///
/// # Errors
/// When the program cannot be started or waited for.
pub fn run(
    program: &OsStr,
    arguments: &[OsString],
    listen: impl FnMut(&[u8]) + Send + 'static,
) -> Result<Ended, CommandError> {
    let mut command = Command::new(program);
    command.args(arguments);
    let ear = ear(&mut command).map_err(CommandError::Waiting)?;
    let forwarder = signals::before().map_err(CommandError::Waiting)?;
    let mut child = command.spawn().map_err(|error| cannot_start(program, error))?;
    // The command holds this process's end of the pseudo-terminal; without dropping it the reader would never end.
    drop(command);
    forwarder.to(&child);
    let source = ear.source(&mut child);
    let heard = source.is_some();
    let done = source.map(|source| pass_on(source, listen));
    let status = child.wait().map_err(CommandError::Waiting)?;
    forwarder.stop();
    done.into_iter().for_each(|done| drain(&done));
    Ok(ended(status, heard))
}

fn cannot_start(program: &OsStr, source: io::Error) -> CommandError {
    let name = program.to_string_lossy().into_owned();
    match source.kind() {
        ErrorKind::NotFound => CommandError::NotFound { name },
        _ => CommandError::CannotStart { name, source },
    }
}

/// How the standard error is listened to.
enum Ear {
    Pipe,
    #[cfg(unix)]
    Terminal(std::fs::File),
    #[cfg(not(unix))]
    Deaf,
}

impl Ear {
    fn source(self, child: &mut Child) -> Option<Box<dyn Read + Send>> {
        match self {
            Self::Pipe => child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
            #[cfg(unix)]
            Self::Terminal(master) => Some(Box::new(master)),
            #[cfg(not(unix))]
            Self::Deaf => None,
        }
    }
}

fn ear(command: &mut Command) -> io::Result<Ear> {
    if !io::stderr().is_terminal() {
        command.stderr(Stdio::piped());
        return Ok(Ear::Pipe);
    }
    #[cfg(unix)]
    {
        let (master, slave) = terminal::open()?;
        command.stderr(Stdio::from(slave));
        Ok(Ear::Terminal(master))
    }
    #[cfg(not(unix))]
    Ok(Ear::Deaf)
}

/// Copies a stream to this process's standard error, piece by piece as it comes. Says so each time, and when it ends.
fn pass_on(mut source: Box<dyn Read + Send>, mut listen: impl FnMut(&[u8]) + Send + 'static) -> Receiver<()> {
    let (tell, done) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        // A pseudo-terminal ends with an error once the last writer is gone; a pipe ends with nothing to read.
        while let Some(piece) = next(&mut source, &mut buffer) {
            // Nobody may be there to read it any more; the command goes on as it would.
            let _ = io::stderr().write_all(piece);
            listen(piece);
            let _ = tell.send(());
        }
    });
    done
}

fn next<'a>(source: &mut impl Read, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    loop {
        match source.read(buffer) {
            Ok(0) => return None,
            Ok(length) => return buffer.get(..length),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// How long a stream may stay silent after the command ended before it is left alone: a daemon that the command
/// started may hold it open for ever.
const PATIENCE: Duration = Duration::from_millis(300);

fn drain(done: &Receiver<()>) {
    loop {
        match done.recv_timeout(PATIENCE) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(unix)]
fn ended(status: ExitStatus, heard: bool) -> Ended {
    use std::os::unix::process::ExitStatusExt;
    Ended { code: status.code(), signal: status.signal(), heard }
}

#[cfg(not(unix))]
fn ended(status: ExitStatus, heard: bool) -> Ended {
    Ended { code: status.code(), signal: None, heard }
}

#[cfg(unix)]
mod terminal {
    //! A pseudo-terminal of the size of the real one, in raw mode: the real one does the processing.

    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;

    #[cfg(target_os = "linux")]
    use rustix::pty::ioctl_tiocgptpeer;
    use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

    pub(super) fn open() -> io::Result<(File, OwnedFd)> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let slave = peer(&master)?;
        let mut modes = tcgetattr(&slave)?;
        modes.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &modes)?;
        if let Ok(size) = tcgetwinsize(io::stderr()) {
            tcsetwinsize(&slave, size)?;
        }
        Ok((File::from(master), slave))
    }

    #[cfg(target_os = "linux")]
    fn peer(master: &OwnedFd) -> io::Result<OwnedFd> {
        Ok(ioctl_tiocgptpeer(master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn peer(master: &OwnedFd) -> io::Result<OwnedFd> {
        use std::os::unix::ffi::OsStrExt;

        let name = rustix::pty::ptsname(master, Vec::new())?;
        let path = std::ffi::OsStr::from_bytes(name.to_bytes());
        Ok(OwnedFd::from(File::options().read(true).write(true).open(path)?))
    }
}

#[cfg(unix)]
mod signals {
    //! Sends on what is sent to this process. What the keyboard sends goes to the whole group, the command included.

    use std::io;
    use std::process::Child;
    use std::sync::mpsc::{Sender, channel};

    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    use signal_hook::iterator::exfiltrator::WithOrigin;
    use signal_hook::iterator::{Handle, SignalsInfo};
    use signal_hook::low_level::siginfo::{Cause, Sent};

    pub(super) struct Forwarder {
        handle: Handle,
        child: Sender<u32>,
    }

    /// Begins to catch before the command exists, so that no signal is lost between.
    pub(super) fn before() -> io::Result<Forwarder> {
        let mut signals = SignalsInfo::<WithOrigin>::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2])?;
        let handle = signals.handle();
        let (child, known) = channel();
        std::thread::spawn(move || {
            let Ok(child) = known.recv() else { return };
            for origin in &mut signals {
                if matches!(origin.cause, Cause::Sent(Sent::User | Sent::TKill | Sent::Queue)) {
                    send(child, origin.signal);
                }
            }
        });
        Ok(Forwarder { handle, child })
    }

    impl Forwarder {
        pub(super) fn to(&self, child: &Child) {
            let _ = self.child.send(child.id());
        }

        pub(super) fn stop(&self) {
            self.handle.close();
        }
    }

    fn send(child: u32, signal: i32) {
        let pid = i32::try_from(child).ok().and_then(Pid::from_raw);
        if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(signal)) {
            // It may have ended in this moment.
            let _ = kill_process(pid, signal);
        }
    }
}

#[cfg(not(unix))]
mod signals {
    //! Windows delivers console events to the whole group by itself.

    use std::io;
    use std::process::Child;

    pub(super) struct Forwarder;

    pub(super) fn before() -> io::Result<Forwarder> {
        Ok(Forwarder)
    }

    impl Forwarder {
        pub(super) fn to(&self, _: &Child) {}

        pub(super) fn stop(&self) {}
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::{OsStr, OsString};
    use std::sync::{Arc, Mutex};

    use super::{CommandError, Ended, run};

    fn shell(script: &str) -> (Ended, String) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&heard);
        let listen = move |piece: &[u8]| listener.lock().expect("no listener panics").extend_from_slice(piece);
        let arguments = [OsString::from("-c"), OsString::from(script)];
        let ended = run(OsStr::new("sh"), &arguments, listen).expect("a shell can be run");
        let bytes = heard.lock().expect("no listener panics").clone();
        (ended, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn keeps_the_exit_status_and_hears_the_errors() {
        let (ended, heard) = shell("echo oops >&2; exit 7");
        assert_eq!((ended.exit_status(), heard.as_str(), ended.is_crash()), (7, "oops\n", false));
    }

    #[test]
    fn a_killed_command_has_its_signal() {
        let (ended, _) = shell("kill -SEGV $$");
        assert_eq!((ended.code, ended.signal, ended.exit_status()), (None, Some(11), 139));
        assert!(ended.is_crash());
        assert!(!shell("kill -TERM $$").0.is_crash());
    }

    #[test]
    fn a_daemon_that_holds_the_stream_open_is_not_waited_for() {
        let (ended, heard) = shell("(sleep 20) & echo started >&2");
        assert_eq!((ended.exit_status(), heard.as_str()), (0, "started\n"));
    }

    #[test]
    fn a_command_that_is_not_there_is_said_to_be_missing() {
        let error = run(OsStr::new("no-such-command-here"), &[], |_| {}).expect_err("it is not there");
        assert!(matches!(error, CommandError::NotFound { .. }), "{error}");
        assert_eq!(error.exit_status(), 127);
    }
}
