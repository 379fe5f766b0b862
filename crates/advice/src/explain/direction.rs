//! Which side NumPy is on, from the type and both numbers together, held against the table of releases.
//!
//! The numbers alone do not tell: 96 and 88 mean "NumPy too old" for `ndarray` and "NumPy too new" for `dtype`.

use contract::{NumpySet, Release, Version};

use super::diagnosis::Direction;
use super::families::Reading;
use super::surroundings::minor;

/// What a message's numbers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bearing {
    /// Which side the running NumPy is on; `None` when nothing is wrong or it could not be told.
    pub(super) direction: Option<Direction>,
    /// Releases that the running NumPy can be.
    pub(super) running: Option<String>,
    /// Releases that the compiled code works with.
    pub(super) needed: Option<String>,
    /// The same, where the files themselves were read.
    pub(super) read: Option<String>,
    /// The oldest of those.
    pub(super) floor: Option<Version>,
}

/// What is known beside the message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known<'a> {
    /// The running NumPy's version.
    pub(super) numpy: Option<&'a str>,
    /// The Python version.
    pub(super) python: Option<&'a str>,
}

/// Reads a size message. `None` when it lacks what is needed.
pub(super) fn of_sizes(reading: &Reading, known: Known<'_>) -> Option<Bearing> {
    let class = reading.class.as_deref()?.strip_prefix("numpy.")?;
    let (header, actual) = (reading.header?, reading.actual?);
    let size = |release: &Release| release.provision.types.get(class).copied();
    if !knowledge::releases().iter().any(|release| size(release).is_some()) {
        return None;
    }
    let good = |release: &Release| size(release).is_some_and(|size| size >= header);
    let of_size = |releases: Vec<&'static Release>| -> Vec<&Release> {
        releases.into_iter().filter(|release| size(release) == Some(actual)).collect()
    };
    let running = of_size(possible(known));
    // A text with errors of two environments names the Python of one.
    let running = if running.is_empty() { of_size(knowledge::releases().iter().collect()) } else { running };
    let direction = if actual < header { side(&running, &good) } else { None };
    let row = newest_row(&running);
    Some(Bearing {
        direction,
        running: set(|release| row.iter().any(|r| r.version == release.version)),
        needed: set(good),
        read: None,
        floor: knowledge::releases().iter().find(|release| good(release)).map(|release| release.version.line()),
    })
}

/// Reads a message about the feature level.
pub(super) fn of_feature(reading: &Reading) -> Option<Bearing> {
    let wanted = reading.wanted?;
    if reading.running.is_some_and(|running| running >= wanted) {
        return None; // No NumPy says this: the numbers were changed on the way.
    }
    let too_new = reading.headers_2 == Some(false);
    let good = |release: &Release| release.provision.feature >= wanted && !(too_new && release.version.major() >= 2);
    let floor = knowledge::first_with_feature(wanted).map(|release| release.version.line());
    Some(Bearing {
        direction: Some(Direction::NumpyTooOld),
        running: reading.running.and_then(|level| set(|release| release.provision.feature == level)),
        needed: set(good).or_else(|| reading.floor.as_ref().map(|floor| format!(">={floor}"))),
        read: None,
        floor: floor.or_else(|| reading.floor.as_ref()?.parse().ok()),
    })
}

/// Code for NumPy 1.x on 2.x.
pub(super) fn of_major() -> Bearing {
    Bearing {
        direction: Some(Direction::NumpyTooNew),
        running: Some(">=2".to_owned()),
        needed: Some("<2".to_owned()),
        read: None,
        floor: None,
    }
}

/// A floor that the message itself names.
pub(super) fn of_floor(floor: &str) -> Bearing {
    Bearing {
        direction: Some(Direction::NumpyTooOld),
        running: Some(format!("<{floor}")),
        needed: Some(format!(">={floor}")),
        read: None,
        floor: floor.parse().ok(),
    }
}

/// The last unbroken row of the releases that it can be. NumPy 1.7 to 1.9 share sizes with 2.x and have no wheels for any
/// Python that people still run; a range that has both would be written as a long list of exceptions.
fn newest_row<'r>(running: &[&'r Release]) -> Vec<&'r Release> {
    let can_be = |release: &Release| running.iter().any(|one| one.version == release.version);
    let below = knowledge::releases().iter().rev().skip_while(|release| !can_be(release)).find(|r| !can_be(r));
    let in_row = |release: &&Release| below.is_none_or(|below| release.version > below.version);
    running.iter().copied().filter(in_row).collect()
}

/// The side on which all releases that it can be lie, seen from those that would do. When they lie on both sides, the
/// newer ones are far more likely: NumPy 1.7 to 1.9 have no wheels for any Python that people still run. Where no known
/// release would do, the code was compiled for one that is yet unknown.
fn side(running: &[&Release], good: &impl Fn(&Release) -> bool) -> Option<Direction> {
    let newest = running.last()?;
    if !knowledge::releases().iter().any(good) {
        return Some(Direction::NumpyTooOld);
    }
    let later = knowledge::releases().iter().any(|release| release.version > newest.version && good(release));
    Some(if later { Direction::NumpyTooOld } else { Direction::NumpyTooNew })
}

