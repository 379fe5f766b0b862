//! Requirements, the whole way: the user's pip or uv asks an index on the loopback, and numpact reads parts of the wheels that
//! come of it from the same index, whatever that index can and cannot do.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{empty_wheel, ended, numpact, pack};
use testing::Index;

/// Compiled for NumPy 1.x, and a NumPy that it does not work with.
const WHEELS: [&str; 2] =
    ["Bottleneck-1.3.7-cp311-cp311-manylinux_2_5_x86_64", "numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64"];
const WORDS: [&str; 6] = ["bottleneck==1.3.7", "numpy==2.2.6", "--python", "3.11", "--platform", "linux-x86_64"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Pip,
    Uv,
}

/// A folder with the wheels, a folder with nothing but Python and perhaps uv, and a home without a past.
struct Stage {
    folder: tempfile::TempDir,
    tool: Tool,
}

impl Stage {
    fn new(tool: Tool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["wheels", "bin", "home"] {
            fs::create_dir(folder.path().join(name)).expect("made");
        }
        for wheel in WHEELS {
            let wheel = testing::wheel(wheel);
            let name = wheel.file_name().expect("a name");
            fs::copy(&wheel, folder.path().join("wheels").join(name)).expect("copied");
        }
        let stage = Self { folder, tool };
        // uv asks an interpreter too, whichever Python it resolves for.
        let python = executable(&testing::host_interpreter().expect("a Python 3").path);
        script(&stage.path("bin/python3"), &python);
        if tool == Tool::Uv {
            script(&stage.path("bin/uv"), &testing::overlay(&["uv-0.13.9"]).join("bin/uv"));
        }
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&self, options: &[&str]) -> Index {
        Index::start(&self.path("wheels"), options).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// numpact with this index as the installer's only one, and with a memory that is empty.
    fn numpact(&self, index: &str) -> assert_cmd::Command {
        let memory = tempfile::tempdir_in(self.folder.path()).expect("a temporary folder").keep();
        let mut command = numpact(self.folder.path());
        for (name, _) in
            std::env::vars().filter(|(name, _)| ["PIP_", "UV_"].iter().any(|start| name.starts_with(start)))
        {
            command.env_remove(name);
        }
        command.env("PATH", self.path("bin")).env("HOME", self.path("home")).env("NO_PROXY", "127.0.0.1");
        command.env("NUMPACT_CACHE_DIR", &memory).env("PIP_CONFIG_FILE", "/dev/null").env("UV_NO_CONFIG", "1");
        command
            .env("PIP_NO_CACHE_DIR", "1")
            .env("UV_NO_CACHE", "1")
            .env("UV_HTTP_RETRIES", "0")
            .env("PIP_RETRIES", "0");
        match self.tool {
            Tool::Pip => command.env("PIP_INDEX_URL", index),
            Tool::Uv => command.env("UV_DEFAULT_INDEX", index),
        };
        command
    }

    fn check(&self, index: &str) -> (Option<i32>, String, String) {
        ended(self.numpact(index).args(WORDS).args(["--output-format", "json"]))
    }

    /// Expects the right verdict, and gives what was read of how much.
    fn right(&self, index: &str) -> (u64, u64) {
        let (status, out, err) = self.check(index);
        assert_eq!(status, Some(1), "{:?}: {err}", self.tool);
        let report: Value = serde_json::from_str(&out).expect("JSON");
        let target = &report["targets"][0];
        assert_eq!(target["numpy"]["version"], "2.2.6");
        assert_eq!(target["distributions"][0]["verdict"], "incompatible");
        assert_eq!(target["distributions"][0]["numpy"]["binary"], ">=1.23,<2");
        let number = |name: &str| target["fetched"][name].as_u64().expect("a number");
        (number("bytes"), number("of"))
    }

    /// Expects that nothing is judged, and gives what is said.
    fn wrong(&self, index: &str) -> String {
        let (status, out, err) = self.check(index);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        err
    }
}

/// The file that an interpreter is, also where it was started by its name.
fn executable(python: &Path) -> PathBuf {
    let output = std::process::Command::new(python).args(["-c", "import sys; print(sys.executable)"]).output();
    PathBuf::from(String::from_utf8_lossy(&output.expect("started").stdout).trim())
}

/// A program of that name that is another.
fn script(path: &Path, program: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, format!("#!/bin/sh\nexec '{}' \"$@\"\n", program.display())).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("made executable");
}

