//! The check of lock files: the wheels that the target's Python and platform would install of each environment.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use contract::Version;
use contract::report::{JudgedNumpy, TargetKind};
use sources::lockfile::{Choice, Chosen, Locked, LockedEnvironment, LockedFile, LockedPackage, choose, read};
use sources::project::{SourceTree, read_pyproject};
use sources::wheel::{Target, WheelName};

use crate::pipeline::access::Access;
use crate::pipeline::builds::Planned;
use crate::pipeline::lookup::Lookup;
use crate::pipeline::wheels::{self, Gathered, Subject};
use crate::pipeline::{Checked, builds, requirements};

/// Checks every environment of a lock file.
pub(crate) fn check(path: &Path, access: &Access) -> Result<Vec<Checked>> {
    let locked = read(path)?.narrowed(&access.wanted).map_err(|why| anyhow!("`{}`: {why}", path.display()))?;
    let place = Place { kind: TargetKind::Lockfile, shown: path.display().to_string(), folder: folder(path) };
    check_locked(&locked, &place, access)
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Where locked packages come from.
pub(super) struct Place<'a> {
    pub(super) kind: TargetKind,
    /// What the user named.
    pub(super) shown: String,
    /// What relative paths are relative to.
    pub(super) folder: &'a Path,
}

impl Place<'_> {
    /// What the user named, and which part of it: an environment, and one NumPy of several.
    fn part(&self, environment: Option<&str>, numpy: Option<&Version>) -> String {
        let numpy = numpy.map(|version| format!("NumPy {version}"));
        let parts: Vec<String> = environment.map(str::to_owned).into_iter().chain(numpy).collect();
        if parts.is_empty() { self.shown.clone() } else { format!("{} ({})", self.shown, parts.join(", ")) }
    }

    /// What the project that a lock file lies beside requires of NumPy.
    fn project_numpy(&self, target: &Target) -> Option<String> {
        let beside = self.folder.join("pyproject.toml");
        let project = (self.kind == TargetKind::Lockfile).then(|| read_pyproject(&beside).ok()).flatten()?;
        SourceTree { project, requires_dist: None }.runtime_numpy(target)?
    }
}

