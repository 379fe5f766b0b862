//! `uv pip compile`, which resolves for any Python and platform without having that Python.

use std::ffi::OsString;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{Asked, InstallerError, Request, constraints_file, list_file};
use crate::NO_DOWNLOADS;
use crate::signals::Minded;

/// How uv 0.13 says that it found no wheel and may not build.
const WHEELS_ARE_REQUIRED: &str = "Wheels are required for `";

/// `None` when there is no uv, or it has no word for the platform.
pub(super) fn ask(request: &Request) -> Result<Option<String>, InstallerError> {
    let constraints = constraints_file(request)?;
    // A requirement that never holds takes the place of whatever asks for that name.
    let never: Vec<String> = request.left_out.iter().map(|name| format!("{name} ; python_version < '0'")).collect();
    let overrides = list_file("overrides-", &never)?;
    match arguments(request, path(constraints.as_ref()), path(overrides.as_ref())) {
        Some(arguments) => Asked {
            program: "uv".to_owned(),
            arguments,
            environment: environment(request),
            without: &[],
            input: Some(request.requirements.join("\n") + "\n"),
            log: None,
        }
        .run(),
        None => Ok(None),
    }
}

fn environment(request: &Request) -> Vec<(&'static str, OsString)> {
    let macos = request.macos.iter().map(|version| ("MACOSX_DEPLOYMENT_TARGET", version.into()));
    let (name, value) = NO_DOWNLOADS;
    macos.chain([(name, value.into())]).collect()
}

fn path(file: Option<&Minded<NamedTempFile>>) -> Option<&Path> {
    file.map(Minded::path)
}

