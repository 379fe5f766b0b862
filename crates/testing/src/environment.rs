//! Environments made of pinned wheels. `fixtures/environments/NAME.txt` is a pin file with settings in comments at its
//! head: `# python: 3.11` (needed), `# numpy: 1.26.4 2.2.6` (the releases that an accuracy run tries it under).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::fetch::{pip, run, selection};
use crate::place::once;
use crate::{Pin, Problem, WheelTags, cache, fetch_pin, find_pin, parse_pins, repository, try_interpreter};

/// What `fixtures/environments/NAME.txt` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The name of the file without `.txt`.
    pub name: String,
    /// The settings at its head (`# key: value`).
    pub settings: BTreeMap<String, String>,
    /// The wheels to install, in the file's order.
    pub pins: Vec<Pin>,
}

impl Recipe {
    /// A setting that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn setting(&self, key: &str) -> Result<&str, Problem> {
        let missing =
            || Problem::BadEnvironment { name: self.name.clone(), reason: format!("no `# {key}: ...` at its head") };
        self.settings.get(key).map(String::as_str).ok_or_else(missing)
    }

    /// A word that changes whenever what would be installed changes.
    fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        self.settings.get("python").iter().for_each(|python| hasher.update(python.as_bytes()));
        self.pins.iter().for_each(|pin| hasher.update(pin.line().as_bytes()));
        hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The recipe of an environment.
///
/// # Errors
/// When there is no such file, or it holds a line that is no pin.
pub fn recipe(name: &str) -> Result<Recipe, Problem> {
    let path = folder().join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).map_err(Problem::io(&path))?;
    let pins = parse_pins(&path, &text)?;
    Ok(Recipe { name: name.to_owned(), settings: settings(&text), pins })
}

/// Every recipe of the repository, by name.
///
/// # Errors
/// When one of them cannot be read.
pub fn recipes() -> Result<Vec<Recipe>, Problem> {
    let entries = std::fs::read_dir(folder()).map_err(Problem::io(folder()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut names: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names.iter().map(|name| recipe(name)).collect()
}

fn folder() -> PathBuf {
    repository().join("fixtures/environments")
}

fn settings(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
    let pairs = lines.filter_map(|line| line.split_once(": "));
    pairs.map(|(key, value)| (key.to_owned(), value.trim().to_owned())).collect()
}

/// The folder of a virtual environment made from `fixtures/environments/NAME.txt`, made on first use. It is moved into
/// place when finished, so its interpreter runs, and the scripts in its `bin` do not.
///
/// # Errors
/// When there is no such file, its interpreter is missing, or its wheels cannot be fetched or installed.
pub fn try_environment(name: &str) -> Result<PathBuf, Problem> {
    let recipe = recipe(name)?;
    let python = try_interpreter(recipe.setting("python")?)?;
    let target = cache().join("environments").join(format!("{name}-{}", recipe.fingerprint()));
    once(&target, |work| make_environment(&python.path, &recipe.pins, work))
}

/// Makes a virtual environment without pip in `folder`, and installs the wheels of `pins` and nothing else.
///
/// # Errors
/// When a wheel cannot be fetched, or the environment cannot be made.
pub fn make_environment(python: &Path, pins: &[Pin], folder: &Path) -> Result<(), Problem> {
    let wheels = pins.iter().map(fetch_pin).collect::<Result<Vec<_>, _>>()?;
    run(Command::new(python).args(["-m", "venv", "--without-pip"]).arg(folder))?;
    let old = folder.join("lib/python3.6/site-packages");
    if old.is_dir() {
        // Today's pip installs into environments of Python 3.7 and newer only, and unpacks for any.
        return pins.iter().zip(&wheels).try_for_each(|(pin, wheel)| unpack(wheel, &pin.tags(), &old));
    }
    install_into(folder, &wheels)
}

/// Installs wheels, and nothing else, into a virtual environment that needs no pip of its own.
///
/// # Errors
/// When the host's pip does not succeed.
pub fn install_into(environment: &Path, wheels: &[PathBuf]) -> Result<(), Problem> {
    let windows = environment.join("Scripts/python.exe");
    let python = if windows.is_file() { windows } else { environment.join("bin/python") };
    let mut pip = pip()?;
    pip.arg("--python").arg(python).args(["install", "--no-deps", "--no-index", "--no-compile"]);
    run(pip.arg("--no-warn-script-location").args(wheels)).map(drop)
}

/// A folder into which the wheels of these names are unpacked as pip would, to be put on `PYTHONPATH`.
/// The wheels may be for another Python or platform than this machine's.
///
/// # Errors
/// When a wheel cannot be fetched or unpacked.
pub fn try_overlay(names: &[&str]) -> Result<PathBuf, Problem> {
    overlay_of(&names.iter().map(|name| find_pin(name)).collect::<Result<Vec<_>, _>>()?)
}

/// The same of pins that need not be in a file.
///
/// # Errors
/// When a wheel cannot be fetched or unpacked.
pub fn overlay_of(pins: &[Pin]) -> Result<PathBuf, Problem> {
    let recipe = Recipe { name: String::new(), settings: BTreeMap::new(), pins: pins.to_vec() };
    let first = recipe.pins.first().map_or("empty", |pin| pin.file.trim_end_matches(".whl"));
    let target = cache().join("overlays").join(format!("{first}-{}", recipe.fingerprint()));
    once(&target, |work| recipe.pins.iter().try_for_each(|pin| unpack(&fetch_pin(pin)?, &pin.tags(), work)))
}

fn unpack(wheel: &Path, tags: &WheelTags, folder: &Path) -> Result<(), Problem> {
    let mut pip = pip()?;
    pip.args(["install", "--no-deps", "--no-index", "--no-compile", "--ignore-requires-python", "--target"]);
    run(pip.arg(folder).args(selection(tags)).arg(wheel)).map(drop)
}
