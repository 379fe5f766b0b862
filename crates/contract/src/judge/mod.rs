//! From facts about single files to judgements of distributions and targets.
//!
//! A file is judged by itself, then by what it needs (libraries, cimported modules), and then weighed: a broken file
//! that every import loads condemns its distribution, one that may or may not be loaded does not.

mod distribution;
mod failures;
mod files;
mod importer;
mod inherit;
mod input;
mod matrix;
mod module_name;
mod modules;
mod others;
mod python;
mod simulate;
mod survey;
mod weigh;

pub use input::{
    DefinedType, DistributionInput, FileInput, FoundNumpy, NoSources, PythonSources, Surroundings, TargetInput,
};
pub use matrix::{Cell, Matrix, MatrixRow, judge_matrix};
pub use module_name::{ExtensionName, extension_name, python_line};
pub use others::{AskedTypes, asked_types};
pub use python::{Catches, Handler, Import, PythonImports, Step, Try};
pub use simulate::{Outcome, entry_modules, simulate_import};

pub use files::is_numpy;
pub(crate) use files::{for_platform, for_python};

use crate::Release;
pub(crate) use crate::judge::distribution::FirstFailure;
use crate::judge::distribution::{judge_distribution, take_at_its_word};
use crate::judge::files::Against;
use crate::report::{DistributionReport, TargetKind, TargetReport};

/// Judges a target: each distribution, and the target as a whole by the rules. `releases` are all known releases of
/// NumPy, in ascending order; the ranges are made of them.
pub fn judge_target(input: &TargetInput<'_>, releases: &[Release]) -> TargetReport {
    let against = Against {
        provision: input.numpy.as_ref().map(|numpy| &numpy.provision),
        python: input.python.as_ref(),
        releases,
    };
    // Whoever checks a wheel asks for its true range; whoever checks an environment asks whether it works.
    let thorough = matches!(input.kind, TargetKind::Wheel | TargetKind::Binary);
    let judge = |distribution| judge_distribution(distribution, &against, thorough);
    let mut judged: Vec<(DistributionReport, Option<FirstFailure>)> = input.distributions.iter().map(judge).collect();
    judged.sort_by(|(a, _), (b, _)| sort_key(a).cmp(&sort_key(b)));
    let (mut distributions, failures): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    if input.kind == TargetKind::Binary {
        distributions.iter_mut().for_each(take_at_its_word);
    }
    let mut report = TargetReport {
        kind: input.kind,
        path: input.path.clone(),
        python: input.python.clone(),
        numpy: input.numpy.clone(),
        distributions,
        findings: Vec::new(),
        problems: input.problems.clone(),
        left_out: Vec::new(),
        fetched: None,
    };
    report.findings = crate::rules::findings(input, &report, &failures, releases);
    report
}

fn sort_key(distribution: &DistributionReport) -> (String, &str) {
    (distribution.name.to_ascii_lowercase(), &distribution.version)
}

#[cfg(test)]
pub(crate) mod tests;
