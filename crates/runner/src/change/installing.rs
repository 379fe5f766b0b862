//! Runs the installer of a change, and leaves a note of its process, so that nobody takes back what is still being done.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{ChangeError, at};
use crate::NO_DOWNLOADS;

/// Settings by which an installer would put things elsewhere than into the environment.
pub(crate) const ELSEWHERE: [&str; 5] = ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON"];

/// How an installer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether it says that it did its work.
    pub success: bool,
    /// Its exit status, where it exited by itself.
    pub code: Option<i32>,
}

/// How a build ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Whether there are wheels.
    pub success: bool,
    /// The end of what pip and the build wrote, a line each, at most 400 of them.
    pub told: Vec<String>,
}

/// How many lines of a build are kept.
const TOLD: usize = 400;

/// Has pip build wheels aside, without an environment being changed. `constraint`: a file that holds for what is
/// installed in order to build. Output is passed on to standard error.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn build(program: &Path, arguments: &[String], constraint: &Path) -> Result<Built, ChangeError> {
    let mut command = command(program, arguments);
    // Until pip 25.3 one variable holds for builds as well, afterwards they have their own.
    command.env("PIP_CONSTRAINT", constraint).env("PIP_BUILD_CONSTRAINT", constraint);
    let (reader, writer) = io::pipe().map_err(at(program))?;
    // Both go through one pipe, so that lines stay in their order.
    command.stdout(writer.try_clone().map_err(at(program))?).stderr(writer);
    let mut child = command.spawn().map_err(at(program))?;
    // The command holds this process's ends of the pipe; without dropping it the reader would never end.
    drop(command);
    let told = pass_on(reader);
    let status = child.wait().map_err(at(program))?;
    Ok(Built { success: status.success(), told })
}

/// Passes lines on to standard error, and keeps the last ones.
fn pass_on(reader: impl Read) -> Vec<String> {
    let mut kept = VecDeque::new();
    for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        // Nobody may be there to read it.
        let _ = writeln!(io::stderr(), "{line}");
        if kept.len() == TOLD {
            kept.pop_front();
        }
        kept.push_back(line);
    }
    kept.into()
}

fn command(program: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::from(io::stderr()));
    ELSEWHERE.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_REQUIRE_VIRTUALENV", "0");
    command.env(NO_DOWNLOADS.0, NO_DOWNLOADS.1);
    command
}

pub(super) fn run(folder: &Path, program: &Path, arguments: &[String]) -> Result<Ended, ChangeError> {
    let mut command = command(program, arguments);
    if arguments.iter().any(|argument| argument == "--no-index") {
        // What is taken from one folder must not come from another that the user's configuration names.
        let nowhere = if cfg!(windows) { "nul" } else { "/dev/null" };
        command.env_remove("PIP_FIND_LINKS").env("PIP_CONFIG_FILE", nowhere);
        command.env_remove("UV_FIND_LINKS").env("UV_NO_CONFIG", "1");
    }
    let mut child = command.spawn().map_err(at(program))?;
    let note = note(folder);
    // Without the note only the warning is lost that it still runs.
    let _ = fs::write(&note, format!("{} {}", child.id(), begun(child.id()).unwrap_or_default()));
    let status = child.wait().map_err(at(program))?;
    let _ = fs::remove_file(&note);
    Ok(Ended { success: status.success(), code: status.code() })
}

fn note(folder: &Path) -> PathBuf {
    folder.join("installer")
}

/// The process of the installer, where it still runs.
pub(super) fn running(folder: &Path) -> Option<u32> {
    let text = fs::read_to_string(note(folder)).ok()?;
    let (pid, since) = text.split_once(' ')?;
    let pid = pid.parse().ok()?;
    (!since.is_empty() && begun(pid).as_deref() == Some(since)).then_some(pid)
}

/// When a process began, in the kernel's words, which tells it from another that has its number. Linux alone says so;
/// a process that has ended and waits to be fetched does not count.
fn begun(pid: u32) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; after it come the state and, at the twentieth place, the time.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (state != "Z").then(|| fields.nth(18).map(str::to_owned)).flatten()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{begun, note, running};

    #[test]
    fn a_process_is_told_from_another_with_its_number() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pid = std::process::id();
        let since = begun(pid).expect("this process runs");
        std::fs::write(note(folder.path()), format!("{pid} {since}")).expect("written");
        assert_eq!(running(folder.path()), Some(pid));
        std::fs::write(note(folder.path()), format!("{pid} 1")).expect("written");
        assert_eq!(running(folder.path()), None);
    }
}
