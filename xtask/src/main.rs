//! The project's chores, run as `cargo xtask TASK`: generated tables, measurements of real NumPys, looks at the index.
//!
//! A task is one file under `src/` with an `Args` and a `run`, one line in [`Task`] and one arm in [`main`].
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who runs it")]

mod data;
mod index;
mod paths;
mod python;
mod refresh;

use clap::Parser;

/// What `cargo xtask` was asked to do.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's chores")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

/// The chores.
#[derive(clap::Subcommand)]
enum Task {
    /// Bring the data up to date with the package index
    Refresh(refresh::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Refresh(args) => refresh::run(&args),
    }
}
