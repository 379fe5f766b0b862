//! The directory of a zip archive: every member once, what is odd about it, and nothing unpacked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use contract::Undetermined;
use zip::read::{Config, OwnedZipFileEntry};
use zip::unstable::read::ZipIterable;

use super::cursor::Cursor;
use super::limits::Limits;
use super::member::Member;
use super::{SharedBytes, WheelError};

/// What the directory lists, in its order.
pub(crate) struct Directory {
    pub(crate) members: Vec<Member>,
    pub(crate) problems: Vec<String>,
}

impl Directory {
    /// Reads the directory from the end of the archive.
    pub(crate) fn read(bytes: &SharedBytes, limits: &Limits) -> Result<Self, WheelError> {
        // It is the last that stands in an archive.
        let cursor = Cursor::new(Arc::clone(bytes)).reading_to_its_end();
        let mut archive = ZipIterable::try_new(cursor, Config::default()).map_err(WheelError::not_an_archive)?;
        if archive.len() > limits.entries {
            return Err(WheelError::TooManyEntries { entries: archive.len(), limit: limits.entries });
        }
        let mut members = Vec::new();
        for entry in archive.files().map_err(WheelError::not_an_archive)? {
            let entry = OwnedZipFileEntry::from(entry.map_err(WheelError::not_an_archive)?);
            members.extend(Member::new(entry, limits));
        }
        let mut problems = Vec::new();
        refuse_duplicates(&mut members, &mut problems);
        refuse_overlaps(&mut members, &mut problems);
        problems.extend(bad_names(&members));
        Ok(Self { members, problems })
    }
}

/// Two members of one name: which of them would be installed depends on the installer.
fn refuse_duplicates(members: &mut [Member], problems: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    // Installers on some platforms write into folders that do not tell upper from lower case.
    let twice: BTreeSet<String> =
        members.iter().map(|m| m.path.to_lowercase()).filter(|path| !seen.insert(path.clone())).collect();
    for member in members.iter_mut().filter(|m| twice.contains(&m.path.to_lowercase())) {
        let detail = format!("`{}` is in the archive more than once", member.path);
        problems.push(detail.clone());
        member.obstacle.get_or_insert(Undetermined { reason: "duplicate-member".to_owned(), detail });
    }
    problems.dedup();
}

/// Members whose bytes overlap: how an archive of a few megabytes can hold petabytes.
fn refuse_overlaps(members: &mut [Member], problems: &mut Vec<String>) {
    let mut starts: BTreeMap<u64, usize> = BTreeMap::new();
    for member in members.iter() {
        *starts.entry(member.entry.header_start()).or_default() += 1;
    }
    let overlaps: Vec<bool> = members.iter().map(|member| overlaps_next(member, &starts)).collect();
    for (member, _) in members.iter_mut().zip(overlaps).filter(|(_, overlaps)| *overlaps) {
        let detail = format!("`{}` shares bytes of the archive with another member", member.path);
        problems.push(detail.clone());
        member.obstacle.get_or_insert(Undetermined { reason: "overlapping-members".to_owned(), detail });
    }
}

/// `starts` counts the members that begin at each offset.
fn overlaps_next(member: &Member, starts: &BTreeMap<u64, usize>) -> bool {
    let Range { start, end } = member.range();
    let shared_start = starts.get(&start).is_some_and(|count| *count > 1);
    shared_start || starts.range(start.saturating_add(1)..).next().is_some_and(|(next, _)| *next < end)
}

/// Members that are not compiled code and whose names leave the folder; compiled ones carry it as their obstacle.
fn bad_names(members: &[Member]) -> Vec<String> {
    let leaves = |member: &&Member| member.obstacle.as_ref().is_some_and(|o| o.reason == "path-leaves-archive");
    members
        .iter()
        .filter(leaves)
        .map(|m| format!("`{}` has a name that leaves the folder it would be installed in", m.path))
        .collect()
}
