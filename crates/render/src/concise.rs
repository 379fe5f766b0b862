//! One line a finding, for `grep`: `path: verdict[rule] message`. The last line counts everything.

use contract::report::TargetReport;
use contract::{Finding, Verdict};

use crate::{Page, words};

/// The whole report.
pub fn to_concise(page: &Page<'_>) -> String {
    let mut out = String::new();
    for target in &page.report.targets {
        target.findings.iter().for_each(|finding| out.push_str(&line(finding, target)));
    }
    out.push_str(&words::summary(page.report, page.ignored));
    out.push('\n');
    out
}

fn line(finding: &Finding, target: &TargetReport) -> String {
    let subject = words::subject(finding, target);
    let message = finding.message.replace(['\n', '\r'], " ");
    format!("{subject}: {}[{}] {message}\n", word(finding, target), finding.rule)
}

/// The verdict of the file that the finding is about; its severity where it is about no single file.
fn word(finding: &Finding, target: &TargetReport) -> &'static str {
    let binary = finding.binary.as_ref().and_then(|path| {
        let mut own = target.distributions.iter().filter(|d| Some(&d.name) == finding.distribution.as_ref());
        own.find_map(|distribution| distribution.binaries.iter().find(|binary| binary.path == *path))
    });
    let verdict = binary.map(|binary| binary.assessment.verdict);
    let judged = verdict.filter(|verdict| target.numpy.is_some() || *verdict != Verdict::Compatible);
    judged.map_or(finding.severity.as_str(), Verdict::as_str)
}

#[cfg(test)]
mod tests {
    use crate::sample;

    #[test]
    fn a_line_a_finding_and_the_counts() {
        let report = sample::broken();
        let text = super::to_concise(&sample::page(&report));
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("old/core.so: incompatible[numpy-major-mismatch] `old` 1.0 was compiled"),
            "{text}"
        );
        assert_eq!(lines.len(), report.targets[0].findings.len() + 1);
        assert_eq!(lines.last(), Some(&sample::BROKEN_SUMMARY));
    }
}