/// Checks every environment that is for the target's platform.
pub(super) fn check_locked(locked: &Locked, place: &Place<'_>, access: &Access) -> Result<Vec<Checked>> {
    let target = access.target_or(locked.environments.iter().find_map(|environment| environment.python))?;
    let fits = |e: &&LockedEnvironment| e.platform.as_ref().is_none_or(|platform| is_for(platform, &target));
    let environments: Vec<&LockedEnvironment> = locked.environments.iter().filter(fits).collect();
    if environments.is_empty() {
        bail!("`{}` locks nothing for {target}", place.shown);
    }
    let several = environments.len() > 1;
    let one = |environment: &LockedEnvironment| {
        let name = several.then_some(environment.name.as_str());
        check_environment(environment, name, &locked.notes, place, access.target_or(environment.python)?, access)
    };
    let all: Vec<Vec<Checked>> = environments.into_iter().map(one).collect::<Result<_>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// Whether conda's word for a platform (`osx-64`) names the target's.
fn is_for(conda: &str, target: &Target) -> bool {
    let word = match conda {
        "linux-64" => "linux-x86_64",
        "linux-aarch64" => "linux-aarch64",
        "osx-64" => "macos-x86_64",
        "osx-arm64" => "macos-arm64",
        "win-64" => "windows-x86_64",
        "win-arm64" => "windows-arm64",
        other => other,
    };
    word == target.platform.to_string()
}

/// Checks one environment, under each NumPy that may be the one that is installed.
fn check_environment(
    environment: &LockedEnvironment,
    name: Option<&str>,
    notes: &[String],
    place: &Place<'_>,
    target: Target,
    access: &Access,
) -> Result<Vec<Checked>> {
    let path = place.part(name, None);
    refuse_others(environment, &place.shown, &target)?;
    let chosen = choose(environment, &target);
    let (numpys, others): (Vec<_>, Vec<_>) = chosen.iter().partition(|c| contract::judge::is_numpy(&c.package.name));
    let numpys = numpys_of(&numpys, place, &target, access)?;
    let mut problems = notes.to_vec();
    let (mut files, mut unknown) = (Vec::new(), Vec::new());
    let lookup = Lookup::new(&others, target, access);
    for chosen in others {
        match file_of(chosen, &target, &lookup) {
            Ok(file) => files.push(file),
            Err(problem) if may_be_compiled(chosen.package) => {
                let planned = planned(chosen, &lookup, place.folder, &target, access);
                unknown.push(nothing_known(chosen, planned, problem, &target));
            }
            Err(problem) => problems.push(problem),
        }
    }
    if let (true, Some((_, problem))) = (files.is_empty(), unknown.iter().find(|(one, _)| one.build.is_none())) {
        bail!("`{path}`: not one wheel was found; {problem}");
    }
    let (mut gathered, failed) = wheels::gather_all(&files, place.folder, access)?;
    problems.extend(failed);
    gathered.extend(unknown.into_iter().map(|(one, _)| one));
    let several = numpys.len() > 1;
    let under = |met: Met| {
        let path = place.part(name, met.version.as_ref().filter(|_| several));
        let problems = problems.iter().cloned().chain(met.problems).collect();
        let columns = access.columns.as_ref();
        let subject = Subject { kind: place.kind, path, target: Some(target), numpy: met.numpy, problems, columns };
        let mut checked = wheels::judge(subject, &gathered);
        checked.report.left_out.extend_from_slice(&environment.notes);
        checked
    };
    let mut checked: Vec<Checked> = numpys.into_iter().map(under).collect();
    // What was fetched was fetched once for all of them.
    let last = checked.iter().rev().find_map(|one| one.report.fetched);
    checked.iter_mut().enumerate().for_each(|(place, one)| one.report.fetched = last.filter(|_| place == 0));
    Ok(checked)
}

/// Refuses a target that an environment is not for, as installers do.
fn refuse_others(environment: &LockedEnvironment, path: &str, target: &Target) -> Result<()> {
    if !environment.is_for(target.python) {
        let pythons = environment.requires_python.join(" or ");
        bail!("`{path}` is for Python {pythons}, and not for {target}; name one of these by `--python`");
    }
    if !environment.is_for_platform(target) {
        let markers = environment.markers.join("` or `");
        bail!(
            "`{path}` is for environments where `{markers}`, and not for {target}; name one of these by `--python` and `--platform`"
        );
    }
    Ok(())
}

/// A NumPy that the locked wheels may meet.
#[derive(Default)]
struct Met {
    numpy: Option<JudgedNumpy>,
    /// Its version, where it comes from the lock.
    version: Option<Version>,
    /// What must be said of it.
    problems: Vec<String>,
}

/// The NumPy to judge against; where the lock has several for the target and does not say which, each of them.
fn numpys_of(locked: &[&Chosen<'_>], place: &Place<'_>, target: &Target, access: &Access) -> Result<Vec<Met>> {
    if let numpy @ Some(_) = access.numpy(None)? {
        return Ok(vec![Met { numpy, ..Met::default() }]);
    }
    let mut all: Vec<(Version, &Chosen<'_>)> =
        locked.iter().filter_map(|chosen| Some((version(chosen)?, *chosen))).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.dedup_by(|(one, _), (other, _)| one == other);
    if all.iter().any(|(_, chosen)| chosen.choice != Choice::Nothing) {
        all.retain(|(_, chosen)| chosen.choice != Choice::Nothing);
    }
    if let (true, Some(wanted)) = (all.len() > 1, place.project_numpy(target)) {
        let meets = |version: &Version| version.satisfies(&wanted).unwrap_or(true);
        if all.iter().filter(|(version, _)| meets(version)).count() == 1 {
            all.retain(|(version, _)| meets(version));
        }
    }
    if all.is_empty() {
        return Ok(vec![Met::default()]);
    }
    let versions: Vec<String> = all.iter().map(|(version, _)| version.to_string()).collect();
    let unclear = versions.split_last().filter(|(_, others)| !others.is_empty()).map(|(last, others)| {
        let all = others.join(", ");
        format!("the lock has NumPy {all} and {last} for {target}, and does not say which of them is installed")
    });
    let met = |(version, chosen): (Version, &Chosen<'_>)| {
        let problems = unclear.iter().cloned().chain(without_wheel(&version, chosen, target)).collect();
        Ok(Met { numpy: access.numpy(Some(&version))?, version: Some(version), problems })
    };
    all.into_iter().map(met).collect()
}

/// What to say of a NumPy that is taken as given and has no wheel for the target.
fn without_wheel(version: &Version, chosen: &Chosen<'_>, target: &Target) -> Option<String> {
    let (package, given) = (chosen.package, "what is judged is judged as if it were there");
    match chosen.choice {
        Choice::Nothing => {
            let newer = newer(package, target);
            Some(format!("NumPy {version} is locked without a file that installs on {target}{newer}; {given}"))
        }
        Choice::Sdist(file) => {
            let (name, newer) = (&file.filename, newer(package, target));
            Some(format!(
                "NumPy {version} is locked without a wheel for {target}, and `{name}` would be built{newer}; {given}"
            ))
        }
        _ => None,
    }
}

/// Whether a package may hold compiled files, by the wheels that are locked.
fn may_be_compiled(package: &LockedPackage) -> bool {
    let mut names = package.wheels.iter().map(|file| WheelName::parse(&file.filename));
    let pure = |name: Option<WheelName>| name.is_some_and(|name| name.tags.iter().all(|tag| tag.platform == "any"));
    package.wheels.is_empty() || !names.all(pure)
}

/// A package whose compiled files nobody has: what a build would give, where there is something to build; and why it is
/// not known.
fn nothing_known<'a>(
    chosen: &Chosen<'_>,
    planned: Option<Result<Planned>>,
    problem: String,
    target: &Target,
) -> (Gathered<'a>, String) {
    let LockedPackage { name, version, .. } = chosen.package;
    let (detail, build) = match planned {
        Some(Ok(planned)) => {
            let said = builds::says(&planned, &format!("`{}`", planned.build.source), target);
            let why = match chosen.choice {
                Choice::SourceTree(tree) => format!("it is a source tree ({tree})"),
                _ => format!("no wheel for {target}"),
            };
            (format!("{why}: {said}"), Some(planned))
        }
        Some(Err(error)) => (format!("{problem}, and it was not read: {error:#}"), None),
        None => (problem.clone(), None),
    };
    let mut gathered = wheels::unknown(name, name, version.as_deref().unwrap_or_default(), detail);
    gathered.build = build;
    (gathered, problem)
}

/// How a package without a wheel would be built, where there is something to build.
fn planned(
    chosen: &Chosen<'_>,
    lookup: &Lookup<'_>,
    folder: &Path,
    target: &Target,
    access: &Access,
) -> Option<Result<Planned>> {
    match (chosen.choice, &chosen.package.folder) {
        (Choice::SourceTree(_), Some(named)) => builds::of_folder(named, folder, target, access),
        _ => Some(builds::of_sdist(&sdist_of(chosen, lookup)?, folder, target, access)),
    }
}

/// The source distribution that would be built; where the lock file does not say where it lies, an index may.
fn sdist_of(chosen: &Chosen<'_>, lookup: &Lookup<'_>) -> Option<LockedFile> {
    match chosen.choice {
        Choice::Sdist(file) if file.url.is_some() => Some(file.clone()),
        Choice::Sdist(_) | Choice::Unnamed => lookup.sdist(chosen.package),
        _ => None,
    }
}

fn version(chosen: &Chosen<'_>) -> Option<Version> {
    chosen.package.version.as_ref()?.parse().ok()
}

/// The wheel to read, or why there is none.
fn file_of(chosen: &Chosen<'_>, target: &Target, lookup: &Lookup<'_>) -> Result<LockedFile, String> {
    let package = chosen.package;
    let who = format!("{} {}", package.name, package.version.as_deref().unwrap_or_default());
    let unread = |why: &str| Err(format!("{}: {why}; its compiled files are not known", who.trim()));
    match chosen.choice {
        Choice::Wheel(file) if file.url.is_some() => Ok(file.clone()),
        Choice::Wheel(_) | Choice::Unnamed => lookup.wheel(package),
        Choice::Sdist(file) => {
            unread(&format!("no wheel for {target}, `{}` would be built{}", file.filename, newer(package, target)))
        }
        Choice::SourceTree(tree) => unread(&format!("it is a source tree ({tree})")),
        Choice::Nothing => unread(&format!("nothing that installs on {target} is locked{}", newer(package, target))),
    }
}

/// What to say of a package whose wheels are for a newer glibc than the target's.
fn newer(package: &LockedPackage, target: &Target) -> String {
    let names: Vec<WheelName> = package.wheels.iter().filter_map(|file| WheelName::parse(&file.filename)).collect();
    let platforms = names.iter().flat_map(|name| &name.tags).map(|tag| tag.platform.as_str());
    let Some((platform, tag)) = target.platform.with_newer_glibc(platforms) else { return String::new() };
    let ranking = Target { platform, ..*target }.ranking();
    let fits = names.iter().any(|name| ranking.rank(&name.tags).is_some());
    if fits { format!(" ({})", requirements::newer_glibc(tag)) } else { String::new() }
}
