//! `numpact check` on wheels, on lock files that name them, and on requirements: what is read before anything is
//! installed. No test here needs an index.

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{by_python, ended, numpact, pack};

/// Compiled with headers of NumPy 1.x; its metadata asks for any NumPy.
fn bottleneck() -> PathBuf {
    testing::wheel("Bottleneck-1.3.7-cp311-cp311-manylinux_2_5_x86_64")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The program in a folder, with a memory of its own.
fn numpact_in(folder: &Path) -> assert_cmd::Command {
    let mut command = numpact(folder);
    command.env("NUMPACT_CACHE_DIR", folder.join("memory"));
    command
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A lock file with this address of Bottleneck's wheel, and a NumPy of which nothing is read.
fn lock(folder: &Path, address: &str, numpy: &str) {
    let hash = testing::sha256_of(&bottleneck()).expect("the wheel can be read");
    let name = bottleneck().file_name().expect("a name").to_string_lossy().into_owned();
    let text = format!(
        "lock-version = '1.0'\ncreated-by = 'a test'\n\n[[packages]]\nname = 'numpy'\nversion = '{numpy}'\n\n\
         [[packages]]\nname = 'bottleneck'\nversion = '1.3.7'\n\
         wheels = [{{ name = '{name}', {address}, hashes = {{ sha256 = '{hash}' }} }}]\n"
    );
    fs::write(folder.join("pylock.toml"), text).expect("written");
}

#[test]
fn a_wheel_has_a_range_and_a_verdict_where_a_numpy_is_named() {
    let folder = folder();
    let run = |arguments: &[&str]| ended(numpact_in(folder.path()).arg(bottleneck()).args(arguments));
    let (status, out, err) = run(&[]);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("warning[metadata-allows-broken-numpy]"), "{out}");
    assert_eq!(run(&["--numpy", "1.26.4"]).0, Some(0));
    assert_eq!(run(&["--numpy", "2.2.6"]).0, Some(1));
    let (_, out, _) = run(&["--numpy", "2.2.6", "--output-format", "json"]);
    let report = json(&out);
    let target = &report["targets"][0];
    assert_eq!(target["target"]["kind"], "wheel");
    assert_eq!(target["python"]["version"], "3.11");
    assert_eq!(target["distributions"][0]["verdict"], "incompatible");
    assert_eq!(target["distributions"][0]["numpy"]["binary"], ">=1.23,<2");
    assert_eq!(report["summary"]["incompatible"], 4);
}

#[test]
fn a_wheel_is_held_to_what_is_expected_of_it() {
    let folder = folder();
    let run = |expected| ended(numpact_in(folder.path()).arg(bottleneck()).args(["--expect", expected]));
    assert_eq!(run("numpy>=1.23,<2").0, Some(0));
    let (status, out, err) = run("numpy>=1.23,<3");
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("error[expectation-not-met]") && out.contains("NumPy 2.0.0 to "), "{out}");
    assert!(refused(folder.path(), &["a.whl", "--expect", "scipy>=1"]).contains("is about no NumPy"));
    assert!(refused(folder.path(), &["a.whl", "--expect", "numpy>=99"]).contains("contains no known release"));
    assert!(refused(folder.path(), &["a.whl", "--expect", "numpy nonsense"]).contains("`nonsense`"));
    let environment = testing::environment("bottleneck-1.3.7");
    let mut command = numpact_in(&environment);
    let (status, _, err) = ended(command.args([".", "--numpy", "2.2.6", "--expect", "numpy<2"]));
    assert_eq!(status, Some(2));
    assert!(err.contains("`--expect` is about wheels and sources, and `.` is none"), "{err}");
}

#[test]
fn the_wheel_of_a_numpy_judges_the_others() {
    let folder = folder();
    let pin = testing::find_host_pin("numpy", "2.2.6", "3.11").expect("a pinned NumPy for this machine");
    let numpy = testing::fetch_pin(&pin).expect("its wheel");
    let mut command = numpact_in(folder.path());
    let (status, out, err) = ended(command.arg(bottleneck()).arg(&numpy).args(["--output-format", "json"]));
    assert_eq!(status, Some(1), "{err}");
    let report = json(&out);
    assert_eq!(report["targets"].as_array().map(Vec::len), Some(1), "NumPy is no target of its own");
    assert_eq!(report["targets"][0]["numpy"]["version"], "2.2.6");
    assert_eq!(ended(numpact_in(folder.path()).arg(numpy)).0, Some(3), "nothing but NumPy");
}

