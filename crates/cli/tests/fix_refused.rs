//! Environments that are not numpact's to change: `fix --apply` says so, with the way out, before any installer is asked.

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use assert_cmd::Command;
use support::broken::{Broken, broken};
use support::{ended, script};

/// A broken environment, and installers on PATH that leave a note when somebody starts them.
struct Watched {
    broken: Broken,
    note: PathBuf,
    path: String,
}

impl Watched {
    fn new() -> Self {
        let broken = broken(&[]);
        let (shims, note) = (broken.folder.path().join("shims"), broken.folder.path().join("asked"));
        fs::create_dir(&shims).expect("made");
        for name in ["python3.11", "python3", "python", "pip", "uv"] {
            script(&shims.join(name), &format!("#!/bin/sh\necho \"$0 $*\" >> {}\nexit 1\n", note.display()));
        }
        let path = format!("{}:{}", shims.display(), std::env::var("PATH").expect("a PATH"));
        Self { broken, note, path }
    }

    /// What `fix --apply` says. Nothing may have been asked of an installer, and nothing may have changed.
    fn refused(&self, environment: &Path, through: &[&str]) -> String {
        let before = self.broken.files();
        let mut command = self.broken.numpact_through(through, &["fix", "--apply", "--yes"]);
        let (status, out, err) = ended(command.arg(environment).env("PATH", &self.path));
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        assert!(!self.note.exists(), "an installer was asked: {}", fs::read_to_string(&self.note).expect("readable"));
        assert_eq!(self.broken.files(), before);
        err
    }

    fn site(&self) -> PathBuf {
        self.broken.env().join("lib/python3.11/site-packages")
    }
}

#[test]
fn what_others_keep_is_refused_with_the_way_out() {
    let watched = Watched::new();
    let env = watched.broken.env();
    let installer = watched.site().join("numpy-2.2.6.dist-info/INSTALLER");
    for (record, told) in [
        ("Poetry 1.8.3\n", "poetry keeps this environment"),
        ("pdm", "pdm keeps this environment"),
        ("uv-pixi", "pixi keeps this environment"),
        ("conda\n", "conda keeps `"),
    ] {
        fs::write(&installer, record).expect("written");
        let err = watched.refused(&env, &[]);
        assert!(err.contains(told) && err.contains("`numpact fix` shows"), "{record}: {err}");
    }
    uv_project(&watched, &installer);
    fs::write(&installer, "pip\n").expect("written");
    someone_elses(&watched);
}

/// uv makes the `.venv` of a project anew from its lock file.
fn uv_project(watched: &Watched, installer: &Path) {
    let folder = watched.broken.folder.path();
    fs::write(installer, "uv").expect("written");
    for name in ["uv.lock", "pyproject.toml"] {
        fs::write(folder.join(name), "").expect("written");
    }
    let dot_venv = folder.join(".venv");
    std::os::unix::fs::symlink(watched.broken.env(), &dot_venv).expect("linked");
    let err = watched.refused(&dot_venv, &[]);
    assert!(err.contains("uv keeps this environment"), "{err}");
    fs::remove_file(dot_venv).expect("removed");
}

/// The same files as an interpreter's own installation: the system's, conda's base, that of an application.
fn someone_elses(watched: &Watched) {
    let env = watched.broken.env();
    let library = env.join("lib/python3.11");
    fs::rename(env.join("pyvenv.cfg"), watched.broken.folder.path().join("pyvenv.cfg")).expect("moved");
    fs::write(library.join("os.py"), "").expect("written");
    let marker = library.join("EXTERNALLY-MANAGED");
    fs::write(&marker, "[externally-managed]\n").expect("written");
    let err = watched.refused(&env, &[]);
    assert!(err.contains("`EXTERNALLY-MANAGED`") && err.contains("python3 -m venv .venv"), "{err}");
    fs::remove_file(marker).expect("removed");

    let blender = watched.broken.folder.path().join("blender");
    fs::write(&blender, "").expect("written");
    let err = watched.refused(&env, &[]);
    assert!(err.contains("is the Python of Blender"), "{err}");
    fs::remove_file(blender).expect("removed");

    fs::create_dir(env.join("conda-meta")).expect("made");
    fs::create_dir(env.join("condabin")).expect("made");
    let err = watched.refused(&env, &[]);
    assert!(err.contains("conda's base environment") && err.contains("conda create"), "{err}");
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let watched = Watched::new();
    let mode = |mode| fs::set_permissions(watched.site(), fs::Permissions::from_mode(mode)).expect("changed");
    mode(0o555);
    // Root may write everywhere, unless the right to do so is taken away.
    let (_, user, _) = ended(Command::new("id").arg("-u"));
    let through: &[&str] =
        if user.trim() == "0" { &["setpriv", "--bounding-set=-dac_override,-dac_read_search"] } else { &[] };
    let err = watched.refused(&watched.broken.env(), through);
    mode(0o755);
    assert!(err.contains("site-packages` cannot be written (") && err.contains("virtual environment"), "{err}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_environment_that_a_process_runs_with_is_refused() {
    let watched = Watched::new();
    let mut user = user_of(&watched.broken);
    let err = watched.refused(&watched.broken.env(), &[]);
    user.kill().and_then(|()| user.wait()).expect("ended");
    assert!(err.contains(&format!("process {} (`python", user.id())) && err.contains("end it first"), "{err}");
}

/// A process that has NumPy's files in its memory.
fn user_of(broken: &Broken) -> Child {
    let mut child = std::process::Command::new(broken.env().join("bin/python"))
        .args(["-B", "-c", "import numpy, time; print('ready', flush=True); time.sleep(600)"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("readable");
    assert_eq!(line, "ready\n");
    child
}

/// Nobody needs a search that ends in a refusal.
#[test]
fn what_can_be_refused_at_once_is() {
    let watched = Watched::new();
    let (fix, path) = (|words: &[&str]| watched.broken.numpact(&[&["fix", "env"], words].concat()), &watched.path);
    let (status, out, err) = ended(fix(&["--apply"]).env("PATH", path));
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("nothing is installed without a yes, and nobody is there to ask"), "{err}");
    let (status, out, err) = ended(fix(&["--plan", "9"]).env("PATH", path));
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("there is no plan 9: no more than 4 are looked for here"), "{err}");
    assert!(!watched.note.exists(), "an installer was asked");
    // What is broken is told even where nobody can be asked for plans.
    let (status, out, err) = ended(fix(&[]).env("PATH", path));
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("there is no installer to ask"), "{err}");
    assert!(out.starts_with("env, Python 3.11") && out.contains(": Bottleneck 1.3.7 does not work\n"), "{out}");
}
