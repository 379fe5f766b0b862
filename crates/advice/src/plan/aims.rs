//! The ways to try: releases of NumPy with the same set of distributions that could not stay are one way.

use std::collections::BTreeMap;

use contract::judge::is_numpy;
use contract::{NumpySet, Version};

use super::{Aim, Cause, Cost, Culprit, Direction, NumpyAim, Plan, Situation, Standing};

/// Every way, the one that moves least first. `releases`: the NumPys that an installer could have, in ascending order.
///
/// A way keeps whatever fits by its bytes and by its metadata. The NumPy that is there may also be kept with the
/// contradictions of metadata that it has now: that way comes after the one that mends them too.
pub fn aims(situation: &Situation, releases: &[Version]) -> Vec<Aim> {
    let mut groups: BTreeMap<Vec<&str>, Vec<Version>> = BTreeMap::new();
    let others = releases.iter().filter(|release| Some(*release) != situation.numpy.as_ref());
    for release in others {
        let names = culprits(situation, release, true).map(|(standing, _)| standing.name.as_str()).collect();
        groups.entry(names).or_default().push(release.clone());
    }
    let mut aims: Vec<Aim> = groups.into_values().filter_map(|releases| moved(situation, releases)).collect();
    if let Some(numpy) = &situation.numpy {
        aims.extend([true, false].map(|strict| aim(situation, NumpyAim::Keep(numpy.clone()), numpy, strict)));
        aims.dedup();
    }
    aims.retain(|aim| !(aim.culprits.is_empty() && matches!(aim.numpy, NumpyAim::Keep(_))));
    aims.sort_by_key(|aim| (least_cost(aim, situation), std::cmp::Reverse(newest(aim))));
    aims.dedup();
    aims
}

fn moved(situation: &Situation, releases: Vec<Version>) -> Option<Aim> {
    let newest = releases.last()?.clone();
    Some(aim(situation, NumpyAim::Move(releases), &newest, true))
}

fn aim(situation: &Situation, numpy: NumpyAim, release: &Version, strict: bool) -> Aim {
    let moving: Vec<(&Standing, Cause)> = culprits(situation, release, strict).collect();
    let blocked = moving.iter().filter_map(|(standing, _)| Some((standing.name.clone(), standing.fixed.clone()?)));
    let fixed = situation.numpy_fixed.clone().filter(|_| matches!(numpy, NumpyAim::Move(_)));
    Aim {
        numpy,
        blocked: fixed.map(|why| ("numpy".to_owned(), why)).into_iter().chain(blocked).collect(),
        culprits: moving.into_iter().map(|(standing, cause)| culprit(standing, cause, release)).collect(),
    }
}

/// The distributions that cannot stay under a release, and why. `strict`: by what their metadata says, too.
fn culprits<'a>(
    situation: &'a Situation,
    release: &'a Version,
    strict: bool,
) -> impl Iterator<Item = (&'a Standing, Cause)> {
    let here = situation.numpy.as_ref() == Some(release);
    situation.distributions.iter().filter_map(move |standing| {
        let forbidden = |set: &&NumpySet| !set.contains(release);
        // What was judged here is known better than any range.
        let cause = match (&standing.allowed, here) {
            (Some(set), true) if standing.broken => Some(Cause::Bytes(set.clone())),
            (None, true) if standing.broken => Some(Cause::Bytes(NumpySet::default())),
            (_, true) => None,
            (allowed, false) => allowed.as_ref().filter(forbidden).cloned().map(Cause::Bytes),
        };
        let by_metadata = || {
            let declared = standing.declared.as_ref().filter(|_| strict)?;
            let forbids = release.satisfies(declared).is_ok_and(|allowed| !allowed) && !declared.is_empty();
            forbids.then(|| Cause::Metadata(declared.clone()))
        };
        cause.or_else(by_metadata).map(|cause| (standing, cause))
    })
}

/// A release made for older NumPys than the aim has newer successors that know it; one that asks for a newer NumPy has
/// older predecessors that did not.
fn culprit(standing: &Standing, cause: Cause, release: &Version) -> Culprit {
    let allows = |version: &Version| match &cause {
        Cause::Bytes(set) => set.contains(version),
        Cause::Metadata(specifiers) => version.satisfies(specifiers).unwrap_or(false),
    };
    let above = knowledge::releases().iter().any(|known| known.version > *release && allows(&known.version));
    let below = knowledge::releases().iter().any(|known| known.version < *release && allows(&known.version));
    Culprit {
        name: standing.name.clone(),
        version: standing.version.clone(),
        direction: if above && !below { Direction::Older } else { Direction::Newer },
        requested: standing.requested,
        cause,
    }
}

/// The least that any plan of this way asks of the user; what a resolver adds comes on top.
pub fn least_cost(aim: &Aim, situation: &Situation) -> Cost {
    let asked = aim.culprits.iter().filter(|culprit| culprit.requested).count();
    let older = aim.culprits.iter().filter(|culprit| culprit.direction == Direction::Older).count();
    let moves = usize::from(matches!(aim.numpy, NumpyAim::Move(_)));
    let back = match (&aim.numpy, &situation.numpy) {
        (NumpyAim::Move(releases), Some(there)) => releases.iter().all(|release| release < there),
        _ => false,
    };
    Cost {
        unproved: false,
        contradictions: 0,
        requested: asked + moves * usize::from(situation.numpy_requested && situation.numpy.is_some()),
        changes: aim.culprits.len() + moves,
        downgrades: older + usize::from(back),
        numpys: moves,
    }
}

fn newest(aim: &Aim) -> Version {
    match &aim.numpy {
        NumpyAim::Keep(version) => version.clone(),
        NumpyAim::Move(releases) => releases.last().cloned().unwrap_or_else(|| Version::from_release(&[0])),
    }
}

/// Whether a plan that is already proved moves only what this way moves, so that this one changes more for nothing.
pub fn dominated(aim: &Aim, plans: &[Plan]) -> bool {
    let moves = |name: &str| {
        let numpy = is_numpy(name) && matches!(aim.numpy, NumpyAim::Move(_));
        numpy || aim.culprits.iter().any(|culprit| culprit.name.eq_ignore_ascii_case(name))
    };
    plans.iter().any(|plan| {
        let clean = plan.proof.as_ref().is_some_and(|proof| proof.as_before.is_empty());
        clean && plan.changes.iter().all(|change| moves(&change.name))
    })
}
