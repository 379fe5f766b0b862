//! Reads what the child wrote down: a line of JSON an event. Lines without the right nonce do not count.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Outcome, SeenNumpy};

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// What happened in the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Event {
    /// The interpreter runs, and is about to import.
    Started,
    /// The import is over.
    Imported,
    /// The use is over.
    Used,
    /// An exception came out of one of them.
    Raised,
}

/// One event.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Line {
    nonce: String,
    pub(super) event: Event,
    numpy: Option<String>,
    numpy_file: Option<PathBuf>,
    kind: Option<String>,
    message: Option<String>,
    #[serde(default)]
    traceback: Vec<String>,
}

impl Line {
    /// The NumPy that had been imported by then.
    pub(super) fn numpy(&self) -> Option<SeenNumpy> {
        let seen = SeenNumpy { version: self.numpy.clone(), file: self.numpy_file.clone() };
        (seen.version.is_some() || seen.file.is_some()).then_some(seen)
    }

    /// The exception, where the event is one.
    pub(super) fn raised(&self) -> Option<Outcome> {
        (self.event == Event::Raised).then(|| Outcome::Raised {
            kind: self.kind.clone().unwrap_or_default(),
            message: self.message.clone().unwrap_or_default(),
            traceback: self.traceback.clone(),
        })
    }
}

/// The events in the file, in order. A file that is not there has none.
pub(super) fn read(path: &Path, nonce: &str) -> Vec<Line> {
    let text = text(path);
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    lines.filter(|line| line.nonce == nonce).collect()
}

/// The beginning of a text file; nothing where there is none.
pub(super) fn text(path: &Path) -> String {
    let mut bytes = Vec::new();
    // Half a file is as good as what could be read of it.
    let _ = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}
