//! The judgement of whole targets: what every renderer receives.
//!
//! These types are free to change with the code; what others build on is the versioned JSON in the `render` crate.

use serde::{Deserialize, Serialize};

use crate::{Assessment, BinaryFacts, Build, Fails, Finding, NumpySet, Provision, Verdict, Version};

/// Everything that one run found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// One entry a target, in the order asked for.
    pub targets: Vec<TargetReport>,
}

/// What kind of thing was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// An interpreter's environment.
    Environment,
    /// A wheel.
    Wheel,
    /// Requirements, resolved.
    Requirements,
    /// A lock file.
    Lockfile,
    /// One compiled file.
    Binary,
    /// A folder with a project's sources.
    #[serde(rename = "source-tree")]
    SourceTree,
}

impl TargetKind {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Wheel => "wheel",
            Self::Requirements => "requirements",
            Self::Lockfile => "lockfile",
            Self::Binary => "binary",
            Self::SourceTree => "source-tree",
        }
    }
}

/// One checked target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetReport {
    /// What it is.
    pub kind: TargetKind,
    /// Where it is, as the user would name it.
    pub path: String,
    /// The Python it is for, where that is known.
    pub python: Option<Python>,
    /// The NumPy it was judged against; `None` where there is none.
    pub numpy: Option<JudgedNumpy>,
    /// Its distributions, by name; files that nobody owns are under [`UNOWNED`].
    pub distributions: Vec<DistributionReport>,
    /// What the rules found, most severe first.
    pub findings: Vec<Finding>,
    /// Things that went wrong while looking (unreadable folder, broken RECORD), a sentence each.
    pub problems: Vec<String>,
    /// What was left out on purpose (conda's packages of a lock file), a sentence each.
    pub left_out: Vec<String>,
    /// What was fetched for it; `None` where nothing lies behind an address.
    pub fetched: Option<Fetched>,
}

/// The NumPys to advise where a distribution does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advised {
    /// These suit it, and every other distribution keeps working that works now.
    Install(NumpySet),
    /// These suit it, and each of them that can be had breaks another distribution.
    BreaksOthers(NumpySet),
    /// None that can be had suits it, or the one that runs does.
    Nothing,
}

impl TargetReport {
    /// What to advise where a distribution's file `main` fails. `known`: every release, in ascending order; `reachable`:
    /// whether one can be had.
    pub fn advised(
        &self,
        distribution: &DistributionReport,
        main: &BinaryReport,
        known: &[Version],
        reachable: impl Fn(&Version) -> bool,
    ) -> Advised {
        let Some(set) = distribution.to_install(main, self.running(), known, &reachable) else {
            return Advised::Nothing;
        };
        let sparing = self.sparing_others(distribution, &set, known);
        let some = known.iter().any(|version| sparing.contains(version) && reachable(version));
        if some { Advised::Install(sparing) } else { Advised::BreaksOthers(set) }
    }

    /// The version of the NumPy that it was judged against.
    fn running(&self) -> Option<&Version> {
        self.numpy.as_ref()?.provision.version.as_ref()
    }

    /// Those of `set`, NumPys for one distribution, under which every other keeps working that works now: by its bytes, and
    /// by its metadata where that is met now.
    fn sparing_others(&self, distribution: &DistributionReport, set: &NumpySet, known: &[Version]) -> NumpySet {
        let running = self.running();
        let others = || self.distributions.iter().filter(|other| other.name != distribution.name);
        let spared = |version: &Version| others().all(|other| running.is_none_or(|now| other.survives(now, version)));
        NumpySet::from_releases(known.iter().map(|version| (version, set.contains(version) && spared(version))))
    }
}

/// How much of remote files was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Bytes that came over the network.
    pub bytes: u64,
    /// The sizes of the files together in bytes, as far as they are known.
    pub of: u64,
}

/// The name under which files are listed that belong to no distribution.
pub const UNOWNED: &str = "(no distribution)";

