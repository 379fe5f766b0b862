//! From a message to the distribution whose file is at fault.

use std::collections::BTreeMap;

use super::clean::Flat;
use super::diagnosis::{Culprit, Sureness};
use super::families::{Hit, Place, SILENT, loaded_modules, refuser};
use super::frames::{Frame, FrameKind, imported_after};
use super::installed::Installed;
use super::names::{distributions_of, normalized};

/// Modules that stand between a program and the module at fault, and never are it.
const BYSTANDERS: &[&str] = &[
    "numpy",
    "importlib",
    "importlib_metadata",
    "pkg_resources",
    "IPython",
    "ipykernel",
    "_pytest",
    "pytest",
    "pluggy",
    "nose",
    "traitlets",
    "tornado",
    "nbclient",
    "runpy",
    "click",
    "typer",
    "gunicorn",
    "uvicorn",
    "celery",
    "lazy_loader",
    "PyInstaller",
    "debugpy",
    "_pydevd_bundle",
    "pydevd",
];

/// How far from a message its frames are looked for, in bytes of flat text.
const NEAR: usize = 6000;
/// What ends the traceback that NumPy prints under its own message.
const ENDS: &[&str] =
    &["_ARRAY_API not found", "failed to import", "A module that was compiled using", "_UFUNC_API not"];

/// Everything that the search needs.
pub(super) struct Scene<'a> {
    pub(super) flat: &'a Flat,
    pub(super) frames: &'a [Frame],
    pub(super) installed: &'a Installed,
}

/// A module found responsible, before it has a distribution's name.
struct Found {
    module: String,
    file: Option<String>,
    sureness: Sureness,
    at: usize,
    through: Vec<String>,
}

/// The culprits of all `hits` of one family, one entry a distribution, surest first.
pub(super) fn culprits(scene: &Scene<'_>, hits: &[&Hit]) -> Vec<Culprit> {
    let mut by_name: BTreeMap<String, Culprit> = BTreeMap::new();
    for found in hits.iter().filter_map(|hit| found_for(scene, hit)) {
        let culprit = named(scene, found);
        let entry = by_name.entry(normalized(&culprit.distribution)).or_insert_with(|| culprit.clone());
        if culprit.sureness > entry.sureness {
            *entry = culprit;
        }
    }
    let mut all: Vec<_> = by_name.into_values().collect();
    all.sort_by_key(|culprit| (std::cmp::Reverse(culprit.sureness), culprit.line));
    all
}

fn found_for(scene: &Scene<'_>, hit: &Hit) -> Option<Found> {
    match hit.family.place {
        Place::Nobody => None,
        Place::Torch => Some(torch(scene, hit.start)),
        Place::Before if hit.family.id == SILENT => silent(scene, hit),
        Place::Before if is_in_torch(scene, hit) => Some(torch(scene, hit.start)),
        Place::Before => before(scene, hit.start),
        Place::After if is_in_torch(scene, hit) => Some(torch(scene, hit.start)),
        Place::After => after(scene, hit.start).or_else(|| before(scene, hit.start)),
    }
}

/// torch, by its name or by words that only torch says.
fn torch(scene: &Scene<'_>, at: usize) -> Found {
    let named = scene.flat.after(at.saturating_sub(NEAR), NEAR.saturating_mul(2)).contains("torch");
    let sureness = if named { Sureness::Certain } else { Sureness::Likely };
    Found { module: "torch".to_owned(), file: None, sureness, at, through: Vec::new() }
}

/// Whose module gave no reason: numba is known for it, of others it is only likely that NumPy is the reason.
fn silent(scene: &Scene<'_>, hit: &Hit) -> Option<Found> {
    let module = hit.reading.name.as_deref().unwrap_or_default();
    let known = refuser(module);
    let by_name = |package: &str| Found {
        module: package.to_owned(),
        file: None,
        sureness: Sureness::Likely,
        at: hit.start,
        through: Vec::new(),
    };
    let found = before(scene, hit.start).or_else(|| known.map(by_name))?;
    let sureness = if known == Some(found.module.as_str()) { found.sureness } else { Sureness::Likely };
    Some(Found { sureness, ..found })
}

/// torch wraps the message in a warning of its own, or prints it while it goes on.
fn is_in_torch(scene: &Scene<'_>, hit: &Hit) -> bool {
    let before = scene.flat.before(hit.start, 60);
    let after = scene.flat.after(hit.start, 400);
    before.contains("Failed to initialize NumPy") || after.contains("tensor_numpy.cpp")
}

/// The last frame of the traceback that follows `start`.
fn after(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let (end, ended) = block_end(scene.flat, start);
    let first = scene.frames.partition_point(|frame| frame.start < start);
    let last = scene.frames.partition_point(|frame| frame.start < end);
    let block = scene.frames.get(first..last)?;
    found_in(scene, block, if ended { Sureness::Certain } else { Sureness::Likely })
}

/// Where the traceback after `start` ends, and whether its end was seen.
fn block_end(flat: &Flat, start: usize) -> (usize, bool) {
    let skip = start.saturating_add(40);
    let text = flat.after(skip, NEAR.saturating_mul(3));
    let nearest = ENDS.iter().filter_map(|end| text.find(end)).min();
    match nearest {
        Some(at) => (skip.saturating_add(at), true),
        None => (skip.saturating_add(text.len()), false),
    }
}

/// What begins a traceback of Python's.
const BEGINS: &str = "Traceback (most recent call last)";

