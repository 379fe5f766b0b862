//! Reads every record of the search path into distributions: what each is, what it requires, which files it claims.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use contract::report::Python;
use rayon::prelude::*;

use super::locate::Located;
use super::metadata::{self, Headers};
use super::owners::{self, Claims, Draft};
use super::record::{self, Listing};
use super::search::SearchPath;
use super::walk::{self, Tree};
use super::{CompiledFile, Distribution, EnvironmentKind, Recorded, conda, egg, files, origin};

/// Distributions, and the compiled files that none of them owns.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// The distributions.
    pub distributions: Vec<Distribution>,
    /// The files.
    pub unowned: Vec<CompiledFile>,
}

/// What reading one record needs to know of the environment.
struct Context<'a> {
    root: &'a Path,
    python: Option<&'a Python>,
}

/// Reads every distribution, and shares the compiled files out among them.
pub(super) fn read_all(
    located: &Located,
    search: &SearchPath,
    trees: &[Tree],
    python: Option<&Python>,
    problems: &mut Vec<String>,
) -> Inventory {
    let root = if located.kind == EnvironmentKind::SitePackages {
        located.root.ancestors().nth(3).unwrap_or(&located.root)
    } else {
        &located.root
    };
    let context = Context { root, python };
    let records: Vec<(usize, String)> =
        trees.iter().enumerate().flat_map(|(index, tree)| records_of(tree).map(move |name| (index, name))).collect();
    let read = |(index, name): &(usize, String)| Some(context.read(*index, trees.get(*index)?, name));
    let mut drafts: Vec<Draft> = records.par_iter().filter_map(read).collect();
    if located.kind == EnvironmentKind::Conda {
        conda::merge(&located.root, trees, &mut drafts, problems);
    }
    let editable = walk_editable(&drafts, search, problems);
    owners::share_out(drafts, trees, &editable, problems)
}

/// The names of the records right in a folder of the search path.
fn records_of(tree: &Tree) -> impl Iterator<Item = String> {
    let record =
        |name: &str, is_folder: bool| (name.ends_with(".dist-info") && is_folder) || name.ends_with(".egg-info");
    let egg = walk::is_egg(&tree.folder) && tree.has("EGG-INFO");
    let named =
        tree.top.iter().filter(move |(name, is_folder)| record(name, **is_folder)).map(|(name, _)| name.clone());
    named.chain(egg.then(|| "EGG-INFO".to_owned()))
}

/// Source folders of editable installs that no folder of the search path holds: a hook, which is not run, finds them.
fn walk_editable(drafts: &[Draft], search: &SearchPath, problems: &mut Vec<String>) -> Vec<Tree> {
    let on_path = |root: &Path| search.entries.iter().any(|entry| entry.folder.starts_with(root));
    let roots: BTreeSet<&PathBuf> = drafts.iter().filter_map(|draft| draft.editable.as_ref()).collect();
    let mut trees = Vec::new();
    for root in roots.into_iter().filter(|root| !on_path(root) && root.is_dir()) {
        let (tree, found) = walk::walk(root, super::search::Origin::Pth, &BTreeSet::new());
        problems.extend(found);
        trees.push(tree);
    }
    trees
}

impl Context<'_> {
    fn read(&self, index: usize, tree: &Tree, name: &str) -> Draft {
        let mut problems = Vec::new();
        let folder = tree.folder.join(name);
        let (stem, recorded_by) = match name.strip_suffix(".dist-info") {
            Some(stem) => (stem, Recorded::DistInfo),
            None => (name.trim_end_matches(".egg-info"), Recorded::EggInfo),
        };
        let headers = headers(&folder, recorded_by, &mut problems);
        let (named, versioned) = name_in(stem, &tree.folder);
        let distribution_name = headers.name.unwrap_or(named);
        let requires = requires(&folder, recorded_by, headers.requires);
        let (requires_numpy, broken) = metadata::numpy_specifiers(&requires, self.python);
        problems.extend(broken.iter().map(|line| {
            format!("`{distribution_name}` has a requirement that cannot be read, which is left out: `{line}`")
        }));
        let installer = files::text(&folder.join("INSTALLER")).map(|text| text.trim().to_owned());
        let installer = installer.filter(|installer| !installer.is_empty());
        let (claims, listing) = match recorded_by {
            Recorded::DistInfo => {
                self.dist_info_files(&folder, tree, &distribution_name, installer.as_deref(), &mut problems)
            }
            _ => egg_files(&folder, tree, &distribution_name),
        };
        let distribution = Distribution {
            name: distribution_name,
            version: headers.version.unwrap_or(versioned),
            installer,
            requested: folder.join("REQUESTED").exists(),
            site: tree.folder.clone(),
            recorded_by,
            requires,
            requires_numpy,
            requires_python: headers.requires_python,
            wheel_tags: wheel_tags(&folder, recorded_by),
            compiled: listing.compiled,
            python_files: listing.python,
            missing_files: listing.missing,
            shadowed: false,
            metadata_dir: folder.clone(),
        };
        Draft { distribution, tree: index, claims, editable: editable_root(&folder), problems }
    }

    /// The files by `RECORD`; without one, what is named like the distribution is claimed later.
    fn dist_info_files(
        &self,
        folder: &Path,
        tree: &Tree,
        name: &str,
        installer: Option<&str>,
        problems: &mut Vec<String>,
    ) -> (Claims, Listing) {
        let file = folder.join("RECORD");
        let bytes = match files::read_limited(&file, files::LIST) {
            Ok(bytes) => bytes,
            Err(error) => {
                // Debian removes every RECORD: its own tool knows the files.
                if installer != Some("debian") {
                    problems.push(no_record(&file, name, &error));
                }
                return (Claims::Tops(top_level(folder, name)), Listing::default());
            }
        };
        let mut listing = record::read(&bytes, tree, self.root);
        problems.extend(listing.broken.take().map(|why| format!("`{}` is broken: {why}", file.display())));
        problems.extend(outside(&file, &listing.outside));
        (Claims::Listed, listing)
    }
}

