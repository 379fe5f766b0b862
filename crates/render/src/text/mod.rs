//! The report for people at a terminal: what is broken first, then what may be, then notes, then the counts.

mod distribution;
mod notes;

use contract::Verdict;
use contract::experiment::{Agreement, Trial};
use contract::report::{DistributionReport, TargetKind, TargetReport, UNOWNED};

use crate::{Colour, Ignored, Page, TargetHint, probe, words};

pub(crate) use distribution::observation;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The last line alone; of several targets, a line for each before it.
    Counts,
    /// What needs attention.
    Attention,
    /// Everything, with evidence.
    Everything,
}

/// One target, and how to write about it.
pub(crate) struct View<'a> {
    pub(crate) target: &'a TargetReport,
    pub(crate) hint: TargetHint,
    /// Findings that the configuration takes out of it.
    pub(crate) ignored: Vec<&'a Ignored>,
    /// Imports that were tried to confirm the judgement.
    pub(crate) trials: &'a [Trial],
    pub(crate) detail: Detail,
    pub(crate) colour: Colour,
}

/// The whole report. Ends with a line break.
pub fn to_text(page: &Page<'_>, detail: Detail, colour: Colour) -> String {
    let mut out = String::new();
    if detail > Detail::Counts {
        for (index, target) in page.report.targets.iter().enumerate() {
            let (hint, ignored, trials) = (page.hint(index), page.ignored(index), page.trials(index));
            let view = View { target, hint, ignored, trials, detail, colour };
            out.push_str(&view.to_text());
            out.push('\n');
        }
    } else if page.report.targets.len() > 1 {
        for (index, target) in page.report.targets.iter().enumerate() {
            let worst = target.distributions.iter().map(|distribution| distribution.verdict).max();
            let line = words::summary_of(target, index, page.ignored);
            out.push_str(&colour.verdict(worst.unwrap_or(Verdict::NotApplicable), &line));
            out.push('\n');
        }
    }
    let worst = page.report.worst().unwrap_or(Verdict::NotApplicable);
    out.push_str(&colour.verdict(worst, &words::summary(page.report, page.ignored)));
    out.push('\n');
    out
}

impl View<'_> {
    fn to_text(&self) -> String {
        let mut out = self.head();
        let mut blocks: Vec<String> = Vec::new();
        for verdict in [Verdict::Incompatible, Verdict::AtRisk] {
            let these = self.target.distributions.iter().filter(|d| d.verdict == verdict);
            blocks.extend(these.map(|distribution| distribution::block(self, distribution)));
        }
        if blocks.is_empty() && self.target.numpy.is_some() && !self.target.distributions.is_empty() {
            out.push_str(&self.colour.verdict(Verdict::Compatible, "Nothing incompatible was found"));
            out.push('\n');
        }
        for block in blocks {
            out.push('\n');
            out.push_str(&block);
        }
        out.push_str(&notes::together(self));
        out.push_str(&notes::undetermined(self));
        out.push_str(&self.refuted());
        out.push_str(&notes::findings(self));
        // Whoever asks about a file or a wheel wants its range; and without a NumPy there is nothing else to tell.
        let ranges_matter = matches!(self.target.kind, TargetKind::Binary | TargetKind::Wheel);
        if self.detail == Detail::Everything || ranges_matter || self.target.numpy.is_none() {
            out.push_str(&self.table());
        }
        out.push_str(&notes::problems(self));
        out.push_str(&notes::left_out(self));
        out
    }

    /// `, ignored by the configuration: REASON`, where the finding that states this verdict of a distribution is.
    fn ignored(&self, name: &str, verdict: Verdict) -> String {
        let Some(ignored) = self.ignored.iter().find(|ignored| ignored.states(name, verdict)) else {
            return String::new();
        };
        // A reason may have been written in several lines.
        let reason: Vec<&str> = ignored.reason.split_whitespace().collect();
        format!(", ignored by the configuration: {}", reason.join(" "))
    }

    /// The trials that were made for a distribution.
    fn trials_of(&self, name: &str) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(move |trial| trial.distribution.as_deref().unwrap_or(UNOWNED) == name)
    }

    /// What to do where an import contradicts the report.
    fn refuted(&self) -> String {
        let refuted: Vec<&Trial> = self.trials.iter().filter(|t| t.agreement() == Agreement::Disagrees).collect();
        if refuted.is_empty() { String::new() } else { format!("\n{}", probe::disagreement(&refuted)) }
    }

    /// What was checked, for which Python, against which NumPy.
    fn head(&self) -> String {
        let mut parts = vec![self.colour.bold(&self.target.path)];
        if let Some(python) = &self.target.python {
            parts.push(format!("Python {} on {}", python.version, python.platform));
        }
        parts.push(match &self.target.numpy {
            Some(numpy) => format!("{} ({})", words::numpy_name(numpy), words::source(numpy.source)),
            None => "no NumPy to judge against; `--numpy VERSION` names one".to_owned(),
        });
        format!("{}\n", parts.join(", "))
    }

    /// Every distribution with its ranges.
    fn table(&self) -> String {
        let judged = self.target.numpy.is_some();
        let rows: Vec<[String; 4]> = self.target.distributions.iter().map(|one| row(one, judged)).collect();
        let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max();
        let widths: Vec<usize> = (0..4).map(|column| width(column).unwrap_or(0)).collect();
        let mut out = "\nEvery distribution with compiled files (by its bytes; by its metadata)\n".to_owned();
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            out.push_str(format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end());
            out.push('\n');
        }
        out
    }
}

fn row(distribution: &DistributionReport, judged: bool) -> [String; 4] {
    let range = distribution.numpy_binary.as_ref().map_or_else(|| "-".to_owned(), words::range);
    [
        format!("{} {}", distribution.name, distribution.version),
        words::verdict(distribution.verdict, judged).to_owned(),
        range,
        words::declared_by(distribution).unwrap_or_else(|| "not known before it is built".to_owned()),
    ]
}

#[cfg(test)]
mod tests;