#[test]
fn every_form_of_index_serves_the_whole_path() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        for options in [
            &["--form", "html"][..],
            &["--form", "html", "--metadata"],
            &["--form", "json"],
            &["--form", "json", "--metadata"],
        ] {
            let index = stage.serve(options);
            let (read, of) = stage.right(&index.url(""));
            assert!(read <= of && of > 300_000, "{tool:?} {options:?}: {read} of {of}");
        }
    }
}

#[test]
fn an_index_without_ranges_sends_whole_files_and_that_is_told() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let index = stage.serve(&["--metadata", "--no-ranges"]);
        let (read, of) = stage.right(&index.url(""));
        assert_eq!(read, of, "{tool:?}");
        let (_, out, _) = ended(stage.numpact(&index.url("")).args(WORDS));
        assert!(out.contains("does not serve parts of files"), "{out}");
    }
}

#[test]
fn credentials_of_the_index_go_with_our_own_requests_and_nowhere_else() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let index = stage.serve(&["--metadata", "--user", "demo:ge@heim"]);
        stage.right(&index.url("demo:ge%40heim@"));
        let (_, out, err) = ended(stage.numpact(&index.url("demo:ge%40heim@")).args(WORDS).arg("-v"));
        assert!(!(out + &err).contains("heim"), "{tool:?}");
        assert!(!stage.wrong(&index.url("demo:falsch@")).contains("falsch"), "{tool:?}");
        stage.wrong(&index.url(""));
    }
}

#[test]
fn redirects_are_followed() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let index = stage.serve(&["--metadata", "--redirect"]);
        stage.right(&index.url(""));
        assert!(index.log().iter().any(|line| line.contains("/moved/")), "{:?}", index.log());
    }
}

// pip fetches wheels whole even for a dry run, so what befalls wheels befalls pip first; uv needs their metadata alone.

#[test]
fn what_can_be_mended_on_the_way_is_mended() {
    let stage = Stage::new(Tool::Uv);
    for fault in ["cut", "busy", "slow"] {
        let index = stage.serve(&["--form", "json", "--metadata", "--fault", fault]);
        stage.right(&index.url(""));
    }
}

#[test]
fn what_cannot_be_mended_is_told_and_nothing_is_judged() {
    let stage = Stage::new(Tool::Uv);
    for (fault, words) in [("broken", "500 Internal Server Error (5 attempts)"), ("cut-always", "attempts)")] {
        let index = stage.serve(&["--form", "json", "--metadata", "--fault", fault]);
        let told = stage.wrong(&index.url(""));
        assert!(told.contains("Bottleneck-1.3.7") && told.contains(words), "{fault}: {told}");
    }
}

#[test]
fn an_index_that_has_nothing_or_is_gone_is_told_in_the_installers_words() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let index = stage.serve(&[]);
        let mut command = stage.numpact(&index.url(""));
        let (status, _, err) = ended(command.args(["nowhere==1.0", "--python", "3.11", "--platform", "linux-x86_64"]));
        assert_eq!(status, Some(2));
        assert!(err.contains("nowhere"), "{tool:?}: {err}");
        let gone = index.url("");
        drop(index);
        stage.wrong(&gone);
    }
}

#[test]
fn a_name_alone_is_the_newest_that_the_index_has() {
    let stage = Stage::new(Tool::Uv);
    let index = stage.serve(&["--metadata"]);
    let mut command = stage.numpact(&index.url(""));
    let (status, out, err) = ended(command.args(["bottleneck", "--python", "3.11", "--platform", "linux-x86_64"]));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.starts_with("bottleneck, Python 3.11 on linux-x86_64, NumPy 2.2.6"), "{out}");
    let mut command = stage.numpact(&index.url(""));
    let (_, _, err) = ended(command.args(["bottlenek", "--python", "3.11", "--platform", "linux-x86_64"]));
    assert!(err.contains("there is no file `bottlenek` here, so it was taken for a distribution"), "{err}");
}

