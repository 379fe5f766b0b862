//! Requirements files, line by line, as pip reads them. Installers read them by themselves; here it is told whether a file
//! is one.

use std::path::Path;
use std::str::FromStr;

use pep508_rs::{Requirement, VerbatimUrl};

/// The largest requirements file that is read, in bytes: those with a hash for each wheel of hundreds of distributions
/// stay below.
const LARGEST: u64 = 16 << 20;

/// A file that is no requirements file.
#[derive(Debug, thiserror::Error)]
pub enum RequirementsError {
    /// It cannot be read, or is no text.
    #[error("cannot read `{path}`: {cause}")]
    Read {
        /// The file.
        path: String,
        /// What is wrong.
        cause: std::io::Error,
    },
    /// A line of it is neither a requirement nor an option.
    #[error("line {number} of `{path}` is no requirement: `{line}`")]
    Line {
        /// The file.
        path: String,
        /// The line's number, from 1.
        number: usize,
        /// The line.
        line: String,
    },
}

/// Makes sure that each line of a file is what requirements files hold: a requirement, the place of one, or an option.
///
/// # Errors
/// When it is no text that can be read, or at the first line that is something else.
pub fn make_sure(path: &Path) -> Result<(), RequirementsError> {
    let shown = || path.display().to_string();
    let text = read(path).map_err(|cause| RequirementsError::Read { path: shown(), cause })?;
    match lines(&text).into_iter().find(|(_, line)| !is_known(line)) {
        Some((number, line)) => {
            let line = line.chars().take(60).flat_map(char::escape_debug).collect();
            Err(RequirementsError::Line { path: shown(), number, line })
        }
        None => Ok(()),
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    std::io::Read::read_to_string(&mut std::io::Read::take(file, LARGEST), &mut text)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The lines that say something, with the number of the first line of each: those that end in `\` joined with the next,
/// without comments.
fn lines(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (index, line) in text.lines().enumerate() {
        let (part, open) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match found.last_mut().filter(|_| goes_on) {
            Some((_, whole)) => whole.push_str(part),
            None => found.push((index.saturating_add(1), part.to_owned())),
        }
        goes_on = open;
    }
    let plain = found.into_iter().map(|(number, line)| (number, without_comment(&line).trim().to_owned()));
    plain.filter(|(_, line)| !line.is_empty()).collect()
}

/// A comment begins at the line's beginning or behind a space; elsewhere a `#` is part of an address.
fn without_comment(line: &str) -> &str {
    let begins = |at: &usize| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']));
    let at = line.match_indices('#').map(|(at, _)| at).find(begins);
    at.and_then(|at| line.get(..at)).unwrap_or(line)
}

fn is_known(line: &str) -> bool {
    let (requirement, _) = apart(line);
    is_option(line) || is_place(requirement) || Requirement::<VerbatimUrl>::from_str(requirement).is_ok()
}

/// A requirement and the options behind it, such as `--hash=sha256:...`.
fn apart(line: &str) -> (&str, &str) {
    let at = [" --", "\t--"].iter().filter_map(|start| line.find(start)).min().unwrap_or(line.len());
    let (requirement, options) = line.split_at_checked(at).unwrap_or((line, ""));
    (requirement.trim_end(), options)
}

/// `-r more.txt`, `--index-url ...`.
fn is_option(line: &str) -> bool {
    let word = line.strip_prefix("--").or_else(|| line.strip_prefix('-'));
    word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// An address or a path instead of a name.
fn is_place(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let archive = [".whl", ".tar.gz", ".zip"].iter().any(|end| word.to_ascii_lowercase().ends_with(end));
    word.contains("://") || word.starts_with(['.', '/']) || word.starts_with("file:") || archive
}

#[cfg(test)]
mod tests {
    use super::{is_known, lines};

    #[test]
    fn lines_are_joined_and_lose_their_comments() {
        let text = "# all\nnumpy==1.26.4 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n\nx @ https://e.org/x.whl#egg=x # why\n";
        let expected = [
            (2, "numpy==1.26.4     --hash=sha256:aa     --hash=sha256:bb".to_owned()),
            (6, "x @ https://e.org/x.whl#egg=x".to_owned()),
        ];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn what_requirements_files_hold_is_told_from_what_they_do_not() {
        let hashed = "six==1.16.0 --hash=sha256:aa";
        for line in
            ["numpy", "a.b[c]>=1,<2; python_version < '3.9'", "-r x.txt", "--pre", hashed, "./here", "git+https://x"]
        {
            assert!(is_known(line), "{line}");
        }
        for line in ["two words", "- a list", "---", "{", "key: value", "[table]", "name = 'x'", "import os"] {
            assert!(!is_known(line), "{line}");
        }
    }
}
