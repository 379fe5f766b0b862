//! `numpact fix`: shows plans that mend an environment, does one of them, takes one back.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use advice::plan::Plan;
use anyhow::{Result, bail};
use render::fix::{Done, FixPage, done_to_text, head_to_text, plans_to_text, to_json, to_text};
use sources::environment::{self, Place, Surroundings};

use crate::args::Common;
use crate::exit::ExitStatus;
use crate::output;
use crate::pipeline;
use crate::pipeline::fix::{Applied, Installed, Mending, apply, mend, most_plans, obstacle};
use crate::settings::Settings;

/// Show what would mend an environment, each plan proved beforehand; apply one, or take one back
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment: a virtual environment, an interpreter, a conda prefix, a site-packages folder. Nothing: the active
    /// one
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<PathBuf>,
    /// Show, or apply, the plan of this number alone
    #[arg(long, value_name = "NUMBER")]
    pub(crate) plan: Option<usize>,
    /// Apply a plan, the first where `--plan` names none: what was there is kept, the environment is checked again, what
    /// was broken is imported, and everything is put back if it is not better
    #[arg(long)]
    pub(crate) apply: bool,
    /// Do not ask before anything is installed
    #[arg(short, long, requires = "apply")]
    pub(crate) yes: bool,
    /// Put back what was there before the last `--apply`, one that was cut short included; fetches nothing
    #[arg(long, conflicts_with_all = ["apply", "plan"])]
    pub(crate) undo: bool,
    /// Fetch nothing: only what this machine holds can be chosen
    #[arg(long)]
    pub(crate) offline: bool,
    /// How to write the plans
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) output_format: FixFormat,
    /// Write them to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// How plans are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FixFormat {
    /// For people
    Text,
    /// For programs: numpact.fix/1
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitStatus> {
    let place = args.target.clone().map_or(Place::Active, Place::Path);
    if args.undo {
        return undo(&place);
    }
    if args.plan == Some(0) {
        bail!("there is no plan 0: plans are numbered from 1");
    }
    let settings = Settings::for_environment(args.offline);
    tell_of_unfinished(&place)?;
    let installed = Installed::gather(&place, &settings, !args.common.quiet)?;
    if pipeline::lacks_numpy(&installed.report) {
        bail!("there is no NumPy in `{}` to judge against; install one first", installed.report.path);
    }
    let unsought = Mending::unsought(installed);
    if !unsought.installed.is_broken() {
        write(args, &unsought, None)?;
        return Ok(ExitStatus::Fine);
    }
    may_be_done(args, &unsought.installed)?;
    let told = tell_first(args, &unsought)?;
    let wanted = if args.apply { Some(args.plan.unwrap_or(1)) } else { None };
    let mut mending = mend(unsought.installed, &settings, wanted, !args.common.quiet)?;
    if !args.apply {
        choose(&mut mending, args.plan)?;
        if told {
            write_plans(args, &mending)?
        } else {
            write(args, &mending, None)?
        }
        return Ok(ExitStatus::Found);
    }
    change(args, mending, &place, &settings)
}

/// Whatever needs no search: finding plans takes long, and is lost where they cannot be had or done.
fn may_be_done(args: &Args, installed: &Installed) -> Result<()> {
    let most = most_plans(installed);
    if let Some(number) = args.plan.filter(|number| *number > most) {
        bail!("there is no plan {number}: no more than {most} are looked for here");
    }
    if !args.apply {
        return Ok(());
    }
    if let Some(why) = obstacle(installed) {
        bail!(why);
    }
    if !args.yes && !io::stdin().is_terminal() {
        bail!("nothing is installed without a yes, and nobody is there to ask; `--yes` says it beforehand");
    }
    Ok(())
}

/// Says what is broken before plans are looked for, where a person reads it. Gives whether it did.
fn tell_first(args: &Args, mending: &Mending) -> Result<bool> {
    let tells = !args.apply && args.output_format == FixFormat::Text && args.output_file.is_none();
    if tells {
        output::write(&head_to_text(&page(mending), output::colour(args.common.color, None)), None)?;
    }
    Ok(tells)
}

fn write_plans(args: &Args, mending: &Mending) -> Result<()> {
    output::write(&plans_to_text(&page(mending), output::colour(args.common.color, None)), None)
}

