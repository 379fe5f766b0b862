//! `conda-meta`: what conda records of each package that it put into a prefix.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::owners::{Claims, Draft};
use super::record::Listing;
use super::walk::Tree;
use super::{Distribution, Recorded, files, paths};

/// The parts of a record that are of use.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    requested_spec: Option<String>,
}

/// Marks the distributions that conda installed, and adds those that conda alone records.
pub(super) fn merge(root: &Path, trees: &[Tree], drafts: &mut Vec<Draft>, problems: &mut Vec<String>) {
    for file in record_files(root) {
        let read = files::read_limited(&file, files::LIST).map_err(|error| error.to_string());
        match read.and_then(|bytes| serde_json::from_slice::<Package>(&bytes).map_err(|error| error.to_string())) {
            Ok(package) => merge_package(&file, &package, &Prefix { root, trees }, drafts, problems),
            Err(error) => problems.push(format!("`{}` cannot be read: {error}", file.display())),
        }
    }
}

fn record_files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root.join("conda-meta")) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    found.sort();
    found
}

struct Prefix<'a> {
    root: &'a Path,
    trees: &'a [Tree],
}

impl Prefix<'_> {
    /// The tree that a recorded file lies in, and its path there.
    fn place(&self, recorded: &str) -> Option<(usize, String)> {
        let absolute = self.root.join(paths::inside(self.root, recorded)?);
        let within = |tree: &Tree| absolute.strip_prefix(&tree.folder).ok()?.to_str().map(str::to_owned);
        self.trees.iter().enumerate().find_map(|(index, tree)| Some((index, within(tree)?)))
    }
}

fn merge_package(
    file: &Path,
    package: &Package,
    prefix: &Prefix<'_>,
    drafts: &mut Vec<Draft>,
    problems: &mut Vec<String>,
) {
    let mut by_tree: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (index, path) in package.files.iter().filter_map(|recorded| prefix.place(recorded)) {
        by_tree.entry(index).or_default().push(path);
    }
    for (index, recorded) in by_tree {
        let Some(tree) = prefix.trees.get(index) else { continue };
        let listing = listing_of(&recorded, tree);
        let known = drafts.iter_mut().filter(|draft| draft.tree == index).find(|draft| is_recorded(draft, &recorded));
        if let Some(draft) = known {
            adopt(draft, package, listing);
        } else if let Some(other) = same_name(drafts, index, &package.name) {
            problems.push(overwritten(package, &other.distribution));
        } else {
            drafts.push(draft_of(file, package, (index, tree), listing));
        }
    }
}

fn listing_of(recorded: &[String], tree: &Tree) -> Listing {
    let mut listing = Listing::default();
    let left_out = |path: &str| path.contains("__pycache__/") || path.contains("-info/") || path.ends_with(".pyc");
    for path in recorded.iter().filter(|path| !left_out(path) && !path.ends_with("-info")) {
        listing.note(path.clone(), tree);
    }
    listing.finish()
}

/// Whether conda's record names the metadata that is there now.
fn is_recorded(draft: &Draft, recorded: &[String]) -> bool {
    let name = draft.distribution.metadata_dir.file_name().unwrap_or_default().to_string_lossy();
    let folder = format!("{name}/");
    recorded.iter().any(|path| *path == name || path.starts_with(&folder))
}

fn same_name<'a>(drafts: &'a [Draft], index: usize, name: &str) -> Option<&'a Draft> {
    let name = paths::normalised(name);
    drafts.iter().find(|draft| draft.tree == index && paths::normalised(&draft.distribution.name) == name)
}

fn adopt(draft: &mut Draft, package: &Package, listing: Listing) {
    let distribution = &mut draft.distribution;
    distribution.recorded_by = Recorded::Conda;
    distribution.installer.get_or_insert_with(|| "conda".to_owned());
    distribution.requested |= package.requested_spec.as_deref().is_some_and(|spec| !spec.is_empty() && spec != "None");
    if draft.claims != Claims::Listed {
        distribution.compiled = listing.compiled;
        distribution.python_files = listing.python;
        distribution.missing_files = listing.missing;
        draft.claims = Claims::Listed;
        draft.problems.retain(|problem| !problem.contains("RECORD"));
    }
}

fn overwritten(package: &Package, other: &Distribution) -> String {
    let installer = other.installer.as_deref().unwrap_or("another tool");
    format!(
        "conda records `{} {}`, and `{} {}`, installed by {installer}, lies in its place",
        package.name, package.version, other.name, other.version
    )
}

fn draft_of(file: &Path, package: &Package, (index, tree): (usize, &Tree), listing: Listing) -> Draft {
    let distribution = Distribution {
        name: package.name.clone(),
        version: package.version.clone(),
        installer: Some("conda".to_owned()),
        requested: package.requested_spec.as_deref().is_some_and(|spec| !spec.is_empty() && spec != "None"),
        site: tree.folder.clone(),
        metadata_dir: file.to_owned(),
        recorded_by: Recorded::Conda,
        requires: Vec::new(),
        requires_numpy: None,
        requires_python: None,
        wheel_tags: Vec::new(),
        compiled: listing.compiled,
        python_files: listing.python,
        missing_files: listing.missing,
        shadowed: false,
    };
    Draft { distribution, tree: index, claims: Claims::Listed, editable: None, problems: Vec::new() }
}