/// The index was asked for the project itself, which it has not.
#[test]
fn an_extra_that_asks_for_another_extra_of_the_project_is_followed() {
    let stage = Stage::new(Tool::Uv);
    let index = stage.serve(&["--metadata"]);
    let text = "[project]\nname = 'shopfloor'\ndependencies = ['numpy==2.2.6']\n\
                [project.optional-dependencies]\nall = ['ShopFloor[sky]', 'shopfloor[sky]']\nsky = ['bottleneck==1.3.7']\n";
    fs::write(stage.path("pyproject.toml"), text).expect("written");
    let words = ["pyproject.toml", "--extra", "all", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(words));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("Bottleneck 1.3.7: incompatible"), "{out}");
    let (status, out, err) = ended(stage.numpact(&index.url("")).arg("matrix").args(words).arg("--no-deps"));
    assert_eq!(status, Some(0), "`matrix` takes it, too: {out}{err}");
    assert!(out.contains("Bottleneck"), "{out}");
}

/// It was said to have found nothing for this Python and platform, and to have missed wheels.
#[test]
fn a_file_that_an_installer_cannot_read_is_not_put_down_to_the_platform() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let index = stage.serve(&[]);
        for (text, words) in
            [("numpy=>1\n", "numpy=>1"), ("numpy\n-r gone.txt\n", "gone.txt"), ("-c gone.txt\n", "gone.txt")]
        {
            fs::write(stage.path("requirements.txt"), text).expect("written");
            let (status, _, err) = ended(stage.numpact(&index.url("")).arg("requirements.txt").args(&WORDS[2..]));
            assert_eq!(status, Some(2), "{tool:?}: {err}");
            assert!(err.contains("could not look for what would be installed; it says:"), "{tool:?}: {err}");
            assert!(err.contains(words) && !err.contains("wheel"), "{tool:?}: {err}");
        }
    }
}

/// Linux without more words was a glibc of long ago, on whatever machine.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
fn this_machine_s_own_glibc_counts_unless_a_platform_is_asked_for() {
    let ask = ["-c", "import os; print(os.confstr('CS_GNU_LIBC_VERSION').rpartition('.')[2])"];
    let python = testing::host_interpreter().expect("a Python 3").path;
    let output = std::process::Command::new(python).args(ask).output().expect("started");
    let minor: u16 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number");
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let wheels = stage.path("wheels");
        let found = fs::read_dir(&wheels).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
        let own: Vec<PathBuf> = found.filter(|path| path.to_string_lossy().contains("Bottleneck")).collect();
        own.iter().for_each(|path| fs::remove_file(path).expect("removed"));
        let new = format!("Bottleneck-1.3.7-cp311-cp311-manylinux_2_{minor}_x86_64.whl");
        fs::copy(testing::wheel(WHEELS[0]), wheels.join(new)).expect("copied");
        let index = stage.serve(&["--metadata"]);
        let (status, out, err) = ended(stage.numpact(&index.url("")).args(&WORDS[..4]));
        assert_eq!(status, Some(1), "{tool:?}: {out}{err}");
        let older = ["--platform", "manylinux_2_17_x86_64"];
        let (status, _, err) = ended(stage.numpact(&index.url("")).args(&WORDS[..4]).args(older));
        assert_eq!(status, Some(2), "{tool:?}: {err}");
        if tool == Tool::Uv {
            let way = format!("`--platform manylinux_2_{minor}_x86_64` takes");
            assert!(err.contains(&way), "{err}");
        }
    }
}

