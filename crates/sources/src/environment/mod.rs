//! Finds an interpreter's environment on disk: what it would import from, which distributions lie there, and which
//! compiled files they own.
//!
//! Nothing of the environment is started. What the interpreter would search is worked out from `pyvenv.cfg`, the
//! layout of folders and `.pth` files, in the order that Python's `site` module gives them.

mod cfg;
mod command;
mod conda;
mod distributions;
mod egg;
mod files;
mod layout;
mod locate;
mod metadata;
mod numpy;
mod origin;
mod owners;
mod paths;
mod platform;
mod pth;
mod python;
mod record;
mod search;
mod surroundings;
mod types;
mod walk;

use contract::report::Python;
use locate::Located;
use search::SearchPath;

pub use command::{interpreter_of_command, may_be_interpreter};
pub use origin::{DirectUrl, Need};
pub use surroundings::Surroundings;
pub use types::{CompiledFile, DiscoverError, Distribution, Environment, EnvironmentKind, FoundNumpy, Place, Recorded};

/// Finds out everything about the environment at `place`. Broken parts are told in [`Environment::problems`].
///
/// # Errors
/// When there is no environment at `place`.
pub fn discover(place: &Place, surroundings: &Surroundings) -> Result<Environment, DiscoverError> {
    let located = locate::locate(place, surroundings)?;
    let search = search::search_path(&located, surroundings);
    let python = python::python_of(&located);
    Ok(collect(located, search, python))
}

/// Looks through the folders of the search path.
fn collect(located: Located, search: SearchPath, python: Option<Python>) -> Environment {
    let mut problems = search.problems.clone();
    let trees = walk::walk_all(&search, &mut problems);
    let python = python.map(|python| platform::with_platform(python, &located, &trees));
    let found = distributions::read_all(&located, &search, &trees, python.as_ref(), &mut problems);
    let numpys = numpy::find(&trees, &found.distributions, python.as_ref(), &mut problems);
    problems.sort();
    problems.dedup();
    Environment {
        externally_managed: located.is_externally_managed(),
        root: located.root,
        interpreter: located.interpreter,
        python,
        search_path: search.entries.into_iter().map(|entry| entry.folder).collect(),
        distributions: found.distributions,
        unowned: found.unowned,
        numpys,
        problems,
        kind: located.kind,
    }
}
