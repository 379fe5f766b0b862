//! Cython's size checks of extension types, in both forms and both directions.
//!
//! Cython 0.29 and later print "Expected HEADER from C header, got RUNNING from PyObject"; before, the same two numbers
//! stand the other way round and without the words, so "96, 88" alone has two opposite meanings.

use std::sync::LazyLock;

use regex::Regex;

use super::lookalikes::OTHER_TYPE;
use super::{Family, Place, Reading, Site};
use crate::explain::diagnosis::{Effect, Subject};
use crate::explain::pattern::ascii;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "type-size-changed",
        rank: 15,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &["size changed, may indicate binary incompatibility"],
        read: read_size,
        source: "Cython/Utility/ImportExport.c of Cython 0.17 to 3.3",
    },
    Family {
        id: "type-wrong-size",
        rank: 16,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &["has the wrong size, try recompiling"],
        read: read_size,
        source: "Cython/Utility/ImportExport.c of Cython 0.17 to 0.28",
    },
];

static CLASS: LazyLock<Regex> = LazyLock::new(|| ascii(r"([A-Za-z_][\w.]*)\W*$"));
static NEW: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)Expected (\d+) from C header, got (\d+)(?:-\d+)?\b"));
static OLD: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)Expected (\d+), got (\d+)"));

/// How far after its beginning a message can still hold its numbers.
const REACH: usize = 170;

fn read_size(site: &Site<'_>) -> Option<Reading> {
    let before = site.before(90);
    let class = CLASS.captures(before)?.get(1)?.as_str().to_owned();
    let (header, actual) = numbers(site.at(REACH));
    let warning = before.contains("Warning");
    Some(Reading { class: Some(class), header, actual, warning, ..Reading::default() })
}

/// The family of a size message: another one when the type belongs to somebody else than NumPy.
pub(super) fn of_whose_type(family: &'static Family, reading: &Reading) -> &'static Family {
    match &reading.class {
        Some(class) if !class.starts_with("numpy.") => &OTHER_TYPE,
        _ => family,
    }
}

/// The size in the headers and the size at run time.
fn numbers(text: &str) -> (Option<u64>, Option<u64>) {
    let pair = |pattern: &Regex| {
        let found = pattern.captures(text)?;
        let number = |group| found.get(group)?.as_str().parse::<u64>().ok();
        Some((number(1), number(2)))
    };
    if let Some((header, actual)) = pair(&NEW) {
        return (header, actual);
    }
    pair(&OLD).map_or((None, None), |(actual, header)| (header, actual))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn the_two_forms_are_opposite() {
        let new = "Expected 96 from C header, got 88 from PyObject";
        assert_eq!(numbers(new), (Some(96), Some(88)));
        assert_eq!(numbers("Expected 96, got 88"), (Some(88), Some(96)));
        assert_eq!(numbers("Expected 16 from C header, got 96-104 from PyObject"), (Some(16), Some(96)));
        assert_eq!(numbers("try recompiling"), (None, None));
    }
}
