//! Why there is no plan, as a proof: each way that was tried, and what stands in it.

use contract::Version;

use super::{NumpyAim, Standing};

/// A way that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The NumPy that it aimed at.
    pub numpy: NumpyAim,
    /// What would have had to move.
    pub moved: Vec<String>,
    /// What stands in the way, in a sentence or an installer's own lines.
    pub why: String,
}

/// The sentence for a distribution whose bytes allow no NumPy that this Python can have; `None` where one is left.
/// `python`: `3.13`. `releases`: the NumPys that an installer could have, in ascending order.
pub fn no_numpy_left(standing: &Standing, python: &str, releases: &[Version]) -> Option<String> {
    let allowed = standing.allowed.as_ref()?;
    if releases.iter().any(|release| allowed.contains(release)) {
        return None;
    }
    let who = format!("`{} {}`", standing.name, standing.version);
    Some(match releases.first() {
        Some(first) => format!(
            "{who} works with `numpy{}` alone, and Python {python} has no such NumPy: the oldest with a wheel is {first}",
            allowed.to_specifiers()
        ),
        None => format!("no NumPy with a wheel for Python {python} is known"),
    })
}
