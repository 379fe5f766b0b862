//! What each rule says of targets made by hand, and that it keeps quiet where nothing is wrong.

use std::collections::BTreeMap;

use crate::judge::tests::{
    attempt, check, distribution, file, import, numpy, one, releases, size, sources, target, two, two_with,
};
use crate::judge::{DefinedType, DistributionInput, FileInput, FoundNumpy, PythonImports, TargetInput, judge_target};
use crate::report::TargetKind;
use crate::{
    Architecture, Build, Consumer, ConsumerKind, Fails, Finding, Generation, Headers, Reach, Requirement, Severity,
    Undetermined, Verdict,
};

type Sources = BTreeMap<String, PythonImports>;

fn findings(input: &TargetInput<'_>) -> Vec<Finding> {
    judge_target(input, &releases()).findings
}

fn ids(findings: &[Finding]) -> Vec<(&str, Severity)> {
    findings.iter().map(|finding| (finding.rule.as_str(), finding.severity)).collect()
}

/// The findings about one distribution with these files, its only modules.
fn about(version: &str, declared: Option<&str>, files: Vec<FileInput>) -> Vec<Finding> {
    let nothing = Sources::new();
    let mut demo = distribution(files, &nothing);
    demo.declared_numpy = declared.map(str::to_owned);
    findings(&target(version, vec![demo]))
}

fn whole(version: &str, path: &str) -> FoundNumpy {
    FoundNumpy {
        path: path.to_owned(),
        version: Some(version.to_owned()),
        wins: true,
        why: "it comes first".to_owned(),
        core_generations: vec![if version.starts_with('1') { "core" } else { "_core" }.to_owned()],
        ..FoundNumpy::default()
    }
}

#[test]
fn every_finding_has_a_rule_evidence_and_no_full_stop() {
    let ids: Vec<&str> = super::rules().iter().map(|rule| rule.id).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    for finding in about("2.1.3", Some(""), vec![one("_c.so"), two("_d.so")]) {
        assert!(ids.contains(&finding.rule.as_str()), "{finding:?}");
        assert!(!finding.message.ends_with('.') && !finding.evidence.is_empty(), "{finding:?}");
    }
}

#[test]
fn one_x_on_two() {
    let found = about("2.1.3", Some("<2"), vec![one("_c.so"), one("_d.so"), two_with("_e.so", 0xe)]);
    assert_eq!(ids(&found), [("numpy-major-mismatch", Severity::Error), ("mixed-builds", Severity::Note)]);
    assert_eq!(
        found[0].message,
        "`demo` 1.0 was compiled for NumPy 1.x and does not work under NumPy 2.1.3: `import _c` fails in `_c.so` \
         with `ImportError: numpy.core.multiarray failed to import`, and 1 more file of it fails"
    );
    assert_eq!(
        found[0].help.as_deref(),
        Some("install NumPy `<2`, or a release of `demo` that works with NumPy 2.1.3")
    );
}

/// The range of one file was advised, and another file needs a newer NumPy: PyWavelets 1.4.1.
#[test]
fn what_is_advised_suits_every_file_that_an_import_loads() {
    let demanding = || Requirement { checks: vec![check(0x0100_0009, 0x11)], ..Requirement::default() };
    let found = about("2.1.3", Some("<2"), vec![one("_c.so"), file("_d.so", demanding())]);
    assert_eq!(found[0].binary.as_deref(), Some("_c.so"));
    let help = "install NumPy `>=1.26,<2`, or a release of `demo` that works with NumPy 2.1.3";
    assert_eq!(found[0].help.as_deref(), Some(help));
}

/// What a file wants that an import goes on without would have broken what the import loads.
#[test]
fn what_is_advised_breaks_no_other_file() {
    let steps = vec![import("demo", &["_new"], 0), attempt(vec![import("demo", &["_old"], 0)], Vec::new())];
    let python = sources(&[("demo/__init__.py", steps)]);
    let help = |new: FileInput| {
        let found = findings(&target("2.1.3", vec![distribution(vec![new, one("demo/_old.so")], &python)]));
        assert_eq!((found[0].severity, found[0].binary.as_deref()), (Severity::Warning, Some("demo/_old.so")));
        found[0].help.clone().expect("a way out")
    };
    assert!(help(two("demo/_new.so")).starts_with("install NumPy `<2`,"), "{}", help(two("demo/_new.so")));
    let told = help(two_with("demo/_new.so", 0x12));
    assert_eq!(told, "install another release of `demo`: no NumPy for Python 3.11 suits all of its files");
}

