//! The page with the result: confusion, table by kind of consumer, and every wrong prediction by name.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::accuracy::Row;
use crate::accuracy::class::{Class, Judgement};
use crate::accuracy::line::Line;

const HEAD: &str = "# Accuracy

What numpact foresees, from the bytes alone, beside what happened when the modules were imported and called. Made by
`cargo xtask accuracy` from `fixtures/truth`: `observed.jsonl` (modules of real wheels, each imported in a process of its
own under several NumPys) and `built.jsonl` (the modules of `fixtures/src`, built against many NumPys and run under many).
All on Linux with x86-64; wheels of other platforms were not run. A wheel's module is imported and not called, so a
failure at first use is compared for the modules of `fixtures/src` alone. The import of a wheel's module runs its
package's code first; a consumer of `none` is a module that uses no C API of NumPy itself. Failures that are not about
NumPy's C API (a missing library, a name that NumPy removed from Python) are not compared.
";

/// Wheels kept apart while numpact was written: the word that the names of their environments begin with, and what the page
/// says of them.
const KEPT_APART: [(&str, &str); 2] = [
    (
        "holdout",
        "
## Wheels kept apart

Wheels of `fixtures/wheels/holdout.txt`, drawn at random and not looked into while numpact was written. The very first
comparison had 136 of 156 observations with 2 failures and 0 wrong; then five of the wheels were given one more NumPy to see more
failures, and nothing was mended in between. Few of these wheels fail anywhere, so this says more of false alarms than of misses.

",
    ),
    ("drawn", include_str!("drawn.md")),
];

/// How much of an exception's text the lines of wheels keep.
const KEPT: usize = 200;

const JUDGEMENTS: [Judgement; 7] = [
    Judgement::Right,
    Judgement::RiskUnmet,
    Judgement::WrongKind,
    Judgement::Missed,
    Judgement::FalseAlarm,
    Judgement::Undetermined,
    Judgement::NotCompared,
];

/// The whole page, in Markdown. `absent` tells what was not run, an item each.
pub(crate) fn page(rows: &[Row], absent: &[String]) -> String {
    let words = KEPT_APART.map(|(word, _)| word);
    let of = |set: Option<&str>| rows.iter().filter(|row| row.line.set(&words) == set).collect::<Vec<_>>();
    let mut page = HEAD.to_owned() + "\n" + &part(&of(None), "##");
    for (word, about) in KEPT_APART {
        let kept_apart = of(Some(word));
        if !kept_apart.is_empty() {
            page += about;
            page += &part(&kept_apart, "###");
        }
    }
    if !absent.is_empty() {
        page += "\n## Not run\n\nThe repository says how to make these observations; they are in no figure above.\n\n";
        page.extend(absent.iter().map(|text| format!("- {text}\n")));
    }
    page
}

/// Everything about some of the rows, under headings of one depth.
fn part(rows: &[&Row], depth: &str) -> String {
    let wrong = rows.iter().filter(|row| row.judgement.is_wrong()).count();
    let compared = rows.iter().filter(|row| row.judgement != Judgement::NotCompared).count();
    let failed = rows.iter().filter(|row| row.judgement != Judgement::NotCompared && row.line.class() != Class::Fine);
    let failed = failed.count();
    let mut text = format!(
        "{compared} of {} observations compared ({failed} of them failures), {wrong} predictions wrong.\n\n",
        rows.len()
    );
    text += &messages(rows);
    let sections = [
        ("Foreseen beside seen", confusion(rows)),
        ("By kind of consumer", by_consumer(rows)),
        ("Wrong predictions", list(rows, Judgement::is_wrong)),
        ("Undetermined", list(rows, |judgement| judgement == Judgement::Undetermined)),
        ("Not compared", not_compared(rows)),
    ];
    for (title, body) in sections {
        let _ = write!(text, "\n{depth} {title}\n\n{body}");
    }
    text
}

