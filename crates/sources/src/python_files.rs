//! The Python sources of an installed distribution, read and parsed when somebody asks for them, and once only: the same
//! environment may be judged against several NumPys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use contract::judge::{PythonImports, PythonSources};

/// The sources of one distribution.
#[derive(Clone, Debug)]
pub struct PythonFiles {
    site: PathBuf,
    paths: Vec<String>,
    parsed: Arc<Mutex<BTreeMap<String, Option<PythonImports>>>>,
}

impl PythonFiles {
    /// The sources at `paths`, relative to the folder `site` that the distribution is installed in, with `/`.
    pub fn new(site: &Path, paths: &[String]) -> Self {
        Self { site: site.to_path_buf(), paths: paths.to_vec(), parsed: Arc::default() }
    }
}

impl PythonSources for PythonFiles {
    fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        let known = || self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = known().get(path) {
            return parsed.clone();
        }
        // Not under the lock: two threads may parse one file, and neither waits.
        let bytes = std::fs::read(self.site.join(path)).ok();
        let parsed = bytes.map(|bytes| reader::python::imports(&String::from_utf8_lossy(&bytes)));
        known().insert(path.to_owned(), parsed.clone());
        parsed
    }
}
