//! Sentences as ids with gaps. What they say in which language is the renderer's business.

use std::collections::BTreeMap;

use serde::Serialize;

/// A sentence: its id in the language files, and what fills its gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The id in the language files: `cause-numpy-too-new`.
    pub id: &'static str,
    /// The gaps by name. Values are data (versions, names, numbers), never prose.
    pub args: BTreeMap<&'static str, String>,
}

impl Message {
    /// A sentence without gaps.
    pub fn plain(id: &'static str) -> Self {
        Self { id, args: BTreeMap::new() }
    }

    /// The same sentence with one more gap filled.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.insert(name, value.into());
        self
    }

    /// The same sentence with more gaps filled.
    #[must_use]
    pub fn with_all(mut self, gaps: Vec<(&'static str, String)>) -> Self {
        self.args.extend(gaps);
        self
    }
}

/// Names every sentence once, and lists them so that a test can ask each language for all of them.
macro_rules! messages {
    ($($name:ident = $id:literal;)*) => {
        $(#[allow(missing_docs, reason = "the language files say what each id says")] pub const $name: &str = $id;)*
        /// Every id that a diagnosis can hold.
        pub const ALL: &[&str] = &[$($id),*];
    };
}

messages! {
    CAUSE_MAJOR = "cause-major";
    CAUSE_MAJOR_UNKNOWN = "cause-major-unknown";
    CAUSE_API_MISSING = "cause-api-missing";
    CAUSE_DESCRIBED = "cause-described";
    CAUSE_FEATURE = "cause-feature";
    CAUSE_FEATURE_RUNNING_UNKNOWN = "cause-feature-running-unknown";
    CAUSE_FEATURE_UNKNOWN = "cause-feature-unknown";
    CAUSE_SIZE_TOO_OLD = "cause-size-too-old";
    CAUSE_SIZE_TOO_OLD_UNKNOWN = "cause-size-too-old-unknown";
    CAUSE_SIZE_TOO_NEW = "cause-size-too-new";
    CAUSE_SIZE_UNKNOWN = "cause-size-unknown";
    CAUSE_SIZE_HARMLESS = "cause-size-harmless";
    CAUSE_SIZE_STRICT = "cause-size-strict";
    CAUSE_IMPORT_FAILED = "cause-import-failed";
    CAUSE_TORCH = "cause-torch";
    CAUSE_MIXED = "cause-mixed";
    CAUSE_RESTART = "cause-restart";
    CAUSE_NUMPY_BROKEN = "cause-numpy-broken";
    CAUSE_NUMPY_BROKEN_LIBRARY = "cause-numpy-broken-library";
    CAUSE_BUNDLED_LIBRARY_UNOWNED = "cause-bundled-library-unowned";
    CAUSE_BUNDLED_LIBRARY = "cause-bundled-library";
    CAUSE_NUMPY_PRIVATE = "cause-numpy-private";
    CAUSE_NUMPY_SHADOWED = "cause-numpy-shadowed";
    CAUSE_NUMPY_ABSENT = "cause-numpy-absent";
    CAUSE_CRASH = "cause-crash";
    CAUSE_ONLY_1 = "cause-only-1";
    CAUSE_PYTHON_API = "cause-python-api";
    CAUSE_PYTHON_API_UNNAMED = "cause-python-api-unnamed";
    CAUSE_PYTHON_CAP = "cause-python-cap";
    CAUSE_RANGE_WARNING = "cause-range-warning";
    CAUSE_WRONG_PYTHON = "cause-wrong-python";
    CAUSE_DLL = "cause-dll";
    CAUSE_DLL_UNNAMED = "cause-dll-unnamed";
    CAUSE_SYMBOL = "cause-symbol";
    CAUSE_SYMBOL_UNNAMED = "cause-symbol-unnamed";
    CAUSE_RESOLVER = "cause-resolver";
    CAUSE_OTHER_TYPE = "cause-other-type";
    CAUSE_REFUSED_SILENTLY = "cause-refused-silently";
    CAUSE_REFUSED_SILENTLY_UNNAMED = "cause-refused-silently-unnamed";

    REMEDY_UPGRADE_DISTRIBUTION = "remedy-upgrade-distribution";
    REMEDY_UPGRADE_KNOWN = "remedy-upgrade-known";
    REMEDY_DOWNGRADE_NUMPY = "remedy-downgrade-numpy";
    REMEDY_DOWNGRADE_FROZEN = "remedy-downgrade-frozen";
    REMEDY_DOWNGRADE_PERHAPS = "remedy-downgrade-perhaps";
    REMEDY_UPGRADE_NUMPY = "remedy-upgrade-numpy";
    REMEDY_DOWNGRADE_DISTRIBUTION = "remedy-downgrade-distribution";
    REMEDY_REBUILD = "remedy-rebuild";
    REMEDY_REINSTALL_NUMPY = "remedy-reinstall-numpy";
    REMEDY_REINSTALL_UNOWNED = "remedy-reinstall-unowned";
    REMEDY_REINSTALL_WHOLE = "remedy-reinstall-whole";
    REMEDY_RESTART = "remedy-restart";
    REMEDY_IGNORE = "remedy-ignore";
    REMEDY_CHANGE_CODE = "remedy-change-code";
    REMEDY_MATCH_PYTHON = "remedy-match-python";
    REMEDY_SYSTEM_LIBRARY = "remedy-system-library";
    REMEDY_ALIGN_VERSIONS = "remedy-align-versions";
    REMEDY_FIND_CULPRIT = "remedy-find-culprit";
    REMEDY_UPGRADE_REFUSED = "remedy-upgrade-refused";
    REMEDY_DECLARED_NUMPY = "remedy-declared-numpy";
    REMEDY_READ_ON = "remedy-read-on";
    REMEDY_RENAME_FILE = "remedy-rename-file";
    REMEDY_INSTALL_NUMPY = "remedy-install-numpy";

    FAULT_DISTRIBUTION = "fault-distribution";
    FAULT_DISTRIBUTION_UNKNOWN = "fault-distribution-unknown";
    FAULT_DISTRIBUTION_SILENT = "fault-distribution-silent";
    FAULT_DISTRIBUTION_CAPPED = "fault-distribution-capped";
    FAULT_DISTRIBUTION_FROZEN = "fault-distribution-frozen";
    FAULT_DISTRIBUTION_FROZEN_CAPPED = "fault-distribution-frozen-capped";
    FAULT_INCOMPLETE = "fault-incomplete";
    FAULT_ENVIRONMENT = "fault-environment";
    FAULT_CODE = "fault-code";
    FAULT_SYSTEM = "fault-system";
    FAULT_NOBODY = "fault-nobody";
    FAULT_UNKNOWN = "fault-unknown";

    RULED_OUT_NUMPY_BROKEN = "ruled-out-numpy-broken";
    RULED_OUT_PIP = "ruled-out-pip";
    RULED_OUT_PYBIND11 = "ruled-out-pybind11";
    RULED_OUT_ABI = "ruled-out-abi";
    RULED_OUT_NUMPY_2 = "ruled-out-numpy-2";
    RULED_OUT_NEWER_RELEASE = "ruled-out-newer-release";
    RULED_OUT_NUMPY_1 = "ruled-out-numpy-1";

    ANSWER_PIP = "answer-pip";
    ANSWER_PYBIND11 = "answer-pybind11";
    ANSWER_BUG_EXPECTED = "answer-bug-expected";
    ANSWER_BUG_SILENT = "answer-bug-silent";
    ANSWER_BUG_CAPPED = "answer-bug-capped";
    ANSWER_UPGRADE_FROZEN = "answer-upgrade-frozen";
    ANSWER_WHY_1 = "answer-why-1";
    ANSWER_BUG_NONE = "answer-bug-none";
    ANSWER_REINSTALL = "answer-reinstall";
    ANSWER_WHY_INSTALLED = "answer-why-installed";

    UNKNOWN_CULPRIT = "unknown-culprit";
    UNKNOWN_DISTRIBUTION = "unknown-distribution";
    UNKNOWN_CULPRIT_VERSION = "unknown-culprit-version";
    UNKNOWN_NUMPY = "unknown-numpy";
    UNKNOWN_ENVIRONMENT = "unknown-environment";
    UNKNOWN_CAUSE_LINE = "unknown-cause-line";
    UNKNOWN_OTHER_ENVIRONMENT = "unknown-other-environment";
    UNKNOWN_ENVIRONMENT_DIFFERS = "unknown-environment-differs";
    UNKNOWN_ENVIRONMENT_FITS = "unknown-environment-fits";
    UNKNOWN_ENVIRONMENT_LACKS = "unknown-environment-lacks";
    UNKNOWN_PLATFORM = "unknown-platform";
    UNKNOWN_OTHER_SIDE = "unknown-other-side";
    UNKNOWN_CUT = "unknown-cut";
    UNKNOWN_SUSPECTS = "unknown-suspects";
}
