//! Commands in the words of the reader's installer, quoted for the reader's shell.

use super::diagnosis::Facts;

/// Quotes an argument where the shell would otherwise read it: `<` and `>` redirect. Windows shells share double
/// quotes only.
pub(super) fn quoted(argument: &str, windows: bool) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '=' | '/' | ':' | ',' | '+' | '@');
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    if windows {
        return format!("\"{}\"", argument.replace('"', ""));
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// What an installer should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Install exactly what the specifiers allow.
    Install,
    /// Install the newest that the specifiers allow.
    Upgrade,
    /// Install again over what is there, without the cache.
    Reinstall,
    /// Build from source on this machine.
    Rebuild,
}

/// The command that does `action` to `requirements` with the installer that the text shows, or with pip.
pub(super) fn install(facts: &Facts, action: Action, requirements: &[&str]) -> Option<String> {
    let windows = facts.system.as_deref() == Some("windows");
    let installer = facts.installer.as_deref().unwrap_or("pip");
    let head = match (installer, action) {
        ("conda", Action::Install) => "conda install",
        ("conda", Action::Upgrade) => "conda install",
        ("conda", Action::Reinstall) => "conda install --force-reinstall",
        ("uv", Action::Install) => "uv pip install",
        ("uv", Action::Upgrade) => "uv pip install --upgrade",
        ("uv", Action::Reinstall) => "uv pip install --reinstall --no-cache",
        ("uv", Action::Rebuild) => "uv pip install --reinstall --no-cache",
        ("poetry", Action::Install | Action::Upgrade) => "poetry add",
        (_, Action::Install) => "pip install",
        (_, Action::Upgrade) => "pip install --upgrade",
        (_, Action::Reinstall) => "pip install --force-reinstall --no-cache-dir",
        ("conda", Action::Rebuild) => return None,
        (_, Action::Rebuild) => "pip install --force-reinstall --no-cache-dir --no-deps",
    };
    let mut words: Vec<String> = vec![notebook_head(head, facts)];
    if action == Action::Rebuild {
        words.extend(requirements.iter().map(|name| format!("--no-binary {}", quoted(name, windows))));
    }
    words.extend(requirements.iter().map(|requirement| quoted(requirement, windows)));
    Some(words.join(" "))
}

/// In a notebook the percent sign runs the installer of the kernel's own environment.
fn notebook_head(head: &str, facts: &Facts) -> String {
    if facts.notebook && head.starts_with("pip ") { format!("%{head}") } else { head.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Action, Facts, install, quoted};

    #[test]
    fn angle_brackets_never_reach_a_shell() {
        assert_eq!(quoted("numpy<2", false), "'numpy<2'");
        assert_eq!(quoted("numpy>=1.22,<2", true), "\"numpy>=1.22,<2\"");
        assert_eq!(quoted("numpy==1.26.4", false), "numpy==1.26.4");
        assert_eq!(quoted("it's $(x)", false), r"'it'\''s $(x)'");
        assert_eq!(quoted("", false), "''");
    }

    #[test]
    fn each_installer_in_its_own_words() {
        let facts = |installer: &str, system: &str| Facts {
            installer: Some(installer.to_owned()),
            system: Some(system.to_owned()),
            ..Facts::default()
        };
        let command = |facts: &Facts| install(facts, Action::Install, &["numpy<2"]);
        assert_eq!(command(&Facts::default()).as_deref(), Some("pip install 'numpy<2'"));
        assert_eq!(command(&facts("pip", "windows")).as_deref(), Some("pip install \"numpy<2\""));
        assert_eq!(command(&facts("conda", "linux")).as_deref(), Some("conda install 'numpy<2'"));
        let notebook = Facts { notebook: true, ..Facts::default() };
        assert_eq!(command(&notebook).as_deref(), Some("%pip install 'numpy<2'"));
    }
}
