//! From a broken environment to plans that hold: resolve, read the wheels that were chosen, add what was learnt as a
//! constraint, resolve again.

mod apply;
mod guard;
mod installed;
mod learnt;
mod nearest;
mod rebuild;
mod resolver;
mod search;
mod trial;

use advice::plan::{Cost, Plan, Refusal, aims, dominated, least_cost, no_numpy_left};
use anyhow::Result;
use contract::Version;

pub(crate) use apply::{Applied, apply, obstacle};
pub(crate) use installed::Installed;
use search::Search;
pub(crate) use trial::Tried;

use crate::progress::Waiting;
use crate::settings::Settings;

/// How many plans are worth showing.
const PLANS: usize = 4;
/// How many ways are tried.
const WAYS: usize = 8;

/// What would mend an environment, or why nothing would.
pub(crate) struct Mending {
    /// The environment as it is.
    pub(crate) installed: Installed,
    /// Best first.
    pub(crate) plans: Vec<Plan>,
    /// The number of the first of them.
    pub(crate) first: usize,
    /// Ways that lead nowhere, in the order in which they were tried.
    pub(crate) refusals: Vec<Refusal>,
    /// Why single distributions work with no NumPy that this Python can have.
    pub(crate) hopeless: Vec<String>,
}

impl Mending {
    /// An environment of which nothing more is known than what is broken.
    pub(crate) fn unsought(installed: Installed) -> Self {
        Self { installed, plans: Vec::new(), first: 1, refusals: Vec::new(), hopeless: Vec::new() }
    }
}

/// The number beyond which no plan is looked for.
pub(crate) fn most_plans(installed: &Installed) -> usize {
    let ways = aims(&installed.situation, &numpys(installed)).len();
    ways.min(PLANS).saturating_add(rebuild::plan(installed).into_iter().count())
}

/// Looks for plans. `wanted`: how many of the best have to be known; all that are worth showing, where nothing is said.
/// `progress`: whether to show any.
pub(crate) fn mend(
    installed: Installed,
    settings: &Settings,
    wanted: Option<usize>,
    progress: bool,
) -> Result<Mending> {
    let releases = numpys(&installed);
    let waiting = Waiting::new(progress);
    let found = search(&installed, &releases, settings, wanted, &waiting);
    waiting.end();
    let (mut plans, refusals) = found?;
    plans.dedup_by(|a, b| a.changes == b.changes);
    let hopeless = hopeless(&installed, &releases);
    Ok(Mending { installed, plans, first: 1, refusals, hopeless })
}

/// Tries the ways, least change first, and gives plans, best first, and what stands in the ways that lead nowhere.
fn search(
    installed: &Installed,
    releases: &[Version],
    settings: &Settings,
    wanted: Option<usize>,
    waiting: &Waiting,
) -> Result<(Vec<Plan>, Vec<Refusal>)> {
    let (mut plans, mut refusals) = (Vec::new(), Vec::new());
    let search = Search::new(installed, settings, waiting)?;
    for aim in aims(&installed.situation, releases).iter().take(WAYS) {
        if is_enough(&plans, wanted, &least_cost(aim, &installed.situation)) {
            return Ok((plans, refusals));
        }
        if plans.len() >= PLANS || dominated(aim, &plans) {
            continue;
        }
        match search.solve(aim)? {
            Ok(plan) => plans.push(plan),
            Err(refusal) => refusals.push(refusal),
        }
        plans.sort_by_key(Plan::cost);
    }
    plans.extend(rebuild::plan(installed));
    Ok((plans, refusals))
}

/// Whether the plans that are wanted are known: no way that is left can come to one that costs less.
fn is_enough(plans: &[Plan], wanted: Option<usize>, next: &Cost) -> bool {
    let last = wanted.and_then(|wanted| plans.get(wanted.checked_sub(1)?));
    last.is_some_and(|plan| plan.cost() <= *next)
}

/// The NumPys that an installer could have for the environment's Python, in ascending order.
fn numpys(installed: &Installed) -> Vec<Version> {
    knowledge::releases_for_python(installed.target.python).map(|release| release.version.clone()).collect()
}

fn hopeless(installed: &Installed, releases: &[Version]) -> Vec<String> {
    let (major, minor) = installed.target.python;
    let python = format!("{major}.{minor}");
    let broken = installed.situation.distributions.iter().filter(|standing| standing.broken);
    broken.filter_map(|standing| no_numpy_left(standing, &python, releases)).collect()
}
