//! Shares compiled files out among distributions, so that each has one owner or none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::distributions::Inventory;
use super::walk::Tree;
use super::{CompiledFile, Distribution, paths};

/// How a distribution says which files are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claims {
    /// By a list.
    Listed,
    /// By names of modules and folders right in the site folder; files that a list names are left to the list.
    Tops(BTreeSet<String>),
    /// All of the folder of the search path.
    Everything,
}

/// A distribution while its files are being found.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// What is known of it.
    pub distribution: Distribution,
    /// The index of the tree that it lies in.
    pub tree: usize,
    /// How it names its files.
    pub claims: Claims,
    /// Its source folder, for an editable install.
    pub editable: Option<PathBuf>,
    /// What went wrong.
    pub problems: Vec<String>,
}

/// Gives every compiled file its owner, and tells of files that two claim and of distributions that are there twice.
pub(super) fn share_out(
    mut drafts: Vec<Draft>,
    trees: &[Tree],
    editable: &[Tree],
    problems: &mut Vec<String>,
) -> Inventory {
    for draft in &mut drafts {
        problems.append(&mut draft.problems);
    }
    settle_shared(&mut drafts, problems);
    let mut left = unclaimed(&drafts, trees);
    for draft in &mut drafts {
        claim_by_name(draft, trees, &mut left);
    }
    claim_editable(&mut drafts, trees, &mut left);
    for tree in editable {
        left.push(tree.compiled.clone());
    }
    claim_roots(&mut drafts, &mut left);
    let mut unowned: Vec<CompiledFile> = left.into_iter().flatten().collect();
    unowned.sort();
    sort_and_mark(&mut drafts, problems);
    Inventory { distributions: drafts.into_iter().map(|draft| draft.distribution).collect(), unowned }
}

/// The most credible of two that record the same file: the one with fewer files missing, then the later version.
fn credibility(draft: &Draft) -> (std::cmp::Reverse<usize>, Option<contract::Version>, &str) {
    let distribution = &draft.distribution;
    (std::cmp::Reverse(distribution.missing_files), distribution.version.parse().ok(), &distribution.name)
}

/// Files that several lists name stay with one of them.
fn settle_shared(drafts: &mut [Draft], problems: &mut Vec<String>) {
    let mut claims: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        for file in &draft.distribution.compiled {
            claims.entry((draft.tree, &file.path)).or_default().push(index);
        }
    }
    let shared: Vec<(String, Vec<usize>)> = claims
        .into_iter()
        .filter(|(_, claimants)| claimants.len() > 1)
        .map(|((_, path), claimants)| (path.to_owned(), claimants))
        .collect();
    let mut told = BTreeMap::new();
    for (path, claimants) in shared {
        let winner = claimants.iter().copied().max_by_key(|index| drafts.get(*index).map(credibility));
        for loser in claimants.iter().copied().filter(|index| Some(*index) != winner) {
            let (count, _) = told.entry((loser, winner)).or_insert((0_usize, path.clone()));
            *count = count.saturating_add(1);
            if let Some(draft) = drafts.get_mut(loser) {
                draft.distribution.compiled.retain(|file| file.path != path);
            }
        }
    }
    for ((loser, winner), (count, example)) in told {
        let pair = drafts.get(loser).zip(winner.and_then(|winner| drafts.get(winner)));
        problems.extend(
            pair.map(|(loser, winner)| shared_text(&loser.distribution, &winner.distribution, count, &example)),
        );
    }
}

fn shared_text(loser: &Distribution, winner: &Distribution, count: usize, example: &str) -> String {
    let others = if count > 1 { format!(" and {} more", count.saturating_sub(1)) } else { String::new() };
    let (a, b) = (title(winner), title(loser));
    format!("`{a}` and `{b}` both record `{example}`{others}; taken to belong to `{a}`")
}

fn title(distribution: &Distribution) -> String {
    format!("{} {}", distribution.name, distribution.version).trim_end().to_owned()
}

