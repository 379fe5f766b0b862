//! Reports for tests: facts as the reader gives them, judged by the contract against NumPy releases of the table.

use contract::judge::{DistributionInput, FileInput, NoSources, Surroundings, TargetInput, judge_target};
use contract::report::{JudgedNumpy, NumpySource, Python, Report, TargetKind};
use contract::{
    Architecture, BinaryFacts, Certainty, CheckMode, Consumer, ConsumerKind, Evidence, Format, Generation, OnFailure,
    Reach, Requirement, TypeCheck, Undetermined, VersionCheck,
};

use advice::commands::Installer;

use crate::{Page, TargetHint, Tool};

/// The last line of [`broken`].
pub(crate) const BROKEN_SUMMARY: &str = "4 distributions with 5 compiled files against NumPy 2.2.4: 2 incompatible, \
     0 at risk, 1 undetermined, 1 compatible, 1 that do not use NumPy's C API";

fn evidence(fact: &str) -> Evidence {
    Evidence {
        fact: fact.to_owned(),
        section: Some(".text".to_owned()),
        address: Some(0x12ab),
        text: "cmp eax,1000009h".to_owned(),
        certainty: Certainty::Decoded,
    }
}

fn check(abi: u32, feature: u32) -> VersionCheck {
    VersionCheck {
        abi,
        feature: Some(feature),
        reach: Reach::Import,
        on_failure: OnFailure::Raises,
        auto_inserted: false,
        import_error: Some("numpy.core.multiarray failed to import".to_owned()),
        imports: "numpy.core._multiarray_umath".to_owned(),
        feature_message: None,
        evidence: vec![evidence("ABI")],
    }
}

fn dtype(size: u64) -> TypeCheck {
    TypeCheck {
        module: "numpy".to_owned(),
        class: "dtype".to_owned(),
        size,
        mode: CheckMode::Ignore,
        old_message: false,
        evidence: vec![evidence("size of numpy.dtype")],
    }
}

fn cython(abi: u32, feature: u32, size: u64) -> Requirement {
    let consumer = Consumer {
        kind: ConsumerKind::Cython,
        generation: Some(if abi >= 0x0200_0000 { Generation::Two } else { Generation::One }),
        version: Some("0.29.36".to_owned()),
        reads_old_layout: None,
        evidence: vec![evidence("Cython")],
    };
    Requirement {
        consumers: vec![consumer],
        checks: vec![check(abi, feature)],
        types: vec![dtype(size)],
        ..Requirement::default()
    }
}

fn file(path: &str, requirement: Requirement) -> FileInput {
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".so");
    let facts = BinaryFacts {
        format: Format::Elf,
        architecture: Architecture::X86_64,
        module: Some(name.to_owned()),
        needed: Vec::new(),
        requirement,
    };
    FileInput { path: path.to_owned(), facts: vec![facts], unreadable: None }
}

fn distribution(name: &str, declared: Option<&str>, files: Vec<FileInput>) -> DistributionInput<'static> {
    DistributionInput {
        name: name.to_owned(),
        version: "1.0".to_owned(),
        installer: Some("pip".to_owned()),
        declared_numpy: declared.map(str::to_owned),
        build: None,
        wheel_tags: Vec::new(),
        files,
        sources: &NoSources,
    }
}

fn judged(distributions: Vec<DistributionInput<'_>>) -> Report {
    let version = "2.2.4".parse().expect("a version");
    let release = knowledge::release(&version).expect("a known release");
    let input = TargetInput {
        kind: TargetKind::Environment,
        path: "/env".to_owned(),
        python: Some(Python { version: "3.11.7".to_owned(), platform: "linux-x86_64".to_owned() }),
        numpy: Some(JudgedNumpy {
            provision: release.provision.clone(),
            path: Some("/env/lib/python3.11/site-packages/numpy".to_owned()),
            source: NumpySource::Binary,
        }),
        distributions,
        surroundings: Surroundings::default(),
        problems: Vec::new(),
    };
    Report { targets: vec![judge_target(&input, knowledge::releases())] }
}

/// One distribution of each kind: two files that break, one that works, one that could not be told, one without NumPy.
pub(crate) fn broken() -> Report {
    let unknown = Undetermined { reason: "truncated".to_owned(), detail: "the file ends too soon".to_owned() };
    let untold = Requirement { undetermined: vec![unknown], ..cython(0x0200_0000, 0x10, 88) };
    judged(vec![
        distribution("plain", None, vec![file("plain/_speedups.so", Requirement::default())]),
        distribution("good", Some(">=1.23"), vec![file("good/_core.so", cython(0x0200_0000, 0x10, 88))]),
        distribution(
            "old",
            Some(">=1.21"),
            vec![file("old/core.so", cython(0x0100_0009, 0x10, 96)), file("old/more.so", cython(0x0100_0009, 0xf, 96))],
        ),
        distribution("untold", None, vec![file("untold/_core.so", untold)]),
    ])
}

/// Many distributions that all work.
pub(crate) fn healthy() -> Report {
    let works = |index: usize| {
        let name = format!("good{index}");
        let path = format!("{name}/_core.so");
        distribution(&name, Some(">=1.23"), vec![file(&path, cython(0x0200_0000, 0x10, 88))])
    };
    judged((0..300).map(works).collect())
}

/// A page of a report, in an environment that pip serves.
pub(crate) fn page(report: &Report) -> Page<'_> {
    static HINT: std::sync::LazyLock<Vec<TargetHint>> = std::sync::LazyLock::new(|| vec![hint()]);
    let tool = Tool { version: "0.1.0", knowledge: "2026-11-21" };
    Page { report, ignored: &[], hints: &HINT, trials: &[], folder: "/home/me", tool }
}

fn hint() -> TargetHint {
    let sites = ["good", "old", "plain", "untold"].map(|name| (name.to_owned(), "/env/lib".to_owned())).into();
    TargetHint { installer: Installer::Pip, can_install: true, sites, ..TargetHint::default() }
}
