//! What every format of a report is made from.

use advice::commands::{self, Action, Installer};
use contract::Finding;
use contract::experiment::Trial;
use contract::report::Report;

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

/// How distributions are installed into a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetHint {
    /// The tool that installed NumPy there.
    pub installer: Installer,
    /// The interpreter (for conda: the prefix) to name in a command; `None` for the active environment, which commands
    /// reach by themselves.
    pub place: Option<String>,
    /// Whether the target belongs to this machine, so that commands can be given for it at all.
    pub can_install: bool,
}

impl TargetHint {
    /// The command that installs what `requirement` allows. `windows`: quoted for that system's shells.
    pub(crate) fn install(&self, requirement: &str, windows: bool) -> String {
        commands::line(&self.words(&[requirement]), windows)
    }

    /// The command that installs these and nothing that they need: they were chosen together.
    pub(crate) fn install_exactly(&self, requirements: &[&str], windows: bool) -> String {
        let mut words = self.words(requirements);
        if matches!(self.installer, commands::Installer::Pip | commands::Installer::Uv) {
            let behind = words.iter().position(|word| word == "install").map_or(words.len(), |at| at + 1);
            words.insert(behind, "--no-deps".to_owned());
        }
        commands::line(&words, windows)
    }

    /// The words of the command that builds these from source.
    pub(crate) fn rebuild_words(&self, requirements: &[&str]) -> Vec<String> {
        let tool = commands::Tool { installer: self.installer, place: self.place.clone(), notebook: false };
        commands::words(&tool, Action::Rebuild, requirements).unwrap_or_default()
    }

    fn words(&self, requirements: &[&str]) -> Vec<String> {
        let tool = commands::Tool { installer: self.installer, place: self.place.clone(), notebook: false };
        commands::words(&tool, Action::Install, requirements).unwrap_or_default()
    }
}

impl Page<'_> {
    /// The hint for the target at `index`.
    pub(crate) fn hint(&self, index: usize) -> TargetHint {
        self.hints.get(index).cloned().unwrap_or_default()
    }

    /// The trials for the target at `index`.
    pub(crate) fn trials(&self, index: usize) -> &[Trial] {
        self.trials.get(index).map(Vec::as_slice).unwrap_or_default()
    }
}
