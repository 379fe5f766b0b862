//! The `numpact` program: arguments become settings, settings become work, and work ends in an exit status.

mod args;
mod commands;
mod exit;
mod output;
mod pipeline;
mod progress;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match commands::run(arguments) {
        Ok(status) => status.into(),
        Err(error) => {
            output::complain("error", &format!("{error:#}"));
            exit::ExitStatus::Failed.into()
        }
    }
}
