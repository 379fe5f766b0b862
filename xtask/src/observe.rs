//! `cargo xtask observe`: imports the modules of real wheels under several NumPys and writes down what happens.
//!
//! Each `fixtures/environments/NAME.txt` with a `# numpy:` setting is an environment without NumPy; its subject's
//! extension modules are imported, each in a process of its own, with one NumPy after the other put before it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::Value;
use testing::Recipe;

use crate::fixtures::{lines, numpy};
use crate::{paths, python};

/// Options of `cargo xtask observe`.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only these environments; all that have a `# numpy:` setting by default
    names: Vec<String>,
}

/// What the script imports.
#[derive(Serialize)]
struct Plan {
    environments: Vec<Environment>,
}

/// An environment and the NumPys to try it under.
#[derive(Serialize)]
struct Environment {
    name: String,
    python: String,
    path: PathBuf,
    site: PathBuf,
    requirement: String,
    subject: String,
    numpys: BTreeMap<String, PathBuf>,
}

/// Observes, and puts the lines into `fixtures/truth/observed.jsonl` in place of the older ones of the same environments.
pub(crate) fn run(args: &Args) -> Result<()> {
    let target = paths::repository().join("fixtures/truth/observed.jsonl");
    for name in names(args)? {
        let seen = observe(environment(&testing::recipe(&name)?)?)?;
        let mut all = if target.is_file() { lines(&target)? } else { Vec::new() };
        all.retain(|line| line.get("environment").and_then(Value::as_str) != Some(&name));
        all.extend(seen);
        all.sort_by_key(|line| line.get("environment").map(Value::to_string));
        let text: String = all.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&target, text).with_context(|| format!("`{}`", target.display()))?;
    }
    eprintln!("wrote `{}`", target.display());
    Ok(())
}

fn names(args: &Args) -> Result<Vec<String>> {
    if !args.names.is_empty() {
        return Ok(args.names.clone());
    }
    let recipes = testing::recipes()?.into_iter().filter(|recipe| recipe.settings.contains_key("numpy"));
    Ok(recipes.map(|recipe| recipe.name).collect())
}

fn environment(recipe: &Recipe) -> Result<Environment> {
    let python = recipe.setting("python")?.to_owned();
    let folder = testing::try_environment(&recipe.name)?;
    let subject = recipe.setting("subject")?.to_owned();
    let Some(pin) = recipe.pins.iter().find(|pin| pin.name.eq_ignore_ascii_case(&subject)) else {
        bail!("environment `{}` does not pin its subject `{subject}`", recipe.name);
    };
    let numpys =
        recipe.setting("numpy")?.split_whitespace().map(|release| Ok((release.to_owned(), numpy(release, &python)?)));
    Ok(Environment {
        name: recipe.name.clone(),
        path: folder.join("bin/python"),
        site: folder.join(format!("lib/python{python}/site-packages")),
        requirement: format!("{}=={}", pin.name, pin.version),
        numpys: numpys.collect::<Result<_>>()?,
        subject,
        python,
    })
}

fn observe(environment: Environment) -> Result<Vec<Value>> {
    let work = tempfile::tempdir()?;
    let path = work.path().join("plan.json");
    std::fs::write(&path, serde_json::to_vec(&Plan { environments: vec![environment] })?)?;
    let seen = python::output(Command::new(python::PYTHON).arg(python::script("observe.py")).arg(&path))?;
    String::from_utf8(seen)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
