//! Which releases of NumPy a target is judged under, where it is to be judged under many.

use contract::Release;
use contract::judge::{Matrix, TargetInput, judge_matrix};
use contract::report::Python;

use crate::settings::Columns;

/// The releases that exist for a Python, all of them where it is not known, as far as they were asked for.
pub(super) fn releases(python: Option<&Python>, columns: &Columns) -> Vec<&'static Release> {
    let line = python.and_then(|python| contract::judge::python_line(&python.version));
    let exists = |release: &&Release| line.is_none_or(|line| release.pythons.contains(&line));
    let wanted = |release: &&Release| {
        let specifiers = columns.within.as_deref();
        specifiers.is_none_or(|specifiers| release.version.satisfies(specifiers).unwrap_or(false))
    };
    let known = knowledge::releases().iter().filter(|release| !knowledge::is_yanked(&release.version));
    known.filter(exists).filter(wanted).collect()
}

/// The matrix of a target, where one is asked for.
pub(super) fn judged(input: &TargetInput<'_>, columns: Option<&Columns>) -> Option<Matrix> {
    columns.map(|columns| judge_matrix(input, &releases(input.python.as_ref(), columns)))
}
