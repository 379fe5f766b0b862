//! Questions that the table of NumPy releases answers.

use std::sync::LazyLock;

use contract::{Release, Version};

use crate::generated::RELEASES;
use crate::table::Row;

static ALL: LazyLock<Vec<Release>> = LazyLock::new(|| RELEASES.iter().map(Row::to_release).collect());

/// Every final release of NumPy from 1.7.0 to the newest known, in ascending order. Withdrawn ones are among them.
pub fn releases() -> &'static [Release] {
    &ALL
}

/// The newest release known; `None` only if the table were empty.
pub fn newest() -> Option<&'static Release> {
    releases().last()
}

/// Exactly this release. See [`line_of`] for versions that the table does not have.
pub fn release(version: &Version) -> Option<&'static Release> {
    releases().binary_search_by(|release| release.version.cmp(version)).ok().and_then(|index| releases().get(index))
}

/// The known release of the same minor line that is nearest below `version`, or else the first of that line: what a
/// patch release that is not known yet, a vendor's build (`1.26.4+mkl`) or a pre-release most probably provides.
/// `None` when the line is not known.
pub fn line_of(version: &Version) -> Option<&'static Release> {
    let mut line = releases().iter().filter(|release| release.version.line() == version.line());
    line.clone().rfind(|release| release.version <= *version).or_else(|| line.next())
}

/// The releases that have a wheel for CPython `python`, such as `(3, 11)`, on some platform, in ascending order.
/// Withdrawn releases are left out, since installers pass them over.
pub fn releases_for_python(python: (u8, u8)) -> impl Iterator<Item = &'static Release> {
    releases().iter().filter(move |release| release.pythons.contains(&python) && !is_yanked(&release.version))
}

/// Whether the release was withdrawn from the index: installers take it only when it is asked for by its exact version.
pub fn is_yanked(version: &Version) -> bool {
    RELEASES.iter().any(|row| row.yanked && Version::from_release(row.version) == *version)
}

/// The minor lines that provide exactly this feature level, in ascending order: 1.23 and 1.24 for 0x10. Empty for a
/// level that no known release has (0x8 was never released).
pub fn lines_with_feature(feature: u32) -> Vec<Version> {
    let with = releases().iter().filter(|release| release.provision.feature == feature);
    let mut lines: Vec<Version> = with.map(|release| release.version.line()).collect();
    lines.dedup();
    lines
}

/// The oldest release whose feature level is `feature` or above: what a module that asks for the level needs at least.
/// `None` when the newest known release is below it.
pub fn first_with_feature(feature: u32) -> Option<&'static Release> {
    releases().iter().find(|release| release.provision.feature >= feature)
}

/// The releases with a feature level, in words: `NumPy 1.22`, `NumPy 1.23 and 1.24`, `NumPy 1.16 to 1.19`. `None` for
/// a level that no known release has.
pub fn feature_in_words(feature: u32) -> Option<String> {
    match lines_with_feature(feature).as_slice() {
        [] => None,
        [only] => Some(format!("NumPy {only}")),
        [one, other] => Some(format!("NumPy {one} and {other}")),
        [first, .., last] => Some(format!("NumPy {first} to {last}")),
    }
}