/// `numpy>=2` was advised for pyarrow, and Bottleneck, which worked, then failed.
#[test]
fn what_is_advised_breaks_no_other_distribution() {
    let nothing = Sources::new();
    let help = |declared: &str, files: Vec<FileInput>| {
        let mut beside = DistributionInput { name: "beside".to_owned(), ..distribution(files, &nothing) };
        beside.declared_numpy = Some(declared.to_owned());
        let found = findings(&target("2.1.3", vec![distribution(vec![one("_c.so")], &nothing), beside]));
        let of_demo = found.into_iter().find(|finding| finding.distribution.as_deref() == Some("demo"));
        of_demo.expect("it fails").help.expect("a way out")
    };
    let ours = "or a release of `demo` that works with NumPy 2.1.3";
    assert_eq!(help(">=1.26", Vec::new()), format!("install NumPy `>=1.26,<2`, {ours}"));
    assert_eq!(help("<1.20", Vec::new()), format!("install NumPy `<2`, {ours}"), "it is not met now either");
    let none = "install another release of `demo`: no NumPy that it works with suits `beside`, too";
    assert_eq!(help("", vec![two_with("_d.so", 0x12)]), none);
    assert_eq!(help(">=2", Vec::new()), none);
}

#[test]
fn a_size_error_of_one_x_on_two_is_the_same_problem() {
    let sized = Requirement { types: vec![size("numpy", "dtype", 96)], ..Requirement::default() };
    let found = about("2.1.3", Some("<2"), vec![file("_c.so", sized)]);
    assert_eq!(ids(&found), [("numpy-major-mismatch", Severity::Error)]);
    assert!(found[0].message.contains("Expected 96 from C header, got 88 from PyObject"), "{}", found[0].message);
}

#[test]
fn too_old_and_too_small() {
    let found = about("1.24.4", Some(">=2"), vec![two_with("_c.so", 0x12)]);
    assert_eq!(ids(&found), [("numpy-too-old", Severity::Error)]);
    let mut sized = Requirement { types: vec![size("numpy", "ndarray", 104)], ..Requirement::default() };
    assert_eq!(ids(&about("1.24.4", None, vec![file("_c.so", sized.clone())]))[0].0, "type-size-changed");
    sized.types[0].module = "other".to_owned();
    assert_eq!(about("1.24.4", None, vec![file("_c.so", sized)]), []);
}

#[test]
fn a_type_of_another_distribution_that_shrank_is_not_numpys_doing() {
    let nothing = Sources::new();
    let mut user = distribution(
        vec![file(
            "user.abi3.so",
            Requirement { types: vec![size("pool.core", "Pool", 48)], ..Requirement::default() },
        )],
        &nothing,
    );
    user.name = "user".to_owned();
    let provider = distribution(vec![file("pool/core.abi3.so", Requirement::default())], &nothing);
    let named = [(user.name.as_str(), user.files.as_slice()), (provider.name.as_str(), provider.files.as_slice())];
    let asked = crate::judge::asked_types(&named, None);
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].distribution, asked[0].names.as_slice()), (1, ["pool.core.Pool".to_owned()].as_slice()));

    let found = |bytes: u64| {
        let types = vec![size("pool.core", "Pool", 48)];
        let user = file("user.abi3.so", Requirement { types, ..Requirement::default() });
        let mut input = target("2.1.3", vec![distribution(vec![user], &nothing)]);
        input.surroundings.types = vec![DefinedType {
            name: "pool.core.Pool".to_owned(),
            size: bytes,
            distribution: "`pool` 2.0".to_owned(),
            path: "pool/core.abi3.so".to_owned(),
        }];
        findings(&input)
    };
    assert_eq!(ids(&found(40)), [("other-type-size-changed", Severity::Error)]);
    assert!(found(40)[0].message.contains("Expected 48 from C header, got 40 from PyObject"), "{:?}", found(40)[0]);
    assert_eq!((found(48), found(56)), (vec![], vec![]));
}

