//! What helps, best first: the step that mends the cause before the one that works around it, and nothing that this
//! Python or platform cannot have.

use contract::Version;

use super::Case;
use super::commands::install;
use super::diagnosis::{Culprit, Direction, Effect, Remedy, RemedyClass, Subject, Sureness};
use super::direction::installable;
use super::families::SILENT;
use super::message::{self, Message};
use super::prose::{filled, owner};
use crate::commands::Action;

/// The remedies for a case.
pub(super) fn remedies(case: &Case<'_>) -> Vec<Remedy> {
    let mut list = match (case.family.subject, case.effect) {
        (_, Effect::Harmless) => vec![plain(case, RemedyClass::Ignore, message::REMEDY_IGNORE)],
        _ if case.hit.reading.bundled.is_some() => vec![reinstall_whole(case)],
        (Subject::NumpyAbi, _) => for_abi(case),
        (Subject::NumpyInstallation, _) => for_installation(case),
        (Subject::NotNumpyAbi, _) => for_lookalikes(case),
        (Subject::Undetermined, _) => vec![find_culprit(case)],
    };
    if case.facts.notebook && list.iter().any(|remedy| changes_packages(remedy.class)) {
        list.push(plain(case, RemedyClass::RestartProcess, message::REMEDY_RESTART));
    }
    list
}

fn changes_packages(class: RemedyClass) -> bool {
    use RemedyClass as R;
    matches!(
        class,
        R::UpgradeDistribution
            | R::DowngradeDistribution
            | R::DowngradeNumpy
            | R::UpgradeNumpy
            | R::RebuildDistribution
    )
}

fn plain(case: &Case<'_>, class: RemedyClass, id: &'static str) -> Remedy {
    Remedy { class, why: filled(Message::plain(id), case), commands: Vec::new() }
}

fn with_command(case: &Case<'_>, class: RemedyClass, id: &'static str, action: Action, what: &[&str]) -> Remedy {
    Remedy { commands: install(&case.facts, action, what).into_iter().collect(), ..plain(case, class, id) }
}

/// `numpact check` reads every file and so names the one at fault.
fn find_culprit(case: &Case<'_>) -> Remedy {
    let remedy = plain(case, RemedyClass::FindCulprit, message::REMEDY_FIND_CULPRIT);
    Remedy { commands: vec!["numpact check".to_owned()], ..remedy }
}

fn for_abi(case: &Case<'_>) -> Vec<Remedy> {
    match case.bearing.direction {
        Some(Direction::NumpyTooNew) => too_new(case),
        Some(Direction::NumpyTooOld) => too_old(case),
        None if DESCRIBED.contains(&case.family.id) => described(case),
        None if case.family.id == "array-api-not-found" => vec![reinstall_numpy(case)],
        None if case.family.id == SILENT => refused(case),
        None if case.hit.reading.header.is_some() => rebuild(case),
        None if case.facts.numpy.is_some() => vec![find_culprit(case), reinstall_numpy(case)],
        None => [find_culprit(case)].into_iter().chain(downgrade_perhaps(case)).collect(),
    }
}

/// What is most often at fault where neither the cause nor the running NumPy is told. To install NumPy anew without its
/// version would put the newest in its place.
fn downgrade_perhaps(case: &Case<'_>) -> Option<Remedy> {
    let there_is = installable(case.facts.python.as_deref(), |version| version.major() < 2);
    let (class, id) = (RemedyClass::DowngradeNumpy, message::REMEDY_DOWNGRADE_PERHAPS);
    let may_be = there_is && case.hit.reading.headers_2 != Some(true);
    may_be.then(|| with_command(case, class, id, Action::Install, &["numpy<2"]))
}

