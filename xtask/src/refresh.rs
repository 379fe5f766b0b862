//! `cargo xtask refresh`: brings the data up to date with the user's own package index. The list of NumPy releases is
//! rewritten here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use contract::Version;

use crate::data::{self, ReleaseRow};
use crate::distributions;
use crate::index::{self, File, WheelName};

/// What to refresh.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Rewrite `numpy-releases.toml`: every final release and the Pythons that it has wheels for
    Releases,
    /// Rewrite rows of `distributions.toml`: from which release on the wheels of a distribution work with NumPy 2
    Distributions(distributions::Args),
}

/// The comment at the head of the file.
const HEAD: &str = "\
# The final NumPy releases from 1.7.0 on, and the CPython minor versions that each has wheels for (on any platform, with
# an interpreter lock). Read from the names of the files on the package index.
# Written whole by `cargo xtask refresh releases`: do not edit.
";

/// Does it.
///
/// # Errors
/// When the index does not answer, or holds less than the list already does.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::Releases => releases(),
        What::Distributions(args) => distributions::run(args),
    }
}

fn releases() -> Result<()> {
    let rows = rows(&index::files("numpy")?);
    ensure!(rows.len() > 100, "the index lists {} NumPy releases only; is it a partial mirror?", rows.len());
    let path = data::path("numpy-releases.toml");
    std::fs::write(&path, text(&index::today()?, &rows))
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    eprintln!("wrote {} releases to `{}`", rows.len(), path.display());
    Ok(())
}

/// The final releases from 1.7.0 on among the files of the index.
fn rows(files: &[File]) -> Vec<ReleaseRow> {
    let oldest = Version::from_release(&[1, 7]);
    let mut found: BTreeMap<Version, (BTreeSet<(u8, u8)>, bool)> = BTreeMap::new();
    for file in files {
        let Some(wheel) = WheelName::parse(&file.filename).filter(WheelName::is_ordinary) else { continue };
        if wheel.version < oldest || wheel.version.is_prerelease() {
            continue;
        }
        let (pythons, yanked) = found.entry(wheel.version).or_insert((BTreeSet::new(), true));
        pythons.extend(wheel.pythons);
        *yanked &= file.yanked;
    }
    found.into_iter().map(|(version, (pythons, yanked))| row(version, &pythons, yanked)).collect()
}

fn row(version: Version, pythons: &BTreeSet<(u8, u8)>, yanked: bool) -> ReleaseRow {
    let pythons = pythons.iter().map(|(major, minor)| Version::from_release(&[(*major).into(), (*minor).into()]));
    ReleaseRow { version, pythons: pythons.collect(), yanked }
}

/// The file, a release a line.
fn text(date: &str, rows: &[ReleaseRow]) -> String {
    let mut text = format!("{HEAD}date = \"{date}\"\nrelease = [\n");
    for row in rows {
        let pythons: Vec<String> = row.pythons.iter().map(|python| format!("\"{python}\"")).collect();
        let yanked = if row.yanked { ", yanked = true" } else { "" };
        let _ = writeln!(text, "    {{ version = \"{}\", pythons = [{}]{yanked} }},", row.version, pythons.join(", "));
    }
    text + "]\n"
}

#[cfg(test)]
mod tests {
    use super::{File, rows, text};

    #[test]
    fn a_release_is_yanked_when_all_its_wheels_are() {
        let file =
            |filename: &str, yanked| File { filename: filename.to_owned(), url: String::new(), sha256: None, yanked };
        let files = [
            file("numpy-2.4.0-cp312-cp312-win_amd64.whl", true),
            file("numpy-2.4.0-cp311-cp311-win_amd64.whl", true),
            file("numpy-1.26.4-cp39-cp39-win_amd64.whl", false),
            file("numpy-2.5.0rc1-cp312-cp312-win_amd64.whl", false),
            file("numpy-1.6.2-cp27-cp27mu-manylinux1_x86_64.whl", false),
        ];
        let text = text("2026-11-21", &rows(&files));
        assert!(text.ends_with(
            "release = [\n    { version = \"1.26.4\", pythons = [\"3.9\"] },\n    \
             { version = \"2.4.0\", pythons = [\"3.11\", \"3.12\"], yanked = true },\n]\n"
        ));
    }
}