#[test]
fn a_lock_file_is_judged_by_the_numpy_that_it_locks() {
    let folder = folder();
    let path = format!("path = '{}'", bottleneck().display());
    let run =
        || ended(numpact_in(folder.path()).args(["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"]));
    lock(folder.path(), &path, "2.2.6");
    let (status, out, err) = run();
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("pylock.toml, Python 3.11 on linux-x86_64, NumPy 2.2.6 (known by its version)"), "{out}");
    lock(folder.path(), &path, "1.26.4");
    assert_eq!(run().0, Some(0));
    lock(folder.path(), &path, "99.0");
    let (status, _, err) = run();
    assert_eq!(status, Some(2));
    assert!(err.contains("NumPy 99.0, which would be installed, is not known"), "{err}");
}

/// They named no file, and so stood beside nothing.
#[test]
fn annotations_are_attached_to_the_file_that_was_checked() {
    let folder = folder();
    lock(folder.path(), &format!("path = '{}'", bottleneck().display()), "2.2.6");
    let words = ["--python", "3.11", "--platform", "linux-x86_64", "--output-format", "github"];
    for path in [PathBuf::from("./pylock.toml"), folder.path().join("pylock.toml")] {
        let (status, out, err) = ended(numpact_in(folder.path()).arg(path).args(words));
        assert_eq!(status, Some(1), "{err}");
        assert!(out.starts_with("::error file=pylock.toml,title=numpy-major-mismatch%3A "), "{out}");
    }
    let environment = testing::environment("bottleneck-1.3.7");
    let words = [".", "--numpy", "2.2.6", "--output-format", "github"];
    let (_, out, _) = ended(numpact_in(&environment).args(words));
    assert!(out.starts_with("::error title="), "{out}");
}

/// "Went wrong while looking (1): 744 packages of it are conda's" was told of a lock file in which nothing was wrong.
#[test]
fn what_is_conda_s_in_a_lock_file_did_not_go_wrong() {
    let folder = folder();
    let text = format!(
        "version: 6\nenvironments:\n  default:\n    channels:\n    - url: https://c.example/\n    packages:\n      linux-64:\n      \
         - conda: https://c.example/linux-64/python-3.11.9-hb806964_0_cpython.conda\n      \
         - conda: https://c.example/linux-64/numpy-1.26.4-py311h5d046bc_0.conda\n      \
         - pypi: {0}\npackages:\n- pypi: {0}\n  name: bottleneck\n  version: 1.3.7\n",
        bottleneck().display()
    );
    fs::write(folder.path().join("pixi.lock"), text).expect("written");
    let run = |arguments: &[&str]| {
        ended(numpact_in(folder.path()).args(["pixi.lock", "--platform", "linux-x86_64"]).args(arguments))
    };
    let (status, out, err) = run(&[]);
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("\nNot looked at: 2 packages of it are conda's, and are not read\n"), "{out}");
    assert!(!out.contains("Gaps and doubts"), "{out}");
    let target = &json(&run(&["--output-format", "json"]).1)["targets"][0];
    assert_eq!(
        (target["problems"].as_array().map(Vec::len), target["left_out"].as_array().map(Vec::len)),
        (Some(0), Some(1))
    );
}

/// Nothing incompatible was found for a Python that an installer would refuse.
#[test]
fn a_lock_for_other_pythons_is_refused() {
    let folder = folder();
    lock(folder.path(), &format!("path = '{}'", bottleneck().display()), "1.26.4");
    let path = folder.path().join("pylock.toml");
    let text = fs::read_to_string(&path).expect("written before");
    fs::write(&path, format!("requires-python = '>=3.9,<3.13'\n{text}")).expect("written");
    let words = ["pylock.toml", "--platform", "linux-x86_64", "--python"];
    let run = |python: &str| ended(numpact_in(folder.path()).args(words).arg(python));
    assert_eq!(run("3.11").0, Some(0));
    for python in ["3.8", "3.13"] {
        let (status, out, err) = run(python);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        let told = format!("`pylock.toml` is for Python >=3.9,<3.13, and not for Python {python} on linux-x86_64");
        assert!(err.contains(&told), "{err}");
    }
}

/// Nothing incompatible was found for environments that an installer would refuse.
#[test]
fn a_lock_for_other_environments_is_refused() {
    let folder = folder();
    lock(folder.path(), &format!("path = '{}'", bottleneck().display()), "1.26.4");
    let path = folder.path().join("pylock.toml");
    let text = fs::read_to_string(&path).expect("written before");
    let markers = "[\"sys_platform == 'linux' and python_version >= '3.10'\", \"sys_platform == 'win32'\"]";
    fs::write(&path, format!("environments = {markers}\n{text}")).expect("written");
    let words = ["pylock.toml", "--platform", "linux-x86_64", "--python"];
    assert_eq!(ended(numpact_in(folder.path()).args(words).arg("3.11")).0, Some(0));
    let told = refused(folder.path(), &[&words[..], &["3.9"]].concat());
    assert!(told.contains("or `sys_platform == 'win32'`, and not for Python 3.9 on linux-x86_64"), "{told}");
}

