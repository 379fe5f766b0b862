//! The frames of tracebacks in whatever clothes: Python's own, IPython's, pytest's, warnings, faulthandler dumps.
//!
//! What all of them have in common is a path below `site-packages`; Cython adds `in init MODULE`. The rest (user
//! scripts) only matters for the import statement that follows.

use std::sync::LazyLock;

use regex::Regex;

use super::clean::Flat;
use super::names::has_own_name;
use super::pattern::ascii;

/// A place in a traceback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Where it begins in the flat text.
    pub(super) start: usize,
    /// Where its path ends.
    pub(super) end: usize,
    /// Where it is.
    pub(super) kind: FrameKind,
}

/// What a frame says of its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// A file below `site-packages` or `dist-packages`, with `/`: `torch/nn/modules/transformer.py`.
    Installed(String),
    /// Cython's initialiser of an extension module: `hdbscan._hdbscan_linkage`.
    Init(String),
    /// Any other file.
    Other(String),
}

static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    ascii(concat!(
        r#"(?:site|dist)-packages[/\\]+(?<installed>[^\s"'`:,()\[\]<>|]+)"#,
        r"|\bin init (?<init>[A-Za-z_][\w.]*)",
        r#"|File "(?<other>[^"]+)", line \d+"#,
    ))
});

/// How far from a message its frames are looked for, in bytes of flat text.
const REACH: usize = 24_000;

/// The frames around `places`, which are in ascending order, in the order of the text. A log may hold any number of
/// others.
pub(super) fn frames_near(flat: &Flat, places: impl Iterator<Item = usize>) -> Vec<Frame> {
    let mut windows: Vec<(usize, usize)> = Vec::new();
    for place in places {
        let (start, end) = (place.saturating_sub(REACH), place.saturating_add(REACH));
        match windows.last_mut() {
            Some(last) if last.1 >= start => last.1 = end,
            _ => windows.push((start, end)),
        }
    }
    windows.into_iter().flat_map(|(start, end)| frames_between(flat, start, end)).collect()
}

fn frames_between(flat: &Flat, start: usize, end: usize) -> Vec<Frame> {
    let text = flat.after(start, end.saturating_sub(start));
    // The window may begin in the middle of a letter, and then does a little later.
    let offset = text.as_ptr().addr().saturating_sub(flat.text.as_ptr().addr());
    FRAME
        .captures_iter(text)
        .flat_map(|found| {
            let (start, end) = found.get(0).map_or((0, 0), |whole| (whole.start(), whole.end()));
            let (start, end) = (start.saturating_add(offset), end.saturating_add(offset));
            kind_of(&found).map(|kind| Frame { start, end, kind })
        })
        .collect()
}

fn kind_of(found: &regex::Captures<'_>) -> Option<FrameKind> {
    if let Some(path) = found.name("installed") {
        return Some(FrameKind::Installed(with_slashes(path.as_str()).trim_end_matches('/').to_owned()));
    }
    if let Some(module) = found.name("init") {
        return Some(FrameKind::Init(module.as_str().to_owned()));
    }
    let path = with_slashes(found.name("other")?.as_str());
    Some(match below_packages(&path) {
        Some(installed) => FrameKind::Installed(installed.to_owned()),
        None => FrameKind::Other(path),
    })
}

fn below_packages(path: &str) -> Option<&str> {
    let at = path.rfind("-packages/")?;
    path.get(at.saturating_add("-packages/".len())..)
}

fn with_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        match letter {
            '\\' | '/' if out.ends_with('/') => {}
            '\\' => out.push('/'),
            other => out.push(other),
        }
    }
    out
}

impl Frame {
    /// The top-level module, where the frame tells one: `torch`, `hdbscan`.
    pub(super) fn top_module(&self) -> Option<&str> {
        match &self.kind {
            FrameKind::Installed(path) => top_of_path(path),
            FrameKind::Init(module) => module.split('.').next(),
            FrameKind::Other(path) => top_of_source(path),
        }
    }

