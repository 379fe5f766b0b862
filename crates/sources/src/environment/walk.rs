//! One walk over every folder of the search path: which files there are, and which of them are compiled.
//!
//! Only compiled files are asked for their size. Byte-compiled files and the insides of metadata folders are left out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::CompiledFile;
use super::search::{Origin, SearchPath};

/// How many entries of a site folder are looked at.
const SITE_LIMIT: usize = 2_000_000;
/// How many entries of any other folder, such as a project that `PYTHONPATH` names.
const SOURCE_LIMIT: usize = 200_000;
/// How deep folders may nest.
const DEPTH_LIMIT: usize = 64;
/// How many real folders a chain of links may lead through, two a link.
const LINK_LIMIT: usize = 8;

/// What lies in one folder of the search path.
#[derive(Debug)]
pub(super) struct Tree {
    /// The folder.
    pub folder: PathBuf,
    /// Why it is searched.
    pub origin: Origin,
    /// The names of what lies right in it, sorted; `true` for folders.
    pub top: BTreeMap<String, bool>,
    /// Every file, relative, with `/`.
    pub files: HashSet<String>,
    /// The compiled ones, by path.
    pub compiled: Vec<CompiledFile>,
}

impl Tree {
    /// Whether a file or folder of this name lies right in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.top.contains_key(name)
    }
}

/// Whether a file's name is that of a compiled file.
pub(super) fn is_compiled(name: &str) -> bool {
    let end = name.rsplit('.').next().unwrap_or_default();
    let known = ["so", "pyd", "dylib", "dll"].iter().any(|known| end.eq_ignore_ascii_case(known));
    (known && end.len() < name.len()) || name.contains(".so.")
}

/// Walks every folder of the search path that lies in no other.
pub(super) fn walk_all(search: &SearchPath, problems: &mut Vec<String>) -> Vec<Tree> {
    let own: Vec<_> = search.entries.iter().filter(|entry| has_own_tree(&entry.folder, search)).collect();
    let roots: BTreeSet<PathBuf> = own.iter().map(|entry| entry.folder.clone()).collect();
    let walked: Vec<_> = own.par_iter().map(|entry| walk(&entry.folder, entry.origin, &roots)).collect();
    let mut trees = Vec::new();
    for (tree, found) in walked {
        problems.extend(found);
        trees.push(tree);
    }
    trees
}

/// Folders inside a site folder are walked with it; eggs are distributions of their own.
fn has_own_tree(folder: &Path, search: &SearchPath) -> bool {
    let within = |entry: &super::search::Entry| folder != entry.folder && folder.starts_with(&entry.folder);
    is_egg(folder) || !search.entries.iter().any(|entry| entry.origin != Origin::PythonPath && within(entry))
}

/// Whether a folder is an installed egg.
pub(super) fn is_egg(folder: &Path) -> bool {
    folder.extension().is_some_and(|end| end == "egg")
}

/// Walks one folder. What could not be read is told beside the tree.
pub(super) fn walk(folder: &Path, origin: Origin, roots: &BTreeSet<PathBuf>) -> (Tree, Vec<String>) {
    let top = top_of(folder);
    let site = is_site(folder, &top);
    let walker = Walker { roots, site, left: AtomicUsize::new(if site { SITE_LIMIT } else { SOURCE_LIMIT }) };
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut found = walker.folder(Step { relative: String::new(), path: folder, links: &[real], depth: 0 });
    if walker.left.load(Ordering::Relaxed) == 0 {
        found.problems.push(format!("`{}` holds too many files; not all were looked at", folder.display()));
    }
    found.compiled.sort();
    let files = found.files.into_iter().collect();
    let tree = Tree { folder: folder.to_owned(), origin, top, files, compiled: found.compiled };
    (tree, found.problems)
}

fn top_of(folder: &Path) -> BTreeMap<String, bool> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .filter_map(Result::ok)
        .map(|entry| {
            (name_of(&entry), entry.file_type().is_ok_and(|kind| kind.is_dir() || links_to_folder(kind, &entry)))
        })
        .collect()
}

fn links_to_folder(kind: fs::FileType, entry: &DirEntry) -> bool {
    kind.is_symlink() && entry.path().is_dir()
}

fn is_site(folder: &Path, top: &BTreeMap<String, bool>) -> bool {
    folder.ends_with("site-packages")
        || folder.ends_with("dist-packages")
        || is_egg(folder)
        || top.keys().any(|name| name.ends_with(".dist-info"))
}

