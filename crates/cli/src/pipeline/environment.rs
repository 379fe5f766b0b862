//! The check of an environment.

use std::path::{Path, PathBuf};

use advice::commands::Installer;
use anyhow::Result;
use contract::judge::{
    DefinedType, DistributionInput, FileInput, FoundNumpy, NoSources, PythonSources, Surroundings, TargetInput,
    asked_types, judge_target,
};
use contract::report::{JudgedNumpy, Python, TargetKind, TargetReport, UNOWNED};
use render::TargetHint;
use sources::PythonFiles;
use sources::environment::{self, Distribution, Environment, EnvironmentKind, Place, Recorded};

use crate::pipeline::means::Means;
use crate::pipeline::{Checked, matrix, numpy, read, trials};
use crate::settings::{PythonChoice, Settings};

/// Finds out everything about an environment and judges it. `progress`: whether to show any.
pub(crate) fn check(place: &Place, settings: &Settings, progress: bool) -> Result<Checked> {
    let depth = if settings.columns.is_some() { Depth::Everything } else { Depth::Enough };
    let scene = Scene::gather(place, settings, depth, progress)?;
    let input = scene.input();
    let matrix = matrix::judged(&input, settings.columns.as_ref());
    let report = judge_target(&input, knowledge::releases());
    let trials = if settings.confirm { trials::confirm(&scene, &report, settings, progress)? } else { Vec::new() };
    Ok(Checked { report, matrix, hint: scene.hint(), trials })
}

/// The judgement of an environment with the range of every distribution worked out, by what its imports surely load.
pub(crate) fn ranges(place: &Place, settings: &Settings) -> Result<TargetReport> {
    let scene = Scene::gather(place, settings, Depth::Everything, false)?;
    let report = scene.ranges();
    Ok(TargetReport { kind: TargetKind::Environment, ..report })
}

/// How much is read of compiled files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// No more than it takes to see that a file fits the NumPy at hand.
    Enough,
    /// Everything, to judge against other NumPys too.
    Everything,
}

/// An environment with its files read.
pub(crate) struct Scene {
    pub(crate) environment: Environment,
    pub(crate) numpy: Option<JudgedNumpy>,
    place: Place,
    problems: Vec<String>,
    /// Positions of the distributions that hold compiled files and are not shadowed.
    visible: Vec<usize>,
    /// For each of them, its Python sources and what its compiled files told.
    sources: Vec<PythonFiles>,
    files: Vec<Vec<FileInput>>,
    /// What the files told that nobody owns.
    unowned: Vec<FileInput>,
    /// The sizes of types that one distribution defines and another one checks.
    types: Vec<DefinedType>,
}

impl Scene {
    /// Finds an environment and reads its files.
    pub(crate) fn gather(place: &Place, settings: &Settings, depth: Depth, progress: bool) -> Result<Self> {
        let mut environment = environment::discover(place, &environment::Surroundings::from_process())?;
        environment.python = python(environment.python.take(), settings);
        let mut problems = std::mem::take(&mut environment.problems);
        let numpy = match &settings.numpy {
            Some(version) => numpy::requested(version),
            None => numpy::found(&environment, &mut problems),
        };
        // A distribution behind another of the same name is never imported.
        let looked_at = |d: &Distribution| !d.shadowed && !d.compiled.is_empty();
        let all = environment.distributions.iter().enumerate();
        let visible: Vec<usize> = all.filter(|(_, d)| looked_at(d)).map(|(index, _)| index).collect();
        let mut scene = Self {
            place: place.clone(),
            problems,
            visible,
            sources: Vec::new(),
            files: Vec::new(),
            unowned: Vec::new(),
            types: Vec::new(),
            numpy,
            environment,
        };
        scene.read(depth, progress);
        Ok(scene)
    }

    fn read(&mut self, depth: Depth, progress: bool) {
        let visible: Vec<&Distribution> = self.visible().collect();
        let owned = visible.iter().flat_map(|distribution| &distribution.compiled);
        let files: Vec<_> = owned.chain(&self.environment.unowned).collect();
        let numpy = self.numpy.as_ref().filter(|_| depth == Depth::Enough);
        let mut read = read::read_all(&files, numpy.map(|numpy| &numpy.provision), progress).into_iter();
        let sources = visible.iter().map(|d| PythonFiles::new(&d.site, &d.python_files)).collect();
        let files = visible.iter().map(|d| read.by_ref().take(d.compiled.len()).collect()).collect();
        self.unowned = read.collect();
        (self.sources, self.files) = (sources, files);
        self.types = self.types();
    }

    /// The sizes of types that one distribution defines and another one checks. Few files define any, and only those are
    /// read once more.
    fn types(&self) -> Vec<DefinedType> {
        let visible: Vec<&Distribution> = self.visible().collect();
        let owned = visible.iter().zip(&self.files).map(|(d, files)| (d.name.as_str(), files.as_slice()));
        let all: Vec<(&str, &[FileInput])> = owned.chain([(UNOWNED, self.unowned.as_slice())]).collect();
        let mut found = Vec::new();
        for asked in asked_types(&all, self.environment.python.as_ref()) {
            // Files that nobody owns come last, and have no distribution.
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

    fn visible(&self) -> impl Iterator<Item = &Distribution> {
        self.visible.iter().filter_map(|index| self.environment.distributions.get(*index))
    }

    /// What a judgement of the whole rests on.
    pub(crate) fn input(&self) -> TargetInput<'_> {
        TargetInput {
            kind: TargetKind::Environment,
            path: shown(&self.place, &self.environment.root),
            python: self.environment.python.clone(),
            numpy: self.numpy.clone(),
            distributions: self.distributions(),
            surroundings: Surroundings { types: self.types.clone(), ..surroundings(&self.environment) },
            problems: self.problems.clone(),
        }
    }

    /// The distributions with their files read, and the files that nobody owns.
    pub(crate) fn distributions(&self) -> Vec<DistributionInput<'_>> {
        let parts = self.visible().zip(&self.files).zip(&self.sources);
        let mut inputs: Vec<DistributionInput<'_>> =
            parts.map(|((distribution, files), sources)| owned_input(distribution, files.clone(), sources)).collect();
        if !self.unowned.is_empty() {
            inputs.push(unowned_input(self.unowned.clone()));
        }
        inputs
    }

