//! Holds `explain` against what people really pasted, and against what has nothing to do with it.
#![allow(clippy::print_stdout, reason = "the figures are meant to be read")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use numpact_advice::explain::diagnosis::Sureness;
use numpact_advice::explain::{Context, Diagnosis, explain};
use serde::Deserialize;

/// One excerpt and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Where it was read: `owner/repository#number`.
    thread: String,
    /// The machine's words.
    text: String,
    /// The family of the deciding message.
    family: String,
    /// The distribution at fault; empty where the excerpt names none.
    #[serde(default)]
    culprit: String,
    /// The side that NumPy is on; empty where the excerpt does not tell, or nothing is wrong.
    #[serde(default)]
    direction: String,
    /// Whether it may be ignored.
    #[serde(default)]
    harmless: bool,
    /// The class of the first remedy.
    remedy: String,
}

#[derive(Deserialize)]
struct Entries {
    entry: Vec<Entry>,
}

/// A failure that has nothing to do with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unrelated {
    /// The program that failed.
    program: String,
    /// What it printed.
    text: String,
}

#[derive(Deserialize)]
struct UnrelatedEntries {
    entry: Vec<Unrelated>,
}

const FILES: &[&str] = &[
    include_str!("corpus/major.toml"),
    include_str!("corpus/versions.toml"),
    include_str!("corpus/sizes.toml"),
    include_str!("corpus/torch.toml"),
    include_str!("corpus/installation.toml"),
    include_str!("corpus/crash.toml"),
    include_str!("corpus/lookalikes.toml"),
    include_str!("corpus/fresh.toml"),
];

fn entries() -> Vec<Entry> {
    let parse = |text: &&str| toml::from_str::<Entries>(text).expect("the corpus is valid TOML").entry;
    FILES.iter().flat_map(parse).collect()
}

fn unrelated() -> Vec<Unrelated> {
    toml::from_str::<UnrelatedEntries>(include_str!("corpus/unrelated.toml")).expect("valid TOML").entry
}

fn diagnose(text: &str) -> Diagnosis {
    explain(text, &Context::default())
}

/// Whether a distribution is named with more than suspicion.
fn first_culprit(diagnosis: &Diagnosis) -> &str {
    diagnosis.culprits.first().map_or("", |culprit| culprit.distribution.as_str())
}

/// The facts of which a diagnosis differs from what is expected.
fn differences(entry: &Entry) -> Vec<String> {
    let found = diagnose(&entry.text);
    let direction = found.direction.map_or("", |direction| direction.as_str());
    let remedy = found.remedies.first().map_or("", |remedy| remedy.class.as_str());
    let facts = [
        ("family", entry.family.as_str(), found.family.unwrap_or_default()),
        ("culprit", entry.culprit.as_str(), first_culprit(&found)),
        ("direction", entry.direction.as_str(), direction),
        ("harmless", if entry.harmless { "yes" } else { "no" }, if found.is_harmless() { "yes" } else { "no" }),
        ("remedy", entry.remedy.as_str(), remedy),
    ];
    let differing = facts.into_iter().filter(|(_, expected, found)| expected != found);
    differing.map(|(fact, expected, found)| format!("{fact}: expected `{expected}`, found `{found}`")).collect()
}

#[test]
fn every_excerpt_is_read_rightly() {
    let entries = entries();
    let mut wrong = BTreeMap::new();
    for entry in &entries {
        let differences = differences(entry);
        if !differences.is_empty() {
            wrong.insert(entry.thread.clone(), differences);
        }
    }
    for (thread, differences) in &wrong {
        println!("{thread}: {}", differences.join("; "));
    }
    println!("{} of {} excerpts read rightly in all five facts", entries.len() - wrong.len(), entries.len());
    assert!(entries.len() >= 120, "the corpus has {} excerpts", entries.len());
    assert!(wrong.is_empty(), "{} excerpts are read wrongly", wrong.len());
}

#[test]
fn precision_and_recall() {
    let entries = entries();
    let concerns = |entry: &&Entry| !entry_is_lookalike(entry);
    let positive = entries.iter().filter(concerns).count();
    let found = entries.iter().filter(concerns).filter(|entry| shows_numpy(&entry.text)).count();
    let lookalikes = entries.iter().filter(|entry| entry_is_lookalike(entry) && shows_numpy(&entry.text)).count();
    let unrelated = unrelated();
    let false_alarms =
        unrelated.iter().filter(|entry| shows_numpy(&entry.text)).inspect(|e| println!("{}", e.program)).count();
    let wrong = lookalikes + false_alarms;
    println!("recall {found}/{positive}, precision {found}/{} over {} unrelated", found + wrong, unrelated.len());
    assert!(unrelated.len() >= 40);
    assert_eq!((found, wrong), (positive, 0));
}

fn entry_is_lookalike(entry: &Entry) -> bool {
    const LOOKALIKES: &[&str] = &[
        "python-level-cap",
        "python-api-removed",
        "wrong-python-or-machine",
        "resolver-conflict",
        "dll-load-failed",
        "unresolved-symbol",
        "other-type-size-changed",
    ];
    LOOKALIKES.contains(&entry.family.as_str())
}

/// A diagnosis about NumPy, or a crash whose suspects are named.
fn shows_numpy(text: &str) -> bool {
    let found = diagnose(text);
    found.concerns_numpy() || found.culprits.iter().any(|culprit| culprit.sureness == Sureness::Suspect)
}

