//! `numpact constraints`: the truth that metadata leaves out, for installers.

use std::path::{Path, PathBuf};

use advice::constraints::truths;
use anyhow::{Result, bail};
use contract::Version;
use contract::report::{TargetKind, TargetReport};
use render::constraints::{ConstraintsFormat, to_constraints};
use sources::environment::Place;

use crate::exit::ExitStatus;
use crate::output;
use crate::pipeline::access::Access;
use crate::pipeline::{environment, wheels};
use crate::settings::Settings;

/// Write down what compiled files demand of NumPy and metadata leaves out, as constraints for an installer
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// An environment or a wheel. Nothing: the active environment
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value = "constraints")]
    pub(crate) format: Format,
    /// Write it to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A constraints file, for `--constraint` of pip and uv
    Constraints,
    /// Overrides, for `--override` of uv
    Uv,
    /// A pin, for `conda-meta/pinned`
    Conda,
}

pub(super) fn run(args: &Args) -> Result<ExitStatus> {
    let settings = Settings::for_environment(true);
    let report = match &args.target {
        Some(wheel) if wheel.extension().is_some_and(|end| end == "whl") => {
            wheels::check(wheel, None, &Access::new(&settings, false)?)?.report
        }
        Some(file) if file.is_file() && !is_interpreter(file) => {
            bail!(
                "`{}` is neither an environment nor a wheel; `numpact check` reads lock files and requirements",
                file.display()
            )
        }
        target => environment::ranges(&target.clone().map_or(Place::Active, Place::Path), &settings)?,
    };
    let releases: Vec<Version> = knowledge::releases().iter().map(|release| release.version.clone()).collect();
    let format = match args.format {
        Format::Constraints => ConstraintsFormat::Constraints,
        Format::Uv => ConstraintsFormat::UvOverrides,
        Format::Conda => ConstraintsFormat::Conda,
    };
    let text = to_constraints(&truths(&report, &releases), &subject(&report), format, &releases);
    output::write(&text, args.output_file.as_deref())?;
    Ok(ExitStatus::Fine)
}

fn is_interpreter(file: &Path) -> bool {
    file.file_stem().is_some_and(|name| name.to_string_lossy().starts_with("python"))
}

fn subject(report: &TargetReport) -> String {
    let python = report.python.as_ref().filter(|_| report.kind != TargetKind::Wheel);
    let python = python.map(|python| format!(" (Python {} on {})", python.version, python.platform));
    format!("`{}`{}", report.path, python.unwrap_or_default())
}
