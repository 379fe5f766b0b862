//! Each lock file format, in the shape that its own tool writes, and the choice of a wheel for a target.

use numpact_sources::lockfile::{Choice, LockKind, Locked, LockedEnvironment, Required, Wanted, choose, parse};
use numpact_sources::wheel::Target;

const HASH: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn target(minor: u8, platform: &str) -> Target {
    Target { python: (3, minor), platform: platform.parse().expect("a platform") }
}

fn read(kind: LockKind, text: &str) -> Locked {
    parse(kind, &text.replace("HASH", HASH)).expect("a lock file")
}

/// `name: file` of everything that would be installed.
fn chosen(locked: &Locked, target: Target) -> Vec<String> {
    choose(&locked.environments[0], &target)
        .into_iter()
        .map(|c| {
            let what = match c.choice {
                Choice::Wheel(file) | Choice::Sdist(file) => file.filename.clone(),
                Choice::Unnamed => "unnamed".to_owned(),
                Choice::SourceTree(kind) => kind.to_owned(),
                Choice::Nothing => "nothing".to_owned(),
            };
            format!("{}: {what}", c.package.name)
        })
        .collect()
}

#[test]
fn pylock() {
    let locked = read(
        LockKind::Pylock,
        r#"
lock-version = "1.0"
created-by = "someone"
[[packages]]
name = "torch"
version = "2.2.2"
marker = "sys_platform == 'darwin'"
wheels = [
  { url = "https://files.example/torch-2.2.2-cp311-none-macosx_10_9_x86_64.whl", size = 150, hashes = { sha256 = "HASH" } },
  { url = "https://files.example/torch-2.2.2-cp311-none-macosx_11_0_arm64.whl", hashes = { sha256 = "HASH" } },
]
[[packages]]
name = "odd"
version = "1"
sdist = { name = "odd-1.tar.gz", path = "sdists/odd-1.tar.gz", hashes = { sha256 = "HASH" } }
[[packages]]
name = "tree"
directory = { path = "." }
"#,
    );
    let mac = chosen(&locked, target(11, "macos-x86_64"));
    assert_eq!(mac, ["odd: odd-1.tar.gz", "torch: torch-2.2.2-cp311-none-macosx_10_9_x86_64.whl", "tree: directory"]);
    assert_eq!(chosen(&locked, target(11, "linux-x86_64")), ["odd: odd-1.tar.gz", "tree: directory"]);
    assert_eq!(chosen(&locked, target(12, "macos-arm64"))[1], "torch: nothing");
    let torch = &locked.environments[0].packages[0];
    assert_eq!((torch.wheels[0].size, torch.wheels[0].sha256.as_deref()), (Some(150), Some(HASH)));
    assert!(parse(LockKind::Pylock, "lock-version = \"2.0\"").is_err());
}

/// Names were compared as texts, and `1.0-cp311` comes after `1.0-1`, `-2-` after `-10-`.
#[test]
fn of_two_wheels_with_the_same_tags_the_higher_build_is_installed() {
    let of_builds = |builds: &[&str]| {
        let file =
            |build: &&str| format!("{{ url = 'https://f.example.org/demo-1.0{build}-cp311-cp311-win_amd64.whl' }}");
        let files: Vec<String> = builds.iter().map(file).collect();
        let text = "lock-version = '1.0'\n[[packages]]\nname = 'demo'\nversion = '1.0'\nwheels = [";
        chosen(&read(LockKind::Pylock, &format!("{text}{}]\n", files.join(", "))), target(11, "windows-x86_64"))
    };
    for builds in [["", "-1"], ["-1", ""]] {
        assert_eq!(of_builds(&builds), ["demo: demo-1.0-1-cp311-cp311-win_amd64.whl"]);
    }
    assert_eq!(of_builds(&["-2", "-10", "-9"]), ["demo: demo-1.0-10-cp311-cp311-win_amd64.whl"]);
    assert_eq!(of_builds(&["-2", "-2b", "-2a"]), ["demo: demo-1.0-2b-cp311-cp311-win_amd64.whl"]);
}

