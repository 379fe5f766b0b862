//! The table of NumPy releases is sound: ordered, complete, and in accord with what is known of NumPy's history.

use std::collections::BTreeSet;

use contract::Version;
use numpact_knowledge::{self as knowledge, release, releases};

const ABI_1: u32 = 0x0100_0009;
const ABI_2: u32 = 0x0200_0000;

fn version(text: &str) -> Version {
    text.parse().expect("a version in the test")
}

#[test]
fn releases_ascend_and_are_final() {
    assert!(releases().len() >= 129, "{} releases", releases().len());
    assert!(releases().is_sorted_by(|a, b| a.version < b.version));
    assert!(releases().iter().all(|release| !release.version.is_prerelease()));
    assert_eq!(releases().first().map(|release| release.version.clone()), Some(version("1.7.0")));
}

#[test]
fn abi_and_feature_level_never_fall() {
    assert!(releases().is_sorted_by_key(|release| (release.provision.abi, release.provision.feature)));
    for release in releases() {
        let expected = if release.version.major() == 1 { ABI_1 } else { ABI_2 };
        assert_eq!(release.provision.abi, expected, "ABI of {}", release.version);
        assert_eq!(release.provision.version.as_ref(), Some(&release.version));
    }
}

#[test]
fn every_release_has_pythons_and_the_size_of_every_type() {
    let names: BTreeSet<&String> = releases().iter().flat_map(|release| release.provision.types.keys()).collect();
    assert!(
        ["ndarray", "dtype", "flatiter", "broadcast", "ufunc", "generic", "void"]
            .iter()
            .all(|name| names.contains(&(*name).to_owned()))
    );
    for release in releases() {
        assert_eq!(release.provision.types.len(), names.len(), "types of {}", release.version);
        assert!(release.provision.types.values().all(|size| *size >= 16), "sizes of {}", release.version);
        assert!(!release.pythons.is_empty() && release.pythons.is_sorted(), "Pythons of {}", release.version);
    }
}

#[test]
fn minor_lines_have_no_gap() {
    let mut lines: Vec<Version> = releases().iter().map(|release| release.version.line()).collect();
    lines.dedup();
    let last = lines.last().map_or(0, Version::minor);
    let expected = (7..=26).map(|minor| [1, minor]).chain((0..=last).map(|minor| [2, minor]));
    assert_eq!(lines, expected.map(|numbers| Version::from_release(&numbers)).collect::<Vec<_>>());
}

#[test]
fn api_slots_were_removed_by_numpy_2_alone() {
    for release in releases() {
        let removed = &release.provision.null_slots;
        assert!(removed.is_sorted_by(|a, b| a < b), "order of slots of {}", release.version);
        // 40 is `PyArray_SetNumericOps`, which NumPy 2.0 took out; no 1.x release had taken out anything.
        assert_eq!(removed.contains(&40), release.version.major() == 2, "slot 40 of {}", release.version);
        assert!(release.version.major() == 2 || removed.is_empty(), "slots of {}", release.version);
    }
}

#[test]
fn a_version_is_found_exactly_or_by_its_line() {
    assert!(release(&version("1.26.4")).is_some());
    assert!(release(&version("1.26.4+vendor")).is_none());
    assert!(release(&version("1.13.2")).is_none(), "1.13.2 was never released");
    let nearest = |text| knowledge::line_of(&version(text)).map(|release| release.version.to_string());
    assert_eq!(nearest("1.26.4+vendor").as_deref(), Some("1.26.4"));
    assert_eq!(nearest("1.13.2").as_deref(), Some("1.13.1"));
    assert_eq!(nearest("2.0.0rc1").as_deref(), Some("2.0.0"));
    assert_eq!(nearest("1.26.99").as_deref(), Some("1.26.4"));
    assert_eq!(nearest("3.0.0"), None);
    assert_eq!(nearest("1.6.2"), None);
}

#[test]
fn releases_for_a_python_pass_over_withdrawn_ones() {
    let has = |python, text: &str| knowledge::releases_for_python(python).any(|r| r.version == version(text));
    assert!(has((3, 11), "1.26.4") && !has((3, 13), "1.26.4"));
    assert!(knowledge::is_yanked(&version("2.4.0")) && release(&version("2.4.0")).is_some());
    assert!(!has((3, 11), "2.4.0") && has((3, 11), "2.4.1"));
}

#[test]
fn feature_levels_are_told_in_words() {
    let words = |level| knowledge::feature_in_words(level).unwrap_or_default();
    assert_eq!(words(0xf), "NumPy 1.22");
    assert_eq!(words(0x10), "NumPy 1.23 and 1.24");
    assert_eq!(words(0xd), "NumPy 1.16 to 1.19");
    assert_eq!(words(0x8), "");
    let first = |level| knowledge::first_with_feature(level).map(|release| release.version.to_string());
    assert_eq!(first(0x8).as_deref(), Some("1.8.0"));
    assert_eq!(first(0x10).as_deref(), Some("1.23.0"));
    assert_eq!(first(0xffff), None);
}

#[test]
fn the_date_is_a_day() {
    let parts: Vec<usize> = knowledge::KNOWLEDGE_DATE.split('-').map(str::len).collect();
    assert_eq!(parts, [4, 2, 2]);
}