fn arguments(request: &Request, constraints: Option<&Path>, overrides: Option<&Path>) -> Option<Vec<OsString>> {
    let platform = request.uv_platform.as_ref();
    if platform.is_none() && !request.own_platform {
        return None;
    }
    let words = ["pip", "compile", "--quiet", "--format", "pylock.toml", "--python-version"];
    let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    arguments.push(request.python_version().into());
    arguments.extend(request.interpreter.iter().flat_map(|path| [OsString::from("--python"), path.into()]));
    arguments.extend(platform.into_iter().flat_map(|word| [OsString::from("--python-platform"), word.into()]));
    arguments.extend(constraints.into_iter().flat_map(|file| [OsString::from("--constraint"), file.into()]));
    if !(request.sources_too && leaves_sources_alone(request)) {
        arguments.push("--no-build".into());
    }
    arguments.extend(override_files(overrides).into_iter().flat_map(|file| ["--override".into(), file]));
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

/// Whether uv needs to know nothing of what it chooses but files and versions, so that it builds nothing: the metadata of
/// addresses and folders it would want.
fn leaves_sources_alone(request: &Request) -> bool {
    let named = |requirement: &String| !requirement.contains(['@', '/', '\\']);
    request.no_dependencies && request.files.is_empty() && request.requirements.iter().all(named)
}

/// The overrides given, and the user's own, of which uv hears no more where its command line has some.
fn override_files(given: Option<&Path>) -> Vec<OsString> {
    let Some(given) = given else { return Vec::new() };
    let own = std::env::var("UV_OVERRIDE").unwrap_or_default();
    let own = own.split_whitespace().map(OsString::from);
    [given.as_os_str().to_owned()].into_iter().chain(own).collect()
}

/// What a complaint of uv says to have source distributions alone: names, with the versions that it means where it tells them.
pub(super) fn without_wheel(complaint: &str) -> Vec<String> {
    let after = complaint.split(WHEELS_ARE_REQUIRED).skip(1);
    let names = after.filter_map(|rest| rest.split_once('`').map(|(name, _)| name));
    names.map(|name| versions_meant(name, complaint).unwrap_or_else(|| name.to_owned())).collect()
}

/// `docopt<=0.6.2` of "Because docopt<=0.6.2 has no usable wheels", and of `docopt{sys_platform != 'win32'}<=0.6.2` there,
/// which is how uv writes a requirement with a marker.
fn versions_meant(name: &str, complaint: &str) -> Option<String> {
    let before = complaint.split(" has no usable wheels").next().filter(|before| before.len() < complaint.len())?;
    before.rmatch_indices(name).find_map(|(at, _)| {
        let rest = before.get(at..)?.strip_prefix(name)?;
        let versions = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or(rest, |(_, behind)| behind);
        let compares = versions.starts_with(['=', '<', '>', '!', '~']) && !versions.contains(char::is_whitespace);
        compares.then(|| format!("{name}{versions}"))
    })
}

#[cfg(test)]
mod tests {
    use super::{Request, arguments, without_wheel};

    #[test]
    fn a_complaint_names_what_would_be_built() {
        let hint = "hint: Wheels are required for `docopt` because building from source is disabled for all packages";
        let of = |cause: &str| without_wheel(&format!("  cause: Because {cause}\n\n{hint}\n"));
        assert_eq!(of("docopt==0.6.2 has no usable wheels and you require docopt==0.6.2"), ["docopt==0.6.2"]);
        assert_eq!(of("only docopt<=2 is available and docopt>1,<=2 has no usable wheels, we"), ["docopt>1,<=2"]);
        assert_eq!(
            of(
                "docopt{sys_platform != 'win32'}==0.6.2 has no usable wheels and you require docopt{sys_platform != 'win32'}==0.6.2"
            ),
            ["docopt==0.6.2"]
        );
        assert_eq!(of("all versions of docopt have no usable wheels and you require docopt"), ["docopt"]);
        assert!(without_wheel("cause: Because nowhere was not found in the package registry").is_empty());
    }

    #[test]
    fn sources_are_taken_only_where_nothing_would_be_built() {
        let named = Request {
            requirements: vec!["torch==2.2.2".to_owned()],
            uv_platform: Some("x86_64-apple-darwin".to_owned()),
            no_dependencies: true,
            sources_too: true,
            ..Request::default()
        };
        let builds = |request: &Request| {
            !arguments(request, None, None).expect("a platform").iter().any(|argument| argument == "--no-build")
        };
        assert!(builds(&named));
        assert!(!builds(&Request { no_dependencies: false, ..named.clone() }));
        assert!(!builds(&Request { files: vec!["requirements.txt".into()], ..named.clone() }));
        for word in ["./folder", "x @ https://example.org/x.tar.gz"] {
            assert!(!builds(&Request { requirements: vec![word.to_owned()], ..named.clone() }), "{word}");
        }
    }

    #[test]
    fn requirements_go_through_standard_input() {
        let request = Request {
            requirements: vec!["torch==2.2.2".to_owned()],
            python: (3, 11),
            uv_platform: Some("x86_64-apple-darwin".to_owned()),
            no_dependencies: true,
            ..Request::default()
        };
        let words: Vec<_> = arguments(&request, None, None).expect("a platform").into_iter().collect();
        let tail =
            ["--python-version", "3.11", "--python-platform", "x86_64-apple-darwin", "--no-build", "--no-deps", "-"];
        assert_eq!(words[words.len() - 7..], tail);
        let exact = |version: &str| {
            let words = arguments(&Request { exactly: Some(version.to_owned()), ..request.clone() }, None, None);
            words
                .expect("a platform")
                .into_iter()
                .skip_while(|word| word != "--python-version")
                .nth(1)
                .expect("a version")
        };
        assert_eq!([exact("3.11.4"), exact("3.11.0rc1")], ["3.11.4", "3.11"], "some releases ask for more than 3.11.0");
        let unnamed = Request { uv_platform: None, ..request };
        assert!(arguments(&unnamed, None, None).is_none());
        let own = arguments(&Request { own_platform: true, ..unnamed }, None, None).expect("its own");
        assert!(!own.iter().any(|word| word == "--python-platform"));
    }
}
