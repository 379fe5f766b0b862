//! Extras and groups of which `uv.lock` says that they are not installed together: what is installed with each.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Selected;

/// An extra or a group of a project, or a whole project, that conflicts with others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Item {
    pub(super) package: String,
    pub(super) extra: Option<String>,
    pub(super) group: Option<String>,
}

/// One way to take of each conflict at most one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection<'a> {
    /// What a user would call it.
    pub(super) name: String,
    /// What is taken.
    pub(super) items: BTreeSet<&'a Item>,
}

/// More than this many combinations are not judged: each conflict is then taken by itself.
const MOST: usize = 16;
/// More than this many ways are not judged at all.
const MOST_AT_ALL: usize = 64;

/// Every way to take of each conflict one, or none where none of it is taken by default; and what was left out.
pub(super) fn selections(
    conflicts: &[Vec<Item>],
    is_default: impl Fn(&Item) -> bool,
) -> (Vec<Selection<'_>>, Option<String>) {
    let default = |set: &'_ [Item]| set.iter().position(&is_default);
    let choices = |set: &'_ [Item]| set.len().saturating_add(usize::from(default(set).is_none()));
    let combinations = conflicts.iter().map(|set| choices(set)).fold(1, usize::saturating_mul);
    let whole = combinations <= MOST && conflicts.len() <= MOST;
    let taken = if whole { products(conflicts, &default) } else { one_by_one(conflicts, &default) };
    let mut seen = BTreeSet::new();
    let fit = |items: &BTreeSet<&Item>| {
        conflicts.iter().all(|set| set.iter().filter(|item| items.contains(item)).count() <= 1)
    };
    let different = taken.into_iter().filter(|items| fit(items) && seen.insert(items.clone()));
    let all: Vec<Selection<'_>> =
        different.map(|items| Selection { name: name(conflicts, &items, whole), items }).collect();
    let note = (!whole).then(|| {
        "too many extras and groups of it conflict to judge each combination; each conflict was taken by itself"
            .to_owned()
    });
    (all, note)
}

/// The item of a set that is taken at some place, or none; none comes last, and not where something is taken by default.
fn options(set: &[Item], default: Option<usize>) -> impl Iterator<Item = Option<&Item>> {
    set.iter().map(Some).chain(default.is_none().then_some(None))
}

fn products<'a>(conflicts: &'a [Vec<Item>], default: &impl Fn(&[Item]) -> Option<usize>) -> Vec<BTreeSet<&'a Item>> {
    let mut all = vec![BTreeSet::new()];
    for set in conflicts {
        let with = |items: &BTreeSet<&'a Item>| {
            let more = options(set, default(set)).map(|option| items.iter().copied().chain(option).collect());
            more.collect::<Vec<BTreeSet<&'a Item>>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

fn one_by_one<'a>(conflicts: &'a [Vec<Item>], default: &impl Fn(&[Item]) -> Option<usize>) -> Vec<BTreeSet<&'a Item>> {
    let by_default: Vec<Option<&Item>> =
        conflicts.iter().map(|set| default(set).and_then(|place| set.get(place))).collect();
    let ways = conflicts.iter().enumerate().flat_map(|(place, set)| {
        let others: BTreeSet<&Item> =
            by_default.iter().enumerate().filter(|(at, _)| *at != place).filter_map(|(_, item)| *item).collect();
        options(set, default(set)).map(move |option| others.iter().copied().chain(option).collect())
    });
    ways.take(MOST_AT_ALL).collect()
}

