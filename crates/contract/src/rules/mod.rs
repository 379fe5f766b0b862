//! The rules: each looks at a judged target and says what is wrong, under an id that names the problem.

use crate::judge::TargetInput;
use crate::report::TargetReport;
use crate::{Finding, Release};

/// What the rules find in a judged target, most severe first.
pub fn findings(_input: &TargetInput<'_>, _report: &TargetReport, _releases: &[Release]) -> Vec<Finding> {
    Vec::new()
}