/// Does the plan that was asked for, or the first.
fn change(args: &Args, mut mending: Mending, place: &Place, settings: &Settings) -> Result<ExitStatus> {
    if args.plan.is_some() || !mending.plans.is_empty() {
        choose(&mut mending, Some(args.plan.unwrap_or(1)))?;
    }
    let Some(plan) = mending.plans.first() else {
        write(args, &mending, None)?;
        return Ok(ExitStatus::Found);
    };
    if !args.yes && !agreed(args, &mending)? {
        bail!("nothing was changed");
    }
    let applied = apply(plan, &mending.installed, place, settings)?;
    write(args, &mending, Some(&applied))?;
    Ok(if applied.stays() { ExitStatus::Fine } else { ExitStatus::Found })
}

/// Keeps the plan of a number alone.
fn choose(mending: &mut Mending, number: Option<usize>) -> Result<()> {
    let Some(number) = number else { return Ok(()) };
    let found = mending.plans.len();
    let plan: Option<Plan> = number.checked_sub(1).and_then(|index| mending.plans.get(index).cloned());
    let Some(plan) = plan else { bail!("there is no plan {number}: {found} were found") };
    (mending.plans, mending.first) = (vec![plan], number);
    if number > 1 {
        // What stands in the way of others was told where all of them were shown.
        mending.refusals.clear();
        mending.hopeless.clear();
    }
    Ok(())
}

/// Shows the plan and asks.
fn agreed(args: &Args, mending: &Mending) -> Result<bool> {
    let page = page(mending);
    output::write(&to_text(&page, output::colour(args.common.color, None)), None)?;
    output::complain("question", "apply this plan? [y/N]");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// The folder that an environment is known by. What is broken in it does not matter here.
fn root(place: &Place) -> Result<PathBuf> {
    Ok(environment::discover(place, &Surroundings::from_process())?.root)
}

fn undo(place: &Place) -> Result<ExitStatus> {
    let root = root(place)?;
    let restored = runner::change::restore(&root)?;
    let runner::change::Restored { title, files, removed } = restored;
    output::write(
        &format!(
            "{}: what was there before `{title}` is there again: {files} files put back, {removed} removed\n",
            root.display()
        ),
        None,
    )?;
    Ok(ExitStatus::Fine)
}

/// A change that was cut short comes first: no plan is worth anything before it is mended.
fn tell_of_unfinished(place: &Place) -> Result<()> {
    let root = root(place)?;
    match runner::change::kept(&root)? {
        Some(journal) if journal.state == runner::change::State::Changing => {
            bail!(runner::change::ChangeError::Unfinished { root, title: journal.title })
        }
        _ => Ok(()),
    }
}

fn page(mending: &Mending) -> FixPage<'_> {
    FixPage {
        report: &mending.installed.report,
        hint: &mending.installed.hint,
        plans: &mending.plans,
        first: mending.first,
        refusals: &mending.refusals,
        hopeless: &mending.hopeless,
        offline: mending.offline,
    }
}

fn write(args: &Args, mending: &Mending, applied: Option<&Applied>) -> Result<()> {
    let page = page(mending);
    let file: Option<&Path> = args.output_file.as_deref();
    let done = applied.map(done);
    let text = match (args.output_format, &done) {
        (FixFormat::Text, None) => to_text(&page, output::colour(args.common.color, file)),
        (FixFormat::Text, Some(done)) => done_to_text(&page, done, output::colour(args.common.color, file)),
        (FixFormat::Json, done) => to_json(&page, done.as_ref())?,
    };
    output::write(&text, file)
}

fn done(applied: &Applied) -> Done {
    let import = |tried: &crate::pipeline::fix::Tried| render::fix::Import {
        distribution: tried.distribution.clone(),
        module: tried.module.clone(),
        used: tried.used,
        milliseconds: u64::try_from(tried.elapsed.as_millis()).unwrap_or(u64::MAX),
        failure: tried.failure.clone(),
    };
    Done {
        title: applied.title.clone(),
        imports: applied.tried.iter().map(import).collect(),
        taken_back: applied.taken_back.clone(),
        not_tried: applied.not_tried.clone(),
        kept: applied.kept.as_ref().map(|kept| kept.display().to_string()),
    }
}
