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
    /// Whether nothing was fetched.
    pub(crate) offline: bool,
}

impl Mending {
    /// An environment of which nothing more is known than what is broken.
    pub(crate) fn unsought(installed: Installed) -> Self {
        Self { installed, plans: Vec::new(), first: 1, refusals: Vec::new(), hopeless: Vec::new(), offline: false }
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
    mut installed: Installed,
    settings: &Settings,
    wanted: Option<usize>,
    progress: bool,
) -> Result<Mending> {
    installed.try_means();
    let releases = numpys(&installed);
    let waiting = Waiting::new(progress);
    let found = search(&installed, &releases, settings, wanted, &waiting);
    waiting.end();
    let (plans, refusals) = found?;
    let hopeless = hopeless(&installed, &releases);
    Ok(Mending { installed, plans, first: 1, refusals, hopeless, offline: settings.offline })
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
            Ok(plan) => add(&mut plans, plan),
            Err(refusal) => refusals.push(refusal),
        }
        plans.sort_by_key(Plan::cost);
    }
    if !settings.offline {
        // A build fetches what it builds with, too.
        plans.extend(rebuild::plan(installed).map(|plan| search.can_be_built(plan)).transpose()?.flatten());
    }
    if plans.is_empty() {
        search.resolver.could_look()?;
    }
    Ok((plans, refusals))
}

/// Adds a plan, unless another way has come to the same.
fn add(plans: &mut Vec<Plan>, plan: Plan) {
    if !plans.iter().any(|other| does_the_same(other, &plan)) {
        plans.push(plan);
    }
}

/// Whether the same distributions come to the same versions, whatever the reasons.
fn does_the_same(one: &Plan, other: &Plan) -> bool {
    fn what(plan: &Plan) -> impl Iterator<Item = (&str, Option<&Version>, &Version)> {
        plan.changes.iter().map(|change| (change.name.as_str(), change.from.as_ref(), &change.to))
    }
    what(one).eq(what(other))
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

#[cfg(test)]
mod tests {
    use advice::plan::{Change, Plan};

    use super::add;

    fn plan(why: &str, to: &str) -> Plan {
        let version = |text: &str| text.parse().expect("a version");
        let (name, why) = ("torch".to_owned(), why.to_owned());
        let change = Change { name, from: Some(version("2.2.2")), to: version(to), requested: true, why };
        Plan { changes: vec![change], keep: Vec::new(), proof: None }
    }

    /// They differed in a reason, and were shown as plan 1 and plan 2 with the same command.
    #[test]
    fn two_ways_that_come_to_the_same_are_one_plan() {
        let mut plans = Vec::new();
        for (why, to) in [("it fits", "2.3.0"), ("it fits better", "2.4.0"), ("what moves needs it", "2.3.0")] {
            add(&mut plans, plan(why, to));
        }
        let reasons: Vec<&str> = plans.iter().map(|plan| plan.changes[0].why.as_str()).collect();
        assert_eq!(reasons, ["it fits", "it fits better"]);
    }
}
