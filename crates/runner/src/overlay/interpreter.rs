//! What an interpreter says of itself, as far as it decides which wheels fit it.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

/// Asked without the site folders (`-S`): nothing of the environment runs.
const QUESTION: &str = "\
import json, platform, sys, sysconfig
print(json.dumps({
    'implementation': platform.python_implementation(), 'version': '%d.%d' % sys.version_info[:2],
    'cache_tag': sys.implementation.cache_tag or '', 'flags': getattr(sys, 'abiflags', ''),
    'platform': sysconfig.get_platform(),
}))";

/// What wheels of an interpreter are chosen by.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Identity {
    implementation: String,
    version: String,
    cache_tag: String,
    flags: String,
    platform: String,
}

impl Identity {
    /// A word that differs where wheels differ: `cpython-311-linux-x86_64`.
    pub(super) fn tag(&self) -> String {
        format!("{}{}-{}", self.cache_tag, self.flags, self.platform)
    }

    /// `CPython 3.13 on linux-x86_64`.
    pub(super) fn words(&self) -> String {
        format!("{} {}{} on {}", self.implementation, self.version, self.flags, self.platform)
    }
}

/// Starts the interpreter and asks it.
pub(super) fn ask(interpreter: &Path) -> Result<Identity, String> {
    let mut command = Command::new(interpreter);
    command.args(["-I", "-S", "-c", QUESTION]).stdin(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("{}, {}", output.status, said.lines().last().unwrap_or("and says nothing"))
    })
}
