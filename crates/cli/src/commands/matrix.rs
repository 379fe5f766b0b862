//! `numpact matrix`: each distribution of a target under every NumPy release that exists for its Python.

use anyhow::{Result, bail};
use contract::report::TargetReport;
use render::Tool;
use render::matrix::{Sheet, to_json, to_text};

use super::check::tell;
use super::targets::targets;
use crate::args::{InspectFormat, MatrixArgs};
use crate::exit::ExitStatus;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(arguments: &MatrixArgs) -> Result<ExitStatus> {
    let settings = Settings::of_matrix(arguments, &std::env::current_dir()?)?;
    let mut sheets = Vec::new();
    for target in targets(&settings)? {
        for checked in target.check(&settings, !arguments.common.quiet)? {
            let wanted = arguments.output_format == InspectFormat::Text && !arguments.common.quiet;
            tell(checked.report.fetched.filter(|_| wanted));
            sheets.push(sheet(checked.report, checked.matrix.unwrap_or_default())?);
        }
    }
    let file = arguments.output_file.as_deref();
    let text = match arguments.output_format {
        InspectFormat::Text => {
            to_text(&sheets, arguments.common.detail(), output::colour(arguments.common.color, file))
        }
        InspectFormat::Json => {
            to_json(&sheets, Tool { version: env!("CARGO_PKG_VERSION"), knowledge: knowledge::KNOWLEDGE_DATE })?
        }
    };
    output::write(&text, file)?;
    let shown = sheets.iter().any(|sheet| !sheet.matrix.rows.is_empty());
    Ok(if shown { ExitStatus::Fine } else { ExitStatus::NothingToCheck })
}

fn sheet(report: TargetReport, matrix: contract::judge::Matrix) -> Result<Sheet> {
    if matrix.releases.is_empty() {
        let python = report.python.map_or_else(String::new, |python| format!(" for Python {}", python.version));
        bail!("`{}`: no NumPy release that was asked for exists{python}", report.path);
    }
    let TargetReport { kind, path, python, numpy, problems, left_out, .. } = report;
    let numpy = numpy.and_then(|numpy| numpy.provision.version);
    Ok(Sheet { kind, path, python, numpy, matrix, problems, left_out })
}
