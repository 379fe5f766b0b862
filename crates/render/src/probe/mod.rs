//! Trials of modules under NumPys: what the bytes say beside what was seen.

mod json;
mod text;

use contract::experiment::{Agreement, Seen, Step, Trial};
use contract::judge::Outcome;
use contract::report::Python;

pub use json::{Experiment, to_json};
pub use text::{confirmation, disagreement, to_text};

/// Everything that was tried in one environment.
#[derive(Clone, Debug)]
pub struct Trials {
    /// The environment, as the user would name it.
    pub target: String,
    /// Its Python, where that is known.
    pub python: Option<Python>,
    /// The interpreter that imported.
    pub interpreter: String,
    /// The NumPys, in the order asked for.
    pub numpys: Vec<UnderNumpy>,
}

/// What was tried under one NumPy.
#[derive(Clone, Debug)]
pub struct UnderNumpy {
    /// Its version; `None` for one that does not say.
    pub version: Option<String>,
    /// Whether it was put in front of the environment, and is not its own.
    pub beside: bool,
    /// Why there is no such NumPy to try anything under.
    pub missing: Option<String>,
    /// What was tried.
    pub trials: Vec<Trial>,
}

/// Counts over trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Trials of which every step went well.
    pub worked: usize,
    /// Trials that failed.
    pub failed: usize,
    /// Trials without an answer.
    pub unanswered: usize,
    /// Trials in which reading and experiment contradict each other.
    pub disagree: usize,
    /// Trials that agree with the reading in every step.
    pub agree: usize,
    /// NumPys that could not be had.
    pub missing: usize,
}

impl Trials {
    /// Counts over everything.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for trial in self.numpys.iter().flat_map(|numpy| &numpy.trials) {
            let slot = match (trial.failed(), trial.unanswered()) {
                (true, _) => &mut counts.failed,
                (_, true) => &mut counts.unanswered,
                _ => &mut counts.worked,
            };
            *slot += 1;
            counts.disagree += usize::from(trial.agreement() == Agreement::Disagrees);
            counts.agree += usize::from(trial.agreement() == Agreement::Agrees);
        }
        counts.missing = self.numpys.iter().filter(|numpy| numpy.missing.is_some()).count();
        counts
    }
}

/// The word for what the bytes say.
fn read(step: &Step) -> &'static str {
    match step.read {
        Outcome::Works => "works",
        Outcome::Fails { .. } => "fails",
        Outcome::Unknown(_) => "unknown",
    }
}

/// The word for what was seen.
fn seen(step: &Step) -> &'static str {
    match step.seen {
        Seen::Works => "works",
        Seen::Fails { .. } => "fails",
        Seen::Unanswered(_) => "unanswered",
    }
}
