//! Requirements files, line by line, as pip reads them. Installers read them by themselves; here it is told whether a file
//! is one, and what of it holds for a target that an installer does not run on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep508_rs::{MarkerEnvironment, MarkerTree, Requirement, VerbatimUrl};

use crate::wheel::{Target, normalized};

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

/// What requirements files come to for one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Requirements without their markers, and options.
    pub requirements: Vec<String>,
    /// The same of the constraints files that are named.
    pub constraints: Vec<String>,
}

/// The lines of a requirements file, and of those that it names, that hold for a target.
///
/// # Errors
/// When one of the files is no text that can be read.
pub fn for_target(path: &Path, target: &Target) -> Result<Lines, RequirementsError> {
    let mut walk = Walk { markers: target.markers(), inside: Vec::new(), found: Lines::default() };
    walk.file(path, false)?;
    Ok(walk.found)
}

/// The hashes of files that requirements files allow of a distribution, by its normalised name, as lower-case SHA-256.
///
/// # Errors
/// When one of the files is no text that can be read.
pub fn hashes(path: &Path, target: &Target) -> Result<BTreeMap<String, BTreeSet<String>>, RequirementsError> {
    let Lines { requirements, constraints } = for_target(path, target)?;
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in requirements.iter().chain(&constraints) {
        let (requirement, options) = apart(line);
        let Ok(requirement) = Requirement::<VerbatimUrl>::from_str(requirement) else { continue };
        let hashes =
            options.split(|c: char| c.is_whitespace() || c == '=').filter_map(|word| word.strip_prefix("sha256:"));
        let hashes: BTreeSet<String> = hashes.map(str::to_ascii_lowercase).collect();
        if !hashes.is_empty() {
            found.entry(normalized(requirement.name.as_ref())).or_default().extend(hashes);
        }
    }
    Ok(found)
}

struct Walk {
    markers: Option<MarkerEnvironment>,
    /// The files that are being read, which may name each other in a circle.
    inside: Vec<PathBuf>,
    found: Lines,
}

impl Walk {
    fn file(&mut self, path: &Path, constraints: bool) -> Result<(), RequirementsError> {
        let told = |cause| RequirementsError::Read { path: path.display().to_string(), cause };
        let real = path.canonicalize().map_err(told)?;
        if self.inside.contains(&real) {
            return Ok(());
        }
        let text = read(path).map_err(told)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        self.inside.push(real);
        for (_, line) in lines(&text) {
            if let Some(named) = value(&line, "-r", "--requirement") {
                self.file(&folder.join(named), constraints)?;
            } else if let Some(named) = value(&line, "-c", "--constraint") {
                self.file(&folder.join(named), true)?;
            } else {
                self.add(self.holding(&line, folder), constraints);
            }
        }
        self.inside.pop();
        Ok(())
    }

    fn add(&mut self, line: Option<String>, constraints: bool) {
        let list = if constraints { &mut self.found.constraints } else { &mut self.found.requirements };
        list.extend(line);
    }

    /// A line without its marker, where that holds; what has none stays as it is.
    fn holding(&self, line: &str, folder: &Path) -> Option<String> {
        if let Some(links) = value(line, "-f", "--find-links") {
            // pip looks beside the file first.
            let beside = folder.join(links);
            return Some(if beside.exists() { format!("--find-links {}", beside.display()) } else { line.to_owned() });
        }
        let (requirement, options) = apart(line);
        let parsed = Requirement::<VerbatimUrl>::from_str(requirement).ok().filter(|one| !one.marker.is_true());
        let (Some(requirement), Some(markers)) = (parsed, &self.markers) else { return Some(line.to_owned()) };
        let holds = requirement.marker.evaluate(markers, &[]);
        holds.then(|| format!("{}{options}", Requirement { marker: MarkerTree::TRUE, ..requirement }))
    }
}

/// What an option names: `more.txt` of `-r more.txt`, `-rmore.txt`, `--requirement more.txt` and `--requirement=more.txt`.
/// `None` for another option, and for an address.
fn value<'a>(line: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let begins = |rest: &&str| rest.starts_with([' ', '\t', '=']);
    let long = line.strip_prefix(long).filter(begins);
    let short = || line.strip_prefix(short).filter(|_| !line.starts_with("--"));
    let named = long.or_else(short)?.trim_start_matches(['=', ' ', '\t']);
    (!named.is_empty() && !named.contains("://")).then_some(named)
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
    use std::fs;

    use super::{Lines, for_target, hashes, is_known, lines};
    use crate::wheel::Target;

    #[test]
    fn hashes_stand_behind_requirements() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("requirements.txt");
        let text = "Demo_one==1.0 ; python_version >= '3.8' \\\n    --hash=sha256:AB \\\n    --hash sha256:cd --hash=sha512:ef\n\
                    other==1\nelse==2 ; python_version < '3.8' --hash=sha256:01\n";
        fs::write(&path, text).expect("written");
        let target = Target { python: (3, 11), platform: "linux-x86_64".parse().expect("a platform") };
        let found = hashes(&path, &target).expect("read");
        let found: Vec<(&str, Vec<&str>)> =
            found.iter().map(|(name, all)| (name.as_str(), all.iter().map(String::as_str).collect())).collect();
        assert_eq!(found, [("demo-one", vec!["ab", "cd"])]);
    }

    #[test]
    fn what_holds_for_a_target_is_gathered_from_files_that_name_each_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        fs::create_dir(folder.path().join("more")).expect("made");
        write(
            "all.txt",
            "--pre\nnumpy==1.26.4; python_version < '3.11' \\\n  --hash=sha256:aa\n-r more/a.txt\n--constraint=c.txt\n",
        );
        write("more/a.txt", "numpy==2.2.6; python_version >= '3.11'\n-r ../all.txt\n-f .\n./here.whl\nsix\n");
        write("c.txt", "six<2; sys_platform == 'win32'\nscipy<2; sys_platform == 'linux'\n");
        let target = Target { python: (3, 10), platform: "linux-x86_64".parse().expect("a platform") };
        let found = for_target(&folder.path().join("all.txt"), &target);
        let links = format!("--find-links {}", folder.path().join("more").join(".").display());
        let expected: &[&str] = &["--pre", "numpy==1.26.4 --hash=sha256:aa", &links, "./here.whl", "six"];
        let expected = Lines {
            requirements: expected.iter().map(|&line| line.to_owned()).collect(),
            constraints: vec!["scipy<2".to_owned()],
        };
        assert_eq!(found.expect("they can be read"), expected);
        write("c.txt", "-r missing.txt\n");
        assert!(for_target(&folder.path().join("all.txt"), &target).is_err());
    }

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
