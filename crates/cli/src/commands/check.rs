//! `numpact check`: finds out what each target is, has it judged, and writes the report.
//!
//! A new kind of target is a variant of [`Target`], a line in [`Target::of`] and a module that makes a
//! [`Checked`] of it; the rest of the program does not change.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use contract::report::Report;
use render::{Detail, Ignored, Page, TargetHint, Tool};
use sources::environment::{Place, Surroundings};

use crate::args::{CheckArgs, OutputFormat};
use crate::exit::ExitStatus;
use crate::output;
use crate::pipeline::{self, Checked, ignored};
use crate::settings::{PythonChoice, Settings};

/// What is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// An environment.
    Environment(Place),
    /// One compiled file.
    Binary(PathBuf),
}

impl Target {
    /// What a word on the command line means.
    fn of(path: &Path) -> Result<Self> {
        if is_compiled(path) && path.is_file() {
            return Ok(Self::Binary(path.to_path_buf()));
        }
        if let Some(what) = other_kind(path) {
            bail!(
                "`{}` is {what}, and `numpact check` takes environments and compiled files; install it into a virtual \
                 environment and name that",
                path.display()
            );
        }
        Ok(Self::Environment(Place::Path(path.to_path_buf())))
    }

    fn check(&self, settings: &Settings, progress: bool) -> Result<Checked> {
        match self {
            Self::Environment(place) => pipeline::environment::check(place, settings, progress),
            Self::Binary(path) => pipeline::binary::check(path, settings),
        }
    }
}

/// By the name of the file: `.so`, `.so.1`, `.pyd`, `.dylib`, `.dll`.
fn is_compiled(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    [".so", ".pyd", ".dylib", ".dll"].iter().any(|end| name.ends_with(end)) || name.contains(".so.")
}

/// Files that hold no environment, by their name.
fn other_kind(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ends = |end: &str| name.ends_with(end) && !path.is_dir();
    [(".whl", "a wheel"), (".txt", "a list of requirements"), (".lock", "a lock file"), (".toml", "a TOML file")]
        .into_iter()
        .find_map(|(end, what)| ends(end).then_some(what))
}

pub(super) fn run(arguments: &CheckArgs) -> Result<ExitStatus> {
    let settings = Settings::new(arguments, &std::env::current_dir()?)?;
    let progress = !arguments.common.quiet;
    let mut report = Report::default();
    let mut hints = Vec::new();
    for target in targets(&settings)? {
        let checked = target.check(&settings, progress)?;
        report.targets.push(checked.report);
        hints.push(checked.hint);
    }
    let ignored = ignored::take_out(&mut report, &settings);
    write(arguments, &settings, &report, &ignored, &hints)?;
    status(arguments, &settings, &report, &ignored)
}

/// What the user named; nothing is the Python of `--python`, or the active environment.
fn targets(settings: &Settings) -> Result<Vec<Target>> {
    if !settings.targets.is_empty() {
        return settings.targets.iter().map(|path| Target::of(path)).collect();
    }
    let place = match &settings.python {
        None => Place::Active,
        Some(PythonChoice::Path(path)) => Place::Path(path.clone()),
        Some(PythonChoice::Version(version)) => Place::Path(on_path(version)?),
    };
    Ok(vec![Target::Environment(place)])
}

/// The interpreter of that version on PATH.
fn on_path(version: &str) -> Result<PathBuf> {
    let names = [format!("python{version}"), format!("python{version}.exe")];
    let folders = Surroundings::from_process().path;
    let candidates = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    match candidates.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!("no `python{version}` is on PATH; give the path of an interpreter instead"),
    }
}

fn write(
    arguments: &CheckArgs,
    settings: &Settings,
    report: &Report,
    ignored: &[Ignored],
    hints: &[TargetHint],
) -> Result<()> {
    let tool = Tool { version: env!("CARGO_PKG_VERSION"), knowledge: knowledge::KNOWLEDGE_DATE };
    let page = Page { report, ignored, hints, tool };
    let file = arguments.output_file.as_deref();
    let text = match settings.format {
        OutputFormat::Text => {
            render::text::to_text(&page, detail(arguments), output::colour(arguments.common.color, file))
        }
        OutputFormat::Concise => render::concise::to_concise(&page),
        OutputFormat::Json => render::json::to_json(&page)?,
        OutputFormat::Sarif => render::sarif::to_sarif(&page)?,
        OutputFormat::Github => render::github::to_github(&page),
    };
    output::write(&text, file)
}

fn detail(arguments: &CheckArgs) -> Detail {
    match (arguments.common.quiet, arguments.common.verbose) {
        (true, _) => Detail::Counts,
        (_, true) => Detail::Everything,
        _ => Detail::Attention,
    }
}

/// What the report means for whoever called.
fn status(arguments: &CheckArgs, settings: &Settings, report: &Report, ignored: &[Ignored]) -> Result<ExitStatus> {
    if let Some(target) = report.targets.iter().find(|target| pipeline::lacks_numpy(target)) {
        bail!("there is no NumPy in `{}` to judge against; name one with `--numpy VERSION`", target.path);
    }
    let mut distributions = report.targets.iter().flat_map(|target| &target.distributions);
    let compiled = distributions.any(|d| !d.name.eq_ignore_ascii_case("numpy") && !d.binaries.is_empty());
    if ignored::found(report, ignored, settings.fail_on) {
        return Ok(if arguments.exit_zero { ExitStatus::Fine } else { ExitStatus::Found });
    }
    Ok(if compiled { ExitStatus::Fine } else { ExitStatus::NothingToCheck })
}
