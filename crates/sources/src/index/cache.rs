//! What was read out of a wheel, kept on disk by the wheel's hash. A wheel's bytes never change under one hash, so an
//! entry is good until the reader itself changes, which is part of where it lies.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use contract::judge::{FileInput, PythonImports};
use etcetera::BaseStrategy;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

/// The layout of an entry. Raised when [`CachedWheel`] changes.
const LAYOUT: &str = "facts-3";
/// The largest entry that is read back, in bytes.
const LARGEST_ENTRY: u64 = 256 << 20;

/// What one wheel told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedWheel {
    /// Its file name, held against the name asked for.
    pub filename: String,
    /// Where it was read, without credentials. Parts of a file cannot be held against its hash, so that another address
    /// may have sent other bytes for the same hash.
    pub address: String,
    /// Its name, as its metadata spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Every `Requires-Dist` line that names NumPy.
    pub requires_numpy: Vec<String>,
    /// Its compiled members and what the reader found in them.
    pub files: Vec<FileInput>,
    /// What was wrong with it.
    pub problems: Vec<String>,
    /// What a judgement asked of its Python modules so far.
    pub python: CachedPython,
}

/// What is known of the Python modules of a wheel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedPython {
    /// All of them, by installed path; `None` where nobody asked.
    pub paths: Option<Vec<String>>,
    /// The imports of those that somebody asked for.
    pub imports: BTreeMap<String, PythonImports>,
}

/// The folder for what can be had again: `NUMPACT_CACHE_DIR`, else a folder of ours where the platform keeps caches;
/// `None` where it names no such place.
pub fn cache_folder() -> Option<PathBuf> {
    let named = std::env::var_os("NUMPACT_CACHE_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let usual = || etcetera::choose_base_strategy().ok().map(|base| base.cache_dir().join("numpact"));
    named.or_else(usual)
}

/// A folder of entries, bounded in size; the ones unused for longest go first.
#[derive(Clone, Debug)]
pub struct FactsCache {
    folder: PathBuf,
    limit: u64,
}

impl FactsCache {
    /// The bound of an ordinary cache, in bytes.
    pub const ORDINARY_LIMIT: u64 = 256 << 20;

    /// The cache in [`cache_folder`]; `None` where there is none.
    /// `reader` tells the version of what reads the bytes.
    pub fn from_environment(reader: &str) -> Option<Self> {
        Some(Self::at(&cache_folder()?, reader, Self::ORDINARY_LIMIT))
    }

    /// A cache in a folder, which is made when something is put in.
    pub fn at(folder: &Path, reader: &str, limit: u64) -> Self {
        Self { folder: folder.join(LAYOUT).join(reader), limit }
    }

    /// What is known of the wheel with this SHA-256 and file name. Entries that cannot be read count as unknown.
    pub fn get(&self, sha256: &str, filename: &str) -> Option<CachedWheel> {
        let path = self.path(sha256)?;
        let file = fs::File::open(&path).ok()?;
        let mut text = String::new();
        GzDecoder::new(file).take(LARGEST_ENTRY).read_to_string(&mut text).ok()?;
        let entry: CachedWheel = serde_json::from_str(&text).ok()?;
        // A failure to note the use only makes the entry go earlier.
        let _ = fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        (entry.filename == filename).then_some(entry)
    }

    /// Keeps what was read. Written beside and moved into place, so that no reader ever sees half an entry.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn put(&self, sha256: &str, entry: &CachedWheel) -> io::Result<()> {
        let no_hash = || io::Error::new(io::ErrorKind::InvalidInput, "not a SHA-256");
        let path = self.path(sha256).ok_or_else(no_hash)?;
        fs::create_dir_all(&self.folder)?;
        let file = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut packed = GzEncoder::new(file, Compression::fast());
        packed.write_all(serde_json::to_string(entry)?.as_bytes())?;
        packed.finish()?.persist(path)?;
        self.shrink()
    }

    fn path(&self, sha256: &str) -> Option<PathBuf> {
        let right = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        right.then(|| self.folder.join(format!("{}.json.gz", sha256.to_ascii_lowercase())))
    }

    fn shrink(&self) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Another process may have removed it in between.
            let Ok(metadata) = entry.metadata() else { continue };
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            entries.push((used, metadata.len(), entry.path()));
        }
        entries.sort();
        let mut total: u64 = entries.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in entries {
            if total <= self.limit {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total = total.saturating_sub(size);
            }
        }
        Ok(())
    }
}
