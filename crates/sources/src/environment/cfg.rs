//! `pyvenv.cfg`, the file that makes a folder a virtual environment.

use std::path::{Path, PathBuf};

use super::files;

/// What a `pyvenv.cfg` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct VenvSettings {
    /// The folder of the interpreter that the environment was made with.
    pub home: Option<PathBuf>,
    /// Whether the site folders of that interpreter are searched, too.
    pub system_site: bool,
    /// Its version, three numbers where the tool wrote three.
    pub version: Option<String>,
    /// The interpreter's file, where newer tools write it.
    pub executable: Option<PathBuf>,
}

/// Reads `pyvenv.cfg` in `folder`, where there is one.
pub(super) fn read(folder: &Path) -> Option<VenvSettings> {
    let bytes = files::read_limited(&folder.join("pyvenv.cfg"), files::SMALL).ok()?;
    Some(parse(&String::from_utf8_lossy(&bytes)))
}

/// Python splits each line at the first `=`, trims, and compares keys without case; the last of a key counts.
fn parse(text: &str) -> VenvSettings {
    let mut settings = VenvSettings::default();
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "home" => settings.home = Some(PathBuf::from(value)),
            "include-system-site-packages" => settings.system_site = value.eq_ignore_ascii_case("true"),
            "version" | "version_info" => settings.version = version(value).or(settings.version),
            "executable" | "base-executable" => settings.executable = Some(PathBuf::from(value)),
            _ => {}
        }
    }
    settings
}

/// `3.11.7` of `3.11.7` or of virtualenv's `3.11.7.final.0`.
fn version(value: &str) -> Option<String> {
    let numbers: Vec<&str> = value
        .split('.')
        .take(3)
        .take_while(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
        .collect();
    (numbers.len() >= 2).then(|| numbers.join("."))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;

    #[test]
    fn reads_what_venv_virtualenv_and_uv_write() {
        let venv = parse("home = /opt/py/bin\ninclude-system-site-packages = TRUE\nversion = 3.8.18\n");
        assert_eq!(venv.home.as_deref(), Some(Path::new("/opt/py/bin")));
        assert!(venv.system_site);
        assert_eq!(venv.version.as_deref(), Some("3.8.18"));
        let virtualenv = parse("version_info = 3.11.7.final.0\nbase-executable=/opt/py/bin/python3.11");
        assert_eq!(virtualenv.version.as_deref(), Some("3.11.7"));
        assert!(!virtualenv.system_site);
        assert_eq!(parse("uv = 0.9\nversion_info = 3.13").version.as_deref(), Some("3.13"));
        assert_eq!(parse("version = nonsense").version, None);
    }
}
