//! Puts back what was there: what is missing or different comes back first, then what is new goes. Every step can be
//! done twice, so that whoever is cut short begins again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::journal::{self, Journal, KeptFile, State};
use super::keep::{clear, digest, leave, link_or_copy};
use super::listing::Listing;
use super::{ChangeError, at, installing, place};

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the change was, in words.
    pub title: String,
    /// Files that came back.
    pub files: usize,
    /// Files that went.
    pub removed: usize,
}

/// Puts back what was there before the change of the environment at `root` that something is kept of.
///
/// # Errors
/// When nothing is kept, the installer still runs, or the system refuses; what is kept stays then.
pub fn restore(root: &Path) -> Result<Restored, ChangeError> {
    let folder = place(root);
    let nothing = || ChangeError::NothingKept { root: root.to_path_buf() };
    let journal = journal::read(&folder)?.ok_or_else(nothing)?;
    if let Some(pid) = installing::running(&folder) {
        return Err(ChangeError::StillRuns { pid });
    }
    if journal.state != State::Changing {
        // If this is cut short, what is there is neither the one nor the other. What says so already is not written again:
        // a change may be taken back because the disk is full.
        journal::write(&folder, &Journal { state: State::Changing, ..journal.clone() })?;
    }
    let new = new_files(&journal, &folder)?;
    let mut files = 0_usize;
    for kept in &journal.files {
        files += usize::from(bring_back(kept, &folder)?);
    }
    let removed = new.files.iter().filter(|path| fs::remove_file(path).is_ok()).count();
    // Deepest first; one that is not empty holds what somebody else put there.
    for path in new.folders.iter().rev() {
        let _ = fs::remove_dir(path);
    }
    forget(&folder)?;
    Ok(Restored { title: journal.title, files, removed })
}

/// What is kept goes, in one step as others see it.
fn forget(folder: &Path) -> Result<(), ChangeError> {
    let old = folder.with_extension("old");
    clear(&old)?;
    fs::rename(folder, &old).map_err(at(folder))?;
    clear(&old)?;
    if let Some(home) = folder.parent() {
        leave(home, folder);
    }
    Ok(())
}

/// Whether a file had to come back.
fn bring_back(kept: &KeptFile, folder: &Path) -> Result<bool, ChangeError> {
    if digest(&kept.path).is_ok_and(|found| found == (kept.size, kept.sha256.clone())) {
        return Ok(false);
    }
    let from = folder.join("files").join(kept.number.to_string());
    if digest(&from).map_err(at(&from))? != (kept.size, kept.sha256.clone()) {
        return Err(ChangeError::KeptChanged { file: kept.path.clone(), freeze: folder.join("freeze.txt") });
    }
    let home = kept.path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(home).map_err(at(home))?;
    let beside = home.join(format!(".numpact-{}", kept.number));
    // Left behind by an undoing that was cut short.
    let _ = fs::remove_file(&beside);
    link_or_copy(&from, &beside).and_then(|()| fs::rename(&beside, &kept.path)).map_err(at(&kept.path))?;
    // Two names of one file: moving one over the other does nothing, and leaves both.
    let _ = fs::remove_file(&beside);
    Ok(true)
}

/// What is there now, was not, and came by the change. While it was being done, everything new is its work, save
/// distributions that it does not know; afterwards, what the records of its own distributions name.
fn new_files(journal: &Journal, folder: &Path) -> Result<Listing, ChangeError> {
    let before = Listing::read(&folder.join("listing.txt"))?;
    let now = Listing::of(&journal.watched)?;
    let kept: BTreeSet<&Path> = journal.files.iter().map(|file| file.path.as_path()).collect();
    let mut new: BTreeSet<PathBuf> =
        now.files.into_iter().filter(|path| !before.has(path) && !kept.contains(path.as_path())).collect();
    let records = Records::of(&new, &journal.names);
    match journal.state {
        State::Changing => new.retain(|path| !records.others.contains(path)),
        State::Done => new.retain(|path| records.own.contains(path) || is_byte_code_of(path, &records.own)),
    }
    let folders = now.folders.into_iter().filter(|path| !before.folders.contains(path)).collect();
    Ok(Listing { files: new, folders })
}

/// `a/__pycache__/b.cpython-311.pyc` of `a/b.py`.
fn is_byte_code_of(path: &Path, files: &BTreeSet<PathBuf>) -> bool {
    let cache = path.parent().filter(|folder| folder.file_name().is_some_and(|name| name == "__pycache__"));
    let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default().to_owned();
    cache.and_then(Path::parent).is_some_and(|home| files.contains(&home.join(stem + ".py")))
}

/// The files that new records name: those of the distributions of the change, and those of others.
#[derive(Default)]
struct Records {
    own: BTreeSet<PathBuf>,
    others: BTreeSet<PathBuf>,
}

impl Records {
    fn of(new: &BTreeSet<PathBuf>, names: &[String]) -> Self {
        let mut records = Self::default();
        for record in new.iter().filter(|path| path.file_name().is_some_and(|name| name == "RECORD")) {
            let Some(folder) = record.parent().filter(|f| f.extension().is_some_and(|end| end == "dist-info")) else {
                continue;
            };
            let listed = listed(record, folder.parent().unwrap_or(folder));
            if names.contains(&name_of(folder)) { records.own.extend(listed) } else { records.others.extend(listed) }
        }
        records
    }
}

/// The name in `Name-1.0.dist-info`, as PEP 503 compares names.
fn name_of(folder: &Path) -> String {
    let stem = folder.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = stem.split('-').next().unwrap_or_default().to_owned();
    let pieces: Vec<&str> = name.split(['-', '_', '.']).filter(|piece| !piece.is_empty()).collect();
    pieces.join("-").to_lowercase()
}

/// What a record names, with `..` taken out of the paths.
fn listed(record: &Path, site: &Path) -> Vec<PathBuf> {
    let Ok(file) = fs::File::open(record) else { return Vec::new() };
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let rows = rows.records().filter_map(|row| Some(row.ok()?.get(0)?.to_owned()));
    rows.map(|path| plain(&site.join(path))).collect()
}

fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}
