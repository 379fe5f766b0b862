//! Which modules to import: those that a name stands for, or those of every distribution that uses NumPy.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use contract::Verdict;
use contract::judge::{DistributionInput, entry_modules};
use contract::report::{BinaryReport, DistributionReport, TargetReport, UNOWNED};
use knowledge::small_use;
use sources::PythonFiles;
use sources::environment::Distribution;
use sources::wheel::normalized;

use crate::pipeline::environment::{Scene, owned_input};
use crate::settings::did_you_mean;

/// One module to import, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    /// The distribution's name, where one is known.
    pub(crate) distribution: Option<String>,
    /// The module.
    pub(crate) module: String,
    /// What to run after its import.
    pub(crate) snippet: Option<&'static str>,
}

/// Everything that modules are looked up in.
pub(super) struct Subjects<'a> {
    scene: &'a Scene,
    /// Distributions without compiled files that were asked for by name.
    plain: Vec<(&'a Distribution, PythonFiles)>,
}

impl<'a> Subjects<'a> {
    pub(super) fn new(scene: &'a Scene, names: &[String]) -> Self {
        let named = |d: &&Distribution| names.iter().any(|name| normalized(name) == normalized(&d.name));
        let plain = scene.environment.distributions.iter().filter(|d| !d.shadowed && d.compiled.is_empty());
        let plain = plain.filter(named).map(|d| (d, PythonFiles::new(&d.site, &d.python_files))).collect();
        Self { scene, plain }
    }

    /// Everything that an import is followed through.
    pub(super) fn inputs(&self) -> Vec<DistributionInput<'_>> {
        let mut inputs = self.scene.distributions();
        let plain = self.plain.iter();
        inputs.extend(plain.map(|(distribution, sources)| owned_input(distribution, Vec::new(), sources)));
        inputs
    }

    /// The modules that names stand for, sorted; without names, those of every distribution that uses NumPy's C API.
    pub(super) fn choose(&self, names: &[String], reports: &[TargetReport]) -> Result<Vec<Subject>> {
        let inputs = self.inputs();
        let mut chosen = BTreeSet::new();
        let users = inputs.iter().filter(|input| names.is_empty() && uses_numpy(input));
        users.for_each(|input| chosen.extend(self.of_distribution(input, reports)));
        for name in names {
            match inputs.iter().find(|input| normalized(&input.name) == normalized(name)) {
                Some(input) => {
                    let of_name = self.of_distribution(input, reports);
                    if of_name.is_empty() {
                        bail!("which modules `{name}` provides is not known; name one of them instead");
                    }
                    chosen.extend(of_name);
                }
                None if is_module(name) => drop(chosen.insert(self.of_module(name, &inputs))),
                None => bail!(
                    "`{name}` is neither a distribution of this environment nor the name of a module{}",
                    self.did_you_mean(name)
                ),
            }
        }
        Ok(chosen.into_iter().collect())
    }

    /// `; did you mean ...?` for a name that is nearly that of a distribution.
    pub(super) fn did_you_mean(&self, name: &str) -> String {
        let all = self.scene.environment.distributions.iter().map(|distribution| distribution.name.as_str());
        did_you_mean(name, all)
    }

    /// What a user of a distribution imports, and what loads those of its files that may fail.
    fn of_distribution(&self, input: &DistributionInput<'_>, reports: &[TargetReport]) -> BTreeSet<Subject> {
        let python = self.scene.environment.python.as_ref();
        let mut modules: BTreeSet<String> = match input.name.as_str() {
            UNOWNED => BTreeSet::new(),
            _ => entry_modules(input, python).into_iter().collect(),
        };
        for report in reports.iter().flat_map(|report| &report.distributions).filter(|d| is_same(d, input)) {
            let misfits = report.binaries.iter().filter(|binary| binary.assessment.verdict >= Verdict::AtRisk);
            modules.extend(misfits.filter_map(|binary| binary.loaded_by.clone()));
        }
        modules.into_iter().map(|module| subject(Some(&input.name), module)).collect()
    }

    /// A module by its name, and whoever provides its package.
    fn of_module(&self, module: &str, inputs: &[DistributionInput<'_>]) -> Subject {
        let python = self.scene.environment.python.as_ref();
        let begins = |entry: &String| module == entry || module.starts_with(&format!("{entry}."));
        let owner = inputs.iter().find(|input| entry_modules(input, python).iter().any(begins));
        subject(owner.map(|input| input.name.as_str()), module.to_owned())
    }
}

fn subject(distribution: Option<&str>, module: String) -> Subject {
    let owned = distribution.filter(|name| *name != UNOWNED);
    Subject { distribution: owned.map(str::to_owned), snippet: small_use(&module), module }
}

fn is_same(report: &DistributionReport, input: &DistributionInput<'_>) -> bool {
    (&report.name, &report.version) == (&input.name, &input.version)
}

/// NumPy itself is what the others are tried under.
fn uses_numpy(input: &DistributionInput<'_>) -> bool {
    let facts = input.files.iter().flat_map(|file| &file.facts);
    !contract::judge::is_numpy(&input.name) && facts.into_iter().any(|facts| facts.requirement.uses_numpy())
}

fn is_module(name: &str) -> bool {
    let identifier = |part: &str| {
        part.starts_with(|c: char| c == '_' || c.is_alphabetic())
            && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    };
    name.split('.').all(identifier)
}

/// How many modules of one distribution are tried to confirm what a check says of it.
const CONFIRMED: usize = 12;

/// The imports that tell whether what a check says of failing and undetermined files is so: of each the import that loads
/// it, or else the file itself.
pub(crate) fn in_doubt(report: &TargetReport) -> Vec<Subject> {
    let mut chosen = BTreeSet::new();
    for distribution in &report.distributions {
        let doubtful =
            |binary: &&BinaryReport| matches!(binary.assessment.verdict, Verdict::Incompatible | Verdict::Undetermined);
        let doubtful = distribution.binaries.iter().filter(doubtful);
        let imports: BTreeSet<String> =
            doubtful.filter_map(|binary| binary.loaded_by.clone().or_else(|| binary.module.clone())).collect();
        let owner = (distribution.name != UNOWNED).then_some(distribution.name.as_str());
        chosen.extend(imports.into_iter().take(CONFIRMED).map(|module| subject(owner, module)));
    }
    chosen.into_iter().collect()
}
