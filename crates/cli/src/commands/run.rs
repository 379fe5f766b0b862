//! `numpact run -- COMMAND`: runs it untouched; says something only if it died of what numpact knows.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use advice::explain::{Diagnosis, Excerpt, Installed};
use render::explain::to_text;
use runner::command::{Ended, run as run_command};
use sources::environment::{Surroundings, interpreter_of_command};

use super::explain::environment::{self, Found};
use super::explain::{Form, diagnose};
use crate::exit::ExitStatus;

/// How much of the standard error is kept, in bytes: a message printed at import, and the traceback at the end.
const HEAD: usize = 256 << 10;
const TAIL: usize = 1 << 20;

/// Run a command; if it dies of a NumPy that does not fit, say why under its own output
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) form: Form,
    /// The command and its arguments, after `--`
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Runs the command and ends as it did: with its own exit status, 128 and more for a killed one.
///
/// # Errors
/// When no command is given; a command that cannot be started is an exit status (126, 127), as in a shell.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitStatus> {
    let (program, arguments) = args.command.split_first().ok_or_else(|| anyhow::anyhow!("no command is given"))?;
    let excerpt = Arc::new(Mutex::new(Excerpt::new(HEAD, TAIL)));
    let listener = Arc::clone(&excerpt);
    let listen = move |piece: &[u8]| listener.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
    let ended = match run_command(program, arguments, listen) {
        Ok(ended) => ended,
        Err(error) => {
            let _ = writeln!(io::stderr(), "numpact: {error}");
            return Ok(of_command(error.exit_status()));
        }
    };
    let kept = excerpt.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let diagnosis = diagnose(&kept, Installed::default(), None);
    if ended.exit_status() != 0 && is_worth_saying(&diagnosis, ended) {
        let diagnosis =
            beside(program, &diagnosis).map_or(diagnosis, |found| diagnose(&kept, Installed::default(), Some(&found)));
        // The command's failure is what counts, whether anybody reads this or not.
        let _ = write!(io::stderr(), "\nnumpact: {}", to_text(&diagnosis, &args.form.words(), args.form.detail()));
    }
    Ok(of_command(ended.exit_status()))
}

/// The environment that the command ran in: that of its interpreter, or else the active one. None that can be looked at
/// is no failure.
fn beside(program: &OsStr, alone: &Diagnosis) -> Option<Found> {
    let interpreter = interpreter_of_command(program, &Surroundings::from_process());
    environment::beside(alone, interpreter.as_deref()).ok().flatten()
}

/// Windows has exit statuses that a byte does not hold; any of them is a failure.
fn of_command(status: i32) -> ExitStatus {
    ExitStatus::OfCommand(u8::try_from(status).unwrap_or(1))
}

/// A failure that NumPy has to do with, or a crash with suspects.
fn is_worth_saying(diagnosis: &Diagnosis, ended: Ended) -> bool {
    let fails = diagnosis.concerns_numpy() && !diagnosis.is_harmless();
    fails || (ended.is_crash() && !diagnosis.culprits.is_empty())
}
