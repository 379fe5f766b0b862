//! Findings that the configuration ignores, and whether what is left is worth a status of 1.

use contract::report::{DistributionReport, Report};
use contract::{Finding, Severity, Verdict};
use render::Ignored;

use crate::args::FailOn;
use crate::output;
use crate::settings::{Ignore, Settings};

/// Moves ignored findings out of the report. Warns of an entry that matches nothing: what it was for is mended, or it
/// never meant what its author thought.
pub(crate) fn take_out(report: &mut Report, settings: &Settings) -> Vec<Ignored> {
    let mut ignored = Vec::new();
    let mut used = vec![false; settings.ignore.len()];
    for (index, target) in report.targets.iter_mut().enumerate() {
        let path = target.path.clone();
        target.findings.retain(|finding| {
            let entry = settings.ignore.iter().zip(&mut used).find(|(entry, _)| matches(entry, finding, &path));
            let Some((entry, used)) = entry else { return true };
            *used = true;
            ignored.push(Ignored { target: index, finding: finding.clone(), reason: entry.reason.clone() });
            false
        });
    }
    let unused = settings.ignore.iter().zip(used).filter(|(_, used)| !used);
    unused.for_each(|(entry, _)| warn(entry, settings));
    ignored
}

fn warn(entry: &Ignore, settings: &Settings) {
    let place = settings.file.as_ref().map(|file| format!("`{}`: ", file.display())).unwrap_or_default();
    let message = format!("{place}`ignore` of `{}` for `{}` matches no finding", entry.rule, entry.subject);
    output::complain("warning", &message);
}

/// An entry's subject is a distribution, a file, or the target itself for what is about no distribution.
fn matches(entry: &Ignore, finding: &Finding, target: &str) -> bool {
    let named = finding.distribution.as_deref().is_some_and(|name| normalised(name) == normalised(&entry.subject));
    let filed = finding.binary.as_ref() == Some(&entry.subject);
    let general = finding.distribution.is_none() && target == entry.subject;
    finding.rule == entry.rule && (named || filed || general)
}

/// A distribution's name as indexes compare names.
fn normalised(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Whether something is left that `fail_on` names. An error of any rule counts as incompatible.
pub(crate) fn found(report: &Report, ignored: &[Ignored], fail_on: FailOn) -> bool {
    let least = match fail_on {
        FailOn::Incompatible => Verdict::Incompatible,
        FailOn::AtRisk => Verdict::AtRisk,
        FailOn::Undetermined => Verdict::Undetermined,
    };
    report.targets.iter().enumerate().any(|(index, target)| {
        let excused = |d: &DistributionReport| ignored.iter().any(|i| i.target == index && i.states(&d.name, worst(d)));
        target.findings.iter().any(|finding| finding.severity == Severity::Error)
            || target.distributions.iter().any(|d| worst(d) >= least && !excused(d))
    })
}

/// A distribution's verdict; one that is fine by what it loads may still hold files that could not be told.
fn worst(distribution: &DistributionReport) -> Verdict {
    let untold = distribution.binaries.iter().any(|binary| binary.assessment.verdict == Verdict::Undetermined);
    if untold { distribution.verdict.max(Verdict::Undetermined) } else { distribution.verdict }
}
