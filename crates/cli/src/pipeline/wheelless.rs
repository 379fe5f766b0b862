//! Requirements of which an index has source distributions and no wheel. To resolve them whole, an installer would build
//! them, which runs foreign code. So they are looked up by themselves, which needs no build; what they require by their
//! own account is resolved with the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use contract::judge::is_numpy;
use runner::installer::{InstallerError, Request};
use sources::lockfile::{Choice, Locked, LockedPackage, choose};
use sources::wheel::normalized;

use crate::pipeline::access::Access;
use crate::pipeline::{builds, lookup, requirements};

/// How many distributions without wheels are looked up for one answer.
const MOST: usize = 20;

/// What an installer would install of requirements, source distributions where there are no wheels, and what was left
/// open.
pub(super) fn ask(specifiers: &[String], files: &[PathBuf], access: &Access) -> Result<(Locked, Vec<String>)> {
    let mut request = Request {
        requirements: specifiers.to_vec(),
        files: files.to_vec(),
        no_dependencies: access.no_deps,
        ..requirements::request(access)?
    };
    let mut found: BTreeMap<String, LockedPackage> = BTreeMap::new();
    let mut notes = Vec::new();
    loop {
        match requirements::answered(&request, access) {
            Ok((locked, note)) => {
                notes.extend(note);
                return Ok((with(locked, found), notes));
            }
            Err(error) => {
                let Some(package) = next(&error, &found, access) else { return Err(of_numpy(error, access)) };
                request.left_out.push(package.name.clone());
                notes.extend(add_requirements(&package, &mut request, access));
                found.insert(normalized(&package.name), package);
            }
        }
    }
}

/// The source distribution that an answer failed for want of; `None` where it failed for something else. A NumPy is not
/// left out: what others ask of it would be forgotten.
fn next(error: &anyhow::Error, found: &BTreeMap<String, LockedPackage>, access: &Access) -> Option<LockedPackage> {
    let Some(InstallerError::Refused { without_wheel, .. }) = error.downcast_ref() else { return None };
    let package = without_wheel.iter().find_map(|requirement| look_up(requirement, access).ok().flatten())?;
    let name = normalized(&package.name);
    (!is_numpy(&name) && !found.contains_key(&name) && found.len() < MOST).then_some(package)
}

/// Says of a NumPy without a wheel what to do.
fn of_numpy(error: anyhow::Error, access: &Access) -> anyhow::Error {
    let Some(InstallerError::Refused { without_wheel, .. }) = error.downcast_ref() else { return error };
    let numpy = without_wheel.iter().find(|requirement| is_numpy(&name_of(requirement)));
    let (Some(numpy), Ok(target)) = (numpy, access.target()) else { return error };
    let told = format!(
        "`{numpy}` has no wheel for {target}; name a NumPy that has one, or judge against it by `--numpy VERSION`"
    );
    error.context(told)
}

/// `numpy` of `numpy==1.21.0`.
fn name_of(requirement: &str) -> String {
    normalized(requirement.split(['=', '<', '>', '!', '~']).next().unwrap_or_default().trim())
}

/// The package that a requirement on one distribution comes to where it may be built.
pub(super) fn look_up(requirement: &str, access: &Access) -> Result<Option<LockedPackage>> {
    let target = access.target()?;
    let locked = lookup::ask(vec![requirement.to_owned()], access)?;
    let chosen = locked.environments.first().map(|environment| choose(environment, &target)).unwrap_or_default();
    let sdist = chosen.into_iter().find(|chosen| matches!(chosen.choice, Choice::Sdist(_)));
    Ok(sdist.map(|chosen| chosen.package.clone()))
}

/// Has what a package requires by its own account resolved too; a note where it has none.
fn add_requirements(package: &LockedPackage, request: &mut Request, access: &Access) -> Option<String> {
    if request.no_dependencies {
        return None;
    }
    let read = package.sdist.as_ref().map(|file| builds::read(file, Path::new("."), access));
    let requires = read.and_then(Result::ok).and_then(|tree| tree.requires());
    match requires {
        Some(lines) => {
            request.requirements.extend(lines);
            None
        }
        None => Some(format!(
            "{} has no wheel for this Python and platform, and what it requires is not known before it is built; the rest is judged \
             without that",
            package.name
        )),
    }
}

/// A resolver's answer with what was looked up beside it.
fn with(mut locked: Locked, found: BTreeMap<String, LockedPackage>) -> Locked {
    if let Some(environment) = locked.environments.first_mut() {
        environment.packages.extend(found.into_values());
    }
    locked
}
