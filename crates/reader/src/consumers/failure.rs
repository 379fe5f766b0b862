//! What the code around NumPy's version check does with its failure: whether the import dies of it, or goes on without.

use std::collections::BTreeSet;

use contract::{OnFailure, Reach};

use crate::Depth;
use crate::analysis::Analysis;
use crate::code::callgraph::Edge;
use crate::code::flow::{Aftermath, Anchored, Call, returned};

/// How many callers of callers are asked what they do with a failure.
const MOST_LEVELS: usize = 6;
/// How many functions are walked in all.
const MOST_WALKS: usize = 200;

/// When the check in the function `bounds` runs, and what follows when it fails; both are left open unless everything is to
/// be worked out. `messages` are the addresses of its messages.
pub(super) fn consequences(
    analysis: &Analysis<'_, '_>,
    bounds: (u64, u64),
    messages: &[u64],
    depth: Depth,
) -> (Reach, OnFailure) {
    match depth {
        Depth::Numbers => (Reach::Unknown, OnFailure::Unknown),
        Depth::Everything => {
            let reach = analysis.graph().reach(analysis.image, bounds.0);
            (reach, on_failure(analysis, bounds, messages, reach))
        }
    }
}

fn on_failure(analysis: &Analysis<'_, '_>, bounds: (u64, u64), messages: &[u64], reach: Reach) -> OnFailure {
    // torch turns the failure into a warning with these words.
    if analysis.image.has(b"Failed to initialize NumPy") {
        return OnFailure::Swallows;
    }
    if !analysis.image.functions().are_known() {
        return OnFailure::Unknown;
    }
    let leaving = leaving(analysis, bounds, messages);
    if !leaving.is_empty() && leaving.iter().all(|(_, way)| *way == Aftermath::Thrown) {
        return OnFailure::Raises;
    }
    let edges = callers(analysis, bounds, reach);
    if !edges.is_empty() && is_whole(analysis, bounds, messages) && edges.iter().all(|edge| ignores(analysis, edge)) {
        return OnFailure::Swallows;
    }
    match ends(analysis, leaving, reach) {
        Some(seen) => seen,
        None if analysis.graph().callers(analysis.image, bounds).is_empty() => OnFailure::Unknown,
        None => OnFailure::Raises,
    }
}

/// Whether the function is more than what the compiler split off to raise one of the errors, which returns nothing.
fn is_whole(analysis: &Analysis<'_, '_>, bounds: (u64, u64), messages: &[u64]) -> bool {
    let trace = analysis.trace(bounds);
    let taken = |message: &&u64| trace.anchored.iter().any(|taking| taking.anchor == **message);
    messages.iter().filter(taken).count() > 1
}

/// Whether a caller looks neither at the result of its call nor for an exception: it goes on with one set, until some call
/// into CPython clears it.
fn ignores(analysis: &Analysis<'_, '_>, edge: &Edge) -> bool {
    let trace = analysis.trace(analysis.function_around(edge.at));
    let asks = |call: &Call| analysis.image.import(call.callee) == Some("PyErr_Occurred");
    edge.is_call && !trace.tested.contains(&edge.at) && !trace.calls.iter().any(asks)
}

/// Who calls the function in `bounds` when the check runs: where an import reaches it, calls that no import reaches come
/// too late to matter.
fn callers(analysis: &Analysis<'_, '_>, bounds: (u64, u64), reach: Reach) -> Vec<Edge> {
    let all = analysis.graph().callers(analysis.image, bounds).into_iter();
    all.filter(|edge| reach != Reach::Import || analysis.graph().reach(analysis.image, edge.at) == reach).collect()
}

/// A function that the failure passes through, by where it begins, and how it leaves that function.
type Leaving = (u64, Aftermath);

/// How failures leave the function that raises them.
fn leaving(analysis: &Analysis<'_, '_>, bounds: (u64, u64), messages: &[u64]) -> BTreeSet<Leaving> {
    let trace = analysis.trace(bounds);
    let mut leaving = BTreeSet::new();
    for Anchored { call, after, .. } in trace.anchored.iter().filter(|taking| messages.contains(&taking.anchor)) {
        let ways = analysis.aftermath(bounds, call.at, after.clone(), true);
        leaving.extend(ways.into_iter().map(|way| (bounds.0, way)));
    }
    leaving
}

/// Follows failures up through the callers; `None` where paths disagree.
fn ends(analysis: &Analysis<'_, '_>, mut leaving: BTreeSet<Leaving>, reach: Reach) -> Option<OnFailure> {
    let mut walks = 0;
    let mut raised = BTreeSet::new();
    for _ in 0..MOST_LEVELS {
        let mut above = BTreeSet::new();
        for way in leaving {
            match one_level_up(analysis, way, reach, &mut walks)? {
                Level::Top(with_exception) => {
                    raised.insert(with_exception);
                }
                Level::Callers(ways) => above.extend(ways),
            }
        }
        leaving = above;
    }
    match (raised.contains(&true), raised.contains(&false)) {
        (true, false) => Some(OnFailure::Raises),
        (false, true) => Some(OnFailure::Swallows),
        _ => None,
    }
}

/// Where a failure gets to.
enum Level {
    /// Nobody in this file is above, or nothing depends on the failure any more; whether an exception is set.
    Top(bool),
    /// How the callers end.
    Callers(BTreeSet<Leaving>),
}

/// What the callers of a function do when it ends in `way`; `None` when there are too many to tell.
fn one_level_up(
    analysis: &Analysis<'_, '_>,
    (function, way): Leaving,
    reach: Reach,
    walks: &mut usize,
) -> Option<Level> {
    let (raised, result) = match way {
        Aftermath::GoneOn => return Some(Level::Top(false)),
        Aftermath::Thrown => return Some(Level::Top(true)),
        Aftermath::Raised(result) => (true, result),
        Aftermath::Dropped(result) => (false, result),
    };
    let bounds = analysis.function_around(function);
    let callers = callers(analysis, bounds, reach);
    if callers.is_empty() || analysis.graph().is_root(bounds) {
        return Some(Level::Top(raised));
    }
    let mut above = BTreeSet::new();
    for edge in callers {
        *walks = walks.checked_add(1).filter(|walks| *walks <= MOST_WALKS)?;
        let caller = analysis.function_around(edge.at);
        if raised && reach == Reach::Import && ignores(analysis, &edge) {
            above.insert((caller.0, Aftermath::GoneOn));
        } else if edge.is_call {
            let ways = analysis.aftermath(caller, edge.at, returned(result), raised);
            above.extend(ways.into_iter().map(|way| (caller.0, way)));
        } else {
            above.insert((caller.0, way));
        }
    }
    Some(Level::Callers(above))
}
