//! Distributions made by hand, in the manner of real ones, and what becomes of them under a NumPy.

use std::collections::BTreeMap;

use crate::judge::{
    Catches, DistributionInput, FileInput, Handler, Import, Outcome, PythonImports, Step, Surroundings, TargetInput,
    Try, judge_matrix, judge_target, simulate_import,
};
use crate::report::{DistributionReport, JudgedNumpy, Loaded, NumpySource, Python, TargetKind};
use crate::{
    Architecture, BinaryFacts, CheckMode, Evidence, Fails, Format, OnFailure, Provision, Reach, Release, Requirement,
    TypeCheck, Verdict, Version, VersionCheck,
};

type Sources = BTreeMap<String, PythonImports>;

/// A NumPy of the given version, as far as these tests need it.
pub(crate) fn numpy(version: &str) -> Provision {
    let version: Version = version.parse().expect("a version");
    let two = version.major() >= 2;
    let types = [("dtype", if two { 88 } else { 96 }), ("ndarray", 96)];
    Provision {
        abi: if two { 0x0200_0000 } else { 0x0100_0009 },
        feature: match (two, version.minor()) {
            (true, minor) => 0x12 + u32::try_from(minor).expect("a small number"),
            (false, 26) => 0x11,
            (false, _) => 0x10,
        },
        types: types.map(|(name, size)| (name.to_owned(), size)).into(),
        null_slots: if two { vec![40, 41, 66, 67, 68] } else { Vec::new() },
        version: Some(version),
    }
}

pub(crate) fn releases() -> Vec<Release> {
    let of =
        |text: &&str| Release { version: text.parse().expect("a version"), provision: numpy(text), pythons: vec![] };
    ["1.24.4", "1.26.4", "2.0.2", "2.1.3", "2.4.6"].iter().map(of).collect()
}

fn seen(fact: &str) -> Vec<Evidence> {
    let certainty = crate::Certainty::Decoded;
    vec![Evidence { fact: fact.to_owned(), section: None, address: Some(0x1000), text: String::new(), certainty }]
}

/// NumPy's own check as the given headers compile it.
pub(crate) fn check(abi: u32, feature: u32) -> VersionCheck {
    VersionCheck {
        abi,
        feature: Some(feature),
        reach: Reach::Import,
        on_failure: OnFailure::Raises,
        auto_inserted: false,
        import_error: Some("numpy.core.multiarray failed to import".to_owned()),
        imports: "numpy.core._multiarray_umath".to_owned(),
        feature_message: None,
        evidence: seen("version check"),
    }
}

/// Cython's size check of NumPy's `dtype`, or of another module's type.
pub(crate) fn size(module: &str, class: &str, size: u64) -> TypeCheck {
    TypeCheck {
        module: module.to_owned(),
        class: class.to_owned(),
        size,
        mode: CheckMode::Ignore,
        old_message: false,
        evidence: seen("size check"),
    }
}

pub(crate) fn file(path: &str, requirement: Requirement) -> FileInput {
    let module = crate::judge::extension_name(path).map(|name| name.module);
    let facts = BinaryFacts {
        format: Format::Elf,
        architecture: Architecture::X86_64,
        module: module.map(|name| name.rsplit('.').next().unwrap_or_default().to_owned()),
        needed: Vec::new(),
        requirement,
    };
    FileInput { path: path.to_owned(), facts: vec![facts], unreadable: None }
}

/// A file built with headers of 1.x, that calls `import_array`.
pub(crate) fn one(path: &str) -> FileInput {
    file(path, Requirement { checks: vec![check(0x0100_0009, 0x10)], ..Requirement::default() })
}

/// A file built with headers of 2.x, for NumPy 1.24 and later.
pub(crate) fn two(path: &str) -> FileInput {
    two_with(path, 0x10)
}

pub(crate) fn two_with(path: &str, feature: u32) -> FileInput {
    file(path, Requirement { checks: vec![check(0x0200_0000, feature)], ..Requirement::default() })
}

