//! Data goes to standard output or a file, everything else to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use render::Colour;

use crate::args::ColourChoice;

/// Writes data. A reader that went away (`numpact | head`) has what it wanted, so a broken pipe is no failure.
pub(crate) fn write(text: &str, file: Option<&Path>) -> Result<()> {
    if let Some(file) = file {
        return std::fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()));
    }
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Tells something on standard error: `error: no such thing`. If even that fails, there is nobody to tell.
pub(crate) fn complain(word: &str, message: &str) {
    let _ = writeln!(io::stderr().lock(), "{word}: {message}");
}

/// Whether to write colours: what the flag says, else only to a terminal, and not where `NO_COLOR` is set.
pub(crate) fn colour(choice: ColourChoice, file: Option<&Path>) -> Colour {
    let wanted = match choice {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => file.is_none() && io::stdout().is_terminal() && !set("NO_COLOR") && !dumb(),
    };
    if wanted { Colour::On } else { Colour::Off }
}

fn set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
