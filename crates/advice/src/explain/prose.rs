//! Chooses the sentences of a diagnosis: cause, fault, what was ruled out, answers, what could not be known.

use super::Case;
use super::clean::Flat;
use super::diagnosis::{Culprit, Direction, Effect, Subject};
use super::message::{self, Message};

/// The cause in a sentence.
pub(super) fn cause(case: &Case<'_>) -> Message {
    let id = match case.family.id {
        "numpy-1-module-on-numpy-2" | "abi-version-mismatch" | "numpy-1-only-build" if case.culprits.is_empty() => {
            message::CAUSE_MAJOR_UNKNOWN
        }
        "numpy-1-module-on-numpy-2" | "abi-version-mismatch" => message::CAUSE_MAJOR,
        "numpy-1-only-build" => message::CAUSE_ONLY_1,
        "api-version-too-new" | "c-api-version-too-new" | "numpy-before-1-16" => message::CAUSE_FEATURE,
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
        "python-api-removed" => message::CAUSE_PYTHON_API,
        "python-level-cap" => message::CAUSE_PYTHON_CAP,
        "wrong-python-or-machine" => message::CAUSE_WRONG_PYTHON,
        "resolver-conflict" => message::CAUSE_RESOLVER,
        "dll-load-failed" => message::CAUSE_DLL,
        "unresolved-symbol" => message::CAUSE_SYMBOL,
        _ => message::CAUSE_OTHER_TYPE,
    };
    filled(Message::plain(id), case)
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
        _ => message::CAUSE_API_MISSING,
    }
}

fn import_failed(case: &Case<'_>) -> &'static str {
    match case.bearing.direction {
        Some(Direction::NumpyTooNew) => api_missing(case),
        _ => message::CAUSE_IMPORT_FAILED,
    }
}

fn size(case: &Case<'_>) -> &'static str {
    let grew = matches!((case.hit.reading.header, case.hit.reading.actual), (Some(h), Some(a)) if a > h);
    match (case.effect, case.bearing.direction) {
        (Effect::Harmless, _) => message::CAUSE_SIZE_HARMLESS,
        (_, Some(Direction::NumpyTooOld)) => message::CAUSE_SIZE_TOO_OLD,
        (_, Some(Direction::NumpyTooNew)) => message::CAUSE_SIZE_TOO_NEW,
        (_, None) if grew => message::CAUSE_SIZE_STRICT,
        (_, None) => message::CAUSE_SIZE_UNKNOWN,
    }
}

/// Fills every gap that a sentence may have; one that it has not is of no harm.
pub(super) fn filled(message: Message, case: &Case<'_>) -> Message {
    let reading = &case.hit.reading;
    let number = |value: Option<u64>| value.map_or_else(|| "?".to_owned(), |value| value.to_string());
    let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
    message
        .with("culprit", case.culprits.first().map_or_else(|| "?".to_owned(), with_version))
        .with("distribution", case.culprits.first().map_or_else(|| "?".to_owned(), |c| c.distribution.clone()))
        .with("numpy", running(case))
        .with("needed", case.bearing.needed.clone().unwrap_or_else(|| "?".to_owned()))
        .with("type", or_unknown(&reading.class))
        .with("header", number(reading.header))
        .with("actual", number(reading.actual))
        .with("name", or_unknown(&reading.name))
        .with("floor", or_unknown(&reading.floor))
        .with("python", or_unknown(&case.facts.python))
        .with("platform", platform(case))
        .with_all(release_gaps(case))
}

/// What the table of distributions fills in.
fn release_gaps(case: &Case<'_>) -> Vec<(&'static str, String)> {
    let Some(history) = case.culprits.first().and_then(|culprit| culprit.history.as_ref()) else { return Vec::new() };
    let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
    vec![
        ("last", or_unknown(&history.last_for_numpy_1)),
        ("first", or_unknown(&history.first_for_numpy_2)),
        ("newest", history.newest.clone()),
        ("anywhere", history.newest_anywhere.clone()),
        ("declared", history.declared.as_ref().map_or_else(|| "-".to_owned(), |set| format!("`numpy{set}`"))),
        ("frozen", history.frozen_on.join(", ")),
        ("read", history.read.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ")),
        ("date", history.date.clone()),
    ]
}

fn platform(case: &Case<'_>) -> String {
    let history = case.culprits.first().and_then(|culprit| culprit.history.as_ref());
    history.map_or_else(|| case.facts.system.clone().unwrap_or_else(|| "?".to_owned()), |h| h.platform.clone())
}

/// `opencv-python 4.9.0.80`, or the name alone.
pub(super) fn with_version(culprit: &Culprit) -> String {
    match &culprit.version {
        Some(version) => format!("{} {version}", culprit.distribution),
        None => culprit.distribution.clone(),
    }
}

/// The running NumPy: its version, or what the numbers leave of it.
fn running(case: &Case<'_>) -> String {
    let range = || case.bearing.running.clone().unwrap_or_default();
    case.facts.numpy.clone().unwrap_or_else(range)
}

/// Whose fault it is.
pub(super) fn fault(case: &Case<'_>) -> Message {
    let id = match (case.family.id, case.family.subject, case.bearing.direction) {
        _ if case.effect == Effect::Harmless => message::FAULT_NOBODY,
        ("python-api-removed" | "numpy-shadowed", ..) => message::FAULT_CODE,
        ("dll-load-failed" | "unresolved-symbol", ..) => message::FAULT_SYSTEM,
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
    let history = case.culprits.first().and_then(|culprit| culprit.history.as_ref());
    match history.map(|history| (history.frozen, history.silent)) {
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