/// The lowest NumPy was taken, whose verdict is the kindest.
#[test]
fn several_numpys_in_a_lock_are_judged_one_by_one() {
    let folder = folder();
    lock(folder.path(), &format!("path = '{}'", bottleneck().display()), "2.2.6");
    let path = folder.path().join("pylock.toml");
    let text = fs::read_to_string(&path).expect("written before");
    fs::write(&path, format!("{text}\n[[packages]]\nname = 'numpy'\nversion = '1.26.4'\n")).expect("written");
    let words = ["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"];
    let run = |more: &[&str]| ended(numpact_in(folder.path()).args(words).args(more));
    let (status, out, err) = run(&[]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    let at = |text: &str| out.find(text).unwrap_or_else(|| panic!("{text}: {out}"));
    let older = at("pylock.toml (NumPy 1.26.4), Python 3.11 on linux-x86_64, NumPy 1.26.4 (known by its version)");
    assert!(older < at("pylock.toml (NumPy 2.2.6), Python 3.11 on linux-x86_64, NumPy 2.2.6"), "{out}");
    let told = "the lock has NumPy 1.26.4 and 2.2.6 for Python 3.11 on linux-x86_64, and does not say which of them is installed";
    assert_eq!(out.matches(told).count(), 2, "{out}");
    let (status, out, _) = run(&["--numpy", "1.26.4"]);
    assert!(status == Some(0) && !out.contains("does not say which"), "{out}");
    let (status, out, err) = ended(numpact_in(folder.path()).arg("matrix").args(words));
    assert!(status == Some(0) && out.contains("pylock.toml (NumPy 2.2.6)"), "{out}{err}");
    let project =
        "[project]\nname = 'app'\nversion = '1'\ndependencies = ['bottleneck', 'numpy<2; python_version < \"3.12\"']\n";
    fs::write(folder.path().join("pyproject.toml"), project).expect("written");
    let (status, out, err) = run(&[]);
    assert_eq!(status, Some(0), "{err}");
    assert!(
        out.starts_with("pylock.toml, Python 3.11 on linux-x86_64, NumPy 1.26.4 (") && !out.contains("which of"),
        "{out}"
    );
}

/// A `uv.lock` of a project that requires Bottleneck's wheel by its path, and what else is said.
fn uv_lock(folder: &Path, head: &str, of_project: &str, more: &str) {
    let wheel = bottleneck();
    let name = wheel.file_name().expect("a name").to_string_lossy().into_owned();
    let hash = testing::sha256_of(&wheel).expect("the wheel can be read");
    let text = format!(
        "version = 1\nrequires-python = '==3.11.*'\n{head}\n[[package]]\nname = 'app'\nversion = '1'\nsource = {{ virtual = '.' }}\n\
         {of_project}\n[[package]]\nname = 'bottleneck'\nversion = '1.3.7'\nsource = {{ path = '{}' }}\n\
         wheels = [{{ filename = '{name}', hash = 'sha256:{hash}' }}]\n{more}",
        wheel.display()
    );
    fs::write(folder.join("uv.lock"), text).expect("written");
}

const UV_WORDS: [&str; 5] = ["uv.lock", "--python", "3.11", "--platform", "linux-x86_64"];

/// Both NumPys counted as installed, and the older one judged the wheels.
#[test]
fn each_extra_that_conflicts_with_others_is_judged_by_itself() {
    let folder = folder();
    let numpys = "[[package]]\nname = 'numpy'\nversion = '1.26.4'\n[[package]]\nname = 'numpy'\nversion = '2.2.6'\n";
    let own = "dependencies = [{ name = 'bottleneck' }]\n[package.optional-dependencies]\n\
               new = [{ name = 'numpy', version = '2.2.6' }]\nold = [{ name = 'numpy', version = '1.26.4' }]";
    let head = "conflicts = [[{ package = 'app', extra = 'new' }, { package = 'app', extra = 'old' }]]";
    uv_lock(folder.path(), head, own, numpys);
    let (status, out, err) = ended(numpact_in(folder.path()).args(UV_WORDS));
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    for told in [
        "uv.lock (extra new), Python 3.11 on linux-x86_64, NumPy 2.2.6 (",
        "uv.lock (extra old), Python 3.11 on linux-x86_64, NumPy 1.26.4 (",
        "uv.lock (without extra new or old), Python 3.11 on linux-x86_64, no NumPy",
    ] {
        assert!(out.contains(told), "{told}: {out}");
    }
    let (_, out, _) = ended(numpact_in(folder.path()).args(UV_WORDS).args(["--extra", "old"]));
    assert!(out.starts_with("uv.lock, Python 3.11 on linux-x86_64, NumPy 1.26.4 ("), "{out}");
    let (_, out, _) = ended(numpact_in(folder.path()).args(UV_WORDS).arg("--no-extras"));
    assert!(out.starts_with("uv.lock, Python 3.11 on linux-x86_64, no NumPy"), "{out}");
    let other = refused(folder.path(), &["uv.lock", "--python", "3.12", "--platform", "linux-x86_64"]);
    assert!(other.contains("`uv.lock` is for Python ==3.11.*, and not for Python 3.12"), "the whole of it is: {other}");
}

/// It counted as the project that is locked, and the report was silent about it.
#[test]
fn a_project_beside_the_locked_one_is_undetermined() {
    let folder = folder();
    let own = "dependencies = [{ name = 'bottleneck' }, { name = 'numpy' }, { name = 'ours' }]";
    let more = "[[package]]\nname = 'numpy'\nversion = '1.26.4'\n\
                [[package]]\nname = 'ours'\nversion = '1'\nsource = { editable = '../ours' }\n";
    uv_lock(folder.path(), "", own, more);
    let (status, out, err) = ended(numpact_in(folder.path()).args(UV_WORDS));
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("ours 1: it is a source tree (editable)") && out.contains("1 undetermined"), "{out}");
}

