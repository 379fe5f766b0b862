//! `numpact.toml`, or `[tool.numpact]` of `pyproject.toml`: found, read, and refused where it says something unknown.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::ValueEnum;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::args::{FailOn, OutputFormat};

/// The keys of the configuration.
const KEYS: &[&str] = &["numpy", "python", "platform", "output-format", "fail-on", "ignore"];
/// The keys of an entry of `ignore`, each with what it says.
const IGNORE_KEYS: &[(&str, &str)] = &[
    ("rule", "the rule's id, which stands in brackets before a finding"),
    ("subject", "the distribution, the file or the target that the finding is about"),
    ("reason", "why, for whoever reads it later"),
];

/// The configuration as it is written.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    pub(super) numpy: Option<String>,
    pub(super) python: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) output_format: Option<OutputFormat>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) ignore: Vec<Ignore>,
}

/// A finding to be ignored.
#[derive(Clone, Debug)]
pub(crate) struct Ignore {
    /// The rule's id.
    pub(crate) rule: String,
    /// The distribution, the file, or the path of the target.
    pub(crate) subject: String,
    /// Why.
    pub(crate) reason: String,
}

/// The configuration of the nearest folder, from `folder` upwards, that has one.
pub(super) fn nearest(folder: &Path) -> Result<Option<(ConfigFile, PathBuf)>> {
    for folder in folder.ancestors() {
        for (name, section) in [("numpact.toml", None), ("pyproject.toml", Some("tool.numpact"))] {
            let path = folder.join(name);
            if let Some(text) = read(&path)?
                && let Some(file) = parse(&text, section).with_context(|| format!("`{}`", path.display()))?
            {
                return Ok(Some((file, path)));
            }
        }
    }
    Ok(None)
}

/// The text of a file; `None` where there is none.
fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Reads the whole of a text, or a section of it; `None` where it has no such section.
fn parse(text: &str, section: Option<&str>) -> Result<Option<ConfigFile>> {
    let root = DeTable::parse(text).map_err(|error| told(error, text))?;
    let written = Written { text, section };
    let span = root.span();
    let mut value = Spanned::new(span, DeValue::Table(root.into_inner()));
    for part in section.into_iter().flat_map(|section| section.split('.')) {
        let DeValue::Table(mut table) = value.into_inner() else { return Ok(None) };
        match table.remove(part) {
            Some(inner) => value = inner,
            None => return Ok(None),
        }
    }
    match value.get_ref().as_table() {
        Some(table) => written.configuration(table).map(Some),
        None => bail!("{}: `{}` is no table", written.line(&value), section.unwrap_or_default()),
    }
}

/// The error with the line that it is about.
fn told(mut error: toml::de::Error, text: &str) -> anyhow::Error {
    error.set_input(Some(text));
    anyhow!("{}", error.to_string().trim_end())
}

/// A text with a configuration in it, for what is said of its parts.
struct Written<'a> {
    text: &'a str,
    /// The table that the configuration is, where it is not the whole text.
    section: Option<&'a str>,
}

