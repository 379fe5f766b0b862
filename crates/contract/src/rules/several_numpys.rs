//! Several NumPys on the search path: which one wins, and why.

use crate::judge::FoundNumpy;
use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity, Version};

pub(super) const META: Rule =
    Rule { id: "several-numpys", severity: Severity::Warning, summary: "several NumPys lie on the search path" };

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let numpys = &case.input.surroundings.numpys;
    let winner = numpys.iter().find(|numpy| numpy.wins).or(numpys.first());
    match winner {
        Some(winner) if numpys.len() > 1 => vec![finding(numpys, winner)],
        _ => Vec::new(),
    }
}

fn finding(numpys: &[FoundNumpy], winner: &FoundNumpy) -> Finding {
    let others: Vec<String> = numpys.iter().filter(|numpy| *numpy != winner).map(named).collect();
    let message = format!("`import numpy` gets {}, and not {}: {}", named(winner), others.join(" or "), winner.why);
    let mut finding = words::general(&META, severity(numpys), Some("numpy"), message);
    finding.help = Some("remove the copies that are not wanted, or take their folders off the search path".to_owned());
    finding.evidence = numpys
        .iter()
        .map(|numpy| words::observed("found a NumPy", &format!("{}: {}", numpy.path, numpy.why)))
        .collect();
    finding
}

fn named(numpy: &FoundNumpy) -> String {
    let version = numpy.version.as_deref().unwrap_or("of unknown version");
    format!("{version} in `{}`", numpy.path)
}

/// Copies of one generation serve the same distributions; copies of two do not.
fn severity(numpys: &[FoundNumpy]) -> Severity {
    let major =
        |numpy: &FoundNumpy| numpy.version.as_deref().and_then(|text| text.parse::<Version>().ok()).map(|v| v.major());
    let first = numpys.first().and_then(major);
    if numpys.iter().all(|numpy| major(numpy) == first) { Severity::Note } else { Severity::Warning }
}
