//! Plans for people: what changes, why, the proof, the commands; or why there is no plan.

use advice::commands::{self, Action, Tool};
use advice::plan::{Change, NumpyAim, Plan, Proof, Refusal};

use super::{Done, FixPage};
use crate::{Colour, words};

/// The page. Ends with a line break.
pub fn to_text(page: &FixPage<'_>, colour: Colour) -> String {
    head_to_text(page, colour) + &plans_to_text(page, colour)
}

/// The plans, and why there are no others: the page below [`head_to_text`]. Ends with a line break.
pub fn plans_to_text(page: &FixPage<'_>, colour: Colour) -> String {
    let mut out = String::new();
    for (number, plan) in (page.first..).zip(page.plans) {
        out.push('\n');
        out.push_str(&block(page, number, plan, colour));
    }
    out.push_str(&impossible(page, colour));
    match page.plans {
        [] => {}
        [_] if page.first > 1 => {
            let number = page.first;
            out.push_str(&format!("\n`--apply --plan {number}` does it; what was there can be put back\n"));
        }
        _ => out.push_str("\n`--apply` does plan 1, `--apply --plan N` another; what was there can be put back\n"),
    }
    out
}

/// What became of a plan. Ends with a line break.
pub fn done_to_text(page: &FixPage<'_>, done: &Done, colour: Colour) -> String {
    let mut out = String::new();
    for import in &done.imports {
        let how = match &import.failure {
            None => format!("works ({} ms)", import.milliseconds),
            Some(failure) => format!("fails: {failure}"),
        };
        let used = if import.used { " and a small use of it" } else { "" };
        out.push_str(&format!("  import {}{used}: {how}\n", import.module));
    }
    let path = colour.bold(&page.report.path);
    let kept = done.kept.as_deref().unwrap_or_default();
    out.push_str(&match (&done.taken_back, &done.not_tried) {
        (None, None) => format!(
            "{path}: mended ({}); what was there is kept in `{kept}`, and `numpact fix --undo {}` puts it back\n",
            done.title, page.report.path
        ),
        (Some(why), _) => format!("{path}: not changed; {} was tried and taken back: {why}\n", done.title),
        (None, Some(why)) => {
            format!("{path}: not changed; {} could not be had: {why}\n{}", done.title, impossible(page, colour))
        }
    });
    out
}

/// What is broken. Ends with a line break.
pub fn head_to_text(page: &FixPage<'_>, colour: Colour) -> String {
    let mut parts = vec![colour.bold(&page.report.path)];
    parts.extend(page.report.python.iter().map(|python| format!("Python {} on {}", python.version, python.platform)));
    parts.extend(page.report.numpy.iter().map(words::numpy_name));
    let broken: Vec<String> = page.broken().map(|d| format!("{} {}", d.name, d.version)).collect();
    let told = match broken.len() {
        0 => "nothing incompatible was found, so there is nothing to mend".to_owned(),
        1 => format!("{} does not work", broken.join(", ")),
        _ => format!("{} do not work", broken.join(", ")),
    };
    format!("{}: {told}\n", parts.join(", "))
}

fn block(page: &FixPage<'_>, number: usize, plan: &Plan, colour: Colour) -> String {
    let mut out = format!("{} {}\n", colour.bold(&format!("Plan {number}:")), title(plan));
    for (names, why) in reasons(plan) {
        row(&mut out, "why", &format!("{}: {why}", names.join(", ")));
    }
    row(&mut out, "proof", &plan.proof.as_ref().map_or_else(unproved, proof));
    for told in plan.proof.iter().flat_map(|proof| &proof.as_before) {
        row(&mut out, "note", &format!("{told}, as before"));
    }
    for command in page.commands(plan) {
        row(&mut out, "run", &command);
    }
    if !plan.keep.is_empty() && !page.hint.installer.keeps_lock() {
        for (index, place) in keep(page, plan).iter().enumerate() {
            row(&mut out, if index == 0 { "keep" } else { "" }, place);
        }
    }
    out
}

