//! From facts about single files to judgements of distributions and targets.

mod input;
mod python;

pub use input::{DistributionInput, FileInput, FoundNumpy, NoSources, PythonSources, Surroundings, TargetInput};
pub use python::{Catches, Handler, Import, PythonImports, Step, Try};
