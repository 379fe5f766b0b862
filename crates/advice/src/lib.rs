//! Advice: what an error text means, and what would mend an environment. Text and reports come in, values go out.

pub mod commands;
pub mod constraints;
pub mod explain;
pub mod plan;
