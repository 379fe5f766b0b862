//! From a pasted traceback, log or warning to a diagnosis: which message decides, who is at fault, which side NumPy is
//! on, whether it matters, and what helps.
//!
//! The text is read in linear time: flattened once, searched once for all families by an automaton, and the frames
//! around are read once. Nothing is taken from the numbers alone; see `direction`.

mod binary;
mod bundled;
mod clean;
mod commands;
mod culprit;
mod direction;
mod environment;
mod excerpt;
mod families;
mod frames;
mod history;
mod hosts;
mod installed;
mod names;
mod pattern;
mod prose;
mod remedies;
mod surroundings;

pub mod diagnosis;
pub mod message;

use std::cmp::Ordering;

use contract::report::TargetReport;

use crate::commands::Tool;

pub use clean::decode;
pub use diagnosis::Diagnosis;
pub use excerpt::{Excerpt, Skipped};
pub use installed::Installed;

use clean::{Flat, flatten, mend};
use culprit::{Scene, culprits, suspects};
use diagnosis::{Culprit, Direction, Effect, EvidenceLine, Facts, InputNote, Subject};
use direction::{Bearing, Known, of_feature, of_floor, of_major, of_sizes};
use families::{Family, Hit, Place};
use frames::{Frame, frames_near};

/// What is known beside the text.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// A list of installed packages given beside the text.
    pub installed: Installed,
    /// The judgement of an environment that the text may come from.
    pub environment: Option<Beside<'a>>,
    /// What was left out of the middle of a very long input.
    pub skipped: Skipped,
}

/// An environment beside the text.
#[derive(Clone, Debug)]
pub struct Beside<'a> {
    /// Its judgement.
    pub report: &'a TargetReport,
    /// How distributions are installed there, where that is known.
    pub tool: Option<Tool>,
    /// Whether somebody named it. One that only happens to be active counts where nothing in the text is against it.
    pub named: bool,
}

/// Everything that was worked out, for the last step.
struct Case<'a> {
    family: &'static Family,
    hit: &'a Hit,
    bearing: Bearing,
    effect: Effect,
    culprits: Vec<Culprit>,
    facts: Facts,
    /// Whom other messages of the text name, for which NumPy is on the other side.
    other_side: Vec<String>,
    restart: bool,
    looked_at: environment::Looked,
}

/// Diagnoses a text.
pub fn explain(text: &str, context: &Context<'_>) -> Diagnosis {
    let (flat, hits) = reading(text);
    let installed = context.installed.clone().or(Installed::from_flat(&flat));
    let input = InputNote { lines: flat.lines(), skipped_bytes: context.skipped.bytes };
    let Some(lead) = leading(&hits) else { return nothing(&flat, &installed, input) };
    let case = case_of(&flat, &installed, &hits, lead, context);
    let asked = prose::asks(&flat);
    let mut diagnosis = Diagnosis {
        family: Some(case.family.id),
        subject: Some(case.family.subject),
        cause: Some(prose::cause(&case)),
        direction: case.bearing.direction,
        effect: case.effect,
        fault: Some(prose::fault(&case)),
        evidence: evidence(&flat, &hits, lead, &case.culprits),
        remedies: remedies::remedies(&case),
        ruled_out: prose::ruled_out(&case),
        answers: prose::answers(&case),
        asked,
        unknown: prose::unknown(&case, context.skipped.bytes),
        also: also(&hits, case.family),
        input,
        culprits: case.culprits,
        facts: case.facts,
    };
    count_lines(&mut diagnosis, context.skipped);
    diagnosis
}

/// Gives every line the number that it has in the whole input.
fn count_lines(diagnosis: &mut Diagnosis, skipped: Skipped) {
    for line in diagnosis.evidence.iter_mut().map(|evidence| &mut evidence.line) {
        *line = skipped.line_of(*line);
    }
    for line in diagnosis.culprits.iter_mut().map(|culprit| &mut culprit.line) {
        *line = skipped.line_of(*line);
    }
}

