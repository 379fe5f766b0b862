//! What `explain` finds out from a text, as plain values.

use serde::Serialize;

use super::families::SILENT;
use super::message::Message;
use crate::commands::Installer;

/// What the recognised message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Compiled code and NumPy do not fit each other.
    NumpyAbi,
    /// NumPy's own installation is damaged, mixed or hidden.
    NumpyInstallation,
    /// Something that looks like it and is not.
    NotNumpyAbi,
    /// It may be one of them; the text alone cannot tell.
    Undetermined,
}

impl Subject {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NumpyAbi => "numpy-abi",
            Self::NumpyInstallation => "numpy-installation",
            Self::NotNumpyAbi => "not-numpy-abi",
            Self::Undetermined => "undetermined",
        }
    }
}

/// On which side of what the compiled code asks for the running NumPy lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// NumPy is newer than what the code was compiled for.
    NumpyTooNew,
    /// NumPy is older than what the code asks for.
    NumpyTooOld,
}

impl Direction {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NumpyTooNew => "numpy-too-new",
            Self::NumpyTooOld => "numpy-too-old",
        }
    }
}

/// What the problem does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing: a warning that may be ignored.
    Harmless,
    /// Nothing by itself: a warning after which the import goes on, and which something else may follow.
    Warns,
    /// The text does not tell whether the program went on.
    Unknown,
    /// The import goes on, and a later call fails.
    FailsAtUse,
    /// The import fails.
    FailsAtImport,
    /// The process dies without an exception.
    Crash,
}

impl Effect {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Warns => "warns",
            Self::Unknown => "unknown",
            Self::FailsAtUse => "fails-at-use",
            Self::FailsAtImport => "fails-at-import",
            Self::Crash => "crash",
        }
    }
}

/// How sure a culprit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// One of several that were loaded.
    Suspect,
    /// Concluded from the frames around the message.
    Likely,
    /// The text itself names it.
    Certain,
}

impl Sureness {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspect => "suspect",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A distribution that the text holds responsible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Culprit {
    /// The distribution's name, as an installer knows it.
    pub distribution: String,
    /// The importable module that led to it.
    pub module: String,
    /// Its version, where a list of packages gives it.
    pub version: Option<String>,
    /// The file of it that the text names, below `site-packages`.
    pub file: Option<String>,
    /// How sure it is.
    pub sureness: Sureness,
    /// The line of the input that named it, from 1.
    pub line: usize,
    /// Distributions through which it was imported, outermost first.
    pub imported_by: Vec<String>,
    /// How far its wheels are known to go, where the table of distributions has it.
    pub history: Option<History>,
}

/// What the table of distributions says of one, for one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    /// The newest release whose wheel was seen to need NumPy 1.x.
    pub last_for_numpy_1: Option<String>,
    /// The oldest release whose wheel was seen to work with NumPy 2.
    pub first_for_numpy_2: Option<String>,
    /// The newest release that has a wheel for the platform.
    pub newest: String,
    /// The newest release of all, for whatever platform.
    pub newest_anywhere: String,
    /// The platform this holds for.
    pub platform: String,
    /// How many of the platforms that were looked at the text leaves possible.
    pub possible: usize,
    /// Whether no release that works with NumPy 2 has a wheel for the platform.
    pub frozen: bool,
    /// The platforms on which that is so, among those that the text leaves possible.
    pub frozen_on: Vec<String>,
    /// Whether the metadata of the newest release that needs NumPy 1.x allows NumPy 2.
    pub silent: bool,
    /// What that metadata says of NumPy, where it names it.
    pub declared: Option<String>,
    /// The wheels that were read for this.
    pub read: Vec<String>,
    /// The day on which they were read.
    pub date: String,
}

/// A line of the input that says something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EvidenceLine {
    /// Its number, from 1, in the text as it was given.
    pub line: usize,
    /// The part of it that counts, cleaned, at most 200 characters.
    pub text: String,
}

/// What kind of step a remedy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the language files say what each is")]
pub enum RemedyClass {
    UpgradeDistribution,
    DowngradeDistribution,
    DowngradeNumpy,
    UpgradeNumpy,
    InstallNumpy,
    ReinstallNumpy,
    ReinstallDistribution,
    RebuildDistribution,
    RestartProcess,
    Ignore,
    ChangeCode,
    MatchPython,
    SystemLibrary,
    AlignVersions,
    RenameFile,
    FindCulprit,
    ReadOn,
}

