//! What compiled code asks of a NumPy by default, by the release whose headers it was built with.
//!
//! `data/numpy-headers.toml` is written by `xtask/python/header_targets.py`, which runs the C preprocessor over the
//! headers of real wheels.

use std::sync::LazyLock;

use contract::{Headers, Version};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    headers: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    from: Version,
    abi: u32,
    target: u32,
    /// The wheels whose headers were read.
    #[allow(dead_code, reason = "it is there for people; reading it makes sure that it stays there")]
    measured: Vec<String>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let file: Result<File, _> = toml::from_str(include_str!("../data/numpy-headers.toml"));
    file.map(|file| file.headers).unwrap_or_default()
});

/// What a build with the headers of `version` asks for that sets no `NPY_TARGET_VERSION`; `None` for releases older than
/// those known.
pub fn headers_of(version: &Version) -> Option<Headers> {
    let row = ROWS.iter().rfind(|row| row.from <= *version)?;
    Some(Headers { version: version.clone(), abi: row.abi, target: row.target })
}

#[cfg(test)]
mod tests {
    use super::{ROWS, headers_of};

    #[test]
    fn newer_headers_ask_for_less_than_their_own_release() {
        let of = |text: &str| headers_of(&text.parse().expect("a version")).map(|found| (found.abi, found.target));
        assert_eq!(of("1.24.4"), Some((0x0100_0009, 0x10)));
        assert_eq!(of("1.26.4"), Some((0x0100_0009, 0xd)));
        assert_eq!(of("2.0.2"), Some((0x0200_0000, 0xd)));
        assert_eq!(of("1.6.2"), None);
        assert!(ROWS.is_sorted_by(|a, b| a.from < b.from));
    }
}
