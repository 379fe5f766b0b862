//! What the words of `numpact check` name: by what lies on disk, by the name of a file, or as requirements.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use contract::Version;
use sources::environment::{DiscoverError, Place, Surroundings, may_be_interpreter};
use sources::lockfile::{LockError, LockKind, Wanted};
use sources::project::{is_sdist, is_source_tree};
use sources::requirements;
use sources::wheel::WheelName;

use crate::pipeline::access::Access;
use crate::pipeline::{self, Checked};
use crate::settings::{PythonChoice, Settings};

/// Ends of file names that no distribution is likely to have.
const FILE_ENDINGS: &[&str] = &[
    ".cfg", ".exe", ".gz", ".in", ".ini", ".json", ".lock", ".py", ".tar", ".toml", ".txt", ".whl", ".yaml", ".yml",
    ".zip",
];

/// What is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An environment.
    Environment(Place),
    /// One compiled file.
    Binary(PathBuf),
    /// A wheel on disk, and the NumPy whose wheel was named beside it.
    Wheel(PathBuf, Option<Version>),
    /// A source distribution on disk.
    Sdist(PathBuf),
    /// A lock file.
    Lockfile(PathBuf),
    /// A requirements file.
    RequirementsFile(PathBuf),
    /// The dependencies of a `pyproject.toml`.
    Project(PathBuf),
    /// Requirement specifiers that would be installed together.
    Requirements(Vec<String>),
}

impl Target {
    /// What a word on the command line means.
    fn of(path: &Path) -> Result<Self> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let place = path.to_path_buf();
        if is_compiled(&name) && path.is_file() {
            return Ok(Self::Binary(place));
        }
        if path.is_dir() {
            return Ok(Self::Environment(Place::Path(place)));
        }
        if let Some(specifier) = specifier(path) {
            return Ok(Self::Requirements(vec![specifier]));
        }
        let ends = |end: &str| name.to_ascii_lowercase().ends_with(end);
        Ok(match LockKind::of(&name) {
            Some(_) => Self::Lockfile(place),
            None if ends(".whl") => Self::Wheel(place, None),
            None if is_sdist(&name) && path.is_file() => Self::Sdist(place),
            None if ends(".txt") => Self::RequirementsFile(place),
            None if name == "pyproject.toml" => Self::Project(place),
            None if ends(".lock") || ends(".toml") => unknown_lock(place)?,
            None if path.is_file() => file(place)?,
            None if !path.exists() && is_bare_name(&place) => Self::Requirements(vec![name]),
            None => Self::Environment(Place::Path(place)),
        })
    }

    /// The file that it is, or that says what it is.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let file = match self {
            Self::Environment(Place::Path(path)) if is_source_tree(path) => path.join("pyproject.toml"),
            Self::Environment(_) | Self::Requirements(_) => return None,
            Self::Binary(path)
            | Self::Wheel(path, _)
            | Self::Sdist(path)
            | Self::Lockfile(path)
            | Self::RequirementsFile(path)
            | Self::Project(path) => path.clone(),
        };
        file.is_file().then_some(file)
    }

    /// Judges it; a lock file may hold several environments.
    pub(super) fn check(&self, settings: &Settings, progress: bool) -> Result<Vec<Checked>> {
        let access = || Access::new(settings, progress);
        match self {
            Self::Environment(place) => check_place(place, settings, progress, access),
            Self::Binary(path) => Ok(vec![pipeline::binary::check(path, settings)?]),
            Self::Wheel(path, numpy) => Ok(vec![pipeline::wheels::check(path, numpy.as_ref(), &access()?)?]),
            Self::Sdist(path) => Ok(vec![pipeline::project::check_sources(path, &access()?)?]),
            Self::Lockfile(path) => pipeline::locks::check(path, &access()?),
            Self::RequirementsFile(path) => pipeline::requirements::check_file(path, &access()?),
            Self::Project(path) => pipeline::project::check_dependencies(path, settings, &access()?),
            Self::Requirements(all) => pipeline::requirements::check_specifiers(all, &access()?),
        }
    }
}

