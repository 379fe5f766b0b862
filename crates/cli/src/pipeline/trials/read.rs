//! What the bytes say of an import and of a use.

use contract::judge::{DistributionInput, Outcome, PythonImports, Step, simulate_import};
use contract::report::{BinaryReport, JudgedNumpy, Loaded, Python, TargetReport};
use contract::{Fails, Undetermined, Verdict};

use super::Subject;
use super::subjects::Subjects;
use crate::pipeline::environment::Scene;

/// An environment read under one NumPy.
pub(super) struct Reading<'a> {
    inputs: Vec<DistributionInput<'a>>,
    python: Option<&'a Python>,
    numpy: &'a JudgedNumpy,
    report: &'a TargetReport,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        subjects: &'a Subjects<'a>,
        scene: &'a Scene,
        numpy: &'a JudgedNumpy,
        report: &'a TargetReport,
    ) -> Self {
        Self { inputs: subjects.inputs(), python: scene.environment.python.as_ref(), numpy, report }
    }

    /// What `import module` comes to.
    pub(super) fn import(&self, module: &str) -> Outcome {
        let inputs: Vec<&DistributionInput<'_>> = self.inputs.iter().collect();
        simulate_import(module, &inputs, self.python, &self.numpy.provision)
    }

    /// What a use comes to: the imports in it, and the files of the distribution that check when they are first used.
    pub(super) fn used(&self, subject: &Subject, snippet: &str) -> Outcome {
        let outcomes = imported(&reader::python::imports(snippet)).into_iter().map(|module| self.import(&module));
        let mut unknown = None;
        for outcome in outcomes {
            match outcome {
                Outcome::Fails { .. } => return outcome,
                Outcome::Unknown(reason) if reason.reason != "no-such-module" => unknown = Some(reason),
                _ => {}
            }
        }
        match self.at_first_use(subject) {
            Outcome::Works => unknown.map_or(Outcome::Works, Outcome::Unknown),
            outcome => outcome,
        }
    }

    fn at_first_use(&self, subject: &Subject) -> Outcome {
        let own = self.report.distributions.iter().filter(|d| Some(&d.name) == subject.distribution.as_ref());
        let misfits: Vec<&BinaryReport> =
            own.flat_map(|d| &d.binaries).filter(|b| b.assessment.verdict >= Verdict::Undetermined).collect();
        let fails = |b: &&&BinaryReport| b.assessment.fails == Some(Fails::Use) && b.loaded == Some(Loaded::Always);
        if let Some(binary) = misfits.iter().find(fails)
            && let Some(error) = &binary.assessment.error
        {
            return Outcome::Fails { path: binary.path.clone(), error: error.clone() };
        }
        match misfits.first() {
            Some(binary) => Outcome::Unknown(Undetermined {
                reason: "may-be-used".to_owned(),
                detail: format!("whether this use runs into `{}` is not known", binary.path),
            }),
            None => Outcome::Works,
        }
    }
}

/// The modules that the plain import statements of a snippet name.
fn imported(imports: &PythonImports) -> Vec<String> {
    let statements = imports.steps.iter().filter_map(|step| match step {
        Step::Import(import) => Some(import),
        _ => None,
    });
    let names = statements.flat_map(|import| {
        let below = import.names.iter().map(|name| format!("{}.{name}", import.module));
        std::iter::once(import.module.clone()).chain(below)
    });
    names.filter(|name| name.split('.').next() != Some("numpy")).collect()
}