impl Written<'_> {
    /// `line 3`: where something begins.
    fn line<T>(&self, part: &Spanned<T>) -> String {
        let before = self.text.get(..part.span().start).unwrap_or_default();
        format!("line {}", before.matches('\n').count() + 1)
    }

    /// What stands there, as far as it stands in one line.
    fn shown(&self, value: &Spanned<DeValue<'_>>) -> String {
        let all = self.text.get(value.span()).unwrap_or_default();
        let first = all.lines().next().unwrap_or_default();
        if first == all { format!("`{first}`") } else { format!("`{first} ...`") }
    }

    fn configuration(&self, table: &DeTable<'_>) -> Result<ConfigFile> {
        self.known_keys(table, KEYS)?;
        let mut file = ConfigFile::default();
        for (key, value) in table.iter() {
            match key.get_ref().as_ref() {
                "numpy" => file.numpy = Some(self.word("numpy", value, "a release of NumPy, such as \"2.2.6\"")?),
                "python" => {
                    file.python = Some(self.word("python", value, "\"3.11\", or the path of an interpreter")?)
                }
                "platform" => file.platform = Some(self.word("platform", value, "such as \"linux-x86_64\"")?),
                "output-format" => file.output_format = Some(self.one_of("output-format", value)?),
                "fail-on" => file.fail_on = Some(self.one_of("fail-on", value)?),
                _ => file.ignore = self.ignored(value)?,
            }
        }
        Ok(file)
    }

    /// A text. `takes`: what it is.
    fn word(&self, key: &str, value: &Spanned<DeValue<'_>>, takes: &str) -> Result<String> {
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            _ => bail!("{}: `{key}` takes a text in quotes ({takes}), and not {}", self.line(value), self.shown(value)),
        }
    }

    /// One of the words that the option of the same name takes.
    fn one_of<T: ValueEnum>(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<T> {
        let names = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        let word = value.get_ref().as_str().unwrap_or_default();
        T::from_str(word, false).map_err(|_| {
            let hint = did_you_mean(word, names.iter().map(String::as_str));
            let (line, all, shown) = (self.line(value), names.join("\", \""), self.shown(value));
            anyhow!("{line}: `{key}` takes one of \"{all}\", and not {shown}{hint}")
        })
    }

    fn ignored(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Ignore>> {
        let tables = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
        let entries: Vec<_> = tables.map(|entry| (entry, entry.get_ref().as_table())).collect();
        if !value.get_ref().is_array() || entries.iter().any(|(_, table)| table.is_none()) {
            let head = self.section.map_or_else(|| "ignore".to_owned(), |section| format!("{section}.ignore"));
            let keys: Vec<&str> = IGNORE_KEYS.iter().map(|(key, _)| *key).collect();
            let (line, keys) = (self.line(value), keys.join("`, `"));
            bail!("{line}: `ignore` takes a list of tables, each under a line `[[{head}]]`, with the keys `{keys}`");
        }
        entries.iter().filter_map(|(entry, table)| Some(self.entry(entry, (*table)?))).collect()
    }

    fn entry(&self, place: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Result<Ignore> {
        let keys: Vec<&str> = IGNORE_KEYS.iter().map(|(key, _)| *key).collect();
        self.known_keys(table, &keys)?;
        let of = |wanted: &str| table.iter().find(|(key, _)| key.get_ref().as_ref() == wanted).map(|(_, value)| value);
        for (key, says) in IGNORE_KEYS {
            if of(key).is_none() {
                bail!("{}: this entry of `ignore` has no `{key}`: {says}", self.line(place));
            }
        }
        let word = |(key, says): &(&str, &str)| of(key).map_or(Ok(String::new()), |value| self.word(key, value, says));
        let words = IGNORE_KEYS.iter().map(word).collect::<Result<Vec<String>>>()?;
        let mut words = words.into_iter();
        let mut next = || words.next().unwrap_or_default();
        let ignore = Ignore { rule: next(), subject: next(), reason: next() };
        let rules = contract::rules::rules();
        if !rules.iter().any(|rule| rule.id == ignore.rule) {
            let hint = did_you_mean(&ignore.rule, rules.iter().map(|rule| rule.id));
            bail!("{}: there is no rule `{}`{hint}; `numpact rule` lists them", self.line(place), ignore.rule);
        }
        Ok(ignore)
    }

    /// Refuses a key that nobody reads: most often it is a known one, misspelt.
    fn known_keys(&self, table: &DeTable<'_>, known: &[&str]) -> Result<()> {
        for (key, _) in table.iter() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let line = self.line(key);
            if name == "tool" && self.section.is_none() {
                bail!(
                    "{line}: unknown key `tool`; `[tool.numpact]` belongs to `pyproject.toml`, here its keys stand alone"
                );
            }
            let hint = did_you_mean(name, known.iter().copied());
            bail!("{line}: unknown key `{name}`{hint}; known are `{}`", known.join("`, `"));
        }
        Ok(())
    }
}

/// `; did you mean `x`?`, where a known word is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let plain = word.to_lowercase();
    let near = known.map(|candidate| (strsim::jaro_winkler(&plain, &candidate.to_lowercase()), candidate));
    let best = near.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, candidate)| format!("; did you mean `{candidate}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{nearest, parse};

    fn refusal(text: &str) -> String {
        format!("{:#}", parse(text, None).expect_err("refused"))
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_a_guess() {
        let told = refusal("numpy = '2.0'\nfail-onn = 'at-risk'\n");
        assert!(told.starts_with("line 2: unknown key `fail-onn`; did you mean `fail-on`?"), "{told}");
        let told = refusal("ignore = [{rule = 'mixed-builds', subjekt = 'x', reason = 'y'}]");
        assert!(told.contains("did you mean `subject`?"), "{told}");
        assert!(!refusal("zzz = 1").contains("did you mean"));
    }

    /// A parser's words were told: `expected struct Ignore`, `missing field`, `unknown variant`.
    #[test]
    fn values_that_make_no_sense_are_refused_with_what_the_key_takes() {
        let told = refusal("numpy = '2.2.6'\nfail-on = 'at-rsk'");
        let all = "\"incompatible\", \"at-risk\", \"undetermined\"";
        let expected = format!("line 2: `fail-on` takes one of {all}, and not `'at-rsk'`; did you mean `at-risk`?");
        assert_eq!(told, expected);
        assert!(refusal("output-format = 3").ends_with("\"sarif\", \"github\", and not `3`"));
        let told = refusal("python = 3.11");
        assert_eq!(
            told,
            "line 1: `python` takes a text in quotes (\"3.11\", or the path of an interpreter), and not `3.11`"
        );
        assert!(refusal("numpy = ''").contains("`numpy` takes a text"));
        assert!(refusal("a = = b").contains("line 1"));
        let told = refusal("[tool.numpact]\nnumpy = '2.0'");
        assert!(told.contains("`[tool.numpact]` belongs to `pyproject.toml`"), "{told}");
        let told = format!("{:#}", parse("[tool]\nnumpact = 3", Some("tool.numpact")).expect_err("refused"));
        assert_eq!(told, "line 2: `tool.numpact` is no table");
    }

    #[test]
    fn entries_of_ignore_that_make_no_sense_are_refused_with_what_they_lack() {
        let told = refusal("numpy = '2.0'\nignore = ['mixed-builds']");
        assert_eq!(
            told,
            "line 2: `ignore` takes a list of tables, each under a line `[[ignore]]`, with the keys `rule`, `subject`, `reason`"
        );
        assert!(refusal("[ignore]\nrule = 'mixed-builds'").contains("`ignore` takes a list of tables"));
        let of_project = parse("[tool.numpact]\nignore = 3", Some("tool.numpact")).expect_err("refused").to_string();
        assert!(of_project.starts_with("line 2: ") && of_project.contains("`[[tool.numpact.ignore]]`"), "{of_project}");
        let told = refusal("\n[[ignore]]\nrule = 'mixed-builds'\nreason = 'x'");
        assert!(told.starts_with("line 2: this entry of `ignore` has no `subject`: the distribution"), "{told}");
        let told = refusal("ignore = [{rule = 'mixed-build', subject = 'x', reason = 'y'}]");
        assert!(told.contains("there is no rule `mixed-build`; did you mean `mixed-builds`?"), "{told}");
        let told = refusal("ignore = [{rule = 'mixed-builds', subject = 'x', reason = ' '}]");
        assert!(told.contains("`reason` takes a text in quotes (why, for whoever reads it later), and not"), "{told}");
    }

    #[test]
    fn the_nearest_folder_that_has_a_configuration_counts() {
        let top = tempfile::tempdir().expect("a temporary folder");
        let inner = top.path().join("a/b");
        std::fs::create_dir_all(&inner).expect("made");
        std::fs::write(top.path().join("pyproject.toml"), "[tool.numpact]\nnumpy = '2.0'\n").expect("written");
        std::fs::write(top.path().join("a/pyproject.toml"), "[tool.other]\nx = 1\n").expect("written");
        let (file, path) = nearest(&inner).expect("readable").expect("found");
        assert_eq!((file.numpy.as_deref(), path), (Some("2.0"), top.path().join("pyproject.toml")));
    }
}