fn no_record(file: &Path, name: &str, error: &std::io::Error) -> String {
    let why = if error.kind() == std::io::ErrorKind::NotFound {
        "is missing".to_owned()
    } else {
        format!("cannot be read ({error})")
    };
    format!("`{}` {why}; files are taken to belong to `{name}` by their names", file.display())
}

fn outside(file: &Path, paths: &[String]) -> Option<String> {
    let first = paths.first()?;
    let more = paths.len().saturating_sub(1);
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("`{}` names `{first}`{others}, outside of the environment; not looked at", file.display()))
}

fn headers(folder: &Path, recorded_by: Recorded, problems: &mut Vec<String>) -> Headers {
    let file = match recorded_by {
        Recorded::DistInfo => folder.join("METADATA"),
        _ if folder.is_dir() => folder.join("PKG-INFO"),
        _ => folder.to_owned(),
    };
    match files::read_limited(&file, files::METADATA) {
        Ok(bytes) => metadata::read(&bytes).filter(|headers| headers.name.is_some()).unwrap_or_else(|| {
            problems.push(format!("`{}` names no distribution; its folder's name is taken", file.display()));
            Headers::default()
        }),
        Err(error) => {
            problems.push(format!("cannot read `{}`, so its folder's name is taken: {error}", file.display()));
            Headers::default()
        }
    }
}

/// Name and version out of `name-version[-py3.8]`. An egg's own folder carries them when its `EGG-INFO` does not.
fn name_in(stem: &str, folder: &Path) -> (String, String) {
    let egg = folder.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = if stem == "EGG-INFO" { egg.as_str() } else { stem };
    let mut parts = stem.split('-');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    (next(), next())
}

fn requires(folder: &Path, recorded_by: Recorded, in_headers: Vec<String>) -> Vec<String> {
    if recorded_by == Recorded::DistInfo || !in_headers.is_empty() {
        return in_headers;
    }
    files::text(&folder.join("requires.txt")).map(|text| egg::requires(&text)).unwrap_or_default()
}

fn wheel_tags(folder: &Path, recorded_by: Recorded) -> Vec<String> {
    if recorded_by != Recorded::DistInfo {
        return Vec::new();
    }
    let bytes = files::read_limited(&folder.join("WHEEL"), files::SMALL).ok();
    bytes.and_then(|bytes| metadata::read(&bytes)).map(|headers| headers.tags).unwrap_or_default()
}

fn egg_files(folder: &Path, tree: &Tree, name: &str) -> (Claims, Listing) {
    if folder.ends_with("EGG-INFO") {
        return (Claims::Everything, Listing::default());
    }
    match egg::listing(folder, tree) {
        Some(listing) => (Claims::Listed, listing),
        None => (Claims::Tops(top_level(folder, name)), Listing::default()),
    }
}

/// The importable names of a distribution: `top_level.txt`, and always its own name as a module would spell it.
fn top_level(folder: &Path, name: &str) -> BTreeSet<String> {
    let text = files::text(&folder.join("top_level.txt")).unwrap_or_default();
    let mut tops: BTreeSet<String> =
        text.lines().map(str::trim).filter(|top| !top.is_empty()).map(str::to_owned).collect();
    let module = name.replace(['-', '.'], "_");
    tops.extend([format!("{module}.libs"), format!("{name}.libs"), module.to_lowercase(), module]);
    tops
}

/// The source folder of an editable install, by `direct_url.json`.
fn editable_root(folder: &Path) -> Option<PathBuf> {
    let origin = origin::direct_url(folder).filter(|origin| origin.editable)?;
    url::Url::parse(&origin.url).ok()?.to_file_path().ok()
}
