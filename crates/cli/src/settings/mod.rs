//! Arguments and configuration, merged and made sure of: whoever has [`Settings`] needs not check them again.

mod file;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use contract::Version;

use sources::lockfile::Wanted;

use crate::args::{CheckArgs, FailOn, MatrixArgs, OutputFormat};
use file::ConfigFile;
pub(crate) use file::{Ignore, did_you_mean};

/// What `numpact check` is to do.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// What to check; empty for the active environment.
    pub(crate) targets: Vec<PathBuf>,
    /// The NumPy to judge against, where one is asked for.
    pub(crate) numpy: Option<Version>,
    /// The Python, where one is asked for.
    pub(crate) python: Option<PythonChoice>,
    /// The platform, where one is asked for, in numpact's words.
    pub(crate) platform: Option<String>,
    /// The format of the report.
    pub(crate) format: OutputFormat,
    /// From which verdict on the program ends with status 1.
    pub(crate) fail_on: FailOn,
    /// What wheels must work with, as version specifiers: `>=1.23,<3`.
    pub(crate) expect: Option<String>,
    /// Import what is incompatible or undetermined.
    pub(crate) confirm: bool,
    /// Extras and dependency groups: of a `pyproject.toml` those to add, of a lock file those to keep.
    pub(crate) wanted: Wanted,
    /// Take requirements without what they require themselves.
    pub(crate) no_deps: bool,
    /// Fetch nothing.
    pub(crate) offline: bool,
    /// Judge under many releases too.
    pub(crate) columns: Option<Columns>,
    /// Findings to be ignored.
    pub(crate) ignore: Vec<Ignore>,
    /// The configuration file that was read, if any.
    pub(crate) file: Option<PathBuf>,
}

/// The NumPy releases that a matrix has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    /// As version specifiers, `>=1.23,<3`; every release that exists for the Python where nothing is said.
    pub(crate) within: Option<String>,
}

/// A Python that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PythonChoice {
    /// A version: `3.11`.
    Version(String),
    /// An interpreter or environment.
    Path(PathBuf),
}

impl Settings {
    /// Settings for looking at one environment as it is, whatever the configuration asks of checks.
    pub(crate) fn for_environment(offline: bool) -> Self {
        Self {
            targets: Vec::new(),
            numpy: None,
            python: None,
            platform: None,
            format: OutputFormat::default(),
            fail_on: FailOn::default(),
            expect: None,
            offline,
            confirm: false,
            wanted: Wanted::default(),
            no_deps: false,
            columns: None,
            ignore: Vec::new(),
            file: None,
        }
    }

    /// The settings of `numpact matrix`, merged with the configuration as [`Settings::new`] does.
    pub(crate) fn of_matrix(arguments: &MatrixArgs, folder: &Path) -> Result<Self> {
        let within = arguments.numpy.as_deref().map(|text| releases_in("--numpy", text)).transpose()?;
        let settings = Self::new(&arguments.as_check(), folder)?;
        // Which NumPy a configuration judges against is no question here.
        Ok(Self { columns: Some(Columns { within }), numpy: None, ..settings })
    }

    /// Merges arguments with the configuration of `folder` or of the nearest folder above it. Arguments win.
    pub(crate) fn new(arguments: &CheckArgs, folder: &Path) -> Result<Self> {
        let (file, path) = match file::nearest(folder)? {
            Some((file, path)) => (file, Some(path)),
            None => (ConfigFile::default(), None),
        };
        let of_file =
            |key: &str| path.as_ref().map(|path| format!("`{}`: `{key}`", path.display())).unwrap_or_default();
        let numpy = match &arguments.numpy {
            Some(text) => numpy(Some(text))?,
            None => numpy(file.numpy.as_deref()).with_context(|| of_file("numpy"))?,
        };
        let platform = match &arguments.platform {
            Some(text) => platform(Some(text))?,
            None => platform(file.platform.as_deref()).with_context(|| of_file("platform"))?,
        };
        Ok(Self {
            targets: arguments.targets.clone(),
            numpy,
            python: arguments.python.as_deref().or(file.python.as_deref()).map(python_choice),
            platform,
            format: arguments.output_format.or(file.output_format).unwrap_or_default(),
            fail_on: arguments.fail_on.or(file.fail_on).unwrap_or_default(),
            expect: expectation(arguments.expect.as_deref())?,
            confirm: arguments.confirm,
            wanted: Wanted {
                extras: names(&arguments.wanted.extra, arguments.wanted.no_extras),
                groups: names(&arguments.wanted.group, arguments.wanted.no_groups),
            },
            no_deps: arguments.wanted.no_deps,
            offline: arguments.offline,
            columns: None,
            ignore: file.ignore,
            file: path,
        })
    }
}

/// Names that were given; `None` where nothing was said.
fn names(given: &[String], none: bool) -> Option<Vec<String>> {
    (none || !given.is_empty()).then(|| given.to_vec())
}

