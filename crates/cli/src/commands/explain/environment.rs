//! The environment that a text may come from, judged so that the diagnosis can name the file.

use std::path::Path;

use advice::explain::diagnosis::Subject;
use advice::explain::{Beside, Diagnosis};
use anyhow::Result;
use sources::environment::{Place, Surroundings};

use crate::output;
use crate::pipeline::{self, Checked};
use crate::settings::Settings;

/// An environment, judged.
pub(crate) struct Found {
    checked: Checked,
    named: bool,
}

impl Found {
    /// What the diagnosis is told of it.
    pub(crate) fn beside(&self) -> Beside<'_> {
        let hint = &self.checked.hint;
        let tool = hint.tool();
        Beside { report: &self.checked.report, tool: hint.can_install.then_some(tool), named: self.named }
    }
}

/// The environment that was named, or else the active one where the text alone leaves something to ask of it.
///
/// # Errors
/// When the one that was named cannot be found. An active one that cannot be looked at is no error.
pub(crate) fn beside(alone: &Diagnosis, named: Option<&Path>) -> Result<Option<Found>> {
    if let Some(path) = named {
        return check(&Place::Path(path.to_owned()), true).map(Some);
    }
    let asks = alone.concerns_numpy() || alone.subject == Some(Subject::Undetermined);
    if !asks || !is_active() {
        return Ok(None);
    }
    Ok(check(&Place::Active, false)
        .inspect_err(|error| output::complain("note", &format!("the active environment was not looked at: {error:#}")))
        .ok())
}

/// Whether somebody activated an environment; the `python3` that stands on PATH anyway says nothing about the text.
fn is_active() -> bool {
    let surroundings = Surroundings::from_process();
    surroundings.virtual_env.is_some() || surroundings.conda_prefix.is_some()
}

fn check(place: &Place, named: bool) -> Result<Found> {
    let checked = pipeline::environment::check(place, &Settings::default(), false)?;
    Ok(Found { checked, named })
}