/// A Cython file built with headers of 1.x, that never calls `import_array`.
fn sized(path: &str) -> FileInput {
    file(path, Requirement { types: vec![size("numpy", "dtype", 96)], ..Requirement::default() })
}

pub(crate) fn import(module: &str, names: &[&str], level: u32) -> Step {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Step::Import(Import { module: module.to_owned(), names, level, call: false })
}

/// `try: STEPS except ImportError: HANDLER`.
pub(crate) fn attempt(body: Vec<Step>, handler: Vec<Step>) -> Step {
    let handlers = vec![Handler { catches: Catches::Named(vec!["ImportError".to_owned()]), body: handler }];
    Step::Try(Try { body, handlers, ..Try::default() })
}

pub(crate) fn sources(modules: &[(&str, Vec<Step>)]) -> Sources {
    let of = |(path, steps): &(&str, Vec<Step>)| {
        ((*path).to_owned(), PythonImports { steps: steps.clone(), ..PythonImports::default() })
    };
    modules.iter().map(of).collect()
}

pub(crate) fn distribution<'a>(files: Vec<FileInput>, sources: &'a Sources) -> DistributionInput<'a> {
    DistributionInput {
        name: "demo".to_owned(),
        version: "1.0".to_owned(),
        installer: Some("pip".to_owned()),
        declared_numpy: Some(String::new()),
        build: None,
        wheel_tags: Vec::new(),
        files,
        sources,
    }
}

pub(crate) fn target<'a>(version: &str, distributions: Vec<DistributionInput<'a>>) -> TargetInput<'a> {
    TargetInput {
        kind: TargetKind::Environment,
        path: "venv".to_owned(),
        python: Some(Python { version: "3.11".to_owned(), platform: "linux-x86_64".to_owned() }),
        numpy: Some(JudgedNumpy { provision: numpy(version), path: None, source: NumpySource::Table }),
        distributions,
        surroundings: Surroundings::default(),
        problems: Vec::new(),
    }
}

fn judged(version: &str, files: Vec<FileInput>, sources: &Sources) -> DistributionReport {
    let input = target(version, vec![distribution(files, sources)]);
    judge_target(&input, &releases()).distributions.remove(0)
}

fn outcome(module: &str, version: &str, files: Vec<FileInput>, sources: &Sources) -> Outcome {
    simulate_import(module, &[&distribution(files, sources)], None, &numpy(version))
}

fn failing_file(outcome: Outcome) -> String {
    match outcome {
        Outcome::Fails { path, .. } => path,
        other => panic!("a failure was expected, not {other:?}"),
    }
}

