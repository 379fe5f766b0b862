//! `cargo xtask accuracy`: holds what numpact predicts against what was seen, and writes `docs/accuracy.md`.
//!
//! Reads files of JSON lines in the two shapes of `fixtures/truth`: imports of wheels' modules (`observed.jsonl`) and
//! builds of `fixtures/src` (`built.jsonl`). Nothing is imported here: predictions come from the files' bytes.

mod class;
mod line;
mod page;
mod predict;

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::accuracy::class::{Class, Judgement};
use crate::accuracy::line::Line;
use crate::accuracy::predict::Predictor;
use crate::{fixtures, observe, paths};

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
    /// The exception foreseen and the one seen; `None` where one of them is missing.
    pub(crate) exceptions: Option<(String, String)>,
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
    let rows = rows(&files(args))?;
    let page = page::page(&rows);
    println!("{page}");
    if args.truth.is_empty() && !args.print_only {
        let target = paths::repository().join("docs/accuracy.md");
        std::fs::write(&target, page).with_context(|| format!("`{}`", target.display()))?;
    }
    Ok(())
}

fn files(args: &Args) -> Vec<PathBuf> {
    if !args.truth.is_empty() {
        return args.truth.clone();
    }
    ["built.jsonl", "observed.jsonl"].map(|name| paths::repository().join("fixtures/truth").join(name)).to_vec()
}

fn rows(files: &[PathBuf]) -> Result<Vec<Row>> {
    let mut predictor = Predictor::new();
    let mut rows = Vec::new();
    for file in files {
        for (index, value) in fixtures::lines(file)?.into_iter().enumerate() {
            let line = Line::parse(value).with_context(|| format!("`{}` line {}", file.display(), index + 1))?;
            rows.push(row(line, &mut predictor)?);
        }
    }
    Ok(rows)
}

fn row(line: Line, predictor: &mut Predictor) -> Result<Row> {
    let observed = line.class();
    let foreseen = predictor.predict(&line).with_context(|| format!("while predicting {}", line.name()))?;
    let exceptions = foreseen.exception.zip(line.exception());
    let judgement = Judgement::of(&foreseen.class, &observed);
    Ok(Row { judgement, predicted: foreseen.class, consumer: foreseen.consumer, exceptions, line })
}
