//! Commands that change what is installed, in the words of each tool: as words for a process to be started with, and as
//! a line quoted for the reader's shell.

use std::borrow::Cow;

use serde::Serialize;

/// A tool that installs distributions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Installer {
    /// pip, and whatever is not known.
    #[default]
    Pip,
    /// uv in pip's manner: it changes an environment and knows of no project.
    Uv,
    /// uv on a project, whose `pyproject.toml` and lock file it changes.
    UvProject,
    /// conda and its kin.
    Conda,
    /// pipx: each application in an environment of its own.
    Pipx,
    /// Poetry.
    Poetry,
    /// PDM.
    Pdm,
    /// pixi, for what it has from conda's channels.
    Pixi,
    /// pixi, for what it has from the Python index.
    PixiIndex,
}

impl Installer {
    /// The tool that writes this into the `INSTALLER` file of what it installs.
    pub fn of_record(record: Option<&str>) -> Self {
        let record = record.unwrap_or_default().trim().to_ascii_lowercase();
        match record.split_whitespace().next().unwrap_or_default() {
            "uv" => Self::Uv,
            "conda" => Self::Conda,
            "poetry" => Self::Poetry,
            "pdm" => Self::Pdm,
            "pixi" => Self::Pixi,
            "uv-pixi" => Self::PixiIndex,
            _ => Self::Pip,
        }
    }

    /// Whether it keeps a project's lock file, so that its next run undoes what others install.
    pub fn keeps_lock(self) -> bool {
        matches!(self, Self::UvProject | Self::Poetry | Self::Pdm | Self::Pixi | Self::PixiIndex)
    }

    /// The word that stands for it in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv | Self::UvProject => "uv",
            Self::Conda => "conda",
            Self::Pipx => "pipx",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
            Self::Pixi | Self::PixiIndex => "pixi",
        }
    }
}

/// A tool, and what it is to work on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tool {
    /// Which one.
    pub installer: Installer,
    /// Where: for pip and uv an interpreter, for conda a prefix, for pipx an application, for the others the project's
    /// folder (pixi: its manifest). `None` for what the tool finds by itself.
    pub place: Option<String>,
    /// Whether the command is typed into a notebook's cell, where a percent sign reaches the kernel's environment.
    pub notebook: bool,
    /// The words that start a pip from outside, where the environment at `place` has none of its own that would do: `pip`,
    /// or `python3 -m pip`. Empty where it has.
    pub outside: Vec<String>,
}

/// What a tool is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Install what the specifiers allow.
    Install,
    /// Install the newest that the specifiers allow.
    Upgrade,
    /// Install again over what is there, without the cache.
    Reinstall,
    /// Build from source on this machine.
    Rebuild,
}

/// The words of the command that does `action` to requirement specifiers such as `numpy>=1.23,<2`; `None` where the tool
/// has no such command.
pub fn words(tool: &Tool, action: Action, requirements: &[&str]) -> Option<Vec<String>> {
    let mut words = head(tool, action)?;
    if action == Action::Rebuild {
        let option = if tool.installer == Installer::UvProject { "--no-binary-package" } else { "--no-binary" };
        words.extend(requirements.iter().flat_map(|requirement| [option.to_owned(), name(requirement).to_owned()]));
    }
    match (tool.installer, action) {
        (Installer::UvProject, Action::Reinstall | Action::Rebuild) => {
            let options = |requirement: &&str| ["--reinstall-package".to_owned(), name(requirement).to_owned()];
            words.extend(requirements.iter().flat_map(options));
        }
        (Installer::UvProject, Action::Upgrade) => {
            words.extend(requirements.iter().map(|requirement| (*requirement).to_owned()));
            let options = |requirement: &&str| ["--upgrade-package".to_owned(), name(requirement).to_owned()];
            words.extend(requirements.iter().flat_map(options));
        }
        _ => words.extend(requirements.iter().map(|requirement| spelt(tool.installer, action, requirement))),
    }
    Some(words)
}

