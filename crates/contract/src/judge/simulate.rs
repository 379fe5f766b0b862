//! What an `import` statement would come to, file by file in the order of Python's own import.

use crate::judge::DistributionInput;
use crate::judge::distribution::judged_files;
use crate::judge::files::{Against, JudgedFile};
use crate::judge::importer::{Flow, Importer, World};
use crate::judge::modules::{Modules, Pair};
use crate::judge::survey::{Fate, Reach, Survey};
use crate::report::Python;
use crate::{PredictedError, Provision, Undetermined};

/// What an import comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No file that it loads fails.
    Works,
    /// It fails.
    Fails {
        /// The file that fails first, as its distribution names it.
        path: String,
        /// How.
        error: PredictedError,
    },
    /// It could not be told.
    Unknown(Undetermined),
}

/// What `import module` comes to under a NumPy. Only the given distributions are looked into; whatever else is imported
/// is taken to work. Failures that have nothing to do with NumPy's C API are not foreseen.
pub fn simulate_import(
    module: &str,
    distributions: &[&DistributionInput<'_>],
    python: Option<&Python>,
    provision: &Provision,
) -> Outcome {
    let against = Against { provision: Some(provision), python, releases: &[] };
    let files: Vec<Vec<JudgedFile>> = distributions.iter().map(|d| judged_files(d, &against, &[])).collect();
    let pairs: Vec<Pair<'_>> = distributions.iter().copied().zip(files.iter().map(Vec::as_slice)).collect();
    let modules = Modules::of(&pairs);
    let world = World::new(&pairs, &modules);
    match follow(module, &world) {
        // The packages around a module are imported first, and may fail before it is missed.
        Outcome::Works | Outcome::Unknown(_) if !modules.has(module) => Outcome::Unknown(no_such_module(module)),
        outcome => outcome,
    }
}

/// The modules with which a user of a distribution begins: `numpy`, `google.protobuf`. Sorted.
pub fn entry_modules(distribution: &DistributionInput<'_>, python: Option<&Python>) -> Vec<String> {
    let against = Against { provision: None, python, releases: &[] };
    let files = judged_files(distribution, &against, &[]);
    Modules::of(&[(distribution, &files)]).tops().into_iter().map(str::to_owned).collect()
}

fn follow(module: &str, world: &World<'_>) -> Outcome {
    let mut importer = Importer::new(world);
    match importer.import(module) {
        Flow::Raised(failure) => Outcome::Fails { path: failure.path, error: failure.error },
        Flow::Done | Flow::Left => match importer.doubts.into_iter().next() {
            Some(doubt) => Outcome::Unknown(doubt),
            None => possible_failure(module, world).map_or(Outcome::Works, Outcome::Unknown),
        },
    }
}

/// A file that fails on a path that may be taken or not.
fn possible_failure(module: &str, world: &World<'_>) -> Option<Undetermined> {
    let mut survey = Survey::new(world, Reach::Possible);
    survey.begin(module);
    let mut fatal = survey.files.iter().filter(|(_, (fate, _))| *fate != Fate::Swallowed);
    let failure = fatal.find_map(|(id, _)| world.failure(*id))?;
    Some(Undetermined {
        reason: "conditional-import".to_owned(),
        detail: format!("`{}` fails, and whether `import {module}` loads it depends on a condition", failure.path),
    })
}

fn no_such_module(module: &str) -> Undetermined {
    Undetermined { reason: "no-such-module".to_owned(), detail: format!("no file provides `{module}`") }
}