/// What to write where, so that the next environment is made right: a line, an entry, or a step of an image.
fn keep(page: &FixPage<'_>, plan: &Plan) -> Vec<String> {
    let lines: Vec<String> = plan.keep.iter().map(|line| format!("`{line}`")).collect();
    let entries: Vec<String> = plan.keep.iter().map(|line| format!("\"{line}\"")).collect();
    let kept: Vec<&str> = plan.keep.iter().map(String::as_str).collect();
    // An image has one Python, and it stands on the PATH there.
    let tool = Tool { installer: page.hint.installer, ..Tool::default() };
    let step = commands::words(&tool, Action::Install, &kept).map(|words| commands::line(&words, false));
    let mut places = vec![
        format!("in requirements.txt or a constraints file: {}", lines.join(", ")),
        format!("in pyproject.toml: dependencies = [{}]", entries.join(", ")),
    ];
    places.extend(step.map(|step| format!("in a Dockerfile, behind what installs the rest: RUN {step}")));
    places
}

/// Each reason once, with everything that it is the reason for.
fn reasons(plan: &Plan) -> Vec<(Vec<&str>, &str)> {
    let mut reasons: Vec<(Vec<&str>, &str)> = Vec::new();
    for change in &plan.changes {
        match reasons.iter_mut().find(|(_, why)| *why == change.why) {
            Some((names, _)) => names.push(&change.name),
            None => reasons.push((vec![&change.name], &change.why)),
        }
    }
    reasons
}

fn row(out: &mut String, label: &str, text: &str) {
    out.push_str(&format!("  {label:<7}{text}\n"));
}

/// `numpy 2.2.6 -> 1.26.4, pandas 2.1.4 -> 2.2.2`.
fn title(plan: &Plan) -> String {
    plan.changes.iter().map(change).collect::<Vec<_>>().join(", ")
}

fn change(change: &Change) -> String {
    match &change.from {
        None => format!("{} {} (new)", change.name, change.to),
        Some(from) if *from == change.to => format!("{} {from} built again", change.name),
        Some(from) => format!("{} {from} -> {}", change.name, change.to),
    }
}

fn proof(proof: &Proof) -> String {
    let wheels = match proof.wheels {
        0 => "nothing but NumPy changes".to_owned(),
        number => format!("{} read before the choice ({})", words::count(number, "wheel"), size(proof.bytes)),
    };
    format!(
        "{} accepts it; {wheels}; {} judged together, none incompatible",
        proof.resolver,
        words::count(proof.judged, "distribution")
    )
}

/// What was fetched, in the unit that people read.
fn size(bytes: u64) -> String {
    match bytes {
        0 => "nothing fetched".to_owned(),
        bytes if bytes < 1_000_000 => format!("{} kB fetched", bytes.div_ceil(1000)),
        bytes => format!("{}.{} MB fetched", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn unproved() -> String {
    "none before it is built; what was built is read before it is installed".to_owned()
}

/// Why there is no proved plan; nothing where there is one.
fn impossible(page: &FixPage<'_>, colour: Colour) -> String {
    let proved = page.plans.iter().any(|plan| plan.proof.is_some());
    let told = !page.hopeless.is_empty() || !page.refusals.is_empty();
    if proved || !told || page.broken().next().is_none() {
        return String::new();
    }
    let heading = if page.offline {
        "Nothing was fetched (`--offline`), and no release that this machine holds mends it:"
    } else {
        "No other release mends it:"
    };
    let mut out = format!("\n{}\n", colour.bold(heading));
    for sentence in page.hopeless {
        out.push_str(&format!("  {sentence}\n"));
    }
    for refusal in page.refusals {
        out.push_str(&format!("  with {}: {}\n", aim(refusal), refusal.why.replace('\n', "\n  ")));
    }
    out
}

fn aim(refusal: &Refusal) -> String {
    let numpy = match &refusal.numpy {
        NumpyAim::Keep(version) => format!("NumPy {version}, which is there"),
        NumpyAim::Move(releases) => match (releases.first(), releases.last()) {
            (Some(first), Some(last)) if first != last => format!("a NumPy from {first} to {last}"),
            (Some(only), _) => format!("NumPy {only}"),
            _ => "no NumPy".to_owned(),
        },
    };
    match refusal.moved.as_slice() {
        [] => format!("{numpy}, and everything else as it is"),
        moved => format!("{numpy}, and another {}", moved.join(", ")),
    }
}
