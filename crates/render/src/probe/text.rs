//! Trials for people: a block a NumPy, a line a step, and below it what it died of.

use anstyle::{AnsiColor, Style};
use contract::experiment::{Agreement, Seen, Step, Trial};
use contract::judge::Outcome;

use super::{Trials, UnderNumpy, read, seen};
use crate::{Colour, Detail, words};

/// How many lines of standard error and traceback are told of a failure, where everything is asked for.
const TOLD: usize = 12;

/// What was tried. Ends with a line break. Where everything is asked for, also what was printed, and where it failed; where
/// counts are, no more than them and what contradicts the reading.
pub fn to_text(trials: &Trials, detail: Detail, colour: Colour) -> String {
    let mut blocks = Vec::new();
    if detail != Detail::Counts {
        let width = trials.numpys.iter().flat_map(|n| &n.trials).flat_map(names).map(|name| name.chars().count()).max();
        let all = |numpy| under(numpy, width.unwrap_or(0), detail == Detail::Everything, colour);
        blocks.push(head(trials, colour) + &trials.numpys.iter().map(all).collect::<String>());
    }
    let contradicted: Vec<&Trial> = all(trials).filter(|t| t.agreement() == Agreement::Disagrees).collect();
    if !contradicted.is_empty() {
        blocks.push(colour.paint(red(), &disagreement(&contradicted)));
    }
    blocks.push(format!("{}\n", summary(trials)));
    blocks.join("\n")
}

fn all(trials: &Trials) -> impl Iterator<Item = &Trial> {
    trials.numpys.iter().flat_map(|numpy| &numpy.trials)
}

fn head(trials: &Trials, colour: Colour) -> String {
    let mut parts = vec![colour.bold(&trials.target)];
    parts.extend(trials.python.iter().map(|python| format!("Python {} on {}", python.version, python.platform)));
    parts.push(format!("imported by `{}`", trials.interpreter));
    format!("{}\n", parts.join(", "))
}

fn under(numpy: &UnderNumpy, width: usize, everything: bool, colour: Colour) -> String {
    let version = numpy.version.as_deref().unwrap_or("of an unknown version");
    let place = if numpy.beside { "put in front of the environment" } else { "the environment's own" };
    let title = colour.bold(&format!("NumPy {version}"));
    if let Some(missing) = &numpy.missing {
        return format!("\n{title}: nothing was tried, {missing}\n");
    }
    let mut out = format!("\n{title}, {place}\n");
    if !numpy.trials.is_empty() {
        let titles = format!("  {:<width$}  by its bytes  when tried", "module");
        out.push_str(&format!("{}\n", colour.faint(&titles)));
    }
    for trial in &numpy.trials {
        for (name, step) in names(trial).iter().zip(trial.steps()) {
            // One process does both steps, so that there is one time.
            let time = if *name == trial.module { format!(", {} ms", trial.milliseconds) } else { String::new() };
            out.push_str(&line(name, step, &time, width, colour));
        }
        out.push_str(&why(trial, everything, colour));
    }
    out
}

/// `torch`, and `torch, used`.
fn names(trial: &Trial) -> Vec<String> {
    let used = trial.used.iter().map(|_| format!("{}, used", trial.module));
    std::iter::once(trial.module.clone()).chain(used).collect()
}

fn line(name: &str, step: &Step, time: &str, width: usize, colour: Colour) -> String {
    let agreement = step.agreement();
    let word = match agreement {
        Agreement::Agrees => "they agree",
        Agreement::Decides => "only trying could tell",
        Agreement::Untested => "the reading was not tested",
        Agreement::Unforeseen => "for a reason that is not NumPy's C API",
        Agreement::Disagrees => "they disagree",
    };
    let word = if agreement == Agreement::Disagrees { colour.paint(red(), word) } else { word.to_owned() };
    let happened = format!("{:<10}", seen(step));
    let happened = if step.failed() { colour.paint(red(), &happened) } else { happened };
    format!("  {name:<width$}  {:<12}  {happened}  {word}{}\n", read(step), colour.faint(time))
}

/// What a trial died of, and why the reading could not tell.
fn why(trial: &Trial, everything: bool, colour: Colour) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut tell = |label: &str, text: &str| {
        let line = format!("    {} {text}\n", colour.faint(label));
        // An import and the use after it may fail, or be doubted, for one reason.
        let again = label == "read" && lines.contains(&line);
        if !again {
            lines.push(line);
        }
    };
    for step in trial.steps() {
        match &step.seen {
            Seen::Fails { what, .. } => tell("seen", what),
            Seen::Unanswered(reason) => tell("seen", reason),
            Seen::Works => {}
        }
        match &step.read {
            Outcome::Fails { path, error } if step.agreement() != Agreement::Agrees || everything => {
                tell("read", &format!("`{path}`: {}", error.exception));
            }
            Outcome::Unknown(reason) => tell("read", &reason.detail),
            _ => {}
        }
    }
    if everything && trial.agreement() != Agreement::Agrees {
        trial.stderr.iter().take(TOLD).for_each(|line| tell("said", line));
        let from = trial.trace.len().saturating_sub(TOLD);
        trial.trace.iter().skip(from).for_each(|line| tell("from", line));
    }
    lines.concat()
}

/// What to do where reading and experiment contradict each other.
pub fn disagreement(trials: &[&Trial]) -> String {
    let named: Vec<String> = trials.iter().map(|trial| format!("`{}`", trial.module)).collect();
    format!(
        "Reading and experiment disagree about {}: that is a bug of numpact. Please report it, with the output of \
         `numpact probe --output-format json` for the module, and with that of `numpact inspect` for the file that it names\n",
        named.join(", ")
    )
}

/// What a trial says of a verdict: `confirmed: ...`. For the report of a check.
pub fn confirmation(trial: &Trial) -> String {
    let decides = |step: &&Step| step.agreement() == trial.agreement();
    let mut deciding = trial.steps().filter(decides);
    let Some(first) = deciding.next() else { return String::new() };
    // Where both steps say the same, the one that fails or goes further says more.
    let step = if first.failed() { first } else { deciding.next().unwrap_or(first) };
    let done = if *step == trial.import { "`import" } else { "a small use after `import" };
    let what = match &step.seen {
        Seen::Works => "works".to_owned(),
        Seen::Fails { what, .. } => format!("fails: {what}"),
        Seen::Unanswered(reason) => reason.clone(),
    };
    let word = match trial.agreement() {
        Agreement::Agrees => "confirmed",
        Agreement::Disagrees => "refuted",
        Agreement::Decides => "decided",
        Agreement::Unforeseen => "fails for another reason",
        Agreement::Untested => "not tested",
    };
    format!("{word}: {done} {}` {what}", trial.module)
}

fn summary(trials: &Trials) -> String {
    let counts = trials.counts();
    let mut parts = vec![format!("{} worked", counts.worked), format!("{} failed", counts.failed)];
    if counts.unanswered > 0 {
        parts.push(format!("{} without an answer", counts.unanswered));
    }
    let total = all(trials).count();
    let missing = match counts.missing {
        0 => String::new(),
        number => format!("; {} could not be had", words::count(number, "NumPy")),
    };
    format!(
        "{} under {}: {}; {} as the bytes say, {} against them{missing}",
        words::count(total, "import"),
        words::count(trials.numpys.len().saturating_sub(counts.missing), "NumPy"),
        parts.join(", "),
        counts.agree,
        counts.disagree,
    )
}

fn red() -> Style {
    Style::new().fg_color(Some(AnsiColor::Red.into()))
}
