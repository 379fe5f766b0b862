//! Poetry's own words for versions, in its lock files and in `[tool.poetry]`, as the specifiers of PEP 440.

/// A constraint of Poetry as specifiers, one for each alternative: `^3.9` and `~3.9 || 3.11.*` are its own.
pub(crate) fn alternatives(words: &str) -> Vec<String> {
    let alternatives = words.split('|').filter(|part| !part.trim().is_empty());
    alternatives.map(|part| terms(part).iter().map(|term| specifier(term)).collect::<Vec<_>>().join(",")).collect()
}

/// `>=3.9`, `<3.13` of `>= 3.9, <3.13` and of `>=3.9 <3.13`.
fn terms(part: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for word in part.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        let open = |term: &&mut String| !term.contains(|c: char| c.is_ascii_digit() || c == '*');
        match terms.last_mut().filter(open) {
            Some(operator) => operator.push_str(word),
            None => terms.push(word.to_owned()),
        }
    }
    terms
}

/// One of them as specifiers: Poetry bounds `^3.9` below 4, `^0.9` below 0.10 and `~3.9` below 3.10.
fn specifier(term: &str) -> String {
    let own = match (term.strip_prefix('^'), term.strip_prefix('~').filter(|rest| !rest.starts_with('='))) {
        (Some(text), _) => below(text, |numbers| numbers.iter().take_while(|number| **number == 0).count() + 1),
        (_, Some(text)) => below(text, |_| 2),
        _ if term == "*" => Some(">=0".to_owned()),
        _ if term.starts_with(|c: char| c.is_ascii_digit()) => Some(format!("=={term}")),
        _ => None,
    };
    own.unwrap_or_else(|| term.to_owned())
}

/// From a version up to the next one of as many numbers as `keep` says of its own; `None` of what is no plain version.
fn below(text: &str, keep: impl Fn(&[u32]) -> usize) -> Option<String> {
    let numbers = text.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>().ok()?;
    let mut kept: Vec<u32> = numbers.iter().copied().take(keep(&numbers)).collect();
    let last = kept.last_mut()?;
    *last = last.saturating_add(1);
    let below: Vec<String> = kept.iter().map(ToString::to_string).collect();
    Some(format!(">={text},<{}", below.join(".")))
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn poetry_s_words_for_versions_are_understood() {
        for (words, expected) in [
            ("^3.9", &[">=3.9,<4"][..]),
            ("^0.2.3", &[">=0.2.3,<0.3"]),
            ("^0.0.3", &[">=0.0.3,<0.0.4"]),
            ("^0.0", &[">=0.0,<0.1"]),
            ("~3.9 || 3.11.*", &[">=3.9,<3.10", "==3.11.*"]),
            (">= 3.9, < 3.13", &[">=3.9,<3.13"]),
            (">=3.9 <3.13 !=3.9.7", &[">=3.9,<3.13,!=3.9.7"]),
            ("~=3.9", &["~=3.9"]),
            ("*", &[">=0"]),
            ("~3", &[">=3,<4"]),
        ] {
            assert_eq!(alternatives(words), expected, "{words}");
        }
    }
}
