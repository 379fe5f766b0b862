//! `RECORD`: the list of files that an installer leaves in a `.dist-info` folder, lines of comma-separated values.

use std::path::Path;

use super::walk::{Tree, is_compiled};
use super::{CompiledFile, paths};

/// The files of one distribution, by its record.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Compiled files on disk, by path.
    pub compiled: Vec<CompiledFile>,
    /// `.py` files on disk, by path.
    pub python: Vec<String>,
    /// How many files inside the site folder are named and not on disk.
    pub missing: usize,
    /// Named paths that lead out of the environment.
    pub outside: Vec<String>,
    /// What is wrong with the record itself.
    pub broken: Option<String>,
}

impl Listing {
    /// Notes one file by its path inside the site folder.
    pub(super) fn note(&mut self, path: String, tree: &Tree) {
        if !tree.files.contains(&path) {
            self.missing = self.missing.saturating_add(1);
        } else if is_compiled(path.rsplit('/').next().unwrap_or_default()) {
            let position = tree.compiled.binary_search_by(|file| file.path.as_str().cmp(&path));
            self.compiled.extend(position.ok().and_then(|at| tree.compiled.get(at)).cloned());
        } else if path.ends_with(".py") {
            self.python.push(path);
        }
    }

    /// Sorts, and drops what a record names twice.
    pub(super) fn finish(mut self) -> Self {
        self.compiled.sort();
        self.compiled.dedup();
        self.python.sort();
        self.python.dedup();
        self
    }
}

/// Reads a record. Paths out of the site folder but inside `root` (scripts, headers) are not looked for.
pub(super) fn read(bytes: &[u8], tree: &Tree, root: &Path) -> Listing {
    let mut listing = Listing::default();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => note_line(record.get(0).unwrap_or_default(), tree, root, &mut listing),
            Ok(false) => break,
            Err(error) => {
                listing.broken = Some(error.to_string());
                break;
            }
        }
    }
    listing.finish()
}

fn note_line(bytes: &[u8], tree: &Tree, root: &Path, listing: &mut Listing) {
    let text = String::from_utf8_lossy(bytes);
    if text.is_empty() || is_left_out(&text) {
        return;
    }
    if text.contains('\u{fffd}') || text.contains('\0') {
        listing.broken.get_or_insert_with(|| format!("it holds `{}`, which is not UTF-8", text.replace('\0', "\\0")));
    }
    match paths::inside(&tree.folder, &text) {
        Some(path) if is_left_out(&path) => {}
        Some(path) => listing.note(path, tree),
        None if paths::absolute(&tree.folder, Path::new(text.as_ref())).starts_with(root) => {}
        None => listing.outside.push(text.into_owned()),
    }
}

/// What the walk leaves out is not looked for either.
fn is_left_out(path: &str) -> bool {
    path.contains("__pycache__/") || path.contains(".dist-info/") || path.ends_with(".pyc")
}
