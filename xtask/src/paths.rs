//! Where things lie: the repository, and the folder that keeps downloads.

use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// The folder that keeps downloads: `NUMPACT_CACHE`, or else `.cache` in the repository.
pub(crate) fn cache() -> PathBuf {
    std::env::var_os("NUMPACT_CACHE").map_or_else(|| repository().join(".cache"), PathBuf::from)
}
