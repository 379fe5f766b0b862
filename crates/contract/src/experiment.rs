//! An import that was tried, held against what was read: two witnesses that know nothing of each other.
//!
//! Where they disagree, one of them is wrong, and it is not the interpreter: numpact has a bug.

use crate::judge::Outcome;

/// One module tried under one NumPy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The distribution that it was tried for; `None` for a module that nobody is known to own.
    pub distribution: Option<String>,
    /// The module that was imported.
    pub module: String,
    /// The import.
    pub import: Step,
    /// The small use after it, where one is known.
    pub used: Option<Step>,
    /// The NumPy that the process had imported: its version.
    pub numpy: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// The first lines of standard error.
    pub stderr: Vec<String>,
    /// Where a crash or a hang happened, or the end of the traceback.
    pub trace: Vec<String>,
}

/// One step of a trial: what the reading says, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the bytes say.
    pub read: Outcome,
    /// What happened.
    pub seen: Seen,
}

/// What happened in an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It went well.
    Works,
    /// It failed.
    Fails {
        /// What the failure is about.
        about: About,
        /// `ImportError: numpy.core.multiarray failed to import`, `killed by SIGSEGV`.
        what: String,
    },
    /// There is no answer: it took too long, wrote too much, or imported another NumPy than it was given.
    Unanswered(String),
}

/// What a failure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Compiled code that does not fit NumPy: what a reading of the bytes should foresee.
    NumpyAbi,
    /// NumPy in another way: a function that it removed, a version that the module's own Python code refuses.
    Numpy,
    /// A crash, or a silent exit, of which the text says nothing.
    Nothing,
    /// Something else.
    Other,
}

/// How a reading and an experiment stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Both say the same.
    Agrees,
    /// The reading could not tell; the experiment could.
    Decides,
    /// The experiment does not get as far as what the reading speaks of, or has no answer.
    Untested,
    /// It fails of something that no reading for NumPy's C API foresees.
    Unforeseen,
    /// They contradict each other: a bug of numpact.
    Disagrees,
}

impl Agreement {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Decides => "decides",
            Self::Untested => "untested",
            Self::Unforeseen => "unforeseen",
            Self::Disagrees => "disagrees",
        }
    }
}

impl Step {
    /// How the two stand to each other.
    pub fn agreement(&self) -> Agreement {
        match (&self.read, &self.seen) {
            (_, Seen::Unanswered(_)) => Agreement::Untested,
            (Outcome::Unknown(_), _) => Agreement::Decides,
            (Outcome::Works, Seen::Works) => Agreement::Agrees,
            (Outcome::Works, Seen::Fails { about: About::NumpyAbi, .. }) => Agreement::Disagrees,
            (Outcome::Works, Seen::Fails { .. }) => Agreement::Unforeseen,
            (Outcome::Fails { .. }, Seen::Works) => Agreement::Disagrees,
            (Outcome::Fails { .. }, Seen::Fails { about: About::NumpyAbi | About::Nothing, .. }) => Agreement::Agrees,
            (Outcome::Fails { .. }, Seen::Fails { .. }) => Agreement::Untested,
        }
    }

    /// Whether it failed.
    pub fn failed(&self) -> bool {
        matches!(self.seen, Seen::Fails { .. })
    }
}

impl Trial {
    /// Its steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        std::iter::once(&self.import).chain(&self.used)
    }

    /// Whether one of its steps failed.
    pub fn failed(&self) -> bool {
        self.steps().any(Step::failed)
    }

    /// Whether one of its steps has no answer.
    pub fn unanswered(&self) -> bool {
        self.steps().any(|step| matches!(step.seen, Seen::Unanswered(_)))
    }

    /// The worst of its steps.
    pub fn agreement(&self) -> Agreement {
        self.steps().map(Step::agreement).max().unwrap_or(Agreement::Untested)
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Agreement, Seen, Step};
    use crate::judge::Outcome;
    use crate::{ErrorKind, PredictedError, Undetermined};

    fn fails() -> Outcome {
        let error = PredictedError {
            kind: ErrorKind::NumpyMajor,
            exception: "ImportError".to_owned(),
            printed: None,
            evidence: Vec::new(),
        };
        Outcome::Fails { path: "a.so".to_owned(), error }
    }

    fn unknown() -> Outcome {
        Outcome::Unknown(Undetermined { reason: "truncated".to_owned(), detail: String::new() })
    }

    fn seen(about: About) -> Seen {
        Seen::Fails { about, what: String::new() }
    }

    #[test]
    fn only_what_a_reading_should_foresee_contradicts_it() {
        let late = || Seen::Unanswered("too long".to_owned());
        let table = [
            (Outcome::Works, Seen::Works, Agreement::Agrees),
            (Outcome::Works, seen(About::NumpyAbi), Agreement::Disagrees),
            (Outcome::Works, seen(About::Numpy), Agreement::Unforeseen),
            (Outcome::Works, seen(About::Nothing), Agreement::Unforeseen),
            (Outcome::Works, late(), Agreement::Untested),
            (fails(), Seen::Works, Agreement::Disagrees),
            (fails(), seen(About::NumpyAbi), Agreement::Agrees),
            (fails(), seen(About::Nothing), Agreement::Agrees),
            (fails(), seen(About::Other), Agreement::Untested),
            // `cannot import name ... from 'numpy.lib.function_base'`, before the compiled module is loaded.
            (fails(), seen(About::Numpy), Agreement::Untested),
            (unknown(), Seen::Works, Agreement::Decides),
            (unknown(), seen(About::Other), Agreement::Decides),
            (unknown(), late(), Agreement::Untested),
        ];
        for (read, seen, expected) in table {
            let step = Step { read, seen };
            assert_eq!(step.agreement(), expected, "{step:?}");
        }
    }
}
