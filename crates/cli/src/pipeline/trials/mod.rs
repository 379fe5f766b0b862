//! Trials of an environment's modules under NumPys: each is read, imported, and the two are held against each other.

mod read;
mod seen;
mod subjects;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::Version;
use contract::experiment::{Step, Trial};
use contract::report::{JudgedNumpy, TargetReport};
use rayon::prelude::*;
use runner::overlay::{Overlay, OverlayError, Overlays};
use runner::probe::{Probe, Probed, Stage, probe};
use sources::index::cache_folder;

use super::environment::Scene;
use super::numpy;
use crate::progress::Progress;
use crate::settings::Settings;
use read::Reading;
pub(crate) use subjects::Subject;
use subjects::Subjects;

/// Imports that run at one time, at most: each may use every processor for a while.
const AT_ONCE: usize = 4;

/// An environment to try modules of.
pub(crate) struct Bench<'a> {
    scene: &'a Scene,
    subjects: Subjects<'a>,
    /// What the interpreter is started by.
    pub(crate) interpreter: PathBuf,
    time_limit: Duration,
    progress: bool,
}

/// A NumPy to try modules under.
pub(crate) struct Setting {
    /// What it provides.
    pub(crate) numpy: JudgedNumpy,
    /// Where it lies; `None` for the environment's own.
    pub(crate) overlay: Option<Overlay>,
}

impl<'a> Bench<'a> {
    /// Everything that trials of an environment need. `names`: distributions that are looked at although they hold no
    /// compiled files.
    ///
    /// # Errors
    /// When no interpreter is known that could import anything.
    pub(crate) fn new(scene: &'a Scene, names: &[String], time_limit: Duration, progress: bool) -> Result<Self> {
        let environment = &scene.environment;
        let unknown =
            || format!("no interpreter of `{}` is known, so nothing can be imported", environment.root.display());
        let interpreter = environment.interpreter.clone().with_context(unknown)?;
        Ok(Self { scene, subjects: Subjects::new(scene, names), interpreter, time_limit, progress })
    }

    /// The modules that names stand for; without names, those of every distribution that uses NumPy's C API. What to import
    /// depends on what fails, and so on the NumPys: `reports` judge the environment against each.
    pub(crate) fn subjects(&self, names: &[String], reports: &[TargetReport]) -> Result<Vec<Subject>> {
        self.subjects.choose(names, reports)
    }

    /// A sentence for each module that no distribution at hand is known to provide, and whose name is nearly that of one.
    pub(crate) fn doubts(&self, subjects: &[Subject]) -> Vec<String> {
        let unowned = subjects.iter().filter(|subject| subject.distribution.is_none());
        let told = unowned.map(|subject| (&subject.module, self.subjects.did_you_mean(&subject.module)));
        let near = told.filter(|(_, hint)| !hint.is_empty());
        near.map(|(module, hint)| format!("no distribution here is known to provide `{module}`{hint}")).collect()
    }

    /// The judgement of the environment against a NumPy.
    pub(crate) fn judge(&self, numpy: &JudgedNumpy) -> TargetReport {
        let input = contract::judge::TargetInput { numpy: Some(numpy.clone()), ..self.scene.input() };
        contract::judge::judge_target(&input, knowledge::releases())
    }

    /// Tries every subject under a NumPy. `report`: the judgement against it.
    ///
    /// # Errors
    /// When the interpreter does not run.
    pub(crate) fn run(&self, subjects: &[Subject], setting: &Setting, report: &TargetReport) -> Result<Vec<Trial>> {
        let reading = Reading::new(&self.subjects, self.scene, &setting.numpy, report);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(at_once()).build()?;
        let progress = Progress::new("Importing", subjects.len(), self.progress);
        let one = |subject: &Subject| {
            let trial = self.trial(subject, setting, &reading);
            progress.step();
            trial
        };
        pool.install(|| subjects.par_iter().with_max_len(1).map(one).collect())
    }

    fn trial(&self, subject: &Subject, setting: &Setting, reading: &Reading<'_>) -> Result<Trial> {
        let snippet = subject.snippet.map(str::to_owned);
        let overlay = setting.overlay.as_ref().map(|overlay| overlay.folder().to_path_buf());
        let probed = probe(&Probe {
            snippet: snippet.clone(),
            overlay: overlay.clone(),
            search_path: self.scene.environment.search_path.clone(),
            time_limit: self.time_limit,
            ..Probe::new(&self.interpreter, &subject.module)
        })?;
        let (import, used) = seen::steps(&probed, overlay.as_deref());
        let used = subject.snippet.map(|snippet| Step { read: reading.used(subject, snippet), seen: used });
        let numpy = probed.numpy.as_ref().and_then(|numpy| numpy.version.clone());
        Ok(Trial {
            distribution: subject.distribution.clone(),
            module: subject.module.clone(),
            import: Step { read: reading.import(&subject.module), seen: import },
            // A use that was not reached says nothing.
            used: used.filter(|_| probed.stage == Stage::Use),
            numpy,
            milliseconds: u64::try_from(probed.elapsed.as_millis()).unwrap_or(u64::MAX),
            trace: trace(&probed),
            stderr: probed.stderr,
        })
    }

    /// The environment's own NumPy, where it has one.
    pub(crate) fn own(&self) -> Option<Setting> {
        Some(Setting { numpy: self.scene.numpy.clone()?, overlay: None })
    }

    /// A release of NumPy beside the environment, installed now if need be.
    ///
    /// # Errors
    /// When there is none for the interpreter, or it cannot be had.
    pub(crate) fn beside(&self, version: &Version) -> Result<Result<Setting, OverlayError>> {
        let cache = cache_folder().context("no place for NumPys is known; name one by `NUMPACT_CACHE_DIR`")?;
        let overlays = Overlays::at(&cache, Overlays::ORDINARY_LIMIT);
        let numpy = numpy::requested(version).with_context(|| format!("NumPy `{version}` is not known"))?;
        let overlay = overlays.numpy(&self.interpreter, &version.to_string());
        Ok(overlay.map(|overlay| Setting { numpy, overlay: Some(overlay) }))
    }
}

/// Imports what a judgement calls incompatible or undetermined, under the NumPy that it was judged against.
///
/// # Errors
/// When there is no interpreter or no such NumPy to import with.
pub(crate) fn confirm(scene: &Scene, report: &TargetReport, settings: &Settings, progress: bool) -> Result<Vec<Trial>> {
    let subjects = subjects::in_doubt(report);
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let bench = Bench::new(scene, &[], Probe::TIME_LIMIT, progress)?;
    let setting = match &settings.numpy {
        Some(version) => Some(bench.beside(version)??),
        None => bench.own(),
    };
    runner::signals::end_with_signals()?;
    setting.map_or(Ok(Vec::new()), |setting| bench.run(&subjects, &setting, report))
}

fn trace(probed: &Probed) -> Vec<String> {
    match &probed.outcome {
        runner::probe::Outcome::Raised { traceback, .. } => traceback.clone(),
        _ => probed.trace.clone(),
    }
}

fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(AT_ONCE)
}
