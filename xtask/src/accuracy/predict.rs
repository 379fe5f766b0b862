//! What numpact foresees for a line, from the bytes of the files alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use contract::judge::{DistributionInput, FileInput, Outcome, PythonImports, PythonSources, simulate_import};
use contract::report::Python;
use contract::{Architecture, BinaryFacts, Provision, compare};

use crate::accuracy::class::Class;
use crate::accuracy::line::{Built, Line, Wheel};
use crate::{fixtures, python};

/// What was foreseen.
pub(crate) struct Foreseen {
    /// The class.
    pub(crate) class: Class,
    /// The exception.
    pub(crate) exception: Option<String>,
    /// The kinds of code that use NumPy's C API in the file.
    pub(crate) consumer: String,
}

/// Reads each file and each environment once.
pub(crate) struct Predictor {
    sites: BTreeMap<String, Vec<Installed>>,
    modules: Option<Vec<serde_json::Value>>,
}

/// One distribution of an environment.
struct Installed {
    name: String,
    version: String,
    files: Vec<FileInput>,
    sources: Sources,
}

/// The Python sources of a distribution, parsed when asked for.
struct Sources {
    site: PathBuf,
    paths: Vec<String>,
}

impl PythonSources for Sources {
    fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        let bytes = std::fs::read(self.site.join(path)).ok()?;
        Some(reader::python::imports(&String::from_utf8_lossy(&bytes)))
    }
}

impl Predictor {
    /// A predictor that has read nothing yet.
    pub(crate) fn new() -> Self {
        Self { sites: BTreeMap::new(), modules: None }
    }

    /// What numpact foresees.
    pub(crate) fn predict(&mut self, line: &Line) -> Result<Foreseen> {
        match line {
            Line::Wheel(wheel) => self.wheel(wheel),
            Line::Built(built) => self.built(built),
        }
    }

    fn wheel(&mut self, line: &Wheel) -> Result<Foreseen> {
        let provision = provision(&line.numpy)?;
        let python = Python { version: line.py.clone(), platform: "linux-x86_64".to_owned() };
        let installed = self.installed(line)?;
        let inputs: Vec<DistributionInput<'_>> = installed.iter().map(input).collect();
        let (class, exception) =
            match simulate_import(&line.module, &inputs.iter().collect::<Vec<_>>(), Some(&python), provision) {
                Outcome::Works => (Class::Fine, None),
                Outcome::Fails { error, .. } => (Class::of_import(error.kind), Some(error.exception)),
                Outcome::Unknown(_) => (Class::Undetermined, None),
            };
        Ok(Foreseen { class, exception, consumer: consumer_of(&line.file, installed) })
    }

    fn installed(&mut self, line: &Wheel) -> Result<&[Installed]> {
        let key = format!("{} {}", line.py, line.environment.as_ref().unwrap_or(&line.req));
        if !self.sites.contains_key(&key) {
            eprintln!("reading {key}");
            let read = read_site(&site(line)?)?;
            self.sites.insert(key.clone(), read);
        }
        self.sites.get(&key).map(Vec::as_slice).context("the site was just read")
    }

    fn built(&mut self, line: &Built) -> Result<Foreseen> {
        let facts = read(&self.file_of(line)?)?.facts;
        let host = facts.iter().find(|facts| facts.architecture.as_str() == std::env::consts::ARCH).or(facts.first());
        let Some(facts) = host else { bail!("the reader takes it for no compiled file") };
        let assessment = compare(&facts.requirement, provision(&line.run)?);
        Ok(Foreseen {
            class: Class::of(&assessment),
            exception: assessment.error.map(|error| error.exception),
            consumer: format!("built: {}", line.kind),
        })
    }

    /// The file that `cargo xtask fixtures` built of the same kind, for the same Python and NumPy.
    fn file_of(&mut self, line: &Built) -> Result<PathBuf> {
        let list = testing::cache().join("fixtures/modules.jsonl");
        if self.modules.is_none() {
            let built =
                fixtures::lines(&list).context("build the fixtures first: `cargo xtask fixtures --build-only`")?;
            self.modules = Some(built);
        }
        let minor = line.py.split('.').take(2).collect::<Vec<_>>().join(".");
        let is = |module: &&serde_json::Value, key: &str, value: &str| {
            module.get(key).and_then(|v| v.as_str()) == Some(value)
        };
        let mut same =
            self.modules.iter().flatten().filter(|m| is(m, "py", &minor) && is(m, "kind", kind_of(&line.kind)));
        let found = same.find(|m| {
            let built = m.get("built").and_then(|v| v.as_str());
            built.is_none() || built == line.built.as_deref()
        });
        let file = found.and_then(|module| module.get("file")).and_then(|file| file.as_str());
        file.map(PathBuf::from).with_context(|| format!("`{}` lists no such module", list.display()))
    }
}

