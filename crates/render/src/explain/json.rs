//! A diagnosis for programs: `numpact.diagnosis/1`. Others build on it, so it changes only by addition.

use std::collections::BTreeMap;

use advice::explain::Diagnosis;
use advice::explain::diagnosis::{Culprit, History, Remedy};
use advice::explain::message::Message;
use serde::Serialize;

use super::Localizer;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    family: Option<&'static str>,
    subject: Option<&'static str>,
    cause: Option<Sentence<'a>>,
    direction: Option<&'static str>,
    effect: &'static str,
    harmless: bool,
    fault: Option<Sentence<'a>>,
    culprits: Vec<CulpritRow<'a>>,
    facts: Facts<'a>,
    evidence: Vec<Line<'a>>,
    remedies: Vec<RemedyRow<'a>>,
    ruled_out: Vec<Sentence<'a>>,
    answers: Vec<Sentence<'a>>,
    unknown: Vec<Sentence<'a>>,
    also: &'a [&'static str],
    input: Input,
}

#[derive(Serialize)]
struct Sentence<'a> {
    id: &'static str,
    text: String,
    args: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct CulpritRow<'a> {
    distribution: &'a str,
    module: &'a str,
    version: Option<&'a str>,
    file: Option<&'a str>,
    sureness: &'static str,
    line: Option<usize>,
    imported_by: &'a [String],
    history: Option<HistoryRow<'a>>,
}

#[derive(Serialize)]
struct HistoryRow<'a> {
    platform: &'a str,
    last_for_numpy_1: Option<&'a str>,
    first_for_numpy_2: Option<&'a str>,
    newest: &'a str,
    newest_anywhere: &'a str,
    frozen: bool,
    frozen_on: &'a [String],
    silent: bool,
    declared: Option<&'a str>,
    read: &'a [String],
    date: &'a str,
}

#[derive(Serialize)]
struct Facts<'a> {
    numpy: Option<&'a str>,
    numpy_range: Option<&'a str>,
    numpy_needed: Option<&'a str>,
    python: Option<&'a str>,
    system: Option<&'a str>,
    machine: Option<&'a str>,
    installer: Option<&'static str>,
    place: Option<&'a str>,
    notebook: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    line: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct RemedyRow<'a> {
    class: &'static str,
    why: Sentence<'a>,
    commands: &'a [String],
}

#[derive(Serialize)]
struct Input {
    lines: usize,
    skipped_bytes: u64,
}

/// The diagnosis as one JSON object that ends with a line break.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_json(diagnosis: &Diagnosis, words: &Localizer) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&document(diagnosis, words))?;
    text.push('\n');
    Ok(text)
}

fn document<'a>(diagnosis: &'a Diagnosis, words: &Localizer) -> Document<'a> {
    let all = |messages: &'a [Message]| messages.iter().map(|message| sentence(message, words)).collect();
    Document {
        schema: "numpact.diagnosis/1",
        family: diagnosis.family,
        subject: diagnosis.subject.map(|subject| subject.as_str()),
        cause: diagnosis.cause.as_ref().map(|cause| sentence(cause, words)),
        direction: diagnosis.direction.map(|direction| direction.as_str()),
        effect: diagnosis.effect.as_str(),
        harmless: diagnosis.is_harmless(),
        fault: diagnosis.fault.as_ref().map(|fault| sentence(fault, words)),
        culprits: diagnosis.culprits.iter().map(culprit).collect(),
        facts: facts(diagnosis),
        evidence: diagnosis.evidence.iter().map(|line| Line { line: line.line, text: &line.text }).collect(),
        remedies: diagnosis.remedies.iter().map(|r| remedy(r, words)).collect(),
        ruled_out: all(&diagnosis.ruled_out),
        answers: all(&diagnosis.answers),
        unknown: all(&diagnosis.unknown),
        also: &diagnosis.also,
        input: Input { lines: diagnosis.input.lines, skipped_bytes: diagnosis.input.skipped_bytes },
    }
}

fn sentence<'a>(message: &'a Message, words: &Localizer) -> Sentence<'a> {
    let told = message.args.iter().filter(|(_, value)| *value != "?");
    Sentence {
        id: message.id,
        text: words.say(message),
        args: told.map(|(name, value)| (*name, value.as_str())).collect(),
    }
}

fn culprit(culprit: &Culprit) -> CulpritRow<'_> {
    CulpritRow {
        distribution: &culprit.distribution,
        module: &culprit.module,
        version: culprit.version.as_deref(),
        file: culprit.file.as_deref(),
        sureness: culprit.sureness.as_str(),
        line: (culprit.line > 0).then_some(culprit.line),
        imported_by: &culprit.imported_by,
        history: culprit.history.as_ref().map(history),
    }
}

fn history(history: &History) -> HistoryRow<'_> {
    HistoryRow {
        platform: &history.platform,
        last_for_numpy_1: history.last_for_numpy_1.as_deref(),
        first_for_numpy_2: history.first_for_numpy_2.as_deref(),
        newest: &history.newest,
        newest_anywhere: &history.newest_anywhere,
        frozen: history.frozen,
        frozen_on: &history.frozen_on,
        silent: history.silent,
        declared: history.declared.as_deref(),
        read: &history.read,
        date: &history.date,
    }
}

fn facts(diagnosis: &Diagnosis) -> Facts<'_> {
    let facts = &diagnosis.facts;
    Facts {
        numpy: facts.numpy.as_deref(),
        numpy_range: facts.numpy_range.as_deref(),
        numpy_needed: facts.numpy_needed.as_deref(),
        python: facts.python.as_deref(),
        system: facts.system.as_deref(),
        machine: facts.machine.as_deref(),
        installer: facts.installer.map(|installer| installer.as_str()),
        place: facts.place.as_deref(),
        notebook: facts.notebook,
    }
}

fn remedy<'a>(remedy: &'a Remedy, words: &Localizer) -> RemedyRow<'a> {
    RemedyRow { class: remedy.class.as_str(), why: sentence(&remedy.why, words), commands: &remedy.commands }
}

#[cfg(test)]
mod tests {
    use advice::explain::{Context, explain};

    use super::super::{Detail, Language, Localizer, to_text};
    use super::to_json;

    const TEXT: &str = "ValueError: numpy.ndarray size changed, may indicate binary incompatibility. Expected 96 from C \
                        header, got 88 from PyObject\n";

    #[test]
    fn both_forms_tell_the_same_in_both_languages() {
        let diagnosis = explain(TEXT, &Context::default());
        for language in Language::ALL {
            let words = Localizer::new(language);
            let json = to_json(&diagnosis, &words).expect("plain values serialise");
            let value: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
            assert_eq!(value["schema"], "numpact.diagnosis/1");
            assert_eq!(value["direction"], "numpy-too-old");
            let cause = value["cause"]["text"].as_str().expect("a sentence").to_owned();
            let page = to_text(&diagnosis, &words, Detail::Full);
            assert!(page.starts_with(&cause), "{page}");
            assert!(page.contains("numpy>=1.22"), "{page}");
            assert!(!page.contains("{$") && !page.contains("{ $"), "every gap is filled: {page}");
        }
    }

    #[test]
    fn nothing_recognised_is_said() {
        let diagnosis = explain("KeyError: 'x'", &Context::default());
        let page = to_text(&diagnosis, &Localizer::new(Language::English), Detail::Short);
        assert_eq!(page.lines().count(), 1);
    }
}
