//! Why a file does not fit, in plain words: hexadecimal levels become NumPy versions.

use contract::report::{BinaryReport, DistributionReport, TargetReport};
use contract::{ErrorKind, Generation, PredictedError, Provision, Requirement};

use crate::words;

/// `NPY_VERSION` of NumPy 2.x.
const ABI_2: u32 = 0x0200_0000;

/// The reason for the predicted failure of `binary`; `None` where it needs no reason.
pub(crate) fn reason(
    target: &TargetReport,
    distribution: &DistributionReport,
    binary: &BinaryReport,
) -> Option<String> {
    let error = binary.assessment.error.as_ref()?;
    let provision = &target.numpy.as_ref()?.provision;
    let owner = binary.through.as_ref().and_then(|path| distribution.binaries.iter().find(|b| b.path == *path));
    let requirement = &owner.unwrap_or(binary).facts.as_ref()?.requirement;
    let text = explain(error, requirement, provision, &words::this_numpy(target))?;
    Some(match &binary.through {
        Some(path) => format!("it needs `{path}`, and that {text}"),
        None => format!("it {text}"),
    })
}

fn explain(error: &PredictedError, requirement: &Requirement, provision: &Provision, numpy: &str) -> Option<String> {
    match error.kind {
        ErrorKind::NumpyMajor => {
            Some(format!("was compiled with headers of NumPy 1.x, and {numpy} refuses such files"))
        }
        ErrorKind::FeatureLevel => {
            let asked = requirement.checks.iter().filter_map(|check| check.feature).max()?;
            let (asked, has) = (words::level(asked), words::level(provision.feature));
            Some(format!("asks for API level {asked}, and {numpy} provides {has}"))
        }
        ErrorKind::TypeSize => size(requirement, provision, numpy),
        ErrorKind::OldLayout => Some(format!(
            "was compiled for the data layout of NumPy 1.x and checks nothing; {numpy} has another layout"
        )),
        ErrorKind::RemovedSlot => Some(format!("calls a function of NumPy's C API that {numpy} no longer has")),
    }
}

/// The first type whose size is not what the file was compiled for.
fn size(requirement: &Requirement, provision: &Provision, numpy: &str) -> Option<String> {
    let headers_of_one = requirement.checks.iter().any(|check| check.generation() == Generation::One);
    let differs = |running: u64, size: u64, strict: bool| running < size || (strict && running != size);
    requirement.numpy_types().find_map(|check| {
        let running = *provision.types.get(&check.class)?;
        let (class, size) = (&check.class, check.size);
        let strict = check.mode == contract::CheckMode::Error;
        let built = if headers_of_one && provision.abi >= ABI_2 {
            "was compiled with headers of NumPy 1.x: its"
        } else {
            "was compiled for a NumPy of other sizes: its"
        };
        differs(running, size, strict)
            .then(|| format!("{built} `numpy.{class}` has {size} bytes, and that of {numpy} has {running}"))
    })
}