/// The text and its messages: as it stands, or with its lines put together again where that tells more.
fn reading(text: &str) -> (Flat, Vec<Hit>) {
    let flat = flatten(text);
    let hits = families::find(&flat);
    let Some(mended) = mend(text) else { return (flat, hits) };
    let found = families::find(&mended.flat);
    let frames = |flat: &Flat, hits: &[Hit]| frames_of(flat, hits).iter().filter_map(Frame::top_module).count();
    let better = match telling(&found).cmp(&telling(&hits)) {
        Ordering::Less => true,
        Ordering::Equal if found.is_empty() => false,
        Ordering::Equal if mended.often => frames(&mended.flat, &found) >= frames(&flat, &hits),
        Ordering::Equal => frames(&mended.flat, &found) > frames(&flat, &hits) || says(&found) != says(&hits),
        Ordering::Greater => false,
    };
    if better { (mended.flat, found) } else { (flat, hits) }
}

fn frames_of(flat: &Flat, hits: &[Hit]) -> Vec<Frame> {
    frames_near(flat, hits.iter().map(|hit| hit.start))
}

/// What the most telling message says: a number that was torn is another one.
fn says(hits: &[Hit]) -> Option<&families::Reading> {
    leading(hits).map(|hit| &hit.reading)
}

/// How much the messages of a text tell; less is more telling, and nothing is the least.
fn telling(hits: &[Hit]) -> (bool, Option<(u8, bool)>) {
    let key = leading(hits).map(|hit| (step(hit), is_cut(hit)));
    (key.is_none(), key)
}

fn nothing(flat: &Flat, installed: &Installed, input: InputNote) -> Diagnosis {
    Diagnosis {
        family: None,
        subject: None,
        cause: None,
        direction: None,
        effect: Effect::Unknown,
        fault: None,
        culprits: Vec::new(),
        facts: surroundings::facts(flat, installed),
        evidence: Vec::new(),
        remedies: Vec::new(),
        ruled_out: Vec::new(),
        answers: Vec::new(),
        asked: false,
        unknown: Vec::new(),
        also: Vec::new(),
        input,
    }
}

/// How far a warning that hurts nobody steps back behind everything else.
const HARMLESS_STEP: u8 = 100;

/// The most telling message; among equals the first of those whose numbers were not lost.
fn leading(hits: &[Hit]) -> Option<&Hit> {
    hits.iter().min_by_key(|hit| (step(hit), is_cut(hit), hit.start))
}

fn step(hit: &Hit) -> u8 {
    hit.family.rank.saturating_add(if is_harmless(hit) { HARMLESS_STEP } else { 0 })
}

/// A message that lost the type, the numbers or the version that it has when it is whole.
fn is_cut(hit: &Hit) -> bool {
    let reading = &hit.reading;
    match hit.family.id {
        "type-size-changed" | "type-wrong-size" => reading.class.is_none() || reading.header.is_none(),
        "api-version-too-new" | "c-api-version-too-new" | "abi-version-mismatch" => reading.running.is_none(),
        "numpy-1-module-on-numpy-2" => reading.numpy.is_none(),
        _ => false,
    }
}

/// A size warning: the type grew, and what the code knows of it is still there.
fn is_harmless(hit: &Hit) -> bool {
    let reading = &hit.reading;
    let of_size = reading.class.is_some();
    let grew = matches!((reading.header, reading.actual), (Some(header), Some(actual)) if actual > header);
    let numbered = reading.header.is_some();
    of_size && (reading.warning && (grew || !numbered))
}

