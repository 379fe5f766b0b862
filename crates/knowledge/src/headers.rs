//! What compiled code asks of a NumPy by default, by the release whose headers it was built with.

use contract::{Headers, Version};

use crate::generated_headers::HEADERS;

/// What a build with the headers of `version` asks for that sets no `NPY_TARGET_VERSION`; `None` for releases older than
/// those known.
pub fn headers_of(version: &Version) -> Option<Headers> {
    let (_, abi, target) = HEADERS.iter().rfind(|(from, ..)| Version::from_release(from) <= *version)?;
    Some(Headers { version: version.clone(), abi: *abi, target: *target })
}

#[cfg(test)]
mod tests {
    use super::headers_of;

    #[test]
    fn newer_headers_ask_for_less_than_their_own_release() {
        let of = |text: &str| headers_of(&text.parse().expect("a version")).map(|found| (found.abi, found.target));
        assert_eq!(of("1.24.4"), Some((0x0100_0009, 0x10)));
        assert_eq!(of("1.26.4"), Some((0x0100_0009, 0xd)));
        assert_eq!(of("2.0.2"), Some((0x0200_0000, 0xd)));
        assert_eq!(of("1.6.2"), None);
    }
}
