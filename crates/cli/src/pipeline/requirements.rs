//! The check of requirements: the user's installer says which wheels they come to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use contract::report::TargetKind;
use runner::installer::{InstallerError, Request, Resolution, Tool, python_of_pip, resolve_with};
use sources::lockfile::{LockKind, Locked, LockedFile, LockedPackage, Required, parse};
use sources::requirements::hashes;
use sources::wheel::{Platform, Target, normalized};

use crate::pipeline::Checked;
use crate::pipeline::access::Access;
use crate::pipeline::levels;
use crate::pipeline::locks::{Place, check_locked};
use crate::pipeline::wheelless;
use crate::progress::Waiting;

/// Checks requirement specifiers that would be installed together.
pub(crate) fn check_specifiers(specifiers: &[String], access: &Access) -> Result<Vec<Checked>> {
    let outcome = check(specifiers, &[], specifiers.join(" "), access);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let alone = |word: &&String| word.chars().all(plain);
    outcome.map_err(|error| {
        let told = format!("{error:#}").to_lowercase();
        let blamed = specifiers.iter().filter(alone).find(|word| told.contains(&word.to_lowercase()));
        match blamed {
            Some(word) => error.context(format!("there is no file `{word}` here, so it was taken for a distribution")),
            None => error,
        }
    })
}

/// Checks a requirements file.
pub(crate) fn check_file(path: &Path, access: &Access) -> Result<Vec<Checked>> {
    let shown = path.display().to_string();
    if !path.is_file() {
        bail!("cannot open `{shown}`: there is no such file");
    }
    check(&[], &[path.to_path_buf()], shown, access)
}

/// Checks what an installer makes of requirements and of requirements files together.
pub(super) fn check(specifiers: &[String], files: &[PathBuf], shown: String, access: &Access) -> Result<Vec<Checked>> {
    let (mut locked, mut notes) = wheelless::ask(specifiers, files, access)?;
    let target = access.target()?;
    // A file that cannot be read was a matter for the installer.
    let hashes: Vec<Hashes> = files.iter().filter_map(|file| hashes(file, &target).ok()).collect();
    notes.extend(keep_allowed(&mut locked, &hashes.into_iter().flatten().collect()));
    let place = Place { kind: TargetKind::Requirements, shown, folder: Path::new(".") };
    let mut checked = check_locked(&locked, &place, access)?;
    checked.iter_mut().for_each(|one| one.report.problems.extend_from_slice(&notes));
    Ok(checked)
}

/// The hashes that are allowed of each distribution.
type Hashes = BTreeMap<String, BTreeSet<String>>;

/// Keeps, of what an index has, the files whose hash the requirements list: uv names all of them. A note for each
/// distribution that has none of these.
fn keep_allowed(locked: &mut Locked, hashes: &Hashes) -> Vec<String> {
    let packages = locked.environments.iter_mut().flat_map(|environment| &mut environment.packages);
    let keep = |package: &mut LockedPackage| {
        let allowed = hashes.get(&normalized(&package.name))?;
        let is_allowed = |file: &LockedFile| file.sha256.as_ref().is_none_or(|hash| allowed.contains(hash));
        if !package.wheels.iter().chain(&package.sdist).any(is_allowed) {
            return Some(format!("{}: no file of it has a hash that the requirements list", package.name));
        }
        package.wheels.retain(is_allowed);
        package.sdist = package.sdist.take().filter(is_allowed);
        None
    };
    packages.filter_map(keep).collect()
}

/// What an installer would install, and what its answer may leave out. `alone`: without what the requirements require.
pub(super) fn ask(
    specifiers: &[String],
    files: &[PathBuf],
    alone: bool,
    access: &Access,
) -> Result<(Locked, Option<String>)> {
    let (requirements, files) = (specifiers.to_vec(), files.to_vec());
    answered(&Request { requirements, files, no_dependencies: alone, ..request(access)? }, access)
}

/// The answer to a request, and what it may leave out.
pub(super) fn answered(request: &Request, access: &Access) -> Result<(Locked, Option<String>)> {
    let (waiting, target) = (Waiting::new(access.progress), access.target()?);
    // Installers judge a marker by what they are told of the target, or by the machine that they run on; and uv's words for
    // a requirement that has one are others.
    let requirements = Required::default().named(&request.requirements, &target);
    let outcome = resolved(&Request { requirements, ..request.clone() }, &target, &waiting);
    waiting.end();
    let resolution = match outcome {
        Err(error) if request.offline => {
            return Err(error).context("with `--offline` an installer knows no more than this machine holds");
        }
        outcome => outcome.map_err(|error| of_older_glibc(error, &target))?,
    };
    Ok((understood(&resolution)?, resolution.note))
}

