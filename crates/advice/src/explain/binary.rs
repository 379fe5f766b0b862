//! Tells a text from a compiled file or an archive that somebody gave in its place.

use super::clean::decode;

/// Whether bytes are text: they do not begin as a compiled file, an archive or an image does, and hardly any of them is
/// what no text has. Logs in another encoding than the ones that [`decode`] knows are text still, since most of a log is
/// ASCII; so are logs with stray NULs, which [`decode`] drops.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    if begins_as_data(bytes) {
        return false;
    }
    let (mut all, mut controls, mut lost) = (0_usize, 0_usize, 0_usize);
    for letter in decode(bytes).chars() {
        let control = letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{1b}' | '\u{8}' | '\u{c}');
        all = all.saturating_add(1);
        controls = controls.saturating_add(usize::from(control));
        lost = lost.saturating_add(usize::from(letter == char::REPLACEMENT_CHARACTER));
    }
    let few_controls = controls.saturating_mul(FEWEST_CONTROLS) <= all;
    all > 0 && few_controls && controls.saturating_add(lost).saturating_mul(4) <= all
}

fn begins_as_data(bytes: &[u8]) -> bool {
    let near = bytes.get(..64).unwrap_or(bytes);
    let signed = SIGNATURES.iter().any(|(start, with)| bytes.starts_with(start) && near.contains(with));
    // Compiled Python: two bytes for the version, a line end, then flags, of which most are zero.
    let bytecode = near.get(2..4) == Some(b"\r\n") && near.get(4..8).is_some_and(|flags| flags.contains(&0));
    signed || bytecode
}

/// One control character in so many is more than a text has.
const FEWEST_CONTROLS: usize = 20;

/// What compiled files, archives, images and data begin with, and a byte that stands near that beginning and in no text.
const SIGNATURES: &[(&[u8], u8)] = &[
    (b"\x7fELF", 0x7f),
    (b"MZ", 0),
    (b"\xcf\xfa\xed\xfe", 0xfa),
    (b"\xce\xfa\xed\xfe", 0xfa),
    (b"\xca\xfe\xba\xbe", 0xfe),
    (b"!<arch>\n", b'!'),
    (b"PK\x03\x04", 3),
    (b"\x1f\x8b", 0x1f),
    (b"BZh", 0),
    (b"\xfd7zXZ\0", 0),
    (b"\x28\xb5\x2f\xfd", 0xb5),
    (b"7z\xbc\xaf", 0xbc),
    (b"\x89PNG", 0x89),
    (b"\xff\xd8\xff", 0xff),
    (b"%PDF-", b'%'),
    (b"\x93NUMPY", 0x93),
    (b"\x89HDF", 0x89),
    (b"SQLite format 3\0", 0),
    (b"\x80\x04\x95", 0x80),
    (b"\x80\x05\x95", 0x80),
];

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn nothing_but_nul_bytes_is_no_text() {
        assert!(!is_text(&[0; 4096]) && !is_text(b"\x00"));
        assert!(is_text(b"numpy\n") && is_text(b"\x1b[31mnumpy\x1b[0m"));
    }

    #[test]
    fn a_compiled_file_is_no_text_even_where_most_of_it_is_messages() {
        let messages = b"RuntimeError: module compiled against API version 0x10 but this version of numpy is 0xe\0";
        for start in
            [b"\x7fELF\x02\x01\x01\0".as_slice(), b"MZ\x90\0\x03\0", b"\x6f\x0d\r\n\0\0\0\0", b"PK\x03\x04\x14\0"]
        {
            assert!(!is_text(&[start, &messages.repeat(100)].concat()), "{start:?}");
        }
        for start in [b"".as_slice(), b"MZ is a name\n", b"\xff\xfe", b"\xef\xbb\xbf", b"ab\r\n", b"\x01\x02"] {
            assert!(is_text(&[start, messages].concat()), "{start:?}");
        }
    }
}
