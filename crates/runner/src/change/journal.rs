//! What is written down of a change, so that another process can take it back.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{ChangeError, at};

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// An installer may be at work, or was cut short.
    Changing,
    /// It is over.
    Done,
}

/// What is known of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The layout of this file.
    pub schema: String,
    /// How far it has come.
    pub state: State,
    /// What it does, in words.
    pub title: String,
    /// The commands, as lines.
    pub commands: Vec<String>,
    /// The distributions that change or come anew.
    pub names: Vec<String>,
    /// Folders of which everything is listed.
    pub watched: Vec<PathBuf>,
    /// The files that are kept.
    pub files: Vec<KeptFile>,
}

/// One file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// Where it belongs.
    pub path: PathBuf,
    /// Its number among the files that are kept.
    pub number: usize,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// The layout of the journal.
pub(super) const SCHEMA: &str = "numpact.undo/1";

pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("journal.json")
}

/// The journal in a folder; `None` where there is none.
pub(super) fn read(folder: &Path) -> Result<Option<Journal>, ChangeError> {
    let path = file(folder);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&path)(error)),
    };
    let broken = |cause: String| ChangeError::Journal { path: path.clone(), cause };
    let journal: Journal = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
    if journal.schema == SCHEMA {
        Ok(Some(journal))
    } else {
        Err(broken(format!("its layout is `{}`", journal.schema)))
    }
}

/// Writes the journal so that a reader sees the old one or the new one, whenever the power fails.
pub(super) fn write(folder: &Path, journal: &Journal) -> Result<(), ChangeError> {
    let path = file(folder);
    let text = serde_json::to_vec_pretty(journal).map_err(|error| at(&path)(error.into()))?;
    write_whole(&path, &text)
}

/// Marks the change as over.
pub(super) fn finish(folder: &Path) -> Result<(), ChangeError> {
    let Some(journal) = read(folder)? else { return Ok(()) };
    write(folder, &Journal { state: State::Done, ..journal })
}

/// Writes beside, forces to disk and moves into place.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ChangeError> {
    let beside = path.with_extension("new");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, path)).map_err(at(path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Forces a folder's entries to disk; systems that cannot are trusted.
pub(super) fn sync_folder(folder: &Path) -> Result<(), ChangeError> {
    if cfg!(unix) {
        return File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder));
    }
    Ok(())
}
