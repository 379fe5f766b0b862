//! Where things lie: the repository, the cache, and how a folder is put into the cache whole or not at all.

use std::path::{Path, PathBuf};

use crate::Problem;

/// The root of the repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The folder for everything that is fetched or made: `NUMPACT_CACHE`, or `.cache` of the repository.
pub fn cache() -> PathBuf {
    std::env::var_os("NUMPACT_CACHE").filter(|v| !v.is_empty()).map_or_else(|| repository().join(".cache"), absolute)
}

fn absolute(path: std::ffi::OsString) -> PathBuf {
    std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(path))
}

/// Makes the folder `target` with `fill`, which is given a temporary folder beside it; done before: nothing happens.
/// Tests run side by side, so the finished folder is moved into place in one step, and a loser's copy is dropped.
pub(crate) fn once(target: &Path, fill: impl FnOnce(&Path) -> Result<(), Problem>) -> Result<PathBuf, Problem> {
    if target.is_dir() {
        return Ok(target.to_path_buf());
    }
    let parent = target.parent().unwrap_or(target);
    std::fs::create_dir_all(parent).map_err(Problem::io(parent))?;
    let work = tempfile::tempdir_in(parent).map_err(Problem::io(parent))?;
    fill(work.path())?;
    match std::fs::rename(work.path(), target) {
        Ok(()) => Ok(target.to_path_buf()),
        Err(_) if target.is_dir() => Ok(target.to_path_buf()),
        Err(error) => Err(Problem::Io { path: target.to_path_buf(), error }),
    }
}
