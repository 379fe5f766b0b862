//! Advice: what an error text means, and what would mend it. Text and reports come in, values go out.

pub mod commands;
pub mod explain;