/// Compiled files of each tree that no list names.
fn unclaimed(drafts: &[Draft], trees: &[Tree]) -> Vec<Vec<CompiledFile>> {
    let mut owned: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); trees.len()];
    for draft in drafts {
        if let Some(owned) = owned.get_mut(draft.tree) {
            owned.extend(draft.distribution.compiled.iter().map(|file| file.path.as_str()));
        }
    }
    let left = |(tree, owned): (&Tree, BTreeSet<&str>)| {
        tree.compiled.iter().filter(|file| !owned.contains(file.path.as_str())).cloned().collect()
    };
    trees.iter().zip(owned).map(left).collect()
}

/// Files that a distribution without a list claims by their names.
fn claim_by_name(draft: &mut Draft, trees: &[Tree], left: &mut [Vec<CompiledFile>]) {
    let (Some(tree), Some(left)) = (trees.get(draft.tree), left.get_mut(draft.tree)) else { return };
    let mine = |path: &str| match &draft.claims {
        Claims::Listed => false,
        Claims::Everything => true,
        Claims::Tops(tops) => tops.contains(top_of(path)),
    };
    if draft.claims == Claims::Listed {
        return;
    }
    let (taken, kept) = std::mem::take(left).into_iter().partition(|file| mine(&file.path));
    *left = kept;
    let files: BTreeSet<&String> = tree.files.iter().filter(|path| path.ends_with(".py") && mine(path)).collect();
    draft.distribution.python_files = files.into_iter().cloned().collect();
    draft.distribution.compiled = taken;
}

/// The first part of a path; for a file right in the folder, what stands before its first dot.
fn top_of(path: &str) -> &str {
    match path.split_once('/') {
        Some((folder, _)) => folder,
        None => path.split('.').next().unwrap_or(path),
    }
}

/// A folder that a `.pth` file names belongs to the distribution that is installed from there.
fn claim_editable(drafts: &mut [Draft], trees: &[Tree], left: &mut [Vec<CompiledFile>]) {
    for (tree, left) in trees.iter().zip(left) {
        let from_here =
            |draft: &&mut Draft| draft.editable.as_deref().is_some_and(|root| tree.folder.starts_with(root));
        if let Some(draft) = drafts.iter_mut().filter(from_here).max_by_key(|draft| depth(draft.editable.as_deref())) {
            draft.distribution.compiled.append(left);
            draft.distribution.python_files.extend(tree.files.iter().filter(|path| path.ends_with(".py")).cloned());
            draft.distribution.python_files.sort();
        }
    }
}

fn depth(folder: Option<&Path>) -> usize {
    folder.map_or(0, |folder| folder.components().count())
}

/// What is left below the source folder of an editable install belongs to it.
fn claim_roots(drafts: &mut [Draft], left: &mut [Vec<CompiledFile>]) {
    for draft in drafts {
        let Some(root) = &draft.editable else { continue };
        for left in left.iter_mut() {
            let (taken, kept) = std::mem::take(left).into_iter().partition(|file| file.absolute.starts_with(root));
            *left = kept;
            let taken: Vec<CompiledFile> = taken;
            draft.distribution.compiled.extend(taken);
        }
    }
}

/// Puts distributions in order, and marks those that an earlier one of the same name stands before.
fn sort_and_mark(drafts: &mut [Draft], problems: &mut Vec<String>) {
    drafts.sort_by_cached_key(|draft| {
        (draft.tree, paths::normalised(&draft.distribution.name), draft.distribution.metadata_dir.clone())
    });
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut twice: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
    for draft in drafts {
        draft.distribution.compiled.sort();
        let name = paths::normalised(&draft.distribution.name);
        let first = *seen.entry(name.clone()).or_insert(draft.tree);
        draft.distribution.shadowed = first != draft.tree;
        let file = draft.distribution.metadata_dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        twice.entry((draft.tree, name)).or_default().push(file);
    }
    for ((_, name), files) in twice.into_iter().filter(|(_, files)| files.len() > 1) {
        let files = files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ");
        problems.push(format!("`{name}` is recorded more than once in one folder: {files}"));
    }
}
