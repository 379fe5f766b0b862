//! Everything that lies in some folders, and what is there that was not.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{ChangeError, FOLDER, at};

/// Files, links and folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) folders: BTreeSet<PathBuf>,
}

impl Listing {
    /// Lists folders to their depths. Links are not followed; what numpact keeps is left out.
    pub(super) fn of(watched: &[PathBuf]) -> Result<Self, ChangeError> {
        let mut listing = Self::default();
        let mut open: Vec<PathBuf> = watched.to_vec();
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(at(&folder)(error)),
            };
            if !listing.folders.insert(folder.clone()) {
                continue;
            }
            for entry in entries {
                let entry = entry.map_err(at(&folder))?;
                let is_folder = entry.file_type().map_err(at(&folder))?.is_dir();
                match (is_folder, entry.file_name() == FOLDER) {
                    (true, true) => {}
                    (true, false) => open.push(entry.path()),
                    (false, _) => drop(listing.files.insert(entry.path())),
                }
            }
        }
        Ok(listing)
    }

    /// A path a line, folders with a slash at the end.
    pub(super) fn to_lines(&self) -> Vec<u8> {
        let files = self.files.iter().map(|path| path.to_string_lossy().into_owned());
        let folders = self.folders.iter().map(|path| format!("{}/", path.to_string_lossy()));
        let mut lines: Vec<String> = files.chain(folders).collect();
        lines.sort();
        (lines.join("\n") + "\n").into_bytes()
    }

    /// Reads what [`Self::to_lines`] wrote.
    pub(super) fn read(file: &Path) -> Result<Self, ChangeError> {
        let text = fs::read_to_string(file).map_err(at(file))?;
        let mut listing = Self::default();
        for line in text.lines() {
            match line.strip_suffix('/') {
                Some(folder) => drop(listing.folders.insert(PathBuf::from(folder))),
                None => drop(listing.files.insert(PathBuf::from(line))),
            }
        }
        Ok(listing)
    }

    /// Whether a file was there. A name that is no text was written down with signs in its place, and so is compared.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.files.contains(path) || self.files.contains(Path::new(path.to_string_lossy().as_ref()))
    }
}