/// Kinds that older files of observations name otherwise.
fn kind_of(kind: &str) -> &str {
    if kind == "cython3" { "cython30" } else { kind }
}

fn provision(numpy: &str) -> Result<&'static Provision> {
    let release = knowledge::release(&numpy.parse()?);
    release.map(|release| &release.provision).with_context(|| format!("no NumPy {numpy} in the table of releases"))
}

fn input(installed: &Installed) -> DistributionInput<'_> {
    DistributionInput {
        name: installed.name.clone(),
        version: installed.version.clone(),
        installer: None,
        declared_numpy: None,
        wheel_tags: Vec::new(),
        files: installed.files.clone(),
        sources: &installed.sources,
    }
}

/// The `site-packages` that holds a line's wheel: of the environment that pins it, or else the wheel alone, unpacked.
fn site(line: &Wheel) -> Result<PathBuf> {
    let recipes = testing::recipes()?;
    let fits = |recipe: &&testing::Recipe| match &line.environment {
        Some(name) => recipe.name == *name,
        None => holds(recipe, line),
    };
    let Some(recipe) = recipes.iter().find(fits) else { return unpinned(line) };
    let folder = testing::try_environment(&recipe.name)?;
    Ok(folder.join(format!("lib/python{}/site-packages", line.py)))
}

fn holds(recipe: &testing::Recipe, line: &Wheel) -> bool {
    let setting = |key: &str| recipe.settings.get(key).map(String::as_str);
    let subject = setting("subject").unwrap_or_default();
    let pinned = |pin: &testing::Pin| {
        pin.name.eq_ignore_ascii_case(subject)
            && line.req.eq_ignore_ascii_case(&format!("{}=={}", pin.name, pin.version))
    };
    setting("python") == Some(&line.py) && recipe.pins.iter().any(pinned)
}

/// A wheel that no environment pins: whatever pip takes for the requirement, said on standard error with its hash.
fn unpinned(line: &Wheel) -> Result<PathBuf> {
    let mut command = std::process::Command::new(python::PYTHON);
    command.arg(python::script("pin.py")).args(["--python", &line.py, &line.req]);
    let text = String::from_utf8(python::output(&mut command)?)?;
    eprint!("not pinned: {text}");
    let pins = testing::parse_pins(Path::new("pip's answer"), &text)?;
    Ok(testing::overlay_of(&pins)?)
}

fn read_site(site: &Path) -> Result<Vec<Installed>> {
    let entries = std::fs::read_dir(site).with_context(|| format!("`{}`", site.display()))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.extension().is_some_and(|extension| extension == "dist-info"));
    folders.sort();
    folders.iter().map(|folder| read_distribution(site, folder)).collect()
}

fn read_distribution(site: &Path, folder: &Path) -> Result<Installed> {
    let stem = folder.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (name, version) = stem.split_once('-').unwrap_or((&stem, ""));
    let record = std::fs::read_to_string(folder.join("RECORD")).with_context(|| format!("`{}`", folder.display()))?;
    let paths: Vec<String> = record.lines().filter_map(|line| line.split(',').next()).map(str::to_owned).collect();
    let compiled = paths.iter().filter(|path| is_compiled(path));
    let files = compiled.map(|path| read_file(site, path)).collect::<Result<_>>()?;
    let sources = paths.iter().filter(|path| path.ends_with(".py")).cloned().collect();
    let sources = Sources { site: site.to_path_buf(), paths: sources };
    Ok(Installed { name: name.to_owned(), version: version.to_owned(), files, sources })
}

fn is_compiled(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".so") || name.contains(".so.") || name.ends_with(".pyd") || name.ends_with(".dylib")
}

fn read_file(site: &Path, path: &str) -> Result<FileInput> {
    Ok(FileInput { path: path.to_owned(), ..read(&site.join(path))? })
}

fn read(path: &Path) -> Result<FileInput> {
    let bytes = std::fs::read(path).with_context(|| format!("`{}`", path.display()))?;
    let facts = reader::read(&bytes);
    Ok(FileInput { path: path.display().to_string(), facts, unreadable: None })
}

/// The kinds of code in a file, as one word for the table.
fn consumer_of(file: &str, installed: &[Installed]) -> String {
    let files = installed.iter().flat_map(|distribution| &distribution.files);
    let Some(input) = files.into_iter().find(|input| input.path == file) else { return "a whole package".to_owned() };
    let native = |facts: &&BinaryFacts| facts.architecture == Architecture::X86_64;
    let facts = input.facts.iter().find(native).or(input.facts.first());
    let mut kinds: Vec<&str> =
        facts.iter().flat_map(|facts| &facts.requirement.consumers).map(|consumer| consumer.kind.as_str()).collect();
    kinds.dedup();
    if kinds.is_empty() { "none".to_owned() } else { kinds.join(" + ") }
}
