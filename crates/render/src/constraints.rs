//! What bytes demand and metadata leaves out, in the formats that installers read. Each line tells the file that makes
//! it true.

use advice::constraints::{Truth, together};
use contract::Version;

use crate::words;

/// A format of constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintsFormat {
    /// A constraints file: for `--constraint` of pip and uv.
    Constraints,
    /// Overrides of uv: for `--override`, or `override-dependencies` of `[tool.uv]`.
    UvOverrides,
    /// A pin of conda: for `conda-meta/pinned`.
    Conda,
}

/// The file. `subject`: what the truths are about, for its head. `releases`: every known NumPy, in ascending order.
pub fn to_constraints(truths: &[Truth], subject: &str, format: ConstraintsFormat, releases: &[Version]) -> String {
    let mut out = format!("# What the compiled files of {subject} demand of NumPy and their metadata does not say.\n");
    if truths.is_empty() {
        out.push_str("# Nothing: no metadata allows a NumPy that the files do not.\n");
        return out;
    }
    out.push_str("# A line holds as long as its distribution stays at its version.\n");
    match format {
        ConstraintsFormat::Constraints => {
            for truth in truths {
                out.push_str(&format!("numpy{}  # {}\n", truth.allowed.to_specifiers(), because(truth)));
            }
        }
        ConstraintsFormat::UvOverrides | ConstraintsFormat::Conda => {
            let all = together(truths, releases);
            for truth in truths {
                out.push_str(&format!("# numpy{}: {}\n", truth.allowed.to_specifiers(), because(truth)));
            }
            let space = if format == ConstraintsFormat::Conda { " " } else { "" };
            out.push_str(&format!("numpy{space}{}\n", all.to_specifiers()));
        }
    }
    let nothing = !releases.iter().any(|release| together(truths, releases).contains(release));
    if nothing {
        out.push_str("# No known NumPy meets all of these: `numpact fix` looks for other releases.\n");
    }
    out
}

/// `` pycocotools 2.0.7: `pycocotools/_mask.so` and 2 more files (its metadata asks for any NumPy) ``.
fn because(truth: &Truth) -> String {
    let more = match truth.others {
        0 => String::new(),
        number => format!(" and {number} more"),
    };
    let declared = words::declared(truth.declared.as_deref());
    format!("{} {}: `{}`{more} (its metadata asks for {declared})", truth.name, truth.version, truth.file)
}

#[cfg(test)]
mod tests {
    use advice::constraints::Truth;
    use contract::{NumpySet, Version};

    use super::{ConstraintsFormat, to_constraints};

    fn truth(name: &str, allowed: &str) -> Truth {
        Truth {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            allowed: NumpySet::from(allowed.to_owned()),
            declared: None,
            file: format!("{name}/_core.so"),
            others: 1,
        }
    }

    fn written(truths: &[Truth], format: ConstraintsFormat) -> String {
        let releases: Vec<Version> = knowledge::releases().iter().map(|release| release.version.clone()).collect();
        to_constraints(truths, "`env`", format, &releases)
    }

    #[test]
    fn each_line_names_the_file_that_makes_it_true() {
        let text = written(&[truth("a", "<2")], ConstraintsFormat::Constraints);
        assert!(
            text.ends_with("\nnumpy<2  # a 1.0: `a/_core.so` and 1 more (its metadata asks for nothing about NumPy)\n"),
            "{text}"
        );
    }

    #[test]
    fn overrides_and_pins_are_one_line_for_all() {
        let truths = [truth("a", "<2"), truth("b", ">=1.23")];
        assert!(written(&truths, ConstraintsFormat::UvOverrides).ends_with("\nnumpy>=1.23,<2\n"));
        assert!(written(&truths, ConstraintsFormat::Conda).ends_with("\nnumpy >=1.23,<2\n"));
    }

    #[test]
    fn what_nothing_meets_is_said() {
        let text = written(&[truth("a", "<2"), truth("b", ">=2")], ConstraintsFormat::Constraints);
        assert!(
            text.ends_with("# No known NumPy meets all of these: `numpact fix` looks for other releases.\n"),
            "{text}"
        );
        assert!(written(&[], ConstraintsFormat::Constraints).contains("# Nothing:"));
    }
}
