//! `numpact run` on commands that die of a NumPy that does not fit: the diagnosis names the file, and the commands are
//! those of the environment that the command ran in.

mod support;

use std::path::{Path, PathBuf};

use support::{ended, numpact, numpy, script};

/// What `numpact run` writes below the command's own output.
fn told(environment: &Path, command: &[&str], active: bool) -> String {
    let mut run = numpact(environment);
    run.args(["run", "--lang", "en", "--"]).args(command).env("PYTHONPATH", numpy("2.2.6"));
    if active {
        run.env("VIRTUAL_ENV", environment);
    }
    let (status, _, err) = ended(&mut run);
    assert_eq!(status, Some(1), "{err}");
    err.split_once("\nnumpact: ").unwrap_or_else(|| panic!("nothing was said: {err}")).1.to_owned()
}

fn environment() -> PathBuf {
    testing::environment("bottleneck-1.3.7")
}

#[test]
fn the_commands_own_interpreter_says_which_environment_it_is() {
    let environment = environment();
    let python = environment.join("bin/python");
    let tool = tempfile::tempdir().expect("a temporary folder");
    let tool = tool.path().join("tool");
    // As an installer writes it beside the interpreter.
    script(&tool, &format!("#!{}\nimport bottleneck\n", python.display()));
    let (python, tool) = (python.display().to_string(), tool.display().to_string());
    for command in
        [&[python.as_str(), "-c", "import bottleneck"][..], &["bin/python", "-c", "import bottleneck"], &[&tool]]
    {
        let told = told(&environment, command, false);
        assert!(told.contains("`bottleneck/") && told.contains(".so`"), "{command:?} names no file: {told}");
        assert!(told.contains(&environment.display().to_string()), "{command:?}: commands for elsewhere: {told}");
        assert!(told.contains("install 'numpy>=1.23,<2'"), "{command:?}: {told}");
    }
}

#[test]
fn behind_a_shell_the_active_environment_counts() {
    let environment = environment();
    let shell = ["sh", "-c", "bin/python -c 'import bottleneck'"];
    assert!(told(&environment, &shell, true).contains(".so`"));
    let unknown = told(&environment, &shell, false);
    assert!(!unknown.contains(".so`") && unknown.contains("python -m pip install"), "{unknown}");
}
