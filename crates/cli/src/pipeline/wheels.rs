//! The check of wheels: finds their compiled members, reads of them what is needed, and judges them as they would lie
//! together.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context as _, Result, bail};
use contract::judge::{DistributionInput, PythonImports, PythonSources, Surroundings, TargetInput, judge_target};
use contract::report::{Fetched, JudgedNumpy, NOT_READ, Python, TargetKind};
use contract::{Undetermined, Version};
use rayon::prelude::*;
use render::TargetHint;
use sources::index::{AT_ONCE, CachedPython, CachedWheel, Expected, RemoteWheel};
use sources::lockfile::LockedFile;
use sources::wheel::{Distribution, Target, Wheel, WheelName};

use crate::pipeline::access::{self, Access};
use crate::pipeline::builds::Planned;
use crate::pipeline::{Checked, matrix, read};
use crate::progress::Progress;
use crate::settings::Columns;

/// One wheel, read.
pub(super) struct Gathered<'a> {
    facts: CachedWheel,
    place: Option<Opened<'a>>,
    /// What was asked of its Python modules.
    python: Mutex<CachedPython>,
    /// What a user should know of how it was fetched.
    note: Option<String>,
    /// How it would be built, where it has no wheel.
    pub(super) build: Option<Planned>,
}

impl<'a> Gathered<'a> {
    fn new(facts: CachedWheel, place: Option<Opened<'a>>) -> Self {
        let python = Mutex::new(facts.python.clone());
        Self { facts, place, python, note: None, build: None }
    }

    /// Keeps what was read of its Python modules, for the next time.
    fn keep(&self) {
        let Some(Opened::Remote(remote)) = &self.place else { return };
        let python = self.python.lock().unwrap_or_else(PoisonError::into_inner);
        if *python != self.facts.python {
            remote.access.remember(remote.file, &CachedWheel { python: python.clone(), ..self.facts.clone() });
        }
    }

    /// The distribution's name.
    pub(super) fn name(&self) -> &str {
        &self.facts.name
    }
}

/// A wheel at hand, for its Python sources.
enum Opened<'a> {
    Local(Box<Wheel>),
    Remote(Box<Remote<'a>>),
}

/// A wheel behind an address, opened when somebody needs it.
struct Remote<'a> {
    access: &'a Access,
    file: &'a LockedFile,
    url: &'a str,
    opened: OnceLock<Result<RemoteWheel, String>>,
}

impl Remote<'_> {
    fn open(&self) -> Result<&RemoteWheel, &str> {
        let Access { client, budget, .. } = self.access;
        let open = || {
            let pure = WheelName::parse(&self.file.filename).is_some_and(|name| name.is_pure());
            let expected = Expected { size: self.file.size, pure };
            RemoteWheel::open(client, self.url, expected, budget).map_err(|error| error.to_string())
        };
        self.opened.get_or_init(open).as_ref().map_err(String::as_str)
    }

    fn fetched(&self) -> Fetched {
        match self.opened.get() {
            Some(Ok(remote)) => Fetched { bytes: remote.bytes_read(), of: remote.bytes_total() },
            _ => Fetched { bytes: 0, of: self.file.size.unwrap_or(0) },
        }
    }
}

impl Opened<'_> {
    fn wheel(&self) -> Option<&Wheel> {
        match self {
            Self::Local(wheel) => Some(wheel),
            Self::Remote(remote) => remote.open().ok().map(RemoteWheel::wheel),
        }
    }
}

/// The Python modules of a wheel, read when a file does not fit; what was asked for once is kept with the facts.
impl PythonSources for Gathered<'_> {
    fn paths(&self) -> Vec<String> {
        let mut python = self.python.lock().unwrap_or_else(PoisonError::into_inner);
        if python.paths.is_none() {
            let wheel = self.place.as_ref().and_then(Opened::wheel);
            python.paths = wheel.map(|wheel| wheel.python_modules().map(|member| member.installed.clone()).collect());
        }
        python.paths.clone().unwrap_or_default()
    }

    fn prepare(&self, paths: &[&str]) {
        let Some(Opened::Remote(remote)) = &self.place else { return };
        let unknown: BTreeSet<&str> = {
            let python = self.python.lock().unwrap_or_else(PoisonError::into_inner);
            paths.iter().copied().filter(|path| !python.imports.contains_key(*path)).collect()
        };
        if unknown.is_empty() {
            return;
        }
        if let Ok(opened) = remote.open() {
            let wheel = opened.wheel();
            let modules = wheel.python_modules().filter(|member| unknown.contains(member.installed.as_str()));
            wheel.prepare(&modules.collect::<Vec<_>>());
        }
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        if let Some(known) = self.python.lock().unwrap_or_else(PoisonError::into_inner).imports.get(path) {
            return Some(known.clone());
        }
        let wheel = self.place.as_ref()?.wheel()?;
        let member = wheel.python_modules().find(|member| member.installed == path)?;
        let text = wheel.text(member).ok()?;
        let imports = reader::python::imports(&String::from_utf8_lossy(&text));
        let mut python = self.python.lock().unwrap_or_else(PoisonError::into_inner);
        python.imports.insert(path.to_owned(), imports.clone());
        Some(imports)
    }
}