/// Both ways out for a module that knows of no NumPy so new: a newer release of it, or an older NumPy.
fn refused(case: &Case<'_>) -> Vec<Remedy> {
    let Some(culprit) = case.culprits.first() else { return vec![find_culprit(case)] };
    let (class, id) = (RemedyClass::UpgradeDistribution, message::REMEDY_UPGRADE_REFUSED);
    let upgrade = with_command(case, class, id, Action::Upgrade, &[&culprit.distribution]);
    let declared = plain(case, RemedyClass::DowngradeNumpy, message::REMEDY_DECLARED_NUMPY);
    vec![upgrade, Remedy { commands: vec!["numpact check".to_owned()], ..declared }]
}

/// The wheel that brought the missing library, at the version that is there: another one would be a step of its own.
fn reinstall_whole(case: &Case<'_>) -> Remedy {
    let Some(owner) = owner(case) else {
        return plain(case, RemedyClass::ReinstallDistribution, message::REMEDY_REINSTALL_UNOWNED);
    };
    let of_numpy = owner == "numpy";
    let class = if of_numpy { RemedyClass::ReinstallNumpy } else { RemedyClass::ReinstallDistribution };
    let known = case.culprits.first().and_then(|culprit| culprit.version.as_ref());
    let version = if of_numpy { case.facts.numpy.as_ref() } else { known };
    let exact = version.map(|version| format!("{owner}=={version}"));
    let commands = exact.and_then(|exact| install(&case.facts, Action::Reinstall, &[&exact])).into_iter().collect();
    let why = filled(Message::plain(message::REMEDY_REINSTALL_WHOLE), case).with("distribution", owner);
    Remedy { class, why, commands }
}

/// Families about two versions that do not tell which is the newer one, or contradict themselves.
const DESCRIBED: &[&str] = &["api-mismatch-described", "api-version-too-new", "c-api-version-too-new"];

/// Without a machine's message both directions are open.
fn described(case: &Case<'_>) -> Vec<Remedy> {
    let (class, id) = (RemedyClass::UpgradeNumpy, message::REMEDY_UPGRADE_NUMPY);
    let upgrade = with_command(case, class, id, Action::Upgrade, &["numpy"]);
    [find_culprit(case), upgrade].into_iter().chain(downgrade(case)).collect()
}

fn too_new(case: &Case<'_>) -> Vec<Remedy> {
    let sure: Vec<&Culprit> =
        case.culprits.iter().filter(|c| c.sureness > Sureness::Suspect && !is_frozen(c)).collect();
    let mut list = Vec::new();
    if !sure.is_empty() {
        list.push(upgrade(case, &sure));
    }
    list.extend(downgrade(case));
    // Where an upgrade may lead nowhere, what helps everywhere comes first.
    if case.culprits.iter().any(may_be_frozen) {
        list.sort_by_key(|remedy| remedy.class == RemedyClass::UpgradeDistribution);
    }
    if case.culprits.is_empty() {
        list.push(find_culprit(case));
    } else {
        list.extend(rebuild(case));
    }
    list
}

/// `numpy<2`, where this Python has one.
fn downgrade(case: &Case<'_>) -> Option<Remedy> {
    let frozen = case.culprits.first().is_some_and(is_frozen);
    let id = if frozen { message::REMEDY_DOWNGRADE_FROZEN } else { message::REMEDY_DOWNGRADE_NUMPY };
    let there_is = installable(case.facts.python.as_deref(), |version| version.major() < 2);
    // Files that were read say more exactly than the message which NumPys they run with.
    let read = case.bearing.read.as_ref().map(|range| format!("numpy{range}"));
    let what = read.as_deref().unwrap_or("numpy<2");
    there_is.then(|| with_command(case, RemedyClass::DowngradeNumpy, id, Action::Install, &[what]))
}

/// As likely as not: on a Mac whose processor the text does not tell.
fn may_be_frozen(culprit: &Culprit) -> bool {
    culprit.history.as_ref().is_some_and(|h| h.frozen_on.len().saturating_mul(2) >= h.possible)
}

fn is_frozen(culprit: &Culprit) -> bool {
    culprit.history.as_ref().is_some_and(|history| history.frozen)
}

