//! The Python sources of an installed distribution, read and parsed when somebody asks for them.

use std::path::{Path, PathBuf};

use contract::judge::{PythonImports, PythonSources};

/// The sources of one distribution.
#[derive(Clone, Debug)]
pub struct PythonFiles {
    site: PathBuf,
    paths: Vec<String>,
}

impl PythonFiles {
    /// The sources at `paths`, relative to the folder `site` that the distribution is installed in, with `/`.
    pub fn new(site: &Path, paths: &[String]) -> Self {
        Self { site: site.to_path_buf(), paths: paths.to_vec() }
    }
}

impl PythonSources for PythonFiles {
    fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        let bytes = std::fs::read(self.site.join(path)).ok()?;
        Some(reader::python::imports(&String::from_utf8_lossy(&bytes)))
    }
}
