//! `numpact.toml`, or `[tool.numpact]` of `pyproject.toml`: found, read, and refused where it says something unknown.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::args::{FailOn, OutputFormat};

/// The keys of the configuration.
const KEYS: &[&str] = &["numpy", "python", "platform", "output-format", "fail-on", "ignore"];
/// The keys of an entry of `ignore`.
const IGNORE_KEYS: &[&str] = &["rule", "subject", "reason"];

/// The configuration as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub(super) numpy: Option<String>,
    pub(super) python: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) output_format: Option<OutputFormat>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) ignore: Vec<Ignore>,
}

/// A finding to be ignored.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
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
    let span = root.span();
    let mut value = Spanned::new(span, DeValue::Table(root.into_inner()));
    for part in section.into_iter().flat_map(|section| section.split('.')) {
        let DeValue::Table(mut table) = value.into_inner() else { return Ok(None) };
        match table.remove(part) {
            Some(inner) => value = inner,
            None => return Ok(None),
        }
    }
    check_keys(&value, text)?;
    let file = ConfigFile::deserialize(ValueDeserializer::from(value)).map_err(|error| told(error, text))?;
    file.ignore.iter().try_for_each(sensible)?;
    Ok(Some(file))
}

/// The error with the line that it is about.
fn told(mut error: toml::de::Error, text: &str) -> anyhow::Error {
    error.set_input(Some(text));
    anyhow!("{}", error.to_string().trim_end())
}

/// What is no table, or no list of tables, is refused when it is read.
fn check_keys(value: &Spanned<DeValue<'_>>, text: &str) -> Result<()> {
    let Some(table) = value.get_ref().as_table() else { return Ok(()) };
    known_keys(table, KEYS, text)?;
    let entries = table.get("ignore").and_then(|entries| entries.get_ref().as_array());
    let tables = entries.into_iter().flat_map(|array| array.iter()).filter_map(|entry| entry.get_ref().as_table());
    tables.into_iter().try_for_each(|entry| known_keys(entry, IGNORE_KEYS, text))
}

/// Refuses a key that nobody reads: most often it is a known one, misspelt.
fn known_keys(table: &DeTable<'_>, known: &[&str], text: &str) -> Result<()> {
    for (key, _) in table.iter() {
        let name: &str = key.get_ref();
        if !known.contains(&name) {
            let line = text.get(..key.span().start).unwrap_or_default().matches('\n').count() + 1;
            let hint = did_you_mean(name, known.iter().copied());
            bail!("line {line}: unknown key `{name}`{hint}; known are `{}`", known.join("`, `"));
        }
    }
    Ok(())
}

fn sensible(ignore: &Ignore) -> Result<()> {
    if ignore.reason.trim().is_empty() {
        bail!("`ignore`: the entry for rule `{}` gives no reason; say why, for whoever reads it later", ignore.rule);
    }
    let rules = contract::rules::rules();
    if rules.iter().any(|rule| rule.id == ignore.rule) {
        return Ok(());
    }
    let hint = did_you_mean(&ignore.rule, rules.iter().map(|rule| rule.id));
    bail!("`ignore`: there is no rule `{}`{hint}; `numpact rule` lists them", ignore.rule)
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

    #[test]
    fn values_that_make_no_sense_are_refused() {
        assert!(refusal("fail-on = 'never'").contains("fail-on = 'never'"));
        assert!(refusal("ignore = 3").contains("line 1"));
        assert!(refusal("ignore = [{rule = 'mixed-build', subject = 'x', reason = 'y'}]").contains("`mixed-builds`?"));
        assert!(refusal("ignore = [{rule = 'mixed-builds', subject = 'x', reason = ' '}]").contains("no reason"));
        assert!(refusal("a = = b").contains("line 1"));
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
