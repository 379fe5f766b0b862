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

use advice::plan::{Plan, Refusal, aims, dominated, no_numpy_left};
use anyhow::Result;
use contract::Version;
use sources::environment::Place;

pub(crate) use apply::{Applied, apply, obstacle};
pub(crate) use installed::Installed;
use search::Search;
pub(crate) use trial::Tried;

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

/// Looks for plans. `progress`: whether to show any.
pub(crate) fn mend(place: &Place, settings: &Settings, progress: bool) -> Result<Mending> {
    let installed = Installed::gather(place, settings, progress)?;
    let releases = numpys(&installed);
    let (mut plans, mut refusals) = (Vec::new(), Vec::new());
    if installed.is_broken() {
        let search = Search::new(&installed, settings, progress)?;
        for aim in aims(&installed.situation, &releases).iter().take(WAYS) {
            if plans.len() >= PLANS || dominated(aim, &plans) {
                continue;
            }
            match search.solve(aim)? {
                Ok(plan) => plans.push(plan),
                Err(refusal) => refusals.push(refusal),
            }
        }
    }
    plans.extend(rebuild::plan(&installed));
    plans.sort_by_key(Plan::cost);
    plans.dedup_by(|a, b| a.changes == b.changes);
    let hopeless = hopeless(&installed, &releases);
    Ok(Mending { installed, plans, first: 1, refusals, hopeless })
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