/// Everything before the requirements, in each tool's own words.
fn head(tool: &Tool, action: Action) -> Option<Vec<String>> {
    use Action::{Install, Rebuild, Reinstall, Upgrade};
    let tail: &[&str] = match (tool.installer, action) {
        (Installer::Pip | Installer::Pipx | Installer::Uv, Install) => &["install"],
        (Installer::Pip | Installer::Pipx | Installer::Uv, Upgrade) => &["install", "--upgrade"],
        (Installer::Pip | Installer::Pipx, Reinstall) => &["install", "--force-reinstall", "--no-cache-dir"],
        (Installer::Pip | Installer::Pipx, Rebuild) => &["install", "--force-reinstall", "--no-cache-dir", "--no-deps"],
        (Installer::Uv, Reinstall) => &["install", "--reinstall", "--no-cache"],
        (Installer::Uv, Rebuild) => &["install", "--reinstall", "--no-cache", "--no-deps"],
        (Installer::UvProject, Install | Upgrade) => &["add"],
        (Installer::UvProject, Reinstall | Rebuild) => &["sync", "--no-cache"],
        (Installer::Conda, Install | Upgrade) => &["install"],
        (Installer::Conda, Reinstall) => &["install", "--force-reinstall"],
        (Installer::Poetry | Installer::Pdm | Installer::Pixi, Install | Upgrade) => &["add"],
        (Installer::PixiIndex, Install | Upgrade) => &["add", "--pypi"],
        (Installer::Poetry, Reinstall) => &["run", "pip", "install", "--force-reinstall", "--no-cache-dir"],
        (Installer::Poetry, Rebuild) => &["run", "pip", "install", "--force-reinstall", "--no-cache-dir", "--no-deps"],
        (Installer::Pixi | Installer::PixiIndex, Reinstall) => &["reinstall"],
        (Installer::Pdm, Reinstall) => return None,
        (Installer::Conda | Installer::Pdm | Installer::Pixi | Installer::PixiIndex, Rebuild) => return None,
    };
    let (mut words, place) = begin(tool);
    words.extend(tail.iter().map(|word| (*word).to_owned()));
    words.extend(place);
    Some(words)
}

/// The program, and the words that name its place where they stand behind the subcommand.
fn begin(tool: &Tool) -> (Vec<String>, Vec<String>) {
    let owned = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let Tool { installer, place, notebook, outside } = tool;
    let place = place.as_deref();
    let behind = |option: &str| place.map(|place| owned(&[option, place])).unwrap_or_default();
    match (installer, place) {
        (Installer::Pip, None) if *notebook => (owned(&["%pip"]), Vec::new()),
        (Installer::Pip, Some(place)) if !outside.is_empty() => {
            ([outside.clone(), owned(&["--python", place])].concat(), Vec::new())
        }
        (Installer::Pip, place) => (owned(&[place.unwrap_or("python"), "-m", "pip"]), Vec::new()),
        (Installer::Uv, _) => (owned(&["uv", "pip"]), behind("--python")),
        (Installer::UvProject, _) => (owned(&["uv"]), behind("--project")),
        (Installer::Conda, _) => (owned(&["conda"]), behind("--prefix")),
        (Installer::Pipx, Some(application)) => (owned(&["pipx", "runpip", application]), Vec::new()),
        (Installer::Pipx, None) => (owned(&["python", "-m", "pip"]), Vec::new()),
        (Installer::Poetry, None) => (owned(&["poetry"]), Vec::new()),
        (Installer::Poetry, Some(folder)) => (owned(&["poetry", "--directory", folder]), Vec::new()),
        (Installer::Pdm, _) => (owned(&["pdm"]), behind("--project")),
        (Installer::Pixi | Installer::PixiIndex, _) => (owned(&["pixi"]), behind("--manifest-path")),
    }
}

/// A requirement as a tool wants it: some take a bare name for "leave it as it is".
fn spelt(installer: Installer, action: Action, requirement: &str) -> String {
    let bare = name(requirement).len() == requirement.len();
    match (installer, action) {
        (Installer::Poetry, Action::Upgrade) if bare => format!("{requirement}@latest"),
        (Installer::Conda | Installer::Pixi, _) => {
            let own = conda_name(name(requirement));
            format!("{own}{}", requirement.strip_prefix(name(requirement)).unwrap_or_default())
        }
        _ => requirement.to_owned(),
    }
}

/// The name at the beginning of a requirement.
fn name(requirement: &str) -> &str {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_'));
    requirement.get(..end.unwrap_or(requirement.len())).unwrap_or(requirement)
}

/// Distributions that conda's channels hold under another name.
const CONDA_NAMES: &[(&str, &str)] = &[
    ("opencv-contrib-python", "opencv"),
    ("opencv-python", "opencv"),
    ("opencv-python-headless", "opencv"),
    ("tables", "pytables"),
    ("torch", "pytorch"),
];

fn conda_name(name: &str) -> &str {
    CONDA_NAMES.iter().find(|(own, _)| *own == name).map_or(name, |(_, conda)| conda)
}

