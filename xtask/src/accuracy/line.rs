//! One observation: a line of `fixtures/truth/*.jsonl`, in either of their shapes.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::accuracy::class::Class;

/// A line.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    /// The import of a wheel's module.
    Wheel(Wheel),
    /// A module of the fixtures, imported and called.
    Built(Built),
}

/// The import of a wheel's module.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Wheel {
    /// The Python's minor version: `3.11`.
    pub(crate) py: String,
    /// `pandas==2.1.4`.
    pub(crate) req: String,
    /// The environment that it was imported in, where the file says.
    #[serde(default)]
    pub(crate) environment: Option<String>,
    /// The NumPy.
    pub(crate) numpy: String,
    /// The extension module's file; empty for the import of the distribution's package.
    pub(crate) file: String,
    /// The name imported.
    pub(crate) module: String,
    /// What came of it, in a word.
    pub(crate) outcome: String,
    /// The exception.
    #[serde(default)]
    pub(crate) detail: String,
}

/// A module of the fixtures, imported and called.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Built {
    /// The Python's version: `3.11` or `3.11.7`.
    pub(crate) py: String,
    /// The module's name.
    pub(crate) module: String,
    /// How it was built.
    pub(crate) kind: String,
    /// The NumPy whose headers it was built with; `None` where it needs none.
    pub(crate) built: Option<String>,
    /// The NumPy it ran under.
    pub(crate) run: String,
    /// Where it stopped: `import`, `use`, `wrong` or `ok`.
    pub(crate) stage: String,
    /// What a failing import was about, in the words of `outcome`; older files do not tell.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// The exceptions, outermost first.
    pub(crate) error: Option<Vec<String>>,
}

impl Line {
    /// Reads a line by its keys.
    pub(crate) fn parse(value: Value) -> Result<Self> {
        let wheel = value.get("outcome").is_some();
        let line = if wheel {
            serde_json::from_value(value).map(Self::Wheel)
        } else {
            serde_json::from_value(value).map(Self::Built)
        };
        line.context("neither the shape of `observed.jsonl` nor of `built.jsonl`")
    }

    /// What was seen.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Wheel(wheel) => class_of_outcome(&wheel.outcome),
            Self::Built(built) => class_of_stage(built),
        }
    }

    /// The exception that was seen.
    pub(crate) fn exception(&self) -> Option<String> {
        match self {
            Self::Wheel(wheel) => Some(wheel.detail.clone()).filter(|detail| !detail.is_empty()),
            Self::Built(built) => built.error.as_ref().and_then(|lines| lines.first().cloned()),
        }
    }

    /// What a person calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Wheel(w) if w.file.is_empty() => {
                format!("{} package `{}` on Python {}, NumPy {}", w.req, w.module, w.py, w.numpy)
            }
            Self::Wheel(w) => format!("{} `{}` on Python {}, NumPy {}", w.req, w.file, w.py, w.numpy),
            Self::Built(b) => format!("`{}` ({}) on Python {}, NumPy {}", b.module, b.kind, b.py, b.run),
        }
    }

    /// Which of these words the name of its environment begins with.
    pub(crate) fn set<'w>(&self, words: &[&'w str]) -> Option<&'w str> {
        let Self::Wheel(Wheel { environment: Some(name), .. }) = self else { return None };
        words.iter().copied().find(|word| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('-')))
    }

    /// The distribution, or the kind of module.
    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::Wheel(wheel) => &wheel.req,
            Self::Built(built) => &built.kind,
        }
    }

    /// The file's own word for what came of it.
    pub(crate) fn outcome(&self) -> &str {
        match self {
            Self::Wheel(wheel) => &wheel.outcome,
            Self::Built(built) => &built.stage,
        }
    }
}

fn class_of_outcome(outcome: &str) -> Class {
    match outcome {
        "ok" => Class::Fine,
        "numpy1-module-on-numpy2" => Class::Major,
        "api-too-old" => Class::Feature,
        "size-changed-error" => Class::Size,
        "numpy-import-failed" => Class::Import,
        _ if outcome.starts_with("warn:") => Class::Fine,
        _ => Class::Other,
    }
}

/// The exception of a failing import does not always tell the reason: NumPy's headers print it and raise another.
fn class_of_stage(built: &Built) -> Class {
    let text = built.error.as_ref().map(|lines| lines.join("\n")).unwrap_or_default();
    match built.stage.as_str() {
        "ok" => Class::Fine,
        "use" | "wrong" => Class::Use,
        _ if built.reason.is_some() => class_of_outcome(built.reason.as_deref().unwrap_or_default()),
        _ if text.contains("size changed") || text.contains("wrong size") => Class::Size,
        _ if text.contains("failed to import") || text.contains("_ARRAY_API") => Class::Import,
        _ => Class::Other,
    }
}
