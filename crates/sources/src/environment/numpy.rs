//! Every NumPy on the search path, and the one that an import gets.

use std::collections::BTreeSet;
use std::path::Path;

use contract::report::Python;

use super::walk::Tree;
use super::{CompiledFile, Distribution, FoundNumpy, files};

/// Finds them in the order of the search path.
pub(super) fn find(
    trees: &[Tree],
    distributions: &[Distribution],
    python: Option<&Python>,
    problems: &mut Vec<String>,
) -> Vec<FoundNumpy> {
    let mut found: Vec<FoundNumpy> = Vec::new();
    let mut winner: Option<String> = None;
    for tree in trees {
        problems.extend(shadowing_file(tree));
        if tree.top.get("numpy") != Some(&true) {
            continue;
        }
        let importable = tree.files.contains("numpy/__init__.py") || tree.files.contains("numpy/__init__.pyc");
        let wins = importable && winner.is_none();
        let numpy = describe(tree, distributions, python, problems);
        let why = match &winner {
            _ if wins => format!("first on the search path, through {}", tree.origin.as_str()),
            _ if !importable => "it has no `__init__.py`, so it is no package of its own".to_owned(),
            Some(winner) => format!("`{winner}` comes before it on the search path"),
            None => String::new(),
        };
        if wins {
            winner = Some(numpy.folder.display().to_string());
        }
        found.push(FoundNumpy { wins, why, ..numpy });
    }
    found
}

/// A file that `import numpy` may take for NumPy.
fn shadowing_file(tree: &Tree) -> Option<String> {
    let file = tree.files.contains("numpy.py");
    file.then(|| {
        format!("`{}` has the name of NumPy and may be imported in its place", tree.folder.join("numpy.py").display())
    })
}

fn describe(
    tree: &Tree,
    distributions: &[Distribution],
    python: Option<&Python>,
    problems: &mut Vec<String>,
) -> FoundNumpy {
    let folder = tree.folder.join("numpy");
    let told = version_of(&folder);
    let recorded: Vec<&str> = recorded_versions(tree, distributions);
    if let Some(version) = &told
        && !recorded.is_empty()
        && !recorded.contains(&version.as_str())
    {
        let versions = recorded.join(", ");
        problems.push(format!("`{}` says that it is {version}, and its metadata says {versions}", folder.display()));
    }
    let cores: Vec<&CompiledFile> = tree.compiled.iter().filter(|file| generation(&file.path).is_some()).collect();
    let generations: BTreeSet<&str> = cores.iter().filter_map(|file| generation(&file.path)).collect();
    let version = told.or_else(|| recorded.first().map(|version| (*version).to_owned()));
    let preferred = if version.as_deref().is_some_and(|version| major(version) < 2) { "core" } else { "_core" };
    FoundNumpy {
        binary: binary(&cores, preferred, python).map(|file| file.absolute.clone()),
        core_generations: generations.into_iter().map(str::to_owned).collect(),
        version,
        folder,
        wins: false,
        why: String::new(),
    }
}

fn recorded_versions<'a>(tree: &Tree, distributions: &'a [Distribution]) -> Vec<&'a str> {
    let here = |distribution: &&Distribution| {
        distribution.site == tree.folder
            && distribution.name.eq_ignore_ascii_case("numpy")
            && !distribution.version.is_empty()
    };
    distributions.iter().filter(here).map(|distribution| distribution.version.as_str()).collect()
}

/// `core` or `_core`, for a compiled file right in one of them.
fn generation(path: &str) -> Option<&str> {
    let (folder, file) = path.strip_prefix("numpy/")?.split_once('/')?;
    (matches!(folder, "core" | "_core") && !file.contains('/')).then_some(folder)
}

/// The compiled core: `_multiarray_umath` since 1.16, `multiarray` before. Where several lie side by side, the one of
/// the preferred folder, then the one whose name fits the Python.
fn binary<'a>(cores: &[&'a CompiledFile], preferred: &str, python: Option<&Python>) -> Option<&'a CompiledFile> {
    let tag = python.map(|python| version_tag(&python.version)).unwrap_or_default();
    let rank = |file: &&CompiledFile| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let module = name.split('.').next().unwrap_or_default();
        let place = ["_multiarray_umath", "multiarray"].iter().position(|known| *known == module)?;
        Some((place, generation(&file.path) != Some(preferred), !name.contains(&tag), file.path.clone()))
    };
    cores
        .iter()
        .copied()
        .filter_map(|file| Some((rank(&file)?, file)))
        .min_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, file)| file)
}

/// `311-` of `3.11.7`, as in `cpython-311-x86_64-linux-gnu`, also in `cp311-win_amd64`.
fn version_tag(version: &str) -> String {
    version.split('.').take(2).collect::<String>()
}

fn major(version: &str) -> u64 {
    version.parse::<contract::Version>().map_or(0, |version| version.major())
}

/// The version that NumPy's own files name: `version.py`, or `_version.py` in 1.22 to 1.25.
fn version_of(folder: &Path) -> Option<String> {
    let from = |name: &str, keys: &[&str]| files::text(&folder.join(name)).and_then(|text| literal(&text, keys));
    from("version.py", &["version", "full_version", "short_version"]).or_else(|| from("_version.py", &["\"version\""]))
}

/// The quoted value that a line assigns to one of the keys: `version = "1.26.4"`, `short_version: str = '1.19.5'`,
/// `"version": "1.24.4"`.
fn literal(text: &str, keys: &[&str]) -> Option<String> {
    let value = |key: &&str| {
        text.lines().find_map(|line| {
            let rest = line.trim_start().strip_prefix(*key)?;
            let rest = rest.trim_start().strip_prefix([':', '='])?;
            let rest = rest.trim_start().trim_start_matches("str").trim_start().trim_start_matches('=').trim();
            let rest = rest.trim_end_matches(',');
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let inner = rest.strip_prefix(quote)?.strip_suffix(quote)?;
            inner.parse::<contract::Version>().is_ok().then(|| inner.to_owned())
        })
    };
    keys.iter().find_map(value)
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn reads_the_version_as_each_generation_writes_it() {
        let keys = ["version", "full_version", "short_version"];
        let old = "short_version = '1.16.6'\nversion = '1.16.6'\nfull_version = '1.16.6'\n";
        let annotated = "short_version: str = '1.20.3'\nversion: str = '1.20.3'\n";
        let new = "\"\"\"\nModule\n\"\"\"\nversion = \"2.1.0\"\n__version__ = version\nfull_version = version\n";
        assert_eq!(literal(old, &keys).as_deref(), Some("1.16.6"));
        assert_eq!(literal(annotated, &keys).as_deref(), Some("1.20.3"));
        assert_eq!(literal(new, &keys).as_deref(), Some("2.1.0"));
        let versioneer = "{\n \"dirty\": false,\n \"version\": \"1.24.4\"\n}\n";
        assert_eq!(literal(versioneer, &["\"version\""]).as_deref(), Some("1.24.4"));
        assert_eq!(literal("from .version import version\nversion = vcs()\n", &keys), None);
    }
}
