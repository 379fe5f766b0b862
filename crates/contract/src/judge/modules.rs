//! Which module names a set of distributions provides, and by which file.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::DistributionInput;
use crate::judge::files::JudgedFile;
use crate::judge::module_name::source_name;

/// A file of a target: the position of its distribution, and its own among the judged files of that.
pub(super) type FileId = (usize, usize);

/// What a module name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A Python source: the position of its distribution, and its path.
    Source(usize, String),
    /// An extension module.
    Extension(FileId),
}

/// One module.
#[derive(Clone, Debug)]
pub(super) struct Module {
    pub(super) origin: Origin,
    /// Whether names below it can be imported.
    pub(super) package: bool,
}

/// All modules of some distributions, by name.
#[derive(Default)]
pub(super) struct Modules {
    known: BTreeMap<String, Module>,
    /// Names that stand for folders without an initialiser.
    folders: BTreeSet<String>,
}

/// A distribution together with its judged files.
pub(super) type Pair<'a> = (&'a DistributionInput<'a>, &'a [JudgedFile]);

impl Modules {
    /// Lists the modules of distributions. Of two that provide the same name, the earlier one wins.
    pub(super) fn of(pairs: &[Pair<'_>]) -> Self {
        let mut modules = Self::default();
        for (position, (distribution, files)) in pairs.iter().enumerate() {
            modules.add_extensions(position, files);
            modules.add_sources(position, distribution);
        }
        let names: Vec<String> = modules.known.keys().cloned().collect();
        names.iter().for_each(|name| modules.add_folders(name));
        modules
    }

    /// An extension module hides a source of the same name, as Python's own finder has it.
    fn add_extensions(&mut self, position: usize, files: &[JudgedFile]) {
        for (index, file) in files.iter().enumerate() {
            if let Some(name) = &file.name {
                let module = Module { origin: Origin::Extension((position, index)), package: name.package };
                self.add(name.module.clone(), module);
            }
        }
    }

    fn add_sources(&mut self, position: usize, distribution: &DistributionInput) {
        let mut paths = distribution.sources.paths();
        paths.sort();
        for path in paths {
            if let Some((name, package)) = source_name(&path) {
                self.add(name, Module { origin: Origin::Source(position, path), package });
            }
        }
    }

    /// A package hides a module of the same name.
    fn add(&mut self, name: String, module: Module) {
        let better = self.known.get(&name).is_none_or(|there| module.package && !there.package);
        if better {
            self.known.insert(name, module);
        }
    }

    fn add_folders(&mut self, name: &str) {
        for (end, _) in name.match_indices('.') {
            let parent = name.get(..end).unwrap_or_default();
            if !self.known.contains_key(parent) {
                self.folders.insert(parent.to_owned());
            }
        }
    }

    /// The module of that name; `None` for other distributions' modules, and for folders.
    pub(super) fn get(&self, name: &str) -> Option<&Module> {
        self.known.get(name)
    }

    /// Whether `import name` finds a module or a folder here.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.contains_key(name) || self.folders.contains(name)
    }

    /// All names, sorted so that a package comes before what is in it.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Module)> {
        self.known.iter().map(|(name, module)| (name.as_str(), module))
    }

    /// The modules with which a user begins: top-level ones, and those directly in folders without an initialiser.
    /// Private ones count only where there is nothing else.
    pub(super) fn tops(&self) -> Vec<&str> {
        let top = |name: &&str| match name.rsplit_once('.') {
            None => true,
            Some((parent, _)) => self.folders.contains(parent) && self.all_folders(parent),
        };
        let tops: Vec<&str> = self.known.keys().map(String::as_str).filter(top).filter(|n| !is_for_tests(n)).collect();
        let public: Vec<&str> = tops.iter().copied().filter(|name| is_public(name)).collect();
        if public.is_empty() { tops } else { public }
    }

    fn all_folders(&self, name: &str) -> bool {
        name.match_indices('.').all(|(end, _)| self.folders.contains(name.get(..end).unwrap_or_default()))
    }
}

/// Whether no part of a name says that it is private or for tests.
pub(super) fn is_public(name: &str) -> bool {
    !name.split('.').any(|part| part.starts_with('_')) && !is_for_tests(name)
}

/// Whether a name says that the module is for tests, or otherwise not for users to import.
pub(super) fn is_for_tests(name: &str) -> bool {
    name.split('.').any(|part| {
        matches!(part, "tests" | "test" | "testing" | "conftest" | "setup" | "benchmarks" | "examples" | "docs")
            || part.starts_with("test_")
            || part.starts_with("_test_")
            || part.ends_with("_test")
    })
}
