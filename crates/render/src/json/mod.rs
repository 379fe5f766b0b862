//! JSON for programs. Its types are its own, so that the inner ones may change without anybody noticing.

pub mod v1;

use crate::Page;

/// The report as one JSON object that ends with a line break.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_json(page: &Page<'_>) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&v1::Document::new(page))?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
