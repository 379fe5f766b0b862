//! `cargo xtask fuzz`: takes the seeds of a fuzz target out of pinned wheels, and runs it.
//!
//! Wants a nightly compiler and cargo-fuzz (`rustup toolchain install nightly`, `cargo install cargo-fuzz`). What it
//! finds lies in `fuzz/artifacts/TARGET`, what it learnt in `fuzz/corpus/TARGET`; both stay out of the repository.

use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use zip::ZipArchive;

use crate::paths;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `elf`, `macho`, `pe`, `wheel`, `ending`, `python` or `text`
    target: String,
    /// For how long, in seconds
    #[arg(long, default_value_t = 3600)]
    seconds: u64,
}

/// `fuzz/seeds.toml`.
#[derive(Deserialize)]
struct Seeds {
    seed: Vec<Seed>,
}

/// Where some seeds of one target come from.
#[derive(Deserialize)]
struct Seed {
    target: String,
    /// Pinned wheels, by the beginning of their files' names.
    #[serde(default)]
    wheels: Vec<String>,
    /// The members whose path contains one of these; without any, the wheel itself is the seed.
    #[serde(default)]
    members: Vec<String>,
    /// A folder of the repository, each file of which is a seed.
    folder: Option<PathBuf>,
}

/// Fetches the seeds and fuzzes.
pub(crate) fn run(args: &Args) -> Result<()> {
    let fuzz = paths::repository().join("fuzz");
    let corpus = fuzz.join("corpus").join(&args.target);
    std::fs::create_dir_all(&corpus).with_context(|| format!("`{}`", corpus.display()))?;
    let list = std::fs::read_to_string(fuzz.join("seeds.toml")).context("`fuzz/seeds.toml`")?;
    let seeds: Seeds = toml::from_str(&list).context("`fuzz/seeds.toml`")?;
    let mine: Vec<&Seed> = seeds.seed.iter().filter(|seed| seed.target == args.target).collect();
    if mine.is_empty() {
        bail!("`fuzz/seeds.toml` has no seeds for `{}`", args.target);
    }
    for seed in mine {
        plant(seed, &corpus)?;
    }
    fuzz_for(args)
}

/// Writes the seeds into the folder of the corpus.
fn plant(seed: &Seed, corpus: &Path) -> Result<()> {
    for name in &seed.wheels {
        let wheel = testing::try_wheel(name)?;
        let bytes = std::fs::read(&wheel).with_context(|| format!("`{}`", wheel.display()))?;
        if seed.members.is_empty() {
            std::fs::write(corpus.join(name), bytes)?;
        } else {
            plant_members(name, bytes, &seed.members, corpus)?;
        }
    }
    let Some(folder) = &seed.folder else { return Ok(()) };
    for entry in std::fs::read_dir(paths::repository().join(folder))? {
        let entry = entry?;
        std::fs::copy(entry.path(), corpus.join(entry.file_name()))?;
    }
    Ok(())
}

fn plant_members(wheel: &str, bytes: Vec<u8>, words: &[String], corpus: &Path) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        let path = member.name()?.into_owned();
        if words.iter().any(|word| path.contains(word.as_str())) {
            let mut content = Vec::new();
            member.read_to_end(&mut content)?;
            std::fs::write(corpus.join(format!("{wheel}-{}", path.replace('/', "-"))), content)?;
        }
    }
    Ok(())
}

/// The targets hold no unsafe code, so no sanitizer slows them down; arithmetic is checked.
fn fuzz_for(args: &Args) -> Result<()> {
    let limits = ["-timeout=20", "-rss_limit_mb=2048", "-max_len=1048576"];
    let status = Command::new("cargo")
        .args(["+nightly", "fuzz", "run", "--sanitizer", "none", &args.target, "--"])
        .args(limits)
        .arg(format!("-max_total_time={}", args.seconds))
        .current_dir(paths::repository())
        .status()
        .context("`cargo fuzz` did not start")?;
    if !status.success() {
        bail!("`{}` ended with {status}; what broke it lies in `fuzz/artifacts/{}`", args.target, args.target);
    }
    Ok(())
}