/// `extra old`, `without extra new or old`; what is not taken is named where every combination is. `default` without conflicts.
fn name(conflicts: &[Vec<Item>], items: &BTreeSet<&Item>, whole: bool) -> String {
    if conflicts.is_empty() {
        return "default".to_owned();
    }
    let mut packages = conflicts.iter().flatten().map(|item| &item.package);
    let first = packages.next();
    let several = packages.any(|package| Some(package) != first);
    let mut parts: Vec<String> = Vec::new();
    for set in conflicts {
        let part = match set.iter().find(|item| items.contains(item)) {
            Some(item) => item.words(several),
            None if whole => without(set, several),
            None => continue,
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() { "without what conflicts".to_owned() } else { parts.join(", ") }
}

/// `without extra new or old`: a kind is named once as long as it stays the same.
fn without(set: &[Item], several: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for (place, item) in set.iter().enumerate() {
        let same = place.checked_sub(1).and_then(|before| set.get(before)).is_some_and(|one| one.kind() == item.kind());
        let all = item.words(several);
        words.push(if same { all.split_once(' ').map_or(all.clone(), |(_, rest)| rest.to_owned()) } else { all });
    }
    format!("without {}", words.join(" or "))
}

impl Item {
    /// An extra of a project.
    pub(super) fn extra(package: &str, extra: &str) -> Self {
        Self { package: package.to_owned(), extra: Some(extra.to_owned()), group: None }
    }

    /// A group of a project.
    pub(super) fn group(package: &str, group: &str) -> Self {
        Self { package: package.to_owned(), extra: None, group: Some(group.to_owned()) }
    }

    /// It, selected.
    pub(super) fn selected(&self) -> Selected {
        Selected { extra: self.extra.clone(), group: self.group.clone(), marker: self.encoded() }
    }

    /// The word by which markers ask for it, as if it were an extra.
    pub(super) fn encoded(&self) -> String {
        let (package, length) = (&self.package, self.package.len());
        match (&self.extra, &self.group) {
            (Some(extra), _) => format!("extra-{length}-{package}-{extra}"),
            (None, Some(group)) => format!("group-{length}-{package}-{group}"),
            (None, None) => format!("project-{length}-{package}"),
        }
    }

    fn kind(&self) -> &'static str {
        match (&self.extra, &self.group) {
            (Some(_), _) => "extra",
            (None, Some(_)) => "group",
            (None, None) => "project",
        }
    }

    /// `extra old`, and of which project where there are several.
    fn words(&self, several: bool) -> String {
        let kind = self.kind();
        match self.extra.as_ref().or(self.group.as_ref()) {
            Some(name) if several => format!("{kind} {name} of {}", self.package),
            Some(name) => format!("{kind} {name}"),
            None => format!("{kind} {}", self.package),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, selections};

    fn extra(name: &str) -> Item {
        Item { package: "app".to_owned(), extra: Some(name.to_owned()), group: None }
    }

    fn names(conflicts: &[Vec<Item>]) -> Vec<String> {
        selections(conflicts, |item| item.extra.as_deref() == Some("usual")).0.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn of_each_conflict_one_is_taken_at_a_time() {
        let group = Item { package: "app".to_owned(), extra: None, group: Some("g".to_owned()) };
        assert_eq!(group.encoded(), "group-3-app-g");
        let both = [vec![extra("a"), extra("b")], vec![extra("usual"), group]];
        assert_eq!(
            names(&both),
            [
                "extra a, extra usual",
                "extra a, group g",
                "extra b, extra usual",
                "extra b, group g",
                "without extra a or b, extra usual",
                "without extra a or b, group g"
            ]
        );
        let shared = [vec![extra("a"), extra("b")], vec![extra("a"), extra("c")]];
        assert_eq!(
            names(&shared),
            [
                "extra a",
                "extra b, extra c",
                "extra b, without extra a or c",
                "without extra a or b, extra c",
                "without extra a or b, without extra a or c"
            ],
            "what conflicts is never taken together"
        );
    }

    #[test]
    fn what_has_too_many_combinations_is_taken_set_by_set() {
        let set = |name: char| (0..3).map(|place| extra(&format!("{name}{place}"))).collect::<Vec<Item>>();
        let three = ['a', 'b', 'c'].map(set);
        let (all, note) = selections(&three, |_| false);
        let many: Vec<Vec<Item>> = ('a'..='z').map(set).collect();
        assert_eq!((all.len(), note.is_some()), (10, true));
        assert_eq!(
            all.iter().map(|one| one.name.as_str()).take(4).collect::<Vec<_>>(),
            ["extra a0", "extra a1", "extra a2", "without what conflicts"]
        );
        assert!(selections(&many, |_| false).0.len() <= 64);
    }
}
