//! What becomes of a failing import: who catches it, and whether it is raised again.

use crate::PredictedError;
use crate::judge::{Catches, Handler, Step, Try};

/// The failing import of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The path of the file that fails.
    pub(super) path: String,
    /// How.
    pub(super) error: PredictedError,
}

impl Failure {
    /// The class of the exception: `ImportError` of `ImportError: numpy.core.multiarray failed to import`.
    fn class(&self) -> &str {
        self.error.exception.split(':').next().unwrap_or_default()
    }
}

/// An answer that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// Surely not.
    No,
    /// Could not be told.
    Perhaps,
    /// Surely.
    Yes,
}

/// What a `try` does with a failure of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment<'a> {
    /// No clause catches it, or the one that does raises again.
    LetsThrough,
    /// This clause catches it, and goes on.
    Swallows(&'a Handler),
    /// Could not be told.
    Perhaps,
}

/// What a `try` does with a failure of its body.
pub(super) fn treatment<'a>(attempt: &'a Try, failure: &Failure) -> Treatment<'a> {
    for handler in &attempt.handlers {
        match (caught(&handler.catches, failure), raises(&handler.body)) {
            (Sure::No, _) => {}
            (Sure::Yes | Sure::Perhaps, Sure::Yes) => return Treatment::LetsThrough,
            (Sure::Yes, Sure::No) => return Treatment::Swallows(handler),
            _ => return Treatment::Perhaps,
        }
    }
    Treatment::LetsThrough
}

/// Whether a `try` lets everything through that concerns us, whatever fails in it.
pub(super) fn is_transparent(attempt: &Try) -> bool {
    attempt.handlers.iter().all(|handler| {
        raises(&handler.body) == Sure::Yes
            || matches!(&handler.catches, Catches::Named(names) if names.iter().all(|name| concerns_others(name)))
    })
}

fn caught(catches: &Catches, failure: &Failure) -> Sure {
    match catches {
        Catches::Everything => Sure::Yes,
        Catches::Unknown => Sure::Perhaps,
        Catches::Named(names) if names.iter().any(|name| name == failure.class()) => Sure::Yes,
        Catches::Named(names) if names.iter().any(|name| is_variable(name)) => Sure::Perhaps,
        Catches::Named(_) => Sure::No,
    }
}

/// A name that is no class by its look may stand for several classes.
fn is_variable(name: &str) -> bool {
    !name.trim_start_matches('_').starts_with(char::is_uppercase)
}

fn concerns_others(name: &str) -> bool {
    !is_variable(name) && !matches!(name, "ImportError" | "ValueError" | "RuntimeError" | "SystemError")
}

/// Whether steps end in an exception.
pub(super) fn raises(steps: &[Step]) -> Sure {
    let mut answer = Sure::No;
    for step in steps {
        match step_raises(step) {
            Sure::Yes if answer == Sure::No => return Sure::Yes,
            Sure::No => {}
            _ => answer = Sure::Perhaps,
        }
    }
    answer
}

/// Whether the path that is taken raises, where it is not known which one is.
fn one_raises<'s>(paths: impl IntoIterator<Item = &'s Vec<Step>>, exhaustive: bool) -> Sure {
    let each: Vec<Sure> = paths.into_iter().map(|path| raises(path)).collect();
    let least = each.iter().min().copied().unwrap_or(Sure::No);
    let most = each.iter().max().copied().unwrap_or(Sure::No);
    if exhaustive && least == Sure::Yes { Sure::Yes } else { most.min(Sure::Perhaps) }
}

fn step_raises(step: &Step) -> Sure {
    match step {
        Step::Raise => Sure::Yes,
        Step::Import(_) | Step::Set { .. } => Sure::No,
        Step::Maybe(steps) => raises(steps).min(Sure::Perhaps),
        Step::Branch { arms, exhaustive } => one_raises(arms, *exhaustive),
        Step::Choice { yes, no, .. } => one_raises([yes, no], true),
        Step::Try(attempt) if attempt.handlers.is_empty() => raises(&attempt.body),
        Step::Try(attempt) => raises(&attempt.body).min(Sure::Perhaps),
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Treatment, is_transparent, treatment};
    use crate::judge::{Catches, Handler, Step, Try};
    use crate::{ErrorKind, PredictedError};

    fn failure(exception: &str) -> Failure {
        let error = PredictedError {
            kind: ErrorKind::TypeSize,
            exception: exception.to_owned(),
            printed: None,
            evidence: Vec::new(),
        };
        Failure { path: "a.so".to_owned(), error }
    }

    fn catching(names: &[&str], body: Vec<Step>) -> Try {
        let catches = Catches::Named(names.iter().map(|name| (*name).to_owned()).collect());
        Try { handlers: vec![Handler { catches, body }], ..Try::default() }
    }

    #[test]
    fn a_value_error_passes_a_clause_for_import_errors() {
        let attempt = catching(&["ImportError"], Vec::new());
        assert_eq!(treatment(&attempt, &failure("ValueError: numpy.dtype size changed")), Treatment::LetsThrough);
        assert!(matches!(treatment(&attempt, &failure("ImportError: x")), Treatment::Swallows(_)));
        assert!(!is_transparent(&attempt));
    }

    #[test]
    fn what_is_raised_again_goes_through() {
        let both = Step::Branch { arms: vec![vec![Step::Raise], vec![Step::Raise]], exhaustive: true };
        let attempt = catching(&["ImportError"], vec![both]);
        assert_eq!(treatment(&attempt, &failure("ImportError: x")), Treatment::LetsThrough);
        assert!(is_transparent(&attempt));
        let one = Step::Branch { arms: vec![vec![Step::Raise], Vec::new()], exhaustive: true };
        assert_eq!(treatment(&catching(&["ImportError"], vec![one]), &failure("ImportError: x")), Treatment::Perhaps);
    }

    #[test]
    fn other_classes_do_not_catch_it() {
        let attempt = catching(&["ModuleNotFoundError", "KeyError"], Vec::new());
        assert_eq!(treatment(&attempt, &failure("ImportError: x")), Treatment::LetsThrough);
        assert!(is_transparent(&attempt));
        assert_eq!(treatment(&catching(&["errors"], Vec::new()), &failure("ImportError: x")), Treatment::Perhaps);
    }
}
