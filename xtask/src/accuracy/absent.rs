//! What the repository says how to observe, and no line of `fixtures/truth` tells of.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::accuracy::Row;
use crate::accuracy::line::Line;
use crate::fixtures;

/// A sentence for each environment and each Python with something that was not run.
///
/// # Errors
/// When the recipes or the matrix cannot be read.
pub(crate) fn absent(rows: &[Row]) -> Result<Vec<String>> {
    let mut texts = environments(rows)?;
    texts.extend(kinds(rows)?);
    Ok(texts)
}

/// Environments that no wheel was imported from, and NumPys that it was not imported under.
fn environments(rows: &[Row]) -> Result<Vec<String>> {
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        if let Line::Wheel(wheel) = &row.line {
            seen.entry(wheel.environment.as_deref().unwrap_or_default()).or_default().insert(&wheel.numpy);
        }
    }
    let mut texts = Vec::new();
    for recipe in testing::recipes()? {
        let wanted = recipe.settings.get("numpy").map(String::as_str).unwrap_or_default();
        let found = seen.get(recipe.name.as_str());
        let left: Vec<&str> =
            wanted.split_whitespace().filter(|numpy| !found.is_some_and(|found| found.contains(numpy))).collect();
        if !left.is_empty() {
            texts.push(format!("environment `{}` under NumPy {}", recipe.name, left.join(", ")));
        }
    }
    Ok(texts)
}

/// Kinds of modules that were not built, or not for every NumPy of the matrix, by Python.
fn kinds(rows: &[Row]) -> Result<Vec<String>> {
    let seen: BTreeSet<(&str, &str, Option<&str>)> = rows.iter().filter_map(built).collect();
    let mut whole: BTreeMap<String, BTreeMap<String, (usize, usize)>> = BTreeMap::new();
    for module in fixtures::whole_matrix()? {
        let text = |key: &str| module.get(key).and_then(Value::as_str);
        let (py, kind) = text("py").zip(text("kind")).context("a module of the matrix lacks `py` or `kind`")?;
        let count = whole.entry(py.to_owned()).or_default().entry(kind.to_owned()).or_default();
        count.0 += usize::from(seen.contains(&(py, kind, text("built"))));
        count.1 += 1;
    }
    let lacking = whole.iter().filter(|(_, kinds)| kinds.values().any(|(run, all)| run < all));
    Ok(lacking.map(|(py, kinds)| of_python(py, kinds)).collect())
}

fn of_python(py: &str, kinds: &BTreeMap<String, (usize, usize)>) -> String {
    if kinds.values().all(|(run, _)| *run == 0) {
        return format!("Python {py}: no module of `fixtures/src` at all");
    }
    let lacking = kinds.iter().filter(|(_, (run, all))| run < all);
    let told: Vec<String> = lacking
        .map(|(kind, (run, all))| if *run == 0 { kind.clone() } else { format!("{kind} ({run} of {all} builds run)") })
        .collect();
    format!("Python {py}, kinds of `fixtures/src`: {}", told.join(", "))
}

fn built(row: &Row) -> Option<(&str, &str, Option<&str>)> {
    let Line::Built(line) = &row.line else { return None };
    Some((&line.py, &line.kind, line.built.as_deref()))
}