impl RemedyClass {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpgradeDistribution => "upgrade-distribution",
            Self::DowngradeDistribution => "downgrade-distribution",
            Self::DowngradeNumpy => "downgrade-numpy",
            Self::UpgradeNumpy => "upgrade-numpy",
            Self::InstallNumpy => "install-numpy",
            Self::ReinstallNumpy => "reinstall-numpy",
            Self::ReinstallDistribution => "reinstall-distribution",
            Self::RebuildDistribution => "rebuild-distribution",
            Self::RestartProcess => "restart-process",
            Self::Ignore => "ignore",
            Self::ChangeCode => "change-code",
            Self::MatchPython => "match-python",
            Self::SystemLibrary => "system-library",
            Self::AlignVersions => "align-versions",
            Self::RenameFile => "rename-file",
            Self::FindCulprit => "find-culprit",
            Self::ReadOn => "read-on",
        }
    }
}

/// One step that would help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Which kind.
    pub class: RemedyClass,
    /// What it does and why.
    pub why: Message,
    /// Commands for the reader's tool and shell, quoted; empty where none can be given.
    pub commands: Vec<String>,
}

/// What the text tells of where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The running NumPy's version, where the text gives it.
    pub numpy: Option<String>,
    /// Releases that the numbers in the message allow for the running NumPy, as a specifier set.
    pub numpy_range: Option<String>,
    /// What the compiled code asks of NumPy, as a specifier set.
    pub numpy_needed: Option<String>,
    /// The Python version: `3.11` or `3.11.2`.
    pub python: Option<String>,
    /// `linux`, `macos` or `windows`.
    pub system: Option<String>,
    /// `x86_64`, `arm64`, `aarch64`.
    pub machine: Option<String>,
    /// The tool that installs into the environment.
    pub installer: Option<Installer>,
    /// What that tool is told to work on, where it cannot find it by itself: an interpreter, an application.
    pub place: Option<String>,
    /// The words that start a pip from outside, where the environment at hand has none of its own that would do.
    #[serde(skip)]
    pub outside: Vec<String>,
    /// Whether it comes from a notebook, where a process outlives an installation.
    pub notebook: bool,
    /// Which of these the text does not give and the environment at hand does: `numpy`, `numpy_needed`, `python`,
    /// `system`, `machine`, `installer`.
    pub of_environment: Vec<&'static str>,
}

/// How much of the input was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InputNote {
    /// Lines looked at.
    pub lines: usize,
    /// Bytes that were left out in the middle of a very long input.
    pub skipped_bytes: u64,
}

/// The diagnosis of one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The id of the family of the deciding message; `None` when nothing was recognised.
    pub family: Option<&'static str>,
    /// What it is about.
    pub subject: Option<Subject>,
    /// The cause in a sentence.
    pub cause: Option<Message>,
    /// Which side NumPy is on.
    pub direction: Option<Direction>,
    /// What it does.
    pub effect: Effect,
    /// Whose fault it is.
    pub fault: Option<Message>,
    /// The distributions held responsible, surest first.
    pub culprits: Vec<Culprit>,
    /// What the text tells of its surroundings.
    pub facts: Facts,
    /// The lines that decided.
    pub evidence: Vec<EvidenceLine>,
    /// What helps, best first.
    pub remedies: Vec<Remedy>,
    /// What it is not, and why.
    pub ruled_out: Vec<Message>,
    /// Answers to what people ask about it.
    pub answers: Vec<Message>,
    /// Whether the text itself asks.
    pub asked: bool,
    /// What could not be known.
    pub unknown: Vec<Message>,
    /// Ids of other families that the text shows.
    pub also: Vec<&'static str>,
    /// How much was looked at.
    pub input: InputNote,
}

impl Diagnosis {
    /// Whether the text shows a problem between compiled code and NumPy, or of NumPy's installation.
    pub fn concerns_numpy(&self) -> bool {
        matches!(self.subject, Some(Subject::NumpyAbi | Subject::NumpyInstallation))
    }

    /// Whether a reading of the compiled files should have foreseen it: a check of NumPy's, or of its types, that fails. What
    /// a module looks at by itself, without a word, is none.
    pub fn is_a_failed_check(&self) -> bool {
        self.subject == Some(Subject::NumpyAbi) && self.family != Some(SILENT)
    }

    /// Whether the text shows nothing but a warning that may be ignored.
    pub fn is_harmless(&self) -> bool {
        self.effect == Effect::Harmless
    }
}