fn case_of<'a>(flat: &Flat, installed: &Installed, hits: &'a [Hit], lead: &'a Hit, context: &Context<'_>) -> Case<'a> {
    let mut facts = surroundings::facts(flat, installed);
    let looked_at = environment::look(&facts, context.environment.as_ref());
    let environment = context.environment.as_ref().filter(|_| looked_at.counts());
    facts.numpy = hits.iter().find_map(|hit| hit.reading.numpy.clone()).or(facts.numpy);
    let mut of_text = facts.clone();
    environment::add_facts(&mut facts, environment);
    let mut bearing = bearing_of(lead, hits, &facts);
    facts.numpy = facts.numpy.filter(|version| is_possible(version, bearing.running.as_deref()));
    facts.numpy_range = bearing.running.clone();
    let scene = Scene { flat, frames: &frames_of(flat, hits), installed };
    let sides = sides(hits, lead, &bearing, &facts);
    let mut culprits = culprits_of(&scene, hits, lead, &sides);
    add_of_others(&mut culprits, culprit::culprits(&scene, &sides.same));
    let others = culprit::culprits(&scene, &sides.other).into_iter().map(|culprit| culprit.distribution);
    let other_side = others.filter(|name| culprits.iter().all(|known| known.distribution != *name)).collect();
    let report = environment.map(|beside| beside.report);
    let looked_at = environment::add_verdicts(&mut culprits, report, lead.family, flat).unwrap_or(looked_at);
    // What the files themselves say is more than what a message's numbers allow to be told.
    bearing.read = report.and_then(|report| environment::needed(&culprits, report));
    of_text.numpy_needed.clone_from(&bearing.needed);
    bearing.needed = bearing.read.clone().or(bearing.needed);
    facts.numpy_needed = bearing.needed.clone();
    facts.of_environment = environment::beyond(&of_text, &facts);
    for culprit in &mut culprits {
        culprit.history = history::history(culprit, &facts);
    }
    Case {
        family: lead.family,
        hit: lead,
        effect: effect_of(lead, hits),
        other_side,
        restart: facts.notebook && lead.family.subject == Subject::NumpyInstallation,
        bearing,
        culprits,
        facts,
        looked_at,
    }
}

/// Whether a version that the text names can be the running one. A page of advice names others too.
fn is_possible(version: &str, running: Option<&str>) -> bool {
    let parsed = version.parse::<contract::Version>().ok();
    parsed.zip(running).is_none_or(|(version, range)| version.satisfies(range).unwrap_or(true))
}

/// The culprits of the leading family; where its messages name none, those of the messages that follow from it.
fn culprits_of(scene: &Scene<'_>, hits: &[Hit], lead: &Hit, sides: &Sides<'_>) -> Vec<Culprit> {
    if lead.family.subject == Subject::Undetermined {
        return suspects(scene, lead.start);
    }
    let of = |id: &str| -> Vec<&Hit> { hits.iter().filter(|hit| hit.family.id == id).collect() };
    let elsewhere = |hit: &&Hit| sides.other.iter().any(|other| other.start == hit.start);
    let named = culprits(scene, &of(lead.family.id).into_iter().filter(|hit| !elsewhere(hit)).collect::<Vec<_>>());
    if !named.is_empty() || lead.family.place == Place::Nobody {
        return named;
    }
    let rest: Vec<&Hit> = hits.iter().filter(|hit| hit.family.subject == Subject::NumpyAbi).collect();
    culprits(scene, &rest)
}

/// Messages that say themselves which side NumPy is on, and so stand for a failure of their own. The generic endings
/// mostly follow from one of these.
const TELLING: &[&str] = &[
    "numpy-1-module-on-numpy-2",
    "numpy-1-only-build",
    "abi-version-mismatch",
    "api-version-too-new",
    "c-api-version-too-new",
    "type-size-changed",
    "type-wrong-size",
];

/// The messages beside the leading one that stand for failures of their own, by the side that NumPy is on for them.
#[derive(Default)]
struct Sides<'a> {
    same: Vec<&'a Hit>,
    other: Vec<&'a Hit>,
}

fn sides<'a>(hits: &'a [Hit], lead: &Hit, bearing: &Bearing, facts: &Facts) -> Sides<'a> {
    let telling = |hit: &Hit| TELLING.contains(&hit.family.id);
    let mut sides = Sides::default();
    if bearing.direction.is_none() || !telling(lead) {
        return sides;
    }
    for hit in hits.iter().filter(|hit| telling(hit) && !is_harmless(hit)) {
        match bearing_of(hit, hits, facts).direction {
            None => {}
            side if side == bearing.direction => sides.same.push(hit),
            Some(_) => sides.other.push(hit),
        }
    }
    sides
}

fn add_of_others(all: &mut Vec<Culprit>, others: Vec<Culprit>) {
    for other in others {
        if all.iter().all(|known| known.distribution != other.distribution) {
            all.push(other);
        }
    }
}

