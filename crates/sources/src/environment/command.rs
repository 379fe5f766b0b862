//! The interpreter that a command line would start, as far as its first word tells.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::Surroundings;

/// How much of a script is read for its first line.
const FIRST_LINE: u64 = 512;

/// The interpreter behind a command's first word: an interpreter itself, or a script that names one in its first line, as
/// those do that installers put beside an interpreter. `None` for every other program.
pub fn interpreter_of_command(program: &OsStr, surroundings: &Surroundings) -> Option<PathBuf> {
    let file = find(program, surroundings)?;
    if is_python(&file) { Some(file) } else { named_by_script(&file, surroundings) }
}

/// The file that a shell would start.
fn find(program: &OsStr, surroundings: &Surroundings) -> Option<PathBuf> {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return Some(surroundings.folder.join(path)).filter(|file| file.is_file());
    }
    let names = [path.to_path_buf(), path.with_extension("exe")];
    let places = surroundings.path.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    places.into_iter().find(|file| file.is_file())
}

/// Whether a file has a sign of being an interpreter: the name of one, or the beginning of a program or of a script, such as
/// a version manager puts in an interpreter's place.
pub fn may_be_interpreter(file: &Path) -> bool {
    let mut start = Vec::new();
    let opened = std::fs::File::open(file);
    let read = opened.and_then(|opened| opened.take(FIRST_LINE).read_to_end(&mut start));
    let program = start.starts_with(b"#!") || object::FileKind::parse(start.as_slice()).is_ok();
    is_python(file) || (read.is_ok() && program)
}

/// Whether a file's name begins like an interpreter's: `python3.11-intel64` and `python3.11d` do, too.
pub(super) fn is_named_like_python(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["python", "pypy", "graalpy"].iter().any(|start| name.starts_with(start))
}

/// `python`, `python3.11`, `python.exe`, `pypy3`.
fn is_python(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = [".exe", ".bat"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let rest = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 't' | 'w')))
}

/// `#!/env/bin/python3` or `#!/usr/bin/env python3`.
fn named_by_script(file: &Path, surroundings: &Surroundings) -> Option<PathBuf> {
    let mut start = Vec::new();
    std::fs::File::open(file).ok()?.take(FIRST_LINE).read_to_end(&mut start).ok()?;
    let line = String::from_utf8_lossy(start.strip_prefix(b"#!")?).lines().next()?.to_owned();
    let mut words = line.split_whitespace();
    let first = Path::new(words.next()?);
    let named = if first.ends_with("env") {
        find(OsStr::new(words.find(|word| !word.starts_with('-'))?), surroundings)?
    } else {
        first.to_path_buf()
    };
    (is_python(&named) && named.is_file()).then_some(named)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::path::PathBuf;

    use super::{Surroundings, interpreter_of_command};

    #[test]
    fn an_interpreter_is_found_behind_a_name_a_path_and_a_script() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("made");
        let python = bin.join("python3.11");
        fs::write(&python, "").expect("written");
        fs::write(bin.join("tool"), format!("#!{}\nimport x\n", python.display())).expect("written");
        fs::write(bin.join("other"), "#!/usr/bin/env -S python3.11 -u\n").expect("written");
        fs::write(bin.join("shell"), "#!/bin/sh\n").expect("written");
        let here =
            Surroundings { path: vec![bin.clone()], folder: folder.path().to_path_buf(), ..Surroundings::default() };
        let found = |word: &str| interpreter_of_command(OsStr::new(word), &here);
        for word in ["python3.11", "bin/python3.11", "tool", "other", "bin/tool"] {
            assert_eq!(found(word), Some(python.clone()), "{word}");
        }
        assert_eq!([found("shell"), found("python3.12"), found("missing/python3")], [const { None::<PathBuf> }; 3]);
    }
}
