//! Which extension types of other distributions are checked for their size, and which files define them.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::files::for_python;
use crate::judge::{FileInput, extension_name, is_numpy};
use crate::report::Python;

/// The types that are asked of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedTypes {
    /// The position of its distribution among the given ones.
    pub distribution: usize,
    /// Its path, as the distribution names it.
    pub path: String,
    /// Full names: `cymem.cymem.Pool`.
    pub names: Vec<String>,
}

/// The types whose size some distribution checks while another one of `distributions` defines them, by defining file. A
/// distribution is its name and its compiled files. NumPy's own types are left out: what they are is known from NumPy.
pub fn asked_types(distributions: &[(&str, &[FileInput])], python: Option<&Python>) -> Vec<AskedTypes> {
    let mut wanted: BTreeMap<(usize, &str), BTreeSet<String>> = BTreeMap::new();
    let modules = modules(distributions, python);
    for (position, (_, files)) in distributions.iter().enumerate() {
        let facts = files.iter().flat_map(|file| &file.facts);
        for check in facts.flat_map(|facts| &facts.requirement.types) {
            if let Some(&(home, path)) = modules.get(&check.module).filter(|(home, _)| *home != position) {
                wanted.entry((home, path)).or_default().insert(format!("{}.{}", check.module, check.class));
            }
        }
    }
    let asked = |((distribution, path), names): ((usize, &str), BTreeSet<String>)| AskedTypes {
        distribution,
        path: path.to_owned(),
        names: names.into_iter().collect(),
    };
    wanted.into_iter().map(asked).collect()
}

/// The file of each extension module that this Python would load.
fn modules<'a>(
    distributions: &[(&str, &'a [FileInput])],
    python: Option<&Python>,
) -> BTreeMap<String, (usize, &'a str)> {
    let mut modules = BTreeMap::new();
    for (position, (_, files)) in distributions.iter().enumerate().filter(|(_, (name, _))| !is_numpy(name)) {
        for file in *files {
            if let Some(name) = extension_name(&file.path).filter(|name| for_python(name, python)) {
                modules.insert(name.module, (position, file.path.as_str()));
            }
        }
    }
    modules
}