#[test]
fn a_file_that_every_import_loads_condemns() {
    let python = sources(&[("a/__init__.py", vec![import("", &["_c"], 1)])]);
    let report = judged("2.1.3", vec![one("a/_c.abi3.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
    assert_eq!(report.binaries[0].loaded, Some(Loaded::Always));
    assert_eq!(report.numpy_binary.expect("it uses NumPy").to_specifiers(), "<2");
}

#[test]
fn a_file_that_a_public_submodule_loads_fails_at_use() {
    let python = sources(&[("a/__init__.py", vec![]), ("a/coco.py", vec![import("a._mask", &[], 0)])]);
    let report = judged("2.1.3", vec![sized("a/_mask.cpython-311-x86_64-linux-gnu.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Use)));
    assert_eq!(report.binaries[0].loaded, Some(Loaded::Submodule));
    assert_eq!(report.binaries[0].loaded_by.as_deref(), Some("a.coco"));
}

#[test]
fn an_optional_file_condemns_nobody() {
    let python =
        sources(&[("a/__init__.py", vec![import("", &["_good"], 1), attempt(vec![import("", &["_c"], 1)], vec![])])]);
    let report = judged("2.1.3", vec![two("a/_good.so"), one("a/_c.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::AtRisk, None));
    let loaded: Vec<_> = report.binaries.iter().map(|b| b.loaded).collect();
    assert_eq!(loaded, [Some(Loaded::Conditional), Some(Loaded::Always)]);
    assert_eq!(report.numpy_binary.expect("it uses NumPy").to_specifiers(), "");
}

/// faiss takes a build for the processor, or else a plain one: none of them can be loaded, and it was only "at risk".
#[test]
fn alternatives_that_all_fail_condemn() {
    let named = |value| Step::Set { name: "fast".to_owned(), value };
    let load = |module: &str| import("", &[module], 1);
    let attempted = |module: &str| attempt(vec![load(module)], vec![named(Some(false))]);
    let choice = |yes, no| Step::Choice { name: "fast".to_owned(), yes, no };
    let steps = vec![named(None), choice(vec![attempted("_fast")], vec![]), choice(vec![], vec![load("_plain")])];
    let python = sources(&[("a/__init__.py", steps)]);
    let verdict = |fast: FileInput, plain: FileInput| {
        let report = judged("2.1.3", vec![fast, plain], &python);
        (report.verdict, report.fails, report.numpy_binary.map(|set| set.to_specifiers()))
    };
    let condemned = (Verdict::Incompatible, Some(Fails::Import), Some("<2".to_owned()));
    assert_eq!(verdict(one("a/_fast.so"), one("a/_plain.so")), condemned);
    assert_eq!(verdict(one("a/_fast.so"), two("a/_plain.so")).0, Verdict::AtRisk);
    assert_eq!(verdict(two("a/_fast.so"), one("a/_plain.so")).0, Verdict::AtRisk);
}

/// What suits both was given as a release that is newer than all, which no build of the two is for.
#[test]
fn builds_that_exclude_each_other_promise_no_range() {
    let either = vec![vec![import("", &["_np1"], 1)], vec![import("", &["_np2"], 1)]];
    let python = sources(&[("a/__init__.py", vec![Step::Branch { arms: either, exhaustive: true }])]);
    let report = judged("2.1.3", vec![one("a/_np1.so"), two_with("a/_np2.so", 0x13)], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::AtRisk, None));
    let ranges: Vec<_> = report.binaries.iter().map(|b| b.numpy.as_ref().map(|set| set.to_specifiers())).collect();
    assert_eq!(ranges, [Some("<2".to_owned()), Some(">=2.1".to_owned())]);
    assert_eq!(report.numpy_binary, None);
}

#[test]
fn a_size_error_is_not_caught_as_an_import_error() {
    let python = sources(&[("a/__init__.py", vec![attempt(vec![import("", &["_c"], 1)], vec![])])]);
    assert_eq!(judged("2.1.3", vec![sized("a/_c.so")], &python).verdict, Verdict::Incompatible);
    assert_eq!(failing_file(outcome("a", "2.1.3", vec![sized("a/_c.so")], &python)), "a/_c.so");
    assert_eq!(outcome("a", "2.1.3", vec![one("a/_c.so")], &python), Outcome::Works);
}

#[test]
fn a_handler_that_raises_again_lets_it_through() {
    let raising = vec![Step::Branch { arms: vec![vec![Step::Raise], vec![Step::Raise]], exhaustive: true }];
    let python = sources(&[("a/__init__.py", vec![attempt(vec![import("", &["_c"], 1)], raising)])]);
    let report = judged("2.1.3", vec![one("a/_c.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
}

#[test]
fn a_file_that_nothing_visible_loads_is_a_risk() {
    let python = sources(&[("a/__init__.py", vec![import("", &["_good"], 1)])]);
    let files = vec![two("a/_good.so"), two_with("a/_strings.so", 0x13)];
    let report = judged("1.26.4", files, &python);
    assert_eq!(report.verdict, Verdict::AtRisk);
    assert_eq!(report.binaries[1].loaded, Some(Loaded::Unknown));
    assert_eq!(report.numpy_binary.expect("it uses NumPy").to_specifiers(), "");
}

#[test]
fn a_file_for_tests_does_not_count() {
    let python = sources(&[
        ("a/__init__.py", vec![import("", &["_good"], 1)]),
        ("a/tests/__init__.py", vec![]),
        ("a/tests/test_x.py", vec![import("a._probe", &[], 0)]),
    ]);
    let report = judged("2.1.3", vec![two("a/_good.so"), one("a/_probe.so"), one("a/_test_c.so")], &python);
    assert_eq!(report.verdict, Verdict::Compatible);
    let loaded: Vec<_> = report.binaries.iter().map(|b| b.loaded).collect();
    assert_eq!(loaded, [Some(Loaded::Always), Some(Loaded::Tests), Some(Loaded::Tests)]);
}

#[test]
fn a_lone_module_is_its_distribution() {
    let report = judged("2.1.3", vec![one("_c.abi3.so")], &Sources::new());
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
}

#[test]
fn a_package_that_loads_its_native_twin() {
    let call = Step::Import(Import { module: "cv2".to_owned(), names: Vec::new(), level: 0, call: true });
    let python = sources(&[("cv2/__init__.py", vec![import("cv2.version", &[], 0), call]), ("cv2/version.py", vec![])]);
    let report = judged("2.1.3", vec![one("cv2/cv2.abi3.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
}

/// A library that checks, and a module that leaves the checking to it.
fn arrow(types: Vec<TypeCheck>) -> Vec<FileInput> {
    let mut library = one("pa/libarrow_python.so.1500");
    library.facts[0].requirement.checks[0].reach = Reach::Unknown;
    let mut user = file("pa/lib.so", Requirement { types, ..Requirement::default() });
    user.facts[0].needed = vec!["libarrow_python.so.1500".to_owned()];
    vec![user, library]
}

#[test]
fn a_module_fails_through_the_library_that_checks_for_it() {
    let python = sources(&[("pa/__init__.py", vec![import("pa.lib", &[], 0)])]);
    let report = judged("2.1.3", arrow(vec![size("numpy", "ndarray", 16)]), &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
    assert_eq!(report.binaries[0].through.as_deref(), Some("pa/libarrow_python.so.1500"));
    assert_eq!(report.binaries[0].numpy.as_ref().expect("it uses NumPy").to_specifiers(), "<2");
    let outcome = outcome("pa", "2.1.3", arrow(vec![size("numpy", "ndarray", 16)]), &python);
    assert_eq!(failing_file(outcome), "pa/lib.so");
}

#[test]
fn a_cython_module_without_numpy_types_relies_on_its_library_too() {
    let python = sources(&[("pa/__init__.py", vec![import("pa.lib", &[], 0)])]);
    let report = judged("2.1.3", arrow(vec![size("builtins", "type", 16)]), &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
}

#[test]
fn a_library_alone_fails_at_use() {
    let python = sources(&[("pa/__init__.py", vec![import("pa.lib", &[], 0)])]);
    let report = judged("2.1.3", arrow(Vec::new()), &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Use)));
    assert_eq!(report.binaries[1].loaded, Some(Loaded::Always));
}

#[test]
fn a_module_fails_through_the_sibling_that_it_imports() {
    let user = file("a/_user.so", Requirement { types: vec![size("a._base", "T", 40)], ..Requirement::default() });
    let report = judged("2.1.3", vec![sized("a/_base.so"), user.clone()], &sources(&[("a/__init__.py", vec![])]));
    assert_eq!(report.binaries[1].assessment.verdict, Verdict::Incompatible);
    assert_eq!(report.binaries[1].through.as_deref(), Some("a/_base.so"));
    let outcome = outcome("a._user", "2.1.3", vec![sized("a/_base.so"), user], &Sources::new());
    assert_eq!(failing_file(outcome), "a/_base.so");
}

#[test]
fn parents_come_first() {
    let python = sources(&[
        ("a/__init__.py", vec![import("b", &["x"], 1)]),
        ("a/b/__init__.py", vec![import("", &["_first"], 1)]),
    ]);
    let files = || vec![one("a/_own.so"), one("a/b/_first.so")];
    assert_eq!(failing_file(outcome("a._own", "2.1.3", files(), &python)), "a/b/_first.so");
    assert_eq!(outcome("a._own", "1.26.4", files(), &python), Outcome::Works);
}

#[test]
fn a_module_that_is_not_there_is_missed_after_its_package_failed() {
    let python = sources(&[("a/__init__.py", vec![import("", &["_c"], 1)])]);
    let files = || vec![one("a/_c.abi3.so")];
    assert_eq!(failing_file(outcome("a.library", "2.1.3", files(), &python)), "a/_c.abi3.so");
    assert!(matches!(outcome("a.library", "1.26.4", files(), &python), Outcome::Unknown(_)));
}

#[test]
fn circular_imports_end() {
    let python = sources(&[
        ("a/__init__.py", vec![import("", &["b"], 1)]),
        ("a/b.py", vec![import("a.c", &["x"], 0)]),
        ("a/c.py", vec![import("", &["b", "_c"], 1)]),
    ]);
    assert_eq!(failing_file(outcome("a", "2.1.3", vec![one("a/_c.so")], &python)), "a/_c.so");
}

#[test]
fn a_condition_makes_it_unknown() {
    let arms = vec![vec![import("", &["_c"], 1)]];
    let python = sources(&[("a/__init__.py", vec![Step::Branch { arms, exhaustive: false }])]);
    assert!(matches!(outcome("a", "2.1.3", vec![one("a/_c.so")], &python), Outcome::Unknown(_)));
    assert_eq!(judged("2.1.3", vec![one("a/_c.so")], &python).verdict, Verdict::AtRisk);
}

#[test]
fn a_module_guarded_in_one_place_counts_where_it_is_not() {
    let python = sources(&[
        ("a/__init__.py", vec![attempt(vec![import("a.m", &[], 0)], vec![]), import("a.n", &[], 0)]),
        ("a/m.py", vec![import("", &["_c"], 1)]),
        ("a/n.py", vec![import("a.m", &[], 0)]),
    ]);
    let report = judged("2.1.3", vec![one("a/_c.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
    assert_eq!(failing_file(outcome("a", "2.1.3", vec![one("a/_c.so")], &python)), "a/_c.so");
}

#[test]
fn files_for_another_python_or_machine_do_not_count() {
    let mut files = vec![two("a/_c.cpython-311-x86_64-linux-gnu.so"), one("a/_c.cpython-310-x86_64-linux-gnu.so")];
    let mut other = one("a/_d.so");
    other.facts[0].architecture = Architecture::Aarch64;
    files.push(other);
    let python = sources(&[("a/__init__.py", vec![import("", &["_c", "_d"], 1)])]);
    assert_eq!(judged("2.1.3", files, &python).verdict, Verdict::Compatible);
}

#[test]
fn namespaces_begin_below() {
    let python = sources(&[("google/proto/__init__.py", vec![import("", &["_m"], 1)])]);
    let report = judged("2.1.3", vec![one("google/proto/_m.so")], &python);
    assert_eq!((report.verdict, report.fails), (Verdict::Incompatible, Some(Fails::Import)));
    assert_eq!(report.binaries[0].loaded_by.as_deref(), Some("google.proto"));
}

#[test]
fn numpy_itself_is_not_judged() {
    let nothing = Sources::new();
    let mut itself = distribution(vec![one("numpy/random/mtrand.so")], &nothing);
    itself.name = "numpy".to_owned();
    let report = judge_target(&target("2.1.3", vec![itself]), &releases());
    assert_eq!(report.distributions[0].verdict, Verdict::NotApplicable);
}

/// Panics when asked: a healthy environment must not be parsed.
struct Untouchable;

impl crate::judge::PythonSources for Untouchable {
    fn paths(&self) -> Vec<String> {
        panic!("the sources of a healthy distribution were listed")
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        panic!("`{path}` of a healthy distribution was parsed")
    }
}

#[test]
fn healthy_environments_parse_no_python() {
    let nothing = Sources::new();
    let healthy = DistributionInput {
        sources: &Untouchable,
        ..distribution(vec![two("a/_c.so"), two_with("a/_d.so", 0x12)], &nothing)
    };
    let report = judge_target(&target("2.4.6", vec![healthy]), &releases());
    assert_eq!(report.distributions[0].verdict, Verdict::Compatible);
    assert_eq!(report.findings, []);
}

#[test]
fn a_file_read_in_part_is_never_cleared() {
    let cut = |file: FileInput| {
        let reason = crate::Undetermined { reason: "member-unreadable".to_owned(), detail: "cut off".to_owned() };
        FileInput { unreadable: Some(reason), ..file }
    };
    let python = sources(&[("a/__init__.py", vec![import("", &["_c"], 1)])]);
    for seen in [two("a/_c.so"), file("a/_c.so", Requirement::default())] {
        let report = judged("2.1.3", vec![cut(seen)], &python);
        assert_eq!(report.verdict, Verdict::Undetermined);
        assert_eq!(report.numpy_binary, None, "no range is promised");
        assert_eq!(report.binaries.len(), 1, "one file counts once");
        assert_eq!(report.binaries[0].assessment.undetermined[0].detail, "cut off");
    }
    let mut odd = two("a/_c.so");
    let seen = crate::Undetermined { reason: "truncated".to_owned(), detail: "the file ends too early".to_owned() };
    odd.facts.iter_mut().for_each(|facts| facts.requirement.undetermined.push(seen.clone()));
    let report = judged("2.1.3", vec![cut(odd)], &python);
    assert_eq!(
        report.binaries[0].assessment.undetermined[0].detail, "cut off",
        "the cause comes before what came of it"
    );
    let report = judged("2.1.3", vec![cut(one("a/_c.so"))], &python);
    assert_eq!(report.verdict, Verdict::Incompatible, "what was seen breaks it all the same");
}

#[test]
fn a_slice_that_was_not_reached_counts_as_unread() {
    let mut fat = two("a/_c.so");
    fat.facts.iter_mut().for_each(|facts| facts.architecture = Architecture::Aarch64);
    fat.unreadable = Some(crate::Undetermined { reason: "member-unreadable".to_owned(), detail: "cut off".to_owned() });
    assert_eq!(judged("2.1.3", vec![fat], &sources(&[])).verdict, Verdict::Undetermined);
}

#[test]
fn a_matrix_has_what_bytes_and_metadata_say_of_every_release() {
    let nothing = Sources::new();
    let mut demo = distribution(vec![one("_c.so")], &nothing);
    demo.declared_numpy = Some(">=1.26".to_owned());
    let input = target("2.1.3", vec![demo]);
    let known = releases();
    let matrix = judge_matrix(&input, &known.iter().collect::<Vec<_>>());
    let cells: Vec<_> = matrix.rows[0].cells.iter().map(|cell| (cell.verdict, cell.fails, cell.allowed)).collect();
    let broken = (Verdict::Incompatible, Some(Fails::Import), true);
    assert_eq!(
        cells,
        [(Verdict::Compatible, None, false), (Verdict::Compatible, None, true), broken, broken, broken],
        "1.24.4, 1.26.4, 2.0.2, 2.1.3, 2.4.6"
    );
    assert_eq!(matrix.rows[0].cells[2].error.as_deref(), Some("ImportError: numpy.core.multiarray failed to import"));
    assert_eq!(matrix.suiting().iter().map(ToString::to_string).collect::<Vec<_>>(), ["1.26.4"]);
}

#[test]
fn a_matrix_asks_for_each_source_once_however_many_releases_there_are() {
    struct Counting(std::sync::atomic::AtomicUsize);
    impl crate::judge::PythonSources for Counting {
        fn paths(&self) -> Vec<String> {
            vec!["demo/__init__.py".to_owned()]
        }
        fn imports(&self, _: &str) -> Option<PythonImports> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Some(PythonImports { steps: vec![import("", &["_c"], 1)], ..PythonImports::default() })
        }
    }
    let counting = Counting(std::sync::atomic::AtomicUsize::new(0));
    let nothing = Sources::new();
    let demo = DistributionInput { sources: &counting, ..distribution(vec![one("demo/_c.so")], &nothing) };
    let known = releases();
    judge_matrix(&target("2.1.3", vec![demo]), &known.iter().collect::<Vec<_>>());
    assert_eq!(counting.0.into_inner(), 1);
}
