//! Workflow commands that GitHub's runner turns into annotations. The last one counts everything.

use contract::Severity;

use crate::{Page, words};

/// The whole report.
pub fn to_github(page: &Page<'_>) -> String {
    let mut out = String::new();
    for target in &page.report.targets {
        for finding in &target.findings {
            let help = finding.help.as_ref().map(|help| format!("\nNext: {help}")).unwrap_or_default();
            let title = format!("{}: {}", finding.rule, words::subject(finding, target));
            out.push_str(&command(level(finding.severity), &title, &format!("{}{help}", finding.message)));
        }
    }
    out.push_str(&command("notice", "numpact", &words::summary(page.report, page.ignored)));
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn command(level: &str, title: &str, message: &str) -> String {
    let title = escaped(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{level} title={title}::{}\n", escaped(message))
}

/// A line break would end the command, and whatever follows could be taken for another.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use crate::sample;

    #[test]
    fn no_text_can_end_a_command_or_begin_one() {
        let mut report = sample::broken();
        report.targets[0].findings[0].message = "100%\n::error::x".to_owned();
        let text = super::to_github(&sample::page(&report));
        assert!(
            text.starts_with("::error title=numpy-major-mismatch%3A old/core.so::100%25%0A::error::x%0ANext"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
        assert!(text.ends_with(&format!("{}\n", sample::BROKEN_SUMMARY)), "{text}");
    }
}