/// Only that it is a source tree was said, and the same folder by itself tells what a build of it comes to.
#[test]
fn a_locked_folder_says_what_a_build_would_come_to() {
    let folder = folder();
    let project = "[build-system]\nrequires = ['numpy==1.24.4']\n[project]\nname = 'ours'\nversion = '1.0'\n\
                   dependencies = ['numpy>=1.20']\n";
    for name in ["ours", "lock"] {
        fs::create_dir(folder.path().join(name)).expect("made");
    }
    fs::write(folder.path().join("ours/pyproject.toml"), project).expect("written");
    let locks = folder.path().join("lock");
    let own = "dependencies = [{ name = 'bottleneck' }, { name = 'numpy' }, { name = 'ours' }]";
    let numpy = "[[package]]\nname = 'numpy'\nversion = '2.2.6'\n";
    let told = "it is a source tree (KIND): `PLACE` would be built against NumPy 1.24.4 (`numpy==1.24.4`), which gives code for \
                `numpy>=1.23,<2`";
    let run = |lock: &str, told: &str| {
        let words = [lock, "--python", "3.11", "--platform", "linux-x86_64", "--offline"];
        let (_, out, err) = ended(numpact_in(&locks).args(words));
        assert!(
            out.contains(told) && out.contains("[metadata-allows-broken-numpy]: `../ours` of `ours` 1"),
            "{out}{err}"
        );
    };
    for kind in ["editable", "directory"] {
        let ours = format!("[[package]]\nname = 'ours'\nversion = '1.0'\nsource = {{ {kind} = '../ours' }}\n");
        uv_lock(&locks, "", own, &format!("{numpy}{ours}"));
        run("uv.lock", &told.replace("KIND", kind).replace("PLACE", "../ours"));
    }
    lock(&locks, &format!("path = '{}'", bottleneck().display()), "2.2.6");
    let path = locks.join("pylock.toml");
    let ours = "\n[[packages]]\nname = 'ours'\nversion = '1.0'\ndirectory = { path = '../ours' }\n";
    fs::write(&path, fs::read_to_string(&path).expect("written before") + ours).expect("written");
    run("pylock.toml", &told.replace("KIND", "directory").replace("PLACE", "../ours"));
}

/// It was taken as given without a word.
#[test]
fn a_locked_numpy_that_does_not_install_is_told() {
    let folder = folder();
    let files = |more: &str| {
        let own = "dependencies = [{ name = 'bottleneck' }, { name = 'numpy' }]";
        let numpy = "[[package]]\nname = 'numpy'\nversion = '1.26.4'\n\
                     wheels = [{ url = 'https://example.org/numpy-1.26.4-cp312-cp312-win_amd64.whl' }]\n";
        uv_lock(folder.path(), "", own, &format!("{numpy}{more}"));
        let (status, out, err) = ended(numpact_in(folder.path()).args(UV_WORDS));
        assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
        out
    };
    let out = files("");
    assert!(
        out.contains("NumPy 1.26.4 is locked without a file that installs on Python 3.11 on linux-x86_64"),
        "{out}"
    );
    let out = files("sdist = { url = 'https://example.org/numpy-1.26.4.tar.gz' }\n");
    assert!(
        out.contains("without a wheel for Python 3.11 on linux-x86_64, and `numpy-1.26.4.tar.gz` would be built"),
        "{out}"
    );
}

