//! `numpact probe`: imports modules under NumPys and holds what happens against what their bytes say.

use std::time::Duration;

use anyhow::{Result, bail};
use contract::Version;
use contract::report::TargetReport;
use render::Tool;
use render::probe::{Trials, UnderNumpy, to_json, to_text};

use super::targets::{Target, targets};
use crate::args::{CheckArgs, InspectFormat, ProbeArgs};
use crate::exit::ExitStatus;
use crate::output;
use crate::pipeline::environment::{Depth, Scene};
use crate::pipeline::trials::{Bench, Setting};
use crate::settings::{self, Settings};

/// Tries what was asked for and writes what was seen.
pub(super) fn run(arguments: &ProbeArgs) -> Result<ExitStatus> {
    let check = CheckArgs { python: arguments.python.clone(), ..CheckArgs::default() };
    let settings = Settings::new(&check, &std::env::current_dir()?)?;
    let wanted = wanted(arguments, &settings)?;
    let progress = !arguments.common.quiet;
    let scene = gather(&settings, progress)?;
    let limit = Duration::from_secs(arguments.timeout.into());
    let bench = Bench::new(&scene, &arguments.names, limit, progress)?;
    runner::signals::end_with_signals()?;
    let numpys = numpys(&bench, &wanted, progress)?;
    let trials = try_all(&bench, &scene, numpys, &arguments.names)?;
    write(arguments, &trials)?;
    status(&trials)
}

/// The releases asked for; none is the environment's own.
fn wanted(arguments: &ProbeArgs, settings: &Settings) -> Result<Vec<Version>> {
    let named: Result<Vec<Option<Version>>> =
        arguments.numpy.iter().map(|text| settings::numpy(Some(text.trim()))).collect();
    let mut versions: Vec<Version> = Vec::new();
    for version in named?.into_iter().flatten().chain(settings.numpy.clone().filter(|_| arguments.numpy.is_empty())) {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    Ok(versions)
}

fn gather(settings: &Settings, progress: bool) -> Result<Scene> {
    match targets(settings)?.as_slice() {
        [Target::Environment(place)] => Scene::gather(place, settings, Depth::Everything, progress),
        _ => bail!("only environments can be probed"),
    }
}

/// A NumPy to try modules under, or why there is none.
type Had = (Option<String>, Result<Setting, String>);

fn numpys(bench: &Bench<'_>, wanted: &[Version], progress: bool) -> Result<Vec<Had>> {
    if wanted.is_empty() {
        let Some(own) = bench.own() else {
            bail!(
                "there is no NumPy in this environment to import anything under; name some with `--numpy VERSION,...`"
            );
        };
        return Ok(vec![(own.numpy.provision.version.as_ref().map(ToString::to_string), Ok(own))]);
    }
    let mut had = Vec::new();
    for version in wanted {
        let setting = bench.beside(version)?;
        let fresh = setting.as_ref().ok().and_then(|setting| setting.overlay.as_ref()).filter(|o| o.is_fresh());
        if let Some(overlay) = fresh.filter(|_| progress) {
            output::complain("note", &format!("fetched NumPy {version} into `{}`", overlay.folder().display()));
        }
        had.push((Some(version.to_string()), setting.map_err(|error| format!("{:#}", anyhow::Error::new(error)))));
    }
    Ok(had)
}

fn try_all(bench: &Bench<'_>, scene: &Scene, numpys: Vec<Had>, names: &[String]) -> Result<Trials> {
    let judged: Vec<Option<TargetReport>> =
        numpys.iter().map(|(_, had)| had.as_ref().ok().map(|setting| bench.judge(&setting.numpy))).collect();
    let reports: Vec<TargetReport> = judged.iter().flatten().cloned().collect();
    let subjects = bench.subjects(names, &reports)?;
    bench.doubts(&subjects).iter().for_each(|doubt| output::complain("note", doubt));
    let mut tried = Vec::new();
    for ((version, had), report) in numpys.into_iter().zip(&judged) {
        let beside = had.as_ref().map_or(true, |setting| setting.overlay.is_some());
        let (trials, missing) = match (had, report) {
            (Ok(setting), Some(report)) => (bench.run(&subjects, &setting, report)?, None),
            (Err(reason), _) => (Vec::new(), Some(reason)),
            (Ok(_), None) => (Vec::new(), None),
        };
        tried.push(UnderNumpy { version, beside, missing, trials });
    }
    Ok(Trials {
        target: scene.input().path,
        python: scene.environment.python.clone(),
        interpreter: bench.interpreter.display().to_string(),
        numpys: tried,
    })
}

fn write(arguments: &ProbeArgs, trials: &Trials) -> Result<()> {
    let file = arguments.output_file.as_deref();
    let text = match arguments.output_format {
        InspectFormat::Text => to_text(trials, arguments.common.detail(), output::colour(arguments.common.color, file)),
        InspectFormat::Json => {
            to_json(trials, Tool { version: env!("CARGO_PKG_VERSION"), knowledge: knowledge::KNOWLEDGE_DATE })?
        }
    };
    output::write(&text, file)
}

fn status(trials: &Trials) -> Result<ExitStatus> {
    let counts = trials.counts();
    if counts.failed > 0 || counts.unanswered > 0 || counts.disagree > 0 {
        return Ok(ExitStatus::Found);
    }
    if counts.missing > 0 && counts.missing == trials.numpys.len() {
        bail!("not one of the NumPys asked for could be had");
    }
    Ok(if counts.worked > 0 { ExitStatus::Fine } else { ExitStatus::NothingToCheck })
}
