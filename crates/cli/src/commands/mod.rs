//! The commands, a file each.

mod check;
mod completions;
pub(crate) mod constraints;
pub(crate) mod explain;
pub(crate) mod fix;
mod inspect;
mod matrix;
mod probe;
mod rule;
pub(crate) mod run;
mod targets;

use anyhow::Result;

use crate::args::{Arguments, Command};
use crate::exit::ExitStatus;

/// Does what the command line asks for.
pub(crate) fn run(arguments: Arguments) -> Result<ExitStatus> {
    match arguments.into_command().map_err(anyhow::Error::msg)? {
        Command::Check(check) => check::run(&check),
        Command::Matrix(matrix) => matrix::run(&matrix),
        Command::Inspect(inspect) => inspect::run(&inspect),
        Command::Probe(probe) => probe::run(&probe),
        Command::Rule(rule) => rule::run(&rule),
        Command::Explain(explain) => explain::run(&explain),
        Command::Constraints(constraints) => constraints::run(&constraints),
        Command::Fix(fix) => fix::run(&fix),
        Command::Run(run) => run::run(&run),
        Command::Completions { shell } => completions::run(shell),
    }
}
