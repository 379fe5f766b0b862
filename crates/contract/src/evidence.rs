//! Where a fact was read, so that a person can check it with `objdump`.

use serde::{Deserialize, Serialize};

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Read from a table or a string of the file.
    Read,
    /// Decoded from instructions.
    Decoded,
    /// Concluded from other facts.
    Inferred,
}

/// One observation in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// What the observation shows, in words: `feature level 0x10`.
    pub fact: String,
    /// The section that holds it, where the file names its sections.
    pub section: Option<String>,
    /// The virtual address of it, as `objdump` prints addresses.
    pub address: Option<u64>,
    /// The string, bytes or instruction found there.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
}
