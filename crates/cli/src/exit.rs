//! Exit statuses by name; `docs/exit-codes.md` tells users about them.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// No distribution is incompatible.
    Fine,
    /// A distribution is incompatible, or what `--fail-on` names.
    Found,
    /// The work could not be done, or the program was used wrongly. clap ends with the same number.
    Failed,
    /// There was nothing compiled to check.
    NothingToCheck,
    /// As the command that was run ended.
    OfCommand(u8),
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Fine => 0,
            ExitStatus::Found => 1,
            ExitStatus::Failed => 2,
            ExitStatus::NothingToCheck => 3,
            ExitStatus::OfCommand(status) => status,
        })
    }
}