#[test]
fn late_checks_fail_at_use() {
    let mut late = one("_c.so");
    late.facts[0].requirement.checks[0].reach = Reach::Later;
    let found = about("2.1.3", Some("<2"), vec![late]);
    assert_eq!(ids(&found), [("fails-at-first-use", Severity::Error)]);
}

#[test]
fn unchecked_access_is_a_warning() {
    let consumer = Consumer {
        kind: ConsumerKind::Pybind11,
        generation: Some(Generation::One),
        version: None,
        reads_old_layout: None,
        evidence: Vec::new(),
    };
    let files = || vec![file("_c.so", Requirement { consumers: vec![consumer.clone()], ..Requirement::default() })];
    assert_eq!(ids(&about("2.1.3", Some("<2"), files())), [("unchecked-numpy-access", Severity::Warning)]);
    assert_eq!(about("1.26.4", Some("<2"), files()), []);
    let shown = "this file holds code that reads `itemsize` so";
    assert!(!about("2.1.3", Some("<2"), files())[0].message.contains(shown));
    let reads = Consumer { reads_old_layout: Some(true), ..consumer.clone() };
    let file = file("_c.so", Requirement { consumers: vec![reads], ..Requirement::default() });
    let found = about("2.1.3", Some("<2"), vec![file]);
    assert_eq!(ids(&found), [("unchecked-numpy-access", Severity::Warning)]);
    assert!(found[0].message.contains(shown), "{}", found[0].message);
}

#[test]
fn functions_that_numpy_2_has_no_longer_support_a_finding_and_make_none() {
    let with_slots = |mut file: FileInput, slots: [u16; 3]| {
        file.facts[0].requirement.slots = slots.to_vec();
        file
    };
    // 67 is `PyArray_FromDims`, which NumPy 2.0 removed.
    let found = about("2.1.3", Some("<2"), vec![with_slots(one("_c.so"), [0, 67, 211])]);
    let told =
        |finding: &Finding| finding.evidence.iter().filter(|e| e.text.ends_with("are empty in this NumPy: 67")).count();
    assert_eq!(found.iter().map(told).sum::<usize>(), 1, "{found:?}");
    assert_eq!(about("2.1.3", None, vec![with_slots(two("_c.so"), [0, 67, 211])]), []);
}

#[test]
fn what_could_not_be_told_is_noted() {
    let reason = Undetermined { reason: "truncated".to_owned(), detail: "the file ends early".to_owned() };
    let unreadable = FileInput { path: "_c.so".to_owned(), facts: Vec::new(), unreadable: Some(reason) };
    let found = about("2.1.3", None, vec![unreadable]);
    assert_eq!(ids(&found), [("undetermined-binary", Severity::Note)]);
    assert!(found[0].message.contains("the file ends early"));
}

#[test]
fn metadata_that_let_it_happen() {
    let found = about("2.1.3", Some(">=1.21"), vec![one("_c.so")]);
    assert_eq!(ids(&found)[1], ("metadata-allows-broken-numpy", Severity::Note));
    assert_eq!(about("2.1.3", Some(">=1.21"), vec![two("_c.so")]), []);
}

#[test]
fn a_wheel_is_told_all_releases_that_its_metadata_wrongly_allows() {
    let nothing = Sources::new();
    let mut demo = distribution(vec![two_with("_c.so", 0x12)], &nothing);
    demo.declared_numpy = Some(">=1.21".to_owned());
    let mut input = target("2.4.6", vec![demo]);
    input.kind = TargetKind::Wheel;
    let found = findings(&input);
    assert_eq!(ids(&found), [("metadata-allows-broken-numpy", Severity::Warning)]);
    assert!(found[0].message.ends_with("(NumPy 1.24.4 to 1.26.4)"), "{}", found[0].message);
    assert_eq!(found[0].help.as_deref(), Some("what its compiled files allow is `numpy>=2`"));
}

