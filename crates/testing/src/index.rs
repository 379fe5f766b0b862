//! A package index on the loopback, for pip, uv and numpact together: `index.py` serves a folder of distributions.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Problem;
use crate::interpreter::host_python;

/// A running index; it ends with this value.
#[derive(Debug)]
pub struct Index {
    child: Child,
    port: u16,
    log: Arc<Mutex<Vec<String>>>,
}

impl Index {
    /// Serves a folder. `options` are those of `index.py`.
    ///
    /// # Errors
    /// When there is no Python, or the server does not start.
    pub fn start(folder: &Path, options: &[&str]) -> Result<Self, Problem> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/index.py");
        let mut command = Command::new(host_python()?);
        command.arg(&script).arg(folder).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(Problem::io(&script))?;
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(|| silent(&script))?).lines();
        let port =
            lines.next().and_then(Result::ok).and_then(|line| line.parse().ok()).ok_or_else(|| silent(&script))?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Ok(Self { child, port, log })
    }

    /// The address of its simple index. `credentials` is empty or ends with `@`.
    pub fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}127.0.0.1:{}/simple/", self.port)
    }

    /// The requests that were answered so far, a line each: method, path, range, status, bytes.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn silent(script: &Path) -> Problem {
    Problem::Command { command: script.display().to_string(), output: "it named no port".to_owned() }
}

impl Drop for Index {
    fn drop(&mut self) {
        // A server that is gone already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
