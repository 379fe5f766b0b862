//! Distributions recorded by `.egg-info` (a folder or a file) and by `.egg` folders: what came before `.dist-info`.

use std::path::Path;

use super::record::Listing;
use super::walk::Tree;
use super::{files, paths};

/// The files that `installed-files.txt` names, relative to the `.egg-info` folder itself. `None` where there is none.
pub(super) fn listing(metadata: &Path, tree: &Tree) -> Option<Listing> {
    let bytes = files::read_limited(&metadata.join("installed-files.txt"), files::LIST).ok()?;
    let mut listing = Listing::default();
    for line in String::from_utf8_lossy(&bytes).lines().filter(|line| !line.trim().is_empty()) {
        let clean = paths::absolute(metadata, Path::new(&line.trim().replace('\\', "/")));
        let path = clean.to_str().and_then(|clean| paths::inside(&tree.folder, clean));
        let wanted = |path: &String| !path.contains(".egg-info/") && !path.contains("__pycache__/");
        if let Some(path) = path.filter(wanted) {
            listing.note(path, tree);
        }
    }
    Some(listing.finish())
}

/// The requirements in `requires.txt`: sections named `[extra:marker]`, as requirement lines with markers.
pub(super) fn requires(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut condition = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(section) => condition = marker_of(section),
            None if condition.is_empty() => lines.push(line.to_owned()),
            None => lines.push(format!("{line}; {condition}")),
        }
    }
    lines
}

fn marker_of(section: &str) -> String {
    let (extra, marker) = section.split_once(':').unwrap_or((section, ""));
    let parts = [
        (!marker.is_empty()).then(|| format!("({marker})")),
        (!extra.is_empty()).then(|| format!("extra == '{extra}'")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::requires;

    #[test]
    fn reads_sections_as_markers() {
        let text = "numpy>=1.9\n\n[:python_version < \"3\"]\nfutures\n\n[tests:os_name == 'nt']\nx\n[docs]\nsphinx\n";
        assert_eq!(
            requires(text),
            [
                "numpy>=1.9",
                "futures; (python_version < \"3\")",
                "x; (os_name == 'nt') and extra == 'tests'",
                "sphinx; extra == 'docs'"
            ]
        );
    }
}
