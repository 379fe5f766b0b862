//! What people have before an install: wheels, lock files, requirements. Finds the wheels that would be installed,
//! reads of each what is needed, and judges them as they would lie together.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use contract::judge::{
    DistributionInput, FileInput, NoSources, PythonSources, Surroundings, TargetInput, judge_target,
};
use contract::report::{JudgedNumpy, NumpySource, Python, TargetKind, TargetReport};
use contract::{Undetermined, Version};
use rayon::prelude::*;
use runner::installer::{Request, Tool, resolve};
use sources::index::{CachedWheel, Client, Expected, FactsCache, RemoteWheel};
use sources::lockfile::{Choice, LockKind, Locked, LockedEnvironment, LockedFile, LockedPackage, choose, parse, read};
use sources::wheel::{Budget, Distribution, Limits, Member, Target, Wheel, normalized};

/// Wheels that are fetched at one time. They wait for the network more than they compute.
const AT_ONCE: usize = 8;

/// Names what reads the bytes: entries of the cache are good for it alone.
const READER: &str = concat!("reader-", env!("CARGO_PKG_VERSION"));

/// How wheels are looked at.
pub(crate) struct Options {
    /// The Python and platform to choose wheels for; for wheels given by path their own tags serve where it is `None`.
    pub(crate) target: Option<Target>,
    /// The NumPy to judge against, where the user named one.
    pub(crate) numpy: Option<Version>,
    /// Makes requests.
    pub(crate) client: Client,
    /// Remembers what wheels told; `None` for no memory.
    pub(crate) cache: Option<FactsCache>,
    /// Fetch nothing.
    pub(crate) offline: bool,
}

/// A judged target and what it cost.
pub(crate) struct Checked {
    /// The judgement.
    pub(crate) report: TargetReport,
    /// Bytes that were read of the archives.
    pub(crate) bytes_read: u64,
    /// The sizes of these archives together.
    pub(crate) bytes_total: u64,
}

/// One wheel, read.
struct Gathered {
    facts: CachedWheel,
    /// The wheel itself, for its Python sources; `None` when the facts came out of the cache.
    wheel: Option<Opened>,
    bytes_read: u64,
    bytes_total: u64,
}

enum Opened {
    Local(Box<Wheel>),
    Remote(Box<RemoteWheel>),
}

impl Opened {
    fn wheel(&self) -> &Wheel {
        match self {
            Self::Local(wheel) => wheel,
            Self::Remote(remote) => remote.wheel(),
        }
    }
}

/// The Python modules of a wheel, read when a file does not fit.
struct WheelSources<'a>(&'a Wheel);

impl PythonSources for WheelSources<'_> {
    fn paths(&self) -> Vec<String> {
        self.0.python_modules().map(|member| member.installed.clone()).collect()
    }

    fn imports(&self, path: &str) -> Option<contract::judge::PythonImports> {
        let member = self.0.python_modules().find(|member| member.installed == path)?;
        let text = self.0.text(member).ok()?;
        Some(reader::python::imports(&String::from_utf8_lossy(&text)))
    }
}

/// Checks wheels on disk, each as a target of its own.
pub(crate) fn check_wheels(paths: &[PathBuf], options: &Options) -> Result<Vec<Checked>> {
    let budget = Budget::new(Limits::default().resident);
    paths.par_iter().map(|path| check_wheel(path, options, &budget)).collect()
}

fn check_wheel(path: &Path, options: &Options, budget: &Budget) -> Result<Checked> {
    let gathered = gather_local(path, budget)?;
    let own = gathered.wheel.as_ref().and_then(|opened| opened.wheel().distribution().own_target());
    let target = options.target.or(own);
    let numpy = options.numpy.as_ref().map(|version| table(version, NumpySource::Requested)).transpose()?;
    let problems = gathered.facts.problems.clone();
    let path = path.display().to_string();
    Ok(judge(TargetKind::Wheel, path, target.as_ref(), numpy, std::slice::from_ref(&gathered), problems))
}

/// Checks a lock file: every environment of it that the target's Python and platform would install.
pub(crate) fn check_lockfile(path: &Path, options: &Options) -> Result<Vec<Checked>> {
    let locked = read(path)?;
    let shown = path.display().to_string();
    check_locked(&locked, TargetKind::Lockfile, &shown, path.parent().unwrap_or(Path::new(".")), options)
}

