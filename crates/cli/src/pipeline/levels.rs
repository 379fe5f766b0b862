//! Requirements for another platform, or for another Python than pip's own, where there is no uv. pip judges environment
//! markers by the machine and the Python that it runs on, so those of the user's own lines are judged here, and it is asked
//! for what is named and nothing else; then for that and what those wheels require on the target; and so on until nothing
//! comes up that is not there. With hashes in a requirements file there is no second level, as pip wants them of everything.

use runner::installer::{Request, Resolution, Tool, resolve_with};
use sources::lockfile::Required;
use sources::requirements::{Lines, for_target};
use sources::wheel::Target;

use crate::progress::Waiting;

/// Most levels that are asked for; real sets have fewer than ten.
const MOST: usize = 30;

const NOTE: &str = "`pip` judges environment markers by the machine and the Python it runs on, so it was asked level by level for \
                    what the wheels require on those asked for; it takes the newest release of each, where `uv` on PATH finds \
                    releases that fit together";

/// A request with the requirements files' own lines, as they hold on the target, instead of the files. One that cannot be
/// read is left for pip to complain of.
pub(super) fn own_lines(request: &Request, target: &Target) -> Request {
    let mut own = request.clone();
    for file in std::mem::take(&mut own.files) {
        match for_target(&file, target) {
            Ok(Lines { requirements, constraints }) => {
                own.lines.extend(requirements);
                own.constraints.extend(constraints);
            }
            Err(_) => own.files.push(file),
        }
    }
    own
}

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
        if next == known || next.is_met_by(&resolution.text, &known) {
            return Some(Resolution { note: Some(note(&next)), ..resolution });
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