/// A file that the name of a lock file may end like: some tools write requirements to `requirements.lock`.
fn unknown_lock(path: PathBuf) -> Result<Target> {
    let shown = path.display().to_string();
    if !path.is_file() {
        bail!("cannot open `{shown}`: there is no such file");
    }
    match requirements::make_sure(&path) {
        Ok(()) => Ok(Target::RequirementsFile(path)),
        Err(_) => bail!(LockError::Unknown { path: shown }),
    }
}

/// A file whose name tells nothing: what starts like a program may be an interpreter, a text must be a requirements file.
fn file(path: PathBuf) -> Result<Target> {
    if may_be_interpreter(&path) || path.ends_with("pyvenv.cfg") {
        return Ok(Target::Environment(Place::Path(path)));
    }
    let Err(error) = requirements::make_sure(&path) else { return Ok(Target::RequirementsFile(path)) };
    let shown = path.display();
    let none = format!("`{shown}` is neither an interpreter nor a compiled file, a wheel or a requirements file");
    let error = anyhow::Error::new(error).context(none);
    Err(if is_bare_name(&path) { error.context(of_that_name(&path)) } else { error })
}

/// What to say of a name that is a file's or a folder's.
fn of_that_name(path: &Path) -> String {
    let name = path.display();
    format!(
        "`{name}` is a file or folder here; the distribution of that name is checked by `numpact check '{name}>=0'`"
    )
}

/// Judges an environment, or a source tree where there is none.
fn check_place(
    place: &Place,
    settings: &Settings,
    progress: bool,
    access: impl Fn() -> Result<Access>,
) -> Result<Vec<Checked>> {
    let outcome = pipeline::environment::check(place, settings, progress);
    match (outcome, place) {
        (Err(error), Place::Path(path)) if is_none(&error) && is_source_tree(path) => {
            Ok(vec![pipeline::project::check_sources(path, &access()?)?])
        }
        (Err(error), Place::Path(path)) if is_bare_name(path) => Err(error.context(of_that_name(path))),
        (outcome, _) => Ok(vec![outcome?]),
    }
}

/// Whether what was named is there and is no environment.
fn is_none(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(DiscoverError::NotAnEnvironment { .. }))
}

/// Whether a word could be the name of a distribution alone: `torch`, `zope.interface`. Versions, interpreters and what
/// ends as a file does are none.
fn is_bare_name(path: &Path) -> bool {
    let Some(word) = path.to_str() else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let ends =
        word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.ends_with(|c: char| c.is_ascii_alphanumeric());
    let lower = word.to_ascii_lowercase();
    let file = FILE_ENDINGS.iter().any(|end| lower.ends_with(end)) || is_compiled(word);
    let interpreter =
        lower.strip_prefix("python").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'));
    let number = word.chars().all(|c| c.is_ascii_digit() || c == '.');
    ends && word.chars().all(plain) && !file && !interpreter && !number
}

/// By the name of the file: `.so`, `.so.1`, `.pyd`, `.dylib`, `.dll`.
fn is_compiled(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".so", ".pyd", ".dylib", ".dll"].iter().any(|end| name.ends_with(end)) || name.contains(".so.")
}

/// A word that names no file and compares versions, names extras or an address: `torch==2.2.2`, `ray[data]`.
fn specifier(path: &Path) -> Option<String> {
    let word = path.to_str().filter(|_| !path.exists())?;
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let rest = word.trim_start_matches(of_name);
    let named = word.starts_with(|c: char| c.is_ascii_alphanumeric());
    let goes_on = rest.starts_with(['=', '<', '>', '~', '!', '[', '@', ';']);
    (named && goes_on).then(|| word.to_owned())
}

/// What the user named; nothing is the Python of `--python`, or the active environment.
pub(super) fn targets(settings: &Settings) -> Result<Vec<Target>> {
    let targets = if settings.targets.is_empty() {
        vec![Target::Environment(match &settings.python {
            None => Place::Active,
            Some(PythonChoice::Path(path)) => Place::Path(path.clone()),
            Some(PythonChoice::Version(version)) => Place::Path(on_path(version)?),
        })]
    } else {
        let named = settings.targets.iter().map(|path| Target::of(path)).collect::<Result<Vec<_>>>()?;
        beside_numpy(together(named))
    };
    if settings.wanted != Wanted::default() {
        make_sure_of_project(&targets)?;
    }
    Ok(targets)
}

