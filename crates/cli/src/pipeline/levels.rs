//! Requirements for another platform where there is no uv. pip judges environment markers by the machine that it runs on, so
//! it is asked for what is named and nothing else; then for that and what those wheels require on the platform; and so on
//! until nothing new comes up.

use std::collections::BTreeSet;

use runner::installer::{Request, Resolution, Tool, resolve_with};
use sources::lockfile::required;
use sources::wheel::Target;

use crate::progress::Waiting;

/// Most levels that are asked for; real sets have fewer than ten.
const MOST: usize = 30;

const NOTE: &str = "`pip` judges environment markers by the machine it runs on, so it was asked level by level for what the wheels \
                    require on the platform asked for; it takes the newest release of each, where `uv` on PATH finds releases that \
                    fit together";

/// pip's answer; `None` where a level has none, as when the newest releases do not go together.
pub(super) fn ask(request: &Request, target: &Target, waiting: &Waiting) -> Option<Resolution> {
    let mut known = BTreeSet::new();
    for level in 1..=MOST {
        waiting.tell(&format!("Asking pip what would be installed for {target}, level {level}"));
        let requirements = request.requirements.iter().chain(&known).cloned().collect();
        let named = Request { requirements, no_dependencies: true, ..request.clone() };
        let resolution = resolve_with(Tool::Pip, &named).ok()?;
        let wanted = required(&resolution.text, target).ok()?;
        if wanted == known {
            return Some(Resolution { note: Some(NOTE), ..resolution });
        }
        known = wanted;
    }
    None
}
