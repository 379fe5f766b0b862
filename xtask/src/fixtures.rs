//! `cargo xtask fixtures`: builds the modules of `fixtures/src` against many NumPys and sees how each fares under each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::{paths, python};

/// Options of `cargo xtask fixtures`.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only for this Python (repeatable): `3.11`
    #[arg(long)]
    python: Vec<String>,
    /// Build, and leave `fixtures/truth/built.jsonl` as it is
    #[arg(long)]
    build_only: bool,
}

/// `fixtures/matrix.toml`.
#[derive(Deserialize)]
struct Matrix {
    python: Vec<Row>,
}

/// One Python of the matrix.
#[derive(Deserialize)]
struct Row {
    version: String,
    numpy: Vec<String>,
}

/// What the script builds and observes with.
#[derive(Serialize)]
struct Plan {
    out: PathBuf,
    sources: PathBuf,
    tools: BTreeMap<String, PathBuf>,
    pythons: Vec<Python>,
    modules: Vec<serde_json::Value>,
}

/// An interpreter, and the NumPys unpacked for it.
#[derive(Serialize)]
struct Python {
    version: String,
    path: PathBuf,
    numpys: BTreeMap<String, PathBuf>,
}

/// Builds, and unless told otherwise observes.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut plan = plan(args)?;
    std::fs::create_dir_all(&plan.out).with_context(|| format!("`{}`", plan.out.display()))?;
    python::output(script("build_fixtures.py", &plan)?.arg(plan_path(&plan)))?;
    if args.build_only {
        return Ok(());
    }
    plan.modules = lines(&plan.out.join("modules.jsonl"))?;
    let seen = python::output(script("observe.py", &plan)?.arg(plan_path(&plan)))?;
    let target = paths::repository().join("fixtures/truth/built.jsonl");
    std::fs::write(&target, seen).with_context(|| format!("`{}`", target.display()))?;
    eprintln!("wrote `{}`", target.display());
    Ok(())
}

fn plan(args: &Args) -> Result<Plan> {
    let path = paths::repository().join("fixtures/matrix.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
    let matrix: Matrix = toml::from_str(&text).with_context(|| format!("`{}`", path.display()))?;
    let wanted = |row: &Row| args.python.is_empty() || args.python.contains(&row.version);
    let pythons = matrix.python.into_iter().filter(wanted).map(prepare).collect::<Result<_>>()?;
    let fixtures = paths::repository().join("fixtures/src");
    let out = testing::cache().join("fixtures");
    Ok(Plan { out, sources: fixtures, tools: tools()?, pythons, modules: Vec::new() })
}

fn prepare(row: Row) -> Result<Python> {
    let path = testing::try_interpreter(&row.version)?.path;
    let numpys = row.numpy.into_iter().map(|release| {
        let folder = numpy(&release, &row.version)?;
        Ok((release, folder))
    });
    Ok(Python { path, numpys: numpys.collect::<Result<_>>()?, version: row.version })
}

/// The folder of an unpacked NumPy for an interpreter.
pub(crate) fn numpy(release: &str, python: &str) -> Result<PathBuf> {
    let pin = testing::find_host_pin("numpy", release, python)?;
    Ok(testing::try_overlay(&[&pin.file])?)
}

/// Cython's and pybind11's releases, unpacked, by `cython-3.0.12`. A compiled Cython is far faster than a pure one, so
/// it is taken where the host's Python can run it.
fn tools() -> Result<BTreeMap<String, PathBuf>> {
    let minor = testing::host_interpreter()?.minor();
    let mut pins = testing::read_pins(&paths::repository().join("fixtures/wheels/tools.txt"))?;
    pins.retain(|pin| pin.tags().fits(minor, std::env::consts::OS, std::env::consts::ARCH));
    pins.sort_by_key(|pin| pin.tags().abi != ["none"]);
    let unpacked = pins.iter().map(|pin| {
        let name = format!("{}-{}", pin.name.to_lowercase(), pin.version);
        Ok((name, testing::try_overlay(&[&pin.file])?))
    });
    unpacked.collect()
}

fn plan_path(plan: &Plan) -> PathBuf {
    plan.out.join("plan.json")
}

fn script(name: &str, plan: &Plan) -> Result<Command> {
    let path = plan_path(plan);
    std::fs::write(&path, serde_json::to_vec(plan)?).with_context(|| format!("`{}`", path.display()))?;
    let mut command = Command::new(python::PYTHON);
    command.arg(python::script(name));
    Ok(command)
}

/// The lines of a file of JSON lines.
pub(crate) fn lines(path: &Path) -> Result<Vec<serde_json::Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))?;
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("`{}` line {}", path.display(), index + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(read).collect()
}