/// An upgrade of all culprits at once, with the first release that is known to work where one is.
fn upgrade(case: &Case<'_>, culprits: &[&Culprit]) -> Remedy {
    let first = first_above;
    let what: Vec<String> = culprits
        .iter()
        .map(|c| first(c).map_or_else(|| c.distribution.clone(), |version| format!("{}>={version}", c.distribution)))
        .collect();
    let known = culprits.first().and_then(|culprit| first(culprit));
    let id = if known.is_some() { message::REMEDY_UPGRADE_KNOWN } else { message::REMEDY_UPGRADE_DISTRIBUTION };
    let what: Vec<&str> = what.iter().map(String::as_str).collect();
    let mut remedy = with_command(case, RemedyClass::UpgradeDistribution, id, Action::Upgrade, &what);
    remedy.why = remedy.why.with("first", known.unwrap_or_default());
    remedy
}

/// The first release that is known to work with NumPy 2, if the culprit is an older one.
fn first_above(culprit: &Culprit) -> Option<String> {
    let first: Version = culprit.history.as_ref()?.first_for_numpy_2.as_ref()?.parse().ok()?;
    let installed = culprit.version.as_ref().and_then(|version| version.parse::<Version>().ok());
    installed.is_none_or(|installed| installed < first).then(|| first.to_string())
}

fn too_old(case: &Case<'_>) -> Vec<Remedy> {
    let mut list = Vec::new();
    let floor = case.bearing.floor.as_ref();
    if installable(case.facts.python.as_deref(), |version| floor.is_none_or(|floor| version >= floor)) {
        list.push(upgrade_numpy(case));
    }
    if let Some(culprit) = case.culprits.first() {
        let (class, id) = (RemedyClass::DowngradeDistribution, message::REMEDY_DOWNGRADE_DISTRIBUTION);
        let older = culprit.version.as_ref().map(|version| format!("{}<{version}", culprit.distribution));
        let mut remedy = plain(case, class, id);
        remedy.commands.extend(older.and_then(|what| install(&case.facts, Action::Install, &[&what])));
        list.push(remedy);
        list.extend(rebuild(case));
    } else {
        list.push(find_culprit(case));
    }
    list
}

/// An upgrade that stays below 2 unless the code was built for both, or this Python has no 1.x at all. Without a command
/// where it is not known what to upgrade to.
fn upgrade_numpy(case: &Case<'_>) -> Remedy {
    let floor = case.bearing.floor.as_ref();
    if floor.is_none() && case.bearing.read.is_none() {
        return plain(case, RemedyClass::UpgradeNumpy, message::REMEDY_UPGRADE_NUMPY);
    }
    let stay = case.hit.reading.headers_2 != Some(true)
        && installable(case.facts.python.as_deref(), |v| v.major() < 2 && floor.is_none_or(|floor| v >= floor));
    let read = case.bearing.read.as_ref().map(|range| format!("numpy{range}"));
    let what = match (floor, stay) {
        _ if read.is_some() => read.unwrap_or_default(),
        (Some(floor), true) => format!("numpy>={floor},<2"),
        (Some(floor), false) => format!("numpy>={floor}"),
        (None, _) => "numpy".to_owned(),
    };
    with_command(case, RemedyClass::UpgradeNumpy, message::REMEDY_UPGRADE_NUMPY, Action::Upgrade, &[&what])
}

fn rebuild(case: &Case<'_>) -> Vec<Remedy> {
    let Some(culprit) = case.culprits.first() else { return vec![find_culprit(case)] };
    if knowledge::distribution(&culprit.distribution).is_some_and(|known| !known.sdist) {
        return Vec::new(); // Installers have nothing to build from.
    }
    let (class, id) = (RemedyClass::RebuildDistribution, message::REMEDY_REBUILD);
    vec![with_command(case, class, id, Action::Rebuild, &[&culprit.distribution])]
}

