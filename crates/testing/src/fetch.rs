//! Fetches pinned wheels with pip, which knows the user's index, proxy and certificates, and verifies their hashes.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::interpreter::host_python;
use crate::{Pin, Problem, WheelTags, cache, find_pin};

/// The wheel whose pinned file name is `name` or begins with it, fetched on first use and verified on every use.
///
/// # Errors
/// When no pin or several pins match, or the wheel cannot be fetched.
pub fn try_wheel(name: &str) -> Result<PathBuf, Problem> {
    fetch_pin(&find_pin(name)?)
}

/// The wheel of a pin, in the cache.
///
/// # Errors
/// When it cannot be fetched, or its bytes are not the pinned ones.
pub fn fetch_pin(pin: &Pin) -> Result<PathBuf, Problem> {
    let folder = cache().join("wheels");
    let path = folder.join(&pin.file);
    if !path.is_file() {
        std::fs::create_dir_all(&folder).map_err(Problem::io(&folder))?;
        download(pin, &folder, &path)?;
    }
    verify(pin, &path)?;
    Ok(path)
}

fn download(pin: &Pin, folder: &Path, path: &Path) -> Result<(), Problem> {
    let work = tempfile::tempdir_in(folder).map_err(Problem::io(folder))?;
    let list = work.path().join("requirements.txt");
    std::fs::write(&list, pin.requirement()).map_err(Problem::io(&list))?;
    let mut pip = pip()?;
    pip.args(["download", "--no-deps", "--require-hashes", "--ignore-requires-python", "-d"]).arg(work.path());
    pip.args(selection(&pin.tags())).arg("-r").arg(&list);
    let fetched = work.path().join(&pin.file);
    run(&mut pip).map_err(|problem| Problem::Fetch { file: pin.file.clone(), output: problem.to_string() })?;
    std::fs::rename(&fetched, path).map_err(Problem::io(fetched))
}

/// pip's options that make it take a wheel of these tags, whatever machine this is.
pub(crate) fn selection(tags: &WheelTags) -> Vec<String> {
    let mut options = vec!["--only-binary=:all:".to_owned(), "--python-version".to_owned(), tags.python_version()];
    let implementation = if tags.python.iter().any(|tag| tag.starts_with("cp")) { "cp" } else { "py" };
    if tags.platform.iter().all(|tag| tag == "any") {
        return options;
    }
    options.extend(["--implementation".to_owned(), implementation.to_owned()]);
    options.extend(tags.abi.iter().flat_map(|tag| ["--abi".to_owned(), tag.clone()]));
    options.extend(tags.platform.iter().flat_map(|tag| ["--platform".to_owned(), tag.clone()]));
    options
}

/// The host's pip, quiet and without side effects on the host.
pub(crate) fn pip() -> Result<Command, Problem> {
    let mut command = Command::new(host_python()?);
    command.args(["-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]);
    command.env("PIP_REQUIRE_VIRTUALENV", "0").env_remove("PYTHONPATH");
    Ok(command)
}

/// Runs a command to its end; what it printed becomes the error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String, Problem> {
    let shown = || format!("{command:?}").replace('"', "");
    let text = shown();
    let output =
        command.output().map_err(|error| Problem::Command { command: text.clone(), output: error.to_string() })?;
    let printed = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(printed(&output.stdout));
    }
    Err(Problem::Command { command: text, output: printed(&output.stdout) + &printed(&output.stderr) })
}

fn verify(pin: &Pin, path: &Path) -> Result<(), Problem> {
    let found = sha256_of(path)?;
    if found == pin.sha256 {
        return Ok(());
    }
    Err(Problem::Hash { file: path.to_path_buf(), expected: pin.sha256.clone(), found })
}

/// SHA-256 of a file, in lower-case hexadecimal.
///
/// # Errors
/// When the file cannot be read.
pub fn sha256_of(path: &Path) -> Result<String, Problem> {
    let mut file = std::fs::File::open(path).map_err(Problem::io(path))?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = std::io::Read::read(&mut file, &mut chunk).map_err(Problem::io(path))?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
