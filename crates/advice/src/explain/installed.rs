//! Lists of installed packages, pasted with the error or given beside it: `pip list`, `pip freeze`, `conda list`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::clean::{Flat, flatten};
use super::names::normalized;
use super::pattern::ascii;

/// Versions by normalised name, and where they came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    versions: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    version: String,
    channel: Option<String>,
}

static TABLE: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?i)Package Version (?:Editable project location )?-{3,} -{3,} (?:-{3,} )?"));
static PINNED: LazyLock<Regex> = LazyLock::new(|| ascii(r"^([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==(\d[\w.+!-]*)$"));
static CONDA: LazyLock<Regex> = LazyLock::new(|| {
    ascii(
        r"^([a-z0-9_][\w.-]*) (\d[\w.+!-]*) ((?:py|h|np|nomkl|mkl|blas|cuda|cpu|pyhd)[\w.]*_?\w*|\d+|pypi_0)(?: ([\w/.-]+))?$",
    )
});
static INSTALLED: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"Successfully installed ((?:[A-Za-z0-9][\w.]*(?:-[A-Za-z]\w*)*-\d[\w.+!]* ?)+)"));

impl Installed {
    /// Everything that a text says is installed.
    pub fn read(text: &str) -> Self {
        Self::from_flat(&flatten(text))
    }

    pub(super) fn from_flat(flat: &Flat) -> Self {
        let mut installed = Self::default();
        installed.read_messages(flat);
        installed.read_lines(flat);
        installed.read_tables(flat);
        installed
    }

    /// The version of a distribution, under any spelling of its name.
    pub fn version(&self, name: &str) -> Option<&str> {
        self.versions.get(&normalized(name)).map(|entry| entry.version.as_str())
    }

    /// The conda channel of a distribution, where a `conda list` gives it; `pypi` for what pip installed.
    pub fn channel(&self, name: &str) -> Option<&str> {
        self.versions.get(&normalized(name))?.channel.as_deref()
    }

    /// Adds what `other` knows and this does not.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (name, entry) in other.versions {
            self.versions.entry(name).or_insert(entry);
        }
        self
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    fn add(&mut self, name: &str, version: &str, channel: Option<&str>) {
        let entry = Entry { version: version.to_owned(), channel: channel.map(str::to_owned) };
        self.versions.insert(normalized(name), entry);
    }

    /// `pip list`, whose rows may have been squashed into one line: after the rule, names and versions take turns.
    fn read_tables(&mut self, flat: &Flat) {
        for heading in TABLE.find_iter(&flat.text) {
            let mut words = flat.text.get(heading.end()..).unwrap_or_default().split(' ').filter(|w| !is_path(w));
            while let (Some(name), Some(version)) = (words.next(), words.next()) {
                if !is_name(name) || !is_version(version) {
                    break;
                }
                self.add(name, version, None);
            }
        }
    }

    fn read_lines(&mut self, flat: &Flat) {
        for (_, line) in flat.each_line().filter(|(_, line)| line.len() < 200) {
            if let Some((name, version)) = PINNED.captures(line).and_then(pair) {
                self.add(name, version, None);
            } else if let Some(found) = CONDA.captures(line) {
                let build = found.get(3).map_or("", |build| build.as_str());
                let channel = found.get(4).map(|channel| channel.as_str()).or((build == "pypi_0").then_some("pypi"));
                if let Some((name, version)) = pair(found) {
                    self.add(name, version, channel.or(Some("defaults")));
                }
            }
        }
    }

    /// pip's own report: `Successfully installed numpy-2.0.2 pandas-2.2.1`.
    fn read_messages(&mut self, flat: &Flat) {
        for found in INSTALLED.captures_iter(&flat.text) {
            let list = found.get(1).map_or("", |list| list.as_str());
            for (name, version) in list.split(' ').filter_map(|item| item.rsplit_once('-')) {
                self.add(name, version, None);
            }
        }
    }
}

fn pair(found: regex::Captures<'_>) -> Option<(&str, &str)> {
    Some((found.get(1)?.as_str(), found.get(2)?.as_str()))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn is_version(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.len() < 60
}

/// The third column of an editable installation.
fn is_path(word: &str) -> bool {
    word.starts_with(['/', '~']) || word.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/")
}

#[cfg(test)]
mod tests {
    use super::Installed;

    #[test]
    fn reads_lists_in_every_form() {
        let squashed = "pip list Package Version ----------------- -------- Jinja2 3.1.6 numpy 2.2.4 torch 2.2.2 I saw";
        let table = "Package Version Editable project location\n---- ---- ----\nmine 0.1 /home/u/mine\nnumpy 2.2.4\n";
        let freeze = "torch==2.2.2+cpu\nnumpy==2.2.4\nrequires numpy==1.0\n";
        let conda =
            "# Name   Version   Build  Channel\nnumpy   1.22.4  pypi_0  pypi\nscipy 1.9.1 py39h8ba3f38_0 conda-forge\n";
        assert_eq!(Installed::read(squashed).version("Torch"), Some("2.2.2"));
        assert_eq!(Installed::read(table).version("numpy"), Some("2.2.4"));
        assert_eq!(Installed::read(freeze).version("torch"), Some("2.2.2+cpu"));
        assert_eq!(Installed::read(freeze).version("numpy"), Some("2.2.4"));
        let conda = Installed::read(conda);
        assert_eq!((conda.version("numpy"), conda.channel("numpy")), (Some("1.22.4"), Some("pypi")));
        assert_eq!(conda.channel("scipy"), Some("conda-forge"));
        let pip = Installed::read("Successfully installed numpy-2.0.2 scikit-learn-1.4.2");
        assert_eq!((pip.version("numpy"), pip.version("scikit_learn")), (Some("2.0.2"), Some("1.4.2")));
    }
}
