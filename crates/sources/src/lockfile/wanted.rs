//! Which extras and groups of a lock file somebody asks for.

use std::collections::BTreeSet;

use super::{Locked, LockedEnvironment, Selected};
use crate::wheel::normalized;

/// The extras and groups that somebody asks for, by name; `None` for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The extras.
    pub extras: Option<Vec<String>>,
    /// The groups, beside those that are installed always.
    pub groups: Option<Vec<String>>,
}

impl Locked {
    /// What is installed with these extras and groups and no others.
    ///
    /// # Errors
    /// Where the file tells of no extra or group of a name, or never installs them together: a sentence about the file.
    pub fn narrowed(self, wanted: &Wanted) -> Result<Self, String> {
        let extras = self.environments.iter().flat_map(|one| &one.extras);
        make_sure("extra", wanted.extras.as_ref(), extras)?;
        let groups = self.environments.iter().flat_map(|one| one.groups.iter().chain(&one.always));
        make_sure("group", wanted.groups.as_ref(), groups)?;
        let environments: Vec<LockedEnvironment> =
            self.environments.into_iter().filter_map(|one| narrowed(one, wanted)).collect();
        if environments.is_empty() {
            return Err("it does not install together what was asked for".to_owned());
        }
        Ok(Self { environments, ..self })
    }
}

/// Whether all of these are known.
fn make_sure<'a>(
    kind: &str,
    wanted: Option<&Vec<String>>,
    known: impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    let known: BTreeSet<&String> = known.collect();
    let is_known = |name: &&String| known.iter().any(|one| normalized(one) == normalized(name));
    let Some(missing) = wanted.into_iter().flatten().find(|name| !is_known(name)) else { return Ok(()) };
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let there = if names.is_empty() { "it tells of none".to_owned() } else { format!("it has {}", names.join(", ")) };
    Err(format!("it has no {kind} `{missing}`; {there}"))
}

/// An environment with what is wanted of it; `None` where something else was selected in it, or it excludes what is wanted.
fn narrowed(from: LockedEnvironment, wanted: &Wanted) -> Option<LockedEnvironment> {
    let extras = those(&from.extras, wanted.extras.as_ref(), &[])?;
    let groups = those(&from.groups, wanted.groups.as_ref(), &from.always)?;
    let there = |name: &Option<String>, all: &[String]| name.as_ref().is_none_or(|name| all.contains(name));
    let all_groups = [groups.as_slice(), from.always.as_slice()].concat();
    let fits = |one: &Selected| there(&one.extra, &extras) && there(&one.group, &all_groups);
    from.selected.iter().all(fits).then_some(LockedEnvironment { extras, groups, ..from })
}

/// Those of `all` that are wanted; `None` where something wanted is neither among them nor installed always.
fn those(all: &[String], wanted: Option<&Vec<String>>, always: &[String]) -> Option<Vec<String>> {
    let Some(wanted) = wanted else { return Some(all.to_vec()) };
    let same = |one: &String, other: &String| normalized(one) == normalized(other);
    let there = |name: &String| all.iter().chain(always).any(|one| same(one, name));
    let some = all.iter().filter(|one| wanted.iter().any(|name| same(one, name)));
    wanted.iter().all(there).then(|| some.cloned().collect())
}
