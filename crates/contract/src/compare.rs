//! Holds a requirement against a provision: the heart of numpact.
//!
//! Checks are taken in the order in which the module itself would do them, since the first that fails decides what a
//! user sees: the `import_array` that Cython 3 inserts, then the type sizes, then the module's own `import_array`
//! (measured; Cython's module initialiser runs type imports before the module's body).

use serde::{Deserialize, Serialize};

use crate::message::{
    abi_mismatch, feature_too_new, module_missing, size_changed, ufunc_module_missing, ufunc_table_refused,
};
use crate::{
    CheckMode, Consumer, ConsumerKind, ErrorKind, Fails, Generation, NumpySet, OnFailure, PredictedError, Provision,
    Reach, Release, Requirement, TypeCheck, UfuncImport, Undetermined, Verdict, VersionCheck,
};

/// The first feature level whose NumPy has `numpy.core._multiarray_umath` (NumPy 1.16).
const FEATURE_1_16: u32 = 0xd;
/// `NPY_VERSION` of NumPy 2.x.
const ABI_2: u32 = 0x0200_0000;

/// The judgement of one binary under one NumPy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// When it fails, for an incompatible one.
    pub fails: Option<Fails>,
    /// The failure that a user meets first, for an incompatible or risky one.
    pub error: Option<PredictedError>,
    /// Everything else that is violated, in the order of the checks.
    pub further: Vec<PredictedError>,
    /// What could not be told.
    pub undetermined: Vec<Undetermined>,
}

impl Assessment {
    /// An assessment with nothing beside its verdict.
    pub fn plain(verdict: Verdict) -> Self {
        Self { verdict, fails: None, error: None, further: Vec::new(), undetermined: Vec::new() }
    }

    fn failing(when: Fails, mut violations: Vec<PredictedError>) -> Self {
        let error = (!violations.is_empty()).then(|| violations.remove(0));
        Self { verdict: Verdict::Incompatible, fails: Some(when), error, further: violations, undetermined: Vec::new() }
    }
}

/// Judges one binary's requirement under one NumPy.
pub fn compare(requirement: &Requirement, provision: &Provision) -> Assessment {
    let failing = |when: Fails, mut violations: Vec<PredictedError>| {
        violations.extend(removed_slots(requirement, provision));
        Assessment::failing(when, violations)
    };
    let at_import = import_violations(requirement, provision);
    if !at_import.is_empty() {
        return failing(Fails::Import, at_import);
    }
    let at_use = use_violations(requirement, provision);
    if !at_use.is_empty() {
        return failing(Fails::Use, at_use);
    }
    if !requirement.undetermined.is_empty() {
        return Assessment {
            undetermined: requirement.undetermined.clone(),
            ..Assessment::plain(Verdict::Undetermined)
        };
    }
    if let Some(risk) = unchecked_risk(requirement, provision) {
        return Assessment { error: Some(risk), ..Assessment::plain(Verdict::AtRisk) };
    }
    let verdict = if requirement.uses_numpy() { Verdict::Compatible } else { Verdict::NotApplicable };
    Assessment::plain(verdict)
}

/// The releases out of `releases` under which the binary neither fails nor is at risk, as a set.
/// `None` for a binary that does not use NumPy, or of which it could not be told.
pub fn allowed(requirement: &Requirement, releases: &[Release]) -> Option<NumpySet> {
    if !requirement.uses_numpy() || !requirement.undetermined.is_empty() {
        return None;
    }
    let judge = |release: &Release| compare(requirement, &release.provision).verdict == Verdict::Compatible;
    Some(NumpySet::from_releases(releases.iter().map(|release| (&release.version, judge(release)))))
}

/// What an import of the module violates, in the order in which it would notice.
fn import_violations(requirement: &Requirement, provision: &Provision) -> Vec<PredictedError> {
    let fatal = |check: &&VersionCheck| check.reach != Reach::Later && check.on_failure != OnFailure::Swallows;
    let inserted = requirement.checks.iter().filter(fatal).filter(|c| c.auto_inserted);
    let own = requirement.checks.iter().filter(fatal).filter(|c| !c.auto_inserted);
    inserted
        .filter_map(|check| version_violation(check, provision))
        .chain(requirement.numpy_types().filter_map(|check| size_violation(check, provision)))
        .chain(own.filter_map(|check| version_violation(check, provision)))
        .chain(requirement.ufunc_imports.iter().filter_map(|import| ufunc_violation(import, provision)))
        .collect()
}

