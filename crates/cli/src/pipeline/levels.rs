//! Requirements for another platform where there is no uv. pip judges environment markers by the machine that it runs on, so
//! it is asked for what is named and nothing else; then for that and what those wheels require on the platform; and so on
//! until nothing new comes up. With hashes in a requirements file there is no second level, as pip wants them of everything.

use runner::installer::{Request, Resolution, Tool, resolve_with};
use sources::lockfile::Required;
use sources::wheel::Target;

use crate::progress::Waiting;

/// Most levels that are asked for; real sets have fewer than ten.
const MOST: usize = 30;

const NOTE: &str = "`pip` judges environment markers by the machine it runs on, so it was asked level by level for what the wheels \
                    require on the platform asked for; it takes the newest release of each, where `uv` on PATH finds releases that \
                    fit together, and markers in requirements files are still those of this machine";

/// pip's answer; `None` where a level has none, as when the newest releases do not go together.
pub(super) fn ask(request: &Request, target: &Target, waiting: &Waiting) -> Option<Resolution> {
    let mut known = Required::default();
    let named = known.named(&request.requirements, target);
    let mut seen = vec![known.clone()];
    for level in 1..=MOST {
        waiting.tell(&format!("Asking pip what would be installed for {target}, level {level}"));
        let requirements = named.iter().chain(&known.lines).cloned().collect();
        let request = Request { requirements, no_dependencies: true, ..request.clone() };
        let resolution = resolve_with(Tool::Pip, &request).ok()?;
        let next = known.next(&resolution.text, target).ok()?;
        if next == known {
            return Some(Resolution { note: Some(note(&known)), ..resolution });
        }
        // Two releases can each require what excludes the other.
        if seen.contains(&next) {
            return None;
        }
        seen.push(next.clone());
        known = next;
    }
    None
}

fn note(known: &Required) -> String {
    let left_out: Vec<&str> = known.left_out.iter().map(String::as_str).collect();
    if left_out.is_empty() {
        return NOTE.to_owned();
    }
    format!("{NOTE}; required at an address of their own and not looked at: {}", left_out.join(", "))
}
