//! Keeps files by giving them a second name in a folder of the environment, or a copy where the file system has no
//! second names. Installers put new files in the place of old ones and so leave what is kept alone.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::journal::{self, Journal, KeptFile, SCHEMA, State, sync_folder, write_whole};
use super::listing::Listing;
use super::{ChangeError, FOLDER, Order, at, place};

/// Makes the folder aside and moves it into place when it is whole. Gives its path.
pub(super) fn keep(order: &Order) -> Result<PathBuf, ChangeError> {
    let home = order.root.join(FOLDER);
    let (target, aside) = (place(&order.root), home.join("undo.new"));
    clear(&aside)?;
    let made = begin(&home).and_then(|()| fill(order, &aside)).and_then(|()| swap(&aside, &target));
    if made.is_err() {
        // What could not be kept whole is of no use; that it stays behind harms nobody.
        let _ = clear(&aside);
        leave(&home, &target);
    }
    made.and_then(|()| sync_folder(&home)).map(|()| target)
}

fn begin(home: &Path) -> Result<(), ChangeError> {
    fs::create_dir_all(home).map_err(at(home))?;
    fs::write(home.join(".gitignore"), "*\n").map_err(at(home))
}

/// Takes the folder away in which things are kept, where `target`, what is kept, is gone. What somebody else put there
/// stays, and the folder with it.
pub(super) fn leave(home: &Path, target: &Path) {
    if !target.exists() {
        let _ = fs::remove_file(home.join(".gitignore")).and_then(|()| fs::remove_dir(home));
    }
}

fn fill(order: &Order, folder: &Path) -> Result<(), ChangeError> {
    let files = folder.join("files");
    fs::create_dir_all(&files).map_err(at(&files))?;
    write_whole(&folder.join("listing.txt"), &Listing::of(&order.watched)?.to_lines())?;
    write_whole(&folder.join("freeze.txt"), (order.freeze.join("\n") + "\n").as_bytes())?;
    let mut kept = Vec::new();
    for path in wanted(order)? {
        let number = kept.len();
        kept.push(keep_one(path, &files, number)?);
    }
    sync_folder(&files)?;
    let journal = Journal {
        schema: SCHEMA.to_owned(),
        state: State::Changing,
        title: order.title.clone(),
        commands: order.commands.clone(),
        names: order.names.clone(),
        watched: order.watched.clone(),
        files: kept,
    };
    journal::write(folder, &journal)
}

/// The files that are there, and the byte code beside them, which installers take away with them.
fn wanted(order: &Order) -> Result<Vec<PathBuf>, ChangeError> {
    let mut found = BTreeMap::new();
    for path in &order.files {
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            found.insert(path.clone(), ());
        }
        let Some(cache) = path.parent().map(|folder| folder.join("__pycache__")) else { continue };
        let of_python = path.extension().is_some_and(|end| end == "py");
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned() + ".";
        for entry in fs::read_dir(&cache).into_iter().flatten().filter(|_| of_python) {
            let entry = entry.map_err(at(&cache))?;
            if entry.file_name().to_string_lossy().starts_with(&stem) {
                found.insert(entry.path(), ());
            }
        }
    }
    Ok(found.into_keys().collect())
}

fn keep_one(path: PathBuf, files: &Path, number: usize) -> Result<KeptFile, ChangeError> {
    let kept = files.join(number.to_string());
    link_or_copy(&path, &kept).map_err(at(&path))?;
    let (size, sha256) = digest(&kept).map_err(at(&path))?;
    Ok(KeptFile { path, number, size, sha256 })
}

/// A second name of a file, or a copy with its permissions.
pub(super) fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| {
        fs::copy(from, to)?;
        File::open(to)?.sync_all()
    })
}

/// Size and SHA-256 of what a path leads to; of a link, of its target's name.
pub(super) fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut size: u64 = 0;
    if path.symlink_metadata()?.is_symlink() {
        hasher.update(fs::read_link(path)?.as_os_str().as_encoded_bytes());
    } else {
        let mut file = File::open(path)?;
        let mut piece = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut piece)?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
            size = size.saturating_add(read as u64);
        }
    }
    Ok((size, hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Puts the new folder in the place of what an earlier change left.
fn swap(aside: &Path, target: &Path) -> Result<(), ChangeError> {
    let old = target.with_extension("old");
    clear(&old)?;
    if target.exists() {
        fs::rename(target, &old).map_err(at(target))?;
    }
    fs::rename(aside, target).map_err(at(target))?;
    clear(&old)
}

/// Removes a folder that may not be there.
pub(super) fn clear(folder: &Path) -> Result<(), ChangeError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder)(error)),
        _ => Ok(()),
    }
}