#[test]
fn metadata_that_forbids_what_works_is_a_note() {
    let found = about("2.1.3", Some("<2.1"), vec![two("_c.so")]);
    assert_eq!(ids(&found), [("metadata-forbids-working-numpy", Severity::Note)]);
    assert_eq!(about("2.0.2", Some("<2.1"), vec![two("_c.so")]), []);
}

#[test]
fn metadata_against_bytes() {
    let found = about("2.1.3", Some(">=2"), vec![one("_c.so")]);
    assert!(ids(&found).contains(&("no-numpy-satisfies-both", Severity::Error)), "{found:?}");
    let newer = about("2.4.6", Some(">=9"), vec![two("_c.so")]);
    assert_eq!(ids(&newer), [("metadata-forbids-working-numpy", Severity::Note)]);
}

fn surrounded(numpys: Vec<FoundNumpy>) -> Vec<Finding> {
    let mut input = target("2.1.3", Vec::new());
    input.surroundings.numpys = numpys;
    findings(&input)
}

#[test]
fn several_numpys_name_the_winner() {
    let other = FoundNumpy { wins: false, why: "after it".to_owned(), ..whole("1.26.4", "/usr/lib/numpy") };
    let found = surrounded(vec![whole("2.1.3", "/v/numpy"), other]);
    assert_eq!(ids(&found), [("several-numpys", Severity::Warning)]);
    assert_eq!(
        found[0].message,
        "`import numpy` gets 2.1.3 in `/v/numpy`, and not 1.26.4 in `/usr/lib/numpy`: it comes first"
    );
    assert_eq!(surrounded(vec![whole("2.1.3", "/v/numpy")]), []);
}

#[test]
fn half_installed_numpys() {
    let both =
        FoundNumpy { core_generations: vec!["core".to_owned(), "_core".to_owned()], ..whole("2.1.3", "/v/numpy") };
    let none = FoundNumpy { core_generations: Vec::new(), ..whole("2.1.3", "/v/numpy") };
    let twice = FoundNumpy { metadata_folders: vec!["a".to_owned(), "b".to_owned()], ..whole("2.1.3", "/v/numpy") };
    let holes = FoundNumpy { missing_files: 3, ..whole("2.1.3", "/v/numpy") };
    let severities: Vec<_> = [both, none, twice, holes].map(|n| ids(&surrounded(vec![n]))[0].1).to_vec();
    assert_eq!(severities, [Severity::Error, Severity::Error, Severity::Warning, Severity::Warning]);
}

#[test]
fn foreign_files_are_not_numpys_fault() {
    let wrong = || one("_c.cpython-310-x86_64-linux-gnu.so");
    let found = about("2.1.3", None, vec![wrong()]);
    assert_eq!(ids(&found), [("foreign-binary", Severity::Error)]);
    assert!(found[0].message.contains("for Python 3.10; NumPy is not the cause"), "{}", found[0].message);
    assert_eq!(about("2.1.3", None, vec![wrong(), two("_c.cpython-311-x86_64-linux-gnu.so")]), []);
    let mut arm = two("_d.abi3.so");
    arm.facts[0].architecture = Architecture::Aarch64;
    let found = about("2.1.3", None, vec![arm, two("_c.so")]);
    assert_eq!(ids(&found), [("foreign-binary", Severity::Note)]);
}

#[test]
fn a_module_for_another_c_library_is_foreign_where_it_is_installed() {
    let nothing = Sources::new();
    let mut musl = two("_c.cpython-311-x86_64-linux-musl.so");
    musl.facts[0].needed = vec!["libc.musl-x86_64.so.1".to_owned()];
    let mut input = target("2.1.3", vec![distribution(vec![musl], &nothing)]);
    let found = findings(&input);
    assert_eq!(ids(&found), [("foreign-binary", Severity::Error)]);
    assert!(found[0].message.contains("for another C library (musl)"), "{}", found[0].message);
    input.python.as_mut().expect("a Python").platform = "musllinux-x86_64".to_owned();
    assert_eq!(findings(&input), []);
    // A wheel whose tag is `linux_x86_64` may have been made for either.
    input.python.as_mut().expect("a Python").platform = "linux-x86_64".to_owned();
    input.kind = TargetKind::Wheel;
    assert_eq!(findings(&input), []);
}

