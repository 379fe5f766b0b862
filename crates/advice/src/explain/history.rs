//! What the table of distributions says of a culprit, on the platforms that the text leaves possible.

use contract::Version;
use knowledge::{DistributionHistory, PlatformHistory};

use super::diagnosis::{Culprit, Facts, History};

/// What is known of a culprit; `None` for a distribution or a platform that was not looked at, and where no release
/// needs NumPy 1.x.
pub(super) fn history(culprit: &Culprit, facts: &Facts) -> Option<History> {
    let known = knowledge::distribution(&culprit.distribution)?;
    let possible: Vec<&PlatformHistory> =
        known.platforms.iter().filter(|one| is_possible(one, culprit, facts)).collect();
    // The floor that is right on every platform, and the last release that is wrong on one of them.
    let last = possible.iter().filter(|one| one.last_for_numpy_1.is_some());
    let last = last.max_by_key(|one| version(one.last_for_numpy_1))?;
    let first = possible.iter().filter(|one| one.first_for_numpy_2.is_some());
    let first = first.max_by_key(|one| version(one.first_for_numpy_2));
    let frozen: Vec<&&PlatformHistory> = possible.iter().filter(|one| one.is_frozen()).collect();
    let shown = frozen.first().copied().or(first).unwrap_or(last);
    Some(of(known, shown, last, first.copied(), &frozen, possible.len()))
}

fn of(
    known: &DistributionHistory,
    shown: &PlatformHistory,
    last: &PlatformHistory,
    first: Option<&PlatformHistory>,
    frozen: &[&&PlatformHistory],
    possible: usize,
) -> History {
    let told = if frozen.is_empty() { last } else { shown };
    let read = [told.last_wheel, first.and_then(|first| first.first_wheel)];
    History {
        platform: shown.platform.to_owned(),
        last_for_numpy_1: told.last_for_numpy_1.map(str::to_owned),
        first_for_numpy_2: first.and_then(|first| first.first_for_numpy_2).map(str::to_owned),
        newest: shown.newest.to_owned(),
        newest_anywhere: known.newest.to_owned(),
        possible,
        frozen: frozen.len() == possible,
        frozen_on: frozen.iter().map(|one| one.platform.to_owned()).collect(),
        silent: told.is_silent(),
        declared: told.declared.map(str::to_owned),
        read: read.into_iter().flatten().map(str::to_owned).collect(),
        date: known.date.to_owned(),
    }
}

fn version(text: Option<&str>) -> Option<Version> {
    text?.parse().ok()
}

/// Whether a row of the table can be the platform of the text. A Mac whose processor the text does not tell can be
/// either, unless the culprit's version has a wheel for one alone.
fn is_possible(row: &PlatformHistory, culprit: &Culprit, facts: &Facts) -> bool {
    let (system, machine) = row.platform.split_once('-').unwrap_or((row.platform, ""));
    let same_machine = facts.machine.as_deref().is_none_or(|known| same_machine(known, machine));
    let installed = version(culprit.version.as_deref());
    let exists = installed.is_none_or(|installed| version(Some(row.newest)).is_none_or(|newest| installed <= newest));
    let unlikely = facts.machine.is_none() && facts.system.as_deref() == Some("macos") && is_passed_by(row, culprit);
    facts.system.as_deref().is_none_or(|known| known == system) && same_machine && exists && !unlikely
}

/// Apple and Windows say `arm64` where Linux says `aarch64`.
fn same_machine(one: &str, other: &str) -> bool {
    let plain = |machine: &str| if machine == "aarch64" { "arm64".to_owned() } else { machine.to_owned() };
    plain(one) == plain(other)
}

/// Whether the culprit is exactly the last release for another processor of this system, while this one has much newer
/// ones: then it is that other one, on which an upgrade leads no further.
fn is_passed_by(row: &PlatformHistory, culprit: &Culprit) -> bool {
    let Some(known) = knowledge::distribution(&culprit.distribution) else { return false };
    let intel = known.on("macos-x86_64").filter(|intel| intel.is_frozen());
    row.platform == "macos-arm64" && intel.is_some_and(|intel| culprit.version.as_deref() == Some(intel.newest))
}
