//! Messages that carry the numbers of NumPy's own version check.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Family, Place, Reading, Site};
use crate::explain::diagnosis::{Effect, Subject};
use crate::explain::pattern::ascii;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "api-mismatch-described",
        rank: 60,
        subject: Subject::NumpyAbi,
        effect: Effect::Unknown,
        place: Place::Nobody,
        markers: &["API version mismatch", "ABI version mismatch"],
        read: described,
        source: "articles and questions that describe the failure in words",
    },
    Family {
        id: "c-api-version-too-new",
        rank: 11,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::After,
        markers: &["compiled against NumPy C-API version"],
        read: read_c_api,
        source: "__multiarray_api.h of NumPy 2.0 to 2.5",
    },
    Family {
        id: "api-version-too-new",
        rank: 12,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::After,
        markers: &["compiled against API version"],
        read: read_api,
        source: "__multiarray_api.h of NumPy 1.4 to 1.26",
    },
    Family {
        id: "abi-version-mismatch",
        rank: 13,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::After,
        markers: &["compiled against ABI version", "of C-API but this version of numpy is"],
        read: read_abi,
        source: "__multiarray_api.h of NumPy 1.0 to 2.5",
    },
    NUMPY_BEFORE_1_16,
];

/// Code that looks for the module that NumPy has since 1.16.
pub(super) static BEFORE_1_16: &Family = &NUMPY_BEFORE_1_16;

const NUMPY_BEFORE_1_16: Family = Family {
    id: "numpy-before-1-16",
    rank: 14,
    subject: Subject::NumpyAbi,
    effect: Effect::FailsAtImport,
    place: Place::Before,
    markers: &["No module named _multiarray_umath"],
    read: read_before_1_16,
    source: "measured: headers of 1.16 and later on NumPy 1.15.4",
};

static C_API: LazyLock<Regex> = LazyLock::new(|| {
    ascii(
        r"(?i)C-API version (?:0x)?([0-9a-f]+)(?: \(NumPy (\d+\.\d+)\))? but the running NumPy has C-API version (?:0x)?([0-9a-f]+)",
    )
});
static API: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?i)API version (?:0x)?([0-9a-f]+)(?: but this version of numpy is (?:0x)?([0-9a-f]+))?"));
static ABI: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?i)ABI version (?:0x)?([0-9a-f]+) but this version of numpy is (?:0x)?([0-9a-f]+)"));

fn hexadecimal(found: &Captures<'_>, group: usize) -> Option<u32> {
    u32::from_str_radix(found.get(group)?.as_str(), 16).ok()
}

fn read_c_api(site: &Site<'_>) -> Option<Reading> {
    let found = C_API.captures(site.at(200));
    let number = |group| found.as_ref().and_then(|found| hexadecimal(found, group));
    let floor = found.as_ref().and_then(|found| found.get(2)).map(|floor| floor.as_str().to_owned());
    Some(Reading { wanted: number(1), running: number(3), floor, headers_2: Some(true), ..Reading::default() })
}

fn read_api(site: &Site<'_>) -> Option<Reading> {
    let found = API.captures(site.at(160))?;
    let (wanted, running) = (hexadecimal(&found, 1), hexadecimal(&found, 2));
    Some(Reading { wanted, running, headers_2: Some(false), ..Reading::default() })
}

fn read_abi(site: &Site<'_>) -> Option<Reading> {
    let found = ABI.captures(site.at(160));
    let number = |group| found.as_ref().and_then(|found| hexadecimal(found, group));
    Some(Reading { wanted: number(1), running: number(2), headers_2: Some(false), ..Reading::default() })
}

/// NumPy 1.16 brought the module; an importer of it on an older NumPy does not find it. NumPy's own failure to find it
/// comes with an explanation by NumPy, and is another family.
fn read_before_1_16(site: &Site<'_>) -> Option<Reading> {
    let own = site.around(4000).contains("Importing the ");
    (!own).then(|| Reading { floor: Some("1.16".to_owned()), ..Reading::default() })
}
/// Words alone count only beside NumPy's name.
fn described(site: &Site<'_>) -> Option<Reading> {
    site.around(400).to_lowercase().contains("numpy").then(Reading::default)
}
