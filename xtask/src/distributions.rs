//! `cargo xtask refresh distributions`: from which release on the wheels of distributions that people ask about work with
//! NumPy 2, by platform. The index says which wheels there are; numpact reads them from a distance.

mod history;
mod read;
mod releases;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use rayon::prelude::*;

use crate::data::{self, DistributionRow, Distributions, PlatformRow};
use crate::{demo, index};
use history::{Judged, history};
use read::Reader;
use releases::{Platform, Releases};

/// What to bring up to date.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The distributions; all that are asked about where none is named
    names: Vec<String>,
    /// The numpact to read with; built first where none is named
    #[arg(long, value_name = "PROGRAM")]
    numpact: Option<PathBuf>,
}

/// What people ask about under these messages, sorted.
const ASKED: &[&str] = &[
    "astropy",
    "bottleneck",
    "contourpy",
    "faiss-cpu",
    "fastparquet",
    "gensim",
    "h5py",
    "hdbscan",
    "insightface",
    "jaxlib",
    "matplotlib",
    "numba",
    "numexpr",
    "onnxruntime",
    "opencv-python",
    "opencv-python-headless",
    "pandas",
    "pyarrow",
    "pycocotools",
    "pyproj",
    "pywavelets",
    "pyxdameraulevenshtein",
    "rasterio",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "shapely",
    "spacy",
    "statsmodels",
    "tables",
    "tensorflow",
    "thinc",
    "torch",
    "torchaudio",
    "torchvision",
];

/// Distributions that are looked at at one time. They wait for the network more than they compute.
const AT_ONCE: usize = 4;

/// The comment at the head of the file.
const HEAD: &str = "\
# From which release on the wheels of a distribution work with NumPy 2, by platform: `last-for-numpy-1` and
# `first-for-numpy-2` are neighbours among the releases with a wheel there, `newest` is the last of them. Each was judged
# by the bytes of the wheel that stands beside it, with numpact itself; `declared` is what the metadata of the former says.
# Written by `cargo xtask refresh distributions`: do not edit.
";

/// Does it. Rows of distributions that were not named stay as they are; so does one whose reading failed.
///
/// # Errors
/// When numpact does not build, or not one distribution could be looked at.
pub(crate) fn run(args: &Args) -> Result<()> {
    let reader = Reader::new(args.numpact.clone().map_or_else(demo::build, Ok)?)?;
    let asked: Vec<&str> =
        if args.names.is_empty() { ASKED.to_vec() } else { args.names.iter().map(String::as_str).collect() };
    let date = index::today()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build()?;
    let path = data::path("distributions.toml");
    let failed: Vec<String> = pool.install(|| {
        let one =
            |name: &&str| look_at(name, &date, &reader).and_then(|row| keep(row, &path)).err().map(|e| told(name, &e));
        asked.iter().par_bridge().filter_map(one).collect()
    });
    ensure!(failed.len() < asked.len(), "not one distribution could be looked at");
    eprintln!("{} of {} distributions are in `{}`", asked.len() - failed.len(), asked.len(), path.display());
    Ok(())
}

fn told(name: &str, error: &anyhow::Error) -> String {
    let text = format!("{name}: {error:#}");
    eprintln!("{text}");
    text
}

fn look_at(name: &str, date: &str, reader: &Reader) -> Result<DistributionRow> {
    let releases = Releases::of(name, &index::files(name)?)?;
    let mut rows = Vec::new();
    let mut hint = None;
    for platform in Platform::ALL {
        let wheels = releases.wheels(platform);
        let versions: Vec<String> = wheels.iter().map(|(version, _)| version.to_string()).collect();
        let same = hint.as_ref().and_then(|hint| versions.iter().position(|version| version == hint));
        let start = same.unwrap_or_else(|| releases.surely_new(&wheels));
        let judge =
            |at: usize| wheels.get(at).map_or(Judged::Unknown, |(_, wheel)| reader.judge(name, wheel, platform));
        if let Some(found) = history(wheels.len(), start, judge) {
            let row = row(platform, &wheels, &found);
            eprintln!("{name} on {}: {:?} | {:?}", row.name, row.last_for_numpy_1, row.first_for_numpy_2);
            hint = row.first_for_numpy_2.clone().or(hint);
            rows.push(row);
        }
    }
    ensure!(!rows.is_empty(), "no wheel of it could be judged");
    Ok(DistributionRow {
        name: name.to_owned(),
        date: date.to_owned(),
        newest: releases.newest.to_string(),
        sdist: releases.has_sdist,
        platform: rows,
    })
}

fn row(platform: Platform, wheels: &[releases::Candidate], found: &history::History) -> PlatformRow {
    let version = |at: Option<usize>| at.and_then(|at| wheels.get(at)).map(|(version, _)| version.to_string());
    let wheel = |at: Option<usize>| at.and_then(|at| wheels.get(at)).map(|(_, wheel)| wheel.measured());
    PlatformRow {
        name: platform.name().to_owned(),
        newest: version(wheels.len().checked_sub(1)).unwrap_or_default(),
        last_for_numpy_1: version(found.last),
        declared: found.declared.clone(),
        first_for_numpy_2: version(found.first),
        last_wheel: wheel(found.last),
        first_wheel: wheel(found.first),
    }
}

/// Writes the table with this row in it: what was read so far is not lost when something fails later.
fn keep(row: DistributionRow, path: &Path) -> Result<()> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Distributions { mut distribution } = data::distributions()?;
    distribution.retain(|known| known.name != row.name);
    distribution.push(row);
    distribution.sort_by(|a, b| a.name.cmp(&b.name));
    let text = format!("{HEAD}\n{}", toml::to_string(&Distributions { distribution })?);
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
