//! The borders between the crates, held over what Cargo says of the workspace: who may depend on whom, and who may
//! start processes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Crates that are given values and return values.
const PURE: [&str; 5] = ["contract", "reader", "knowledge", "advice", "render"];
/// Members of the workspace that touch the world, which pure crates may not build on.
const IMPURE: [&str; 6] = ["sources", "runner", "cli", "testing", "xtask", "python"];
/// Crates from elsewhere that open files or sockets, or start processes or threads. No pure crate may ship with one.
const WORLDLY: [&str; 14] = [
    "camino",
    "etcetera",
    "ignore",
    "jwalk",
    "memmap2",
    "rayon",
    "reqwest",
    "rustix",
    "signal-hook",
    "tempfile",
    "tokio",
    "ureq",
    "walkdir",
    "wait-timeout",
];
/// The clippy lints that hold the standard library's own ways out, and what must be among the forbidden.
const FORBIDDEN: [&str; 6] = [
    "std::fs::read",
    "std::fs::File",
    "std::env::var",
    "std::process::Command",
    "std::net::TcpStream",
    "std::time::Instant",
];

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the workspace").to_owned()
}

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Which packages each one ships with, by name: not its tests, not its build scripts.
fn shipped(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeMap<&str, &str> = list(metadata, "packages").map(|p| (text(p, "id"), text(p, "name"))).collect();
    let name = |id: &str| names.get(id).copied().unwrap_or_default().to_owned();
    let normal = |dependency: &&Value| list(dependency, "dep_kinds").any(|kind| kind.get("kind") == Some(&Value::Null));
    let resolve = metadata.get("resolve").expect("the graph is resolved");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in list(resolve, "nodes") {
        let needs = list(node, "deps").filter(normal).map(|dependency| name(text(dependency, "pkg")));
        found.entry(name(text(node, "id"))).or_default().extend(needs);
    }
    found
}

/// Everything that a package ships with, through others, too.
fn closure(graph: &BTreeMap<String, BTreeSet<String>>, package: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut next = vec![package.to_owned()];
    while let Some(name) = next.pop() {
        for needed in graph.get(&name).into_iter().flatten() {
            if seen.insert(needed.clone()) {
                next.push(needed.clone());
            }
        }
    }
    seen
}

#[test]
fn pure_crates_build_on_nothing_that_touches_the_world() {
    let graph = shipped(&metadata());
    let unwanted: BTreeSet<String> =
        IMPURE.iter().map(|name| format!("numpact-{name}")).chain(WORLDLY.map(str::to_owned)).collect();
    for name in PURE.map(|name| format!("numpact-{name}")) {
        assert!(graph.contains_key(&name), "`{name}` is no member of the workspace");
        let found: Vec<String> = closure(&graph, &name).intersection(&unwanted).cloned().collect();
        assert!(found.is_empty(), "`{name}` is to be pure and ships with {found:?}");
    }
    let sources = closure(&graph, "numpact-sources");
    assert!(sources.contains("rayon") && sources.contains("ureq"), "the graph names what `sources` ships with");
}

#[test]
fn pure_crates_forbid_the_ways_out_of_the_standard_library() {
    let texts: BTreeSet<String> = PURE
        .iter()
        .map(|name| {
            let file = root().join("crates").join(name).join("clippy.toml");
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()))
        })
        .collect();
    assert_eq!(texts.len(), 1, "the pure crates forbid the same");
    let settings: toml::Table = texts.first().expect("one text").parse().expect("valid TOML");
    let entries = ["disallowed-methods", "disallowed-types"]
        .iter()
        .flat_map(|key| settings.get(*key).and_then(toml::Value::as_array).expect("a list").iter());
    let paths: BTreeSet<&str> = entries.filter_map(|entry| entry.get("path")?.as_str()).collect();
    for path in FORBIDDEN {
        assert!(paths.contains(path), "`{path}` is forbidden");
    }
}

/// Every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    let below = |path: PathBuf| if path.is_dir() { rust_files(&path) } else { vec![path] };
    paths.into_iter().flat_map(below).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

/// Whether a file's text names the standard library's way to start a process, and not in its tests alone.
fn starts_processes(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).expect("source files are text");
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    shipped.contains("process::Command") || shipped.contains("process::{Command")
}

#[test]
fn only_the_runner_starts_processes() {
    let shipped = ["contract", "reader", "knowledge", "advice", "sources", "render", "cli"];
    let sources = |name: &str| rust_files(&root().join("crates").join(name).join("src"));
    for file in shipped.iter().flat_map(|name| sources(name)) {
        assert!(!starts_processes(&file), "`{}` starts a process, which is the runner's", file.display());
    }
    assert!(sources("runner").iter().any(|file| starts_processes(file)), "the runner does, so the search finds it");
}
