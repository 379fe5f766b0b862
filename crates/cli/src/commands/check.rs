//! `numpact check`: finds out what each target is, has it judged, and writes the report.
//!
//! A new kind of target is a variant of [`targets::Target`](super::targets::Target), a line in its `of` and a module of
//! [`pipeline`] that judges it; the rest of the program does not change.

use anyhow::{Result, bail};
use contract::experiment::{Agreement, Trial};
use contract::report::{Fetched, Report, TargetKind, TargetReport};
use contract::rules::{expectation, mixed_wheels};
use indicatif::HumanBytes;
use render::{Ignored, Page, TargetHint, Tool};
use sources::wheel::WheelName;

use super::targets::targets;
use crate::args::{CheckArgs, OutputFormat};
use crate::exit::ExitStatus;
use crate::output;
use crate::pipeline::{self, ignored};
use crate::settings::Settings;

pub(super) fn run(arguments: &CheckArgs) -> Result<ExitStatus> {
    let folder = std::env::current_dir()?;
    let settings = Settings::new(arguments, &folder)?;
    let progress = !arguments.common.quiet;
    let mut report = Report::default();
    let (mut hints, mut trials) = (Vec::new(), Vec::new());
    for target in targets(&settings)? {
        for mut checked in target.check(&settings, progress)? {
            if settings.confirm && checked.report.kind != TargetKind::Environment {
                bail!("`--confirm` imports from environments, and `{}` is none", checked.report.path);
            }
            hold_to(settings.expect.as_deref(), settings.python.is_some(), &mut checked.report);
            let wanted = settings.format == OutputFormat::Text && !arguments.common.quiet;
            tell(checked.report.fetched.filter(|_| wanted));
            // A folder may be an environment and hold a project as well.
            let file = target.file().filter(|_| checked.report.kind != TargetKind::Environment);
            report.targets.push(checked.report);
            hints.push(TargetHint { file: file.map(|file| file.display().to_string()), ..checked.hint });
            trials.push(checked.trials);
        }
    }
    for (target, finding) in mixed_wheels(&report, knowledge::releases()) {
        report.targets.get_mut(target).into_iter().for_each(|target| target.findings.push(finding.clone()));
    }
    if settings.expect.is_some() {
        make_sure_of_wheels(&report)?;
    }
    let ignored = ignored::take_out(&mut report, &settings);
    let tool = Tool { version: env!("CARGO_PKG_VERSION"), knowledge: knowledge::KNOWLEDGE_DATE };
    let folder = folder.display().to_string();
    let page = Page { report: &report, ignored: &ignored, hints: &hints, trials: &trials, folder: &folder, tool };
    write(arguments, &settings, &page)?;
    warn(settings.format, &trials);
    status(arguments, &settings, &report, &ignored)
}

/// What is expected is expected of wheels, and of what a build of sources would give. Sources that are built without NumPy may
/// lie beside wheels, as in `dist/*`.
fn make_sure_of_wheels(report: &Report) -> Result<()> {
    let held = |target: &TargetReport| {
        let builds = || target.distributions.iter().filter_map(|distribution| distribution.build.as_ref());
        target.kind == TargetKind::Wheel || builds().any(|build| !build.requires.is_empty())
    };
    let any = report.targets.iter().any(held);
    for other in report.targets.iter().filter(|target| !held(target)) {
        if other.kind != TargetKind::SourceTree {
            bail!("`--expect` is about wheels and sources, and `{}` is none", other.path);
        }
        let told = format!("`{}` is built without NumPy: there is nothing to hold `--expect` against", other.path);
        if !any {
            bail!("{told}");
        }
        output::complain("note", &told);
    }
    Ok(())
}