/// Serves Bottleneck's wheel, in parts where parts are asked for, for as long as the test runs.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its number");
    let bytes = fs::read(bottleneck()).expect("the wheel");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let bytes = bytes.clone();
            std::thread::spawn(move || answer(stream, &bytes));
        }
    });
    let name = bottleneck().file_name().expect("a name").to_string_lossy().into_owned();
    format!("http://{address}/{name}")
}

fn answer(mut stream: std::net::TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    let range = request.lines().find_map(|line| line.strip_prefix("range: bytes=")).expect("parts are asked for");
    let size = bytes.len();
    let (from, to) = match range.split_once('-').expect("a range") {
        ("", last) => (size.saturating_sub(last.parse().expect("a number")), size - 1),
        (from, to) => (from.parse().expect("a number"), to.parse::<usize>().expect("a number").min(size - 1)),
    };
    let part = &bytes[from..=to];
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{to}/{size}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        part.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(part)
}

#[test]
fn a_remote_wheel_is_read_in_parts_and_remembered() {
    let folder = folder();
    lock(folder.path(), &format!("url = '{}'", serve()), "1.26.4");
    let words = ["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"];
    let run = |arguments: &[&str]| ended(numpact_in(folder.path()).args(words).args(arguments));
    let (status, out, err) = run(&["--offline"]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "nothing could be judged: {err}");
    assert!(err.contains("and `--offline` was given"), "{err}");
    let (status, out, err) = run(&[]);
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(err.starts_with("note: fetched "), "{err}");
    assert!(out.contains("1 distribution with 4 compiled files against NumPy 1.26.4"), "{out}");
    assert_eq!(run(&["-q"]).2, "", "quiet tells no cost");
    let (status, out, err) = run(&["--offline"]);
    assert_eq!(status, Some(0), "what is remembered needs no network: {out}{err}");
    let (status, out, _) = run(&["--offline", "--numpy", "2.2.6"]);
    assert_eq!(status, Some(1), "{out}");
    assert!(out.contains("its Python files were not read"), "what the verdict does without is told: {out}");
}

#[test]
fn a_wheel_that_cannot_be_read_beside_others_is_undetermined() {
    let folder = folder();
    lock(folder.path(), &format!("path = '{}'", bottleneck().display()), "1.26.4");
    let path = folder.path().join("pylock.toml");
    let more = "\n[[packages]]\nname = 'gone'\nversion = '1.0'\nwheels = [{ path = \
                'gone-1.0-cp311-cp311-manylinux_2_17_x86_64.whl', hashes = { } }]\n";
    fs::write(&path, fs::read_to_string(&path).expect("written before") + more).expect("written");
    let words = ["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, out, err) = ended(numpact_in(folder.path()).args(words));
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("1 undetermined") && out.contains("gone-1.0"), "{out}");
    let (status, ..) = ended(numpact_in(folder.path()).args(words).args(["--fail-on", "undetermined"]));
    assert_eq!(status, Some(1));
}

/// The reader found that the file ended too early, and that was told instead.
#[test]
fn a_wrong_checksum_is_the_reason_that_is_told_once_with_its_file() {
    let folder = folder();
    let name = "Bottleneck-1.3.7-cp311-cp311-manylinux_2_17_x86_64.whl";
    let script = "import sys, zipfile\n\
                  data = bytearray(open(sys.argv[1], 'rb').read())\n\
                  members = [m for m in zipfile.ZipFile(sys.argv[1]).infolist() if '/reduce.' in m.filename]\n\
                  checksum = members[0].CRC.to_bytes(4, 'little')\n\
                  assert data.count(checksum) == 2\n\
                  open(sys.argv[2], 'wb').write(data.replace(checksum, b'\\0' * 4))\n";
    by_python(script, &[&bottleneck(), &folder.path().join(name)]);
    let words = [name, "--python", "3.11", "--platform", "linux-x86_64", "--numpy", "1.26.4"];
    let (status, out, err) = ended(numpact_in(folder.path()).args(words));
    assert_eq!(status, Some(0), "{out}{err}");
    let told =
        "Bottleneck: `bottleneck/reduce.cpython-311-x86_64-linux-gnu.so`: it cannot be read: its checksum is wrong";
    assert!(out.contains(told), "{out}");
}

