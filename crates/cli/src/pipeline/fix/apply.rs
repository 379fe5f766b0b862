//! Does a plan: keeps what goes away, has the user's tool change the environment, looks again, imports what was broken,
//! and takes everything back if it is not better.

use std::path::{Path, PathBuf};

use advice::commands::{Installer, line};
use advice::plan::{Change as Step, Plan};
use anyhow::{Result, bail};
use contract::Verdict;
use runner::change::{Change, Order};
use runner::signals::Minded;
use sources::environment::{Distribution, EnvironmentKind, Place};
use sources::wheel::normalized;

use super::trial::{self, Tried};
use super::{Installed, guard, rebuild};
use crate::output;
use crate::pipeline::means::Start;
use crate::settings::Settings;

/// Why a change is taken back that somebody stopped.
const INTERRUPTED: &str = "it was interrupted";

/// What became of a plan.
pub(crate) struct Applied {
    /// What was done, in words.
    pub(crate) title: String,
    /// The imports that were tried after it.
    pub(crate) tried: Vec<Tried>,
    /// Why it was taken back; `None` where it was not.
    pub(crate) taken_back: Option<String>,
    /// Why nothing was changed at all; `None` where something was.
    pub(crate) not_tried: Option<String>,
    /// Where what was there is kept; `None` where nothing was changed.
    pub(crate) kept: Option<PathBuf>,
}

impl Applied {
    /// Whether the environment is as the plan wants it.
    pub(crate) fn stays(&self) -> bool {
        self.taken_back.is_none() && self.not_tried.is_none()
    }
}

/// Why a plan may not be applied here; `None` where it may.
pub(crate) fn obstacle(installed: &Installed) -> Option<String> {
    guard::obstacle(installed)
}

/// Applies a plan to the environment at `place`, which `installed` describes.
///
/// # Errors
/// When nothing could be changed, or what was changed could not be put back.
pub(crate) fn apply(plan: &Plan, installed: &Installed, place: &Place, settings: &Settings) -> Result<Applied> {
    // Imports come before the change begins.
    let desk = Minded::make(|| tempfile::Builder::new().prefix("numpact-build-").tempdir())?;
    let rebuilds = plan.changes.iter().all(Step::is_rebuild);
    if rebuilds {
        let (program, start) = pip(installed)?;
        if let Err(why) = rebuild::wheels_of(plan, installed, (&program, &start), desk.path())? {
            return Ok(Applied {
                title: titles(plan),
                tried: Vec::new(),
                taken_back: None,
                not_tried: Some(why),
                kept: None,
            });
        }
    }
    let (program, arguments) = command(plan, installed, rebuilds.then_some(desk.path()))?;
    let broken = trial::of_broken(installed);
    let sample = trial::run(installed, &trial::of_sample(installed))?;
    let order = order(plan, installed, &program, &arguments)?;
    let change = Change::begin(&order)?;
    change.tell_interrupt(|| output::complain("interrupted", "what was there is being put back"));
    let kept = change.folder().to_path_buf();
    let title = order.title;
    let outcome = change.run(&program, &arguments).map_err(anyhow::Error::from).and_then(|ended| {
        if change.is_interrupted() {
            return Ok((Vec::new(), None));
        }
        if !ended.success {
            return Ok((Vec::new(), Some("the installer failed".to_owned())));
        }
        let after = Installed::gather(place, settings, false)?;
        if change.is_interrupted() {
            return Ok((Vec::new(), None));
        }
        Ok(held(plan, installed, &after, &broken, &sample))
    });
    let (tried, why) = match outcome {
        // What it came to after that says nothing: imports are ended with it.
        _ if change.is_interrupted() => (Vec::new(), Some(INTERRUPTED.to_owned())),
        Ok(held) => held,
        Err(error) => (Vec::new(), Some(format!("{error:#}"))),
    };
    match &why {
        Some(_) => drop(change.take_back()?),
        None => change.finish()?,
    }
    Ok(Applied { title, tried, taken_back: why, not_tried: None, kept: Some(kept) })
}

/// Whether the environment is better than it was: the imports that were tried, and what speaks against it.
fn held(
    plan: &Plan,
    before: &Installed,
    after: &Installed,
    broken: &[trial::Trial],
    sample: &[Tried],
) -> (Vec<Tried>, Option<String>) {
    if let Some(wrong) = wrong(plan, before, after) {
        return (Vec::new(), Some(wrong));
    }
    let again: Vec<trial::Trial> = trial::of_sample(before)
        .into_iter()
        .filter(|one| sample.iter().any(|tried| tried.distribution == one.distribution && tried.failure.is_none()))
        .collect();
    match trial::run(after, &[broken, &again].concat()) {
        Ok(tried) => {
            let fails = tried.iter().find_map(|one| Some((one, one.failure.as_ref()?)));
            let why = fails.map(|(one, failure)| format!("`import {}` fails: {failure}", one.module));
            (tried, why)
        }
        Err(error) => (Vec::new(), Some(format!("{error:#}"))),
    }
}

