//! The command line as it is typed. [`crate::settings`] makes sense of it.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use render::Detail;

const EXAMPLES: &str = "\
Examples:
  numpact                            check the active environment
  numpact .venv                      check a virtual environment
  numpact --numpy 2.2.6              what if: judge it against NumPy 2.2.6
  numpact --confirm .venv            import what is said to fail
  numpact --output-format json .venv > report.json
  numpact --expect 'numpy>=1.23,<3' dist/*.whl
  numpact uv.lock --python 3.11      what a lock file would install
  numpact poetry.lock --no-groups    ... without its groups for development
  numpact requirements.txt --python 3.12 --platform windows-x86_64
  numpact 'torch==2.2.2' 'numpy==2.2.4' --python 3.11 --platform macos-x86_64
  numpact . --python 3.11            what a build would compile against
  numpact pyproject.toml --group test
  numpact matrix .venv               each distribution under every NumPy release
  numpact inspect path/to/_core.so   everything read from one compiled file
  numpact rule numpy-major-mismatch  what a finding means and how to mend it

Exit status: 0 no distribution is incompatible, 1 one is (or what --fail-on names), 2 could not do its work or was used \
wrongly, 3 nothing compiled to check";

/// Finds out from the bytes of compiled Python extensions, without importing them, whether they fit a NumPy
#[derive(Debug, Parser)]
#[command(name = "numpact", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do; `check` where nothing is said
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The arguments of `check`, which needs not be said.
    #[command(flatten)]
    pub(crate) check: CheckArgs,
}

impl Arguments {
    /// What is to be done. `--color`, `-q` and `-v` may stand before a command; everything else belongs after it.
    ///
    /// # Errors
    /// When something stands before a command that would be lost.
    pub(crate) fn into_command(self) -> Result<Command, String> {
        let Self { command, check: before } = self;
        let rest = CheckArgs { common: before.common, ..CheckArgs::default() };
        match command {
            None => match before.targets.first().and_then(|word| mistyped(word)) {
                Some(told) => Err(told),
                None => Ok(Command::Check(before)),
            },
            Some(_) if before != rest => {
                Err("a target or an option stands before the command; put it behind".to_owned())
            }
            Some(Command::Check(mut check)) => {
                check.common = check.common.or(before.common);
                Ok(Command::Check(check))
            }
            Some(Command::Matrix(mut matrix)) => {
                matrix.common = matrix.common.or(before.common);
                Ok(Command::Matrix(matrix))
            }
            Some(Command::Inspect(mut inspect)) => {
                inspect.color = inspect.color.or(before.common.color);
                Ok(Command::Inspect(inspect))
            }
            Some(Command::Probe(mut probe)) => {
                probe.common = probe.common.or(before.common);
                Ok(Command::Probe(probe))
            }
            Some(command) => Ok(command),
        }
    }
}

/// What to say to a first word that is nothing here and nearly a command: as the name of a distribution an installer
/// would be asked for it.
fn mistyped(word: &Path) -> Option<String> {
    let text = word.to_str().filter(|text| !word.exists() && text.chars().all(|c| c.is_ascii_lowercase()))?;
    let commands = Arguments::command();
    let near = commands.get_subcommands().map(clap::Command::get_name).find(|name| is_near(text, name))?;
    Some(format!(
        "there is no command `{text}`; did you mean `{near}`? The distribution of that name is checked by `numpact check {text}`"
    ))
}

/// Two slips in a long word; in a short one, which many names are near to, its own letters in another order.
fn is_near(word: &str, command: &str) -> bool {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let distance = strsim::osa_distance(word, command);
    if command.len() > 4 { distance <= 2 } else { distance <= 1 && letters(word) == letters(command) }
}

impl Common {
    fn or(self, before: Self) -> Self {
        Self {
            color: self.color.or(before.color),
            quiet: self.quiet || before.quiet,
            verbose: self.verbose || before.verbose,
        }
    }

    /// How much to tell in text.
    pub(crate) fn detail(self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Counts,
            (_, true) => Detail::Everything,
            _ => Detail::Attention,
        }
    }
}

impl ColourChoice {
    fn or(self, before: Self) -> Self {
        if self == Self::Auto { before } else { self }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check environments, wheels, lock files, requirements or compiled files against a NumPy
    #[command(after_help = EXAMPLES)]
    Check(CheckArgs),
    /// Show under which NumPy releases each distribution works, by its bytes and by its metadata
    #[command(after_help = "\
Examples:
  numpact matrix                     the active environment
  numpact matrix .venv --numpy '>=1.26'
  numpact matrix uv.lock --python 3.12 --platform windows-x86_64
  numpact matrix dist/*.whl --output-format json

Exit status: 0 shown, 2 could not do its work or was used wrongly, 3 nothing compiled to show")]
    Matrix(MatrixArgs),
    /// Show everything read from one compiled file, with the evidence
    #[command(after_help = "\
Examples:
  numpact inspect path/to/_core.cpython-311-x86_64-linux-gnu.so
  numpact inspect --output-format json _core.pyd")]
    Inspect(InspectArgs),
    /// Import modules in processes of their own, under NumPys of your choice, beside what the bytes say
    #[command(after_help = "\
Examples:
  numpact probe                      what uses NumPy, under the NumPy at hand
  numpact probe pandas --numpy 1.26.4,2.0.2,2.2.6
  numpact probe pandas._libs.lib --python .venv
  numpact probe --numpy 2.2.6 --output-format json

Each NumPy is fetched by uv or pip into numpact's cache and put in front of the search path; the environment is not \
changed. Importing runs the modules' code, with your rights.

Exit status: 0 everything works, 1 something fails, hangs or contradicts the reading, 2 could not do its work or was used \
wrongly, 3 nothing to import")]
    Probe(ProbeArgs),
    /// Say what a rule means, why it matters and how to mend it; list the rules
    #[command(after_help = "\
Examples:
  numpact rule                       list every rule
  numpact rule type-size-changed     explain one")]
    Rule(RuleArgs),
    /// Explain an error text: a traceback, a log, a warning
    #[command(after_help = "\
Examples:
  numpact explain error.log
  numpact explain --installed packages.txt error.log
  numpact explain --python .venv error.log      names the file, too
  python app.py 2>&1 | numpact explain --lang zh-CN")]
    Explain(crate::commands::explain::Args),
    /// Run a command; if it dies of a NumPy that does not fit, say why under its own output
    #[command(after_help = "\
Example:
  numpact run -- python app.py --its --own flags

Exit status: the command's own; 128 and the signal's number where a signal killed it")]
    Run(crate::commands::run::Args),
    /// Show what would mend an environment, each plan proved beforehand; apply one, or take one back
    #[command(after_help = "\
Examples:
  numpact fix                        plans for the active environment
  numpact fix .venv --output-format json
  numpact fix .venv --apply          does the first plan, after asking
  numpact fix .venv --apply --plan 2 --yes
  numpact fix .venv --undo           puts back what was there before

Exit status: 0 nothing to mend, or mended, or taken back; 1 something is broken, or the plan was not better; 2 could not \
do its work, or refused")]
    Fix(crate::commands::fix::Args),
    /// Write down what compiled files demand of NumPy and metadata leaves out, as constraints for an installer
    #[command(after_help = "\
Examples:
  numpact constraints > constraints.txt
  numpact constraints .venv --format uv > overrides.txt
  numpact constraints dist/demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl")]
    Constraints(crate::commands::constraints::Args),
    /// Write a completion script for a shell
    #[command(after_help = "\
Example:
  numpact completions bash > ~/.local/share/bash-completion/completions/numpact")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How much of a project, and of what is required, is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Wanted {
    /// Of a pyproject.toml: add the requirements of a dependency group. Of a lock file: this group and no other, beside
    /// what is always installed. May be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Vec<String>,
    /// Of a lock file: no groups, beside what is always installed
    #[arg(long, conflicts_with = "group")]
    pub(crate) no_groups: bool,
    /// Of a pyproject.toml: add the requirements of an extra. Of a lock file: this extra and no other. May be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) extra: Vec<String>,
    /// Of a lock file: no extras
    #[arg(long, conflicts_with = "extra")]
    pub(crate) no_extras: bool,
    /// Of requirements: take them as they stand, without what they require themselves
    #[arg(long)]
    pub(crate) no_deps: bool,
}

/// The arguments of `numpact check`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct CheckArgs {
    /// What to check: a virtual environment, an interpreter, a conda prefix, a site-packages folder, a compiled file, a
    /// wheel, a source distribution, a lock file, a requirements file of any name, a pyproject.toml, a folder with a
    /// project's sources, or requirements such as 'torch==2.2.2' or torch, which together are one target.
    /// Nothing: the active environment (VIRTUAL_ENV, CONDA_PREFIX, then `python3` on PATH)
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<PathBuf>,
    /// Judge against this release of NumPy instead of the one found
    #[arg(long, value_name = "VERSION")]
    pub(crate) numpy: Option<String>,
    /// The Python to check: an interpreter, or a version (3.11) that is looked for on PATH. Of wheels, lock files and
    /// requirements: the one to choose wheels for
    #[arg(long, value_name = "PATH|VERSION")]
    pub(crate) python: Option<String>,
    /// The platform that the target is for, where its files do not tell: linux-x86_64 (with glibc 2.28, of another by a
    /// wheel's tag, manylinux_2_35_x86_64), macos-arm64, windows-x86_64. Of lock files and requirements: the one to choose
    /// wheels for, this machine's with its own glibc where nothing is said
    #[arg(long)]
    pub(crate) platform: Option<String>,
    /// What a wheel's compiled files, or those that a build of sources would give, must work with, such as
    /// 'numpy>=1.23,<3': every known release of it
    #[arg(long, value_name = "REQUIREMENT")]
    pub(crate) expect: Option<String>,
    /// Import what is incompatible or undetermined, in processes of its own, and say whether that confirms it
    #[arg(long)]
    pub(crate) confirm: bool,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// Fetch nothing: what is neither on this machine nor remembered stays undetermined
    #[arg(long)]
    pub(crate) offline: bool,
    /// How to write the report
    #[arg(long, value_enum)]
    pub(crate) output_format: Option<OutputFormat>,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// End with status 1 from this verdict on
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub(crate) fail_on: Option<FailOn>,
    /// End with status 0 even if something incompatible was found
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The arguments of `numpact matrix`.
#[derive(Clone, Debug, Args)]
pub(crate) struct MatrixArgs {
    /// What to show: whatever `numpact check` takes
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<PathBuf>,
    /// Only these releases: '>=1.26,<3'. Nothing: all that have wheels for the Python
    #[arg(long, value_name = "SPECIFIERS")]
    pub(crate) numpy: Option<String>,
    /// The Python, as in `numpact check`
    #[arg(long, value_name = "PATH|VERSION")]
    pub(crate) python: Option<String>,
    /// The platform, as in `numpact check`
    #[arg(long)]
    pub(crate) platform: Option<String>,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// Fetch nothing
    #[arg(long)]
    pub(crate) offline: bool,
    /// How to write the matrix
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) output_format: InspectFormat,
    /// Write it to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl MatrixArgs {
    /// The same targets as arguments of `numpact check`.
    pub(crate) fn as_check(&self) -> CheckArgs {
        CheckArgs {
            targets: self.targets.clone(),
            python: self.python.clone(),
            platform: self.platform.clone(),
            wanted: self.wanted.clone(),
            offline: self.offline,
            common: self.common,
            ..CheckArgs::default()
        }
    }
}

/// The arguments of `numpact inspect`.
#[derive(Clone, Debug, Args)]
pub(crate) struct InspectArgs {
    /// The compiled file
    pub(crate) file: PathBuf,
    /// How to write what was read
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) output_format: InspectFormat,
    /// Write it to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// When to use colour; NO_COLOR switches `auto` off
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: ColourChoice,
}

/// The arguments of `numpact probe`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ProbeArgs {
    /// Distributions or modules; nothing: every distribution with compiled files that use NumPy
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The NumPys to import them under; by default the environment's own
    #[arg(long, value_name = "VERSION,...", value_delimiter = ',')]
    pub(crate) numpy: Vec<String>,
    /// The environment: a virtual environment, an interpreter, or a version (3.11) that is looked for on PATH. Nothing: the
    /// active one
    #[arg(long, value_name = "PATH|VERSION")]
    pub(crate) python: Option<String>,
    /// How long one import may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) timeout: u32,
    /// How to write what was seen
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) output_format: InspectFormat,
    /// Write it to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The arguments of `numpact rule`.
#[derive(Clone, Debug, Args)]
pub(crate) struct RuleArgs {
    /// The rule to explain; nothing lists them all
    pub(crate) id: Option<String>,
}

/// How much is told, and in what colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Common {
    /// When to use colour; NO_COLOR switches `auto` off
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: ColourChoice,
    /// Tell the outcome alone (text), and show no progress
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tell everything, with evidence and with what fits (text)
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// One line a finding
    Concise,
    /// For programs: numpact.report/1
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// How an inspection or a matrix is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InspectFormat {
    /// For people
    Text,
    /// For programs: JSON of the command that writes it (numpact.inspect/1, numpact.matrix/1, numpact.probe/1)
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// From which verdict on the program ends with status 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Something fails
    #[default]
    Incompatible,
    /// Something may fail
    AtRisk,
    /// Something may fail, or could not be told
    Undetermined,
}
