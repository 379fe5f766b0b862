//! Has numpact judge one wheel where it lies, through a lock file that names this wheel alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use contract::Version;
use serde::Deserialize;
use serde_json::json;

use super::history::Judged;
use super::releases::{Platform, Wheel};

/// numpact, and the NumPy to judge against.
pub(super) struct Reader {
    program: PathBuf,
    /// The newest that is known. What was compiled for any 2.x is right with it.
    numpy: Version,
}

/// The parts of a report that count here.
#[derive(Deserialize)]
struct Report {
    targets: Vec<TargetPart>,
}

#[derive(Deserialize)]
struct TargetPart {
    distributions: Vec<DistributionPart>,
}

#[derive(Deserialize)]
struct DistributionPart {
    verdict: String,
    numpy: NumpyPart,
    binaries: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct NumpyPart {
    binary: Option<String>,
    declared: Option<String>,
}

impl Reader {
    /// A reader that runs this numpact.
    ///
    /// # Errors
    /// When no NumPy release is known.
    pub(super) fn new(program: PathBuf) -> Result<Self> {
        let newest = knowledge::newest().context("the table of releases is empty")?;
        Ok(Self { program, numpy: newest.version.clone() })
    }

    /// Whether a wheel works with NumPy 2. What goes wrong is told and makes it unknown.
    pub(super) fn judge(&self, name: &str, wheel: &Wheel, platform: Platform) -> Judged {
        match self.report(name, wheel, platform) {
            Ok(report) => judged(&report),
            Err(error) => {
                eprintln!("`{}` was not read: {error:#}", wheel.file.filename);
                Judged::Unknown
            }
        }
    }

    fn report(&self, name: &str, wheel: &Wheel, platform: Platform) -> Result<Report> {
        let folder = tempfile::tempdir()?;
        let lock = folder.path().join("pylock.toml");
        std::fs::write(&lock, lock_file(name, wheel)?)?;
        let mut numpact = Command::new(&self.program);
        numpact.arg("check").arg(&lock).args(["--output-format", "json", "--numpy", &self.numpy.to_string()]);
        numpact.args(["--python", &format!("{}.{}", wheel.python.0, wheel.python.1), "--platform", platform.tag()]);
        let done = numpact.stdin(Stdio::null()).current_dir(folder.path()).output().context("cannot start numpact")?;
        ensure!(done.status.code() != Some(2), "{}", String::from_utf8_lossy(&done.stderr).trim());
        serde_json::from_slice(&done.stdout).context("numpact wrote no report")
    }
}

/// A lock file that names one wheel.
fn lock_file(name: &str, wheel: &Wheel) -> Result<String> {
    let file = &wheel.file;
    let hashes: BTreeMap<&str, &String> = file.sha256.iter().map(|sha256| ("sha256", sha256)).collect();
    let wheel = json!({ "name": file.filename, "url": file.url, "hashes": hashes });
    let package = json!({ "name": name, "wheels": [wheel] });
    let lock = json!({ "lock-version": "1.0", "created-by": "numpact", "packages": [package] });
    toml::to_string(&lock).context("the lock file cannot be written")
}

/// What a report says. A wheel without compiled files says nothing: it is an empty one that asks for another.
fn judged(report: &Report) -> Judged {
    let Some(one) = report.targets.first().and_then(|target| target.distributions.first()) else {
        return Judged::Unknown;
    };
    match one.verdict.as_str() {
        _ if one.binaries.is_empty() => Judged::Unknown,
        "compatible" | "not-applicable" => Judged::Works,
        "incompatible" if one.numpy.binary.as_deref().is_some_and(allows_numpy_2) => Judged::Works,
        "incompatible" | "at-risk" => Judged::Fails(one.numpy.declared.clone()),
        _ => Judged::Unknown,
    }
}

/// Whether a set of specifiers has a release of NumPy 2 in it.
fn allows_numpy_2(specifiers: &str) -> bool {
    let mut second = knowledge::releases().iter().map(|release| &release.version).filter(|v| v.major() == 2);
    second.any(|version| version.satisfies(specifiers).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::{DistributionPart, Judged, NumpyPart, Report, TargetPart, judged};

    fn of(verdict: &str, binary: &str, files: usize) -> Judged {
        let numpy = NumpyPart { binary: Some(binary.to_owned()), declared: Some(">=1.20".to_owned()) };
        let binaries = vec![serde::de::IgnoredAny; files];
        let one = DistributionPart { verdict: verdict.to_owned(), numpy, binaries };
        judged(&Report { targets: vec![TargetPart { distributions: vec![one] }] })
    }

    #[test]
    fn what_a_report_says() {
        assert_eq!(of("compatible", ">=1.20", 1), Judged::Works);
        assert_eq!(of("incompatible", ">=1.20,<2", 1), Judged::Fails(Some(">=1.20".to_owned())));
        assert_eq!(of("incompatible", ">=2.0,<2.4", 1), Judged::Works);
        assert_eq!(of("at-risk", ">=1.20", 1), Judged::Fails(Some(">=1.20".to_owned())));
        assert_eq!(of("undetermined", ">=1.20", 1), Judged::Unknown);
        assert_eq!(of("not-applicable", ">=1.20", 0), Judged::Unknown);
    }
}
