//! The classes in which observations and predictions are compared.

use contract::{Assessment, ErrorKind, Fails, Verdict};

/// What happens to a module under a NumPy, seen or foreseen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// It imports, and, where it was called, works.
    Fine,
    /// The import fails over the ABI's major version.
    Major,
    /// The import fails over the feature level.
    Feature,
    /// The import fails over the size of a type.
    Size,
    /// The import fails over NumPy, and what was seen does not tell over which part of the contract.
    Import,
    /// It imports; a call fails or gives wrong results.
    Use,
    /// It imports, and calls may go wrong. Only foreseen.
    Risk,
    /// It could not be told. Only foreseen.
    Undetermined,
    /// It failed for a reason that is not NumPy's C API. Only seen.
    Other,
}

/// How a prediction compares with what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Judgement {
    /// Foreseen, in kind too.
    Right,
    /// A risk was foreseen, and the calls that were made went well.
    RiskUnmet,
    /// The failure was foreseen, and another reason for it.
    WrongKind,
    /// It failed, and that was not foreseen.
    Missed,
    /// It works, and a failure was foreseen.
    FalseAlarm,
    /// numpact said that it could not tell.
    Undetermined,
    /// What was seen has nothing to do with NumPy's C API.
    NotCompared,
}

impl Class {
    /// The word used in tables.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Major => "dies at import: NumPy 1.x build on 2.x",
            Self::Feature => "dies at import: feature level",
            Self::Size => "dies at import: type size",
            Self::Import => "dies at import",
            Self::Use => "fails at use",
            Self::Risk => "at risk",
            Self::Undetermined => "undetermined",
            Self::Other => "other failure",
        }
    }

    fn is_import(&self) -> bool {
        matches!(self, Self::Major | Self::Feature | Self::Size | Self::Import)
    }

    /// The class of a failing import.
    pub(crate) fn of_import(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NumpyMajor => Self::Major,
            ErrorKind::FeatureLevel => Self::Feature,
            ErrorKind::TypeSize => Self::Size,
            _ => Self::Use,
        }
    }

    /// The class of a judgement of one file.
    pub(crate) fn of(assessment: &Assessment) -> Self {
        match (assessment.verdict, assessment.fails) {
            (Verdict::Compatible | Verdict::NotApplicable, _) => Self::Fine,
            (Verdict::AtRisk, _) => Self::Risk,
            (Verdict::Undetermined, _) => Self::Undetermined,
            (Verdict::Incompatible, Some(Fails::Use)) => Self::Use,
            (Verdict::Incompatible, _) => assessment.error.as_ref().map_or(Self::Import, |e| Self::of_import(e.kind)),
        }
    }
}

impl Judgement {
    /// Compares.
    pub(crate) fn of(predicted: &Class, observed: &Class) -> Self {
        match (predicted, observed) {
            (_, Class::Other) => Self::NotCompared,
            (Class::Undetermined, _) => Self::Undetermined,
            (a, b) if a == b => Self::Right,
            (Class::Risk, Class::Fine) => Self::RiskUnmet,
            (Class::Risk, Class::Use) => Self::Right,
            (a, Class::Import) if a.is_import() => Self::Right,
            (a, b) if a.is_import() && b.is_import() => Self::WrongKind,
            (Class::Use | Class::Risk, b) if b.is_import() => Self::WrongKind,
            (a, Class::Use) if a.is_import() => Self::WrongKind,
            (_, Class::Fine) => Self::FalseAlarm,
            _ => Self::Missed,
        }
    }

    /// The word used in tables.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::RiskUnmet => "risk not met",
            Self::WrongKind => "wrong kind",
            Self::Missed => "missed",
            Self::FalseAlarm => "false alarm",
            Self::Undetermined => "undetermined",
            Self::NotCompared => "not compared",
        }
    }

    /// Whether it is an error of numpact's.
    pub(crate) fn is_wrong(self) -> bool {
        matches!(self, Self::WrongKind | Self::Missed | Self::FalseAlarm)
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Judgement};

    #[test]
    fn a_wrong_prediction_is_never_counted_as_right() {
        assert_eq!(Judgement::of(&Class::Fine, &Class::Major), Judgement::Missed);
        assert_eq!(Judgement::of(&Class::Fine, &Class::Use), Judgement::Missed);
        assert_eq!(Judgement::of(&Class::Major, &Class::Fine), Judgement::FalseAlarm);
        assert_eq!(Judgement::of(&Class::Use, &Class::Fine), Judgement::FalseAlarm);
        assert_eq!(Judgement::of(&Class::Major, &Class::Size), Judgement::WrongKind);
        assert_eq!(Judgement::of(&Class::Risk, &Class::Fine), Judgement::RiskUnmet);
        assert_eq!(Judgement::of(&Class::Undetermined, &Class::Fine), Judgement::Undetermined);
    }
}
