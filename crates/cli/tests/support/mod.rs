//! What tests of the program share: the program itself in a clean environment, and environments of real wheels.

#![allow(dead_code, reason = "not every test needs all of it")]

pub(crate) mod broken;

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// `numpact`, started in `folder`, with no variable that leads it to an environment or decides about colour.
pub(crate) fn numpact(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("numpact").expect("the program is built");
    cleanly(&mut command, folder);
    command
}

/// Takes variables away that lead to an environment or decide about colour.
pub(crate) fn cleanly(command: &mut Command, folder: &Path) {
    command.current_dir(folder);
    for variable in ["VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "NO_COLOR", "TERM", "LANG", "LC_ALL"] {
        command.env_remove(variable);
    }
    command.env("PYTHONNOUSERSITE", "1");
}

/// A virtual environment with Bottleneck 1.3.7, which was compiled for NumPy 1.x, and no NumPy of its own.
pub(crate) fn bottleneck() -> PathBuf {
    testing::environment("bottleneck-1.3.7")
}

/// A folder for `PYTHONPATH` that holds this release of NumPy for Python 3.11.
pub(crate) fn numpy(version: &str) -> PathBuf {
    let pin = testing::find_host_pin("numpy", version, "3.11").expect("a pinned NumPy for this machine");
    testing::overlay_of(&[pin]).expect("NumPy unpacked")
}

/// What a finished program left: its status, standard output and standard error.
pub(crate) fn ended(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The file behind a name on PATH.
pub(crate) fn really(python: &Path) -> PathBuf {
    let (_, out, _) = ended(Command::new(python).args(["-c", "import sys; print(sys.executable)"]));
    PathBuf::from(out.trim())
}

/// Writes a shell script that can be started.
pub(crate) fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("made executable");
}

/// A source distribution of these files, made by Python.
pub(crate) fn pack(path: &Path, files: &[(&str, &str)]) {
    let script = "import io, sys, tarfile\n\
                  archive = tarfile.open(sys.argv[1], 'w:gz')\n\
                  for name, text in zip(sys.argv[2::2], sys.argv[3::2]):\n    \
                      entry = tarfile.TarInfo(name)\n    \
                      entry.size = len(text.encode())\n    \
                      archive.addfile(entry, io.BytesIO(text.encode()))\n\
                  archive.close()\n";
    written_by_python(script, path, files);
}

/// A wheel for any Python 3 in that folder, with nothing in it but its metadata, made by Python.
pub(crate) fn empty_wheel(folder: &Path, name: &str, version: &str, requires: &[&str]) {
    let script = "import sys, zipfile\n\
                  with zipfile.ZipFile(sys.argv[1], 'w') as archive:\n    \
                      for name, text in zip(sys.argv[2::2], sys.argv[3::2]):\n        \
                          archive.writestr(name, text)\n";
    let requires: String = requires.iter().map(|line| format!("Requires-Dist: {line}\n")).collect();
    let info = format!("{name}-{version}.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}");
    let files = [
        (format!("{info}/METADATA"), metadata),
        (format!("{info}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned()),
        (format!("{info}/RECORD"), format!("{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    written_by_python(script, &folder.join(format!("{name}-{version}-py3-none-any.whl")), &files);
}

fn written_by_python(script: &str, path: &Path, files: &[(&str, &str)]) {
    let files = files.iter().flat_map(|(name, text)| [Path::new(name), Path::new(text)]);
    by_python(script, &[path].into_iter().chain(files).collect::<Vec<_>>());
}

/// Runs a script in Python 3.11, which must end well.
pub(crate) fn by_python(script: &str, arguments: &[&Path]) {
    let mut python = std::process::Command::new(testing::interpreter("3.11"));
    assert!(python.args(["-c", script]).args(arguments).status().expect("started").success(), "{script}");
}