#[test]
fn a_bundled_library_that_is_gone_is_not_numpys_fault() {
    let needing = || {
        let mut module = two("_c.abi3.so");
        module.facts[0].needed = vec!["libgfortran-040039e1.so.5.0.0".to_owned(), "libm.so.6".to_owned()];
        module
    };
    let found = about("2.1.3", None, vec![needing()]);
    assert_eq!(ids(&found), [("foreign-binary", Severity::Error)]);
    assert!(found[0].message.contains("needs the library `libgfortran-040039e1.so.5.0.0`"), "{}", found[0].message);
    let library = file("demo.libs/libgfortran-040039e1.so.5.0.0", Requirement::default());
    assert_eq!(about("2.1.3", None, vec![needing(), library]), []);
}

fn conda(numpy_by: &str, recorded: bool, demo_by: &str) -> Vec<Finding> {
    let nothing = Sources::new();
    let mut demo = distribution(vec![one("_c.so")], &nothing);
    demo.installer = Some(demo_by.to_owned());
    demo.declared_numpy = Some("<2".to_owned());
    let mut input = target("2.1.3", vec![demo]);
    let found =
        FoundNumpy { installer: Some(numpy_by.to_owned()), conda_record: recorded, ..whole("2.1.3", "/c/numpy") };
    input.surroundings.numpys = vec![found];
    input.surroundings.conda = true;
    findings(&input)
}

#[test]
fn tools_that_were_mixed() {
    let mixed = ("conda-pip-mix", Severity::Warning);
    assert!(ids(&conda("pip", true, "pip")).contains(&mixed));
    assert!(ids(&conda("pip", false, "conda")).contains(&mixed));
    assert!(!ids(&conda("conda", false, "conda")).contains(&mixed));
}

#[test]
fn a_shared_python_is_noted_where_something_is_wrong() {
    let nothing = Sources::new();
    let shared = |files| {
        let mut input = target("2.1.3", vec![distribution(files, &nothing)]);
        input.surroundings.isolated = Some(false);
        findings(&input)
    };
    let rule = "not-in-a-virtual-environment";
    assert!(shared(vec![one("_c.so")]).iter().any(|finding| finding.rule == rule));
    assert_eq!(shared(vec![two("_c.so")]), []);
}

#[test]
fn without_a_numpy_nothing_fails() {
    let nothing = Sources::new();
    let mut input = target("2.1.3", vec![distribution(vec![one("_c.so")], &nothing)]);
    input.numpy = None;
    let report = judge_target(&input, &releases());
    assert_eq!(report.distributions[0].verdict, Verdict::Compatible);
    assert_eq!(report.distributions[0].numpy_binary.as_ref().expect("it uses NumPy").to_specifiers(), "<2");
    assert_eq!(report.findings, []);
}

#[test]
fn no_release_for_this_python_helps() {
    let mut input_releases = releases();
    for release in &mut input_releases {
        let newest = if release.version.major() < 2 { 10 } else { 13 };
        release.pythons = vec![(3, newest)];
    }
    let nothing = Sources::new();
    let report = judge_target(&target("2.1.3", vec![distribution(vec![one("_c.so")], &nothing)]), &input_releases);
    let help = report.findings[0].help.as_deref().expect("a way out");
    assert!(help.contains("no NumPy that it works with has wheels for Python 3.11"), "{help}");
    assert_eq!(report.distributions[0].fails, Some(Fails::Import));
    assert_eq!(numpy("2.1.3").feature, 0x13);
}

/// A distribution that is never asked for anything twice keeps the order of equal findings.
#[test]
fn findings_come_in_a_fixed_order() {
    let nothing = Sources::new();
    let named = |name: &str| DistributionInput { name: name.to_owned(), ..distribution(vec![one("_c.so")], &nothing) };
    let forwards = findings(&target("2.1.3", vec![named("a"), named("b")]));
    let backwards = findings(&target("2.1.3", vec![named("b"), named("a")]));
    assert_eq!(forwards, backwards);
    assert_eq!(forwards[0].distribution.as_deref(), Some("a"));
}

