//! Real environments, made with real interpreters: what numpact works out against what the interpreter says of itself;
//! and hostile folders, which cost a sentence each and never the whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use numpact_sources::environment::{
    DiscoverError, Distribution, Environment, EnvironmentKind, Place, Recorded, Surroundings, discover,
};

const SO: &str = "cpython-311-x86_64-linux-gnu.so";

fn look(folder: &Path, surroundings: &Surroundings) -> Environment {
    discover(&Place::Path(folder.to_owned()), surroundings).expect("there is an environment")
}

fn write(file: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(file.parent().expect("a file in a folder")).expect("the folder can be made");
    fs::write(file, text).expect("the file can be written");
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Runs an interpreter with nothing inherited but what is given, and returns the lines it prints.
fn python(interpreter: &Path, home: &Path, pythonpath: Option<&Path>, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new(interpreter);
    command.env_clear().env("HOME", home).env("LC_ALL", "C.UTF-8").args(arguments).current_dir(home);
    command.envs(pythonpath.map(|folder| ("PYTHONPATH", folder)));
    let output = command.output().unwrap_or_else(|error| panic!("cannot start `{}`: {error}", interpreter.display()));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{}` failed: {errors}", interpreter.display());
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// `sys.path` without the script's folder, the standard library and what does not exist.
fn real_path(interpreter: &Path, home: &Path, pythonpath: Option<&Path>) -> Vec<PathBuf> {
    let code = "import sys, os, sysconfig as s\n\
                std = {os.path.realpath(s.get_path(k)) for k in ('stdlib', 'platstdlib')}\n\
                std |= {os.path.join(p, 'lib-dynload') for p in std}\n\
                [print(p) for p in sys.path[1:] if os.path.isdir(p) and os.path.realpath(p) not in std]";
    python(interpreter, home, pythonpath, &["-c", code]).into_iter().map(PathBuf::from).collect()
}

fn interpreter(version: &str) -> PathBuf {
    let found = testing::try_interpreter(version).unwrap_or_else(|problem| panic!("{problem}"));
    let output = Command::new(found.path).args(["-c", "import sys; print(sys.executable)"]).output();
    let text = output.expect("an interpreter that answered before starts again").stdout;
    PathBuf::from(String::from_utf8(text).expect("the interpreter's path is text").trim())
}

fn surroundings(home: &Path) -> Surroundings {
    Surroundings { home: Some(home.to_owned()), folder: home.to_owned(), ..Surroundings::default() }
}

fn make_venv(interpreter: &Path, home: &Path, system: bool) -> PathBuf {
    let folder = home.join("venv");
    let name = folder.to_str().expect("a temporary folder's name is text").to_owned();
    let mut arguments = vec!["-m", "venv", "--without-pip", &name];
    arguments.extend(system.then_some("--system-site-packages"));
    python(interpreter, home, None, &arguments);
    folder
}

fn site_of(venv: &Path, version: &str) -> PathBuf {
    venv.join(format!("lib/python{version}/site-packages"))
}

/// Puts a user site, `.pth` files and a `PYTHONPATH` around a venv, and holds the search path against `sys.path`.
fn holds_for(version: &str, system: bool) {
    let home = temporary();
    let home = fs::canonicalize(home.path()).expect("it exists");
    let interpreter = interpreter(version);
    let venv = make_venv(&interpreter, &home, system);
    let site = site_of(&venv, version);
    for folder in ["one", "two/deep", "from-pythonpath", "from-user"] {
        fs::create_dir_all(home.join(folder)).expect("made");
    }
    write(&site.join("b.pth"), format!("# a comment\n\n{}\n../missing\nimport os\n", home.join("one").display()));
    write(&site.join("a.pth"), "../../../../two/./deep \n.\n");
    let user = home.join(format!(".local/lib/python{version}/site-packages"));
    write(&user.join("user.pth"), home.join("from-user").display().to_string());
    let started = venv.join("bin/python");
    let given = home.join("from-pythonpath");
    let around = Surroundings { pythonpath: vec![given.clone()], ..surroundings(&home) };
    let found = look(&venv, &around);
    assert_eq!(found.search_path, real_path(&started, &home, Some(&given)), "{version}, system: {system}");
    assert_eq!(look(&started, &around).search_path, found.search_path, "named by its interpreter");
    assert_eq!(found.kind, EnvironmentKind::Venv);
    let said = python(&started, &home, None, &["-c", "import platform; print(platform.python_version())"]);
    assert_eq!(found.python.map(|python| python.version), said.into_iter().next());
    let own = look(&interpreter, &around);
    assert_eq!(own.search_path, real_path(&interpreter, &home, Some(&given)), "{version} itself");
    assert_eq!(own.kind, EnvironmentKind::System);
}

macro_rules! search_paths {
    ($($name:ident $version:literal,)*) => {$(
        #[test]
        fn $name() {
            holds_for($version, false);
            holds_for($version, true);
        }
    )*};
}

search_paths! {
    searches_as_python_3_6_does "3.6",
    searches_as_python_3_8_does "3.8",
    searches_as_python_3_10_does "3.10",
    searches_as_python_3_11_does "3.11",
    searches_as_python_3_12_does "3.12",
    searches_as_python_3_13_does "3.13",
}

/// A venv's shape without an interpreter, with one distribution of one compiled file.
struct Made {
    _folder: tempfile::TempDir,
    root: PathBuf,
    site: PathBuf,
}

fn made() -> Made {
    let folder = temporary();
    let root = fs::canonicalize(folder.path()).expect("it exists").join("venv");
    let site = site_of(&root, "3.11");
    write(&root.join("pyvenv.cfg"), "home = /nowhere/bin\nversion = 3.11.7\n");
    fs::create_dir_all(&site).expect("made");
    Made { _folder: folder, root, site }
}

impl Made {
    fn install(&self, name: &str, version: &str, record: Option<&[u8]>) {
        let folder = self.site.join(format!("{name}-{version}.dist-info"));
        write(&folder.join("METADATA"), format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nBody\n"));
        if let Some(record) = record {
            write(&folder.join("RECORD"), record);
        }
    }

    fn file(&self, path: &str) {
        write(&self.site.join(path), b"x");
    }

    fn look(&self) -> Environment {
        look(&self.root, &Surroundings::default())
    }
}

fn named<'a>(environment: &'a Environment, name: &str) -> &'a Distribution {
    environment.distributions.iter().find(|d| d.name == name).expect("the distribution is found")
}

fn paths(distribution: &Distribution) -> Vec<&str> {
    distribution.compiled.iter().map(|file| file.path.as_str()).collect()
}

fn tells(environment: &Environment, words: &[&str]) -> bool {
    environment.problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)))
}

#[test]
fn shares_files_out_among_records() {
    let made = made();
    let record = format!("a/x.{SO},,\na/__init__.py,,\na/gone.py,,\na/__pycache__/gone.pyc,,\n../../../bin/a,,\n");
    made.install("a", "1.0", Some(record.as_bytes()));
    for file in [format!("a/x.{SO}"), "a/__init__.py".to_owned(), "a.libs/libz-1.so.3.2".to_owned()] {
        made.file(&file);
    }
    let found = made.look();
    let a = named(&found, "a");
    assert_eq!((paths(a), a.missing_files), (vec![format!("a/x.{SO}").as_str()], 1));
    assert_eq!(a.python_files, ["a/__init__.py"]);
    assert_eq!(found.unowned.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a.libs/libz-1.so.3.2"]);
    assert_eq!(found.problems, Vec::<String>::new());
}

#[test]
fn goes_by_names_when_a_record_is_missing_and_says_so() {
    let made = made();
    made.install("Foo.Bar", "2", None);
    made.file("foo_bar/_c.abi3.so");
    made.file("foo_bar/__init__.py");
    made.file("other.so");
    let found = made.look();
    assert_eq!(paths(named(&found, "Foo.Bar")), ["foo_bar/_c.abi3.so"]);
    assert_eq!(named(&found, "Foo.Bar").python_files, ["foo_bar/__init__.py"]);
    assert_eq!(found.unowned.len(), 1);
    assert!(tells(&found, &["RECORD", "is missing", "Foo.Bar"]), "{:?}", found.problems);
}

#[test]
fn keeps_hostile_records_inside_the_environment() {
    let made = made();
    let record = b"../../../../../../../etc/passwd,,\n/etc/hosts,,\nx/../y.so,,\n\"unclosed,,\n";
    made.install("evil", "1", Some(record));
    made.file("y.so");
    let found = made.look();
    assert_eq!(paths(named(&found, "evil")), ["y.so"]);
    assert!(tells(&found, &["RECORD", "etc/passwd", "1 more", "outside"]), "{:?}", found.problems);
}

#[test]
fn tells_of_names_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let made = made();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.so");
    write(&made.site.join("m").join(name), b"x");
    made.install("m", "1", Some(b"m/caf\xe9.so,,\n"));
    let found = made.look();
    let m = named(&found, "m");
    assert_eq!(m.compiled.len(), 1);
    assert!(m.compiled.iter().all(|file| file.absolute.exists()), "the real name is kept");
    assert!(tells(&found, &["not UTF-8"]), "{:?}", found.problems);
}

#[test]
fn does_not_run_in_circles_through_links() {
    let made = made();
    made.file("p/q/x.so");
    made.file("r/y.so");
    std::os::unix::fs::symlink("..", made.site.join("p/q/up")).expect("linked");
    std::os::unix::fs::symlink(&made.site, made.site.join("p/all")).expect("linked");
    std::os::unix::fs::symlink("../r", made.site.join("p/r")).expect("linked");
    std::os::unix::fs::symlink("../p", made.site.join("r/p")).expect("linked");
    std::os::unix::fs::symlink("nowhere.so", made.site.join("dangling.so")).expect("linked");
    let found = made.look();
    let files: BTreeSet<&str> = found.unowned.iter().map(|file| file.path.as_str()).collect();
    assert!(files.contains("p/q/x.so") && files.contains("p/r/y.so") && !files.contains("dangling.so"), "{files:?}");
    assert!(files.len() < 20, "{files:?}");
    assert!(tells(&found, &["p/q/up", "links back"]), "{:?}", found.problems);
}

#[test]
fn goes_on_where_metadata_cannot_be_read() {
    let made = made();
    made.file("fine.so");
    write(&made.site.join("broken-1.dist-info/METADATA"), [0xff, 0xfe, 0, 1]);
    fs::create_dir_all(made.site.join("folder-1.dist-info/RECORD")).expect("a folder where a file should be");
    fs::create_dir_all(made.site.join("bad.pth")).expect("a folder where a file should be");
    let found = made.look();
    assert_eq!(found.unowned.len(), 1);
    assert_eq!((named(&found, "broken").version.as_str(), named(&found, "folder").version.as_str()), ("1", "1"));
    assert!(tells(&found, &["folder-1.dist-info/RECORD", "not a regular file"]), "{:?}", found.problems);
    assert!(tells(&found, &["bad.pth"]), "{:?}", found.problems);
}

#[test]
fn tells_of_two_records_of_one_distribution_and_of_shared_files() {
    let made = made();
    made.install("numpy", "1.26.4", Some(b"numpy/__init__.py,,\nnumpy/core/_multiarray_umath.so,,\nnumpy/old.py,,\n"));
    made.install("numpy", "2.1.0", Some(b"numpy/__init__.py,,\nnumpy/_core/_multiarray_umath.so,,\n"));
    made.install("cv-a", "1", Some(b"cv2.so,,\n"));
    made.install("cv-b", "1", Some(b"cv2.so,,\n"));
    for file in ["numpy/__init__.py", "numpy/core/_multiarray_umath.so", "numpy/_core/_multiarray_umath.so", "cv2.so"] {
        made.file(file);
    }
    write(&made.site.join("numpy/version.py"), "version = \"2.1.0\"\n");
    let found = made.look();
    assert!(tells(&found, &["`numpy` is recorded more than once", "numpy-1.26.4.dist-info", "numpy-2.1.0.dist-info"]));
    assert!(tells(&found, &["cv-a", "cv-b", "both record `cv2.so`"]), "{:?}", found.problems);
    assert_eq!(found.distributions.iter().filter(|d| paths(d).contains(&"cv2.so")).count(), 1);
    let [numpy] = found.numpys.as_slice() else { panic!("one NumPy: {:?}", found.numpys) };
    assert_eq!((numpy.version.as_deref(), numpy.wins), (Some("2.1.0"), true));
    assert_eq!(numpy.core_generations, ["_core", "core"]);
    assert!(numpy.binary.as_ref().expect("a binary").ends_with("numpy/_core/_multiarray_umath.so"));
}

#[test]
fn says_which_numpy_wins() {
    let made = made();
    made.file("numpy/__init__.py");
    let first = made.root.join("first");
    write(&first.join("numpy/__init__.py"), "");
    write(&first.join("numpy/version.py"), "version = '1.24.4'\n");
    let around = Surroundings { pythonpath: vec![first.clone()], ..Surroundings::default() };
    let found = look(&made.root, &around);
    let wins: Vec<(PathBuf, bool)> = found.numpys.iter().map(|numpy| (numpy.folder.clone(), numpy.wins)).collect();
    assert_eq!(wins, [(first.join("numpy"), true), (made.site.join("numpy"), false)]);
    assert!(found.numpys.iter().any(|numpy| numpy.why.contains("`PYTHONPATH`")), "{:?}", found.numpys);
}

#[test]
fn gives_editable_installs_the_files_of_their_source_folder() {
    let made = made();
    let source = made.root.join("project");
    write(&source.join("src/mine/_c.so"), b"x");
    write(&source.join("venv/pyvenv.cfg"), "");
    write(&source.join("src/not-a-package/_c.so"), b"x");
    made.install("mine", "0.1", Some(b"__editable__.mine-0.1.pth,,\n"));
    write(&made.site.join("__editable__.mine-0.1.pth"), source.join("src").display().to_string());
    let address = format!("{{\"dir_info\": {{\"editable\": true}}, \"url\": \"file://{}\"}}", source.display());
    write(&made.site.join("mine-0.1.dist-info/direct_url.json"), address);
    let found = made.look();
    assert_eq!(paths(named(&found, "mine")), ["mine/_c.so"]);
    assert_eq!(found.search_path, [made.site.clone(), source.join("src")]);
}

#[test]
fn reads_eggs() {
    let made = made();
    write(&made.site.join("old-1.2.egg-info/PKG-INFO"), "Name: old\nVersion: 1.2\n");
    write(&made.site.join("old-1.2.egg-info/installed-files.txt"), "../old/_c.so\n../old/__init__.py\nPKG-INFO\n");
    write(&made.site.join("old-1.2.egg-info/requires.txt"), "numpy>=1.9\n");
    made.file("old/_c.so");
    made.file("old/__init__.py");
    write(&made.site.join("plain-0.1-py3.11.egg-info"), "Name: plain\nVersion: 0.1\n");
    made.file("plain.so");
    write(&made.site.join("zipless-3.0-py3.11.egg/EGG-INFO/PKG-INFO"), "Name: zipless\nVersion: 3.0\n");
    made.file("zipless-3.0-py3.11.egg/zipless/_c.so");
    write(&made.site.join("easy-install.pth"), "./zipless-3.0-py3.11.egg\n");
    let found = made.look();
    assert_eq!(paths(named(&found, "old")), ["old/_c.so"]);
    assert_eq!(named(&found, "old").requires_numpy.as_deref(), Some(">=1.9"));
    assert_eq!(paths(named(&found, "plain")), ["plain.so"]);
    assert_eq!(paths(named(&found, "zipless")), ["zipless/_c.so"]);
    assert_eq!((found.unowned.len(), &found.problems), (0, &Vec::new()));
}

#[test]
fn reads_a_conda_prefix() {
    let folder = temporary();
    let root = fs::canonicalize(folder.path()).expect("it exists");
    let site = site_of(&root, "3.11");
    write(&root.join("lib/python3.11/os.py"), "");
    let meta = |name: &str, text: &str| write(&root.join("conda-meta").join(name), text);
    let prefix = "lib/python3.11/site-packages";
    meta("python-3.11.7-h955ad1f_0.json", r#"{"name": "python", "version": "3.11.7", "files": ["bin/python3.11"]}"#);
    meta(
        "a-1.0-0.json",
        &format!(
            r#"{{"name": "a", "version": "1.0", "files": ["{prefix}/a/_c.so", "{prefix}/a-1.0.dist-info/METADATA"]}}"#
        ),
    );
    meta(
        "py-b-2.0-0.json",
        &format!(r#"{{"name": "py-b", "version": "2.0", "files": ["{prefix}/b/_c.so", "lib/libb.so"]}}"#),
    );
    meta(
        "c-1.0-0.json",
        &format!(
            r#"{{"name": "c", "version": "1.0", "files": ["{prefix}/c/_c.so", "{prefix}/c-1.0.dist-info/METADATA"]}}"#
        ),
    );
    meta("broken.json", "{");
    write(&site.join("a-1.0.dist-info/METADATA"), "Name: a\nVersion: 1.0\n");
    write(&site.join("c-3.0.dist-info/METADATA"), "Name: c\nVersion: 3.0\n");
    write(&site.join("c-3.0.dist-info/RECORD"), "c/_c.so,,\n");
    write(&site.join("c-3.0.dist-info/INSTALLER"), "pip\n");
    for file in ["a/_c.so", "b/_c.so", "c/_c.so"] {
        write(&site.join(file), b"x");
    }
    let found = look(&root, &Surroundings::default());
    assert_eq!(found.kind, EnvironmentKind::Conda);
    assert_eq!(found.python.as_ref().map(|python| python.version.as_str()), Some("3.11.7"));
    for (name, recorded, installer) in
        [("a", Recorded::Conda, "conda"), ("py-b", Recorded::Conda, "conda"), ("c", Recorded::DistInfo, "pip")]
    {
        let d = named(&found, name);
        assert_eq!((d.recorded_by, d.installer.as_deref(), d.compiled.len()), (recorded, Some(installer), 1), "{name}");
    }
    assert!(tells(&found, &["conda records `c 1.0`", "`c 3.0`", "pip"]), "{:?}", found.problems);
    assert!(tells(&found, &["broken.json"]), "{:?}", found.problems);
    assert_eq!(found.unowned, []);
}

#[test]
fn finds_the_active_environment() {
    let made = made();
    let around = Surroundings { virtual_env: Some(made.root.clone()), ..Surroundings::default() };
    assert_eq!(discover(&Place::Active, &around).expect("the venv").root, made.root);
    let nothing = discover(&Place::Active, &Surroundings::default()).expect_err("nothing is active");
    assert_eq!(nothing, DiscoverError::NothingActive);
    let folder = temporary();
    let error =
        discover(&Place::Path(folder.path().to_owned()), &Surroundings::default()).expect_err("an empty folder");
    assert!(matches!(error, DiscoverError::NotAnEnvironment { .. }));
    let error = discover(&Place::Path("/no/such".into()), &Surroundings::default()).expect_err("no folder");
    assert!(matches!(error, DiscoverError::Unreachable { .. }));
}

#[test]
fn looks_through_pyenvs_shims() {
    let folder = temporary();
    let root = fs::canonicalize(folder.path()).expect("it exists");
    write(&root.join("shims/python3"), "#!/bin/sh\nexit 1\n");
    write(&root.join("versions/3.9.1/bin/python3"), "\x7fELF");
    write(&root.join("versions/3.9.1/lib/python3.9/os.py"), "");
    write(&root.join("version"), "3.9.1\n");
    let around = Surroundings { path: vec![root.join("shims")], folder: root.clone(), ..Surroundings::default() };
    let found = discover(&Place::Active, &around).expect("the version that pyenv would start");
    assert_eq!(found.root, root.join("versions/3.9.1"));
    let other = Surroundings { pyenv_version: Some("3.8".to_owned()), ..around };
    assert!(discover(&Place::Active, &other).is_err(), "a version that is not installed");
}
