//! The check of an environment.

use std::path::Path;

use advice::commands::Installer;
use anyhow::Result;
use contract::Provision;
use contract::judge::{
    DefinedType, DistributionInput, FileInput, FoundNumpy, NoSources, PythonSources, Surroundings, TargetInput,
    asked_types, judge_target,
};
use contract::report::{Python, TargetKind, UNOWNED};
use render::TargetHint;
use sources::PythonFiles;
use sources::environment::{self, Distribution, Environment, EnvironmentKind, Place, Recorded};

use crate::pipeline::{Checked, numpy, read};
use crate::settings::{PythonChoice, Settings};

/// Finds out everything about an environment and judges it. `progress`: whether to show any.
pub(crate) fn check(place: &Place, settings: &Settings, progress: bool) -> Result<Checked> {
    let mut environment = environment::discover(place, &environment::Surroundings::from_process())?;
    environment.python = python(environment.python.take(), settings);
    let mut problems = std::mem::take(&mut environment.problems);
    let numpy = match &settings.numpy {
        Some(version) => numpy::requested(version),
        None => numpy::found(&environment, &mut problems),
    };
    // A distribution behind another of the same name is never imported.
    let visible: Vec<&Distribution> =
        environment.distributions.iter().filter(|d| !d.shadowed && !d.compiled.is_empty()).collect();
    let sources: Vec<PythonFiles> = visible.iter().map(|d| PythonFiles::new(&d.site, &d.python_files)).collect();
    let against = numpy.as_ref().map(|numpy| &numpy.provision);
    let distributions = distributions(&environment, &visible, &sources, against, progress);
    let types = types(&visible, &distributions, environment.python.as_ref());
    let input = TargetInput {
        kind: TargetKind::Environment,
        path: shown(place, &environment.root),
        python: environment.python.clone(),
        numpy: numpy.clone(),
        distributions,
        surroundings: Surroundings { types, ..surroundings(&environment) },
        problems,
    };
    let report = judge_target(&input, knowledge::releases());
    Ok(Checked { report, hint: hint(&environment, place), transfer: None })
}

/// What the user named, or where the active environment is.
fn shown(place: &Place, root: &Path) -> String {
    match place {
        Place::Active => root.display().to_string(),
        Place::Path(path) => path.display().to_string(),
    }
}

/// What was found, save where the user says otherwise.
fn python(found: Option<Python>, settings: &Settings) -> Option<Python> {
    let asked = match &settings.python {
        Some(PythonChoice::Version(version)) if !settings.targets.is_empty() => Some(version.clone()),
        _ => None,
    };
    let version = asked.or(found.as_ref().map(|python| python.version.clone()))?;
    let platform = settings.platform.clone().or(found.map(|python| python.platform)).unwrap_or_default();
    Some(Python { version, platform })
}

/// The distributions with their files read, and the files that nobody owns.
fn distributions<'a>(
    environment: &Environment,
    visible: &[&Distribution],
    sources: &'a [PythonFiles],
    against: Option<&Provision>,
    progress: bool,
) -> Vec<DistributionInput<'a>> {
    let owned = visible.iter().flat_map(|distribution| &distribution.compiled);
    let files: Vec<_> = owned.chain(&environment.unowned).collect();
    let mut read = read::read_all(&files, against, progress).into_iter();
    let mut inputs: Vec<DistributionInput<'a>> = visible
        .iter()
        .zip(sources)
        .map(|(distribution, sources)| {
            let files = read.by_ref().take(distribution.compiled.len()).collect();
            owned_input(distribution, files, sources)
        })
        .collect();
    if !environment.unowned.is_empty() {
        inputs.push(unowned_input(read.collect()));
    }
    inputs
}

