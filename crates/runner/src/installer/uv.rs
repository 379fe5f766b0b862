//! `uv pip compile`, which resolves for any Python and platform without having that Python.

use std::ffi::OsString;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{Asked, InstallerError, Request, constraints_file};

/// `None` when there is no uv, or it has no word for the platform.
pub(super) fn ask(request: &Request) -> Result<Option<String>, InstallerError> {
    let constraints = constraints_file(request)?;
    match arguments(request, constraints.as_ref().map(NamedTempFile::path)) {
        Some(arguments) => Asked {
            program: "uv".to_owned(),
            arguments,
            environment: request.macos.iter().map(|version| ("MACOSX_DEPLOYMENT_TARGET", version.clone())).collect(),
            input: Some(request.requirements.join("\n") + "\n"),
        }
        .run(),
        None => Ok(None),
    }
}

fn arguments(request: &Request, constraints: Option<&Path>) -> Option<Vec<OsString>> {
    let platform = request.uv_platform.as_ref()?;
    let (major, minor) = request.python;
    let words = ["pip", "compile", "--quiet", "--format", "pylock.toml", "--no-build", "--python-version"];
    let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    arguments.push(format!("{major}.{minor}").into());
    arguments.extend([OsString::from("--python-platform"), platform.into()]);
    arguments.extend(constraints.into_iter().flat_map(|file| [OsString::from("--constraint"), file.into()]));
    if request.oldest {
        arguments.extend(["--resolution", "lowest-direct"].map(OsString::from));
    }
    arguments.extend(request.no_dependencies.then(|| OsString::from("--no-deps")));
    arguments.extend(request.offline.then(|| OsString::from("--offline")));
    arguments.extend(request.files.iter().map(|file| file.as_os_str().to_owned()));
    if !request.requirements.is_empty() {
        arguments.push("-".into());
    }
    Some(arguments)
}

#[cfg(test)]
mod tests {
    use super::{Request, arguments};

    #[test]
    fn requirements_go_through_standard_input() {
        let request = Request {
            requirements: vec!["torch==2.2.2".to_owned()],
            python: (3, 11),
            uv_platform: Some("x86_64-apple-darwin".to_owned()),
            no_dependencies: true,
            ..Request::default()
        };
        let words: Vec<_> = arguments(&request, None).expect("a platform").into_iter().collect();
        let tail = ["--python-version", "3.11", "--python-platform", "x86_64-apple-darwin", "--no-deps", "-"];
        assert_eq!(words[words.len() - 6..], tail);
        assert!(arguments(&Request { uv_platform: None, ..request }, None).is_none());
    }
}