/// The last frame before `start`: of its own traceback, or of whatever stands near, where that names nobody.
fn before(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let near = start.saturating_sub(NEAR);
    let own = scene.flat.before(start, NEAR).rfind(BEGINS).map(|at| near.saturating_add(at));
    let between = |from: usize| {
        let first = scene.frames.partition_point(|frame| frame.start < from);
        let last = scene.frames.partition_point(|frame| frame.start < start);
        found_in(scene, scene.frames.get(first..last)?, Sureness::Certain)
    };
    own.and_then(between).or_else(|| between(near))
}

/// The module at fault in a run of frames: what the innermost one is, or imports.
fn found_in(scene: &Scene<'_>, block: &[Frame], sureness: Sureness) -> Option<Found> {
    let useful = |frame: &&Frame| frame.top_module().is_none_or(|top| !BYSTANDERS.contains(&top)) && !is_library(frame);
    let innermost = block.iter().rev().find(useful)?;
    let imported = imported_after(scene.flat, innermost).filter(|name| !BYSTANDERS.contains(name));
    let imported = imported.filter(|name| !STANDARD.contains(name));
    let own = innermost.top_module();
    let (module, file, sureness) = match (own, imported) {
        (Some(own), Some(name)) if own != name && !matches!(innermost.kind, FrameKind::Init(_)) => {
            (name, None, sureness.min(Sureness::Likely))
        }
        (Some(own), _) => (own, innermost.file(), sureness),
        (None, Some(name)) => (name, None, sureness.min(Sureness::Likely)),
        (None, None) => return None,
    };
    let through = importers(scene, block, module);
    Some(Found { module: module.to_owned(), file: file.map(str::to_owned), sureness, at: innermost.start, through })
}

/// Modules of the standard library that appear in import statements under frames.
const STANDARD: &[&str] =
    &["importlib", "sys", "os", "warnings", "typing", "functools", "collections", "abc", "re", "math"];

/// Files of the standard library: they pass imports on.
fn is_library(frame: &Frame) -> bool {
    let FrameKind::Other(path) = &frame.kind else { return false };
    let parts =
        ["/importlib/", "importlib._bootstrap", "<frozen", "/asyncio/", "/runpy.py", "__init__.pxd", "/concurrent/"];
    let versioned = ["/lib/python3.", "/lib/python2."];
    parts.iter().chain(&versioned).any(|part| path.contains(part))
        || path.ends_with("__init__.cython-30.pxd")
        || path.starts_with("importlib/")
}

/// The distributions of the frames around, outermost first, each once, without the culprit and bystanders.
fn importers(scene: &Scene<'_>, block: &[Frame], module: &str) -> Vec<String> {
    let mut through: Vec<String> = Vec::new();
    let tops = block.iter().filter(|frame| frame.file().is_some()).filter_map(Frame::top_module);
    for top in tops.filter(|top| *top != module && !BYSTANDERS.contains(top)) {
        let name = distribution_of(scene, top);
        if !through.contains(&name) {
            through.push(name);
        }
    }
    through
}

/// The distribution that holds a module: one that is known to be installed, else the most used one.
fn distribution_of(scene: &Scene<'_>, module: &str) -> String {
    let candidates = distributions_of(module);
    let present = candidates.iter().find(|name| scene.installed.version(name).is_some());
    present.or(candidates.first()).copied().unwrap_or(module).to_owned()
}

fn named(scene: &Scene<'_>, found: Found) -> Culprit {
    let distribution = distribution_of(scene, &found.module);
    Culprit {
        version: scene.installed.version(&distribution).map(str::to_owned),
        distribution,
        module: found.module,
        file: found.file,
        sureness: found.sureness,
        line: scene.flat.line_of(found.at),
        imported_by: found.through,
        history: None,
    }
}

/// At most this many suspects of a crash are worth a line.
const MOST_SUSPECTS: usize = 8;

/// The suspects of a crash: whose code was running, then the loaded distributions with the most compiled modules.
pub(super) fn suspects(scene: &Scene<'_>, at: usize) -> Vec<Culprit> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for module in loaded_modules(scene.flat) {
        let top = module.split('.').next().unwrap_or(module);
        match counts.iter_mut().find(|(known, _)| *known == top) {
            Some((_, count)) => *count = count.saturating_add(1),
            None if BYSTANDERS.contains(&top) || HARMLESS.contains(&top) => {}
            None => counts.push((top, 1)),
        }
    }
    let running = running_module(scene, at);
    let mut ranked = counts;
    ranked.sort_by_key(|(top, count)| (Some(*top) != running.as_deref(), std::cmp::Reverse(*count)));
    ranked.into_iter().take(MOST_SUSPECTS).map(|(top, _)| named(scene, suspect(top, at))).collect()
}

/// Compiled modules that use no NumPy C API, found in nearly every list.
const HARMLESS: &[&str] = &[
    "yaml",
    "psutil",
    "charset_normalizer",
    "requests",
    "markupsafe",
    "google",
    "grpc",
    "_cffi_backend",
    "multidict",
    "yarl",
    "aiohttp",
    "frozenlist",
    "msgpack",
    "simplejson",
    "regex",
    "zstandard",
    "cython",
    "_cyutility",
    "PIL",
    "_brotli",
    "lxml",
    "zmq",
    "sentencepiece",
    "gevent",
    "greenlet",
    "uvloop",
    "httptools",
    "websockets",
    "ujson",
    "orjson",
    "propcache",
    "tornado",
    "kiwisolver",
];

fn suspect(top: &str, at: usize) -> Found {
    Found { module: top.to_owned(), file: None, sureness: Sureness::Suspect, at, through: Vec::new() }
}

/// The module of the innermost frame of the dump, which prints the most recent call first.
fn running_module(scene: &Scene<'_>, at: usize) -> Option<String> {
    let first = scene.frames.partition_point(|frame| frame.start < at);
    let innermost = scene.frames.get(first..)?.iter().find_map(Frame::top_module)?;
    Some(innermost.to_owned())
}