/// Groups and extras are those of a project; without one they would be passed over.
fn make_sure_of_project(targets: &[Target]) -> Result<()> {
    if targets.iter().any(|target| matches!(target, Target::Project(_) | Target::Lockfile(_))) {
        return Ok(());
    }
    bail!("`--group` and `--extra` are about a `pyproject.toml` or a lock file, and none was named")
}

/// All requirements are one target, in the place of the first.
fn together(named: Vec<Target>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for target in named {
        let first = targets.iter_mut().find_map(|target| match target {
            Target::Requirements(all) => Some(all),
            _ => None,
        });
        match (target, first) {
            (Target::Requirements(more), Some(all)) => all.extend(more),
            (target, _) => targets.push(target),
        }
    }
    targets
}

/// A NumPy's wheel among other wheels is what they are judged against, and no target of its own.
fn beside_numpy(mut targets: Vec<Target>) -> Vec<Target> {
    let version = targets.iter().find_map(numpy_version);
    let others = targets.iter().any(|target| matches!(target, Target::Wheel(..)) && numpy_version(target).is_none());
    if let (Some(version), true) = (version, others) {
        targets.retain(|target| numpy_version(target).is_none());
        for target in &mut targets {
            if let Target::Wheel(_, numpy) = target {
                *numpy = Some(version.clone());
            }
        }
    }
    targets
}

/// The version of a NumPy's wheel.
fn numpy_version(target: &Target) -> Option<Version> {
    let Target::Wheel(path, _) = target else { return None };
    let name = WheelName::parse(&path.file_name()?.to_string_lossy())?;
    if contract::judge::is_numpy(&name.name) { name.version.parse().ok() } else { None }
}

/// The interpreter of that version on PATH.
fn on_path(version: &str) -> Result<PathBuf> {
    let names = [format!("python{version}"), format!("python{version}.exe")];
    let folders = Surroundings::from_process().path;
    let candidates = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    match candidates.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!("no `python{version}` is on PATH; give the path of an interpreter instead"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Place, Target, beside_numpy, specifier, together};

    fn of(words: &[&str]) -> Vec<Target> {
        words.iter().map(|word| Target::of(Path::new(word)).expect("a target")).collect()
    }

    #[test]
    fn requirements_are_told_from_paths() {
        for word in ["torch==2.2.2", "numpy <2", "ray[data]", "a.b_c~=1.0", "x @ https://example.org/x.whl", "y; extra"]
        {
            assert_eq!(specifier(Path::new(word)).as_deref(), Some(word));
        }
        for word in ["torch", ".venv", "./a==1", "--x=1", "dir/a==1"] {
            assert_eq!(specifier(Path::new(word)), None, "{word}");
        }
    }

    #[test]
    fn a_name_alone_is_a_requirement_unless_something_lies_there_or_it_looks_like_a_file() {
        for word in ["torch", "zope.interface", "scikit-learn", "a1"] {
            assert_eq!(of(&[word]), [Target::Requirements(vec![word.to_owned()])]);
        }
        // Tests run in the folder of the crate, which has a `src`.
        for word in
            ["src", "3.11", "python3", "python3.12", ".venv", "venv/bin", "missing.cfg", "missing.in", "-x", "x-"]
        {
            assert_eq!(of(&[word]), [Target::Environment(Place::Path(word.into()))], "{word}");
        }
    }

    #[test]
    fn requirements_come_together_and_wheels_stay_apart() {
        let targets = together(of(&["a.whl", "x==1", "uv.lock", "y<2", "requirements-dev.txt"]));
        assert_eq!(
            targets,
            [
                Target::Wheel("a.whl".into(), None),
                Target::Requirements(vec!["x==1".to_owned(), "y<2".to_owned()]),
                Target::Lockfile("uv.lock".into()),
                Target::RequirementsFile("requirements-dev.txt".into()),
            ]
        );
    }

    #[test]
    fn the_wheel_of_a_numpy_judges_those_beside_it() {
        let numpy = "numpy-2.2.6-cp311-cp311-win_amd64.whl";
        let version = "2.2.6".parse().ok();
        assert_eq!(beside_numpy(of(&["a.whl", numpy])), [Target::Wheel("a.whl".into(), version)]);
        assert_eq!(beside_numpy(of(&[numpy])), [Target::Wheel(numpy.into(), None)]);
    }
}