/// An import of the ufunc table that dies. One that an import of the module does not run is left out: whatever calls it
/// later has run the version check of the same headers before.
fn ufunc_violation(import: &UfuncImport, provision: &Provision) -> Option<PredictedError> {
    if import.reach == Reach::Later || import.on_failure == OnFailure::Swallows {
        return None;
    }
    if import.imports == "numpy.core._multiarray_umath" && provision.abi >= ABI_2 {
        return Some(ufunc_table_refused(import, provision));
    }
    let old = import.imports == "numpy.core.umath";
    (!old && provision.feature < FEATURE_1_16).then(|| ufunc_module_missing(import))
}

/// What follows when an import dropped the failure of its check: measured, from a `RuntimeError` of the module's own (torch)
/// to a crash, or sizes that come out as 0.
const DROPPED: &str = "no exception of NumPy's: the import drops that failure and goes on; what needs NumPy's functions then \
                       raises an error of its own, crashes or gives wrong results";

/// What a later call violates: checks that the import does not run, or whose failure it swallows.
fn use_violations(requirement: &Requirement, provision: &Provision) -> Vec<PredictedError> {
    let late = |check: &&VersionCheck| check.reach == Reach::Later || check.on_failure == OnFailure::Swallows;
    let violated = |check: &VersionCheck| {
        let error = version_violation(check, provision)?;
        Some(if check.reach == Reach::Later {
            error
        } else {
            PredictedError { exception: DROPPED.to_owned(), ..error }
        })
    };
    requirement.checks.iter().filter(late).filter_map(violated).collect()
}

/// Functions that the code takes from NumPy's table, and that the running NumPy has no longer. No failure by itself: the
/// check fails before, or the code asks for the running version first.
fn removed_slots(requirement: &Requirement, provision: &Provision) -> Option<PredictedError> {
    let gone: Vec<String> =
        requirement.slots.iter().filter(|slot| provision.null_slots.contains(slot)).map(u16::to_string).collect();
    (!gone.is_empty()).then(|| PredictedError {
        kind: ErrorKind::RemovedSlot,
        exception: format!("slots of the API table that it reads are empty in this NumPy: {}", gone.join(", ")),
        printed: None,
        evidence: Vec::new(),
    })
}

fn version_violation(check: &VersionCheck, provision: &Provision) -> Option<PredictedError> {
    if check.abi < provision.abi {
        return Some(abi_mismatch(check, provision));
    }
    if check.imports != "numpy.core.multiarray" && provision.feature < FEATURE_1_16 {
        return Some(module_missing(check));
    }
    let wanted = check.feature?;
    (wanted > provision.feature).then(|| feature_too_new(check, wanted, provision))
}

fn size_violation(check: &TypeCheck, provision: &Provision) -> Option<PredictedError> {
    let running = *provision.types.get(&check.class)?;
    refuses(check, running).then(|| size_changed(check, running))
}

/// Whether a size check refuses a type of `size` bytes: a smaller one always, a larger one where it was told to insist.
pub(crate) fn refuses(check: &TypeCheck, size: u64) -> bool {
    size < check.size || (check.mode == CheckMode::Error && size != check.size)
}

/// Code that checks nothing and may read 1.x structures, on a NumPy that has others.
fn unchecked_risk(requirement: &Requirement, provision: &Provision) -> Option<PredictedError> {
    let old = |kind: ConsumerKind| {
        requirement.consumers.iter().find(|c| c.kind == kind && c.generation == Some(Generation::One))
    };
    let consumer = old(ConsumerKind::Pybind11).or_else(|| old(ConsumerKind::RustNumpy))?;
    (provision.abi >= ABI_2).then(|| old_layout_risk(consumer))
}

fn old_layout_risk(consumer: &Consumer) -> PredictedError {
    let who = match consumer.kind {
        ConsumerKind::RustNumpy => "rust-numpy before 0.22",
        _ => "pybind11 before 2.12",
    };
    let shown = match consumer.reads_old_layout {
        Some(true) => "; this file holds code that reads `itemsize` so, at the address that `inspect` tells",
        _ => "",
    };
    PredictedError {
        kind: ErrorKind::OldLayout,
        exception: format!(
            "no exception: {who} checks nothing at import; array data is read rightly, but `itemsize`, `nbytes` and \
             strides that it makes come out as 0, and a few calls crash{shown}"
        ),
        printed: None,
        evidence: consumer.evidence.clone(),
    }
}
