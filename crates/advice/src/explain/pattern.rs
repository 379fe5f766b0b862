//! Patterns over ASCII classes. Unicode's `\b` and `\w` would push every text with a Chinese letter onto the slow path
//! of the regex engine, and none of the messages needs them.

use regex::Regex;

/// A pattern whose `\d`, `\w`, `\s` and `\b` mean ASCII. Only for patterns in the source, which a test has compiled.
pub(super) fn ascii(pattern: &str) -> Regex {
    let narrow = pattern
        .replace(r"\d", "[0-9]")
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\s", r"[ \t\r\n]")
        .replace(r"\b", r"(?-u:\b)");
    Regex::new(&narrow).expect("a valid pattern")
}

#[cfg(test)]
mod tests {
    #[test]
    fn classes_are_narrow_inside_of_classes_too() {
        assert!(super::ascii(r"^[\w.]+\b$").is_match("numpy.core"));
        assert!(!super::ascii(r"^\w$").is_match("é"));
    }
}