#[test]
fn what_has_no_wheel_is_undetermined_too() {
    let folder = folder();
    lock(folder.path(), &format!("path = '{}'", bottleneck().display()), "1.26.4");
    let path = folder.path().join("pylock.toml");
    let locked = fs::read_to_string(&path).expect("written before");
    let more = "\n[[packages]]\nname = 'built'\nversion = '1.0'\nsdist = { path = 'built-1.0.tar.gz', hashes = { } }\n";
    fs::write(&path, locked.clone() + more).expect("written");
    let words = ["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"];
    let (status, out, err) = ended(numpact_in(folder.path()).args(words));
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("1 undetermined") && out.contains("`built-1.0.tar.gz` would be built"), "{out}");
    fs::write(&path, format!("lock-version = '1.0'\ncreated-by = 'a test'\n{more}")).expect("written");
    assert!(refused(folder.path(), &words).contains("`pylock.toml`: not one wheel was found; built 1.0: no wheel for"));
}

#[test]
fn a_wheel_for_a_newer_glibc_is_told_with_the_way_to_it() {
    let folder = folder();
    let wheel = |name: &str, glibc: u16| {
        format!("{{ path = '{name}-cp311-cp311-manylinux_2_{glibc}_x86_64.whl', hashes = {{ }} }}")
    };
    let package = "lock-version = '1.0'\ncreated-by = 'a test'\n[[packages]]\nname = 'new'\nversion = '1.0'\n";
    let text = format!("{package}wheels = [{}, {}]\n", wheel("new-1.0", 40), wheel("new-1.0", 35));
    fs::write(folder.path().join("pylock.toml"), text).expect("written");
    let told = refused(folder.path(), &["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"]);
    assert!(told.contains("which `--platform manylinux_2_35_x86_64` takes"), "{told}");
}

#[test]
fn the_memory_of_one_address_serves_no_other() {
    let folder = folder();
    let words = ["pylock.toml", "--python", "3.11", "--platform", "linux-x86_64"];
    lock(folder.path(), &format!("url = '{}'", serve()), "1.26.4");
    assert_eq!(ended(numpact_in(folder.path()).args(words)).0, Some(0));
    lock(folder.path(), &format!("url = '{}'", serve()), "1.26.4");
    let (status, _, err) = ended(numpact_in(folder.path()).args(words).arg("--offline"));
    assert_eq!(status, Some(2), "the same hash at another address may be other bytes");
    assert!(err.contains("and `--offline` was given"), "{err}");
}

/// Expects status 2 and silence on standard output, and gives standard error.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let (status, out, err) = ended(numpact_in(folder).args(arguments));
    assert_eq!((status, out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
    err
}

#[test]
fn targets_that_make_no_sense_are_refused() {
    let folder = folder();
    let told = |arguments: &[&str]| refused(folder.path(), arguments);
    assert!(told(&["missing-1.0-py3-none-any.whl"]).contains("cannot open `missing-1.0-py3-none-any.whl`"));
    assert!(told(&["requirements.txt", "--python", "3.11"]).contains("cannot open `requirements.txt`"));
    assert!(told(&["uv.lock", "--python", "3.11"]).contains("cannot read `uv.lock`"));
    assert!(told(&["./nosuch.toml"]).contains("cannot open `./nosuch.toml`: there is no such file"));
    fs::write(folder.path().join("yarn.lock"), "# yarn lockfile v1\n\nx@^1:\n  version \"1.0\"\n").expect("written");
    assert!(told(&["yarn.lock"]).contains("`yarn.lock` is no lock file known by its name"));
    fs::write(folder.path().join("broken.whl"), "no archive").expect("written");
    assert!(told(&["broken.whl"]).contains("not a readable zip archive"));
    fs::write(folder.path().join("uv.lock"), "= =").expect("written");
    assert!(told(&["uv.lock", "--python", "3.11"]).contains("`uv.lock` cannot be understood"));
    assert!(told(&["uv.lock", "--python", "3"]).contains("`--python 3` names no line of Python"));
    let mut command = numpact_in(folder.path());
    command.env("PATH", folder.path()).args(["demo==1.0", "--python", "3.11"]);
    let (status, _, err) = ended(&mut command);
    assert_eq!(status, Some(2));
    assert!(err.contains("neither `uv` nor `pip` was found on PATH"), "{err}");
}

#[test]
fn wheels_of_one_release_that_were_not_built_alike_are_told() {
    let folder = folder();
    let other = folder.path().join("Bottleneck-1.3.7-cp311-cp311-manylinux_2_28_x86_64.whl");
    relabel(&testing::wheel("contourpy-1.3.0-cp311-cp311-manylinux_2_17_x86_64"), &other);
    let (status, out, err) = ended(numpact_in(folder.path()).arg(bottleneck()).arg(&other));
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("note[mixed-builds]: wheels of `Bottleneck` 1.3.7 were not built alike"), "{out}");
    let (_, out, _) = ended(numpact_in(folder.path()).arg(bottleneck()).arg(bottleneck()));
    assert!(!out.contains("mixed-builds"), "{out}");
}