/// uv fetched and installed a CPython, silently, where none of the version was there.
#[test]
fn uv_is_kept_from_fetching_a_python_to_resolve_for() {
    let stage = Stage::new(Tool::Uv);
    let index = stage.serve(&["--metadata"]);
    let real = testing::overlay(&["uv-0.13.9"]).join("bin/uv");
    let told = stage.path("told");
    let text =
        format!("#!/bin/sh\necho \"$UV_PYTHON_DOWNLOADS\" >> '{}'\nexec '{}' \"$@\"\n", told.display(), real.display());
    support::script(&stage.path("bin/uv"), &text);
    let mut command = stage.numpact(&index.url(""));
    command.env("UV_PYTHON_DOWNLOADS", "automatic").args([
        "numpy==2.2.6",
        "--platform",
        "linux-x86_64",
        "--python",
        "3.11",
    ]);
    assert_eq!(ended(&mut command).0, Some(3));
    assert_eq!(fs::read_to_string(told).expect("uv was asked"), "never\n");
}

/// They were taken for interpreters, and the distributions of the system's Python were judged.
#[test]
fn a_requirements_file_of_any_name_is_read_as_one() {
    for tool in [Tool::Pip, Tool::Uv] {
        let stage = Stage::new(tool);
        let index = stage.serve(&["--metadata"]);
        for name in ["requirements.in", "reqs", "reqs.pip", "requirements.lock"] {
            fs::write(stage.path(name), "# pinned\nbottleneck==1.3.7\nnumpy==2.2.6  # newest\n").expect("written");
            let (status, out, err) = ended(stage.numpact(&index.url("")).arg(name).args(&WORDS[2..]));
            assert_eq!(status, Some(1), "{tool:?} {name}: {out}{err}");
            assert!(out.starts_with(&format!("{name}, Python 3.11 on linux-x86_64, NumPy 2.2.6")), "{out}");
        }
    }
}

/// A source distribution whose every build leaves a file behind, with this metadata.
fn add_sdist(stage: &Stage, metadata: &str) -> PathBuf {
    let built = stage.path("built");
    let setup = format!("open({:?}, 'w').close()\n", built.display().to_string());
    let pyproject = "[build-system]\nrequires = ['setuptools', 'numpy==2.2.6']\n";
    let files = [("PKG-INFO", metadata), ("pyproject.toml", pyproject), ("setup.py", setup.as_str())];
    let names = files.map(|(name, _)| format!("demo-1.0/{name}"));
    let entries: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(files.map(|(_, text)| text)).collect();
    pack(&stage.path("wheels/demo-1.0.tar.gz"), &entries);
    built
}

/// uv refused to build it, and no way out was told.
#[test]
fn what_a_requirement_names_by_its_address_is_not_built_and_what_to_do_is_told() {
    let stage = Stage::new(Tool::Uv);
    let built = add_sdist(&stage, "Metadata-Version: 1.1\nName: demo\nVersion: 1.0\n");
    let index = stage.serve(&["--metadata"]);
    let wanted = format!("demo @ file://{}", stage.path("wheels/demo-1.0.tar.gz").display());
    let words = [wanted.as_str(), "numpy==2.2.6", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, _, err) = ended(stage.numpact(&index.url("")).args(words));
    assert!(
        status == Some(2) && err.contains("next: what a requirement names by its address is not built here"),
        "{err}"
    );
    assert!(!built.exists());
}

#[test]
fn a_requirement_without_a_wheel_is_read_as_its_sources_and_never_built() {
    let stage = Stage::new(Tool::Uv);
    let known = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: bottleneck==1.3.7\n\
                 Requires-Dist: numpy>=2\nRequires-Dist: other @ https://example.org/other.tar.gz\n";
    let built = add_sdist(&stage, known);
    let index = stage.serve(&["--metadata"]);
    let words = ["demo<2", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(words));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("demo<2, Python 3.11 on linux-x86_64, NumPy 2.2.6"), "{out}");
    assert!(out.contains("Bottleneck 1.3.7: incompatible"), "what it requires is resolved with the rest: {out}");
    let would =
        "demo: `demo`: no wheel for Python 3.11 on linux-x86_64: `demo-1.0.tar.gz` would be built against NumPy 2.2.6";
    assert!(out.contains(would), "{out}");
    assert!(out.contains("1 distribution of which no compiled file was read"), "{out}");
    assert!(!built.exists(), "its code was run");

    add_sdist(&stage, "Metadata-Version: 1.1\nName: demo\nVersion: 1.0\n");
    let index = stage.serve(&["--metadata"]);
    let list = stage.path("requirements.txt");
    fs::write(&list, "demo\nbottleneck==1.3.7\nnumpy==2.2.6\n").expect("written");
    let (status, out, err) = ended(stage.numpact(&index.url("")).arg("requirements.txt").args(&words[1..]));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("demo has no wheel") && out.contains("is not known before it is built"), "{out}");
    assert!(out.contains(would) && out.contains("Bottleneck 1.3.7: incompatible"), "{out}");
    assert!(!built.exists(), "its code was run");
}

