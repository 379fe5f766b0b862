//! Imports with which a change is held against the truth: of what was broken, and of a sample of what was not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use contract::judge::is_numpy;
use contract::report::{DistributionReport, Loaded};
use contract::{Fails, Verdict};
use runner::probe::{Outcome, Probe, Probed, probe};

use super::Installed;

/// How many distributions that work are imported as well.
const SAMPLE: usize = 3;

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trial {
    pub(crate) distribution: String,
    /// What is imported, the most telling first: the next one is tried where a module is missing that has nothing to do
    /// with NumPy.
    pub(crate) modules: Vec<String>,
    /// Statements that use it, where an import goes well and the use of it fails.
    pub(crate) small_use: Option<&'static str>,
}

/// What came of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) distribution: String,
    pub(crate) module: String,
    /// Whether it was used as well.
    pub(crate) used: bool,
    pub(crate) elapsed: Duration,
    /// `None` where it succeeded.
    pub(crate) failure: Option<String>,
}

/// The imports of what is incompatible.
pub(super) fn of_broken(installed: &Installed) -> Vec<Trial> {
    let broken = installed.report.distributions.iter().filter(|d| d.verdict == Verdict::Incompatible);
    broken
        .map(|d| {
            let modules = failing(d);
            Trial { distribution: d.name.clone(), small_use: use_of(d, &modules), modules }
        })
        .filter(|t| !t.modules.is_empty())
        .collect()
}

/// How to use what fails when it is used: torch before 2.3 imports well beside NumPy 2.
fn use_of(distribution: &DistributionReport, modules: &[String]) -> Option<&'static str> {
    let tops = modules.iter().filter_map(|module| module.split('.').next());
    let known = modules.iter().map(String::as_str).chain(tops).find_map(knowledge::small_use);
    known.filter(|_| distribution.fails == Some(Fails::Use))
}

/// The modules that show whether a distribution works: what an import of it meets first, then its compiled modules.
fn failing(distribution: &DistributionReport) -> Vec<String> {
    let incompatible = || distribution.binaries.iter().filter(|b| b.assessment.verdict == Verdict::Incompatible);
    let sure = |loaded: &Option<Loaded>| matches!(loaded, Some(Loaded::Always | Loaded::Submodule));
    let starts = incompatible().filter(|b| sure(&b.loaded)).filter_map(|b| b.loaded_by.clone());
    let mut starts: Vec<String> = starts.collect();
    starts.sort_by_key(|start| (start.matches('.').count(), start.clone()));
    starts.truncate(1);
    starts.extend(incompatible().filter_map(|b| b.module.clone()).take(1));
    starts.dedup();
    starts
}

/// Imports of NumPy and of a few distributions that work.
pub(super) fn of_sample(installed: &Installed) -> Vec<Trial> {
    let works = |d: &&DistributionReport| d.verdict <= Verdict::Compatible && !is_numpy(&d.name);
    let fine = installed.report.distributions.iter().filter(works);
    let trials = fine.filter_map(|d| {
        let module = d.binaries.iter().find_map(|b| b.module.as_deref())?;
        let top = module.split('.').next()?.to_owned();
        Some(Trial { distribution: d.name.clone(), modules: vec![top], small_use: None })
    });
    let numpy = Trial { distribution: "numpy".to_owned(), modules: vec!["numpy".to_owned()], small_use: None };
    trials.take(SAMPLE).chain([numpy]).collect()
}

/// Makes the imports, each in a process of its own.
pub(super) fn run(installed: &Installed, trials: &[Trial]) -> Result<Vec<Tried>> {
    let environment = &installed.scene.environment;
    let Some(interpreter) = &environment.interpreter else { return Ok(Vec::new()) };
    trials.iter().map(|trial| one(interpreter, &environment.search_path, trial)).collect()
}

fn one(interpreter: &Path, search_path: &[PathBuf], trial: &Trial) -> Result<Tried> {
    let mut last = None;
    for module in &trial.modules {
        let snippet = trial.small_use.map(str::to_owned);
        let probed = probe(&Probe { search_path: search_path.to_vec(), snippet, ..Probe::new(interpreter, module) })?;
        let lacks = lacks_another(&probed, &trial.modules);
        let tried = Tried {
            distribution: trial.distribution.clone(),
            module: module.clone(),
            used: trial.small_use.is_some(),
            elapsed: probed.elapsed,
            failure: failure(&probed),
        };
        last = Some(tried);
        if !lacks {
            break;
        }
    }
    last.ok_or_else(|| anyhow::anyhow!("`{}` has no module that could be imported", trial.distribution))
}

/// Whether a module is missing that is not of the distribution itself: it was missing before, and is no matter of NumPy.
fn lacks_another(probed: &Probed, own: &[String]) -> bool {
    let Outcome::Raised { kind, message, .. } = &probed.outcome else { return false };
    let tops = own.iter().filter_map(|module| module.split('.').next());
    let missing = message.split('\'').nth(1).unwrap_or_default();
    let is_own = tops.into_iter().any(|top| missing == top || missing.starts_with(&format!("{top}.")));
    kind == "ModuleNotFoundError" && !missing.starts_with("numpy") && !is_own
}

fn failure(probed: &Probed) -> Option<String> {
    match &probed.outcome {
        Outcome::Succeeded => None,
        Outcome::Raised { kind, message, .. } => {
            Some(format!("{kind}: {}", message.lines().next().unwrap_or_default()))
        }
        Outcome::Died { signal } => Some(format!("it died of signal {signal}")),
        Outcome::Exited { status } => Some(format!("the process ended with status {status}")),
        Outcome::TimedOut => Some("it took too long".to_owned()),
        Outcome::Flooded => Some("it wrote without end".to_owned()),
    }
}