/// Checks requirements: the user's installer says what they come to.
pub(crate) fn check_requirements(specifiers: &[String], files: &[PathBuf], options: &Options) -> Result<Vec<Checked>> {
    let (locked, note) = ask_installer(specifiers, files, false, options)?;
    let names = files.iter().map(|file| file.display().to_string()).chain(specifiers.iter().cloned());
    let shown = names.collect::<Vec<_>>().join(" ");
    let mut checked = check_locked(&locked, TargetKind::Requirements, &shown, Path::new("."), options)?;
    checked.iter_mut().for_each(|one| one.report.problems.extend(note.map(str::to_owned)));
    Ok(checked)
}

fn ask_installer(
    specifiers: &[String],
    files: &[PathBuf],
    no_dependencies: bool,
    options: &Options,
) -> Result<(Locked, Option<&'static str>)> {
    let target = target(options)?;
    let request = Request {
        requirements: specifiers.to_vec(),
        files: files.to_vec(),
        python: target.python,
        uv_platform: target.platform.uv_name(),
        macos: target.platform.macos_version(),
        platform_tags: target.platform.tags(),
        no_dependencies,
        offline: options.offline,
        foreign: sources::wheel::Platform::current() != Some(target.platform),
    };
    let resolution = resolve(&request)?;
    let kind = match resolution.tool {
        Tool::Uv => LockKind::Pylock,
        Tool::Pip => LockKind::PipReport,
    };
    let locked = parse(kind, &resolution.text).map_err(anyhow::Error::msg);
    Ok((locked.context("the installer's answer cannot be understood")?, resolution.note))
}

fn target(options: &Options) -> Result<Target> {
    options
        .target
        .context("give the Python and the platform to choose wheels for: `--python 3.11 --platform linux-x86_64`")
}

fn check_locked(
    locked: &Locked,
    kind: TargetKind,
    shown: &str,
    folder: &Path,
    options: &Options,
) -> Result<Vec<Checked>> {
    let target = target(options)?;
    let environments: Vec<&LockedEnvironment> =
        locked.environments.iter().filter(|e| e.platform.as_ref().is_none_or(|p| is_for(p, &target))).collect();
    if environments.is_empty() {
        bail!("`{shown}` locks nothing for {target}");
    }
    let several = environments.len() > 1;
    environments
        .into_iter()
        .map(|environment| {
            let name = if several { format!("{shown} ({})", environment.name) } else { shown.to_owned() };
            check_environment(environment, kind, name, folder, &locked.notes, options)
        })
        .collect()
}

/// Whether conda's word for a platform (`osx-64`) names the target's.
fn is_for(conda: &str, target: &Target) -> bool {
    let word = match conda {
        "linux-64" => "linux-x86_64",
        "osx-64" => "macos-x86_64",
        "osx-arm64" => "macos-arm64",
        "win-64" => "windows-x86_64",
        "win-arm64" => "windows-arm64",
        other => other,
    };
    word == target.platform.to_string()
}

