//! `cargo xtask measure check`: holds the generated table against imports of the wheels that it names.

use anyhow::{Context as _, Result, ensure};
use contract::Provision;

use super::{live, still, wheel};
use crate::data::{self, MeasuredWheel};
use crate::index::WheelName;
use crate::python;

/// How much to check.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The smallest number of releases that must be imported for the check to count
    #[arg(long, default_value_t = 12)]
    at_least: usize,
}

/// How many wheels came out how.
#[derive(Default)]
struct Count {
    imported: usize,
    differing: usize,
    skipped: usize,
    read: usize,
}

/// Does it, and prints a line a wheel.
///
/// # Errors
/// When a wheel cannot be had or imported, something differs, or too few wheels can run here.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut count = Count::default();
    for wheel in data::contracts()?.contract.into_iter().flat_map(|row| row.measured) {
        let line = check(&wheel, &mut count).with_context(|| format!("cannot check `{}`", wheel.wheel))?;
        println!("{}: {line}", wheel.wheel);
    }
    let Count { imported, differing, skipped, read } = count;
    println!("{imported} imported, {read} of them read as well, {differing} differ, {skipped} cannot run here");
    ensure!(imported >= args.at_least, "{imported} wheels could be imported, of at least {}", args.at_least);
    ensure!(differing == 0, "{differing} wheels differ; see the lines above");
    Ok(())
}

/// Checks one wheel and tells the outcome in words.
fn check(wheel: &MeasuredWheel, count: &mut Count) -> Result<String> {
    let Some(name) = WheelName::parse(&wheel.wheel).filter(can_run) else {
        count.skipped += 1;
        return Ok("not imported, there is no interpreter for it here".to_owned());
    };
    let live = live::measure(wheel)?;
    let release = knowledge::release(&name.version).context("the table does not have this release")?;
    let read = still::read(&wheel::file(wheel)?);
    count.imported += 1;
    count.read += usize::from(read.is_ok());
    let mut found = against_table(&release.provision, &live);
    found.extend(read.iter().flat_map(|read| still::differences(read, &live)).map(|line| format!("reader: {line}")));
    count.differing += usize::from(!found.is_empty());
    Ok(match (found.is_empty(), read) {
        (false, _) => found.join("; "),
        (true, Ok(_)) => "table, import and reader agree".to_owned(),
        (true, Err(why)) => format!("table and import agree; {why:#}"),
    })
}

/// Whether this machine has a Python for the wheel.
fn can_run(name: &WheelName) -> bool {
    wheel::runs_here(name) && name.pythons.iter().any(|minor| python::find(*minor).is_some())
}

fn against_table(table: &Provision, live: &Provision) -> Vec<String> {
    let mut found: Vec<String> = still::differences(table, live).iter().map(|line| format!("table: {line}")).collect();
    if table.types.keys().ne(live.types.keys()) {
        found.push("the table knows other types than the import was asked for".to_owned());
    }
    found
}
