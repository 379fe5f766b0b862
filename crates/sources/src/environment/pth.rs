//! `.pth` files: the folders that they add to the search path. Their `import` lines are code, and are never run.

use std::path::{Path, PathBuf};

use super::{files, paths};

/// The folders that the `.pth` files of a site folder add, in the order in which Python reads them. They need not
/// exist.
pub(super) fn additions(site: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(site) else { return Vec::new() };
    let mut names: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .filter(|name| is_pth(&name.to_string_lossy()))
        .collect();
    names.sort();
    names.iter().flat_map(|name| read(site, &site.join(name), problems)).collect()
}

/// Python leaves out hidden ones since 3.11.8, 3.12.2 and 3.13.
fn is_pth(name: &str) -> bool {
    name.ends_with(".pth") && !name.starts_with('.')
}

fn read(site: &Path, file: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    let bytes = match files::read_limited(file, files::SMALL) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(format!("cannot read `{}`, whose folders are not searched: {error}", file.display()));
            return Vec::new();
        }
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut folders = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n' || *byte == b'\r').map(<[u8]>::trim_ascii_end) {
        if line.starts_with(b"import ") || line.starts_with(b"import\t") {
            problems.extend(note_on_code(file, &String::from_utf8_lossy(line)));
        } else if !line.is_empty() && !line.starts_with(b"#") {
            folders.extend(paths::from_bytes(line).map(|line| paths::absolute(site, &line)));
        }
    }
    folders
}

/// Most code in `.pth` files adds no folder. What is told of does: it names the path, or installs an import hook.
fn note_on_code(file: &Path, line: &str) -> Option<String> {
    let adds = ["addsitedir", "sys.path.insert", "sys.path.append", "sys.path.extend", "meta_path", "__editable__"]
        .iter()
        .any(|word| line.contains(word));
    let own = line.contains("sys.__plen") || file.ends_with("distutils-precedence.pth");
    (adds && !own).then(|| {
        format!(
            "`{}` runs code that may add folders or modules to the search path, which is not followed: `{}`",
            file.display(),
            line.chars().take(80).collect::<String>()
        )
    })
}
