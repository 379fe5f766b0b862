//! Commands that install something into a target, in the words of the tool that is in use there.

use std::borrow::Cow;

use crate::{Installer, TargetHint};

/// The command that installs what `requirement` allows. `windows`: quoted for that system's shells.
pub(crate) fn install(hint: &TargetHint, requirement: &str, windows: bool) -> String {
    let place = hint.place.as_deref().map(|place| quoted(place, windows));
    let head = match (hint.installer, place) {
        (Installer::Pip, None) => "python -m pip install".to_owned(),
        (Installer::Pip, Some(python)) => format!("{python} -m pip install"),
        (Installer::Uv, None) => "uv pip install".to_owned(),
        (Installer::Uv, Some(python)) => format!("uv pip install --python {python}"),
        (Installer::Conda, None) => "conda install".to_owned(),
        (Installer::Conda, Some(prefix)) => format!("conda install --prefix {prefix}"),
    };
    format!("{head} {}", quoted(requirement, windows))
}

/// A word as a shell takes it: `<` and `>` would redirect. All shells of Windows share double quotes only.
fn quoted(word: &str, windows: bool) -> Cow<'_, str> {
    if !windows {
        return shlex::try_quote(word).unwrap_or(Cow::Borrowed(word));
    }
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "._-=/\\:,+~".contains(c));
    if plain { Cow::Borrowed(word) } else { Cow::Owned(format!("\"{}\"", word.replace('"', ""))) }
}

#[cfg(test)]
mod tests {
    use super::install;
    use crate::{Installer, TargetHint};

    #[test]
    fn each_tool_in_its_own_words() {
        let hint = |installer, place: Option<&str>| TargetHint {
            installer,
            place: place.map(str::to_owned),
            ..TargetHint::default()
        };
        let command = |hint: &TargetHint| install(hint, "numpy>=1.23,<2", false);
        assert_eq!(command(&hint(Installer::Pip, None)), "python -m pip install 'numpy>=1.23,<2'");
        assert_eq!(
            command(&hint(Installer::Uv, Some("/a b/bin/python"))),
            "uv pip install --python '/a b/bin/python' 'numpy>=1.23,<2'"
        );
        assert_eq!(command(&hint(Installer::Conda, Some("/c"))), "conda install --prefix /c 'numpy>=1.23,<2'");
        let windows = install(&hint(Installer::Pip, Some(r"C:\env\python.exe")), "numpy<2", true);
        assert_eq!(windows, r#"C:\env\python.exe -m pip install "numpy<2""#);
    }
}
