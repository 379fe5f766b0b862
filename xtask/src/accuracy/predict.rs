//! What numpact foresees for a line, from the bytes of the files alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use contract::judge::{DistributionInput, Outcome, simulate_import};
use contract::report::Python;
use contract::{Architecture, BinaryFacts, Provision, compare};

use crate::accuracy::class::Class;
use crate::accuracy::line::{Built, Line, Wheel};
use crate::accuracy::site::{self, Installed};
use crate::{fixtures, python};

/// What was foreseen.
pub(crate) struct Foreseen {
    /// The class.
    pub(crate) class: Class,
    /// The exception.
    pub(crate) exception: Option<String>,
    /// Why it could not be told, where it could not.
    pub(crate) doubt: Option<String>,
    /// The kinds of code that use NumPy's C API in the file.
    pub(crate) consumer: String,
}

/// Reads each file and each environment once.
pub(crate) struct Predictor {
    sites: BTreeMap<String, Vec<Installed>>,
    built: BTreeMap<PathBuf, Vec<BinaryFacts>>,
    modules: Option<Vec<serde_json::Value>>,
}

impl Predictor {
    /// A predictor that has read nothing yet.
    pub(crate) fn new() -> Self {
        Self { sites: BTreeMap::new(), built: BTreeMap::new(), modules: None }
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
        let outcome = simulate_import(&line.module, &inputs.iter().collect::<Vec<_>>(), Some(&python), provision);
        let (class, exception, doubt) = match outcome {
            Outcome::Works => (Class::Fine, None, None),
            Outcome::Fails { error, .. } => (Class::of_import(error.kind), Some(error.exception), None),
            Outcome::Unknown(doubt) => (Class::Undetermined, None, Some(doubt.detail)),
        };
        Ok(Foreseen { class, exception, doubt, consumer: consumer_of(&line.file, installed) })
    }

    fn installed(&mut self, line: &Wheel) -> Result<&[Installed]> {
        let key = format!("{} {}", line.py, line.environment.as_ref().unwrap_or(&line.req));
        if !self.sites.contains_key(&key) {
            eprintln!("reading {key}");
            let read = site::read(&site(line)?)?;
            self.sites.insert(key.clone(), read);
        }
        self.sites.get(&key).map(Vec::as_slice).context("the site was just read")
    }

    fn built(&mut self, line: &Built) -> Result<Foreseen> {
        let file = self.file_of(line)?;
        if !self.built.contains_key(&file) {
            self.built.insert(file.clone(), site::read_file(&file, &file.display().to_string())?.facts);
        }
        let facts = self.built.get(&file).context("the file was just read")?;
        let host = facts.iter().find(|facts| facts.architecture.as_str() == std::env::consts::ARCH).or(facts.first());
        let Some(facts) = host else { bail!("the reader takes it for no compiled file") };
        let assessment = compare(&facts.requirement, provision(&line.run)?);
        Ok(Foreseen {
            class: Class::of(&assessment),
            doubt: facts.requirement.undetermined.first().map(|doubt| doubt.detail.clone()),
            exception: assessment.error.map(|error| error.exception),
            consumer: format!("built: {}", line.kind),
        })
    }

    /// The file that `cargo xtask fixtures` built of the same kind, for the same Python and NumPy.
    fn file_of(&mut self, line: &Built) -> Result<PathBuf> {
        let list = fixtures::modules_path();
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
        build: None,
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