/// A wheel with other metadata: as if Bottleneck 1.3.7 had been built with headers of NumPy 2 for one more platform.
fn relabel(from: &Path, to: &Path) {
    let script = "import sys, zipfile\n\
                  with zipfile.ZipFile(sys.argv[1]) as old, zipfile.ZipFile(sys.argv[2], 'w') as new:\n    \
                      for name in old.namelist():\n        \
                          if '.dist-info/' not in name: new.writestr(name, old.read(name))\n    \
                      new.writestr('Bottleneck-1.3.7.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: Bottleneck\\nVersion: 1.3.7\\n')\n    \
                      new.writestr('Bottleneck-1.3.7.dist-info/WHEEL', 'Tag: cp311-cp311-manylinux_2_28_x86_64\\n')\n";
    by_python(script, &[from, to]);
}

#[test]
fn a_lock_without_a_wheel_says_what_a_build_would_come_to() {
    let folder = folder();
    let sdist = folder.path().join("built-1.0.tar.gz");
    let pyproject = "[build-system]\nrequires = ['numpy==1.24.4']\n[project]\nname = 'built'\nversion = '1.0'\n\
                     dependencies = ['numpy>=1.20']\n";
    pack(&sdist, &[("built-1.0/pyproject.toml", pyproject)]);
    let lock = "lock-version = '1.0'\ncreated-by = 'a test'\n[[packages]]\nname = 'numpy'\nversion = '2.0.2'\n\
                [[packages]]\nname = 'built'\nversion = '1.0'\nsdist = { path = 'built-1.0.tar.gz', hashes = { } }\n";
    fs::write(folder.path().join("pylock.toml"), lock).expect("written");
    let words = ["pylock.toml", "--python", "3.9", "--platform", "linux-x86_64", "--offline"];
    let (status, out, err) = ended(numpact_in(folder.path()).args(words));
    assert_eq!(status, Some(0), "{err}");
    assert!(
        out.contains("no wheel for Python 3.9 on linux-x86_64: `built-1.0.tar.gz` would be built against NumPy 1.24.4"),
        "{out}"
    );
    assert!(out.contains("warning[metadata-allows-broken-numpy]"), "{out}");
    let (_, out, _) = ended(numpact_in(folder.path()).args(words).args(["--numpy", "1.20.3"]));
    assert!(out.contains("warning[build-pin-too-new]"), "{out}");
    let (_, out, _) =
        ended(numpact_in(folder.path()).args(words).args(["--numpy", "1.26.4", "--output-format", "json"]));
    let report = json(&out);
    let build = &report["targets"][0]["distributions"][0]["build"];
    assert_eq!((&build["numpy"], &build["gives"]), (&"1.24.4".into(), &">=1.23,<2".into()));
    assert_eq!(
        report["targets"][0]["findings"].as_array().map(Vec::len),
        Some(1),
        "only that it could not be told: {out}"
    );
}

/// It was said to be built against a NumPy that has no wheel there, and to have a `[build-system]` where it had none.
#[test]
fn what_a_build_needs_first_and_what_says_nothing_of_builds_is_told() {
    let folder = folder();
    let built = |pyproject: &str, python: &str| {
        fs::write(folder.path().join("pyproject.toml"), pyproject).expect("written");
        let words = [".", "--platform", "linux-x86_64", "--offline", "--python", python];
        let (status, out, err) = ended(numpact_in(folder.path()).args(words));
        assert_eq!(status, Some(0), "{err}");
        out
    };
    let pinned = "[build-system]\nrequires = ['numpy==1.24.4']\n";
    let first = "; NumPy 1.24.4 has no wheel for Python 3.12 and would have to be built first";
    let out = built(pinned, "3.12");
    assert!(out.contains("it would be built against NumPy 1.24.4 (") && out.contains(first), "{out}");
    let out = built(pinned, "3.11");
    assert!(out.contains("it would be built against NumPy 1.24.4 (") && !out.contains("built first"), "{out}");
    let out = built("[build-system]\nrequires = []\n", "3.11");
    assert!(out.contains("its `[build-system] requires` names no NumPy"), "{out}");
    let out = built("[project]\nname = 'demo'\nversion = '1'\n", "3.11");
    assert!(out.contains("it has no `[build-system]` that names a NumPy"), "{out}");
}

