//! NumPy's binary contract as plain values: what a compiled file demands ([`Requirement`]), what a NumPy build
//! offers ([`Provision`]), and whether the two fit ([`compare`]).
//!
//! Nothing here opens a file, reads a clock or starts a process; values come in and values go out. The reader fills
//! in [`BinaryFacts`], `compare` judges them, [`report`] collects the judgements of a whole target.

mod build;
mod compare;
mod evidence;
pub mod experiment;
mod finding;
pub mod judge;
mod message;
mod provision;
mod ranges;
pub mod report;
mod requirement;
pub mod rules;
mod verdict;
mod version;

pub use build::{Build, Headers};
pub use compare::{Assessment, allowed, compare};
pub use evidence::{Certainty, Evidence};
pub use finding::{Finding, Severity};
pub use message::{ErrorKind, PredictedError};
pub use provision::{Provision, Release};
pub use ranges::NumpySet;
pub use requirement::{
    Architecture, BinaryFacts, CheckMode, Consumer, ConsumerKind, Format, Generation, OnFailure, Reach, Requirement,
    TypeCheck, UfuncImport, Undetermined, VersionCheck,
};
pub use verdict::{Fails, Verdict};
pub use version::{Version, VersionError};