/// uv writes the marker into what it says, so that the requirement was not found there.
#[test]
fn a_requirement_without_a_wheel_may_have_a_marker() {
    let stage = Stage::new(Tool::Uv);
    add_sdist(&stage, "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n");
    let marked = "demo<2; sys_platform != 'win32'";
    empty_wheel(&stage.path("wheels"), "user", "1.0", &[marked]);
    fs::write(stage.path("requirements.txt"), format!("{marked}\nnumpy==2.2.6\n")).expect("written");
    let index = stage.serve(&["--metadata"]);
    let away = "nowhere; sys_platform == 'win32'";
    for words in [&[marked, away, "numpy==2.2.6"][..], &["user", "numpy==2.2.6"], &["requirements.txt"]] {
        let (_, out, err) = ended(stage.numpact(&index.url("")).args(words).args(&WORDS[2..]));
        assert!(out.contains("`demo-1.0.tar.gz` would be built against NumPy 2.2.6"), "{words:?}: {out}{err}");
    }
}

#[test]
fn pip_is_not_asked_to_build_and_the_way_out_is_told() {
    let stage = Stage::new(Tool::Pip);
    let built = add_sdist(&stage, "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n");
    let index = stage.serve(&["--metadata"]);
    let words = ["demo==1.0", "numpy==2.2.6", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, _, err) = ended(stage.numpact(&index.url("")).args(words));
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("with `uv` on PATH, what has no wheel is read as a source distribution"), "{err}");
    assert!(!built.exists(), "its code was run");
}

#[test]
fn a_numpy_without_a_wheel_is_not_left_out() {
    let stage = Stage::new(Tool::Uv);
    pack(&stage.path("wheels/numpy-2.3.0.tar.gz"), &[("numpy-2.3.0/PKG-INFO", "Metadata-Version: 2.2\n")]);
    let index = stage.serve(&["--metadata"]);
    let words = ["numpy==2.3.0", "bottleneck==1.3.7", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, _, err) = ended(stage.numpact(&index.url("")).args(words));
    assert_eq!(status, Some(2), "{err}");
    assert!(
        err.contains("`numpy==2.3.0` has no wheel for Python 3.11 on linux-x86_64; name a NumPy that has"),
        "{err}"
    );
}

