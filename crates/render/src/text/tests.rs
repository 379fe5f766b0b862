//! What people read at a terminal.

use contract::NumpySet;

use super::{Detail, to_text};
use crate::{Colour, Ignored, sample};

fn text(report: &contract::report::Report, detail: Detail) -> String {
    to_text(&sample::page(report), detail, Colour::Off)
}

#[test]
fn a_healthy_environment_fits_a_screen() {
    let text = text(&sample::healthy(), Detail::Attention);
    assert!(text.lines().count() <= 24, "{text}");
    assert!(text.contains("Nothing incompatible was found\n"), "{text}");
    assert!(
        text.lines().last().is_some_and(|line| line.starts_with("300 distributions with 300 compiled files")),
        "{text}"
    );
}

#[test]
fn what_is_broken_comes_first_and_says_all_it_should() {
    let text = text(&sample::broken(), Detail::Attention);
    let expected = "\
/env, Python 3.11.7 on linux-x86_64, NumPy 2.2.4 (read from its own binary)

old 1.0: incompatible, its import fails
  files    `old/core.so`, `old/more.so` (of 2 compiled files)
  why      it was compiled with headers of NumPy 1.x: its `numpy.dtype` has 96 bytes, and that of NumPy 2.2.4 has 88
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("  message  "), "{text}");
    assert!(text.contains("its bytes work with numpy>=1.23,<2; its metadata asks for numpy>=1.21\n"), "{text}");
    assert!(text.contains("  next     python -m pip install 'numpy>=1.23,<2'\n"), "{text}");
    assert!(text.contains("Could not be told (1):\n  untold: `untold/_core.so`: the file ends too soon\n"), "{text}");
    assert_eq!(text.lines().last(), Some(sample::BROKEN_SUMMARY));
}

/// A file that an import may go on without needs another NumPy than the whole: what was advised was there already.
#[test]
fn what_is_advised_changes_something() {
    let mut report = sample::broken();
    let old = report.targets[0].distributions.iter_mut().find(|distribution| distribution.name == "old");
    old.expect("it is broken").numpy_binary = Some(NumpySet::from(">=1.23".to_owned()));
    let text = text(&report, Detail::Attention);
    assert!(text.contains("  next     python -m pip install 'numpy>=1.23,<2'\n"), "{text}");
}

/// PyWavelets 1.4.1: the range of one file stood there, and another file needs a newer NumPy.
#[test]
fn what_is_advised_suits_every_file() {
    let mut report = sample::broken();
    let old = report.targets[0].distributions.iter_mut().find(|distribution| distribution.name == "old");
    old.expect("it is broken").binaries[0].numpy = Some(NumpySet::from(">=1.22,<2".to_owned()));
    let text = text(&report, Detail::Attention);
    assert!(text.contains("  next     python -m pip install 'numpy>=1.23,<2'\n"), "{text}");
}

/// Bottleneck worked, and did not after what was advised for pyarrow.
#[test]
fn what_is_advised_breaks_nothing_else() {
    let mut report = sample::broken();
    let other = report.targets[0].distributions.iter_mut().find(|distribution| distribution.name != "old");
    other.expect("there is more").numpy_declared = Some(">=1.25".to_owned());
    let told = text(&report, Detail::Attention);
    assert!(told.contains("  next     python -m pip install 'numpy>=1.25,<2'\n"), "{told}");
    let other = report.targets[0].distributions.iter_mut().find(|distribution| distribution.name != "old");
    other.expect("there is more").numpy_declared = Some(">=2".to_owned());
    let told = text(&report, Detail::Attention);
    assert!(!told.contains("install 'numpy"), "{told}");
}

#[test]
fn quiet_is_the_last_line_and_verbose_is_everything() {
    let report = sample::broken();
    assert_eq!(text(&report, Detail::Counts), format!("{}\n", sample::BROKEN_SUMMARY));
    let everything = text(&report, Detail::Everything);
    assert!(everything.contains("  seen     `old/core.so`: "), "{everything}");
    assert!(everything.contains("\n  plain 1.0   not-applicable"), "{everything}");
}

/// "Went wrong while looking (1): 744 packages of it are conda's" stood under a lock file in which nothing was wrong.
#[test]
fn what_is_left_out_on_purpose_did_not_go_wrong() {
    let mut report = sample::healthy();
    report.targets[0].left_out.push("744 packages of it are conda's, and are not read".to_owned());
    let text = text(&report, Detail::Attention);
    assert!(text.contains("\nNot looked at: 744 packages of it are conda's, and are not read\n"), "{text}");
    assert!(!text.contains("Gaps and doubts"), "{text}");
}

/// Its block stood there as if nobody had ignored it, and only the last line counted it.
#[test]
fn an_ignored_finding_is_ignored_in_its_heading_with_the_reason() {
    let mut report = sample::broken();
    let findings = &mut report.targets[0].findings;
    let (ignored, left): (Vec<_>, Vec<_>) =
        findings.drain(..).partition(|f| ["numpy-major-mismatch", "undetermined-binary"].contains(&f.rule.as_str()));
    *findings = left;
    let reason = "never imported\n  here\n".to_owned();
    let ignored: Vec<Ignored> =
        ignored.into_iter().map(|finding| Ignored { target: 0, finding, reason: reason.clone() }).collect();
    let page = crate::Page { ignored: &ignored, ..sample::page(&report) };
    let text = to_text(&page, Detail::Attention, Colour::Off);
    let told = ", ignored by the configuration: never imported here\n";
    assert!(
        text.contains(&format!("\nold 1.0: incompatible, its import fails{told}  files    `old/core.so`")),
        "{text}"
    );
    assert!(text.contains(&format!("  untold: `untold/_core.so`: the file ends too soon{told}")), "{text}");
    assert!(text.ends_with("; 2 findings ignored by the configuration\n"), "{text}");
}

/// One line summed them up, and told of none which it was.
#[test]
fn quiet_names_each_of_several_targets_and_sums_them_up() {
    let mut report = sample::broken();
    report.targets.push(contract::report::TargetReport { path: "/other".to_owned(), ..report.targets[0].clone() });
    let text = text(&report, Detail::Counts);
    let lines: Vec<&str> = text.lines().collect();
    let expected = [format!("/env: {}", sample::BROKEN_SUMMARY), format!("/other: {}", sample::BROKEN_SUMMARY)];
    assert_eq!(lines[..2], expected);
    assert!(lines[2].starts_with("8 distributions with 10 compiled files: 4 incompatible"), "{text}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn colour_only_adds_escape_sequences() {
    let report = sample::broken();
    let coloured = to_text(&sample::page(&report), Detail::Everything, Colour::On);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').expect("a whole sequence").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, text(&report, Detail::Everything));
}
