//! What is told of a distribution that does not fit, or may not.

use contract::report::{Advised, BinaryReport, DistributionReport, Loaded};
use contract::{Evidence, Fails, Finding, Verdict, Version};

use crate::text::{Detail, View};
use crate::{probe, reason, words};

/// How many files are named.
const NAMED: usize = 3;

/// A heading and a line for each thing worth knowing.
pub(super) fn block(view: &View<'_>, distribution: &DistributionReport) -> String {
    let title = format!("{} {}", distribution.name, distribution.version);
    let state = view.colour.verdict(distribution.verdict, state(distribution));
    let ignored = view.ignored(&distribution.name, distribution.verdict);
    let mut out = format!("{}: {state}{ignored}\n", view.colour.bold(title.trim_end()));
    let mut line = |label: &str, text: &str| {
        out.push_str(&format!("  {} {text}\n", view.colour.faint(&format!("{label:<8}"))));
    };
    let main = representative(view, distribution);
    line("files", &files(distribution, main));
    if let Some(binary) = main {
        if let Some(reason) = reason::reason(view.target, distribution, binary) {
            line("why", &reason);
        }
        if let Some(error) = &binary.assessment.error {
            line(if error.exception.starts_with("no exception") { "effect" } else { "message" }, &error.exception);
        }
        if let Some(loading) = loading(binary) {
            line("loaded", &loading);
        }
    }
    view.trials_of(&distribution.name).for_each(|trial| line("tried", &probe::confirmation(trial)));
    line("NumPy", &ranges(distribution));
    next(view, distribution, main).iter().for_each(|next| line("next", next));
    if view.detail == Detail::Everything {
        main.iter().flat_map(|binary| evidence(binary)).for_each(|seen| line("seen", &seen));
    }
    out
}

fn state(distribution: &DistributionReport) -> &'static str {
    match (distribution.verdict, distribution.fails) {
        (Verdict::Incompatible, Some(Fails::Import)) => "incompatible, its import fails",
        (Verdict::Incompatible, _) => "incompatible, it fails when what needs NumPy is first used",
        (Verdict::AtRisk, _) => "at risk, it imports and may fail or give wrong results",
        (verdict, _) => verdict.as_str(),
    }
}

/// The file that the rules chose to tell about; else the first that needs attention.
fn representative<'a>(view: &View<'_>, distribution: &'a DistributionReport) -> Option<&'a BinaryReport> {
    let about = |finding: &&Finding| finding.distribution.as_deref() == Some(&distribution.name);
    let ignored = view.ignored.iter().map(|ignored| &ignored.finding);
    let chosen = view.target.findings.iter().chain(ignored).filter(about).find_map(|finding| finding.binary.as_ref());
    let named = chosen.and_then(|path| attention(distribution).find(|binary| binary.path == *path));
    named.or_else(|| attention(distribution).next())
}

/// The files that fail or may fail.
fn attention(distribution: &DistributionReport) -> impl Iterator<Item = &BinaryReport> {
    distribution.binaries.iter().filter(|binary| binary.assessment.verdict >= Verdict::AtRisk)
}

/// The representative first, then others, then how many more.
fn files(distribution: &DistributionReport, main: Option<&BinaryReport>) -> String {
    let main = main.map(|binary| binary.path.as_str());
    let others = attention(distribution).map(|binary| binary.path.as_str()).filter(|path| Some(*path) != main);
    let all: Vec<&str> = main.into_iter().chain(others).collect();
    let named: Vec<String> = all.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    let more = all.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest} (of {})", named.join(", "), words::count(distribution.binaries.len(), "compiled file"))
}

fn loading(binary: &BinaryReport) -> Option<String> {
    match (binary.loaded?, &binary.loaded_by) {
        (Loaded::Always | Loaded::Submodule, Some(module)) => Some(format!("by `import {module}`")),
        (Loaded::Conditional, _) => Some("under a condition: an import may go on without it".to_owned()),
        (Loaded::Tests, _) => Some("by tests alone".to_owned()),
        (Loaded::Unknown, _) => Some("by what, could not be told".to_owned()),
        _ => None,
    }
}

fn ranges(distribution: &DistributionReport) -> String {
    let declared = match words::declared_by(distribution) {
        Some(declared) => format!("its metadata asks for {declared}"),
        None => "what its metadata asks for is not known before it is built".to_owned(),
    };
    match &distribution.numpy_binary {
        Some(range) => format!("its bytes work with {}; {declared}", words::range(range)),
        None => declared,
    }
}

/// What to do: a command where one is known, or else what the rule says.
fn next(view: &View<'_>, distribution: &DistributionReport, main: Option<&BinaryReport>) -> Vec<String> {
    let windows = view.target.python.as_ref().is_some_and(|python| python.platform.starts_with("windows"));
    let command = |requirement: &str| view.hint.install(requirement, windows);
    let mut steps = Vec::new();
    if view.hint.can_install {
        steps.extend(numpy_requirement(view, distribution, main).map(|requirement| command(&requirement)));
        steps.extend(newer(view, distribution).map(|requirement| command(&requirement)));
    }
    if steps.is_empty() {
        steps.extend(help(view, distribution));
    }
    if steps.len() > 1 { vec![steps.join("  or  ")] } else { steps }
}

fn help(view: &View<'_>, distribution: &DistributionReport) -> Option<String> {
    let about = |finding: &&Finding| finding.distribution.as_deref() == Some(&distribution.name);
    view.target.findings.iter().filter(about).find_map(|finding| finding.help.clone())
}

/// The requirement for a NumPy that the distribution works with, where this Python can have one.
fn numpy_requirement(
    view: &View<'_>,
    distribution: &DistributionReport,
    main: Option<&BinaryReport>,
) -> Option<String> {
    let known: Vec<Version> = knowledge::releases().iter().map(|release| release.version.clone()).collect();
    let reachable: Vec<&Version> = super::notes::installable(view.target).collect();
    match view.target.advised(distribution, main?, &known, |version| reachable.contains(&version)) {
        Advised::Install(set) if !set.is_everything() => Some(words::range(&set)),
        _ => None,
    }
}

/// The requirement for the oldest release that is known to work with NumPy 2, where NumPy 2 is what it fails on.
fn newer(view: &View<'_>, distribution: &DistributionReport) -> Option<String> {
    let running = view.target.numpy.as_ref()?.provision.version.as_ref()?;
    let platform = &view.target.python.as_ref()?.platform;
    let history = knowledge::distribution(&distribution.name)?.on(platform)?;
    let first: Version = history.first_for_numpy_2?.parse().ok()?;
    let installed: Version = distribution.version.parse().ok()?;
    (running.major() >= 2 && installed < first).then(|| format!("{}>={first}", distribution.name))
}

fn evidence(binary: &BinaryReport) -> Vec<String> {
    let seen = binary.assessment.error.iter().flat_map(|error| &error.evidence);
    seen.map(|evidence| format!("`{}`: {}", binary.path, observation(evidence))).collect()
}

/// One observation: what it shows, where, what stands there, and how sure it is.
pub(crate) fn observation(evidence: &Evidence) -> String {
    let place = match (&evidence.section, evidence.address) {
        (Some(section), Some(address)) => format!(" at {section} {address:#x}"),
        (None, Some(address)) => format!(" at {address:#x}"),
        (Some(section), None) => format!(" in {section}"),
        (None, None) => String::new(),
    };
    let sure = crate::json::v1::certainty(evidence.certainty);
    format!("{} ({sure}{place}: `{}`)", evidence.fact, evidence.text)
}
