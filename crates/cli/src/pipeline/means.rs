//! Who can change an environment from here: the tool that made it where it is there, else another that comes to the same.

use std::path::{Path, PathBuf};

use advice::commands::Installer;
use contract::Version;
use contract::judge::python_line;
use runner::installer::{has_uv, pip_from_outside};
use sources::environment::{Environment, Surroundings};

/// The first pip that resolves without installing and says what it chose.
const RESOLVES: [u64; 2] = [22, 2];

/// The tools that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Means {
    /// Whether uv is.
    pub(crate) uv: bool,
    /// A pip that works on the environment.
    pub(crate) pip: Option<Start>,
}

/// How a pip is started that works on an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// The interpreter of the environment.
    interpreter: PathBuf,
    /// The words that start a pip from outside; none for the environment's own.
    pub(crate) outside: Vec<String>,
    /// Whether it can say what it would install.
    pub(crate) resolves: bool,
}

impl Start {
    /// Every word in front of the subcommand.
    pub(crate) fn words(&self) -> Vec<String> {
        let interpreter = self.interpreter.display().to_string();
        let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        match self.outside.as_slice() {
            [] => [vec![interpreter], words(["-m", "pip"])].concat(),
            outside => [outside.to_vec(), words(["--python", &interpreter])].concat(),
        }
    }
}

impl Means {
    /// By what lies in the environment and on PATH: nothing is started, as text that may never be used is not worth that.
    pub(crate) fn by_name(environment: &Environment) -> Self {
        let outside = || {
            let pip = if is_on_path("pip") { &["pip"][..] } else { &["python3", "-m", "pip"] };
            is_on_path(pip.first()?).then(|| pip.iter().map(|word| (*word).to_owned()).collect())
        };
        Self { uv: is_on_path("uv"), pip: own(environment).or_else(|| start(environment, outside()?)) }
    }

    /// By starting them: what a plan is proved and done with must be there. An own pip that cannot resolve is the last.
    pub(crate) fn by_trial(environment: &Environment) -> Self {
        let outside = || {
            let line = environment.python.as_ref().and_then(|python| python_line(&python.version))?;
            start(environment, pip_from_outside(environment.interpreter.as_deref()?, line)?)
        };
        let pip = own(environment).filter(|own| own.resolves).or_else(outside).or_else(|| own(environment));
        Self { uv: has_uv(), pip }
    }

    /// Who changes an environment of this keeper: uv or pip, the keeper's own kind where it is there.
    pub(crate) fn direct(&self, keeper: Installer) -> Installer {
        let by_uv = matches!(keeper, Installer::Uv | Installer::UvProject);
        if self.uv && (by_uv || self.pip.is_none()) { Installer::Uv } else { Installer::Pip }
    }
}

/// The pip that is installed in the environment.
fn own(environment: &Environment) -> Option<Start> {
    let pip = environment.distributions.iter().find(|d| !d.shadowed && d.name.eq_ignore_ascii_case("pip"))?;
    let version = pip.version.parse::<Version>().ok();
    let resolves = version.is_some_and(|version| version >= Version::from_release(&RESOLVES));
    Some(Start { resolves, ..start(environment, Vec::new())? })
}

fn start(environment: &Environment, outside: Vec<String>) -> Option<Start> {
    let interpreter = environment.interpreter.clone()?;
    // One that knows `--python` came later than what it takes to resolve.
    Some(Start { interpreter, outside, resolves: true })
}

fn is_on_path(name: &str) -> bool {
    let name = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    Surroundings::from_process().path.iter().any(|folder: &PathBuf| is_program(&folder.join(&name)))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
