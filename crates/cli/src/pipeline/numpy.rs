//! Which NumPy judges a target: the one asked for, else the one that `import numpy` would get.

use contract::report::{JudgedNumpy, NumpySource, Python};
use contract::{Architecture, Provision, Version};
use sources::FileSource;
use sources::environment::{Environment, FoundNumpy};

/// The NumPy that was asked for. [`crate::settings`] has made sure that its line is known.
pub(super) fn requested(version: &Version) -> Option<JudgedNumpy> {
    Some(JudgedNumpy { provision: tabled(version)?, path: None, source: NumpySource::Requested })
}

/// The NumPy that an environment's interpreter imports; what goes wrong is added to `problems`.
pub(super) fn found(environment: &Environment, problems: &mut Vec<String>) -> Option<JudgedNumpy> {
    let numpy = environment.numpys.iter().find(|numpy| numpy.wins)?;
    let path = Some(numpy.folder.display().to_string());
    let version = numpy.version.as_deref().and_then(|version| version.parse::<Version>().ok());
    match own_provision(numpy, environment.python.as_ref()) {
        Ok(provision) => {
            let provision = Provision { version, ..provision };
            Some(JudgedNumpy { provision, path, source: NumpySource::Binary })
        }
        Err(reason) => {
            let provision = version.as_ref().and_then(tabled);
            let outcome = if provision.is_some() { "its version decides" } else { "nothing can be judged" };
            problems.push(format!(
                "what NumPy in `{}` provides could not be read: {reason}; {outcome}",
                numpy.folder.display()
            ));
            Some(JudgedNumpy { provision: provision?, path, source: NumpySource::Table })
        }
    }
}

/// What a release provides; of one that is not known, what its line does.
pub(super) fn tabled(version: &Version) -> Option<Provision> {
    let release = knowledge::release(version).or_else(|| knowledge::line_of(version))?;
    Some(Provision { version: Some(version.clone()), ..release.provision.clone() })
}

fn own_provision(numpy: &FoundNumpy, python: Option<&Python>) -> Result<Provision, String> {
    let binary = numpy.binary.as_deref().ok_or("it has no compiled core")?;
    let source = FileSource::open(binary).map_err(|error| format!("cannot open `{}`: {error}", binary.display()))?;
    let slices = reader::provisions(&source);
    let machine = python.and_then(|python| python.platform.split_once('-')).map(|(_, machine)| machine);
    let fits = |architecture: &Architecture| machine.is_none_or(|machine| is_machine(*architecture, machine));
    let own = slices.iter().find(|(architecture, _)| fits(architecture)).or(slices.first());
    let (_, provision) = own.ok_or_else(|| format!("`{}` is no compiled file", binary.display()))?;
    provision.clone().map_err(|reason| reason.detail)
}

/// macOS says `arm64` for what others call `aarch64`, Windows says `amd64` for `x86_64`.
fn is_machine(architecture: Architecture, machine: &str) -> bool {
    let machine = match machine {
        "arm64" => "aarch64",
        "amd64" => "x86_64",
        machine => machine,
    };
    architecture.as_str() == machine
}
