//! The matrix for programs: `numpact.matrix/1`. Others build on it, so it changes only by addition.

use contract::judge::{Cell, MatrixRow};
use serde::Serialize;

use super::Sheet;
use crate::Tool;
use crate::json::v1;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    tool: v1::Tool,
    targets: Vec<Target>,
}

#[derive(Serialize)]
struct Target {
    target: v1::Place,
    python: Option<v1::Python>,
    /// The NumPy that is there, or would be installed.
    numpy: Option<String>,
    /// The releases, in ascending order.
    releases: Vec<String>,
    distributions: Vec<Row>,
    /// The releases that suit every distribution, by bytes and by metadata.
    suiting: Vec<String>,
    problems: Vec<String>,
    left_out: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    version: String,
    /// What the metadata says of NumPy; empty for any, null where it does not name NumPy.
    declared: Option<String>,
    /// One for each of `releases`, in their order.
    cells: Vec<JsonCell>,
}

#[derive(Serialize)]
struct JsonCell {
    numpy: String,
    verdict: &'static str,
    fails: Option<&'static str>,
    /// Whether the metadata allows the release.
    allowed: bool,
    error: Option<String>,
}

/// The sheets as one JSON object that ends with a line break.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_json(sheets: &[Sheet], tool: Tool) -> Result<String, serde_json::Error> {
    let targets = sheets.iter().map(target).collect();
    let mut text = serde_json::to_string_pretty(&Document { schema: "numpact.matrix/1", tool: tool.into(), targets })?;
    text.push('\n');
    Ok(text)
}

fn target(sheet: &Sheet) -> Target {
    let python = |python: &contract::report::Python| v1::Python {
        version: python.version.clone(),
        platform: python.platform.clone(),
    };
    let releases: Vec<String> = sheet.matrix.releases.iter().map(ToString::to_string).collect();
    Target {
        target: v1::Place { kind: sheet.kind.as_str().to_owned(), path: sheet.path.clone() },
        python: sheet.python.as_ref().map(python),
        numpy: sheet.numpy.as_ref().map(ToString::to_string),
        distributions: sheet.matrix.rows.iter().map(|from| row(from, &releases)).collect(),
        suiting: sheet.matrix.suiting().iter().map(ToString::to_string).collect(),
        releases,
        problems: sheet.problems.clone(),
        left_out: sheet.left_out.clone(),
    }
}

fn row(from: &MatrixRow, releases: &[String]) -> Row {
    let MatrixRow { name, version, declared, cells } = from.clone();
    let cells = releases.iter().cloned().zip(cells);
    Row { name, version, declared, cells: cells.map(|(numpy, from)| cell(numpy, from)).collect() }
}

fn cell(numpy: String, from: Cell) -> JsonCell {
    let Cell { verdict, fails, allowed, error } = from;
    JsonCell { numpy, verdict: verdict.as_str(), fails: fails.map(contract::Fails::as_str), allowed, error }
}
