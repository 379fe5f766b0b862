//! What is told below the distributions that need attention: one NumPy for all, what could not be told, other findings.

use contract::report::TargetReport;
use contract::{Finding, Severity, Verdict, Version};

use crate::text::{Detail, View, distribution};
use crate::{probe, words};

/// How many findings of one rule are told one by one.
const TOLD: usize = 3;
/// Rules whose findings are told with their distribution.
const TOLD_ABOVE: &[&str] = &[
    "numpy-major-mismatch",
    "numpy-too-old",
    "type-size-changed",
    "fails-at-first-use",
    "unchecked-numpy-access",
    "undetermined-binary",
];

/// The releases of NumPy that the target's Python can have: all, where the Python is not known.
pub(super) fn installable(target: &TargetReport) -> impl Iterator<Item = &'static Version> {
    let line = target.python.as_ref().and_then(|python| {
        let mut numbers = python.version.split('.').map(|part| part.parse::<u8>().ok());
        numbers.next().flatten().zip(numbers.next().flatten())
    });
    let fits = move |release: &&contract::Release| line.is_none_or(|line| release.pythons.contains(&line));
    knowledge::releases()
        .iter()
        .filter(fits)
        .map(|release| &release.version)
        .filter(|version| !knowledge::is_yanked(version))
}

/// Where several distributions are broken: whether one NumPy suits everything here, by bytes and by metadata.
pub(super) fn together(view: &View<'_>) -> String {
    let broken = view.target.distributions.iter().filter(|d| d.verdict >= Verdict::AtRisk).count();
    if broken < 2 || view.target.numpy.is_none() {
        return String::new();
    }
    let suits = |version: &Version| view.target.distributions.iter().all(|d| d.fits(version) && d.allows(version));
    let suiting: Vec<&Version> = installable(view.target).filter(|version| suits(version)).collect();
    let text = match suiting.last() {
        Some(newest) if view.hint.can_install => {
            let windows = view.target.python.as_ref().is_some_and(|p| p.platform.starts_with("windows"));
            let command = view.hint.install(&format!("numpy=={newest}"), windows);
            format!("NumPy {newest} suits all of them, by their bytes and by their metadata: {command}")
        }
        Some(newest) => format!("NumPy {newest} suits all of them, by their bytes and by their metadata"),
        None => "no NumPy release for this Python suits all of them: some need another release".to_owned(),
    };
    format!("\n{} {text}\n", view.colour.bold("Together:"))
}

/// Distributions of which nothing worse is known than that it could not be told: a line each.
pub(super) fn undetermined(view: &View<'_>) -> String {
    let mut lines = Vec::new();
    for distribution in &view.target.distributions {
        let mut files = distribution.binaries.iter().filter(|b| b.assessment.verdict == Verdict::Undetermined);
        let Some(first) = files.next() else { continue };
        let reason = first.assessment.undetermined.first().map_or("no reason is known", |u| u.detail.as_str());
        let more = files.count();
        let rest = if more > 0 { format!(", and {} more", words::count(more, "file")) } else { String::new() };
        let tried = view.trials_of(&distribution.name).filter(|_| distribution.verdict == Verdict::Undetermined);
        let tried: String = tried.map(|trial| format!("; {}", probe::confirmation(trial))).collect();
        let ignored = view.ignored(&distribution.name, Verdict::Undetermined);
        lines.push(format!("{}: `{}`: {reason}{rest}{tried}{ignored}", distribution.name, first.path));
    }
    section(view, "Could not be told", Verdict::Undetermined, &lines)
}

fn section(view: &View<'_>, title: &str, verdict: Verdict, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let limit = if view.detail == Detail::Everything { lines.len() } else { TOLD };
    let mut out = format!("\n{}\n", view.colour.verdict(verdict, &format!("{title} ({}):", lines.len())));
    lines.iter().take(limit).for_each(|line| out.push_str(&format!("  {line}\n")));
    out.push_str(&rest(lines.len(), limit));
    out
}

fn rest(number: usize, limit: usize) -> String {
    let more = number.saturating_sub(limit);
    if more > 0 { format!("  and {more} more; `-v` lists them\n") } else { String::new() }
}

/// Findings beside those that say what fails, a few of each rule.
pub(super) fn findings(view: &View<'_>) -> String {
    let beside: Vec<&Finding> =
        view.target.findings.iter().filter(|finding| !TOLD_ABOVE.contains(&finding.rule.as_str())).collect();
    let mut rules: Vec<&str> = Vec::new();
    beside.iter().for_each(|finding| {
        if !rules.contains(&finding.rule.as_str()) {
            rules.push(&finding.rule)
        }
    });
    rules.iter().map(|rule| of_rule(view, &beside, rule)).collect()
}

fn of_rule(view: &View<'_>, beside: &[&Finding], rule: &str) -> String {
    let of_rule: Vec<&Finding> = beside.iter().copied().filter(|finding| finding.rule == rule).collect();
    let everything = view.detail == Detail::Everything;
    let told = match of_rule.first().map(|finding| finding.severity) {
        Some(Severity::Note) if !everything => 1,
        _ if everything => of_rule.len(),
        _ => TOLD,
    };
    let mut out = String::from("\n");
    for finding in of_rule.iter().take(told) {
        let word = view.colour.severity(finding.severity, finding.severity.as_str());
        out.push_str(&format!("{word}[{}]: {}\n", finding.rule, finding.message));
        finding.help.iter().for_each(|help| out.push_str(&format!("  {} {help}\n", view.colour.faint("next    "))));
        if everything {
            let seen = finding.evidence.iter().map(distribution::observation);
            seen.for_each(|seen| out.push_str(&format!("  {} {seen}\n", view.colour.faint("seen    "))));
        }
    }
    out.push_str(&rest(of_rule.len(), told));
    out
}

/// What went wrong while looking, and what is not sure.
pub(super) fn problems(view: &View<'_>) -> String {
    section(view, "Gaps and doubts", Verdict::Undetermined, &view.target.problems)
}

/// What was left out on purpose.
pub(super) fn left_out(view: &View<'_>) -> String {
    let lines = view.target.left_out.iter().map(|told| format!("\n{} {told}\n", view.colour.bold("Not looked at:")));
    lines.collect()
}