fn check_environment(
    environment: &LockedEnvironment,
    kind: TargetKind,
    shown: String,
    folder: &Path,
    notes: &[String],
    options: &Options,
) -> Result<Checked> {
    let target = target(options)?;
    let mut problems = notes.to_vec();
    let mut files = Vec::new();
    for chosen in choose(environment, &target) {
        match file_of(chosen.package, chosen.choice, &target, options) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    let numpy = judged_numpy(environment, &target, options)?;
    let (gathered, failed) = gather_all(&files, folder, options)?;
    problems.extend(failed);
    problems
        .extend(gathered.iter().flat_map(|one| one.facts.problems.iter().map(|p| format!("{}: {p}", one.facts.name))));
    Ok(judge(kind, shown, Some(&target), numpy, &gathered, problems))
}

/// The wheel to read, or why there is none.
fn file_of(
    package: &LockedPackage,
    choice: Choice<'_>,
    target: &Target,
    options: &Options,
) -> Result<LockedFile, String> {
    let who = || format!("{} {}", package.name, package.version.as_deref().unwrap_or_default());
    let unread = |why: &str| Err(format!("{}: {why}; its compiled files are not known", who()));
    match choice {
        Choice::Wheel(file) if file.url.is_some() => Ok(file.clone()),
        Choice::Wheel(_) | Choice::Unnamed => look_up(package, target, options),
        Choice::Sdist(file) => unread(&format!("no wheel for {target}, `{}` would be built", file.filename)),
        Choice::SourceTree(tree) => unread(&format!("it is a source tree ({tree})")),
        Choice::Nothing => unread(&format!("nothing that installs on {target} is locked")),
    }
}

/// Asks the installer where the wheel of a locked version lies; its hash must be one of the locked ones.
fn look_up(package: &LockedPackage, target: &Target, options: &Options) -> Result<LockedFile, String> {
    let version = package.version.as_deref().unwrap_or_default();
    let who = format!("{}=={version}", package.name);
    let (locked, _) =
        ask_installer(std::slice::from_ref(&who), &[], true, options).map_err(|e| format!("{who}: {e}"))?;
    let environment = locked.environments.first().ok_or_else(|| format!("{who}: the installer named nothing"))?;
    let chosen = choose(environment, target);
    let found = chosen.iter().find_map(|chosen| match chosen.choice {
        Choice::Wheel(file) => Some(file.clone()),
        _ => None,
    });
    let file = found.ok_or_else(|| format!("{who}: no wheel for {target}"))?;
    let hashes = package.wheels.iter().filter_map(|wheel| wheel.sha256.as_ref()).chain(&package.hashes);
    let known: Vec<&String> = hashes.collect();
    match &file.sha256 {
        Some(hash) if !known.is_empty() && !known.contains(&hash) => {
            Err(format!("{who}: the index has `{}` with a hash that is not locked", file.filename))
        }
        _ => Ok(file),
    }
}

fn judged_numpy(environment: &LockedEnvironment, target: &Target, options: &Options) -> Result<Option<JudgedNumpy>> {
    if let Some(version) = &options.numpy {
        return table(version, NumpySource::Requested).map(Some);
    }
    let chosen = choose(environment, target);
    let numpy = chosen.iter().find(|chosen| normalized(&chosen.package.name) == "numpy");
    let version = numpy.and_then(|numpy| numpy.package.version.as_ref()).and_then(|v| v.parse::<Version>().ok());
    version.map(|version| table(&version, NumpySource::Table)).transpose()
}

fn table(version: &Version, source: NumpySource) -> Result<JudgedNumpy> {
    let release = knowledge::release(version).with_context(|| {
        format!("NumPy {version} is not in the table of releases; the newest there is {}", newest())
    })?;
    Ok(JudgedNumpy { provision: release.provision.clone(), path: None, source })
}

fn newest() -> String {
    knowledge::newest().map(|release| release.version.to_string()).unwrap_or_default()
}

/// Reads all wheels, several at a time. A wheel that cannot be read is told and does not stop the others.
fn gather_all(files: &[LockedFile], folder: &Path, options: &Options) -> Result<(Vec<Gathered>, Vec<String>)> {
    let budget = Budget::new(Limits::default().resident);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build()?;
    let failed = Mutex::new(Vec::new());
    let gathered = pool.install(|| {
        let one = |file: &LockedFile| match gather_file(file, folder, options, &budget) {
            Ok(gathered) => Some(gathered),
            Err(error) => {
                let told = format!("`{}` was not read: {error:#}", file.filename);
                failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(told);
                None
            }
        };
        files.par_iter().filter_map(one).collect::<Vec<_>>()
    });
    let mut failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    failed.sort();
    Ok((gathered, failed))
}

fn gather_file(file: &LockedFile, folder: &Path, options: &Options, budget: &Budget) -> Result<Gathered> {
    let url = file.url.as_deref().context("its address is not known")?;
    if !url.contains("://") {
        return gather_local(&folder.join(url), budget);
    }
    if let Some(path) = url.strip_prefix("file://") {
        return gather_local(Path::new(path), budget);
    }
    let known =
        options.cache.as_ref().zip(file.sha256.as_ref()).and_then(|(cache, hash)| cache.get(hash, &file.filename));
    // A file that does not fit is weighed by the Python sources, so the wheel stays at hand for those that use NumPy.
    if let Some(facts) = known.filter(|facts| !uses_numpy(facts)) {
        return Ok(Gathered { facts, wheel: None, bytes_read: 0, bytes_total: file.size.unwrap_or(0) });
    }
    let remote = RemoteWheel::open(&options.client, url, Expected { size: file.size }, budget)?;
    let known =
        options.cache.as_ref().zip(file.sha256.as_ref()).and_then(|(cache, hash)| cache.get(hash, &file.filename));
    let fresh = known.is_none();
    let mut facts = known.unwrap_or_else(|| facts(remote.wheel(), &file.filename));
    if let (true, Some(cache), Some(hash)) = (fresh, &options.cache, &file.sha256) {
        // A cache that cannot be written costs time, not truth.
        let _ = cache.put(hash, &facts);
    }
    facts.problems.extend(remote.note().map(str::to_owned));
    let (bytes_read, bytes_total) = (remote.bytes_read(), remote.bytes_total());
    Ok(Gathered { facts, wheel: Some(Opened::Remote(Box::new(remote))), bytes_read, bytes_total })
}

fn uses_numpy(facts: &CachedWheel) -> bool {
    facts.files.iter().flat_map(|file| &file.facts).any(|facts| facts.requirement.uses_numpy())
}

fn gather_local(path: &Path, budget: &Budget) -> Result<Gathered> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let wheel = Wheel::open_with(path, Limits::default(), budget).with_context(|| format!("`{}`", path.display()))?;
    let facts = facts(&wheel, &name);
    let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or(0);
    Ok(Gathered { facts, wheel: Some(Opened::Local(Box::new(wheel))), bytes_read: size, bytes_total: size })
}

