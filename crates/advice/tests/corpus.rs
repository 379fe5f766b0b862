//! Holds `explain` against what people really pasted, and against what has nothing to do with it.
#![allow(clippy::print_stdout, reason = "the figures are meant to be read")]

use std::collections::BTreeMap;

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