/// The interpreter of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Python {
    /// Its version, as far as the layout tells it: `3.11` or `3.11.7`.
    pub version: String,
    /// The platform in numpact's words: `linux-x86_64`, `macos-arm64`, `windows-x86_64`.
    pub platform: String,
}

/// Where the provision that judged a target comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumpySource {
    /// Read from NumPy's own binary.
    Binary,
    /// Looked up in the table of releases, by the version found.
    Table,
    /// The user asked for this version.
    Requested,
}

impl NumpySource {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Table => "table",
            Self::Requested => "requested",
        }
    }
}

/// The NumPy that a target was judged against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedNumpy {
    /// What it provides.
    pub provision: Provision,
    /// The folder it lies in, where it was found on disk.
    pub path: Option<String>,
    /// Where the provision comes from.
    pub source: NumpySource,
}

/// One distribution of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistributionReport {
    /// Its name, as its metadata spells it.
    pub name: String,
    /// Its version; empty where the metadata is unreadable.
    pub version: String,
    /// The tool that installed it (`INSTALLER`), where it says.
    pub installer: Option<String>,
    /// The verdict over all its files, weighed by whether an import loads them.
    pub verdict: Verdict,
    /// When it fails, for an incompatible one.
    pub fails: Option<Fails>,
    /// The releases under which every file that an import loads works; `None` where it does not use NumPy's C API.
    pub numpy_binary: Option<NumpySet>,
    /// What its metadata says of NumPy (`>=1.22.4`, empty for "any"); `None` where it does not name NumPy.
    pub numpy_declared: Option<String>,
    /// How it would be built, where nothing of it is compiled yet.
    pub build: Option<Build>,
    /// Its compiled files, by path.
    pub binaries: Vec<BinaryReport>,
}

impl DistributionReport {
    /// Whether its compiled files work under a release of NumPy, as far as is known.
    pub fn fits(&self, numpy: &Version) -> bool {
        self.numpy_binary.as_ref().is_none_or(|set| set.contains(numpy))
    }

    /// Whether its metadata allows a release of NumPy; what cannot be read forbids nothing.
    pub fn allows(&self, numpy: &Version) -> bool {
        let declared = self.numpy_declared.as_deref().filter(|declared| !declared.is_empty());
        declared.is_none_or(|range| numpy.satisfies(range).unwrap_or(true))
    }

    /// Whether it has under the NumPy `to` what it has under the NumPy `from`: compiled files that work, metadata that is met.
    pub fn survives(&self, from: &Version, to: &Version) -> bool {
        (self.fits(to) || !self.fits(from)) && (self.allows(to) || !self.allows(from))
    }

    /// The NumPys for what fails here: those that suit every file that an import loads, and of the failing files
    /// beside these as many as go together, `main` first. `None` where that holds no release that can be had, or the NumPy
    /// that is `running`. `known`: every release, in ascending order; `reachable`: whether one can be had.
    fn to_install(
        &self,
        main: &BinaryReport,
        running: Option<&Version>,
        known: &[Version],
        reachable: &impl Fn(&Version) -> bool,
    ) -> Option<NumpySet> {
        let some = |set: &NumpySet| known.iter().any(|version| set.contains(version) && reachable(version));
        let counts = |binary: &&BinaryReport| binary.loaded.is_some_and(|loaded| loaded != Loaded::Tests);
        let failing = self.binaries.iter().filter(|binary| binary.assessment.verdict >= Verdict::AtRisk).filter(counts);
        let ranges = [main].into_iter().chain(failing).filter_map(|binary| binary.numpy.as_ref());
        let set = ranges.fold(self.numpy_binary.clone()?, |all, range| {
            let both = all.intersection(range, known);
            if some(&both) { both } else { all }
        });
        (some(&set) && !running.is_some_and(|version| set.contains(version))).then_some(set)
    }
}

