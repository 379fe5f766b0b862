//! `cargo xtask demo`: builds numpact, makes an environment that is really broken, and lets numpact look at it.
//!
//! Needs Rust and a `python3` with pip. The wheels are pinned by hash in `fixtures/wheels/demo.txt`, for several Pythons
//! and platforms; those that fit the host are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use testing::{Interpreter, Pin};

use crate::paths;

/// Options of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Make the environment and say where it is, without running numpact
    #[arg(long)]
    environment_only: bool,
}

/// Makes the environment and runs `numpact check` on it.
pub(crate) fn run(args: &Args) -> Result<()> {
    let python = testing::host_interpreter()?;
    let folder = broken_environment(&python)?;
    if args.environment_only {
        println!("{}", folder.display());
        return Ok(());
    }
    let numpact = build()?;
    eprintln!("$ numpact check {}", folder.display());
    let status = Command::new(&numpact).arg("check").arg(&folder).status().context("cannot start `numpact`")?;
    match status.code() {
        Some(1) => Ok(()),
        _ => bail!("`numpact check` ended with {status}; 1 was expected, since the environment is broken"),
    }
}

fn broken_environment(python: &Interpreter) -> Result<PathBuf> {
    let pins = fitting(python)?;
    let folder = testing::cache().join("demo").join(format!("py3.{}", python.minor()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("`{}`", folder.display()))?;
    }
    eprintln!("Fetching {} and installing them into `{}`", names(&pins), folder.display());
    testing::make_environment(&python.path, &pins, &folder)?;
    Ok(folder)
}

/// The pins that the host's Python would load; among them must be NumPy and something built against it.
fn fitting(python: &Interpreter) -> Result<Vec<Pin>> {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut pins = testing::read_pins(&paths::repository().join("fixtures/wheels/demo.txt"))?;
    pins.retain(|pin| pin.tags().fits(python.minor(), system, machine));
    let compiled = pins.iter().filter(|pin| pin.tags().platform.iter().any(|tag| tag != "any")).count();
    if compiled < 2 {
        bail!(
            "no wheels are pinned for CPython {} on {system} {machine}; see `fixtures/wheels/demo.txt`",
            python.version
        );
    }
    Ok(pins)
}

fn names(pins: &[Pin]) -> String {
    pins.iter().map(|pin| format!("{} {}", pin.name, pin.version)).collect::<Vec<_>>().join(", ")
}

/// Builds numpact as a user would run it, and gives the path of the program.
pub(crate) fn build() -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--bin", "numpact", "--message-format", "json-render-diagnostics"]);
    let output = cargo.current_dir(paths::repository()).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("numpact does not build");
    }
    executable(&String::from_utf8_lossy(&output.stdout)).context("cargo named no program after building numpact")
}

/// The program in cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let mut named = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(Path::new(message.get("executable")?.as_str()?).to_path_buf())
    });
    named.next_back()
}
