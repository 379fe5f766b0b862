//! Workflow commands that GitHub's runner turns into annotations. The last one counts everything.

use contract::Severity;

use crate::{Page, words};

/// The whole report.
pub fn to_github(page: &Page<'_>) -> String {
    let mut out = String::new();
    for (index, target) in page.report.targets.iter().enumerate() {
        let file = page.hint(index).file.and_then(|file| page.relative(&file));
        for finding in &target.findings {
            let help = finding.help.as_ref().map(|help| format!("\nNext: {help}")).unwrap_or_default();
            let title = format!("{}: {}", finding.rule, words::subject(finding, target));
            let message = format!("{}{help}", finding.message);
            out.push_str(&command(level(finding.severity), file.as_deref(), &title, &message));
        }
    }
    out.push_str(&command("notice", None, "numpact", &words::summary(page.report, page.ignored)));
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// `file`: what the annotation is attached to, relative to the folder that the program was started in.
fn command(level: &str, file: Option<&str>, title: &str, message: &str) -> String {
    let file = file.map(|file| format!("file={},", property(file))).unwrap_or_default();
    format!("::{level} {file}title={}::{}\n", property(title), escaped(message))
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
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

    /// Annotations named no file, and so stood beside nothing.
    #[test]
    fn an_annotation_is_attached_to_the_file_that_was_checked() {
        let report = sample::broken();
        let first = |file: Option<&str>| {
            let hints = [crate::TargetHint { file: file.map(str::to_owned), ..crate::TargetHint::default() }];
            let text = super::to_github(&crate::Page { hints: &hints, ..sample::page(&report) });
            assert!(text.lines().last().is_some_and(|line| line.starts_with("::notice title=numpact::")), "{text}");
            text.lines().next().unwrap_or_default().split("title=").next().unwrap_or_default().to_owned()
        };
        assert_eq!(first(Some("./locks/uv, new.lock")), "::error file=locks/uv%2C new.lock,");
        assert_eq!(first(Some("/home/me/requirements.txt")), "::error file=requirements.txt,");
        for outside in [None, Some("/elsewhere/requirements.txt"), Some("../requirements.txt")] {
            assert_eq!(first(outside), "::error ", "{outside:?}");
        }
    }
}