/// Whether a plain import of the distribution loads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loaded {
    /// Importing the distribution's top-level package loads it, always.
    Always,
    /// Importing one of its public submodules loads it, always.
    Submodule,
    /// It is imported under a condition (`try`, `if`, inside a function): the import may go on without it.
    Conditional,
    /// Only tests import it.
    Tests,
    /// Could not be told.
    Unknown,
}

impl Loaded {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Submodule => "submodule",
            Self::Conditional => "conditional",
            Self::Tests => "tests",
            Self::Unknown => "unknown",
        }
    }
}

/// One compiled file (or one slice of it) of a distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinaryReport {
    /// Its path, relative to the folder its distribution is installed in, with `/`.
    pub path: String,
    /// The importable name (`pandas._libs.lib`) where it is an extension module.
    pub module: Option<String>,
    /// Whether a plain import loads it; worked out only where it matters, that is for files that do not fit.
    pub loaded: Option<Loaded>,
    /// The module whose import loads it (`pycocotools.coco`), where `loaded` is `always` or `submodule`.
    pub loaded_by: Option<String>,
    /// What the reader found; `None` where the file could not be read at all.
    pub facts: Option<BinaryFacts>,
    /// The judgement.
    pub assessment: Assessment,
    /// The releases under which it works; `None` where it does not use NumPy's C API or it could not be told.
    pub numpy: Option<NumpySet>,
    /// The other file of the distribution that the failure comes from, where it is not its own.
    pub through: Option<String>,
}

/// The reason why a stand-in is undetermined.
pub const NOT_READ: &str = "wheel-unreadable";

impl BinaryReport {
    /// Whether it stands for all compiled files of a distribution, since none was read: its wheel could not be, or it is
    /// still to be built.
    pub fn stands_in(&self) -> bool {
        self.assessment.undetermined.iter().any(|undetermined| undetermined.reason == NOT_READ)
    }
}

/// Counts over a report, for the last line of every format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Distributions with compiled files.
    pub distributions: usize,
    /// Distributions of which no file was read: their wheel could not be, or they are still to be built.
    pub unread: usize,
    /// Compiled files that were read.
    pub binaries: usize,
    /// Files that work.
    pub compatible: usize,
    /// Files that use NumPy's C API where there was no NumPy to judge against.
    pub unjudged: usize,
    /// Files that may go wrong.
    pub at_risk: usize,
    /// Files that fail.
    pub incompatible: usize,
    /// Files, and distributions of which none was read, that could not be told.
    pub undetermined: usize,
    /// Files that do not use NumPy's C API.
    pub not_applicable: usize,
}

impl Report {
    /// Counts files by verdict.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.targets)
    }

    /// The most alarming verdict over distributions and their undetermined files; `None` when nothing was checked.
    pub fn worst(&self) -> Option<Verdict> {
        self.targets.iter().flat_map(|t| &t.distributions).map(|d| d.verdict).max()
    }
}

impl Summary {
    /// Counts the files of these targets by verdict.
    pub fn of(targets: &[TargetReport]) -> Self {
        let mut summary = Self::default();
        for target in targets {
            for distribution in &target.distributions {
                summary.distributions += 1;
                distribution.binaries.iter().for_each(|binary| summary.count(binary, target.numpy.is_some()));
            }
        }
        summary
    }

    fn count(&mut self, binary: &BinaryReport, judged: bool) {
        *(if binary.stands_in() { &mut self.unread } else { &mut self.binaries }) += 1;
        *self.slot(binary.assessment.verdict, judged) += 1;
    }

    fn slot(&mut self, verdict: Verdict, judged: bool) -> &mut usize {
        match verdict {
            Verdict::Compatible if !judged => &mut self.unjudged,
            Verdict::Compatible => &mut self.compatible,
            Verdict::AtRisk => &mut self.at_risk,
            Verdict::Incompatible => &mut self.incompatible,
            Verdict::Undetermined => &mut self.undetermined,
            Verdict::NotApplicable => &mut self.not_applicable,
        }
    }
}
