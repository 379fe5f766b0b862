//! `cargo xtask measure numpy VERSION...`: prints rows for `numpy-contracts.toml`.

use anyhow::{Context as _, Result, bail};
use contract::{Provision, Version};

use super::{live, still, wheel};
use crate::data::{ContractRow, MeasuredWheel};
use crate::index::{self, File, WheelName};

/// Which releases, and in which of their wheels.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Releases such as `1.26.4`, in ascending order; one row comes out for each change, and for each minor line
    #[arg(required = true)]
    versions: Vec<Version>,
    /// The CPython whose wheel is measured, such as `3.11`; without it, the newest that is here
    #[arg(long, value_parser = minor)]
    python: Option<(u8, u8)>,
    /// The platform tag of the wheel, such as `win_amd64`; one that does not run here is read without an import
    #[arg(long)]
    platform: Option<String>,
}

/// `3.11` -> (3, 11).
fn minor(text: &str) -> Result<(u8, u8), String> {
    let numbers = text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    numbers.ok_or_else(|| format!("`{text}` is not a minor version of Python such as `3.11`"))
}

/// Does it.
///
/// # Errors
/// When a wheel cannot be had or measured.
pub(crate) fn run(args: &Args) -> Result<()> {
    let files = index::files("numpy")?;
    let mut rows: Vec<ContractRow> = Vec::new();
    for version in &args.versions {
        let (wheel, provision) = measure(args, &files, version)?;
        add(&mut rows, version, provision, wheel);
    }
    for row in rows {
        print!("\n{}", text(&row));
    }
    Ok(())
}

fn measure(args: &Args, files: &[File], version: &Version) -> Result<(MeasuredWheel, Provision)> {
    let wheel = wheel::choose(files, version, args.python, args.platform.as_deref())
        .with_context(|| format!("the index has no wheel of NumPy {version} for that Python and platform"))?;
    let file = wheel::file(&wheel)?;
    let read = still::read(&file);
    if !WheelName::parse(&wheel.wheel).is_some_and(|name| wheel::runs_here(&name)) {
        return Ok((wheel, read?));
    }
    let live = live::measure(&wheel)?;
    if live.version.as_ref() != Some(version) {
        bail!("`{}` says that it is another version: {:?}", wheel.wheel, live.version);
    }
    report(&wheel, read, &live);
    Ok((wheel, live))
}

/// Tells on stderr how the two ways of measuring compare.
fn report(wheel: &MeasuredWheel, read: Result<Provision>, live: &Provision) {
    match read.map(|read| still::differences(&read, live)) {
        Ok(differences) if differences.is_empty() => eprintln!("{}: import and reader agree", wheel.wheel),
        Ok(differences) => eprintln!("{}: {}", wheel.wheel, differences.join("; ")),
        Err(why) => eprintln!("{}: measured by import alone: {why:#}", wheel.wheel),
    }
}

/// Adds a measurement: to the last row, when it is of the same line and equal, or as a new row.
fn add(rows: &mut Vec<ContractRow>, version: &Version, provision: Provision, wheel: MeasuredWheel) {
    let Provision { abi, feature, types, null_slots, .. } = provision;
    let new = ContractRow { from: version.clone(), abi, feature, types, null_slots, measured: vec![wheel.clone()] };
    match rows.last_mut() {
        Some(last) if last.from.line() == version.line() && last.provides_the_same_as(&new) => {
            last.measured.push(wheel)
        }
        _ => rows.push(new),
    }
}

/// A row as `numpy-contracts.toml` writes it.
fn text(row: &ContractRow) -> String {
    let types: Vec<String> = row.types.iter().map(|(name, size)| format!("{name} = {size}")).collect();
    let slots: Vec<String> = row.null_slots.iter().map(u16::to_string).collect();
    let wheels = row.measured.iter();
    let wheels: Vec<_> =
        wheels.map(|w| format!("    {{ wheel = \"{}\", sha256 = \"{}\" }},\n", w.wheel, w.sha256)).collect();
    format!(
        "[[contract]]\nfrom = \"{}\"\nabi = {:#010x}\nfeature = {:#x}\ntypes = {{ {} }}\nnull-slots = [{}]\nmeasured = [\n{}]\n",
        row.from,
        row.abi,
        row.feature,
        types.join(", "),
        slots.join(", "),
        wheels.concat()
    )
}
