//! The families of messages as data: what to look for, how telling it is, and how to read the rest.

use std::collections::VecDeque;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::bundled::Library;
use super::clean::Flat;
use super::diagnosis::{Effect, Subject};

mod crash;
mod installation;
mod lookalikes;
mod major;
mod silent;
mod sizes;
mod torch;
mod versions;

pub(super) use crash::loaded_modules;
pub(super) use silent::{SILENT, refuser};

/// Where the frames stand that name the module at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The message ends a traceback.
    Before,
    /// The message is printed first, and a traceback follows.
    After,
    /// The message itself comes from torch.
    Torch,
    /// It is NumPy's own trouble, or nobody's.
    Nobody,
}

/// What a message says beside being there. Every field is what the text gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The feature level or ABI that was compiled in.
    pub(super) wanted: Option<u32>,
    /// The feature level or ABI of the running NumPy.
    pub(super) running: Option<u32>,
    /// The type whose size is compared: `numpy.dtype`.
    pub(super) class: Option<String>,
    /// Its size in the headers, in bytes.
    pub(super) header: Option<u64>,
    /// Its size at run time, in bytes.
    pub(super) actual: Option<u64>,
    /// Whether it is a warning, not an exception.
    pub(super) warning: bool,
    /// Whether the code was compiled with NumPy 2.x headers, where the wording tells.
    pub(super) headers_2: Option<bool>,
    /// The running NumPy's version, where the message names it.
    pub(super) numpy: Option<String>,
    /// The oldest release that the message itself asks for.
    pub(super) floor: Option<String>,
    /// The releases that the message itself asks for, as a specifier set.
    pub(super) range: Option<String>,
    /// A name that matters: an attribute, a symbol, a distribution.
    pub(super) name: Option<String>,
    /// The missing library, where a wheel brought it along.
    pub(super) bundled: Option<Library>,
}

/// One family of messages.
pub(super) struct Family {
    /// A kebab-case noun for the problem, stable in every output.
    pub(super) id: &'static str,
    /// How telling it is beside others in the same text; less is more telling.
    pub(super) rank: u8,
    /// What it is about.
    pub(super) subject: Subject,
    /// What it does, unless the text says otherwise.
    pub(super) effect: Effect,
    /// Where the culprit is named.
    pub(super) place: Place,
    /// Literal pieces of text, any of which starts a match; letter case does not count.
    pub(super) markers: &'static [&'static str],
    /// Reads the surroundings of a marker; `None` when it is not this family after all.
    pub(super) read: fn(&Site<'_>) -> Option<Reading>,
    /// Where the wording was read.
    #[cfg_attr(not(test), allow(dead_code, reason = "kept beside the markers for whoever changes them"))]
    pub(super) source: &'static str,
}

/// Where a marker was found.
pub(super) struct Site<'a> {
    /// The whole text.
    pub(super) flat: &'a Flat,
    /// Where the marker begins.
    pub(super) start: usize,
}

impl<'a> Site<'a> {
    /// The text from the marker on.
    pub(super) fn at(&self, length: usize) -> &'a str {
        self.flat.after(self.start, length)
    }

    /// The text on both sides of the marker's beginning.
    pub(super) fn around(&self, length: usize) -> &'a str {
        self.flat.after(self.start.saturating_sub(length), length.saturating_mul(2))
    }

    /// The text up to the marker.
    pub(super) fn before(&self, length: usize) -> &'a str {
        self.flat.before(self.start, length)
    }
}

/// One message found.
pub(super) struct Hit {
    /// Its family.
    pub(super) family: &'static Family,
    /// Where it begins in the flat text.
    pub(super) start: usize,
    /// What it says.
    pub(super) reading: Reading,
}

/// Every family, in no particular order; `rank` decides.
pub(super) fn all() -> impl Iterator<Item = &'static Family> {
    [major::FAMILIES, versions::FAMILIES, sizes::FAMILIES, torch::FAMILIES, installation::FAMILIES, crash::FAMILIES]
        .into_iter()
        .flatten()
        .chain(lookalikes::FAMILIES)
        .chain(silent::FAMILIES)
}

static FINDER: LazyLock<(AhoCorasick, Vec<&'static Family>)> = LazyLock::new(|| {
    let pairs: Vec<_> = all().flat_map(|family| family.markers.iter().map(move |marker| (*marker, family))).collect();
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(pairs.iter().map(|(marker, _)| *marker))
        .expect("a few short literals make an automaton");
    (finder, pairs.into_iter().map(|(_, family)| family).collect())
});

/// At most this many messages of a text are kept from its beginning, and as many from its end; a log may repeat one
/// without end.
const MOST_HITS: usize = 1000;

/// Every message of a known family, in the order of the text, in one pass over it.
pub(super) fn find(flat: &Flat) -> Vec<Hit> {
    let (finder, families) = &*FINDER;
    let mut all = finder.find_iter(&flat.text).filter_map(|found| {
        let family = families.get(found.pattern().as_usize())?;
        let site = Site { flat, start: found.start() };
        let reading = (family.read)(&site)?;
        let family = sizes::of_whose_type(installation::of_who_misses_it(family, &site), &reading);
        Some(Hit { family, start: site.start, reading })
    });
    let mut hits: Vec<Hit> = all.by_ref().take(MOST_HITS).collect();
    let mut last = VecDeque::new();
    for hit in all {
        if last.len() == MOST_HITS {
            last.pop_front();
        }
        last.push_back(hit);
    }
    hits.extend(last);
    hits
}

/// The reading of a message that says no more than that it is there.
fn nothing_more(_: &Site<'_>) -> Option<Reading> {
    Some(Reading::default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn ids_ranks_and_markers_are_told_apart() {
        let ids: Vec<_> = super::all().map(|family| family.id).collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "an id stands for one family");
        let ranks: Vec<_> = super::all().map(|family| family.rank).collect();
        assert_eq!(ranks.len(), ranks.iter().collect::<BTreeSet<_>>().len(), "ranks decide between any two");
        let markers: Vec<_> = super::all().flat_map(|family| family.markers).map(|m| m.to_lowercase()).collect();
        assert_eq!(markers.len(), markers.iter().collect::<BTreeSet<_>>().len(), "a marker belongs to one family");
        assert!(super::all().all(|family| !family.source.is_empty()), "every wording has a source");
    }
}
