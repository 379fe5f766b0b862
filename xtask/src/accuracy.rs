//! `cargo xtask accuracy`: holds what numpact predicts against what was seen, and writes `docs/accuracy.md`.
//!
//! Reads files of JSON lines in the two shapes of `fixtures/truth`: imports of wheels' modules (`observed.jsonl`) and
//! builds of `fixtures/src` (`built.jsonl`). Nothing is imported here: predictions come from the files' bytes.

mod absent;
mod class;
mod line;
mod page;
mod predict;
mod site;

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::accuracy::class::{Class, Judgement};
use crate::accuracy::line::Line;
use crate::accuracy::predict::Predictor;
use crate::{fixtures, observe, paths};

/// The files of `fixtures/truth`.
const OWN: [&str; 2] = ["observed.jsonl", "built.jsonl"];

/// Options of `cargo xtask accuracy`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Hold against this file instead of those in `fixtures/truth` (repeatable)
    #[arg(long, value_name = "FILE")]
    truth: Vec<PathBuf>,
    /// Build the fixtures and observe them anew before
    #[arg(long)]
    rebuild: bool,
    /// Import the modules of real wheels anew before
    #[arg(long)]
    fresh_wheels: bool,
    /// Print, and leave `docs/accuracy.md` as it is
    #[arg(long)]
    print_only: bool,
}

/// One observation beside its prediction.
pub(crate) struct Row {
    /// The observation.
    pub(crate) line: Line,
    /// What was foreseen.
    pub(crate) predicted: Class,
    /// The kinds of code that use NumPy's C API in the file, as a word for the table.
    pub(crate) consumer: String,
    /// The exception that was foreseen.
    pub(crate) foreseen: Option<String>,
    /// Why nothing could be foreseen, where nothing could.
    pub(crate) doubt: Option<String>,
    /// The exception that was seen.
    pub(crate) seen: Option<String>,
    /// How the two compare.
    pub(crate) judgement: Judgement,
}

/// Predicts, compares, prints and writes.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.rebuild {
        fixtures::run(&fixtures::Args::default())?;
    }
    if args.fresh_wheels {
        observe::run(&observe::Args::default())?;
    }
    let own = args.truth.is_empty();
    let files = if own { own_files()? } else { args.truth.clone() };
    let rows = rows(&files)?;
    let absent = if own { absent::absent(&rows)? } else { Vec::new() };
    let page = page::page(&rows, &absent);
    println!("{page}");
    if own && !args.print_only {
        let target = paths::repository().join("docs/accuracy.md");
        std::fs::write(&target, page).with_context(|| format!("`{}`", target.display()))?;
        eprintln!("wrote `{}`", target.display());
    }
    Ok(())
}

/// The files of `fixtures/truth` that are there. What a missing one would hold, the page names as not run.
fn own_files() -> Result<Vec<PathBuf>> {
    let folder = paths::repository().join("fixtures/truth");
    let (here, missing): (Vec<PathBuf>, Vec<PathBuf>) =
        OWN.iter().map(|name| folder.join(name)).partition(|path| path.is_file());
    for path in missing {
        eprintln!("no `{}`: run `cargo xtask fixtures` or `cargo xtask observe`", path.display());
    }
    anyhow::ensure!(!here.is_empty(), "nothing was observed yet: run `cargo xtask observe` and `cargo xtask fixtures`");
    Ok(here)
}

fn rows(files: &[PathBuf]) -> Result<Vec<Row>> {
    let mut predictor = Predictor::new();
    let mut rows = Vec::new();
    for file in files {
        let values = fixtures::lines(file)?;
        eprintln!("`{}`: {} observations", file.display(), values.len());
        for (index, value) in values.into_iter().enumerate() {
            let line = Line::parse(value).with_context(|| format!("`{}` line {}", file.display(), index + 1))?;
            rows.push(row(line, &mut predictor)?);
        }
    }
    Ok(rows)
}

fn row(line: Line, predictor: &mut Predictor) -> Result<Row> {
    let observed = line.class();
    let foreseen = predictor.predict(&line).with_context(|| format!("while predicting {}", line.name()))?;
    Ok(Row {
        judgement: Judgement::of(&foreseen.class, &observed),
        predicted: foreseen.class,
        consumer: foreseen.consumer,
        foreseen: foreseen.exception,
        doubt: foreseen.doubt,
        seen: line.exception(),
        line,
    })
}