/// What a look at the changed environment finds wrong.
fn wrong(plan: &Plan, before: &Installed, after: &Installed) -> Option<String> {
    let missing =
        plan.changes.iter().find(|step| after.of(&step.name).and_then(|p| p.version.as_ref()) != Some(&step.to));
    if let Some(step) = missing {
        return Some(format!("`{}` is not {} after it", step.name, step.to));
    }
    let was = |name: &str| before.report.distributions.iter().find(|d| d.name == name).map(|d| d.verdict);
    let fails = |d: &&contract::report::DistributionReport| d.verdict == Verdict::Incompatible;
    let worse = after.report.distributions.iter().find(fails);
    worse.map(|d| {
        let how = if was(&d.name) == Some(Verdict::Incompatible) { "still" } else { "now" };
        format!("`{} {}` is {how} incompatible", d.name, d.version)
    })
}

/// How pip is started for an environment: its own, or another, working on it.
fn pip(installed: &Installed) -> Result<(PathBuf, Vec<String>)> {
    let words = installed.means.pip.as_ref().map(Start::words).unwrap_or_default();
    let Some((program, start)) = words.split_first() else {
        bail!("there is no pip to do it with, neither in the environment nor one of version 22.3 or newer on PATH")
    };
    Ok((PathBuf::from(program), start.to_vec()))
}

/// The command that makes the changes and nothing else. `built`: a folder of wheels to take everything from.
fn command(plan: &Plan, installed: &Installed, built: Option<&Path>) -> Result<(PathBuf, Vec<String>)> {
    let Some(interpreter) = &installed.scene.environment.interpreter else {
        bail!("there is no interpreter to install with")
    };
    let python = interpreter.display().to_string();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let uv = installed.hint.direct == Installer::Uv;
    let (program, mut arguments) = if uv {
        (PathBuf::from("uv"), words(&["pip", "install", "--python", &python]))
    } else {
        let (program, start) = pip(installed)?;
        (program, [start, words(&["install", "--no-input"])].concat())
    };
    arguments.extend(words(&["--no-deps", "--only-binary", ":all:"]));
    if let Some(folder) = built {
        arguments.extend(words(&["--no-index", "--find-links", &folder.display().to_string()]));
        arguments.push(if uv { "--reinstall" } else { "--force-reinstall" }.to_owned());
    }
    arguments.extend(plan.changes.iter().map(|step| format!("{}=={}", step.name, step.to)));
    Ok((program, arguments))
}

fn order(plan: &Plan, installed: &Installed, program: &Path, arguments: &[String]) -> Result<Order> {
    let environment = &installed.scene.environment;
    let moved = |d: &&Distribution| plan.changes.iter().any(|step| normalized(&step.name) == normalized(&d.name));
    let mut files = Vec::new();
    for distribution in environment.distributions.iter().filter(|d| d.site.starts_with(&environment.root)).filter(moved)
    {
        match distribution.recorded_files() {
            Some(recorded) => files.extend(recorded.into_iter().filter(|file| file.starts_with(&environment.root))),
            None => bail!("the files of `{}` are not recorded, so that they could not be put back", distribution.name),
        }
    }
    let mut words = vec![program.display().to_string()];
    words.extend_from_slice(arguments);
    Ok(Order {
        root: environment.root.clone(),
        watched: watched(installed),
        files,
        names: plan.changes.iter().map(|step| normalized(&step.name)).collect(),
        title: titles(plan),
        freeze: environment.distributions.iter().filter(|d| !d.shadowed).map(frozen).collect(),
        commands: vec![line(&words, cfg!(windows))],
    })
}

/// A virtual environment as a whole; of others, where distributions put their files.
fn watched(installed: &Installed) -> Vec<PathBuf> {
    let environment = &installed.scene.environment;
    if environment.kind == EnvironmentKind::Venv {
        return vec![environment.root.clone()];
    }
    let scripts = environment.root.join(if cfg!(windows) { "Scripts" } else { "bin" });
    guard::own_folders(environment).into_iter().chain([scripts]).collect()
}

/// What a plan does, in words.
fn titles(plan: &Plan) -> String {
    plan.changes.iter().map(title).collect::<Vec<_>>().join(", ")
}

fn title(step: &Step) -> String {
    match &step.from {
        Some(from) if step.is_rebuild() => format!("{} {from} built again", step.name),
        Some(from) => format!("{} {from} -> {}", step.name, step.to),
        None => format!("{} {} (new)", step.name, step.to),
    }
}

/// As `pip freeze` writes it, with who installed it behind a comment's sign.
fn frozen(distribution: &Distribution) -> String {
    let by = distribution.installer.as_ref().map(|installer| format!(" # {installer}")).unwrap_or_default();
    let what = match distribution.direct_url() {
        Some(origin) if origin.editable => format!("-e {}", origin.url),
        Some(origin) => format!("{} @ {}", distribution.name, origin.url),
        None => format!("{}=={}", distribution.name, distribution.version),
    };
    what + &by
}
