//! Chooses the sentences of a diagnosis: cause, fault, what was ruled out, answers, what could not be known.

use super::Case;
use super::clean::Flat;
use super::diagnosis::{Culprit, Direction, Effect, Subject};
use super::families::SILENT;
use super::message::{self, Message};
use super::names::distributions_of;

/// The cause in a sentence.
pub(super) fn cause(case: &Case<'_>) -> Message {
    let id = match case.family.id {
        _ if case.hit.reading.bundled.is_some() => return bundled(case),
        SILENT if case.culprits.is_empty() => message::CAUSE_REFUSED_SILENTLY_UNNAMED,
        SILENT => message::CAUSE_REFUSED_SILENTLY,
        "numpy-1-module-on-numpy-2" | "abi-version-mismatch" | "numpy-1-only-build" if case.culprits.is_empty() => {
            message::CAUSE_MAJOR_UNKNOWN
        }
        "numpy-1-module-on-numpy-2" | "abi-version-mismatch" => message::CAUSE_MAJOR,
        "numpy-1-only-build" => message::CAUSE_ONLY_1,
        "api-version-too-new" | "c-api-version-too-new" | "numpy-before-1-16" => feature(case),
        "array-api-not-found" | "ufunc-api-not-found" => api_missing(case),
        "api-mismatch-described" => message::CAUSE_DESCRIBED,
        "multiarray-failed-to-import" => import_failed(case),
        "torch-without-numpy" => message::CAUSE_TORCH,
        "type-size-changed" | "type-wrong-size" => size(case),
        "numpy-installation-mixed" if case.restart => message::CAUSE_RESTART,
        "numpy-installation-mixed" => message::CAUSE_MIXED,
        "numpy-import-failed" if case.hit.reading.name.as_deref().is_some_and(is_library) => {
            message::CAUSE_NUMPY_BROKEN_LIBRARY
        }
        "numpy-import-failed" => message::CAUSE_NUMPY_BROKEN,
        "numpy-core-missing" => message::CAUSE_NUMPY_PRIVATE,
        "numpy-shadowed" => message::CAUSE_NUMPY_SHADOWED,
        "numpy-absent" => message::CAUSE_NUMPY_ABSENT,
        "native-crash" => message::CAUSE_CRASH,
        "python-api-removed" if case.hit.reading.name.is_none() => message::CAUSE_PYTHON_API_UNNAMED,
        "python-api-removed" => message::CAUSE_PYTHON_API,
        "python-level-cap" => message::CAUSE_PYTHON_CAP,
        "declared-range-warning" => message::CAUSE_RANGE_WARNING,
        "wrong-python-or-machine" => message::CAUSE_WRONG_PYTHON,
        "resolver-conflict" => message::CAUSE_RESOLVER,
        "dll-load-failed" if case.hit.reading.name.is_none() => message::CAUSE_DLL_UNNAMED,
        "dll-load-failed" => message::CAUSE_DLL,
        "unresolved-symbol" if case.hit.reading.name.is_none() => message::CAUSE_SYMBOL_UNNAMED,
        "unresolved-symbol" => message::CAUSE_SYMBOL,
        _ => message::CAUSE_OTHER_TYPE,
    };
    filled(Message::plain(id), case)
}

/// A library of a wheel is missing: the file and the distribution by their names.
fn bundled(case: &Case<'_>) -> Message {
    let file = case.hit.reading.bundled.as_ref().map(|library| library.file.clone()).unwrap_or_default();
    match owner(case) {
        Some(owner) => filled(Message::plain(message::CAUSE_BUNDLED_LIBRARY), case).with("distribution", owner),
        None => filled(Message::plain(message::CAUSE_BUNDLED_LIBRARY_UNOWNED), case),
    }
    .with("name", file)
}

/// The distribution whose wheel brought the missing library.
pub(super) fn owner(case: &Case<'_>) -> Option<String> {
    let library = case.hit.reading.bundled.as_ref()?;
    let named = case.culprits.first().map(|culprit| culprit.distribution.clone());
    let first_of = |module: &String| distributions_of(module).first().map(|name| (*name).to_owned());
    named.or_else(|| library.distribution.as_ref().and_then(first_of))
}

