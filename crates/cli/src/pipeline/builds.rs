//! What has no wheel and would be built: against which NumPy an isolated build would compile it today.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use contract::{Build, Headers, Release, Version};
use sources::index::{Expected, open_remote};
use sources::lockfile::{LockedFile, LockedPackage};
use sources::project::{SdistLimits, SourceTree, is_source_tree, open_sdist, read_folder, read_sdist};
use sources::wheel::{SharedBytes, Target};

use crate::pipeline::access::Access;
use crate::pipeline::{requirements, wheelless};

/// A build that was foreseen, and what its outcome requires of NumPy, as far as that is known.
pub(super) struct Planned {
    pub(super) build: Build,
    /// As [`contract::judge::DistributionInput::declared_numpy`].
    pub(super) declared: Option<String>,
    /// Whether there is a `[build-system]` at all.
    stated: bool,
}

/// How a source distribution would be built. `folder`: what relative paths are relative to.
pub(super) fn of_sdist(file: &LockedFile, folder: &Path, target: &Target, access: &Access) -> Result<Planned> {
    Ok(plan(file.filename.clone(), &read(file, folder, access)?, target, access))
}

/// How a source tree on disk would be built, as [`of_sdist`]; `None` where nothing of the kind lies there.
pub(super) fn of_folder(named: &str, folder: &Path, target: &Target, access: &Access) -> Option<Result<Planned>> {
    let path = on_disk(named, folder);
    is_source_tree(&path).then(|| Ok(plan(named.to_owned(), &read_folder(&path)?, target, access)))
}

/// The path that a lock names, relative to the lock or as an address.
fn on_disk(named: &str, folder: &Path) -> PathBuf {
    let path = url::Url::parse(named).ok().and_then(|url| url.to_file_path().ok());
    path.unwrap_or_else(|| folder.join(named))
}

/// What a source distribution says.
pub(super) fn read(file: &LockedFile, folder: &Path, access: &Access) -> Result<SourceTree> {
    let url = file.url.as_deref().context("its address is not known")?;
    if url.starts_with("http://") || url.starts_with("https://") {
        return tree(open_remote(&access.client, url, Expected { size: file.size, pure: false })?, &file.filename);
    }
    open(&on_disk(url, folder), &file.filename)
}

/// What a source distribution on disk says. `name` tells its format, and stands in errors.
pub(super) fn open(path: &Path, name: &str) -> Result<SourceTree> {
    tree(open_sdist(path).with_context(|| format!("cannot open `{}`", path.display()))?, name)
}

fn tree(bytes: SharedBytes, name: &str) -> Result<SourceTree> {
    read_sdist(bytes, name, SdistLimits::default()).map_err(|cause| anyhow::anyhow!("`{name}`: {cause}"))
}

/// How sources would be built.
pub(super) fn plan(source: String, tree: &SourceTree, target: &Target, access: &Access) -> Planned {
    let requires = tree.build_numpy(target);
    let headers = today(&requires, target, access).and_then(|version| knowledge::headers_of(&version));
    let runtime = tree.runtime_numpy(target);
    let build = Build {
        source,
        least: least(&requires, target).or_else(|| headers.clone()),
        requires,
        headers,
        runtime_known: runtime.is_some(),
    };
    Planned { build, declared: runtime.flatten(), stated: tree.project.build_system }
}

/// The NumPy that these build requirements come to: what the user's installer says, or else the newest that is known.
fn today(requires: &[String], target: &Target, access: &Access) -> Option<Version> {
    if requires.is_empty() {
        return None;
    }
    let resolved = (!access.offline).then(|| resolved(requires, access)).flatten();
    resolved.or_else(|| allowed(requires, target).pop()).or_else(|| without_wheel(requires, target))
}

/// The newest release that build requirements allow, where it is too old to have a wheel for the target's Python.
fn without_wheel(requires: &[String], target: &Target) -> Option<Version> {
    let older = |release: &&Release| {
        release.pythons.iter().all(|python| *python < target.python) && !knowledge::is_yanked(&release.version)
    };
    among(knowledge::releases().iter().filter(older), requires).pop()
}

/// The NumPy that the user's installer would take; one that has no wheel would be built in its turn.
fn resolved(requires: &[String], access: &Access) -> Option<Version> {
    let version = |package: &LockedPackage| package.version.as_ref()?.parse().ok();
    if let Ok((locked, _)) = requirements::ask(requires, &[], false, access) {
        let packages = &locked.environments.first()?.packages;
        return version(packages.iter().find(|package| contract::judge::is_numpy(&package.name))?);
    }
    let by_name = requires.iter().find(|requirement| specifiers(requirement).is_some())?;
    version(&wheelless::look_up(by_name, access).ok()??)
}

