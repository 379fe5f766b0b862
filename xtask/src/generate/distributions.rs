//! The Rust table of distributions.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::data::{DistributionRow, Distributions, MeasuredWheel, PlatformRow};

/// The head of the generated file.
const HEAD: &str = "\
//! From which release on the wheels of distributions work with NumPy 2. Written by `cargo xtask generate` from
//! `data/distributions.toml`: do not edit.

use crate::distributions::{DistributionHistory, PlatformHistory};

/// Every distribution that was looked at, by name.
pub(crate) static DISTRIBUTIONS: &[DistributionHistory] = &[
";

/// The text of the generated file.
///
/// # Errors
/// When the rows are not in ascending order.
pub(super) fn table(distributions: &Distributions) -> Result<String> {
    let rows = &distributions.distribution;
    ensure!(rows.is_sorted_by(|a, b| a.name < b.name), "the distributions are not in ascending order");
    let mut text = HEAD.to_owned();
    rows.iter().for_each(|row| distribution(&mut text, row));
    Ok(text + "];\n")
}

fn distribution(text: &mut String, row: &DistributionRow) {
    let DistributionRow { name, date, newest, sdist, platform } = row;
    let _ = writeln!(text, "    DistributionHistory {{");
    let _ = writeln!(text, "        name: {name:?}, date: {date:?}, newest: {newest:?}, sdist: {sdist},");
    let _ = writeln!(text, "        platforms: &[");
    platform.iter().for_each(|row| on_platform(text, row));
    let _ = writeln!(text, "        ],\n    }},");
}

fn on_platform(text: &mut String, row: &PlatformRow) {
    let wheel = |wheel: &Option<MeasuredWheel>| wheel.as_ref().map(|one| one.wheel.clone());
    let _ = writeln!(text, "            PlatformHistory {{");
    let _ = writeln!(text, "                platform: {:?}, newest: {:?},", row.name, row.newest);
    for (field, value) in [
        ("last_for_numpy_1", &row.last_for_numpy_1),
        ("declared", &row.declared),
        ("first_for_numpy_2", &row.first_for_numpy_2),
        ("last_wheel", &wheel(&row.last_wheel)),
        ("first_wheel", &wheel(&row.first_wheel)),
    ] {
        let _ = writeln!(text, "                {field}: {value:?},");
    }
    let _ = writeln!(text, "            }},");
}
