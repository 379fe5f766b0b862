//! The project's chores, run as `cargo xtask TASK`: generated tables, measurements of real NumPys, looks at the index.
//!
//! A task is one file under `src/` with an `Args` and a `run`, one line in [`Task`] and one arm in [`main`].
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who runs it")]

mod accuracy;
mod broken;
mod data;
mod demo;
mod distributions;
mod fixtures;
mod fuzz;
mod generate;
mod index;
mod measure;
mod observe;
mod paths;
mod python;
mod refresh;
mod test;

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
    /// Hold what numpact predicts against what was seen
    Accuracy(accuracy::Args),
    /// Make really broken environments, let numpact mend them, and write down what came of it
    Broken(broken::Args),
    /// Build numpact, make a broken environment and let numpact look at it
    Demo(demo::Args),
    /// Build the modules of `fixtures/src` against many NumPys and see how each fares
    Fixtures(fixtures::Args),
    /// Run a fuzz target on seeds out of pinned wheels
    Fuzz(fuzz::Args),
    /// Import the modules of real wheels under several NumPys and write down what happens
    Observe(observe::Args),
    /// Fetch what tests need and run them all
    Test(test::Args),
    /// Write the generated Rust tables anew from `crates/knowledge/data`
    Generate(generate::Args),
    /// Measure what real NumPys provide, or hold the table against many
    Measure(measure::Args),
    /// Bring the data up to date with the package index
    Refresh(refresh::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Accuracy(args) => accuracy::run(&args),
        Task::Broken(args) => broken::run(&args),
        Task::Demo(args) => demo::run(&args),
        Task::Fixtures(args) => fixtures::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Observe(args) => observe::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Generate(args) => generate::run(&args),
        Task::Measure(args) => measure::run(&args),
        Task::Refresh(args) => refresh::run(&args),
    }
}