/// The releases that the running NumPy can be, as far as its version or the Python's is known.
fn possible(known: Known<'_>) -> Vec<&'static Release> {
    let line = known.numpy.and_then(|text| text.parse::<Version>().ok()).map(|version| version.line());
    let python = known.python.and_then(minor);
    let has_python =
        |release: &Release| python.is_none_or(|p| release.pythons.is_empty() || release.pythons.contains(&p));
    let all = knowledge::releases().iter();
    let fitting: Vec<_> =
        all.filter(|r| line.as_ref().is_none_or(|line| r.version.line() == *line) && has_python(r)).collect();
    if fitting.is_empty() { knowledge::releases().iter().collect() } else { fitting }
}

fn set(contains: impl Fn(&Release) -> bool) -> Option<String> {
    let releases = knowledge::releases();
    if !releases.iter().any(&contains) {
        return None;
    }
    Some(NumpySet::from_releases(releases.iter().map(|r| (&r.version, contains(r)))).to_specifiers())
}

/// Whether some release in `needed` has a wheel for this Python; yes when nothing is known.
pub(super) fn installable(python: Option<&str>, needed: impl Fn(&Version) -> bool) -> bool {
    let Some(python) = python.and_then(minor) else { return true };
    let mut releases = knowledge::releases_for_python(python).peekable();
    releases.peek().is_none() || releases.any(|release| needed(&release.version))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Known, of_feature, of_sizes};
    use crate::explain::diagnosis::Direction;
    use crate::explain::families::Reading;

    fn sizes(class: &str, header: u64, actual: u64) -> super::Bearing {
        let reading =
            Reading { class: Some(class.to_owned()), header: Some(header), actual: Some(actual), ..Reading::default() };
        of_sizes(&reading, Known::default()).expect("the table knows the type")
    }

    #[test]
    fn the_same_numbers_have_two_directions() {
        assert_eq!(sizes("numpy.dtype", 96, 88).direction, Some(Direction::NumpyTooNew));
        assert_eq!(sizes("numpy.ndarray", 96, 88).direction, Some(Direction::NumpyTooOld));
        assert_eq!(sizes("numpy.ndarray", 88, 80).direction, Some(Direction::NumpyTooOld));
        assert_eq!(sizes("numpy.ufunc", 216, 192).direction, Some(Direction::NumpyTooOld));
        assert_eq!(sizes("numpy.ufunc", 192, 216).direction, None);
    }

    /// Every pair of sizes that some release has, and one that none has, for each type.
    fn every_pair() -> Vec<(String, u64, u64)> {
        let types: BTreeSet<&String> = knowledge::releases().iter().flat_map(|r| r.provision.types.keys()).collect();
        let of = |class: &String| -> BTreeSet<u64> {
            let known = knowledge::releases().iter().filter_map(|r| r.provision.types.get(class).copied());
            known.chain([9999]).collect()
        };
        let pairs = |class: &String| -> Vec<(String, u64, u64)> {
            let one = |header: u64| of(class).into_iter().map(move |actual| (header, actual));
            of(class).into_iter().flat_map(one).map(|(h, a)| (format!("numpy.{class}"), h, a)).collect()
        };
        types.into_iter().flat_map(pairs).collect()
    }

    #[test]
    fn no_pair_of_sizes_gives_a_list_of_exceptions() {
        for (class, header, actual) in every_pair() {
            let bearing = sizes(&class, header, actual);
            for range in [bearing.running, bearing.needed].into_iter().flatten() {
                assert!(!range.contains("!="), "{class}: expected {header}, got {actual}: {range}");
            }
        }
    }

    #[test]
    fn a_size_that_no_numpy_for_the_python_of_the_text_has_still_tells_the_side() {
        let reading = Reading {
            class: Some("numpy.ndarray".to_owned()),
            header: Some(96),
            actual: Some(88),
            ..Reading::default()
        };
        let bearing =
            of_sizes(&reading, Known { numpy: None, python: Some("3.11") }).expect("the table knows the type");
        assert_eq!(bearing.direction, Some(Direction::NumpyTooOld));
    }

    #[test]
    fn a_level_that_is_newer_than_the_table_has_the_release_that_the_message_names() {
        let reading =
            Reading { wanted: Some(0x99), floor: Some("2.9".to_owned()), headers_2: Some(true), ..Reading::default() };
        let bearing = of_feature(&reading).expect("a level was read");
        assert_eq!((bearing.needed.as_deref(), bearing.floor), (Some(">=2.9"), "2.9".parse().ok()));
    }

    #[test]
    fn a_numpy_that_has_the_level_is_not_called_too_old() {
        let reading = Reading { wanted: Some(0xd), running: Some(0x10), headers_2: Some(false), ..Reading::default() };
        assert_eq!(of_feature(&reading), None);
    }

    #[test]
    fn a_size_above_all_that_are_known_was_compiled_for_a_newer_numpy() {
        let bearing = sizes("numpy.ndarray", 9999, 96);
        assert_eq!((bearing.direction, bearing.needed), (Some(Direction::NumpyTooOld), None));
    }

    #[test]
    fn ranges_come_from_the_table() {
        assert_eq!(sizes("numpy.dtype", 96, 88).running.as_deref(), Some(">=2"));
        assert_eq!(sizes("numpy.ndarray", 88, 80).needed.as_deref(), Some(">=1.20"));
        assert_eq!(sizes("numpy.dtype", 96, 88).needed.as_deref(), Some(">=1.10,<2"));
        let reading = Reading { wanted: Some(0xf), running: Some(0xe), headers_2: Some(false), ..Reading::default() };
        let bearing = of_feature(&reading).expect("a level was read");
        assert_eq!(bearing.needed.as_deref(), Some(">=1.22,<2"));
        assert_eq!(bearing.running.as_deref(), Some(">=1.20,<1.22"));
    }
}
