//! The commands, a file each.

mod check;
mod completions;
pub(crate) mod explain;
mod inspect;
mod rule;
pub(crate) mod run;

use anyhow::Result;

use crate::args::{Arguments, Command};
use crate::exit::ExitStatus;

/// Does what the command line asks for.
pub(crate) fn run(arguments: Arguments) -> Result<ExitStatus> {
    match arguments.command {
        None => check::run(&arguments.check),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Inspect(inspect)) => inspect::run(&inspect),
        Some(Command::Rule(rule)) => rule::run(&rule),
        Some(Command::Explain(explain)) => explain::run(&explain),
        Some(Command::Run(run)) => run::run(&run),
        Some(Command::Completions { shell }) => completions::run(shell),
    }
}
