//! Turns what was found out into text for people and into formats for programs. Values come in and a string goes out;
//! nothing here writes anywhere or asks what kind of terminal there is.
//!
//! Every format ends with the counts of everything that was looked at, what could not be told included.

pub mod concise;
pub mod constraints;
pub mod explain;
pub mod fix;
pub mod github;
pub mod inspect;
pub mod json;
pub mod matrix;
mod page;
pub mod probe;
mod reason;
pub mod sarif;
mod style;
pub mod text;
mod words;

pub use page::{Ignored, Page, TargetHint, Tool};
pub use style::Colour;
pub use text::Detail;

#[cfg(test)]
mod sample;