#[test]
fn uv_follows_edges_markers_extras_and_forks() {
    let locked = read(
        LockKind::Uv,
        r#"
version = 1
revision = 3
requires-python = ">=3.11"
[[package]]
name = "project"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
  { name = "numpy", version = "1.26.4", source = { registry = "https://i.example/simple" }, marker = "python_full_version < '3.12'" },
  { name = "numpy", version = "2.2.4", source = { registry = "https://i.example/simple" }, marker = "python_full_version >= '3.12'" },
  { name = "needy", extra = ["more"] },
  { name = "winonly", marker = "sys_platform == 'win32'" },
]
[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "https://i.example/simple" }
resolution-markers = ["python_full_version < '3.12'"]
wheels = [{ url = "https://f.example/numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "sha256:HASH", size = 18 }]
[[package]]
name = "numpy"
version = "2.2.4"
source = { registry = "https://i.example/simple" }
wheels = [{ url = "https://f.example/numpy-2.2.4-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:HASH" }]
[[package]]
name = "needy"
version = "1"
source = { registry = "https://i.example/simple" }
wheels = [{ url = "https://f.example/needy-1-py3-none-any.whl", hash = "sha256:HASH" }]
[package.optional-dependencies]
more = [{ name = "extra-one" }]
other = [{ name = "extra-two" }]
[[package]]
name = "extra-one"
version = "1"
source = { git = "https://g.example/x" }
[[package]]
name = "extra-two"
version = "1"
source = { registry = "https://i.example/simple" }
[[package]]
name = "winonly"
version = "1"
source = { registry = "https://i.example/simple" }
sdist = { url = "https://f.example/winonly-1.tar.gz", hash = "sha256:HASH" }
"#,
    );
    assert_eq!(
        chosen(&locked, target(11, "linux-x86_64")),
        [
            "extra-one: git",
            "needy: needy-1-py3-none-any.whl",
            "numpy: numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        ]
    );
    let windows = chosen(&locked, target(12, "windows-x86_64"));
    assert_eq!(windows[2..], ["numpy: nothing", "winonly: winonly-1.tar.gz"]);
}

/// Where everything that would be installed lies, and whether a hash is known.
fn addresses(locked: &Locked, target: Target) -> Vec<(String, bool)> {
    let all = choose(&locked.environments[0], &target).into_iter().filter_map(|c| match c.choice {
        Choice::Wheel(file) | Choice::Sdist(file) => Some((file.url.clone()?, file.sha256.is_some())),
        _ => None,
    });
    all.collect()
}

/// They have no address of their own, and the public index was asked for a package of that name.
#[test]
fn what_uv_locks_by_path_or_address_lies_there() {
    let locked = read(
        LockKind::Uv,
        r#"
version = 1
[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "a" }, { name = "b" }, { name = "c" }, { name = "d" }, { name = "e" }]
[[package]]
name = "a"
version = "1.0"
source = { path = "../a-1.0-cp311-cp311-linux_x86_64.whl" }
wheels = [{ filename = "a-1.0-cp311-cp311-linux_x86_64.whl", hash = "sha256:HASH" }]
[[package]]
name = "b"
version = "1.0"
source = { path = "../b-1.0.tar.gz" }
sdist = { hash = "sha256:HASH" }
[[package]]
name = "c"
version = "1.0"
source = { url = "https://example.org/c-1.0.tar.gz" }
sdist = { hash = "sha256:HASH" }
[[package]]
name = "d"
version = "1.0"
source = { registry = "../links" }
wheels = [{ path = "d-1.0-cp311-cp311-linux_x86_64.whl" }]
[[package]]
name = "e"
version = "1.0"
source = { registry = "file:///links" }
wheels = [{ path = "e-1.0-py3-none-any.whl" }]
"#,
    );
    let told = addresses(&locked, target(11, "linux-x86_64"));
    let told: Vec<(&str, bool)> = told.iter().map(|(address, hash)| (address.as_str(), *hash)).collect();
    assert_eq!(
        told,
        [
            ("../a-1.0-cp311-cp311-linux_x86_64.whl", true),
            ("../b-1.0.tar.gz", true),
            ("https://example.org/c-1.0.tar.gz", true),
            ("../links/d-1.0-cp311-cp311-linux_x86_64.whl", false),
            ("file:///links/e-1.0-py3-none-any.whl", false),
        ]
    );
}

/// Every project on disk was taken for the one that is locked, and nothing was said of it.
#[test]
fn a_project_beside_the_locked_one_is_a_source_tree() {
    let package = |name: &str, source: &str, needs: &str| {
        format!("[[package]]\nname = '{name}'\nversion = '1'\nsource = {{ {source} }}\ndependencies = [{needs}]\n")
    };
    let all = [
        package("app", "editable = '.'", "{ name = 'beside' }, { name = 'bare' }"),
        package("member", "editable = 'packages/member'", ""),
        package("beside", "editable = '../beside'", ""),
        package("bare", "virtual = '../bare'", "{ name = 'deep' }"),
        package("deep", "directory = '../deep'", ""),
    ];
    let lock = |head: &str, packages: &[String]| {
        chosen(&read(LockKind::Uv, &format!("version = 1\n{head}\n{}", packages.concat())), target(11, "linux-x86_64"))
    };
    let told = ["beside: editable", "deep: directory"];
    assert_eq!(lock("", &all)[..], told, "nothing of a virtual project is installed");
    assert_eq!(lock("[manifest]\nmembers = ['app', 'member']", &all)[..], told);
    let elsewhere = package("app", "editable = 'app'", "{ name = 'beside' }");
    assert!(lock("", &[elsewhere, package("beside", "directory = '../beside'", "")]) == ["beside: directory"]);
}

/// They counted as source trees, or an index was asked for them.
#[test]
fn what_poetry_pdm_and_pipenv_lock_by_path_is_a_file() {
    let wheel = "a-1.0-cp311-cp311-linux_x86_64.whl";
    let lies_at = |kind, text: String| addresses(&read(kind, &text), target(11, "linux-x86_64"));
    let files = |name: &str| format!("files = [{{ file = '{name}', hash = 'sha256:HASH' }}]\n");
    let head = |name: &str| format!("[[package]]\nname = 'a'\nversion = '1.0'\n{}", files(name));
    for (kind, address, name) in [
        ("file", format!("../links/{wheel}"), wheel),
        ("file", "a-1.0.tar.gz".to_owned(), "a-1.0.tar.gz"),
        ("url", format!("https://example.org/{wheel}"), wheel),
    ] {
        let source = format!("{}[package.source]\ntype = '{kind}'\nurl = '{address}'\n", head(name));
        assert_eq!(lies_at(LockKind::Poetry, source), [(address.clone(), true)]);
        let key = if kind == "url" { "url" } else { "path" };
        assert_eq!(lies_at(LockKind::Pdm, format!("{}{key} = '{address}'\n", head(name))), [(address, true)]);
    }
    let folder = read(LockKind::Pdm, "[[package]]\nname = 'a'\npath = './a'\n");
    assert_eq!(chosen(&folder, target(11, "linux-x86_64")), ["a: directory"]);
    let pipfile = format!(r#"{{"default": {{"a": {{"path": "./links/{wheel}"}}}}}}"#);
    assert_eq!(lies_at(LockKind::Pipfile, pipfile), [(format!("./links/{wheel}"), false)]);
}

/// Both NumPys counted as installed, and what the wheels meet was the older one.
#[test]
fn extras_and_groups_that_conflict_are_environments_of_their_own() {
    let numpy =
        |version: &str, marker: &str| format!("{{ name = 'numpy', version = '{version}', marker = \"{marker}\" }}");
    let lock = |kind: &str, table: &str, more: &str| {
        let word = format!("{kind}-3-app");
        let text = format!(
            "version = 1\nconflicts = [[{{ package = 'app', {kind} = 'new' }}, {{ package = 'app', {kind} = 'old' }}]]\n\
             [[package]]\nname = 'app'\nsource = {{ virtual = '.' }}\n{more}dependencies = [{{ name = 'needy' }}]\n\
             [package.{table}]\nnew = [{{ name = 'numpy', version = '2.2.6' }}]\nold = [{{ name = 'numpy', version = '1.26.4' }}]\n\
             other = [{{ name = 'plain' }}]\n\
             [[package]]\nname = 'needy'\nversion = '1'\ndependencies = [{}, {}]\n\
             [[package]]\nname = 'plain'\nversion = '1'\n\
             [[package]]\nname = 'numpy'\nversion = '1.26.4'\n[[package]]\nname = 'numpy'\nversion = '2.2.6'\n",
            numpy("1.26.4", &format!("extra == '{word}-old'")),
            numpy("2.2.6", &format!("extra == '{word}-new' or extra != '{word}-old'")),
        );
        let all = read(LockKind::Uv, &text).environments.into_iter().map(|environment| {
            let chosen = choose(&environment, &target(11, "linux-x86_64"));
            let what =
                chosen.iter().map(|c| format!("{} {}", c.package.name, c.package.version.as_deref().unwrap_or("")));
            format!("{}: {}", environment.name, what.collect::<Vec<_>>().join(", "))
        });
        all.collect::<Vec<_>>()
    };
    let (new, old) = ("needy 1, numpy 2.2.6, plain 1", "needy 1, numpy 1.26.4, plain 1");
    let extras = [format!("extra new: {new}"), format!("extra old: {old}"), format!("without extra new or old: {new}")];
    assert_eq!(lock("extra", "optional-dependencies", ""), extras);
    let groups = [format!("group new: {new}"), format!("group old: {old}")];
    assert_eq!(lock("group", "dev-dependencies", "default-groups = ['new']\n"), groups);
}

/// Such locks were judged for Pythons and platforms that installers refuse.
#[test]
fn a_lock_is_for_the_environments_that_it_says() {
    let markers = "[\"sys_platform == 'linux' and python_full_version >= '3.10.4'\", \"sys_platform == 'win32'\"]";
    let uv = read(LockKind::Uv, &format!("version = 1\nsupported-markers = {markers}\n"));
    let pylock = read(LockKind::Pylock, &format!("lock-version = '1.0'\nenvironments = {markers}\n"));
    for locked in [uv, pylock] {
        let fits = |minor, platform| locked.environments[0].is_for_platform(&target(minor, platform));
        assert!(fits(10, "linux-x86_64") && fits(9, "windows-x86_64"));
        assert!(!fits(9, "linux-x86_64") && !fits(12, "macos-arm64"));
    }
    let silent = read(LockKind::Pylock, "lock-version = '1.0'");
    assert!(silent.environments[0].is_for_platform(&target(9, "macos-arm64")));
}

#[test]
fn poetry_old_and_new() {
    let new = read(
        LockKind::Poetry,
        r#"
[[package]]
name = "numpy"
version = "1.26.4"
optional = false
python-versions = ">=3.9"
groups = ["main"]
markers = "python_version < \"3.12\""
files = [
  {file = "numpy-1.26.4-cp311-cp311-win_amd64.whl", hash = "sha256:HASH"},
  {file = "numpy-1.26.4.tar.gz", hash = "sha256:HASH"},
]
[metadata]
lock-version = "2.1"
"#,
    );
    assert_eq!(chosen(&new, target(11, "windows-x86_64")), ["numpy: numpy-1.26.4-cp311-cp311-win_amd64.whl"]);
    assert_eq!(chosen(&new, target(11, "linux-x86_64")), ["numpy: numpy-1.26.4.tar.gz"]);
    assert!(chosen(&new, target(12, "windows-x86_64")).is_empty());
    let old = read(
        LockKind::Poetry,
        "[[package]]\nname = \"six\"\nversion = \"1.16.0\"\n[metadata]\nlock-version = \"1.1\"\n[metadata.files]\nsix = [{file = \"six-1.16.0-py2.py3-none-any.whl\", hash = \"sha256:HASH\"}]\n",
    );
    assert_eq!(chosen(&old, target(11, "linux-x86_64")), ["six: six-1.16.0-py2.py3-none-any.whl"]);
}

/// A group without a marker of its own was passed over where another has one: NumPy was not locked for Python 3.10. What an
/// extra brings in was left out, and nobody was told.
#[test]
fn what_poetry_locks_for_a_group_or_an_extra_is_locked() {
    let lock = |narrow: &dyn Fn(&mut LockedEnvironment)| {
        let mut locked = read(
            LockKind::Poetry,
            r#"
[[package]]
name = "contourpy"
version = "1.3.2"
groups = ["main", "dev"]
markers = {main = "extra == \"plot\"", dev = "python_version > \"3.11\""}
[[package]]
name = "msgpack"
version = "1.2.4"
groups = ["dev"]
[[package]]
name = "numpy"
version = "2.2.6"
groups = ["main", "dev"]
markers = {dev = "python_version > \"3.11\""}
[extras]
plot = ["contourpy"]
[metadata]
lock-version = "2.1"
"#,
        );
        narrow(&mut locked.environments[0]);
        [10, 12].map(|minor| chosen(&locked, target(minor, "linux-x86_64")).join(" ").replace(": unnamed", ""))
    };
    assert_eq!(lock(&|_| ()), ["contourpy msgpack numpy", "contourpy msgpack numpy"]);
    assert_eq!(lock(&|all| all.extras.clear()), ["msgpack numpy", "contourpy msgpack numpy"]);
    assert_eq!(lock(&|all| all.groups.clear()), ["contourpy numpy", "contourpy numpy"]);
    let neither = |all: &mut LockedEnvironment| (all.extras, all.groups) = (Vec::new(), Vec::new());
    assert_eq!(lock(&neither), ["numpy", "numpy"]);
}

/// Markers that ask for extras or groups were not understood, and what they stand at was installed everywhere: of two NumPys both.
#[test]
fn what_a_pylock_has_for_a_group_or_an_extra_is_for_some_targets() {
    let package = |name: &str, version: &str, marker: &str| {
        format!("[[packages]]\nname = '{name}'\nversion = '{version}'\nmarker = {marker:?}\n")
    };
    let later = r#""default" in dependency_groups and python_version >= "3.11" or "plot" in extras and python_version >= "3.11""#;
    let text = [
        "lock-version = '1.0'\nextras = ['plot']\ndependency-groups = ['default', 'dev']\ndefault-groups = ['default']\n"
            .to_owned(),
        package("numpy", "2.0.2", r#"python_version == "3.9""#),
        package("numpy", "2.4.6", later),
        package("contourpy", "1.3.3", r#"python_version >= "3.11" and 'plot' in extras"#),
        package("msgpack", "1.2.4", r#"("Dev" in dependency_groups)"#),
        package("bare", "1", r#""dev" not  in dependency_groups and "in extras" != sys_platform"#),
    ];
    let lock = |minor, narrow: &dyn Fn(&mut LockedEnvironment)| {
        let mut locked = read(LockKind::Pylock, &text.concat());
        narrow(&mut locked.environments[0]);
        let all = choose(&locked.environments[0], &target(minor, "linux-x86_64"));
        let told = all.iter().map(|c| format!("{} {}", c.package.name, c.package.version.as_deref().unwrap_or("")));
        told.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(lock(9, &|_| ()), "msgpack 1.2.4, numpy 2.0.2");
    assert_eq!(lock(11, &|_| ()), "contourpy 1.3.3, msgpack 1.2.4, numpy 2.4.6");
    assert_eq!(lock(11, &|all| all.extras.clear()), "msgpack 1.2.4, numpy 2.4.6");
    assert_eq!(lock(11, &|all| all.groups.clear()), "bare 1, contourpy 1.3.3, numpy 2.4.6");
}

#[test]
fn groups_of_pdm_pipenv_and_uv_can_be_left_out() {
    let pdm = "[metadata]\ngroups = ['default', 'dev', 'plot']\n\
               [[package]]\nname = 'numpy'\nversion = '2'\ngroups = ['default', 'plot']\n\
               [[package]]\nname = 'lz4'\nversion = '4'\ngroups = ['dev', 'plot']\nmarker = 'os_name == \"posix\" or os_name == \"nt\"'\n";
    let pipfile = r#"{"default": {"numpy": {"version": "==2"}, "both": {"version": "==1"}},
                      "develop": {"both": {"version": "==2"}, "lz4": {"version": "==4"}}, "docs": {"sphinx": {"version": "==7"}}}"#;
    let uv = "version = 1\n[[package]]\nname = 'app'\nsource = { virtual = '.' }\ndependencies = [{ name = 'numpy' }]\n\
              [package.optional-dependencies]\nplot = [{ name = 'contourpy' }]\n\
              [package.dev-dependencies]\ndev = [{ name = 'lz4', marker = \"os_name == 'posix'\" }]\n\
              [[package]]\nname = 'numpy'\nversion = '2'\n[[package]]\nname = 'lz4'\nversion = '4'\n\
              [[package]]\nname = 'contourpy'\nversion = '1'\n";
    let of = |kind, text| {
        let mut locked = read(kind, text);
        let told = |locked: &Locked| chosen(locked, target(11, "linux-x86_64")).join(" ").replace(": unnamed", "");
        let known = [locked.environments[0].extras.join(" "), locked.environments[0].groups.join(" ")];
        let all = told(&locked);
        locked.environments[0].extras.clear();
        let without_extras = told(&locked);
        locked.environments[0].groups.clear();
        (known, [all, without_extras, told(&locked)])
    };
    let pdm = of(LockKind::Pdm, pdm);
    assert_eq!(
        (pdm.0.join("; "), pdm.1.join("; ")),
        ("; dev plot".to_owned(), "lz4 numpy; lz4 numpy; numpy".to_owned())
    );
    let (known, installed) = of(LockKind::Pipfile, pipfile);
    assert_eq!(known, ["", "develop docs"]);
    assert_eq!(installed, ["both lz4 numpy sphinx", "both lz4 numpy sphinx", "both numpy"]);
    let (known, installed) = of(LockKind::Uv, uv);
    assert_eq!(known, ["plot", "dev"]);
    assert_eq!(installed, ["contourpy lz4 numpy", "lz4 numpy", "numpy"]);
}

#[test]
fn what_is_asked_for_of_a_lock_is_what_is_installed() {
    let text = "version = 1\n\
        conflicts = [[{ package = 'app', extra = 'cpu' }, { package = 'app', extra = 'gpu' }], [{ package = 'app', group = 'new' }, { package = 'app', group = 'old' }]]\n\
        [[package]]\nname = 'app'\nsource = { virtual = '.' }\ndefault-groups = ['new']\n\
        [package.optional-dependencies]\ncpu = [{ name = 'a' }]\ngpu = [{ name = 'b' }]\nPlot_Ting = [{ name = 'c' }]\n\
        [package.dev-dependencies]\nnew = [{ name = 'd' }]\nold = [{ name = 'e' }]\ntest = [{ name = 'f' }]\n"
        .to_owned()
        + &["a", "b", "c", "d", "e", "f"].map(|name| format!("[[package]]\nname = '{name}'\nversion = '1'\n")).concat();
    let asked = |extras: Option<&[&str]>, groups: Option<&[&str]>| {
        let some = |names: Option<&[&str]>| names.map(|all| all.iter().map(|name| (*name).to_owned()).collect());
        let locked = read(LockKind::Uv, &text).narrowed(&Wanted { extras: some(extras), groups: some(groups) })?;
        let one = |environment: &LockedEnvironment| {
            let all = choose(environment, &target(11, "linux-x86_64"));
            all.iter().map(|c| c.package.name.clone()).collect::<String>()
        };
        Ok::<_, String>(locked.environments.iter().map(one).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(asked(None, None).as_deref(), Ok("acdf acef bcdf bcef cdf cef"));
    assert_eq!(asked(Some(&["gpu"]), None).as_deref(), Ok("bdf bef"));
    assert_eq!(asked(Some(&["gpu", "plot-ting"]), Some(&[])).as_deref(), Ok("bcd"));
    assert_eq!(asked(Some(&[]), Some(&["old"])).as_deref(), Ok("e"));
    assert_eq!(asked(Some(&[]), Some(&["new", "test"])).as_deref(), Ok("df"));
    let both = "it does not install together what was asked for".to_owned();
    assert_eq!(asked(Some(&["gpu", "cpu"]), None), Err(both));
    let none = "it has no extra `tpu`; it has `Plot_Ting`, `cpu`, `gpu`".to_owned();
    assert_eq!(asked(Some(&["tpu"]), None), Err(none));
    let bare = read(LockKind::Pylock, "lock-version = '1.0'")
        .narrowed(&Wanted { groups: Some(vec!["dev".to_owned()]), extras: None });
    assert_eq!(bare, Err("it has no group `dev`; it tells of none".to_owned()));
}

#[test]
fn pdm() {
    let locked = read(
        LockKind::Pdm,
        r#"
[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
[[metadata.targets]]
requires_python = ">=3.11"
[[package]]
name = "numpy"
version = "2.2.4"
requires_python = ">=3.10"
groups = ["default"]
marker = "sys_platform == \"linux\""
files = [{file = "numpy-2.2.4-cp311-cp311-manylinux_2_17_aarch64.whl", hash = "sha256:HASH"}]
"#,
    );
    assert_eq!(
        chosen(&locked, target(11, "linux-aarch64")),
        ["numpy: numpy-2.2.4-cp311-cp311-manylinux_2_17_aarch64.whl"]
    );
    assert!(chosen(&locked, target(11, "macos-arm64")).is_empty());
}

/// They were judged for whatever Python was asked for, and nothing was found.
#[test]
fn a_lock_is_for_the_pythons_that_it_says() {
    let fits = |kind, text: &str| {
        let locked = read(kind, text);
        (7..=14).filter(|minor| locked.environments[0].is_for((3, *minor))).collect::<Vec<_>>()
    };
    assert_eq!(fits(LockKind::Uv, "version = 1\nrequires-python = '>=3.9.2, <3.13'"), [9, 10, 11, 12]);
    assert_eq!(fits(LockKind::Pylock, "lock-version = '1.0'\nrequires-python = '==3.11.*'"), [11]);
    assert_eq!(fits(LockKind::Pylock, "lock-version = '1.0'").len(), 8);
    assert_eq!(fits(LockKind::Poetry, "[metadata]\npython-versions = '~3.9 || ^3.13'"), [9, 13, 14]);
    let pdm = "[[metadata.targets]]\nrequires_python = '~=3.12'\n[[metadata.targets]]\nrequires_python = '==3.8.*'";
    assert_eq!(fits(LockKind::Pdm, pdm), [8, 12, 13, 14]);
    let pipfile = |requires: &str| {
        let text = format!(r#"{{"_meta": {{"requires": {requires}}}, "default": {{}}}}"#);
        read(LockKind::Pipfile, &text).environments[0].python
    };
    assert_eq!(pipfile(r#"{"python_version": "3.10"}"#), Some((3, 10)));
    assert_eq!(pipfile(r#"{"python_full_version": "3.9.18"}"#), Some((3, 9)));
    assert_eq!(pipfile("{}"), None);
}

#[test]
fn pipfile_names_no_files() {
    let locked = read(
        LockKind::Pipfile,
        r#"{"_meta": {"hash": {"sha256": "x"}, "pipfile-spec": 6, "requires": {}, "sources": [{"name": "pypi", "url": "https://i.example/simple", "verify_ssl": true}]},
 "default": {"numpy": {"hashes": ["sha256:HASH"], "index": "pypi", "markers": "python_version >= '3.9'", "version": "==1.26.4"}},
 "develop": {"here": {"editable": true, "path": "."}}}"#,
    );
    assert_eq!(chosen(&locked, target(11, "linux-x86_64")), ["here: directory", "numpy: unnamed"]);
    let numpy = &locked.environments[0].packages[1];
    assert_eq!(numpy.index.as_deref(), Some("https://i.example/simple"));
    assert_eq!((numpy.version.as_deref(), numpy.hashes.len()), (Some("1.26.4"), 1));
}

const PIXI: &str = r#"
platforms:
- name: linux-64
- name: cluster
  subdir: linux-aarch64
environments:
  default:
    channels:
    - url: https://c.example/
    indexes:
    - https://i.example/simple
    packages:
      linux-64:
      - conda: https://c.example/linux-64/python-3.11.9-hb806964_0_cpython.conda
      - conda: https://c.example/linux-64/numpy-2.2.4-py311h5d046bc_0.conda
      - conda: ./sources
        name: ours
      - pypi: https://f.example/Bottleneck-1.3.7-cp311-cp311-manylinux_2_17_x86_64.whl
      - pypi: direct+https://f.example/pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64.whl
      - pypi: ./links/six-1.16.0-py2.py3-none-any.whl
      - pypi: git+https://g.example/tool.git?rev=main#0123
      - pypi: ./
      cluster:
      - conda: https://c.example/linux-aarch64/python-3.12.1-h43d1f9e_1_cpython.conda
packages:
- conda: https://c.example/linux-64/python-3.11.9-hb806964_0_cpython.conda
  sha256: HASH
- pypi: https://f.example/Bottleneck-1.3.7-cp311-cp311-manylinux_2_17_x86_64.whl
  name: bottleneck
  version: 1.3.7
  index: https://i.example/simple
  sha256: HASH
- pypi: direct+https://f.example/pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64.whl
  name: pycocotools
  version: 2.0.7
- pypi: ./links/six-1.16.0-py2.py3-none-any.whl
  name: six
  version: '1.16'
- pypi: git+https://g.example/tool.git?rev=main#0123
  name: tool
- pypi: ./
  name: here
  version: '1.0'
"#;

#[test]
fn pixi_tells_its_python_and_the_numpy_that_conda_installs() {
    for version in [6, 7] {
        let locked = read(LockKind::Pixi, &format!("version: {version}\n{PIXI}"));
        let [cluster, linux] = locked.environments.as_slice() else { panic!("two platforms") };
        assert_eq!((cluster.platform.as_deref(), cluster.python), (Some("linux-aarch64"), Some((3, 12))));
        assert_eq!((linux.platform.as_deref(), linux.python), (Some("linux-64"), Some((3, 11))));
        assert_eq!(linux.notes, ["3 packages of it are conda's, and are not read"]);
        assert_eq!(cluster.notes, ["1 package of it is conda's, and is not read"]);
        let numpy = linux.packages.iter().find(|package| package.name == "numpy").expect("conda's");
        assert_eq!((numpy.version.as_deref(), numpy.source_tree.as_deref()), (Some("2.2.4"), Some("conda")));
        assert_eq!(linux.packages[0].index.as_deref(), Some("https://i.example/simple"));
        let only = Locked { environments: vec![linux.clone()], notes: Vec::new() };
        assert_eq!(
            chosen(&only, target(11, "linux-x86_64")),
            [
                "bottleneck: Bottleneck-1.3.7-cp311-cp311-manylinux_2_17_x86_64.whl",
                "here: directory",
                "numpy: conda",
                "pycocotools: pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64.whl",
                "six: six-1.16.0-py2.py3-none-any.whl",
                "tool: git"
            ]
        );
        let direct = &linux.packages[1].wheels[0];
        assert!(direct.url.as_deref().is_some_and(|url| url.starts_with("https://")), "{direct:?}");
    }
    assert!(parse(LockKind::Pixi, "version: 8\n").expect_err("not known yet").contains("4 to 7"));
}

#[test]
fn older_pixi_keeps_addresses_elsewhere() {
    let locked = read(
        LockKind::Pixi,
        "version: 5\nenvironments:\n  default:\n    packages:\n      osx-arm64:\n      - pypi: ./links/six-1.16.0-py2.py3-none-any.whl\n\
         packages:\n- kind: pypi\n  name: six\n  version: 1.16.0\n  path: ./links/six-1.16.0-py2.py3-none-any.whl\n  sha256: HASH\n",
    );
    let six = &locked.environments[0].packages[0];
    assert_eq!((six.name.as_str(), six.version.as_deref()), ("six", Some("1.16.0")));
    assert!(six.wheels[0].sha256.is_some());
}

#[test]
fn conda_lock_keeps_the_pip_part() {
    let locked = read(
        LockKind::CondaLock,
        "version: 1\nmetadata: {}\npackage:\n- name: python\n  version: 3.11.9\n  manager: conda\n  platform: osx-64\n  dependencies: {}\n  url: https://c.example/osx-64/python.conda\n  hash: {md5: x}\n  category: main\n  optional: false\n- name: numpy\n  version: 2.2.4\n  manager: conda\n  platform: osx-64\n  url: https://c.example/osx-64/numpy.conda\n  hash: {md5: x}\n- name: torch\n  version: 2.2.2\n  manager: pip\n  platform: osx-64\n  url: https://f.example/torch-2.2.2-cp311-none-macosx_10_9_x86_64.whl\n  hash: {sha256: HASH}\n",
    );
    assert_eq!(
        chosen(&locked, target(11, "macos-x86_64")),
        ["numpy: conda", "torch: torch-2.2.2-cp311-none-macosx_10_9_x86_64.whl"]
    );
    let environment = &locked.environments[0];
    assert_eq!((environment.python, environment.notes.len()), (Some((3, 11)), 1));
}

#[test]
fn nonsense_is_an_error_that_says_where() {
    for kind in
        [LockKind::Pylock, LockKind::Uv, LockKind::Poetry, LockKind::Pipfile, LockKind::Pixi, LockKind::CondaLock]
    {
        assert!(parse(kind, "{{{ not a lock file").is_err(), "{kind:?}");
    }
}

/// A lock file that its own tool wrote, with other names of hosts.
fn real(name: &str) -> Locked {
    let path = testing::repository().join("fixtures/locks").join(name);
    numpact_sources::lockfile::read(&path).expect("a lock file of a real tool")
}

#[test]
fn what_pdm_wrote() {
    let locked = real("pdm.lock");
    let linux = "bottleneck: Bottleneck-1.3.7-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.manylinux_2_17_x86_64.\
                 manylinux2014_x86_64.whl";
    let numpy = "numpy: numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
    let iniconfig = "iniconfig: iniconfig-2.0.0-py3-none-any.whl";
    assert_eq!(chosen(&locked, target(11, "linux-x86_64")), [linux, iniconfig, numpy]);
    let windows = chosen(&locked, target(11, "windows-x86_64"));
    assert_eq!(windows[0], "bottleneck: Bottleneck-1.3.7-cp311-cp311-win_amd64.whl");
    assert_eq!(windows[1], "colorama: colorama-0.4.6-py2.py3-none-any.whl", "its marker holds there alone");
    assert_eq!(
        chosen(&locked, target(11, "macos-arm64"))[0],
        "bottleneck: Bottleneck-1.3.7.tar.gz",
        "no wheel: a build"
    );
    let bottleneck = &locked.environments[0].packages[0];
    assert!(bottleneck.wheels.iter().all(|wheel| wheel.sha256.is_some() && wheel.url.is_none()));
}

#[test]
fn what_pipenv_wrote() {
    let locked = real("Pipfile.lock");
    let packages = &locked.environments[0].packages;
    let told: Vec<_> = packages.iter().map(|p| (p.name.as_str(), p.version.as_deref(), p.hashes.is_empty())).collect();
    assert_eq!(
        told,
        [("bottleneck", Some("1.3.7"), false), ("iniconfig", Some("2.0.0"), false), ("numpy", Some("1.26.4"), false)]
    );
    assert_eq!(packages[2].marker.as_deref(), Some("python_version >= '3.9'"));
    assert_eq!(
        chosen(&locked, target(11, "linux-x86_64")),
        ["bottleneck: unnamed", "iniconfig: unnamed", "numpy: unnamed"]
    );
}

#[test]
fn what_a_report_requires_is_what_holds_on_the_target() {
    let report = r#"{"version": "1", "install": [{"download_info": {"url": "https://files.example/demo-1.0-py3-none-any.whl"},
        "requested_extras": ["images"], "metadata": {"name": "demo", "version": "1.0", "requires_dist": [
            "numpy (>=1.23)", "nvidia; platform_system == 'Linux'", "pyobjc[all] >= 9 ; sys_platform == 'darwin'",
            "pillow; extra == 'images'", "sphinx; extra == 'docs'", "built @ https://files.example/built-1.0.tar.gz"]}}]}"#;
    let next = |platform| Required::default().next(report, &target(11, platform)).expect("a report");
    let on = |platform| next(platform).lines.into_iter().collect::<Vec<_>>();
    assert_eq!(on("macos-x86_64"), ["numpy>=1.23", "pillow", "pyobjc[all]>=9"]);
    assert_eq!(on("linux-x86_64"), ["numpy>=1.23", "nvidia", "pillow"]);
    assert_eq!(next("macos-x86_64").left_out.into_iter().collect::<Vec<_>>(), ["built"]);
    assert_eq!(next("macos-x86_64").extras["pyobjc"].iter().collect::<Vec<_>>(), ["all"]);
    assert!(Required::default().next(r#"{"version": "2", "install": []}"#, &target(11, "linux-x86_64")).is_err());
}

#[test]
fn what_is_named_is_judged_by_the_target_too() {
    let named = ["demo[docs]>=1 ; sys_platform == 'darwin'", "other; sys_platform == 'linux'", "./a/path.whl"];
    let mut required = Required::default();
    let lines = required.named(&named.map(str::to_owned), &target(11, "macos-x86_64"));
    assert_eq!(lines, ["demo[docs]>=1", "./a/path.whl"]);
    assert_eq!(required.extras["demo"].iter().collect::<Vec<_>>(), ["docs"]);
}
