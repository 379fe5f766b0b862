//! `cargo xtask measure`: what real NumPys provide, by importing them and by reading their binaries.

mod check;
mod live;
mod numpy;
mod still;
mod wheel;

use anyhow::Result;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Measure releases of NumPy and print them as rows for `numpy-contracts.toml`
    Numpy(numpy::Args),
    /// Hold the generated table against imports of the wheels that it was measured in
    Check(check::Args),
}

/// Does it.
///
/// # Errors
/// When a wheel cannot be had, imported or read, or the table and a measurement differ.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::Numpy(args) => numpy::run(args),
        What::Check(args) => check::run(args),
    }
}