fn bearing_of(lead: &Hit, hits: &[Hit], facts: &Facts) -> Bearing {
    let known = Known { numpy: facts.numpy.as_deref(), python: facts.python.as_deref() };
    match lead.family.id {
        "numpy-1-module-on-numpy-2" | "numpy-1-only-build" | "abi-version-mismatch" => of_major(),
        "api-version-too-new" | "c-api-version-too-new" => of_feature(&lead.reading).unwrap_or_default(),
        "numpy-before-1-16" => of_floor("1.16"),
        "type-size-changed" | "type-wrong-size" => {
            of_sizes(&lead.reading, known).unwrap_or_else(|| without_numbers(lead))
        }
        "array-api-not-found" | "ufunc-api-not-found" | "torch-without-numpy" | "multiarray-failed-to-import" => {
            generic(lead, hits, facts)
        }
        _ => Bearing::default(),
    }
}

/// A size error without its numbers: `ndarray` and `ufunc` only ever grew, so a check that failed found an older NumPy.
fn without_numbers(hit: &Hit) -> Bearing {
    let grows = matches!(hit.reading.class.as_deref(), Some("numpy.ndarray" | "numpy.ufunc"));
    let direction = (grows && !hit.reading.warning).then_some(Direction::NumpyTooOld);
    Bearing { direction, ..Bearing::default() }
}

/// The generic endings. `_ARRAY_API not found` is what 1.x code meets on NumPy 2; under a NumPy 1.x it means that
/// NumPy itself is damaged. "failed to import" says nothing without a NumPy version.
fn generic(lead: &Hit, hits: &[Hit], facts: &Facts) -> Bearing {
    let major = facts.numpy.as_deref().and_then(|version| version.split('.').next()).map(str::to_owned);
    let not_found = hits.iter().any(|hit| hit.family.id == "array-api-not-found");
    match (major.as_deref(), not_found) {
        (Some("1" | "0"), true) => Bearing::default(),
        (_, true) => of_major(),
        (Some("0" | "1"), false) => Bearing { direction: Some(Direction::NumpyTooOld), ..Bearing::default() },
        (Some(_), false) if lead.reading.headers_2 != Some(true) => of_major(),
        _ => Bearing::default(),
    }
}

/// What it does: torch goes on; a printed message followed by an `ImportError` does not.
fn effect_of(lead: &Hit, hits: &[Hit]) -> Effect {
    let has = |id: &str| hits.iter().any(|hit| hit.family.id == id);
    if is_harmless(lead) {
        Effect::Harmless
    } else if has("torch-without-numpy") && lead.family.subject == Subject::NumpyAbi {
        Effect::FailsAtUse
    } else if lead.family.effect == Effect::Unknown && has("multiarray-failed-to-import") {
        Effect::FailsAtImport
    } else {
        lead.family.effect
    }
}

/// At most this many lines of evidence are kept.
const MOST_EVIDENCE: usize = 6;

/// The lines of the leading message, of the culprits and of what follows from it, in the order of the text.
fn evidence(flat: &Flat, hits: &[Hit], lead: &Hit, culprits: &[Culprit]) -> Vec<EvidenceLine> {
    let of_hit = |hit: &Hit| EvidenceLine { line: flat.line_of(hit.start), text: quote(flat, hit.start) };
    let mut lines = vec![of_hit(lead)];
    let further = hits.iter().filter(|hit| hit.family.id != lead.family.id);
    for line in further.map(of_hit).chain(culprits.iter().filter_map(|culprit| of_culprit(flat, culprit))) {
        if lines.len() < MOST_EVIDENCE && lines.iter().all(|known| known.line != line.line) {
            lines.push(line);
        }
    }
    lines.sort();
    lines
}

/// At most this many bytes of a line are quoted.
const QUOTE: usize = 200;

/// The line around a position, or what follows the position where the line is long.
fn quote(flat: &Flat, start: usize) -> String {
    let line = flat.line(flat.line_of(start).saturating_sub(1));
    if line.len() <= QUOTE { line.to_owned() } else { flat.after(start.saturating_sub(24), QUOTE).trim().to_owned() }
}

fn of_culprit(flat: &Flat, culprit: &Culprit) -> Option<EvidenceLine> {
    let text = flat.line(culprit.line.checked_sub(1)?);
    (!text.is_empty() && text.len() <= QUOTE).then(|| EvidenceLine { line: culprit.line, text: text.to_owned() })
}

fn also(hits: &[Hit], lead: &Family) -> Vec<&'static str> {
    let mut ids: Vec<_> = hits.iter().map(|hit| hit.family.id).filter(|id| *id != lead.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests;
