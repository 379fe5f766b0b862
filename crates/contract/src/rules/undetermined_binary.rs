//! Files of which it could not be told whether they fit.

use crate::report::DistributionReport;
use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity, Verdict};

pub(super) const META: Rule = Rule {
    id: "undetermined-binary",
    severity: Severity::Note,
    summary: "it could not be told whether a compiled file fits NumPy",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    case.report.distributions.iter().filter_map(finding).collect()
}

fn finding(distribution: &DistributionReport) -> Option<Finding> {
    let mut untold = distribution.binaries.iter().filter(|b| b.assessment.verdict == Verdict::Undetermined);
    let first = untold.next()?;
    let more = untold.count();
    let others = if more > 0 { format!(", and likewise of {} more", words::files(more)) } else { String::new() };
    let reason = first.assessment.undetermined.first();
    let detail = reason.map_or("no reason is known", |reason| reason.detail.as_str());
    let message = format!("of `{}` it could not be told whether it fits: {detail}{others}", first.path);
    let mut finding = words::about(&META, META.severity, distribution, first, message);
    if let Some(reason) = reason {
        finding.evidence = vec![words::observed(&reason.reason, &reason.detail)];
    }
    finding.help = Some(match first.module.as_deref().filter(|_| !first.path.is_empty()) {
        Some(module) => format!("import `{module}` under this NumPy to see"),
        None => format!("try what uses `{}` under this NumPy to see", distribution.name),
    });
    Some(finding)
}