fn facts(wheel: &Wheel, filename: &str) -> CachedWheel {
    let Distribution { name, version, requires_numpy, .. } = wheel.distribution();
    CachedWheel {
        filename: filename.to_owned(),
        name: name.clone(),
        version: version.clone(),
        requires_numpy: requires_numpy.clone(),
        files: wheel.compiled().par_iter().map(|member| file_facts(wheel, member)).collect(),
        problems: wheel.problems().to_vec(),
    }
}

fn file_facts(wheel: &Wheel, member: &Member) -> FileInput {
    let path = member.installed.clone();
    match wheel.source(member) {
        Ok(source) => {
            let facts = reader::read(&source);
            // A reader that met bytes it could not have may have seen a whole file where there is half a one.
            let unreadable = source.broken().map(|cause| Undetermined {
                reason: "member-unreadable".to_owned(),
                detail: format!("`{}`: {cause}", member.path),
            });
            FileInput { path, facts, unreadable }
        }
        Err(obstacle) => FileInput { path, facts: Vec::new(), unreadable: Some(obstacle) },
    }
}

fn judge(
    kind: TargetKind,
    path: String,
    target: Option<&Target>,
    numpy: Option<JudgedNumpy>,
    gathered: &[Gathered],
    problems: Vec<String>,
) -> Checked {
    let sources: Vec<Option<WheelSources<'_>>> =
        gathered.iter().map(|one| one.wheel.as_ref().map(|opened| WheelSources(opened.wheel()))).collect();
    let distributions = gathered.iter().zip(&sources).map(|(one, sources)| distribution(one, sources.as_ref(), target));
    let input = TargetInput {
        kind,
        path,
        python: target.map(|target| Python {
            version: format!("{}.{}", target.python.0, target.python.1),
            platform: target.platform.to_string(),
        }),
        numpy,
        distributions: distributions.collect(),
        surroundings: Surroundings::default(),
        problems,
    };
    let report = judge_target(&input, knowledge::releases());
    // Counted after the judgement, which may have read Python sources.
    let read = |one: &Gathered| match &one.wheel {
        Some(Opened::Remote(remote)) => remote.bytes_read(),
        _ => one.bytes_read,
    };
    Checked {
        report,
        bytes_read: gathered.iter().map(read).sum(),
        bytes_total: gathered.iter().map(|one| one.bytes_total).sum(),
    }
}

fn distribution<'a>(
    one: &'a Gathered,
    sources: Option<&'a WheelSources<'a>>,
    target: Option<&Target>,
) -> DistributionInput<'a> {
    let declared = Distribution { requires_numpy: one.facts.requires_numpy.clone(), ..Distribution::default() }
        .declared_numpy(target);
    let tags = one.wheel.as_ref().map(|opened| opened.wheel().distribution().tags.as_slice()).unwrap_or_default();
    DistributionInput {
        name: one.facts.name.clone(),
        version: one.facts.version.clone(),
        installer: None,
        declared_numpy: declared,
        wheel_tags: tags.iter().map(ToString::to_string).collect(),
        files: one.facts.files.clone(),
        sources: sources.map_or(&NoSources, |sources| sources as &dyn PythonSources),
    }
}

/// The client, the cache and the rest, from the environment.
pub(crate) fn options(target: Option<Target>, numpy: Option<Version>, offline: bool) -> Result<Options> {
    let settings = sources::index::HttpSettings { offline, ..sources::index::HttpSettings::from_environment() };
    let client = Client::new(settings)?;
    Ok(Options { target, numpy, client, cache: FactsCache::from_environment(READER), offline })
}
