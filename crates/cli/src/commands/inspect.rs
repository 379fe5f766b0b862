//! `numpact inspect`: everything read from one compiled file.

use anyhow::{Context as _, Result, bail};
use reader::ByteSource as _;
use render::inspect::{Inspection, to_json, to_text};
use sources::FileSource;

use crate::args::{InspectArgs, InspectFormat};
use crate::exit::ExitStatus;
use crate::output;

pub(super) fn run(arguments: &InspectArgs) -> Result<ExitStatus> {
    let path = arguments.file.display().to_string();
    let source = FileSource::open(&arguments.file).with_context(|| format!("cannot open `{path}`"))?;
    let facts = reader::read(&source);
    if facts.is_empty() {
        bail!("`{path}` is no compiled file that numpact reads: no ELF, Mach-O or PE");
    }
    let itself =
        arguments.file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("_multiarray_umath."));
    let provisions = if itself { reader::provisions(&source) } else { Vec::new() };
    let inspection = Inspection { path, size: source.size(), facts, provisions };
    let file = arguments.output_file.as_deref();
    let text = match arguments.output_format {
        InspectFormat::Text => to_text(&inspection, output::colour(arguments.color, file)),
        InspectFormat::Json => to_json(&inspection)?,
    };
    output::write(&text, file)?;
    Ok(ExitStatus::Fine)
}