/// The headers, of all that the requirements allow, whose code runs with the oldest NumPy.
fn least(requires: &[String], target: &Target) -> Option<Headers> {
    let all = allowed(requires, target).into_iter().filter_map(|version| knowledge::headers_of(&version));
    all.min_by_key(|headers| (headers.target, std::cmp::Reverse(headers.abi)))
}

/// The known releases for the target's Python that `numpy` requirements allow, in ascending order; none where something
/// else stands for NumPy.
fn allowed(requires: &[String], target: &Target) -> Vec<Version> {
    among(knowledge::releases_for_python(target.python), requires)
}

fn among<'a>(known: impl Iterator<Item = &'a Release>, requires: &[String]) -> Vec<Version> {
    let specifiers: Option<Vec<String>> = requires.iter().map(|requirement| specifiers(requirement)).collect();
    let Some(specifiers) = specifiers else { return Vec::new() };
    let fits = |version: &Version| {
        let meets = |specifiers: &String| specifiers.is_empty() || version.satisfies(specifiers).unwrap_or(false);
        !version.is_prerelease() && specifiers.iter().all(meets)
    };
    known.map(|release| release.version.clone()).filter(fits).collect()
}

/// `>=2.0,<3` of `numpy >=2.0,<3`; `None` of another distribution, or of an address.
fn specifiers(requirement: &str) -> Option<String> {
    let rest = requirement.get(..5).filter(|name| name.eq_ignore_ascii_case("numpy")).and(requirement.get(5..))?;
    let rest: String = rest.chars().filter(|c| !matches!(c, ' ' | '(' | ')')).collect();
    (rest.is_empty() || rest.starts_with(['<', '>', '=', '~', '!'])).then_some(rest)
}

/// What follows from a build of `source`, in words.
pub(super) fn says(Planned { build, stated, .. }: &Planned, source: &str, target: &Target) -> String {
    let Some(headers) = &build.headers else {
        let why = if !stated {
            "it has no `[build-system]` that names a NumPy".to_owned()
        } else if build.requires.is_empty() {
            "its `[build-system] requires` names no NumPy".to_owned()
        } else {
            format!("which NumPy `{}` comes to is not known", build.requires.join(", "))
        };
        return format!("{source} would be built, and {why}");
    };
    let outcome = match headers.works_with(knowledge::releases()) {
        Some(range) if !range.is_everything() => format!(", which gives code for `numpy{range}`"),
        _ => String::new(),
    };
    let asked = build.requires.join(", ");
    let (version, (major, minor)) = (&headers.version, target.python);
    let has_wheel = knowledge::release(version).is_none_or(|release| release.pythons.contains(&target.python));
    let first = if has_wheel {
        String::new()
    } else {
        format!("; NumPy {version} has no wheel for Python {major}.{minor} and would have to be built first")
    };
    format!(
        "{source} would be built against NumPy {version} (`{asked}`){outcome} unless it sets a target of its own{first}"
    )
}

#[cfg(test)]
mod tests {
    use super::{allowed, least, specifiers};
    use sources::wheel::Target;

    fn target(minor: u8) -> Target {
        Target { python: (3, minor), platform: "linux-x86_64".parse().expect("a platform") }
    }

    #[test]
    fn requirements_on_numpy_are_told_from_others() {
        assert_eq!(specifiers("numpy >= 2.0, <3").as_deref(), Some(">=2.0,<3"));
        assert_eq!(specifiers("NumPy").as_deref(), Some(""));
        for other in ["numpydoc", "numpy @ https://example.org/numpy.whl", "oldest-supported-numpy", "np"] {
            assert_eq!(specifiers(other), None, "{other}");
        }
    }

    #[test]
    fn the_least_demanding_headers_are_not_always_the_oldest() {
        let least = |requirement: &str, minor| {
            least(&[requirement.to_owned()], &target(minor)).map(|headers| (headers.abi, headers.target))
        };
        assert_eq!(least("numpy>=1.23", 11), Some((0x0200_0000, 0xd)), "2.0 targets 1.16, 1.23 targets itself");
        assert_eq!(least("numpy==1.24.*", 11), Some((0x0100_0009, 0x10)));
        assert!(allowed(&["oldest-supported-numpy".to_owned()], &target(11)).is_empty());
    }
}
