//! The check of one compiled file by itself.

use std::path::Path;

use anyhow::{Result, bail};
use contract::judge::{DistributionInput, NoSources, Surroundings, TargetInput, judge_target};
use contract::report::{TargetKind, UNOWNED};
use render::TargetHint;

use crate::pipeline::{Checked, matrix, numpy, read};
use crate::settings::Settings;

/// Checks a file against the NumPy that was asked for; without one, only its range can be told.
pub(crate) fn check(path: &Path, settings: &Settings) -> Result<Checked> {
    let shown = path.display().to_string();
    // The name alone: from folders that belong to no search path no importable name follows.
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = read::read(&name, path, None);
    match &file.unreadable {
        Some(reason) => bail!("`{shown}`: {}", reason.detail),
        None if file.facts.is_empty() => {
            bail!("`{shown}` is no compiled file that numpact reads: no ELF, Mach-O or PE")
        }
        None => {}
    }
    let distribution = DistributionInput {
        name: UNOWNED.to_owned(),
        version: String::new(),
        installer: None,
        declared_numpy: None,
        build: None,
        wheel_tags: Vec::new(),
        files: vec![file],
        sources: &NoSources,
    };
    let input = TargetInput {
        kind: TargetKind::Binary,
        path: shown,
        python: None,
        numpy: settings.numpy.as_ref().and_then(numpy::requested),
        distributions: vec![distribution],
        surroundings: Surroundings::default(),
        problems: Vec::new(),
    };
    let matrix = matrix::judged(&input, settings.columns.as_ref());
    let report = judge_target(&input, knowledge::releases());
    Ok(Checked { report, matrix, hint: TargetHint::default(), trials: Vec::new() })
}