    /// The installed file, where the frame names one.
    pub(super) fn file(&self) -> Option<&str> {
        match &self.kind {
            FrameKind::Installed(path) => Some(path),
            _ => None,
        }
    }
}

/// `torch/nn/__init__.py` -> `torch`; `cv2.cpython-39-darwin.so` -> `cv2`; an egg's folder is skipped.
fn top_of_path(path: &str) -> Option<&str> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next()?;
    let first = if first.ends_with(".egg") { parts.next()? } else { first };
    let top = first.split('.').next()?;
    let is_module = !first.ends_with("-info") && top.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_module && !top.is_empty()).then_some(top)
}

/// A Cython source (`pandas/_libs/interval.pyx`), a file inside a frozen program (`cv2\__init__.py`), or one of a
/// well-known package in a folder of an application's own (`program.dist/cv2/__init__.py`).
fn top_of_source(path: &str) -> Option<&str> {
    let (top, rest) = path.split_once('/')?;
    let known = path.ends_with(".pyx") || rest == "__init__.py";
    if known && !top.is_empty() && !top.starts_with('.') && !top.contains(':') {
        return Some(top);
    }
    path.split('/').rev().nth(1).filter(|folder| is_package(folder, path))
}

/// Whether a folder is that of a package that people know, not one of the user's own that happens to be called so.
fn is_package(folder: &str, path: &str) -> bool {
    has_own_name(folder) || (path.ends_with("/__init__.py") && knowledge::distribution(folder).is_some())
}

static IMPORT: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"^[^A-Za-z]*(?:(?:in|line \d+, in) [^ ]+ )?(?:from|import) ([A-Za-z_]\w*)"));

/// The top-level module that the statement under a frame imports: `cv2` after `line 3, in <module> import cv2`.
pub(super) fn imported_after<'a>(flat: &'a Flat, frame: &Frame) -> Option<&'a str> {
    let text = flat.after(frame.end, 200);
    let text = text.strip_prefix('"').unwrap_or(text);
    let text = text.split_once(" in <module>").map_or(text, |(_, statement)| statement);
    IMPORT.captures(text)?.get(1).map(|name| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Frame, frames_near, imported_after};
    use crate::explain::clean::Flat;
    use crate::explain::clean::flatten;

    fn frames(flat: &Flat) -> Vec<Frame> {
        frames_near(flat, std::iter::once(0))
    }

    fn tops(text: &str) -> Vec<Option<String>> {
        frames(&flatten(text)).iter().map(|frame| frame.top_module().map(str::to_owned)).collect()
    }

    #[test]
    fn frames_of_every_kind() {
        let text = r#"File "/h/lib/python3.7/site-packages/hdbscan/__init__.py", line 1, in <module>
  File "hdbscan/_hdbscan_linkage.pyx", line 1, in init hdbscan._hdbscan_linkage
  File "D:\RJ\Lib\site-packages\cv2\__init__.py", line 181
/opt/x/dist-packages/numba/core.py:33: in <module>
File ~\anaconda3\Lib\site-packages\pandas\_libs\interval.pyx:1, in init pandas._libs.interval()
E:\p\site-packages\tinycudann-1.7-py3.10-win-amd64.egg\tinycudann\modules.py:57: UserWarning
  File "E:\app\window.dist\cv2\__init__.py", line 8, in <module cv2>
  File "/home/u/torch/train.py", line 8, in <module>
  File "run.py", line 1"#;
        let all = tops(text);
        let all: Vec<_> = all.iter().map(Option::as_deref).collect();
        let some = Some;
        assert_eq!(
            all,
            [
                some("hdbscan"),
                some("hdbscan"),
                some("hdbscan"),
                some("cv2"),
                some("numba"),
                some("pandas"),
                some("pandas"),
                some("tinycudann"),
                some("cv2"),
                None,
                None
            ]
        );
    }

    #[test]
    fn the_statement_under_a_frame() {
        let flat = flatten("File \"x.py\", line 3, in <module>\n    import cv2\nImportError: no");
        let found = frames(&flat);
        assert_eq!(found.first().and_then(|frame| imported_after(&flat, frame)), Some("cv2"));
    }
}
