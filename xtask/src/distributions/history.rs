//! Where among releases, in ascending order, the first stands that works with NumPy 2, and all later ones with it.

/// What reading one release's wheel said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It works with NumPy 2.
    Works,
    /// It does not. What its metadata says of NumPy, where it names it.
    Fails(Option<String>),
    /// The wheel says nothing: it holds no compiled files, or could not be read.
    Unknown,
}

/// The border, as positions among the releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    /// The release before the first that works; the newest where none does.
    pub(super) last: Option<usize>,
    /// What its metadata says of NumPy.
    pub(super) declared: Option<String>,
    /// The first that works.
    pub(super) first: Option<usize>,
}

/// How many releases that work are passed on the way down before the search is given up: a distribution that never used
/// NumPy's C API has no border.
const MOST_STEPS: usize = 10;

/// Finds the newest border, looking from `start` on: upwards to the first release that works, or downwards to the last
/// that does not. Older ones may well work again, where a distribution did not use NumPy's C API before. Releases that
/// say nothing are passed over. `None` where none says anything.
pub(super) fn history(count: usize, start: usize, judge: impl Fn(usize) -> Judged) -> Option<History> {
    let mut found = History::default();
    for at in start..count {
        match judge(at) {
            Judged::Works => {
                found.first = Some(at);
                break;
            }
            Judged::Fails(declared) => (found.last, found.declared) = (Some(at), declared),
            Judged::Unknown => {}
        }
    }
    if found.last.is_none() {
        walk_down(&mut found, start, judge);
    }
    (found.last.is_some() || found.first.is_some()).then_some(found)
}

/// Moves `first` down to the oldest release of an unbroken row that works.
fn walk_down(found: &mut History, start: usize, judge: impl Fn(usize) -> Judged) {
    for at in (0..start).rev().take(MOST_STEPS) {
        match judge(at) {
            Judged::Works => found.first = Some(at),
            Judged::Fails(declared) => {
                (found.last, found.declared) = (Some(at), declared);
                return;
            }
            Judged::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{History, Judged, history};

    fn found(releases: &str, start: usize) -> Option<(Option<usize>, Option<usize>)> {
        let judge = |at: usize| match releases.as_bytes().get(at) {
            Some(b'+') => Judged::Works,
            Some(b'-') => Judged::Fails(None),
            _ => Judged::Unknown,
        };
        history(releases.len(), start, judge).map(|History { last, first, .. }| (last, first))
    }

    #[test]
    fn finds_neighbours_from_above_and_from_below() {
        for start in 0..7 {
            assert_eq!(found("----+++", start), Some((Some(3), Some(4))), "from {start}");
        }
    }

    #[test]
    fn a_release_of_the_time_before_the_c_api_was_used_is_no_border() {
        assert_eq!(found("+++--+++", 7), Some((Some(4), Some(5))));
    }

    #[test]
    fn where_none_works_the_newest_is_the_last() {
        assert_eq!(found("-------", 6), Some((Some(6), None)));
        assert_eq!(found("+++++++", 6), Some((None, Some(0))));
    }

    #[test]
    fn what_says_nothing_is_passed_over() {
        assert_eq!(found("---??++", 5), Some((Some(2), Some(5))));
        assert_eq!(found("---??++", 3), Some((Some(2), Some(5))));
        assert_eq!(found("--??", 3), Some((Some(1), None)));
        assert_eq!(found("???????", 3), None);
        assert_eq!(found("", 0), None);
    }

    #[test]
    fn an_endless_row_that_works_is_given_up() {
        assert_eq!(found(&"+".repeat(50), 40), Some((None, Some(30))));
    }
}
