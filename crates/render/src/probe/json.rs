//! Trials for programs: `numpact.probe/1`. Others build on it, so it changes only by addition.

use contract::experiment::{About, Seen, Step, Trial};
use contract::judge::Outcome;
use serde::Serialize;

use super::{Trials, UnderNumpy, read, seen};
use crate::Tool;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Versions,
    target: &'a str,
    python: Option<Interpreter<'a>>,
    numpys: Vec<Numpy<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Versions {
    version: &'static str,
    knowledge: &'static str,
}

#[derive(Serialize)]
struct Interpreter<'a> {
    version: &'a str,
    platform: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
struct Numpy<'a> {
    version: Option<&'a str>,
    /// `environment` or `beside`.
    place: &'static str,
    missing: Option<&'a str>,
    experiments: Vec<Experiment>,
}

/// One module tried under one NumPy.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Experiment {
    /// The distribution that it was tried for, where one is known.
    pub distribution: Option<String>,
    /// The module that was imported.
    pub module: String,
    /// The import, and the small use after it where one is known and was reached.
    pub steps: Vec<Tried>,
    /// The NumPy that the process had imported by its end.
    pub numpy: Option<String>,
    /// How long it took.
    pub milliseconds: u64,
    /// The first lines of standard error.
    pub stderr: Vec<String>,
    /// The end of the traceback, or where a crash or a hang happened.
    pub trace: Vec<String>,
}

/// One step of an experiment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tried {
    /// `import` or `use`.
    pub step: String,
    /// What the bytes say: `works`, `fails` or `unknown`.
    pub read: String,
    /// The file that fails first by the bytes, where one does.
    pub file: Option<String>,
    /// The predicted error, or why nothing could be told.
    pub because: Option<String>,
    /// What was seen: `works`, `fails` or `unanswered`.
    pub seen: String,
    /// What it died of, or why there is no answer.
    pub message: Option<String>,
    /// What a failure is about: `numpy-abi`, `numpy` (in another way), `nothing` that the text tells, or `other`.
    pub about: Option<String>,
    /// `agrees`, `decides` (the bytes could not tell), `untested`, `unforeseen` or `disagrees`.
    pub agreement: String,
}

#[derive(Serialize)]
struct Summary {
    worked: usize,
    failed: usize,
    unanswered: usize,
    agree: usize,
    disagree: usize,
    missing_numpys: usize,
}

/// Everything that was tried, as one JSON object that ends with a line break.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_json(trials: &Trials, tool: Tool) -> Result<String, serde_json::Error> {
    let counts = trials.counts();
    let path = trials.interpreter.as_str();
    let python = trials.python.as_ref();
    let document = Document {
        schema: "numpact.probe/1",
        tool: Versions { version: tool.version, knowledge: tool.knowledge },
        target: &trials.target,
        python: python.map(|p| Interpreter { version: &p.version, platform: &p.platform, path }),
        numpys: trials.numpys.iter().map(numpy).collect(),
        summary: Summary {
            worked: counts.worked,
            failed: counts.failed,
            unanswered: counts.unanswered,
            agree: counts.agree,
            disagree: counts.disagree,
            missing_numpys: counts.missing,
        },
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn numpy(numpy: &UnderNumpy) -> Numpy<'_> {
    Numpy {
        version: numpy.version.as_deref(),
        place: if numpy.beside { "beside" } else { "environment" },
        missing: numpy.missing.as_deref(),
        experiments: numpy.trials.iter().map(Experiment::from).collect(),
    }
}

impl From<&Trial> for Experiment {
    fn from(trial: &Trial) -> Self {
        let steps = ["import", "use"].into_iter().zip(trial.steps());
        Self {
            distribution: trial.distribution.clone(),
            module: trial.module.clone(),
            steps: steps.map(|(name, step)| tried(name, step)).collect(),
            numpy: trial.numpy.clone(),
            milliseconds: trial.milliseconds,
            stderr: trial.stderr.clone(),
            trace: trial.trace.clone(),
        }
    }
}

fn tried(name: &str, step: &Step) -> Tried {
    let (file, because) = match &step.read {
        Outcome::Works => (None, None),
        Outcome::Fails { path, error } => (Some(path.clone()), Some(error.exception.clone())),
        Outcome::Unknown(reason) => (None, Some(reason.detail.clone())),
    };
    let (message, about) = match &step.seen {
        Seen::Works => (None, None),
        Seen::Fails { about, what } => (Some(what.clone()), Some(about_word(*about).to_owned())),
        Seen::Unanswered(reason) => (Some(reason.clone()), None),
    };
    Tried {
        step: name.to_owned(),
        read: read(step).to_owned(),
        file,
        because,
        seen: seen(step).to_owned(),
        message,
        about,
        agreement: step.agreement().as_str().to_owned(),
    }
}

fn about_word(about: About) -> &'static str {
    match about {
        About::NumpyAbi => "numpy-abi",
        About::Numpy => "numpy",
        About::Nothing => "nothing",
        About::Other => "other",
    }
}
