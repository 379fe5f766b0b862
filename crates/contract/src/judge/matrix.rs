//! The judgement of one target under many releases of NumPy: a row for each distribution, a cell for each release.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::judge::distribution::{judge_distribution, take_at_its_word};
use crate::judge::files::{Against, is_numpy};
use crate::judge::{DistributionInput, PythonImports, PythonSources, TargetInput};
use crate::report::{DistributionReport, TargetKind};
use crate::{Fails, Provision, Release, Verdict, Version};

/// A target under many NumPys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The releases, in ascending order: the columns.
    pub releases: Vec<Version>,
    /// The distributions with compiled files, NumPy itself aside, by name.
    pub rows: Vec<MatrixRow>,
}

/// One distribution under many NumPys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    /// Its name, as its metadata spells it.
    pub name: String,
    /// Its version; empty where the metadata is unreadable.
    pub version: String,
    /// What its metadata says of NumPy (`>=1.22.4`, empty for "any"); `None` where it does not name NumPy.
    pub declared: Option<String>,
    /// A cell for each release, in their order.
    pub cells: Vec<Cell>,
}

/// One distribution under one NumPy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What the bytes say.
    pub verdict: Verdict,
    /// When it fails, for an incompatible one.
    pub fails: Option<Fails>,
    /// Whether the metadata allows the release; metadata that says nothing allows all.
    pub allowed: bool,
    /// What a user would see of the failure, where one is foreseen.
    pub error: Option<String>,
}

impl Cell {
    /// Whether neither bytes nor metadata stand against the release.
    pub fn suits(&self) -> bool {
        self.allowed && matches!(self.verdict, Verdict::Compatible | Verdict::NotApplicable)
    }
}

impl Matrix {
    /// The releases that suit every distribution, by their bytes and by their metadata.
    pub fn suiting(&self) -> Vec<&Version> {
        let suits = |column: usize| self.rows.iter().all(|row| row.cells.get(column).is_some_and(Cell::suits));
        self.releases.iter().enumerate().filter(|(column, _)| suits(*column)).map(|(_, version)| version).collect()
    }
}

/// Judges each distribution of a target under each of `releases`, which are in ascending order.
pub fn judge_matrix(input: &TargetInput<'_>, releases: &[&Release]) -> Matrix {
    let others = input.distributions.iter().filter(|distribution| !is_numpy(&distribution.name));
    let mut rows: Vec<MatrixRow> = others.map(|distribution| row(input, distribution, releases)).collect();
    rows.sort_by_cached_key(|row| (row.name.to_ascii_lowercase(), row.version.clone()));
    Matrix { releases: releases.iter().map(|release| release.version.clone()).collect(), rows }
}

fn row(input: &TargetInput<'_>, distribution: &DistributionInput<'_>, releases: &[&Release]) -> MatrixRow {
    let sources = Remembered::of(distribution.sources);
    let distribution = DistributionInput { sources: &sources, ..distribution.clone() };
    let mut cells: Vec<Cell> = Vec::new();
    for release in releases {
        let known = releases.iter().zip(&cells).find(|(other, _)| same(&other.provision, &release.provision));
        let cell = match known {
            Some((_, cell)) => cell.clone(),
            None => cell(input, &distribution, &release.provision),
        };
        cells.push(Cell { allowed: allows(distribution.declared_numpy.as_deref(), &release.version), ..cell });
    }
    let DistributionInput { name, version, declared_numpy, .. } = distribution;
    MatrixRow { name, version, declared: declared_numpy, cells }
}

/// Whether two releases provide the same, so that nothing can fare differently under them.
fn same(a: &Provision, b: &Provision) -> bool {
    (a.abi, a.feature, &a.types, &a.null_slots) == (b.abi, b.feature, &b.types, &b.null_slots)
}

fn cell(input: &TargetInput<'_>, distribution: &DistributionInput<'_>, provision: &Provision) -> Cell {
    let against = Against { provision: Some(provision), python: input.python.as_ref(), releases: &[] };
    let (mut report, _) = judge_distribution(distribution, &against, false);
    if input.kind == TargetKind::Binary {
        take_at_its_word(&mut report);
    }
    Cell { verdict: report.verdict, fails: report.fails, allowed: true, error: error(&report) }
}

/// The failure of the file that needs the most attention.
fn error(report: &DistributionReport) -> Option<String> {
    let of_it = report.binaries.iter().map(|binary| &binary.assessment).filter(|a| a.verdict == report.verdict);
    of_it.filter_map(|assessment| assessment.error.as_ref()).map(|error| error.exception.clone()).next()
}

fn allows(declared: Option<&str>, version: &Version) -> bool {
    declared.filter(|declared| !declared.is_empty()).is_none_or(|declared| version.satisfies(declared).unwrap_or(true))
}

/// Sources that are listed and parsed once, however often they are asked for.
struct Remembered<'a> {
    inner: &'a dyn PythonSources,
    paths: OnceLock<Vec<String>>,
    imports: Mutex<BTreeMap<String, Option<PythonImports>>>,
}

impl<'a> Remembered<'a> {
    fn of(inner: &'a dyn PythonSources) -> Self {
        Self { inner, paths: OnceLock::new(), imports: Mutex::default() }
    }
}

impl PythonSources for Remembered<'_> {
    fn paths(&self) -> Vec<String> {
        self.paths.get_or_init(|| self.inner.paths()).clone()
    }

    fn prepare(&self, paths: &[&str]) {
        self.inner.prepare(paths);
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        let mut kept = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(path.to_owned()).or_insert_with(|| self.inner.imports(path)).clone()
    }
}
