//! `cargo xtask broken`: makes the really broken environments of `fixtures/broken`, lets `numpact fix` mend them, and writes
//! `docs/mends.md`. Needs the package index, CPython 3.8 to 3.13, a C compiler, and uv for the cases that it makes.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{demo, paths, python};

/// Options of `cargo xtask broken`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The cases to try; all of them, and a new page, where none is named
    cases: Vec<String>,
}

/// Tries the cases.
pub(crate) fn run(args: &Args) -> Result<()> {
    let numpact = demo::build()?;
    let mut command = Command::new(python::PYTHON);
    command.arg(python::script("broken.py")).arg("--numpact").arg(&numpact);
    command.arg("--work").arg(testing::cache().join("broken"));
    if args.cases.is_empty() {
        command.arg("--page").arg(paths::repository().join("docs/mends.md"));
    }
    let status = command.args(&args.cases).status().context("cannot start Python")?;
    if !status.success() {
        bail!("not every case ended as it should");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::paths;

    #[test]
    fn every_case_says_what_it_needs_and_pins_what_it_installs() {
        let folder = paths::repository().join("fixtures/broken");
        let entries = std::fs::read_dir(&folder).expect("the cases are in the tree");
        let files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
        assert!(files.len() >= 20, "{} cases", files.len());
        for file in files {
            let text = std::fs::read_to_string(&file).expect("cases are text");
            for key in ["about", "python", "asked", "imports"] {
                assert!(text.contains(&format!("# {key}:")), "`{}` has no `# {key}:`", file.display());
            }
            let pins = testing::read_pins(&file).expect("whatever is no comment is a pin");
            assert!(pins.iter().any(|pin| pin.name == "numpy"), "`{}` pins no NumPy", file.display());
        }
    }
}
