//! What lies in a `site-packages`: its distributions, with every compiled file read.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use contract::judge::{FileInput, PythonImports, PythonSources};
use contract::{BinaryFacts, Undetermined};
use rayon::prelude::*;

/// How long the reader may take for one file; then it is given up, and the file counts as one that could not be read.
const LIMIT: Duration = Duration::from_secs(120);

/// From how long on a file is named as slow.
const SLOW: Duration = Duration::from_secs(5);

/// One distribution of an environment.
pub(crate) struct Installed {
    /// Its name, as its folder of metadata spells it.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its compiled files.
    pub(crate) files: Vec<FileInput>,
    /// Its Python files.
    pub(crate) sources: Sources,
}

/// The Python sources of a distribution, parsed when asked for.
pub(crate) struct Sources {
    site: PathBuf,
    paths: Vec<String>,
}

impl PythonSources for Sources {
    fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        let bytes = std::fs::read(self.site.join(path)).ok()?;
        Some(reader::python::imports(&String::from_utf8_lossy(&bytes)))
    }
}

/// The distributions of a `site-packages`, by the name of their folders.
///
/// # Errors
/// When a folder, a RECORD or a file that it lists cannot be opened.
pub(crate) fn read(site: &Path) -> Result<Vec<Installed>> {
    let entries = std::fs::read_dir(site).with_context(|| format!("`{}`", site.display()))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.extension().is_some_and(|extension| extension == "dist-info"));
    folders.sort();
    folders.iter().map(|folder| read_distribution(site, folder)).collect()
}

fn read_distribution(site: &Path, folder: &Path) -> Result<Installed> {
    let stem = folder.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (name, version) = stem.split_once('-').unwrap_or((&stem, ""));
    let record = std::fs::read_to_string(folder.join("RECORD")).with_context(|| format!("`{}`", folder.display()))?;
    let paths: Vec<String> = record.lines().filter_map(|line| line.split(',').next()).map(str::to_owned).collect();
    let compiled: Vec<&String> = paths.iter().filter(|path| is_compiled(path)).collect();
    let files = compiled.par_iter().map(|path| read_file(&site.join(path), path)).collect::<Result<_>>()?;
    let sources = paths.iter().filter(|path| path.ends_with(".py")).cloned().collect();
    let sources = Sources { site: site.to_path_buf(), paths: sources };
    Ok(Installed { name: name.to_owned(), version: version.to_owned(), files, sources })
}

fn is_compiled(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".so") || name.contains(".so.") || name.ends_with(".pyd") || name.ends_with(".dylib")
}

/// Reads one compiled file, for [`LIMIT`] at most; `name` is what its distribution calls it.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn read_file(path: &Path, name: &str) -> Result<FileInput> {
    let bytes = std::fs::read(path).with_context(|| format!("`{}`", path.display()))?;
    let begun = Instant::now();
    let facts = read_in_time(bytes);
    if begun.elapsed() > SLOW {
        eprintln!("`{name}`: the reader took {} s", begun.elapsed().as_secs());
    }
    let unreadable = facts.is_none().then(|| Undetermined {
        reason: "not-read".to_owned(),
        detail: format!("the reader panicked over `{name}`, or took more than {} s", LIMIT.as_secs()),
    });
    Ok(FileInput { path: name.to_owned(), facts: facts.unwrap_or_default(), unreadable })
}

/// `None` when the time is over, or the reader panicked (which it says on standard error). A reader that is given up goes
/// on until this program ends.
fn read_in_time(bytes: Vec<u8>) -> Option<Vec<BinaryFacts>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(reader::read(&bytes)));
    receiver.recv_timeout(LIMIT).ok()
}