/// The words as one line that a person can paste. `windows`: quoted for that system's shells.
pub fn line<Word: AsRef<str>>(words: &[Word], windows: bool) -> String {
    words.iter().map(|word| quoted(word.as_ref(), windows)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it: `<` and `>` would redirect. The shells of Windows share double quotes only.
fn quoted(word: &str, windows: bool) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-=/:,+@%".contains(c) || (windows && "\\~".contains(c));
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    if windows {
        return Cow::Owned(format!("\"{}\"", word.replace('"', "")));
    }
    // A NUL, which no shell takes, would be refused.
    shlex::try_quote(word).unwrap_or_else(|_| Cow::Owned(word.replace('\0', "")))
}

#[cfg(test)]
mod tests {
    use super::{Action, Installer, Tool, line, quoted, words};

    fn tool(installer: Installer, place: Option<&str>) -> Tool {
        Tool { installer, place: place.map(str::to_owned), ..Tool::default() }
    }

    fn command(tool: &Tool, action: Action, requirement: &str) -> String {
        words(tool, action, &[requirement]).map(|words| line(&words, false)).unwrap_or_default()
    }

    #[test]
    fn angle_brackets_never_reach_a_shell() {
        assert_eq!(quoted("numpy<2", false), "'numpy<2'");
        assert_eq!(quoted("numpy>=1.22,<2", true), "\"numpy>=1.22,<2\"");
        assert_eq!(quoted("numpy==1.26.4", false), "numpy==1.26.4");
        assert!(!quoted("it's $(x)", false).starts_with("it"));
        assert_eq!(quoted("", false), "''");
    }

    #[test]
    fn a_tool_is_known_by_what_it_writes_down() {
        use Installer::{Pip, PixiIndex, Poetry, Uv};
        let of = |record| Installer::of_record(Some(record));
        assert_eq!(["pip", "uv\n", "Poetry 1.8.3", "uv-pixi", "debian"].map(of), [Pip, Uv, Poetry, PixiIndex, Pip]);
    }

    #[test]
    fn each_tool_in_its_own_words() {
        let install = |installer| command(&tool(installer, None), Action::Install, "numpy>=1.23,<2");
        assert_eq!(install(Installer::Pip), "python -m pip install 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::Uv), "uv pip install 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::UvProject), "uv add 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::Conda), "conda install 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::Poetry), "poetry add 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::Pdm), "pdm add 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::Pixi), "pixi add 'numpy>=1.23,<2'");
        assert_eq!(install(Installer::PixiIndex), "pixi add --pypi 'numpy>=1.23,<2'");
        let notebook = Tool { notebook: true, ..Tool::default() };
        assert_eq!(command(&notebook, Action::Install, "numpy<2"), "%pip install 'numpy<2'");
    }

    #[test]
    fn each_place_where_its_tool_wants_it() {
        let at = |installer, place| command(&tool(installer, Some(place)), Action::Install, "numpy<2");
        assert_eq!(at(Installer::Uv, "/a b/bin/python"), "uv pip install --python '/a b/bin/python' 'numpy<2'");
        assert_eq!(at(Installer::Conda, "/c"), "conda install --prefix /c 'numpy<2'");
        assert_eq!(at(Installer::Pipx, "spyder"), "pipx runpip spyder install 'numpy<2'");
        assert_eq!(at(Installer::Poetry, "/p"), "poetry --directory /p add 'numpy<2'");
        assert_eq!(at(Installer::Pdm, "/p"), "pdm add --project /p 'numpy<2'");
        assert_eq!(at(Installer::UvProject, "/p"), "uv add --project /p 'numpy<2'");
        let words_of = |text: &str| text.split(' ').map(str::to_owned).collect();
        for pip in ["pip", "python3 -m pip"] {
            let outside = Tool { outside: words_of(pip), ..tool(Installer::Pip, Some("/e/bin/python3")) };
            let told = command(&outside, Action::Install, "numpy<2");
            assert_eq!(told, format!("{pip} --python /e/bin/python3 install 'numpy<2'"), "it has no pip of its own");
        }
        let windows = words(&tool(Installer::Pip, Some(r"C:\env\python.exe")), Action::Install, &["numpy<2"]);
        let windows = line(&windows.expect("pip installs"), true);
        assert_eq!(windows, r#"C:\env\python.exe -m pip install "numpy<2""#);
    }

    #[test]
    fn upgrades_reinstallations_and_builds() {
        let of = |installer, action, what| command(&tool(installer, None), action, what);
        assert_eq!(of(Installer::Poetry, Action::Upgrade, "torch"), "poetry add torch@latest");
        assert_eq!(of(Installer::Conda, Action::Upgrade, "torch>=2.3"), "conda install 'pytorch>=2.3'");
        assert_eq!(
            of(Installer::UvProject, Action::Upgrade, "torch>=2.3"),
            "uv add 'torch>=2.3' --upgrade-package torch"
        );
        assert_eq!(
            of(Installer::UvProject, Action::Reinstall, "numpy==2.2.4"),
            "uv sync --no-cache --reinstall-package numpy"
        );
        assert_eq!(
            of(Installer::Pip, Action::Rebuild, "hdbscan"),
            "python -m pip install --force-reinstall --no-cache-dir --no-deps --no-binary hdbscan hdbscan"
        );
        for installer in [Installer::Conda, Installer::Pixi, Installer::PixiIndex, Installer::Pdm] {
            assert_eq!(
                of(installer, Action::Rebuild, "hdbscan"),
                "",
                "{} builds nothing by this way",
                installer.as_str()
            );
        }
    }
}
