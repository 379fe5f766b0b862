//! What a resolver is told beside the requirements: what stays, what stays wants, and what reading wheels has taught.

use advice::plan::Culprit;
use contract::Version;
use sources::wheel::normalized;

use super::Installed;

/// How firmly what is not to be moved is held. Each is tried when the one before leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hold {
    /// Every distribution stays at its version.
    All,
    /// What the user asked for and what holds compiled files stays; the rest may move.
    Asked,
    /// Whatever has to move may.
    Nothing,
}

/// Every grade, firmest first.
pub(super) const HOLDS: [Hold; 3] = [Hold::All, Hold::Asked, Hold::Nothing];

/// The constraints of one way.
pub(super) struct Constraints<'a> {
    pub(super) installed: &'a Installed,
    /// What moves: no version and no requirement of these holds any more.
    pub(super) moving: &'a [Culprit],
    /// Whether NumPy may move.
    pub(super) numpy_moves: bool,
}

impl Constraints<'_> {
    /// The lines for a resolver, sorted.
    pub(super) fn lines(&self, hold: Hold) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, present) in self.installed.present() {
            if self.moves(name) {
                continue;
            }
            let held = match hold {
                Hold::All => true,
                Hold::Asked => present.requested || present.compiled,
                Hold::Nothing => name == "numpy",
            };
            let Some(version) = present.version.as_ref().filter(|_| held) else { continue };
            lines.push(format!("{}=={version}", present.name));
            lines.extend(self.wanted(&present.needs));
        }
        lines.sort();
        lines.dedup();
        lines
    }

    /// What a distribution that stays wants of those that move.
    fn wanted<'b>(&'b self, needs: &'b [sources::environment::Need]) -> impl Iterator<Item = String> + 'b {
        let limits = needs.iter().filter(|need| !need.specifiers.is_empty() && self.moves(&need.name));
        limits.map(|need| format!("{}{}", need.name, need.specifiers))
    }

    fn moves(&self, name: &str) -> bool {
        let named = self.moving.iter().any(|culprit| normalized(&culprit.name) == name);
        named || (self.numpy_moves && name == "numpy")
    }
}

/// What distributions of the environment want of each other and would not have, given what changes; a sentence each.
pub(super) fn contradictions(installed: &Installed, changed: &[(String, Version)]) -> Vec<String> {
    let after = |name: &str| {
        let new = changed.iter().find(|(changed, _)| normalized(changed) == normalized(name));
        new.map(|(_, version)| version.clone()).or_else(|| installed.of(name)?.version.clone())
    };
    let stays = |name: &str| !changed.iter().any(|(changed, _)| normalized(changed) == normalized(name));
    let mut found = Vec::new();
    for (name, present) in installed.present().iter().filter(|(name, _)| stays(name)) {
        for need in &present.needs {
            let Some(version) = after(&need.name) else { continue };
            if !need.specifiers.is_empty() && version.satisfies(&need.specifiers).is_ok_and(|fine| !fine) {
                let own = present.version.as_ref().map(ToString::to_string).unwrap_or_default();
                found.push(format!("`{name} {own}` asks for `{}{}`, not {version}", need.name, need.specifiers));
            }
        }
    }
    found
}

/// The names of what distributions of the environment require and do not have.
pub(super) fn missing(installed: &Installed) -> Vec<String> {
    let needs = installed.present().values().flat_map(|present| &present.needs);
    let mut names: Vec<String> = needs.map(|need| normalized(&need.name)).collect();
    names.retain(|name| installed.of(name).is_none());
    names.sort();
    names.dedup();
    names
}
