//! The headers of `METADATA`, `PKG-INFO` and `WHEEL`: electronic mail's format, by a library for electronic mail.

use std::str::FromStr;

use contract::report::Python;
use mailparse::MailHeaderMap;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, Requirement, VerbatimUrl, VersionOrUrl};

use super::Need;

/// The headers that are asked for.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// `Name`.
    pub name: Option<String>,
    /// `Version`.
    pub version: Option<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
    /// Every `Requires-Dist`.
    pub requires: Vec<String>,
    /// Every `Tag`, of a `WHEEL` file.
    pub tags: Vec<String>,
}

/// Reads the headers and leaves the description below them alone. `None` when the bytes are no such headers.
pub(super) fn read(bytes: &[u8]) -> Option<Headers> {
    let (headers, _) = mailparse::parse_headers(head(bytes)).ok()?;
    let first = |key: &str| headers.get_first_value(key).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
    let all = |key: &str| headers.get_all_values(key).iter().map(|value| value.trim().to_owned()).collect();
    Some(Headers {
        name: first("Name"),
        version: first("Version"),
        requires_python: first("Requires-Python"),
        requires: all("Requires-Dist"),
        tags: all("Tag"),
    })
}

/// Everything before the first empty line.
fn head(bytes: &[u8]) -> &[u8] {
    let ends = [memchr::memmem::find(bytes, b"\n\n"), memchr::memmem::find(bytes, b"\n\r\n")];
    let end = ends.into_iter().flatten().min().map_or(bytes.len(), |end| end.saturating_add(1));
    bytes.get(..end).unwrap_or(bytes)
}

/// The specifiers of the lines on NumPy whose markers hold with no extra, joined; and the lines that cannot be read.
///
/// Without a known Python, markers on its version count as holding.
pub(super) fn numpy_specifiers(requires: &[String], python: Option<&Python>) -> (Option<String>, Vec<String>) {
    let lines: Vec<&String> = requires.iter().filter(|line| names_numpy(line)).collect();
    if lines.is_empty() {
        return (None, Vec::new());
    }
    let environment = python.and_then(marker_environment);
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for line in lines {
        match Requirement::<VerbatimUrl>::from_str(line) {
            Ok(requirement) => {
                let holds = requirement.marker.evaluate_optional_environment(environment.as_ref(), &[]);
                found.extend(holds.then(|| specifiers(&requirement)));
            }
            Err(_) => broken.push(line.clone()),
        }
    }
    let said = (!found.is_empty()).then(|| found.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(","));
    (said, broken)
}

/// Every requirement whose marker holds with no extra. Lines that cannot be read are left out.
///
/// Without a known Python, markers on its version count as holding.
pub(super) fn needs(requires: &[String], python: Option<&Python>) -> Vec<Need> {
    let environment = python.and_then(marker_environment);
    let read = |line: &String| Requirement::<VerbatimUrl>::from_str(line).ok();
    let holds = |r: &Requirement<VerbatimUrl>| r.marker.evaluate_optional_environment(environment.as_ref(), &[]);
    let holding = requires.iter().filter_map(read).filter(holds);
    holding.map(|r| Need { name: r.name.to_string(), specifiers: specifiers(&r) }).collect()
}

fn specifiers(requirement: &Requirement<VerbatimUrl>) -> String {
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(set)) => set.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        _ => String::new(),
    }
}

/// Whether a requirement line is on NumPy, by its first word.
fn names_numpy(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.get(..5).filter(|start| start.eq_ignore_ascii_case("numpy")).and_then(|_| line.get(5..));
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)))
}

/// What markers see. What an environment on disk does not tell (the kernel's release) is left empty.
fn marker_environment(python: &Python) -> Option<MarkerEnvironment> {
    let (system, machine) = python.platform.split_once('-').unwrap_or((&python.platform, ""));
    let (os_name, sys_platform, platform_system) = match system {
        "windows" => ("nt", "win32", "Windows"),
        "macos" => ("posix", "darwin", "Darwin"),
        _ => ("posix", "linux", "Linux"),
    };
    let machine = if system == "windows" && machine == "x86_64" { "AMD64" } else { machine };
    let short: Vec<&str> = python.version.split('.').take(2).collect();
    let full =
        if python.version.split('.').count() > 2 { python.version.clone() } else { format!("{}.0", python.version) };
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name,
        platform_machine: machine,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system,
        platform_version: "",
        python_full_version: &full,
        python_version: &short.join("."),
        sys_platform,
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use contract::report::Python;

    use super::{numpy_specifiers, read};

    fn on(version: &str, platform: &str, lines: &[&str]) -> Option<String> {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let python = Python { version: version.to_owned(), platform: platform.to_owned() };
        numpy_specifiers(&lines, Some(&python)).0
    }

    #[test]
    fn takes_the_lines_whose_markers_hold() {
        let lines = [
            "numpy>=1.22.4; python_version < \"3.11\"",
            "numpy>=1.23.2; python_version == \"3.11\"",
            "numpy>=1.26.0; python_version >= \"3.12\"",
            "numpy-financial>=1.0",
            "numpy<2; extra == 'old'",
        ];
        assert_eq!(on("3.11.7", "linux-x86_64", &lines).as_deref(), Some(">=1.23.2"));
        assert_eq!(on("3.9", "linux-x86_64", &lines).as_deref(), Some(">=1.22.4"));
        assert_eq!(on("3.12.1", "linux-x86_64", &["numpy<3; sys_platform == 'win32'"]), None);
        assert_eq!(on("3.12.1", "windows-x86_64", &["NumPy (<3); sys_platform == 'win32'"]).as_deref(), Some("<3"));
        assert_eq!(on("3.12.1", "linux-x86_64", &["numpy"]).as_deref(), Some(""));
        assert_eq!(on("3.12.1", "linux-x86_64", &["numpy>=1.21", "numpy<3"]).as_deref(), Some(">=1.21,<3"));
    }

    #[test]
    fn tells_of_lines_that_it_cannot_read() {
        let (said, broken) = numpy_specifiers(&["numpy >= one".to_owned(), "numpy>=1".to_owned()], None);
        assert_eq!((said.as_deref(), broken.len()), (Some(">=1"), 1));
    }

    #[test]
    fn reads_headers_alone() {
        let text = b"Metadata-Version: 2.1\r\nName: x\r\nRequires-Dist: a\r\nRequires-Dist: b\r\n\r\nName: not me\r\n";
        let headers = read(text).expect("headers");
        assert_eq!((headers.name.as_deref(), headers.requires.len()), (Some("x"), 2));
    }
}
