//! Plans, for people and for programs.

mod json;
mod text;

use advice::commands::{self, Action, Installer};
use advice::plan::{Change, Plan, Refusal, headers_for};
use contract::Verdict;
use contract::report::{DistributionReport, TargetReport};

use crate::TargetHint;

pub use json::to_json;
pub use text::{done_to_text, head_to_text, plans_to_text, to_text};

/// What was found out about mending one environment.
#[derive(Clone, Debug)]
pub struct FixPage<'a> {
    /// The judgement of the environment as it is.
    pub report: &'a TargetReport,
    /// How distributions are installed there.
    pub hint: &'a TargetHint,
    /// Best first.
    pub plans: &'a [Plan],
    /// The number of the first of them: more than 1 where a single plan was asked for.
    pub first: usize,
    /// Ways that lead nowhere.
    pub refusals: &'a [Refusal],
    /// Distributions for which no NumPy is left, a sentence each.
    pub hopeless: &'a [String],
    /// Whether nothing was fetched, so that there may be plans that nobody could look for.
    pub offline: bool,
}

/// A plan that was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// What was done: `numpy 2.2.6 -> 1.26.4`.
    pub title: String,
    /// The imports that were tried after it.
    pub imports: Vec<Import>,
    /// Why everything was put back; `None` where it was not.
    pub taken_back: Option<String>,
    /// Why nothing was changed at all: what was to be built first could not be, or did not fit.
    pub not_tried: Option<String>,
    /// The folder that holds what was there; `None` where nothing was changed.
    pub kept: Option<String>,
}

/// One import after a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The distribution that it is about.
    pub distribution: String,
    /// The module.
    pub module: String,
    /// Whether it was used as well, which shows more than the import.
    pub used: bool,
    /// How long it took.
    pub milliseconds: u64,
    /// Why it failed; `None` where it did not.
    pub failure: Option<String>,
}

impl FixPage<'_> {
    /// What fails with the NumPy that is there, by name.
    fn broken(&self) -> impl Iterator<Item = &DistributionReport> {
        self.report.distributions.iter().filter(|d| d.verdict == Verdict::Incompatible)
    }

    /// The commands of a plan, in the words of the tool that is in use there.
    fn commands(&self, plan: &Plan) -> Vec<String> {
        let windows = self.report.python.as_ref().is_some_and(|python| python.platform.starts_with("windows"));
        if plan.changes.iter().all(Change::is_rebuild) {
            return self.rebuild(plan, windows);
        }
        let exact: Vec<String> = plan.changes.iter().map(|change| format!("{}=={}", change.name, change.to)).collect();
        let exact: Vec<&str> = exact.iter().map(String::as_str).collect();
        vec![self.hint.install_exactly(&exact, windows)]
    }
}

impl FixPage<'_> {
    /// Builds anew with headers that the NumPy at hand meets; what was built before lies in caches.
    fn rebuild(&self, plan: &Plan, windows: bool) -> Vec<String> {
        let numpy = self.report.numpy.as_ref().and_then(|numpy| numpy.provision.version.as_ref());
        let limit = numpy.map(headers_for).unwrap_or_default();
        let file = "build-constraints.txt";
        let written = if windows {
            format!("echo {}> {file}", limit.replace('<', "^<").replace('>', "^>"))
        } else {
            format!("echo '{limit}' > {file}")
        };
        let exact: Vec<String> = plan.changes.iter().map(|change| format!("{}=={}", change.name, change.to)).collect();
        let exact: Vec<&str> = exact.iter().map(String::as_str).collect();
        let builder = self.hint.builder();
        let mut words = commands::words(&builder, Action::Rebuild, &exact).unwrap_or_default();
        if builder.installer == Installer::Uv {
            words.extend(["--build-constraints", file].map(str::to_owned));
            return vec![written, commands::line(&words, windows)];
        }
        let line = commands::line(&words, windows);
        vec![
            written,
            if windows {
                format!("set PIP_CONSTRAINT={file}&& {line}")
            } else {
                format!("PIP_CONSTRAINT={file} {line}")
            },
        ]
    }
}

#[cfg(test)]
mod tests;
