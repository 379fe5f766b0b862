//! What the reader sees in NumPy's own binary, without importing it.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use contract::Provision;

/// The name, without ending, of the module that holds NumPy's C API: from 1.16 on, and before.
const MODULES: [&str; 2] = ["_multiarray_umath", "multiarray"];

/// Reads the provision out of the binary in a wheel.
///
/// # Errors
/// When the wheel holds no such binary, or the reader cannot tell what it provides.
pub(crate) fn read(wheel: &Path) -> Result<Provision> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(wheel)?)?;
    let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    let member = MODULES.iter().find_map(|module| names.iter().find(|name| is_module(name, module)));
    let member = member.with_context(|| format!("`{}` does not hold NumPy's C API", wheel.display()))?;
    let mut bytes = Vec::new();
    archive.by_name(member)?.read_to_end(&mut bytes)?;
    match reader::provisions(&bytes).into_iter().next() {
        Some((_, Ok(provision))) => Ok(provision),
        Some((_, Err(why))) => bail!("cannot tell what `{member}` provides: {}", why.detail),
        None => bail!("the reader recognises nothing in `{member}`"),
    }
}

/// Whether a member of the wheel is that extension module of `numpy.core`.
fn is_module(member: &str, module: &str) -> bool {
    let name = member.strip_prefix("numpy/_core/").or_else(|| member.strip_prefix("numpy/core/"));
    let ending = name.and_then(|name| name.strip_prefix(module));
    ending.is_some_and(|ending| ending.starts_with('.') && (ending.ends_with(".so") || ending.ends_with(".pyd")))
}

/// What differs between what is claimed and what an import says, a line each. A type that is not claimed is no
/// difference: the import is asked for more types than the reader looks for.
pub(crate) fn differences(claimed: &Provision, live: &Provision) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, claimed: String, live: String| {
        if claimed != live {
            found.push(format!("{what} is {claimed}, but an import says {live}"));
        }
    };
    differ("ABI", format!("{:#x}", claimed.abi), format!("{:#x}", live.abi));
    differ("feature level", format!("{:#x}", claimed.feature), format!("{:#x}", live.feature));
    differ("NULL slots", format!("{:?}", claimed.null_slots), format!("{:?}", live.null_slots));
    for (name, size) in &live.types {
        let seen = claimed.types.get(name).unwrap_or(size);
        differ(&format!("size of `{name}`"), seen.to_string(), size.to_string());
    }
    found
}

#[cfg(test)]
mod tests {
    use contract::Provision;

    use super::{differences, is_module};

    #[test]
    fn finds_the_module_of_the_c_api() {
        assert!(is_module("numpy/_core/_multiarray_umath.cp311-win_amd64.pyd", "_multiarray_umath"));
        assert!(is_module("numpy/core/multiarray.so", "multiarray"));
        assert!(!is_module("numpy/core/multiarray.py", "multiarray"));
        assert!(!is_module("numpy/core/_multiarray_umath_tests.so", "_multiarray_umath"));
    }

    #[test]
    fn tells_each_difference_and_passes_over_types_that_are_not_claimed() {
        let provision = |feature, sizes: &[(&str, u64)]| Provision {
            version: None,
            abi: 0x0200_0000,
            feature,
            types: sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect(),
            null_slots: Vec::new(),
        };
        let live = provision(0x12, &[("dtype", 88), ("void", 64)]);
        assert!(differences(&provision(0x12, &[("dtype", 88)]), &live).is_empty());
        assert_eq!(
            differences(&provision(0x13, &[("dtype", 96)]), &live),
            ["feature level is 0x13, but an import says 0x12", "size of `dtype` is 96, but an import says 88"]
        );
    }
}