/// Adds what the user's expectation of a wheel or of sources finds. `one_python`: the user asked for one, where a wheel may be
/// for several.
fn hold_to(expected: Option<&str>, one_python: bool, report: &mut TargetReport) {
    let held = matches!(report.kind, TargetKind::Wheel | TargetKind::SourceTree);
    let Some(expected) = expected.filter(|_| held) else { return };
    let name = report.path.rsplit(['/', '\\']).next().and_then(WheelName::parse);
    let stable = name.is_some_and(|name| name.tags.iter().any(|tag| tag.abi == "abi3"));
    report.findings.extend(expectation(report, expected, stable && !one_python, knowledge::releases()));
    // Most severe first, as everywhere.
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

/// What was fetched, for people who wait for it.
pub(super) fn tell(fetched: Option<Fetched>) {
    if let Some(fetched) = fetched {
        output::complain("note", &cost(fetched));
    }
}

/// What was fetched, and what of it was verified.
fn cost(Fetched { bytes, of }: Fetched) -> String {
    let verified = if (1..of).contains(&bytes) {
        "; compressed files that use NumPy's C API were read whole and their checksums verified, others in part"
    } else {
        ""
    };
    // How large a wheel is, an index need not say; what is remembered from before was not asked again.
    let all = if of == 0 { String::new() } else { format!(" of {} in all", HumanBytes(of)) };
    format!("fetched {} of wheels{all}{verified}", HumanBytes(bytes))
}

/// Formats that do not tell of trials leave it to standard error that one contradicts the report.
fn warn(format: OutputFormat, trials: &[Vec<Trial>]) {
    let all = trials.iter().flatten();
    let contradicts: Vec<&Trial> = all.filter(|trial| trial.agreement() == Agreement::Disagrees).collect();
    if !contradicts.is_empty() && format != OutputFormat::Text {
        output::complain("warning", render::probe::disagreement(&contradicts).trim_end());
    }
}

fn write(arguments: &CheckArgs, settings: &Settings, page: &Page<'_>) -> Result<()> {
    let file = arguments.output_file.as_deref();
    let text = match settings.format {
        OutputFormat::Text => {
            render::text::to_text(page, arguments.common.detail(), output::colour(arguments.common.color, file))
        }
        OutputFormat::Concise => render::concise::to_concise(page),
        OutputFormat::Json => render::json::to_json(page)?,
        OutputFormat::Sarif => render::sarif::to_sarif(page)?,
        OutputFormat::Github => render::github::to_github(page),
    };
    output::write(&text, file)
}

/// What the report means for whoever called.
fn status(arguments: &CheckArgs, settings: &Settings, report: &Report, ignored: &[Ignored]) -> Result<ExitStatus> {
    if let Some(target) = report.targets.iter().find(|target| pipeline::lacks_numpy(target)) {
        bail!("there is no NumPy in `{}` to judge against; name one with `--numpy VERSION`", target.path);
    }
    let mut distributions = report.targets.iter().flat_map(|target| &target.distributions);
    let compiled = distributions.any(|d| !contract::judge::is_numpy(&d.name) && !d.binaries.is_empty());
    if ignored::found(report, ignored, settings.fail_on) {
        return Ok(if arguments.exit_zero { ExitStatus::Fine } else { ExitStatus::Found });
    }
    Ok(if compiled { ExitStatus::Fine } else { ExitStatus::NothingToCheck })
}

#[cfg(test)]
mod tests {
    use contract::report::Fetched;

    use super::cost;

    #[test]
    fn what_was_read_in_part_is_said_to_be_unverified() {
        assert_eq!(cost(Fetched { bytes: 2048, of: 2048 }), "fetched 2.00 KiB of wheels of 2.00 KiB in all");
        assert_eq!(cost(Fetched { bytes: 0, of: 2048 }), "fetched 0 B of wheels of 2.00 KiB in all");
        assert_eq!(cost(Fetched { bytes: 0, of: 0 }), "fetched 0 B of wheels");
        let part = cost(Fetched { bytes: 1024, of: 2048 });
        assert!(part.ends_with("read whole and their checksums verified, others in part"), "{part}");
    }
}