/// How many texts were foreseen to the letter, and the pairs that differ.
fn messages(rows: &[&Row]) -> String {
    let right = rows.iter().filter(|row| row.judgement == Judgement::Right);
    let told: Vec<(String, String)> = right.filter_map(|row| texts(row)).collect();
    let exact = told.iter().filter(|(foreseen, seen)| foreseen == seen).count();
    let mut text =
        format!("Of {} failures foreseen and seen, {exact} have the foreseen text to the letter.\n", told.len());
    let mut others: BTreeMap<(String, String), usize> = BTreeMap::new();
    for pair in told.into_iter().filter(|(foreseen, seen)| foreseen != seen) {
        *others.entry(pair).or_default() += 1;
    }
    for ((foreseen, seen), count) in others {
        let _ = writeln!(text, "- {count} times foreseen `{}`, seen `{}`", one_line(&foreseen), one_line(&seen));
    }
    text
}

/// The texts foreseen and seen, as far as the file of observations keeps the latter.
fn texts(row: &Row) -> Option<(String, String)> {
    let (foreseen, seen) = row.foreseen.as_ref().zip(row.seen.as_ref())?;
    let kept = if matches!(row.line, Line::Wheel(_)) { KEPT } else { usize::MAX };
    Some((foreseen.chars().take(kept).collect(), seen.clone()))
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ").chars().take(200).collect()
}

/// Counts of classes seen by the class foreseen.
fn confusion(rows: &[&Row]) -> String {
    let mut counts: BTreeMap<&Class, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for row in rows {
        *counts.entry(&row.predicted).or_default().entry(row.line.class().as_str()).or_default() += 1;
    }
    let mut columns: Vec<&str> = counts.values().flat_map(BTreeMap::keys).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let mut text = header("foreseen \\ seen", &columns);
    for (class, found) in &counts {
        text += &line(class.as_str(), columns.iter().map(|column| found.get(column).copied().unwrap_or(0)));
    }
    text
}

fn by_consumer(rows: &[&Row]) -> String {
    let mut counts: BTreeMap<&str, BTreeMap<Judgement, usize>> = BTreeMap::new();
    for row in rows {
        *counts.entry(&row.consumer).or_default().entry(row.judgement).or_default() += 1;
    }
    let mut text = header("consumer", &JUDGEMENTS.map(Judgement::as_str));
    for (consumer, found) in counts {
        text += &line(consumer, JUDGEMENTS.iter().map(|judgement| found.get(judgement).copied().unwrap_or(0)));
    }
    text
}

fn header(corner: &str, columns: &[&str]) -> String {
    format!("| {corner} | {} |\n|---|{}\n", columns.join(" | "), "--:|".repeat(columns.len()))
}

fn line(name: &str, counts: impl Iterator<Item = usize>) -> String {
    let cells: Vec<String> = counts.map(|count| count.to_string()).collect();
    format!("| {name} | {} |\n", cells.join(" | "))
}

fn list(rows: &[&Row], wanted: impl Fn(Judgement) -> bool) -> String {
    let text: String = rows.iter().filter(|row| wanted(row.judgement)).map(|row| item(row)).collect();
    if text.is_empty() { "None.\n".to_owned() } else { text }
}

/// One prediction with both texts.
fn item(row: &Row) -> String {
    let quoted =
        |text: &Option<String>| text.as_ref().map(|text| format!(", `{}`", one_line(text))).unwrap_or_default();
    let doubt = row.doubt.as_ref().filter(|_| row.predicted == Class::Undetermined);
    format!(
        "- {}: {} (foreseen: {}{}{}; seen: {}{})\n",
        row.line.name(),
        row.judgement.as_str(),
        row.predicted.as_str(),
        quoted(&row.foreseen),
        doubt.map(|doubt| format!(", {}", one_line(doubt))).unwrap_or_default(),
        row.line.class().as_str(),
        quoted(&row.seen)
    )
}

/// What the failures that were not compared said, with how often.
fn not_compared(rows: &[&Row]) -> String {
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.judgement == Judgement::NotCompared) {
        let seen = row.seen.as_deref().map_or_else(|| row.line.outcome().to_owned(), one_line);
        *counts.entry((row.line.subject(), seen)).or_default() += 1;
    }
    let told = counts.into_iter().map(|((subject, seen), count)| format!("- {subject}, {count} times: `{seen}`\n"));
    let text: String = told.collect();
    if text.is_empty() { "None.\n".to_owned() } else { text }
}
