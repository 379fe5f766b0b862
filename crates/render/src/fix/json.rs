//! Plans for programs: `numpact.fix/1`. Others build on it, so it changes only by addition.

use advice::plan::{Change, NumpyAim, Plan};
use serde::Serialize;

use super::{Done, FixPage, Import};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    path: &'a str,
    python: Option<&'a str>,
    platform: Option<&'a str>,
    numpy: Option<String>,
    installer: &'static str,
    broken: Vec<Named<'a>>,
    plans: Vec<PlanRow<'a>>,
    refused: Vec<RefusalRow<'a>>,
    hopeless: &'a [String],
    applied: Option<DoneRow<'a>>,
}

#[derive(Serialize)]
struct DoneRow<'a> {
    title: &'a str,
    stays: bool,
    taken_back: Option<&'a str>,
    not_tried: Option<&'a str>,
    kept: Option<&'a str>,
    imports: Vec<ImportRow<'a>>,
}

#[derive(Serialize)]
struct ImportRow<'a> {
    distribution: &'a str,
    module: &'a str,
    used: bool,
    succeeded: bool,
    failure: Option<&'a str>,
    milliseconds: u64,
}

#[derive(Serialize)]
struct Named<'a> {
    distribution: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct PlanRow<'a> {
    number: usize,
    kind: &'static str,
    changes: Vec<ChangeRow<'a>>,
    commands: Vec<String>,
    keep: &'a [String],
    proof: Option<ProofRow<'a>>,
}

#[derive(Serialize)]
struct ChangeRow<'a> {
    distribution: &'a str,
    from: Option<String>,
    to: String,
    requested: bool,
    rebuild: bool,
    why: &'a str,
}

#[derive(Serialize)]
struct ProofRow<'a> {
    resolver: &'a str,
    resolutions: usize,
    wheels: usize,
    bytes: u64,
    judged: usize,
    as_before: &'a [String],
}

#[derive(Serialize)]
struct RefusalRow<'a> {
    numpy: Vec<String>,
    kept: bool,
    moved: &'a [String],
    why: &'a str,
}

/// The page as one JSON object that ends with a line break. `done`: what became of the plan that was applied.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_json(page: &FixPage<'_>, done: Option<&Done>) -> Result<String, serde_json::Error> {
    let python = page.report.python.as_ref();
    let document = Document {
        schema: "numpact.fix/1",
        path: &page.report.path,
        python: python.map(|python| python.version.as_str()),
        platform: python.map(|python| python.platform.as_str()),
        numpy: page.report.numpy.as_ref().and_then(|numpy| numpy.provision.version.as_ref()).map(ToString::to_string),
        installer: page.hint.installer.as_str(),
        broken: page.broken().map(|d| Named { distribution: &d.name, version: &d.version }).collect(),
        plans: (page.first..).zip(page.plans).map(|(number, plan)| plan_row(page, number, plan)).collect(),
        refused: page.refusals.iter().map(refusal_row).collect(),
        hopeless: page.hopeless,
        applied: done.map(done_row),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn done_row(done: &Done) -> DoneRow<'_> {
    DoneRow {
        title: &done.title,
        stays: done.taken_back.is_none() && done.not_tried.is_none(),
        taken_back: done.taken_back.as_deref(),
        not_tried: done.not_tried.as_deref(),
        kept: done.kept.as_deref(),
        imports: done.imports.iter().map(import_row).collect(),
    }
}

fn import_row(import: &Import) -> ImportRow<'_> {
    ImportRow {
        distribution: &import.distribution,
        module: &import.module,
        used: import.used,
        succeeded: import.failure.is_none(),
        failure: import.failure.as_deref(),
        milliseconds: import.milliseconds,
    }
}

fn plan_row<'a>(page: &FixPage<'_>, number: usize, plan: &'a Plan) -> PlanRow<'a> {
    PlanRow {
        number,
        kind: plan.kind().as_str(),
        changes: plan.changes.iter().map(change_row).collect(),
        commands: page.commands(plan),
        keep: &plan.keep,
        proof: plan.proof.as_ref().map(|proof| ProofRow {
            resolver: &proof.resolver,
            resolutions: proof.resolutions,
            wheels: proof.wheels,
            bytes: proof.bytes,
            judged: proof.judged,
            as_before: &proof.as_before,
        }),
    }
}

fn change_row(change: &Change) -> ChangeRow<'_> {
    ChangeRow {
        distribution: &change.name,
        from: change.from.as_ref().map(ToString::to_string),
        to: change.to.to_string(),
        requested: change.requested,
        rebuild: change.is_rebuild(),
        why: &change.why,
    }
}

fn refusal_row(refusal: &advice::plan::Refusal) -> RefusalRow<'_> {
    let (kept, numpy) = match &refusal.numpy {
        NumpyAim::Keep(version) => (true, vec![version.to_string()]),
        NumpyAim::Move(releases) => (false, releases.iter().map(ToString::to_string).collect()),
    };
    RefusalRow { numpy, kept, moved: &refusal.moved, why: &refusal.why }
}
