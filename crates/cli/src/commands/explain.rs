//! `numpact explain`: a pasted text in, a diagnosis out.

pub(crate) mod environment;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use advice::explain::{Context, Diagnosis, Excerpt, Installed, explain};
use anyhow::Context as _;
use render::explain::{Detail, Language, Localizer, to_json, to_text};

use environment::Found;

use crate::exit::ExitStatus;
use crate::output;

/// How much of a text is looked at: its beginning and its end, in bytes. Deciding lines stand at either.
const HEAD: usize = 16 << 20;
const TAIL: usize = 16 << 20;

/// Explain an error text: a traceback, a log, a warning, with or without a list of packages
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file that holds the text; `-` or nothing for standard input
    pub(crate) file: Option<PathBuf>,
    /// A list of installed packages: the output of `pip list`, `pip freeze` or `conda list`
    #[arg(long, value_name = "FILE")]
    pub(crate) installed: Option<PathBuf>,
    /// The environment that the text comes from: its interpreter, or its folder. Nothing: the active one (VIRTUAL_ENV,
    /// CONDA_PREFIX), if the text does not speak against it
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// How to write the diagnosis
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) output_format: DiagnosisFormat,
    #[command(flatten)]
    pub(crate) form: Form,
}

/// How a diagnosis is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DiagnosisFormat {
    /// For people
    Text,
    /// For programs: numpact.diagnosis/1
    Json,
}

/// How a diagnosis is told.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Form {
    /// The language: `en` or `zh-CN`; by default that of the system
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<LanguageTag>,
    /// Tell everything: the lines that decided, whose fault it is, what it is not, what could not be known
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// A language as an argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LanguageTag(pub(crate) Language);

impl std::str::FromStr for LanguageTag {
    type Err = render::explain::LanguageError;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        tag.parse().map(Self)
    }
}

impl Form {
    /// How much to tell.
    pub(crate) fn detail(self) -> Detail {
        if self.verbose { Detail::Full } else { Detail::Short }
    }

    /// The words to tell it in: the language asked for, or the system's.
    pub(crate) fn words(self) -> Localizer {
        let of_system = || {
            let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
            Language::of_locale(&set.into_iter().find(|value| !value.is_empty()).unwrap_or_default())
        };
        Localizer::new(self.lang.map_or_else(of_system, |tag| tag.0))
    }
}

/// Diagnoses a text and writes the diagnosis.
///
/// # Errors
/// When a file cannot be read, or the output cannot be written.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitStatus> {
    let excerpt = read(args.file.as_deref())?;
    refuse_binary(&excerpt)?;
    let installed = args.installed.as_deref().map(list).transpose()?.unwrap_or_default();
    let alone = diagnose(&excerpt, installed.clone(), None);
    let diagnosis = match environment::beside(&alone, args.python.as_deref())? {
        Some(found) => diagnose(&excerpt, installed, Some(&found)),
        None => alone,
    };
    let words = args.form.words();
    let text = match args.output_format {
        DiagnosisFormat::Json => to_json(&diagnosis, &words)?,
        DiagnosisFormat::Text => to_text(&diagnosis, &words, args.form.detail()),
    };
    output::write(&text, None)?;
    Ok(if diagnosis.family.is_some() { ExitStatus::Fine } else { ExitStatus::NothingToCheck })
}

/// A compiled file or an archive says nothing by itself.
fn refuse_binary(excerpt: &Excerpt) -> anyhow::Result<()> {
    anyhow::ensure!(!excerpt.is_empty(), "the input is empty; paste the error's text, or give a file that holds it");
    anyhow::ensure!(
        excerpt.is_text(),
        "the input is no text; paste the error's text (what a compiled file holds is shown by `numpact inspect FILE`)"
    );
    Ok(())
}

/// Diagnoses what was kept of a text.
pub(crate) fn diagnose(excerpt: &Excerpt, installed: Installed, beside: Option<&Found>) -> Diagnosis {
    let context = Context { installed, environment: beside.map(Found::beside), skipped: excerpt.skipped() };
    explain(&excerpt.text(), &context)
}

fn read(file: Option<&Path>) -> anyhow::Result<Excerpt> {
    let mut excerpt = Excerpt::new(HEAD, TAIL);
    match file.filter(|path| *path != Path::new("-")) {
        Some(path) => sources::text::pieces(path, |piece| excerpt.push(piece))?,
        None => {
            if io::stdin().is_terminal() {
                let _ = writeln!(io::stderr(), "Paste the text, then press Ctrl-D (Windows: Ctrl-Z and Enter)");
            }
            sources::text::pieces_of(io::stdin().lock(), |piece| excerpt.push(piece))
                .context("standard input cannot be read")?;
        }
    }
    Ok(excerpt)
}

fn list(path: &Path) -> anyhow::Result<Installed> {
    let mut excerpt = Excerpt::new(HEAD, 0);
    sources::text::pieces(path, |piece| excerpt.push(piece))?;
    let installed = Installed::read(&excerpt.text());
    anyhow::ensure!(!installed.is_empty(), "`{}` holds no list of packages that numpact can read", path.display());
    Ok(installed)
}
