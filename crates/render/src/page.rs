//! What every format of a report is made from.

use std::collections::BTreeMap;

use advice::commands::{self, Action, Installer};
use contract::experiment::Trial;
use contract::report::Report;
use contract::{Finding, Verdict};

/// A report and what a reader needs beside it.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// What was found out.
    pub report: &'a Report,
    /// Findings that the configuration takes out of the report.
    pub ignored: &'a [Ignored],
    /// For each target of the report, in its order, how distributions are installed there. May be shorter.
    pub hints: &'a [TargetHint],
    /// For each target of the report, in its order, the imports that were tried to confirm it. May be shorter.
    pub trials: &'a [Vec<Trial>],
    /// The folder that the program was started in, which relative paths are relative to.
    pub folder: &'a str,
    /// The program that made the report.
    pub tool: Tool,
}

/// The program that made a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its version.
    pub version: &'static str,
    /// The date of its tables of NumPy releases: `2026-11-21`.
    pub knowledge: &'static str,
}

/// A finding that the configuration ignores, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The position of its target in the report.
    pub target: usize,
    /// What was found.
    pub finding: Finding,
    /// The reason that the configuration gives.
    pub reason: String,
}

/// Rules whose finding states that a distribution fails or may fail.
const FAILING: &[&str] = &["numpy-major-mismatch", "numpy-too-old", "type-size-changed", "fails-at-first-use"];

impl Ignored {
    /// Whether the finding states this verdict of a distribution: whoever ignores it does not want to fail because of it.
    pub fn states(&self, distribution: &str, verdict: Verdict) -> bool {
        let rule = self.finding.rule.as_str();
        let about = self.finding.distribution.as_deref() == Some(distribution);
        about
            && match verdict {
                Verdict::Incompatible => FAILING.contains(&rule),
                Verdict::AtRisk => FAILING.contains(&rule) || rule == "unchecked-numpy-access",
                _ => rule == "undetermined-binary",
            }
    }
}

/// How distributions are installed into a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetHint {
    /// The tool that installed NumPy there.
    pub installer: Installer,
    /// The interpreter (for conda: the prefix, for tools that keep a lock file: the project) to name in a command; `None`
    /// for the active environment, which commands reach by themselves.
    pub place: Option<String>,
    /// The interpreter as pip and uv want it named, whoever keeps the environment.
    pub interpreter: Option<String>,
    /// Who changes the environment itself, past whatever keeps a lock file or channels of its own: uv or pip, whichever is
    /// there.
    pub direct: Installer,
    /// The words that start a pip from outside, where the environment has none of its own that would do.
    pub outside: Vec<String>,
    /// Whether the target belongs to this machine, so that commands can be given for it at all.
    pub can_install: bool,
    /// The file that the target is, or that says what it is, as the user named it; `None` for environments and for what
    /// stood on the command line.
    pub file: Option<String>,
    /// The folder that each distribution is installed in, by its name, where that is one on disk.
    pub sites: BTreeMap<String, String>,
}

impl TargetHint {
    /// The command that installs what `requirement` allows. `windows`: quoted for that system's shells.
    pub(crate) fn install(&self, requirement: &str, windows: bool) -> String {
        commands::line(&self.words(&[requirement]), windows)
    }

    /// The command that installs these and nothing that they need: they were chosen together, and none of them is
    /// conda's.
    pub(crate) fn install_exactly(&self, requirements: &[&str], windows: bool) -> String {
        let tool = self.index_tool();
        let mut words = commands::words(&tool, Action::Install, requirements).unwrap_or_default();
        if matches!(tool.installer, Installer::Pip | Installer::Uv) {
            let behind = words.iter().position(|word| word == "install").map_or(words.len(), |at| at + 1);
            words.insert(behind, "--no-deps".to_owned());
        }
        commands::line(&words, windows)
    }

    /// Who builds from source: pip or uv, right into the environment. The version stays, so that a lock file has nothing
    /// against it.
    pub(crate) fn builder(&self) -> commands::Tool {
        let same = self.direct == self.installer;
        let place = if same { self.place.clone() } else { self.interpreter.clone() };
        commands::Tool { installer: self.direct, place, ..self.tool() }
    }

    /// The tool that is in use there.
    pub fn tool(&self) -> commands::Tool {
        commands::Tool {
            installer: self.installer,
            place: self.place.clone(),
            notebook: false,
            outside: self.outside.clone(),
        }
    }

    /// The tool for what came from the Python index, where NumPy itself came from conda.
    fn index_tool(&self) -> commands::Tool {
        match self.installer {
            Installer::Conda => {
                commands::Tool { installer: self.direct, place: self.interpreter.clone(), ..self.tool() }
            }
            Installer::Pixi => commands::Tool { installer: Installer::PixiIndex, ..self.tool() },
            _ => self.tool(),
        }
    }

    fn words(&self, requirements: &[&str]) -> Vec<String> {
        commands::words(&self.tool(), Action::Install, requirements).unwrap_or_default()
    }
}

impl Page<'_> {
    /// A path relative to the folder that the program was started in, with `/`; `None` where it lies outside of it.
    pub(crate) fn relative(&self, path: &str) -> Option<String> {
        relative_to(self.folder, path).filter(|relative| !relative.split('/').any(|part| part == ".."))
    }

    /// The hint for the target at `index`.
    pub(crate) fn hint(&self, index: usize) -> TargetHint {
        self.hints.get(index).cloned().unwrap_or_default()
    }

    /// The findings that are ignored in the target at `index`.
    pub(crate) fn ignored(&self, index: usize) -> Vec<&Ignored> {
        self.ignored.iter().filter(|ignored| ignored.target == index).collect()
    }

    /// The trials for the target at `index`.
    pub(crate) fn trials(&self, index: usize) -> &[Trial] {
        self.trials.get(index).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A path as it is seen from a folder, with `/`; `None` of an absolute one that does not begin with the folder's.
pub(crate) fn relative_to(folder: &str, path: &str) -> Option<String> {
    let (path, folder) = (path.replace('\\', "/"), folder.replace('\\', "/"));
    let inside = path.strip_prefix(&folder).and_then(|rest| rest.strip_prefix('/'));
    let relative = inside.or(Some(path.as_str()).filter(|path| !is_absolute(path)))?;
    Some(relative.trim_start_matches("./").to_owned())
}

/// Whether a path with slashes begins at a root or at a drive.
fn is_absolute(path: &str) -> bool {
    match path.as_bytes() {
        [b'/', ..] => true,
        [drive, b':', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}
