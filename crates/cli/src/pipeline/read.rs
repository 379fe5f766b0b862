//! Reads compiled files in parallel.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use contract::judge::FileInput;
use contract::{BinaryFacts, Provision, Undetermined, Verdict, compare};
use rayon::prelude::*;
use sources::FileSource;
use sources::environment::CompiledFile;
use sources::wheel::{Member, Wheel};

use crate::progress::Progress;

/// Reads files, largest first so that no thread is left with a large one at the end. The answers are in the order of
/// `files`.
pub(super) fn read_all(files: &[&CompiledFile], against: Option<&Provision>, wanted: bool) -> Vec<FileInput> {
    let progress = Progress::new("Reading compiled files", files.len(), wanted);
    let mut order: Vec<(usize, &CompiledFile)> = files.iter().copied().enumerate().collect();
    order.sort_by_key(|(index, file)| (std::cmp::Reverse(file.size), *index));
    let mut read: Vec<(usize, FileInput)> = order
        .into_par_iter()
        .with_max_len(1)
        .map(|(index, file)| {
            let input = read(&file.path, &file.absolute, against);
            progress.step();
            (index, input)
        })
        .collect();
    read.sort_by_key(|(index, _)| *index);
    read.into_iter().map(|(_, input)| input).collect()
}

/// Reads one file. `path` is how its distribution names it. Where a NumPy is given, no more is read than it takes to see
/// that the file fits it.
pub(super) fn read(path: &str, absolute: &Path, against: Option<&Provision>) -> FileInput {
    let input = |facts, unreadable| FileInput { path: path.to_owned(), facts, unreadable };
    let source = match FileSource::open(absolute) {
        Ok(source) => source,
        Err(error) => return input(Vec::new(), Some(unreadable("unreadable", format!("cannot open it: {error}")))),
    };
    match guarded(|| facts(&source, against)) {
        Ok(facts) => input(facts, None),
        Err(reason) => input(Vec::new(), Some(reason)),
    }
}

/// The sizes of those types of `names` that a module defines; none where it cannot be read.
pub(super) fn type_sizes(absolute: &Path, names: &[String]) -> BTreeMap<String, u64> {
    let Ok(source) = FileSource::open(absolute) else { return BTreeMap::new() };
    catch_unwind(AssertUnwindSafe(|| reader::type_sizes(&source, names))).unwrap_or_default()
}

/// Reads a member of a wheel.
pub(super) fn read_member(wheel: &Wheel, member: &Member) -> FileInput {
    let path = &member.installed;
    let source = match wheel.source(member) {
        Ok(source) => source,
        Err(obstacle) => return unread(path, obstacle),
    };
    match guarded(|| reader::read(&source)) {
        Ok(facts) => {
            // What uses NumPy is judged by bytes whose checksum is right. And a reader that met bytes it could not have may
            // have seen a whole file where there is half a one.
            let uses_numpy = facts.iter().any(|facts| facts.requirement.uses_numpy());
            let broken = if uses_numpy { source.finish() } else { source.broken() };
            let cut = broken.map(|cause| unreadable("member-unreadable", format!("it cannot be read: {cause}")));
            FileInput { path: path.clone(), facts, unreadable: cut }
        }
        Err(reason) => unread(path, reason),
    }
}

/// A file of which nothing is known.
pub(super) fn unread(path: &str, reason: Undetermined) -> FileInput {
    FileInput { path: path.to_owned(), facts: Vec::new(), unreadable: Some(reason) }
}

/// A reader that stumbles over one file must not take the others with it.
fn guarded(read: impl FnOnce() -> Vec<BinaryFacts>) -> Result<Vec<BinaryFacts>, Undetermined> {
    let failed = "numpact failed while reading it; please report this file";
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| unreadable("reader-failed", failed.to_owned()))
}

fn facts(source: &FileSource, against: Option<&Provision>) -> Vec<BinaryFacts> {
    let Some(provision) = against else { return reader::read(source) };
    let numbers = reader::read_numbers(source);
    let fits = |facts: &BinaryFacts| {
        matches!(compare(&facts.requirement, provision).verdict, Verdict::Compatible | Verdict::NotApplicable)
    };
    if numbers.iter().all(fits) { numbers } else { reader::read(source) }
}

fn unreadable(reason: &str, detail: String) -> Undetermined {
    Undetermined { reason: reason.to_owned(), detail }
}
