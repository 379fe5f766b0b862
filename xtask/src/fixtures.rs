//! `cargo xtask fixtures`: builds the modules of `fixtures/src` against many NumPys and sees how each fares under each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{paths, python};

/// Options of `cargo xtask fixtures`.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only for this Python (repeatable): `3.11`
    #[arg(long)]
    python: Vec<String>,
    /// Only modules of this kind (repeatable), as `xtask/python/build_fixtures.py` names them: `cO2`
    #[arg(long)]
    kind: Vec<String>,
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
    kinds: Vec<String>,
    modules: Vec<Value>,
}

/// An interpreter, and the NumPys unpacked for it.
#[derive(Serialize)]
struct Python {
    version: String,
    path: PathBuf,
    numpys: BTreeMap<String, PathBuf>,
}

/// Builds, and unless told otherwise observes. What was built or seen of other modules before is kept.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut plan = plan(args)?;
    std::fs::create_dir_all(&plan.out).with_context(|| format!("`{}`", plan.out.display()))?;
    let (new, complete) = build(&plan)?;
    if !args.build_only {
        plan.modules = new;
        let seen = python::output(script("observe.py", &plan)?.arg(plan_path(&plan)))?;
        let seen: Vec<Value> = String::from_utf8(seen)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        merge(&paths::repository().join("fixtures/truth/built.jsonl"), seen)?;
    }
    complete.context("the modules named above could not be built; the others were")
}

/// Builds what the plan says: the modules, and whether they are all of them.
fn build(plan: &Plan) -> Result<(Vec<Value>, Result<()>)> {
    let list = plan.out.join("new.jsonl");
    if list.is_file() {
        std::fs::remove_file(&list).with_context(|| format!("`{}`", list.display()))?;
    }
    let complete = python::output(script("build_fixtures.py", plan)?.arg(plan_path(plan))).map(drop);
    if !list.is_file() {
        return complete.and_then(|()| bail!("no `{}` was written", list.display()));
    }
    let new = lines(&list)?;
    merge(&modules_path(), new.clone())?;
    Ok((new, complete))
}

/// The list of the modules that were built on this machine.
pub(crate) fn modules_path() -> PathBuf {
    testing::cache().join("fixtures/modules.jsonl")
}

/// Writes lines into a file in place of the older ones of the same modules, in an order that depends on them alone.
fn merge(target: &Path, new: Vec<Value>) -> Result<()> {
    let module = |line: &Value| ["py", "kind", "built"].map(|key| line.get(key).map(Value::to_string));
    let replaced: BTreeSet<_> = new.iter().map(module).collect();
    let mut all = if target.is_file() { lines(target)? } else { Vec::new() };
    all.retain(|line| !replaced.contains(&module(line)));
    all.extend(new);
    all.sort_by_key(|line| (module(line), line.get("run").map(Value::to_string)));
    let text: String = all.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(target, text).with_context(|| format!("`{}`", target.display()))?;
    eprintln!("wrote `{}`", target.display());
    Ok(())
}

/// Every module of the matrix, built or not: its Python, kind and, where it needs any, the NumPy whose headers it is built with.
pub(crate) fn whole_matrix() -> Result<Vec<Value>> {
    let work = tempfile::tempdir()?;
    let nowhere = |row: Row| Python {
        version: row.version,
        path: PathBuf::new(),
        numpys: row.numpy.into_iter().map(|release| (release, PathBuf::new())).collect(),
    };
    let pythons = matrix()?.python.into_iter().map(nowhere).collect();
    let out = work.path().to_path_buf();
    let plan =
        Plan { out, sources: sources(), tools: BTreeMap::new(), pythons, kinds: Vec::new(), modules: Vec::new() };
    let listed = python::output(script("build_fixtures.py", &plan)?.arg("--list").arg(plan_path(&plan)))?;
    String::from_utf8(listed)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn sources() -> PathBuf {
    paths::repository().join("fixtures/src")
}

fn matrix() -> Result<Matrix> {
    let path = paths::repository().join("fixtures/matrix.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
    toml::from_str(&text).with_context(|| format!("`{}`", path.display()))
}

fn plan(args: &Args) -> Result<Plan> {
    let wanted = |row: &Row| args.python.is_empty() || args.python.contains(&row.version);
    let pythons = matrix()?.python.into_iter().filter(wanted).map(prepare).collect::<Result<_>>()?;
    let out = testing::cache().join("fixtures");
    let kinds = args.kind.clone();
    Ok(Plan { out, sources: sources(), tools: tools()?, pythons, kinds, modules: Vec::new() })
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
pub(crate) fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))?;
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("`{}` line {}", path.display(), index + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(read).collect()
}