/// `numpact check dist/*` stopped at the `.tar.gz` that lies beside the wheels.
#[test]
fn a_source_distribution_beside_the_wheels_is_checked_too() {
    let folder = folder();
    let project = "[build-system]\nrequires = ['setuptools', 'numpy==1.24.4']\n[project]\nname = 'built'\nversion = '1.0'\n\
                   dependencies = ['numpy>=1.21']\n";
    pack(&folder.path().join("built-1.0.tar.gz"), &[("built-1.0/pyproject.toml", project)]);
    let words = ["built-1.0.tar.gz", "--python", "3.9", "--platform", "linux-x86_64", "--offline"];
    let (status, out, err) = ended(numpact_in(folder.path()).args(words));
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("`built-1.0.tar.gz`: it would be built against NumPy 1.24.4"), "{out}");
    assert!(out.contains("warning[build-pin-too-new]") && out.contains("built 1.0"), "{out}");
    let expect =
        |words: &[&str]| ended(numpact_in(folder.path()).args(words).args(["--expect", "numpy>=1.21", "--offline"]));
    let (status, out, err) = expect(&["built-1.0.tar.gz", "--python", "3.9"]);
    assert_eq!(status, Some(1), "{err}");
    let told = "`built` 1.0 is expected to work with `numpy>=1.21`, and built against NumPy 1.24.4 (`numpy==1.24.4`) it does not with \
                NumPy 1.21.";
    assert!(out.contains(told) && out.ends_with("; 1 error: expectation-not-met\n"), "{out}");
    let pure = "[build-system]\nrequires = ['flit_core']\n[project]\nname = 'pure'\nversion = '1.0'\n";
    pack(&folder.path().join("pure-1.0.tar.gz"), &[("pure-1.0/pyproject.toml", pure)]);
    let (status, _, err) = expect(&["pure-1.0.tar.gz"]);
    assert!(
        status == Some(2) && err.contains("`pure-1.0.tar.gz` is built without NumPy"),
        "a gate that holds nothing: {err}"
    );
    let (status, out, err) = expect(&["pure-1.0.tar.gz", &bottleneck().display().to_string()]);
    assert!(status == Some(1) && out.contains("[expectation-not-met]"), "{status:?} {out}");
    assert!(err.contains("`pure-1.0.tar.gz` is built without NumPy"), "{err}");
    fs::write(folder.path().join("other.zip"), "no archive").expect("written");
    let (status, _, err) = ended(numpact_in(folder.path()).args(["other.zip", "--offline"]));
    assert!(status == Some(2) && err.contains("other.zip"), "{status:?} {err}");
}

#[test]
fn a_folder_of_sources_is_held_to_what_a_build_would_give() {
    let folder = folder();
    let project = "[build-system]\nrequires = ['setuptools', 'numpy']\n[project]\nname = 'demo'\nversion = '1.0'\n\
                   dependencies = ['numpy>=1.17']\n[dependency-groups]\ntest = ['nothing-to-install-offline']\n";
    fs::write(folder.path().join("pyproject.toml"), project).expect("written");
    let run = |python: &str| {
        ended(numpact_in(folder.path()).args([".", "--python", python, "--platform", "linux-x86_64", "--offline"]))
    };
    let (status, out, err) = run("3.8");
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("warning[build-against-newest-numpy]") && out.contains("NumPy 1.17.3 to 1.22.4"), "{out}");
    assert!(
        out.contains("\n1 distribution of which no compiled file was read, judged against no NumPy: 0 that"),
        "{out}"
    );
    // Nothing said that this is about the build alone.
    let elsewhere = "Not looked at: what the project depends on; `numpact check pyproject.toml` looks at that";
    assert!(out.contains(elsewhere), "{out}");
    let (_, out, _) = run("3.9");
    assert!(!out.contains("warning["), "headers of NumPy 2 target old releases: {out}");
    let told = refused(folder.path(), &["pyproject.toml", "--python", "3.9", "--group", "tests", "--offline"]);
    assert!(told.contains("there is no group `tests`; there are: `test`"), "{told}");
    let told = refused(folder.path(), &["pyproject.toml", "--python", "3.9", "--extra", "all", "--offline"]);
    assert!(told.contains("there is no extra `all`"), "{told}");
    fs::write(folder.path().join("pyproject.toml"), project.replace("['numpy>=1.17']", "[]")).expect("written");
    assert!(!run("3.9").1.contains("Not looked at"), "it depends on nothing");
}
