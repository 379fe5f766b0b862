//! What a NumPy says of itself when it is imported by an interpreter that it was built for.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use contract::{Provision, Version};
use serde::Deserialize;

use super::wheel;
use crate::data::MeasuredWheel;
use crate::index::WheelName;
use crate::python;

/// What `measure.py` prints.
#[derive(Debug, Deserialize)]
struct Answer {
    version: Version,
    abi: u32,
    feature: u32,
    types: BTreeMap<String, u64>,
    null_slots: Vec<u16>,
    header: Header,
}

/// The versions in the headers of the same wheel.
#[derive(Debug, Deserialize)]
struct Header {
    abi: u32,
    feature: u32,
}

/// Imports the NumPy in a wheel and asks it.
///
/// # Errors
/// When no interpreter fits, NumPy does not import, or its headers contradict it.
pub(crate) fn measure(wheel: &MeasuredWheel) -> Result<Provision> {
    let minor = WheelName::parse(&wheel.wheel).and_then(|name| name.pythons.first().copied());
    let Some(minor) = minor else { bail!("`{}` is not a wheel for CPython", wheel.wheel) };
    let python = python::find(minor).with_context(|| format!("there is no CPython {}.{} here", minor.0, minor.1))?;
    let folder = wheel::unpack(&wheel::file(wheel)?)?;
    let mut command = Command::new(python);
    command.args(["-E", "-s", "-B"]).arg(python::script("measure.py")).arg(folder.path());
    let answer: Answer = serde_json::from_slice(&python::output(&mut command)?)
        .with_context(|| format!("`measure.py` printed something unexpected for `{}`", wheel.wheel))?;
    ensure!(
        (answer.abi, answer.feature) == (answer.header.abi, answer.header.feature),
        "`{}` provides ABI {:#x} and feature level {:#x}, but its headers say {:#x} and {:#x}",
        wheel.wheel,
        answer.abi,
        answer.feature,
        answer.header.abi,
        answer.header.feature
    );
    Ok(provision(answer))
}

fn provision(answer: Answer) -> Provision {
    Provision {
        version: Some(answer.version),
        abi: answer.abi,
        feature: answer.feature,
        types: answer.types,
        null_slots: answer.null_slots,
    }
}