/// An error of the system's loader inside NumPy's own: another installation of the same wheel would fail the same way.
fn is_library(original: &str) -> bool {
    ["DLL load failed", "cannot open shared object", "undefined symbol", "Library not loaded", "GLIBC"]
        .iter()
        .any(|mark| original.contains(mark))
}

fn api_missing(case: &Case<'_>) -> &'static str {
    match (case.bearing.direction, case.culprits.is_empty()) {
        (Some(Direction::NumpyTooNew), false) => message::CAUSE_MAJOR,
        (Some(Direction::NumpyTooNew), true) => message::CAUSE_MAJOR_UNKNOWN,
        _ if running(case).is_none() => message::CAUSE_IMPORT_FAILED,
        _ => message::CAUSE_API_MISSING,
    }
}

/// What the message or the table leaves out is not known, and is said so.
fn feature(case: &Case<'_>) -> &'static str {
    match (&case.bearing.needed, running(case)) {
        _ if case.bearing.direction.is_none() => message::CAUSE_DESCRIBED,
        (Some(_), Some(_)) => message::CAUSE_FEATURE,
        (Some(_), None) => message::CAUSE_FEATURE_RUNNING_UNKNOWN,
        (None, _) => message::CAUSE_FEATURE_UNKNOWN,
    }
}

fn import_failed(case: &Case<'_>) -> &'static str {
    match case.bearing.direction {
        Some(Direction::NumpyTooNew) => api_missing(case),
        _ => message::CAUSE_IMPORT_FAILED,
    }
}

fn size(case: &Case<'_>) -> &'static str {
    let reading = &case.hit.reading;
    let grew = matches!((reading.header, reading.actual), (Some(h), Some(a)) if a > h);
    let told = reading.header.is_some() && case.bearing.needed.is_some() && running(case).is_some();
    match (case.effect, case.bearing.direction) {
        (Effect::Harmless, _) => message::CAUSE_SIZE_HARMLESS,
        (_, Some(Direction::NumpyTooOld)) if !told => message::CAUSE_SIZE_TOO_OLD_UNKNOWN,
        (_, Some(Direction::NumpyTooNew)) if !told => message::CAUSE_SIZE_UNKNOWN,
        (_, Some(Direction::NumpyTooOld)) => message::CAUSE_SIZE_TOO_OLD,
        (_, Some(Direction::NumpyTooNew)) => message::CAUSE_SIZE_TOO_NEW,
        (_, None) if grew => message::CAUSE_SIZE_STRICT,
        (_, None) => message::CAUSE_SIZE_UNKNOWN,
    }
}

/// Fills every gap whose value is known; one that a sentence has not is of no harm. A sentence is chosen only where all
/// of its gaps can be filled.
pub(super) fn filled(message: Message, case: &Case<'_>) -> Message {
    let reading = &case.hit.reading;
    let culprit = case.culprits.first();
    let several = culprit.and_then(one_of_several).map(|names| names.join(", "));
    let known = [
        ("culprit", culprit.map(with_version)),
        ("distribution", culprit.map(|culprit| culprit.distribution.clone())),
        ("module", culprit.map(|culprit| culprit.module.clone())),
        ("several", several),
        ("others", Some(case.other_side.join(", "))),
        ("numpy", running(case)),
        ("needed", case.bearing.needed.clone()),
        ("type", reading.class.clone()),
        ("header", reading.header.map(|size| size.to_string())),
        ("actual", reading.actual.map(|size| size.to_string())),
        ("name", reading.name.clone()),
        ("floor", reading.floor.clone()),
        ("range", reading.range.clone()),
        ("python", case.facts.python.clone()),
        ("platform", platform(case)),
    ];
    let known = known.into_iter().filter_map(|(gap, value)| Some((gap, value.filter(|value| !value.is_empty())?)));
    message.with_all(known.collect()).with_all(release_gaps(case))
}

/// What the table of distributions fills in.
fn release_gaps(case: &Case<'_>) -> Vec<(&'static str, String)> {
    let Some(history) = case.culprits.first().and_then(|culprit| culprit.history.as_ref()) else { return Vec::new() };
    let releases = [("last", &history.last_for_numpy_1), ("first", &history.first_for_numpy_2)];
    let releases = releases.into_iter().filter_map(|(gap, release)| Some((gap, release.clone()?)));
    let told = [
        ("newest", history.newest.clone()),
        ("anywhere", history.newest_anywhere.clone()),
        ("declared", history.declared.as_ref().map_or_else(|| "-".to_owned(), |set| format!("`numpy{set}`"))),
        ("frozen", history.frozen_on.join(", ")),
        ("read", history.read.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ")),
        ("date", history.date.clone()),
    ];
    releases.chain(told).collect()
}

fn platform(case: &Case<'_>) -> Option<String> {
    let history = case.culprits.first().and_then(|culprit| culprit.history.as_ref());
    history.map(|history| history.platform.clone()).or(case.facts.system.clone())
}

/// `opencv-python 4.9.0.80`, or the name alone.
pub(super) fn with_version(culprit: &Culprit) -> String {
    match &culprit.version {
        Some(version) => format!("{} {version}", culprit.distribution),
        None => culprit.distribution.clone(),
    }
}

/// The distributions that install a culprit's module, where there are several and nothing tells which of them is there.
fn one_of_several(culprit: &Culprit) -> Option<Vec<&str>> {
    let all = distributions_of(&culprit.module);
    (culprit.version.is_none() && all.len() > 1).then_some(all)
}

/// The running NumPy: its version, or what the numbers leave of it.
fn running(case: &Case<'_>) -> Option<String> {
    case.facts.numpy.clone().or(case.bearing.running.clone())
}

/// Whose fault it is.
pub(super) fn fault(case: &Case<'_>) -> Message {
    let id = match (case.family.id, case.family.subject, case.bearing.direction) {
        _ if case.effect == Effect::Harmless => message::FAULT_NOBODY,
        _ if case.hit.reading.bundled.is_some() => message::FAULT_INCOMPLETE,
        ("python-api-removed" | "numpy-shadowed", ..) => message::FAULT_CODE,
        ("dll-load-failed" | "unresolved-symbol", ..) => message::FAULT_SYSTEM,
        (SILENT | "declared-range-warning", ..) => message::FAULT_ENVIRONMENT,
        ("resolver-conflict" | "python-level-cap" | "wrong-python-or-machine", ..) => message::FAULT_ENVIRONMENT,
        (_, Subject::NumpyInstallation, _) => message::FAULT_ENVIRONMENT,
        (_, Subject::NumpyAbi, Some(Direction::NumpyTooNew)) => fault_of_distribution(case),
        (_, Subject::NumpyAbi, Some(Direction::NumpyTooOld)) => message::FAULT_ENVIRONMENT,
        _ => message::FAULT_UNKNOWN,
    };
    filled(Message::plain(id), case)
}

/// The one who built for NumPy 1.x, as far as its releases are known: is there a newer one, and did it say so?
fn fault_of_distribution(case: &Case<'_>) -> &'static str {
    let Some(culprit) = case.culprits.first() else { return message::FAULT_DISTRIBUTION_UNKNOWN };
    match culprit.history.as_ref().map(|history| (history.frozen, history.silent)) {
        None => message::FAULT_DISTRIBUTION,
        Some((false, true)) => message::FAULT_DISTRIBUTION_SILENT,
        Some((false, false)) => message::FAULT_DISTRIBUTION_CAPPED,
        Some((true, true)) => message::FAULT_DISTRIBUTION_FROZEN,
        Some((true, false)) => message::FAULT_DISTRIBUTION_FROZEN_CAPPED,
    }
}

/// What it is not.
pub(super) fn ruled_out(case: &Case<'_>) -> Vec<Message> {
    let mut out = Vec::new();
    let sizes = case.hit.reading.header.is_some();
    match (case.family.subject, case.bearing.direction) {
        (Subject::NumpyAbi, Some(Direction::NumpyTooNew)) => {
            out.extend([message::RULED_OUT_NUMPY_BROKEN, message::RULED_OUT_PIP, message::RULED_OUT_PYBIND11]);
        }
        (Subject::NumpyAbi, Some(Direction::NumpyTooOld)) => {
            out.push(message::RULED_OUT_NUMPY_BROKEN);
            if sizes {
                out.push(message::RULED_OUT_NUMPY_2);
            }
        }
        // After a warning anything may follow.
        (Subject::NotNumpyAbi, _) if case.effect == Effect::Warns => {}
        (Subject::NotNumpyAbi | Subject::NumpyInstallation, _) => out.push(message::RULED_OUT_ABI),
        _ => {}
    }
    if case.culprits.iter().any(|culprit| culprit.history.as_ref().is_some_and(|history| history.frozen)) {
        out.push(message::RULED_OUT_NEWER_RELEASE);
    }
    if case.family.id == "native-crash" && case.facts.numpy.as_deref().is_some_and(|numpy| numpy.starts_with('1')) {
        out.push(message::RULED_OUT_NUMPY_1);
    }
    out.into_iter().map(|id| filled(Message::plain(id), case)).collect()
}

/// Answers to what people ask under such messages.
pub(super) fn answers(case: &Case<'_>) -> Vec<Message> {
    let history = case.culprits.first().and_then(|culprit| culprit.history.as_ref());
    let ids: Vec<&'static str> = match (case.family.subject, case.effect, case.bearing.direction) {
        (_, Effect::Harmless, _) => vec![message::ANSWER_BUG_NONE, message::ANSWER_REINSTALL],
        (Subject::NumpyAbi, _, Some(Direction::NumpyTooNew)) => {
            let bug = match history.map(|history| history.silent) {
                None => message::ANSWER_BUG_EXPECTED,
                Some(true) => message::ANSWER_BUG_SILENT,
                Some(false) => message::ANSWER_BUG_CAPPED,
            };
            let frozen = history.is_some_and(|history| history.frozen).then_some(message::ANSWER_UPGRADE_FROZEN);
            let first = [message::ANSWER_WHY_1, message::ANSWER_PIP, message::ANSWER_PYBIND11, bug];
            let last = [message::ANSWER_WHY_INSTALLED, message::ANSWER_REINSTALL];
            first.into_iter().chain(frozen).chain(last).collect()
        }
        (Subject::NumpyAbi, _, _) => vec![message::ANSWER_PIP, message::ANSWER_WHY_INSTALLED],
        _ => Vec::new(),
    };
    ids.into_iter().map(|id| filled(Message::plain(id), case)).collect()
}

/// Whether the text asks one of the questions that have an answer.
pub(super) fn asks(flat: &Flat) -> bool {
    let asks = flat.text.contains('?') || flat.text.contains('？');
    let about = ["upgrade pip", "pybind11", "a bug", "bug?", "bug？", "升级pip", "bug", "Why ", "why ", "为什么"];
    asks && about.iter().any(|words| flat.text.contains(words))
}

/// What could not be known.
pub(super) fn unknown(case: &Case<'_>, skipped_bytes: u64) -> Vec<Message> {
    let mut ids = Vec::new();
    let compiled = case.family.subject == Subject::NumpyAbi;
    if compiled && case.culprits.is_empty() {
        ids.push(message::UNKNOWN_CULPRIT);
    }
    if compiled && case.culprits.first().is_some_and(|culprit| one_of_several(culprit).is_some()) {
        ids.push(message::UNKNOWN_DISTRIBUTION);
    }
    if compiled && case.culprits.iter().any(|culprit| culprit.version.is_none()) {
        ids.push(message::UNKNOWN_CULPRIT_VERSION);
    }
    if compiled && case.facts.numpy.is_none() {
        ids.push(message::UNKNOWN_NUMPY);
    }
    if matches!(case.family.id, "multiarray-failed-to-import" | "api-mismatch-described")
        && case.bearing.direction.is_none()
    {
        ids.push(message::UNKNOWN_CAUSE_LINE);
    }
    if case.family.subject == Subject::Undetermined {
        ids.push(message::UNKNOWN_SUSPECTS);
    }
    if case.family.subject != Subject::NotNumpyAbi {
        ids.extend(case.looked_at.unknown());
    }
    if !case.other_side.is_empty() {
        ids.push(message::UNKNOWN_OTHER_SIDE);
    }
    let history = case.culprits.first().and_then(|culprit| culprit.history.as_ref());
    if history.is_some_and(|history| !history.frozen && !history.frozen_on.is_empty()) {
        ids.push(message::UNKNOWN_PLATFORM);
    }
    if skipped_bytes > 0 {
        ids.push(message::UNKNOWN_CUT);
    }
    let skipped = skipped_bytes.to_string();
    let fill = |id| case.looked_at.fill(filled(Message::plain(id), case)).with("bytes", skipped.clone());
    ids.into_iter().map(fill).collect()
}