fn reinstall_numpy(case: &Case<'_>) -> Remedy {
    let (class, id) = (RemedyClass::ReinstallNumpy, message::REMEDY_REINSTALL_NUMPY);
    let exact = case.facts.numpy.as_ref().map(|version| format!("numpy=={version}"));
    with_command(case, class, id, Action::Reinstall, &[exact.as_deref().unwrap_or("numpy")])
}

fn for_installation(case: &Case<'_>) -> Vec<Remedy> {
    let library = filled(Message::plain(message::REMEDY_SYSTEM_LIBRARY), case);
    match case.family.id {
        "numpy-installation-mixed" if case.restart => {
            vec![plain(case, RemedyClass::RestartProcess, message::REMEDY_RESTART), reinstall_numpy(case)]
        }
        "numpy-core-missing" => {
            let (class, id) = (RemedyClass::UpgradeNumpy, message::REMEDY_UPGRADE_NUMPY);
            vec![with_command(case, class, id, Action::Upgrade, &["numpy>=1.26.1"])]
        }
        "numpy-shadowed" => {
            vec![plain(case, RemedyClass::RenameFile, message::REMEDY_RENAME_FILE), reinstall_numpy(case)]
        }
        "numpy-absent" => {
            let (class, id) = (RemedyClass::InstallNumpy, message::REMEDY_INSTALL_NUMPY);
            vec![with_command(case, class, id, Action::Install, &["numpy"])]
        }
        "numpy-import-failed" if super::prose::cause(case).id == message::CAUSE_NUMPY_BROKEN_LIBRARY => {
            vec![Remedy { class: RemedyClass::SystemLibrary, why: library, commands: Vec::new() }]
        }
        _ => vec![reinstall_numpy(case)],
    }
}

fn for_lookalikes(case: &Case<'_>) -> Vec<Remedy> {
    match case.family.id {
        "python-api-removed" => vec![change_code(case)],
        "python-level-cap" => vec![align(case)],
        "declared-range-warning" => vec![plain(case, RemedyClass::ReadOn, message::REMEDY_READ_ON), into_range(case)],
        "resolver-conflict" => vec![plain(case, RemedyClass::AlignVersions, message::REMEDY_ALIGN_VERSIONS)],
        "wrong-python-or-machine" => vec![plain(case, RemedyClass::MatchPython, message::REMEDY_MATCH_PYTHON)],
        "other-type-size-changed" => rebuild(case),
        _ => vec![plain(case, RemedyClass::SystemLibrary, message::REMEDY_SYSTEM_LIBRARY)],
    }
}

/// ruff finds the removed names; the library that uses them may have a newer release.
fn change_code(case: &Case<'_>) -> Remedy {
    let remedy = plain(case, RemedyClass::ChangeCode, message::REMEDY_CHANGE_CODE);
    Remedy { commands: vec!["ruff check --select NPY201,NPY001 --fix".to_owned()], ..remedy }
}

/// A SciPy that was made for an older NumPy has a newer release; a NumPy that is too old for it has not.
fn into_range(case: &Case<'_>) -> Remedy {
    let reading = &case.hit.reading;
    let parsed = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Version>().ok());
    let too_old = parsed(&reading.numpy).zip(parsed(&reading.floor)).is_some_and(|(found, floor)| found < floor);
    let numpy = format!("numpy{}", reading.range.as_deref().unwrap_or_default());
    let (action, what) = if too_old { (Action::Install, numpy.as_str()) } else { (Action::Upgrade, "scipy") };
    with_command(case, RemedyClass::AlignVersions, message::REMEDY_ALIGN_VERSIONS, action, &[what])
}

/// A cap in Python code says itself which versions it takes.
fn align(case: &Case<'_>) -> Remedy {
    let library = case.hit.reading.name.as_deref().unwrap_or("numba");
    let action = Action::Upgrade;
    with_command(case, RemedyClass::AlignVersions, message::REMEDY_ALIGN_VERSIONS, action, &[library])
}