/// Checks a wheel on disk. `beside`: the NumPy whose wheel was named beside it.
pub(crate) fn check(path: &Path, beside: Option<&Version>, access: &Access) -> Result<Checked> {
    let gathered = gather_local(path)?;
    let own = gathered.place.as_ref().and_then(Opened::wheel).and_then(|wheel| wheel.distribution().own_target());
    let subject = Subject {
        kind: TargetKind::Wheel,
        path: path.display().to_string(),
        target: access.target_of(own),
        numpy: access.numpy(beside)?,
        problems: gathered.facts.problems.clone(),
        columns: access.columns.as_ref(),
    };
    Ok(judge(subject, std::slice::from_ref(&gathered)))
}

/// Reads wheels, several at a time, in the order of `files`. One that cannot be read counts as undetermined, or, where it
/// is for any platform and so hardly holds compiled code, is told. `folder`: what relative paths are relative to.
///
/// # Errors
/// When not one of them can be read.
pub(super) fn gather_all<'a>(
    files: &'a [LockedFile],
    folder: &Path,
    access: &'a Access,
) -> Result<(Vec<Gathered<'a>>, Vec<String>)> {
    // They wait for the network more than they compute.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build()?;
    let progress = Progress::new("Reading wheels", files.len(), access.progress);
    let one = |file: &'a LockedFile| {
        let outcome = gather(file, folder, access);
        progress.step();
        outcome
    };
    let outcomes: Vec<Result<Gathered<'a>>> = pool.install(|| files.par_iter().map(one).collect());
    let none = !outcomes.is_empty() && outcomes.iter().all(Result::is_err);
    let (mut gathered, mut problems) = (Vec::new(), Vec::new());
    for (file, outcome) in files.iter().zip(outcomes) {
        match outcome {
            Ok(one) => {
                let told = one.facts.problems.iter().chain(&one.note);
                problems.extend(told.map(|problem| format!("{}: {problem}", one.facts.name)));
                gathered.push(one);
            }
            Err(error) if none => bail!("not one wheel could be read; of `{}`: {error:#}", file.filename),
            Err(error) => match unread(file, &error) {
                Some(one) => gathered.push(one),
                None => problems.push(format!("`{}` was not read: {error:#}", file.filename)),
            },
        }
    }
    Ok((gathered, problems))
}

/// A wheel that may hold compiled files, of which nothing is known.
fn unread<'a>(file: &LockedFile, error: &anyhow::Error) -> Option<Gathered<'a>> {
    let name = WheelName::parse(&file.filename)?;
    if name.is_pure() {
        return None;
    }
    Some(unknown(&file.filename, &name.name, &name.version, format!("the wheel was not read: {error:#}")))
}

/// A distribution that may hold compiled files, of which nothing is known. `path`: what stands for these files.
pub(super) fn unknown<'a>(path: &str, name: &str, version: &str, detail: String) -> Gathered<'a> {
    let reason = Undetermined { reason: NOT_READ.to_owned(), detail };
    let facts = CachedWheel {
        filename: path.to_owned(),
        address: String::new(),
        name: name.to_owned(),
        version: version.to_owned(),
        requires_numpy: Vec::new(),
        files: vec![read::unread(path, reason)],
        problems: Vec::new(),
        python: CachedPython::default(),
    };
    Gathered::new(facts, None)
}

fn gather<'a>(file: &'a LockedFile, folder: &Path, access: &'a Access) -> Result<Gathered<'a>> {
    let url = file.url.as_deref().context("its address is not known")?;
    if !url.contains("://") {
        return gather_local(&folder.join(url));
    }
    if url.starts_with("file://") {
        let path = url::Url::parse(url)?.to_file_path();
        return gather_local(&path.ok().with_context(|| format!("`{url}` names no file of this machine"))?);
    }
    let remote = Remote { access, file, url, opened: OnceLock::new() };
    let (facts, note) = match access.remembered(file) {
        Some(facts) => (facts, None),
        None => fetch(&remote, access)?,
    };
    Ok(Gathered { note, ..Gathered::new(facts, Some(Opened::Remote(Box::new(remote)))) })
}

