//! Colour for terminals. It stresses what the words already say and never stands for anything by itself.

use anstyle::{AnsiColor, Style};
use contract::{Severity, Verdict};

/// Whether a text is written with terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI escape sequences.
    On,
    /// As plain text.
    Off,
}

impl Colour {
    /// `text` in `style`, or as it is.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        match self {
            Self::On => format!("{style}{text}{style:#}"),
            Self::Off => text.to_owned(),
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    pub(crate) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let colour = match verdict {
            Verdict::Incompatible => AnsiColor::Red,
            Verdict::AtRisk | Verdict::Undetermined => AnsiColor::Yellow,
            Verdict::Compatible => AnsiColor::Green,
            Verdict::NotApplicable => return text.to_owned(),
        };
        self.paint(Style::new().bold().fg_color(Some(colour.into())), text)
    }

    pub(crate) fn severity(self, severity: Severity, text: &str) -> String {
        let colour = match severity {
            Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Note => AnsiColor::Cyan,
        };
        self.paint(Style::new().fg_color(Some(colour.into())), text)
    }
}
