//! Prints what is found of the environment named on the command line, or of the active one.

use std::io::{self, Write};

use numpact_sources::environment::{Environment, Place, Surroundings, discover};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = std::env::args_os().nth(1).map_or(Place::Active, |path| Place::Path(path.into()));
    let environment = discover(&place, &Surroundings::from_process())?;
    print(&environment, &mut io::stdout().lock())?;
    Ok(())
}

fn print(environment: &Environment, out: &mut dyn Write) -> io::Result<()> {
    let Environment { root, interpreter, python, kind, externally_managed, .. } = environment;
    writeln!(out, "{kind:?} {root:?} {interpreter:?} {python:?} externally managed: {externally_managed}")?;
    for folder in &environment.search_path {
        writeln!(out, "searched: {}", folder.display())?;
    }
    for d in &environment.distributions {
        let (compiled, python, missing) = (d.compiled.len(), d.python_files.len(), d.missing_files);
        let numpy = d.requires_numpy.as_deref().unwrap_or("-");
        writeln!(
            out,
            "{} {} by {:?} ({:?}, requested: {}): {compiled} compiled, {python} Python, {missing} missing; numpy {numpy}",
            d.name, d.version, d.installer, d.recorded_by, d.requested
        )?;
    }
    environment.unowned.iter().try_for_each(|file| writeln!(out, "unowned: {}", file.path))?;
    environment.numpys.iter().try_for_each(|numpy| writeln!(out, "{numpy:?}"))?;
    environment.problems.iter().try_for_each(|problem| writeln!(out, "problem: {problem}"))
}
