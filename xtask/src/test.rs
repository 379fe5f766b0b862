//! `cargo xtask test`: fetches the inputs that tests need, then runs every test.
//!
//! Tests fetch what they need by themselves too; doing it before, in one place, tells a failing network from a failing
//! test.

use std::process::Command;

use anyhow::{Result, bail};

use crate::paths;

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to hand to `cargo test`, after `--`
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Fetches and tests.
pub(crate) fn run(args: &Args) -> Result<()> {
    let python = testing::host_interpreter()?;
    eprintln!(
        "Python {} at `{}`; inputs are kept in `{}`",
        python.version,
        python.path.display(),
        testing::cache().display()
    );
    let pins = testing::read_pins(&paths::repository().join("fixtures/wheels/tests.txt"))?;
    for (index, pin) in pins.iter().enumerate() {
        eprintln!("[{}/{}] {}", index + 1, pins.len(), pin.file);
        testing::fetch_pin(pin)?;
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let status = cargo.args(["test", "--workspace"]).args(&args.rest).current_dir(paths::repository()).status()?;
    if !status.success() {
        bail!("`cargo test --workspace` ended with {status}");
    }
    Ok(())
}