/// A release of NumPy whose line is known.
pub(crate) fn numpy(text: Option<&str>) -> Result<Option<Version>> {
    let Some(text) = text else { return Ok(None) };
    let version: Version = text.parse()?;
    if knowledge::line_of(&version).is_none() {
        let known = knowledge::releases();
        let ends = known.first().zip(known.last()).map(|(a, b)| format!("{} to {}", a.version, b.version));
        bail!("NumPy `{version}` is not known: the releases known are {}", ends.unwrap_or_default());
    }
    Ok(Some(version))
}

/// The specifiers of `numpy>=1.23,<3`. One that no known release meets could not fail, and so is refused.
fn expectation(text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    match text.trim().strip_prefix("numpy") {
        Some(specifiers) => releases_in("--expect", specifiers).map(Some),
        None => bail!("`--expect {text}` is about no NumPy; give something like `numpy>=1.23,<3`"),
    }
}

/// Specifiers of NumPy releases that contain a known one, without spaces. `option`: who asks.
fn releases_in(option: &str, text: &str) -> Result<String> {
    let specifiers = text.replace(' ', "");
    // A version by itself, as `check` and `probe` take it, is that release.
    let specifiers = if specifiers.parse::<Version>().is_ok() { format!("=={specifiers}") } else { specifiers };
    for release in knowledge::releases() {
        if release.version.satisfies(&specifiers)? {
            return Ok(specifiers);
        }
    }
    bail!("`{option} {text}` contains no known release of NumPy")
}

fn platform(text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let _: sources::wheel::Platform = text.parse()?;
    Ok(Some(text.to_owned()))
}

/// `3.11` and `3.11.7` are versions; whatever else is a path.
fn python_choice(text: &str) -> PythonChoice {
    let version = text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()));
    if version { PythonChoice::Version(text.to_owned()) } else { PythonChoice::Path(PathBuf::from(text)) }
}

#[cfg(test)]
mod tests {
    use super::{PythonChoice, Settings, python_choice, releases_in};
    use crate::args::{CheckArgs, FailOn, OutputFormat};

    #[test]
    fn versions_and_paths_are_told_apart() {
        assert_eq!(python_choice("3.11"), PythonChoice::Version("3.11".to_owned()));
        assert_eq!(python_choice("./3.11"), PythonChoice::Path("./3.11".into()));
        assert_eq!(python_choice("python3"), PythonChoice::Path("python3".into()));
    }

    #[test]
    fn a_version_by_itself_is_that_release() {
        assert_eq!(releases_in("--numpy", "2.2.6").expect("known"), "==2.2.6");
        assert_eq!(releases_in("--numpy", ">=1.26, <3").expect("known"), ">=1.26,<3");
        assert!(releases_in("--numpy", "9.9").is_err());
    }

    #[test]
    fn arguments_win_over_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = "fail-on = 'at-risk'\noutput-format = 'json'\nnumpy = '1.26.4'\n";
        std::fs::write(folder.path().join("numpact.toml"), text).expect("written");
        let arguments = CheckArgs { output_format: Some(OutputFormat::Sarif), ..CheckArgs::default() };
        let settings = Settings::new(&arguments, folder.path()).expect("valid settings");
        assert_eq!((settings.fail_on, settings.format), (FailOn::AtRisk, OutputFormat::Sarif));
        assert_eq!(settings.numpy.map(|version| version.to_string()).as_deref(), Some("1.26.4"));
    }

    #[test]
    fn a_value_of_the_file_that_makes_no_sense_is_refused_with_the_file_and_the_key() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("numpact.toml");
        for (key, value) in [("numpy", "9.9"), ("platform", "amiga")] {
            std::fs::write(&path, format!("{key} = '{value}'\n")).expect("written");
            let told = format!("{:#}", Settings::new(&CheckArgs::default(), folder.path()).expect_err("refused"));
            assert!(told.starts_with(&format!("`{}`: `{key}`: ", path.display())), "{told}");
            assert!(told.contains(&format!("`{value}`")), "{told}");
        }
        // What the command line says is not the file's fault, and what it does not take is not looked at.
        let arguments = CheckArgs { platform: Some("linux-x86_64".to_owned()), ..CheckArgs::default() };
        assert!(Settings::new(&arguments, folder.path()).is_ok());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refuse = |arguments: CheckArgs| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            Settings::new(&arguments, folder.path()).expect_err("refused").to_string()
        };
        let some = |text: &str| Some(text.to_owned());
        assert!(refuse(CheckArgs { numpy: some("new"), ..CheckArgs::default() }).contains("`new`"));
        assert!(refuse(CheckArgs { numpy: some("9.9"), ..CheckArgs::default() }).contains("is not known"));
        assert!(refuse(CheckArgs { platform: some("amiga"), ..CheckArgs::default() }).contains("`amiga`"));
    }
}
