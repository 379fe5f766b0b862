//! The kinds of code that use NumPy's C API, a file each, recognised by what they leave in a binary.

mod cython;
mod failure;
mod generators;
mod import_array;
mod import_umath;
mod old_layout;
mod pybind11;
mod rust_numpy;
mod slots;
mod strings_only;

use std::collections::BTreeSet;

use contract::{Consumer, ConsumerKind, Requirement, Undetermined, VersionCheck};

use crate::Depth;
use crate::analysis::Analysis;
use crate::image::Image;

/// Strings without which a file holds no contract with NumPy, nor checks any other extension type's size.
/// `_ARRAY_API` and `_UFUNC_API` are the capsules; the last ones are Cython's, from all its versions.
const MARKS: [&[u8]; 4] = [
    b"_ARRAY_API",
    b"_UFUNC_API",
    b"size changed, may indicate binary incompatibility",
    b"has the wrong size, try recomp",
];

/// NumPy's capsules.
const CAPSULES: [&str; 2] = ["_ARRAY_API", "_UFUNC_API"];

/// Reads what one image demands.
pub(crate) fn requirement(image: &Image<'_>, depth: Depth) -> Requirement {
    let mut requirement = Requirement::default();
    if !image.calls_python {
        return requirement;
    }
    requirement.consumers.extend(generators::boost(image));
    if !MARKS.iter().chain(&rust_numpy::FAILED).any(|mark| image.has(mark)) {
        return requirement;
    }
    if image.convention.is_none() {
        return undecoded(image, requirement);
    }
    let strings = Strings::find(image);
    let analysis = Analysis::new(image, strings.all());
    import_array::read(&analysis, &strings, depth, &mut requirement);
    import_umath::read(&analysis, &strings, depth, &mut requirement);
    cython::read(&analysis, &strings, &mut requirement);
    if depth == Depth::Everything {
        slots::read(&analysis, &strings.versions(), &mut requirement);
    }
    let generation = requirement.checks.iter().map(VersionCheck::generation).min();
    requirement.consumers.extend(generators::find(image, generation));
    requirement.consumers.extend(unchecked(image, depth));
    requirement.consumers.sort_by_key(|c| c.kind);
    if requirement.consumers.is_empty() && requirement.undetermined.is_empty() {
        requirement.undetermined.extend(unread(image, &strings));
    }
    if analysis.exhausted() {
        requirement.undetermined.push(Undetermined {
            reason: "too-much-code".to_owned(),
            detail: "more code refers to NumPy's strings than is followed in one file".to_owned(),
        });
    }
    requirement
}

/// Why a file without any known use of the API is not held to be without one: what only such a use needs is in it. Code
/// whose references are not followed (other code models of x86-64) or that fetches the table by hand is like this.
fn unread(image: &Image<'_>, strings: &Strings) -> Option<Undetermined> {
    let is_whole = |at: &u64| {
        let before = at.checked_sub(1).and_then(|at| image.range(at, 1));
        before.is_none_or(|before| before == [0]) && image.text_at(*at).is_some_and(|text| CAPSULES.contains(&text))
    };
    let capsule = || CAPSULES.iter().flat_map(|name| image.find(name.as_bytes())).find(is_whole);
    let what = match strings.versions().first() {
        Some(_) => "the messages of NumPy's version check",
        None => capsule().map(|_| "the name under which NumPy keeps its table of functions")?,
    };
    let detail = format!("it holds {what}, but no code was found that uses it in a way that is known");
    Some(Undetermined { reason: "unknown-use".to_owned(), detail })
}

/// What the strings tell of a file that was cut. Its code is not followed: what would be missing from the picture is not known.
pub(crate) fn of_a_part(image: &Image<'_>) -> Requirement {
    let truncated = Undetermined {
        reason: "truncated".to_owned(),
        detail: "the file ends before the sections that its headers name".to_owned(),
    };
    Requirement { consumers: strings_only::find(image), undetermined: vec![truncated], ..Requirement::default() }
}

/// What strings alone tell, where the machine's code is not decoded.
fn undecoded(image: &Image<'_>, mut requirement: Requirement) -> Requirement {
    requirement.consumers.extend(unchecked(image, Depth::Numbers));
    requirement.consumers.extend(strings_only::find(image));
    let checked =
        requirement.consumers.iter().any(|c| matches!(c.kind, ConsumerKind::ImportArray | ConsumerKind::Cython));
    if checked {
        requirement.undetermined.push(Undetermined {
            reason: "architecture-not-decoded".to_owned(),
            detail: format!(
                "the numbers of its checks are in {} code, which is not decoded",
                image.architecture.as_str()
            ),
        });
    }
    requirement
}

/// The kinds that reach the API without NumPy's version check.
fn unchecked(image: &Image<'_>, depth: Depth) -> Option<Consumer> {
    pybind11::find(image, depth).or_else(|| rust_numpy::find(image))
}

/// Addresses of the strings that checks refer to.
pub(crate) struct Strings {
    /// `module compiled against ABI version ...` and its oldest form.
    abi: Vec<u64>,
    /// `module compiled against API version ...` (1.x headers).
    api_1: Vec<u64>,
    /// `module was compiled against NumPy C-API version ...` (2.x headers).
    api_2: Vec<u64>,
    /// `_UFUNC_API not found`, in all headers since 1.5.
    ufunc: Vec<u64>,
    /// Formats of Cython's type size errors and warnings.
    sizes: Vec<u64>,
}

impl Strings {
    fn find(image: &Image<'_>) -> Self {
        let all = |needles: &[&[u8]]| needles.iter().flat_map(|n| image.find(n)).collect::<Vec<_>>();
        Self {
            abi: all(&[b"module compiled against ABI version", b"module compiled against version %x of C-API"]),
            api_1: all(&[b"module compiled against API version"]),
            api_2: all(&[b"module was compiled against NumPy C-API version"]),
            ufunc: all(&[b"_UFUNC_API not found"]),
            sizes: all(&[
                b"%.200s.%.200s size changed, may indicate",
                b"%s.%s size changed, may indicate",
                b"%.200s.%.200s has the wrong size, try recomp",
            ]),
        }
    }

    /// Messages of NumPy's version check.
    fn versions(&self) -> Vec<u64> {
        [&self.abi, &self.api_1, &self.api_2].into_iter().flatten().copied().collect()
    }

    fn all(&self) -> BTreeSet<u64> {
        [&self.abi, &self.api_1, &self.api_2, &self.ufunc, &self.sizes].into_iter().flatten().copied().collect()
    }
}
