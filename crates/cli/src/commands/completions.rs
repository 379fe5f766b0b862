//! `numpact completions`: a completion script for a shell.

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Arguments;
use crate::exit::ExitStatus;
use crate::output;

pub(super) fn run(shell: Shell) -> Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "numpact", &mut script);
    output::write(&String::from_utf8_lossy(&script), None)?;
    Ok(ExitStatus::Fine)
}
