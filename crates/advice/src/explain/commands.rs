//! Commands for the tool and the shell that the text shows.

use super::diagnosis::Facts;
use crate::commands::{Action, Tool, line, words};

/// The command that does `action` to `requirements` with the installer that the text shows, or with pip; `None` where
/// that tool has no such command.
pub(super) fn install(facts: &Facts, action: Action, requirements: &[&str]) -> Option<String> {
    let windows = facts.system.as_deref() == Some("windows");
    let installer = facts.installer.unwrap_or_default();
    let (place, outside) = (facts.place.clone(), facts.outside.clone());
    let tool = Tool { installer, place, notebook: facts.notebook, outside };
    words(&tool, action, requirements).map(|words| line(&words, windows))
}