/// Reads a remote wheel; beside the facts, what a user should know of how it was fetched.
fn fetch(remote: &Remote<'_>, access: &Access) -> Result<(CachedWheel, Option<String>)> {
    let opened = remote.open().map_err(|error| anyhow::Error::msg(error.to_owned()))?;
    let address = access::address(remote.file);
    let facts = CachedWheel { address, ..facts(opened.wheel(), &remote.file.filename) };
    access.remember(remote.file, &facts);
    Ok((facts, opened.note().map(str::to_owned)))
}

/// Reads a wheel on disk.
pub(super) fn gather_local<'a>(path: &Path) -> Result<Gathered<'a>> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let wheel = Wheel::open(path).map_err(|error| match error {
        told @ sources::wheel::WheelError::Open { .. } => anyhow::Error::new(told),
        other => anyhow::Error::new(other).context(format!("`{}`", path.display())),
    })?;
    Ok(Gathered::new(facts(&wheel, &name), Some(Opened::Local(Box::new(wheel)))))
}

fn facts(wheel: &Wheel, filename: &str) -> CachedWheel {
    let Distribution { name, version, requires_numpy, .. } = wheel.distribution();
    CachedWheel {
        filename: filename.to_owned(),
        address: String::new(),
        name: name.clone(),
        version: version.clone(),
        requires_numpy: requires_numpy.clone(),
        files: wheel.compiled().par_iter().map(|member| read::read_member(wheel, member)).collect(),
        problems: wheel.problems().to_vec(),
        python: CachedPython::default(),
    }
}

/// What is judged, beside the wheels.
pub(super) struct Subject<'a> {
    pub(super) kind: TargetKind,
    pub(super) path: String,
    pub(super) target: Option<Target>,
    pub(super) numpy: Option<JudgedNumpy>,
    pub(super) problems: Vec<String>,
    /// Judge under many releases too.
    pub(super) columns: Option<&'a Columns>,
}

/// Judges wheels as if they were installed together.
pub(super) fn judge(subject: Subject<'_>, gathered: &[Gathered<'_>]) -> Checked {
    let Subject { kind, path, target, numpy, problems, columns } = subject;
    let input = TargetInput {
        kind,
        path,
        python: target.map(|target| Python {
            version: format!("{}.{}", target.python.0, target.python.1),
            platform: target.platform.to_string(),
        }),
        numpy,
        distributions: gathered.iter().map(|one| distribution(one, target.as_ref())).collect(),
        surroundings: Surroundings::default(),
        problems,
    };
    let matrix = matrix::judged(&input, columns);
    let mut report = judge_target(&input, knowledge::releases());
    report.problems.extend(gathered.iter().filter_map(lost_sources));
    gathered.iter().for_each(Gathered::keep);
    // Counted after the judgement, which may have read Python sources.
    report.fetched = fetched(gathered);
    Checked { report, matrix, hint: TargetHint::default(), trials: Vec::new() }
}

/// What a judgement had to do without.
fn lost_sources(one: &Gathered<'_>) -> Option<String> {
    let Some(Opened::Remote(remote)) = &one.place else { return None };
    let error = remote.opened.get()?.as_ref().err()?;
    Some(format!(
        "{}: which files an import loads is not known, as its Python files were not read: {error}",
        one.facts.name
    ))
}

/// What was read of all remote wheels; `None` where there is none.
pub(super) fn fetched(gathered: &[Gathered<'_>]) -> Option<Fetched> {
    let remote = gathered.iter().filter_map(|one| match &one.place {
        Some(Opened::Remote(remote)) => Some(remote.fetched()),
        _ => None,
    });
    remote.reduce(|all, one| Fetched { bytes: all.bytes.saturating_add(one.bytes), of: all.of.saturating_add(one.of) })
}

/// One wheel as a judgement takes it.
pub(super) fn distribution<'a>(one: &'a Gathered<'_>, target: Option<&Target>) -> DistributionInput<'a> {
    let CachedWheel { filename, name, version, requires_numpy, files, .. } = &one.facts;
    let tags = WheelName::parse(filename).map(|name| name.tags).unwrap_or_default();
    let wheel_tags = tags.iter().map(ToString::to_string).collect();
    let said = Distribution { requires_numpy: requires_numpy.clone(), tags, ..Distribution::default() };
    let planned = one.build.as_ref();
    DistributionInput {
        name: name.clone(),
        version: version.clone(),
        installer: None,
        declared_numpy: planned.map_or_else(|| said.declared_numpy(target), |planned| planned.declared.clone()),
        build: planned.map(|planned| planned.build.clone()),
        wheel_tags,
        files: files.clone(),
        sources: one,
    }
}