#[test]
fn an_expectation_is_met_by_every_release_or_not_at_all() {
    let python = BTreeMap::new();
    let judged = |files: Vec<FileInput>| {
        let mut input = target("1.26.4", vec![distribution(files, &python)]);
        (input.kind, input.numpy) = (TargetKind::Wheel, None);
        judge_target(&input, &releases())
    };
    let told = |files: Vec<FileInput>, expected: &str| {
        let mut found = crate::rules::expectation(&judged(files), expected, false, &releases());
        found.pop().map(|finding| finding.message)
    };
    assert_eq!(told(vec![two("a/_c.so")], ">=1.24,<3"), None);
    assert_eq!(told(vec![one("a/_c.so")], ">=1.24,<2"), None);
    let message = told(vec![one("a/_c.so")], ">=1.24,<3").expect("not met");
    assert!(message.ends_with("do not with NumPy 2.0.2 to 2.4.6: `a/_c.so`"), "{message}");
    let message = told(vec![one("a/_c.so")], ">=1.24,<2.1").expect("not met");
    assert!(message.ends_with("do not with NumPy 2.0.2: `a/_c.so`"), "{message}");
    let unread = FileInput {
        unreadable: Some(crate::Undetermined { reason: "unreadable".to_owned(), detail: "cut off".to_owned() }),
        ..two("a/_c.so")
    };
    assert!(told(vec![unread], ">=1.24,<3").expect("not met").ends_with("could not be told: cut off"));
    assert_eq!(told(vec![file("a/_c.so", crate::Requirement::default())], ">=1.24,<3"), None, "no NumPy, no demands");
    let nothing = told(vec![two("a/_c.so")], ">=99").expect("not met");
    assert!(nothing.ends_with("no known release in it has wheels for Python 3.11"), "{nothing}");
}

/// The stable ABI's wheel was held to the NumPys of its lowest Python alone, of which `numpy>=2.3` has none.
#[test]
fn a_wheel_of_the_stable_abi_is_held_to_the_numpys_of_later_pythons() {
    let python = BTreeMap::new();
    let mut input = target("1.26.4", vec![distribution(vec![one("a/_c.abi3.so")], &python)]);
    (input.kind, input.numpy) = (TargetKind::Wheel, None);
    input.python = Some(crate::report::Python { version: "3.9".to_owned(), platform: "linux-x86_64".to_owned() });
    let report = judge_target(&input, &releases());
    let mut known = releases();
    known
        .iter_mut()
        .for_each(|release| release.pythons = vec![if release.version.major() < 2 { (3, 9) } else { (3, 12) }]);
    let told = |later| crate::rules::expectation(&report, ">=1.24,<3", later, &known).len();
    assert_eq!([told(false), told(true)], [0, 1]);
}

#[test]
fn stretches_of_releases_are_told_by_their_ends() {
    let versions: Vec<crate::Version> =
        ["1.21.0", "1.21.6", "1.22.0", "2.0.0", "2.1.0", "2.2.0"].map(|v| v.parse().expect("a version")).into();
    let told = |broken: &[&str]| {
        let among: Vec<_> = versions.iter().collect();
        crate::rules::words::stretches(&among, |version| broken.contains(&version.to_string().as_str()))
    };
    assert_eq!(
        told(&["1.21.0", "1.21.6", "2.0.0", "2.1.0", "2.2.0"]).as_deref(),
        Some("NumPy 1.21.0 to 1.21.6 and 2.0.0 to 2.2.0")
    );
    assert_eq!(told(&["1.21.0", "1.22.0", "2.1.0"]).as_deref(), Some("NumPy 1.21.0, 1.22.0 and 2.1.0"));
    assert_eq!(told(&[]), None);
}

fn headers(version: &str, abi: u32, target: u32) -> Headers {
    Headers { version: version.parse().expect("a version"), abi, target }
}