    /// The judgement with every distribution's range by what its imports surely load. An ordinary check of an environment
    /// works that out only where something does not fit, since it costs time.
    pub(crate) fn ranges(&self) -> TargetReport {
        judge_target(&TargetInput { kind: TargetKind::Wheel, ..self.input() }, knowledge::releases())
    }

    /// How distributions are installed into it.
    pub(crate) fn hint(&self) -> TargetHint {
        self.hint_with(&Means::by_name(&self.environment))
    }

    /// The same for the tools that are known to be there.
    pub(crate) fn hint_with(&self, means: &Means) -> TargetHint {
        hint(&self.environment, &self.place, means)
    }

    /// Who keeps the environment, there or not.
    pub(crate) fn keeper(&self) -> Installer {
        keeper(&self.environment)
    }
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

/// A distribution as the judgement takes it.
pub(super) fn owned_input<'a>(
    distribution: &Distribution,
    files: Vec<FileInput>,
    sources: &'a dyn PythonSources,
) -> DistributionInput<'a> {
    DistributionInput {
        name: distribution.name.clone(),
        version: distribution.version.clone(),
        installer: distribution.installer.clone(),
        declared_numpy: distribution.requires_numpy.clone(),
        build: None,
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
        build: None,
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
        .filter(move |d| contract::judge::is_numpy(&d.name) && site == Some(d.site.as_path()))
}

/// How distributions are installed into the environment, with what is there to do it.
fn hint(environment: &Environment, place: &Place, means: &Means) -> TargetHint {
    let keeper = keeper(environment);
    let direct = means.direct(keeper);
    // What one of the two installed the other can change as well; what has a lock file or channels, nobody else.
    let installer = if matches!(keeper, Installer::Pip | Installer::Uv) { direct } else { keeper };
    let conda = installer == Installer::Conda;
    let reached = if conda { Some(&environment.root) } else { environment.interpreter.as_ref() };
    let outside = means.pip.as_ref().map_or_else(|| vec!["pip".to_owned()], |pip| pip.outside.clone());
    // The active environment is what commands reach by themselves, unless the pip that they reach is another one's.
    let by_itself = *place == Place::Active && (outside.is_empty() || installer != Installer::Pip);
    let named = |path: &Path| path.display().to_string();
    TargetHint {
        installer,
        place: if installer.keeps_lock() {
            project(environment, installer).map(|path| named(&path))
        } else {
            reached.filter(|_| !by_itself).map(|path| named(path))
        },
        interpreter: environment.interpreter.as_deref().map(named),
        direct,
        outside,
        file: None,
        can_install: reached.is_some() && !environment.externally_managed,
        sites: environment.distributions.iter().map(|d| (d.name.clone(), named(&d.site))).collect(),
    }
}

/// Who keeps the environment, where its place tells more than what its files say of who installed them.
fn keeper(environment: &Environment) -> Installer {
    let winner = environment.numpys.iter().find(|numpy| numpy.wins);
    let record = winner.and_then(|numpy| records(environment, numpy).find_map(|d| d.installer.as_deref()));
    let recorded = Installer::of_record(record);
    let beside = |name: &str| environment.root.parent().is_some_and(|folder| folder.join(name).is_file());
    match recorded {
        Installer::Conda if pixi_project(environment).is_some() => Installer::Pixi,
        // The environments that uv keeps for a project are made new from its lock file.
        Installer::Uv if environment.root.ends_with(".venv") && beside("uv.lock") && beside("pyproject.toml") => {
            Installer::UvProject
        }
        other => other,
    }
}

/// The project whose lock file says what is in the environment, as its tool wants it named; `None` where the tool finds
/// it by itself, from the working folder, or where it cannot be told from the environment.
fn project(environment: &Environment, installer: Installer) -> Option<PathBuf> {
    let here = environment::Surroundings::from_process().folder;
    if matches!(installer, Installer::Pixi | Installer::PixiIndex) {
        let folder = pixi_project(environment).filter(|folder| *folder != here)?;
        let manifests = ["pixi.toml", "pyproject.toml"].map(|name| folder.join(name));
        return manifests.into_iter().find(|manifest| manifest.is_file());
    }
    let folder = environment.root.parent().filter(|folder| folder.join("pyproject.toml").is_file() && *folder != here);
    folder.map(Path::to_owned)
}

/// The folder of the project in whose `.pixi` the environment lies.
fn pixi_project(environment: &Environment) -> Option<PathBuf> {
    let inside = environment.root.ancestors().find(|folder| folder.ends_with(".pixi"));
    inside.and_then(Path::parent).map(Path::to_owned)
}