/// The sizes of types that one distribution defines and another one checks. Few files define any, and only those are
/// read once more.
fn types(visible: &[&Distribution], inputs: &[DistributionInput<'_>], python: Option<&Python>) -> Vec<DefinedType> {
    let mut found = Vec::new();
    for asked in asked_types(inputs, python) {
        // Files that nobody owns come last among the inputs, and have no distribution.
        let Some(home) = visible.get(asked.distribution) else { continue };
        let Some(file) = home.compiled.iter().find(|file| file.path == asked.path) else { continue };
        let sizes = read::type_sizes(&file.absolute, &asked.names);
        found.extend(sizes.into_iter().map(|(name, size)| DefinedType {
            name,
            size,
            distribution: format!("`{}` {}", home.name, home.version),
            path: asked.path.clone(),
        }));
    }
    found
}

fn owned_input<'a>(
    distribution: &Distribution,
    files: Vec<FileInput>,
    sources: &'a dyn PythonSources,
) -> DistributionInput<'a> {
    DistributionInput {
        name: distribution.name.clone(),
        version: distribution.version.clone(),
        installer: distribution.installer.clone(),
        declared_numpy: distribution.requires_numpy.clone(),
        wheel_tags: distribution.wheel_tags.clone(),
        files,
        sources,
    }
}

fn unowned_input(files: Vec<FileInput>) -> DistributionInput<'static> {
    DistributionInput {
        name: UNOWNED.to_owned(),
        version: String::new(),
        installer: None,
        declared_numpy: None,
        wheel_tags: Vec::new(),
        files,
        sources: &NoSources,
    }
}

fn surroundings(environment: &Environment) -> Surroundings {
    Surroundings {
        numpys: environment.numpys.iter().map(|numpy| found_numpy(environment, numpy)).collect(),
        isolated: match environment.kind {
            EnvironmentKind::Venv | EnvironmentKind::Conda => Some(true),
            EnvironmentKind::System => Some(false),
            EnvironmentKind::SitePackages => None,
        },
        conda: environment.kind == EnvironmentKind::Conda,
        types: Vec::new(),
    }
}

/// A NumPy together with what the metadata beside it says.
fn found_numpy(environment: &Environment, numpy: &environment::FoundNumpy) -> FoundNumpy {
    let beside: Vec<&Distribution> = records(environment, numpy).collect();
    let own = beside.iter().find(|d| Some(&d.version) == numpy.version.as_ref()).or(beside.first());
    let conda = |d: &Distribution| d.recorded_by == Recorded::Conda;
    let folder = |d: &&&Distribution| d.metadata_dir.parent() == Some(d.site.as_path());
    let name = |d: &&Distribution| d.metadata_dir.file_name().map(|name| name.to_string_lossy().into_owned());
    FoundNumpy {
        path: numpy.folder.display().to_string(),
        version: numpy.version.clone(),
        installer: own.and_then(|d| d.installer.clone()),
        wins: numpy.wins,
        why: numpy.why.clone(),
        metadata_folders: beside.iter().filter(folder).filter_map(name).collect(),
        conda_record: beside.iter().any(|d| conda(d)) && own.is_some_and(|d| !conda(d)),
        missing_files: own.map_or(0, |d| d.missing_files),
        core_generations: numpy.core_generations.clone(),
    }
}

/// The records of a NumPy: distributions of that name in the same folder of the search path.
fn records<'a>(
    environment: &'a Environment,
    numpy: &'a environment::FoundNumpy,
) -> impl Iterator<Item = &'a Distribution> {
    let site = numpy.folder.parent();
    environment
        .distributions
        .iter()
        .filter(move |d| d.name.eq_ignore_ascii_case("numpy") && site == Some(d.site.as_path()))
}

/// How distributions are installed into the environment.
fn hint(environment: &Environment, place: &Place) -> TargetHint {
    let winner = environment.numpys.iter().find(|numpy| numpy.wins);
    let record = winner.and_then(|numpy| records(environment, numpy).find_map(|d| d.installer.as_deref()));
    let installer = match record {
        Some("uv") => Installer::Uv,
        Some("conda") => Installer::Conda,
        _ => Installer::Pip,
    };
    let conda = installer == Installer::Conda;
    let reached = if conda { Some(&environment.root) } else { environment.interpreter.as_ref() };
    let named = |path: &std::path::PathBuf| path.display().to_string();
    TargetHint {
        installer,
        place: reached.filter(|_| *place != Place::Active).map(named),
        can_install: reached.is_some() && !environment.externally_managed,
    }
}