/// Says where there are wheels for a newer glibc than the target's, as uv tells.
fn of_older_glibc(error: InstallerError, target: &Target) -> anyhow::Error {
    let told = match &error {
        InstallerError::Refused { complaint, .. } => {
            let words = complaint.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            target.platform.with_newer_glibc(words).map(|(_, tag)| newer_glibc(tag))
        }
        _ => None,
    };
    let error = anyhow::Error::new(error);
    match told {
        Some(told) => error.context(told),
        None => error,
    }
}

/// The way to wheels with this platform tag.
pub(super) fn newer_glibc(tag: &str) -> String {
    format!("there are wheels for a newer glibc, which `--platform {tag}` takes")
}

/// Asks uv, else pip, which needs help with other platforms and Pythons.
fn resolved(request: &Request, target: &Target, waiting: &Waiting) -> Result<Resolution, InstallerError> {
    waiting.tell("Asking uv what would be installed");
    match resolve_with(Tool::Uv, request) {
        Err(InstallerError::NoInstaller) => {}
        outcome => return outcome,
    }
    let markers = !request.no_dependencies || !request.files.is_empty();
    let other_python = || python_of_pip(request).is_some_and(|python| python != request.python);
    if !markers || !(request.foreign || other_python()) {
        waiting.tell("Asking pip what would be installed");
        return resolve_with(Tool::Pip, &Request { foreign: false, ..request.clone() });
    }
    let request = Request { foreign: !request.no_dependencies, ..levels::own_lines(request, target) };
    if let Some(answer) = request.foreign.then(|| levels::ask(&request, target, waiting)).flatten() {
        return Ok(answer);
    }
    waiting.tell("Asking pip what would be installed");
    resolve_with(Tool::Pip, &request)
}

/// A request for nothing yet, for the Python and platform of `access`.
pub(super) fn request(access: &Access) -> Result<Request> {
    let target = access.target()?;
    Ok(Request {
        python: target.python,
        uv_platform: target.platform.uv_name(),
        macos: target.platform.macos_version(),
        platform_tags: target.platform.tags(),
        offline: access.offline,
        own_platform: Platform::current() == Some(target.platform),
        foreign: !Platform::current().is_some_and(|here| here.is_like(&target.platform)),
        ..Request::default()
    })
}

/// An installer's answer.
pub(super) fn understood(resolution: &Resolution) -> Result<Locked> {
    let kind = match resolution.tool {
        Tool::Uv => LockKind::Pylock,
        Tool::Pip => LockKind::PipReport,
    };
    let locked = parse(kind, &resolution.text).map_err(anyhow::Error::msg);
    locked.context("the installer's answer cannot be understood")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sources::lockfile::{LockKind, parse};

    use super::{Hashes, keep_allowed};

    /// The best wheel that an index has was judged, though the requirements allow another one alone.
    #[test]
    fn only_files_whose_hash_is_listed_are_chosen_from() {
        let [one, other] = ["a", "b"].map(|digit| digit.repeat(64));
        let wheel = |tag: &str, hash: &str| {
            format!(
                "{{ url = 'https://example.org/demo-1.0-cp311-cp311-{tag}_x86_64.whl', hashes = {{ sha256 = '{hash}' }} }}"
            )
        };
        let text = format!(
            "lock-version = '1.0'\n[[packages]]\nname = 'Demo'\nversion = '1.0'\nwheels = [{}, {}]\n",
            wheel("manylinux_2_28", &one),
            wheel("manylinux_2_17", &other)
        );
        let kept = |hash: String| {
            let mut locked = parse(LockKind::Pylock, &text).expect("an answer");
            let hashes = Hashes::from([("demo".to_owned(), BTreeSet::from([hash]))]);
            let notes = keep_allowed(&mut locked, &hashes);
            (
                locked.environments[0].packages[0].wheels.iter().map(|file| file.filename.clone()).collect::<Vec<_>>(),
                notes,
            )
        };
        assert_eq!(kept(other), (vec!["demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl".to_owned()], Vec::new()));
        let (all, notes) = kept("c".repeat(64));
        assert_eq!(
            (all.len(), notes),
            (2, vec!["Demo: no file of it has a hash that the requirements list".to_owned()])
        );
    }
}