/// pip judges markers by the machine that it runs on: asked on Linux for a Mac, it wants what is for Linux alone.
#[test]
fn pip_asked_for_another_platform_follows_that_platform_s_requirements() {
    let stage = Stage::new(Tool::Pip);
    let wheels = stage.path("wheels");
    for wheel in ["pycocotools-2.0.7-cp311-cp311-macosx_10_9_universal2", "numpy-2.2.6-cp311-cp311-macosx_10_9_x86_64"]
    {
        let wheel = testing::wheel(wheel);
        fs::copy(&wheel, wheels.join(wheel.file_name().expect("a name"))).expect("copied");
    }
    let here = format!("nowhere==1.0; sys_platform == '{}'", if cfg!(windows) { "win32" } else { "linux" });
    // pip tells the extras of one mention alone.
    empty_wheel(&wheels, "demo", "1.0", &[&here, "more<2", "more[images]; sys_platform == 'darwin'"]);
    empty_wheel(&wheels, "more", "1.0", &["pycocotools (==2.0.7); extra == 'images'", "absent; extra == 'other'"]);
    // What pycocotools requires beside NumPy.
    empty_wheel(&wheels, "matplotlib", "3.0", &[]);
    let index = stage.serve(&["--metadata"]);
    let mac = ["--python", "3.11", "--platform", "macos-x86_64"];
    let named = ["demo; sys_platform == 'darwin'", "numpy==2.2.6"];
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(named).args(mac));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("pycocotools 2.0.7: incompatible"), "{out}");
    assert!(out.contains("`pip` judges environment markers by the machine and the Python it runs on"), "{out}");

    // Where its way leads nowhere, pip's own answer is better than none.
    empty_wheel(&wheels, "odd", "2.0", &["numpy<2"]);
    empty_wheel(&wheels, "odd", "1.0", &[]);
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(["odd", "numpy==2.2.6"]).args(mac));
    assert_eq!(status, Some(3), "{out}{err}");
    assert!(out.contains("requirements of one platform or one Python alone may be wrong"), "{out}");

    // Each release asks for what shuts the other out.
    empty_wheel(&wheels, "turning", "2.0", &["back"]);
    empty_wheel(&wheels, "turning", "1.0", &["built @ https://127.0.0.1:1/built-1.0.tar.gz"]);
    empty_wheel(&wheels, "back", "1.0", &["turning<2"]);
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(["turning<2", "numpy==2.2.6"]).args(mac));
    assert_eq!(status, Some(3), "{out}{err}");
    assert!(out.contains("required at an address of their own and not looked at: built"), "{out}");
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(["turning", "numpy==2.2.6"]).args(mac));
    assert_eq!(status, Some(2), "pip itself goes to the address: {out}{err}");
}

/// pip on 3.11 wanted what is for 3.11, and its refusal was put down to missing wheels.
#[test]
fn pip_asked_for_another_python_follows_the_markers_of_that_python() {
    let stage = Stage::new(Tool::Pip);
    let wheels = stage.path("wheels");
    // For that Python by its name alone.
    let old = wheels.join("Bottleneck-1.3.7-cp310-cp310-manylinux_2_17_x86_64.whl");
    fs::copy(testing::wheel(WHEELS[0]), &old).expect("copied");
    empty_wheel(&wheels, "numpy", "2.2.6", &[]);
    let numpy = wheels.join("numpy-2.2.6-py3-none-any.whl");
    empty_wheel(&wheels, "user", "1.0", &["absent; python_version >= '3.11'", "bottleneck; python_version < '3.11'"]);
    let lines = "user==1.0\nnumpy==2.2.6; python_version < '3.11'\n-r more.txt\n";
    fs::write(stage.path("requirements.txt"), lines).expect("written");
    fs::write(stage.path("more.txt"), "absent==1.0; python_version >= '3.11'\n").expect("written");
    let index = stage.serve(&["--metadata"]);
    let words = ["requirements.txt", "--python", "3.10", "--platform", "linux-x86_64"];
    let (status, out, err) = ended(stage.numpact(&index.url("")).args(words));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("`Bottleneck` 1.3.7 cannot be imported by Python 3.10"), "{out}");

    // What an exporter writes: everything, with hashes. pip takes nothing beside it.
    let line = |name: &str, marker: &str, file: &Path| {
        format!("{name} ; {marker} --hash=sha256:{}\n", testing::sha256_of(file).expect("a wheel"))
    };
    let user = wheels.join("user-1.0-py3-none-any.whl");
    let lines = line("bottleneck==1.3.7", "python_version < '3.11'", &old)
        + &line("numpy==2.2.6", "python_version < '3.11'", &numpy)
        + &line("user==1.0", "python_version < '3.13'", &user)
        + &line("absent==1.0", "python_version >= '3.11'", &user);
    fs::write(stage.path("requirements.txt"), &lines).expect("written");
    for more in [&[][..], &["--no-deps"]] {
        let (status, out, err) = ended(stage.numpact(&index.url("")).args(words).args(more));
        assert_eq!(status, Some(1), "{more:?}: {out}{err}");
        assert!(out.contains("`Bottleneck` 1.3.7 cannot be imported by Python 3.10"), "{more:?}: {out}");
    }
}
