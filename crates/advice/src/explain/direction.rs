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
    let running: Vec<&Release> = possible(known).into_iter().filter(|r| size(r) == Some(actual)).collect();
    let bad = actual < header;
    Some(Bearing {
        direction: if bad { side(&running, &good) } else { None },
        running: set(|release| running.iter().any(|r| r.version == release.version)),
        needed: set(good),
        read: None,
        floor: knowledge::releases().iter().find(|release| good(release)).map(|release| release.version.line()),
    })
}

/// Reads a message about the feature level.
pub(super) fn of_feature(reading: &Reading) -> Option<Bearing> {
    let wanted = reading.wanted?;
    let too_new = reading.headers_2 == Some(false);
    let good = |release: &Release| release.provision.feature >= wanted && !(too_new && release.version.major() >= 2);
    let floor = knowledge::first_with_feature(wanted).map(|release| release.version.line());
    Some(Bearing {
        direction: Some(Direction::NumpyTooOld),
        running: reading.running.and_then(|level| set(|release| release.provision.feature == level)),
        needed: set(good),
        read: None,
        floor,
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

/// The side on which all releases that it can be lie, seen from those that would do. When they lie on both sides, the
/// newer ones are far more likely: NumPy 1.7 to 1.9 have no wheels for any Python that people still run.
fn side(running: &[&Release], good: &impl Fn(&Release) -> bool) -> Option<Direction> {
    let newest = running.last()?;
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

    #[test]
    fn ranges_come_from_the_table() {
        assert_eq!(sizes("numpy.ndarray", 88, 80).needed.as_deref(), Some(">=1.20"));
        assert_eq!(sizes("numpy.dtype", 96, 88).needed.as_deref(), Some(">=1.10,<2"));
        let reading = Reading { wanted: Some(0xf), running: Some(0xe), headers_2: Some(false), ..Reading::default() };
        let bearing = of_feature(&reading).expect("a level was read");
        assert_eq!(bearing.needed.as_deref(), Some(">=1.22,<2"));
        assert_eq!(bearing.running.as_deref(), Some(">=1.20,<1.22"));
    }
}