fn name_of(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

/// What does not change during a walk, and how many entries it may still look at.
struct Walker<'a> {
    roots: &'a BTreeSet<PathBuf>,
    site: bool,
    left: AtomicUsize,
}

/// A folder on the way. `links` are the real folders that links led from and to, the walk's own first.
struct Step<'a> {
    relative: String,
    path: &'a Path,
    links: &'a [PathBuf],
    depth: usize,
}

#[derive(Default)]
struct Found {
    files: Vec<String>,
    compiled: Vec<CompiledFile>,
    problems: Vec<String>,
}

impl Found {
    fn merge(mut self, mut other: Self) -> Self {
        self.files.append(&mut other.files);
        self.compiled.append(&mut other.compiled);
        self.problems.append(&mut other.problems);
        self
    }
}

impl Walker<'_> {
    fn folder(&self, step: Step<'_>) -> Found {
        let mut found = Found::default();
        let mut below = Vec::new();
        match fs::read_dir(step.path) {
            Ok(entries) => {
                for entry in entries.map_while(Result::ok).take_while(|_| self.may_go_on()) {
                    self.entry(&entry, &step, &mut found, &mut below);
                }
            }
            Err(error) => {
                let text = format!("cannot read the folder `{}`, which is left out: {error}", step.path.display());
                found.problems.push(text);
            }
        }
        below.into_par_iter().map(|next| self.enter(next, &step)).reduce(Found::default, Found::merge).merge(found)
    }

    fn may_go_on(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    fn entry(&self, entry: &DirEntry, step: &Step<'_>, found: &mut Found, below: &mut Vec<Below>) {
        let Ok(kind) = entry.file_type() else { return };
        let name = name_of(entry);
        let folder = kind.is_dir() || links_to_folder(kind, entry);
        if !folder {
            return note_file(entry, kind, join(&step.relative, &name), found);
        }
        let path = entry.path();
        if self.is_entered(&name, &path) && step.depth < DEPTH_LIMIT {
            below.push(Below { relative: join(&step.relative, &name), path, link: kind.is_symlink() });
        }
    }

    fn is_entered(&self, name: &str, path: &Path) -> bool {
        if name == "__pycache__" || name.ends_with(".dist-info") || self.roots.contains(path) {
            return false;
        }
        self.site || (is_identifier(name) && !path.join("pyvenv.cfg").exists())
    }

    fn enter(&self, next: Below, step: &Step<'_>) -> Found {
        let depth = step.depth.saturating_add(1);
        if !next.link {
            return self.folder(Step { relative: next.relative, path: &next.path, links: step.links, depth });
        }
        let Ok(real) = fs::canonicalize(&next.path) else { return Found::default() };
        let here = fs::canonicalize(step.path).unwrap_or_else(|_| step.path.to_owned());
        let links = [step.links, &[here]].concat();
        if links.iter().any(|from| from.starts_with(&real)) || links.len() > LINK_LIMIT {
            let text = format!(
                "`{}` links back to `{}`, which is not looked through again",
                next.path.display(),
                real.display()
            );
            return Found { problems: vec![text], ..Found::default() };
        }
        let links = [links, vec![real]].concat();
        self.folder(Step { relative: next.relative, path: &next.path, links: &links, depth })
    }
}

/// A folder to walk next.
struct Below {
    relative: String,
    path: PathBuf,
    link: bool,
}

fn note_file(entry: &DirEntry, kind: fs::FileType, relative: String, found: &mut Found) {
    let compiled = is_compiled(relative.rsplit('/').next().unwrap_or_default());
    if compiled || kind.is_symlink() {
        let metadata = if kind.is_symlink() { fs::metadata(entry.path()) } else { entry.metadata() };
        match metadata {
            Ok(metadata) if metadata.is_file() && compiled => {
                let file = CompiledFile { path: relative.clone(), absolute: entry.path(), size: metadata.len() };
                found.compiled.push(file);
            }
            Ok(metadata) if metadata.is_file() => {}
            _ => return,
        }
    }
    found.files.push(relative);
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { [folder, "/", name].concat() }
}

/// Only folders with such names can be imported from.
fn is_identifier(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::is_compiled;

    #[test]
    fn knows_compiled_files_by_name() {
        for name in ["a.so", "a.cpython-311-x86_64-linux-gnu.so", "a.pyd", "A.DLL", "libx.dylib", "libarrow.so.2200"] {
            assert!(is_compiled(name), "{name}");
        }
        for name in ["so", "a.py", "a.so_", "pyd", "a.soname", "Makefile", ".gitignore"] {
            assert!(!is_compiled(name), "{name}");
        }
    }
}