#[test]
fn no_excerpt_depends_on_its_line_breaks() {
    for entry in entries() {
        let squashed = entry.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (whole, squashed) = (diagnose(&entry.text), diagnose(&squashed));
        assert_eq!((whole.family, whole.direction), (squashed.family, squashed.direction), "{}", entry.thread);
    }
}

#[test]
fn no_excerpt_depends_on_its_line_ends_or_a_prefix() {
    for entry in entries() {
        let windows = entry.text.replace('\n', "\r\n");
        let logged: String = entry.text.lines().map(|l| format!("2024-06-19T10:11:12.1234567Z {l}\n")).collect();
        let expected = diagnose(&entry.text).family;
        assert_eq!(diagnose(&windows).family, expected, "{}", entry.thread);
        assert_eq!(diagnose(&logged).family, expected, "{}", entry.thread);
    }
}

/// A text as a window of this width shows it: each line torn behind so many letters, wherever that is.
fn torn(text: &str, width: usize) -> String {
    let pieces = |line: &str| {
        let letters: Vec<char> = line.chars().collect();
        letters.chunks(width).map(|piece| piece.iter().collect::<String>() + "\n").collect::<String>()
    };
    text.lines().map(pieces).collect()
}

/// A text as it is set at this width: broken at blanks and behind hyphens, and inside of words that are too long.
fn set(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut room = width;
        for word in line.split_inclusive([' ', '-']) {
            let length = word.trim_end().chars().count();
            if length > room {
                out.push('\n');
                room = width;
            }
            out.push_str(&torn(word, width).trim_end_matches('\n').replace(' ', if length < room { " " } else { "" }));
            room = room.saturating_sub(word.chars().count());
        }
        out.push('\n');
    }
    out
}

#[test]
fn no_excerpt_depends_on_the_width_of_the_window_that_it_was_copied_from() {
    let mut wrong = Vec::new();
    for entry in entries() {
        let whole = diagnose(&entry.text);
        let facts = |found: &Diagnosis| (found.family, found.direction, first_culprit(found).to_owned());
        for width in [72, 79, 80, 100] {
            for (how, text) in [("torn", torn(&entry.text, width)), ("set", set(&entry.text, width))] {
                let found = diagnose(&text);
                if facts(&found) != facts(&whole) {
                    wrong.push(format!(
                        "{} {how} at {width}: {:?}, not {:?}",
                        entry.thread,
                        facts(&found),
                        facts(&whole)
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

/// The gaps of every sentence.
static GAPS: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let sentences = include_str!("../../render/src/explain/locales/en.ftl").lines();
    let gaps = |text: &'static str| text.split("{ $").skip(1).filter_map(|gap| gap.split(' ').next()).collect();
    sentences.filter_map(|line| line.split_once(" = ")).map(|(id, text)| (id, gaps(text))).collect()
});

/// The sentences of a diagnosis that lack what they are about.
fn unfilled(found: &Diagnosis) -> Vec<String> {
    let sentences = found.cause.iter().chain(&found.fault).chain(found.remedies.iter().map(|remedy| &remedy.why));
    let all = sentences.chain(&found.ruled_out).chain(&found.answers).chain(&found.unknown);
    let empty = |value: Option<&String>| value.is_none_or(|value| value.is_empty() || value == "?");
    let lacking = |message: &numpact_advice::explain::message::Message| {
        let asked = GAPS.get(message.id).into_iter().flatten();
        asked
            .filter(|gap| empty(message.args.get(*gap)))
            .map(|gap| format!("{}: {gap}", message.id))
            .collect::<Vec<_>>()
    };
    all.flat_map(lacking).collect()
}

#[test]
fn whatever_is_cut_off_no_sentence_is_left_with_an_empty_gap() {
    for entry in entries() {
        let letters: Vec<char> = entry.text.chars().collect();
        for end in (0..=letters.len()).step_by(7).chain([letters.len()]) {
            let text: String = letters.iter().take(end).collect();
            let lacking = unfilled(&diagnose(&text));
            assert!(lacking.is_empty(), "{}, its first {end} letters: {lacking:?}", entry.thread);
        }
        for line in entry.text.lines() {
            let lacking = unfilled(&diagnose(line));
            assert!(lacking.is_empty(), "{}: {line}: {lacking:?}", entry.thread);
        }
    }
}

/// At most so much of a thread is kept: what a machine printed around the deciding line.
const MOST_BYTES: usize = 1200;
const MOST_LINES: usize = 20;

#[test]
fn excerpts_are_short_and_say_where_they_were_read() {
    for entry in entries() {
        let (place, number) = entry.thread.split_once('#').unwrap_or((entry.thread.as_str(), "0"));
        let named = place.split('/').filter(|part| !part.is_empty()).count() == 2;
        let numbered = number.split(' ').next().is_some_and(|number| number.parse::<u32>().is_ok());
        assert!(named && numbered, "`{}` names no thread", entry.thread);
        assert!(entry.thread.contains('#') || place.starts_with("constructed/"), "`{}` has no number", entry.thread);
        let (bytes, lines) = (entry.text.len(), entry.text.lines().count());
        assert!(bytes <= MOST_BYTES && lines <= MOST_LINES, "{}: {bytes} bytes, {lines} lines", entry.thread);
    }
}
