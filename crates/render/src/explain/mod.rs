//! A diagnosis for people (in their language) and for programs.

mod json;
mod language;
mod text;

pub use json::to_json;
pub use language::{Language, LanguageError, Localizer};
pub use text::{Detail, to_text};
