//! What would mend an environment: which releases of NumPy leave which distributions broken, what has to move for each,
//! and in which order the ways are worth trying. Whether a way holds is for others to prove; see [`Plan`].

mod aims;
mod impossible;

use contract::judge::is_numpy;
use contract::{NumpySet, Version};

pub use aims::{aims, dominated, least_cost};
pub use impossible::{Refusal, no_numpy_left};

/// An environment as far as planning needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// The version of the NumPy that is there; `None` where there is none, or it is not known.
    pub numpy: Option<Version>,
    /// Whether the user asked for NumPy by name.
    pub numpy_requested: bool,
    /// Why no installer may put another NumPy in its place; `None` where one may.
    pub numpy_fixed: Option<String>,
    /// Every other distribution, by name.
    pub distributions: Vec<Standing>,
}

/// One distribution that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name, as its metadata spells it.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Whether the user asked for it by name.
    pub requested: bool,
    /// Why no installer may put another release in its place (`it is an editable install`); `None` where one may.
    pub fixed: Option<String>,
    /// Whether it is incompatible with the NumPy that is there.
    pub broken: bool,
    /// The releases of NumPy that its bytes allow; `None` where it does not use NumPy's C API or it could not be told.
    pub allowed: Option<NumpySet>,
    /// What its metadata says of NumPy, as specifiers; `None` where it does not name NumPy.
    pub declared: Option<String>,
}

/// Which NumPy a way aims at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumpyAim {
    /// The one that is there.
    Keep(Version),
    /// One of these releases, in ascending order; the newest that a resolver can have is wanted.
    Move(Vec<Version>),
}

/// Where a distribution's next fitting release is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Among newer ones.
    Newer,
    /// Among older ones.
    Older,
}

/// Why a distribution cannot stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its bytes allow these releases of NumPy alone.
    Bytes(NumpySet),
    /// Its metadata allows these alone, as specifiers.
    Metadata(String),
}

/// A distribution that has to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// Its name.
    pub name: String,
    /// The version that is there.
    pub version: Version,
    /// Where to look.
    pub direction: Direction,
    /// Why it cannot stay.
    pub cause: Cause,
    /// Whether the user asked for it by name.
    pub requested: bool,
}

/// A way to try: a NumPy, and what has to move with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// The NumPy.
    pub numpy: NumpyAim,
    /// What has to move, by name.
    pub culprits: Vec<Culprit>,
    /// Names of culprits that cannot move, and why; such a way is none.
    pub blocked: Vec<(String, String)>,
}

/// One change of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The distribution.
    pub name: String,
    /// The version that is there; `None` for what is installed anew.
    pub from: Option<Version>,
    /// The version to have. The same as `from`: it is built again.
    pub to: Version,
    /// Whether the user asked for it by name.
    pub requested: bool,
    /// Why this one, in a sentence without a full stop.
    pub why: String,
}

impl Change {
    /// Whether the same version is built anew.
    pub fn is_rebuild(&self) -> bool {
        self.from.as_ref() == Some(&self.to)
    }

    fn is_downgrade(&self) -> bool {
        self.from.as_ref().is_some_and(|from| *from > self.to)
    }
}

/// How a plan was held against the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The tool that accepted the metadata: `uv`, `pip`.
    pub resolver: String,
    /// How often it was asked.
    pub resolutions: usize,
    /// How many wheels were read.
    pub wheels: usize,
    /// Bytes of them that were fetched.
    pub bytes: u64,
    /// How many distributions with compiled files were judged together.
    pub judged: usize,
    /// Contradictions of metadata that the environment has now and keeps, a sentence each.
    pub as_before: Vec<String>,
}

/// What would mend an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What changes, NumPy first, then by name.
    pub changes: Vec<Change>,
    /// Requirement specifiers that keep it so, to be written where the environment is described.
    pub keep: Vec<String>,
    /// Why it holds; `None` for what shows only when it is done (a build).
    pub proof: Option<Proof>,
}

/// What a plan does, in a word for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanKind {
    /// Another NumPy alone.
    Numpy,
    /// Other releases of distributions that do not fit, and of what they need.
    Distributions,
    /// Both.
    Both,
    /// The same releases, built on this machine.
    Rebuild,
}

impl PlanKind {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numpy => "numpy",
            Self::Distributions => "distributions",
            Self::Both => "both",
            Self::Rebuild => "rebuild",
        }
    }
}

impl Plan {
    /// What it does.
    pub fn kind(&self) -> PlanKind {
        let numpy = self.changes.iter().any(|change| is_numpy(&change.name));
        let others = self.changes.iter().any(|change| !is_numpy(&change.name));
        match (self.changes.iter().any(Change::is_rebuild), numpy, others) {
            (true, ..) => PlanKind::Rebuild,
            (_, true, true) => PlanKind::Both,
            (_, true, false) => PlanKind::Numpy,
            _ => PlanKind::Distributions,
        }
    }

    /// What it asks of the user.
    pub fn cost(&self) -> Cost {
        let count = |test: &dyn Fn(&Change) -> bool| self.changes.iter().filter(|change| test(change)).count();
        let replaced = |change: &Change| change.from.is_some();
        Cost {
            unproved: self.proof.is_none(),
            contradictions: self.proof.as_ref().map_or(0, |proof| proof.as_before.len()),
            requested: count(&|change| change.requested && replaced(change)),
            changes: count(&|_| true),
            downgrades: count(&|change| change.is_downgrade()),
            numpys: count(&|change| is_numpy(&change.name)),
        }
    }
}

/// What a plan asks of the user. Least change first: what was asked for by name moves last, few changes come before many,
/// newer releases before older ones, and what is proved before what is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Whether nothing proves it.
    pub unproved: bool,
    /// Contradictions of metadata that it leaves.
    pub contradictions: usize,
    /// How much of what was asked for by name it moves.
    pub requested: usize,
    /// How much it changes.
    pub changes: usize,
    /// How much of that becomes older.
    pub downgrades: usize,
    /// Whether NumPy moves (0 or 1).
    pub numpys: usize,
}

/// The NumPys whose headers give a module that runs under `numpy`: up to it, and of its major version. Not exactly it,
/// since projects may ask for the oldest headers that will do.
pub fn headers_for(numpy: &Version) -> String {
    if numpy.major() >= 2 { format!("numpy>=2,<={numpy}") } else { format!("numpy<={numpy}") }
}

#[cfg(test)]
mod tests;