/// What is told of a build with these headers and these least demanding ones, without a NumPy at hand.
fn about_build(numpy: Option<&str>, declared: Option<&str>, own: Headers, least: Headers) -> Vec<String> {
    let nothing = Sources::new();
    let build = Build {
        source: "demo-1.0.tar.gz".to_owned(),
        requires: vec!["numpy".to_owned()],
        headers: Some(own),
        least: Some(least),
        runtime_known: true,
    };
    let reason = Undetermined { reason: crate::report::NOT_READ.to_owned(), detail: "it would be built".to_owned() };
    let unread = FileInput { facts: Vec::new(), unreadable: Some(reason), ..one("demo") };
    let mut demo = distribution(vec![unread], &nothing);
    (demo.build, demo.declared_numpy) = (Some(build), declared.map(str::to_owned));
    let mut input = target(numpy.unwrap_or("2.1.3"), vec![demo]);
    if numpy.is_none() {
        input.numpy = None;
    }
    findings(&input).into_iter().map(|finding| finding.rule).filter(|rule| rule != "undetermined-binary").collect()
}

#[test]
fn a_build_is_held_to_the_numpys_that_it_is_to_run_with() {
    let newest = || headers("2.1.3", 0x0200_0000, 0x11);
    let older = || headers("2.0.2", 0x0200_0000, 0x10);
    assert_eq!(about_build(None, Some(">=1.24"), newest(), older()), ["build-against-newest-numpy"]);
    assert_eq!(about_build(None, Some(">=1.24"), newest(), newest()), ["build-pin-too-new"]);
    assert_eq!(about_build(Some("1.24.4"), Some(""), newest(), older()), ["build-against-newest-numpy"]);
    assert_eq!(about_build(None, Some(">=1.26"), newest(), newest()), [""; 0]);
    assert_eq!(about_build(Some("2.1.3"), Some(""), newest(), newest()), [""; 0], "the NumPy at hand decides");
}

/// It was said that nothing keeps NumPy 2 from it, where nothing but NumPy 2 may be there.
#[test]
fn a_build_and_metadata_that_exclude_each_other_are_told() {
    let old = || headers("1.24.4", 0x0100_0009, 0x10);
    assert_eq!(about_build(None, Some(">=2"), old(), old()), ["no-numpy-satisfies-both"]);
    assert_eq!(about_build(None, Some(">=1.24"), old(), old()), ["metadata-allows-broken-numpy"]);
    assert_eq!(about_build(Some("2.1.3"), Some(">=2"), old(), old()), ["metadata-allows-broken-numpy"]);
}

#[test]
fn a_build_with_headers_of_one_x_does_not_run_with_two() {
    let one = || headers("1.24.4", 0x0100_0009, 0x10);
    assert_eq!(about_build(None, Some(">=1.24"), one(), one()), ["metadata-allows-broken-numpy"]);
    assert_eq!(about_build(None, Some("<2"), one(), one()), [""; 0]);
    assert_eq!(about_build(Some("2.0.2"), Some("<2"), one(), one()), ["metadata-allows-broken-numpy"]);
}

fn wheels(wheels: &[(&str, &str, FileInput)]) -> Vec<String> {
    let nothing = Sources::new();
    let judged = wheels.iter().map(|(path, python, file)| {
        let mut input = target("2.1.3", vec![distribution(vec![file.clone()], &nothing)]);
        (input.kind, input.path, input.numpy) = (TargetKind::Wheel, (*path).to_owned(), None);
        input.python.iter_mut().for_each(|known| known.version = (*python).to_owned());
        judge_target(&input, &releases())
    });
    let report = crate::report::Report { targets: judged.collect() };
    let found = crate::rules::mixed_wheels(&report, &releases());
    found.into_iter().map(|(index, finding)| format!("{index} {}", finding.message)).collect()
}

#[test]
fn wheels_of_one_release_are_held_against_each_other() {
    let told = wheels(&[("linux.whl", "3.11", two("_c.so")), ("windows.whl", "3.11", one("_c.so"))]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("1 wheels of `demo` 1.0 were not built alike") && told[0].contains("`linux.whl`"),
        "{told:?}"
    );
    assert_eq!(wheels(&[("linux.whl", "3.11", two("_c.so")), ("windows.whl", "3.11", two("_c.so"))]), [""; 0]);
    let floors = [("a.whl", "3.11", two("_c.so")), ("b.whl", "3.12", two_with("_c.so", 0x12))];
    assert_eq!(wheels(&floors), [""; 0], "another Python may have another floor");
    let generations = [("a.whl", "3.11", two("_c.so")), ("b.whl", "3.12", one("_c.so"))];
    assert_eq!(wheels(&generations).len(), 1);
}
