//! Which file of each locked package a Python on a platform would get.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep508_rs::{ExtraName, MarkerEnvironment, MarkerTree, StringVersion, VerbatimUrl};

use super::{LockedDependency, LockedEnvironment, LockedFile, LockedPackage, PATCHES, group_as_extra};
use crate::wheel::{Target, WheelName, normalized};

/// One package and what would be installed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// The package.
    pub package: &'a LockedPackage,
    /// What would be installed.
    pub choice: Choice<'a>,
}

/// What would be installed of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// This wheel.
    Wheel(&'a LockedFile),
    /// No wheel fits; this source distribution would be built.
    Sdist(&'a LockedFile),
    /// The lock file names no files: the installer must be asked for this version.
    Unnamed,
    /// A source tree, which says nothing of compiled code before it is built.
    SourceTree(&'a str),
    /// No wheel fits, and there is no source distribution.
    Nothing,
}

/// Chooses, for every package that a target would install, the wheel that it would get. Sorted by name.
pub fn choose<'a>(environment: &'a LockedEnvironment, target: &Target) -> Vec<Chosen<'a>> {
    let markers = target.markers();
    let ranking = target.ranking();
    let wanted = wanted(environment, markers.as_ref());
    let mut chosen: Vec<Chosen<'a>> = wanted
        .into_iter()
        .filter(|package| !package.root && !is_virtual(package))
        .map(|package| Chosen { package, choice: choice(package, |wheel| ranking.rank(&wheel.tags)) })
        .collect();
    chosen.sort_by_key(|chosen| (normalized(&chosen.package.name), chosen.package.version.clone()));
    chosen
}

/// Whether a package is a project of which what it requires is installed, and nothing of its own.
fn is_virtual(package: &LockedPackage) -> bool {
    package.source_tree.as_deref() == Some("virtual")
}

fn choice(package: &LockedPackage, rank: impl Fn(&WheelName) -> Option<usize>) -> Choice<'_> {
    if let Some(tree) = &package.source_tree {
        return Choice::SourceTree(tree);
    }
    let ranked = package.wheels.iter().filter_map(|file| {
        let name = WheelName::parse(&file.filename)?;
        Some(((rank(&name)?, Reverse((name.build, &file.filename))), file))
    });
    match (ranked.min_by(|(one, _), (other, _)| one.cmp(other)), &package.sdist) {
        (Some((_, wheel)), _) => Choice::Wheel(wheel),
        (None, Some(sdist)) => Choice::Sdist(sdist),
        (None, None) if package.wheels.is_empty() => Choice::Unnamed,
        (None, None) => Choice::Nothing,
    }
}

/// The packages that apply to an environment: by their own markers, or by the edges where the format has them.
fn wanted<'a>(environment: &'a LockedEnvironment, markers: Option<&MarkerEnvironment>) -> Vec<&'a LockedPackage> {
    let graph = environment.packages.iter().any(|package| package.root);
    if graph {
        return Walk::new(environment, markers).run();
    }
    let extras = asked_of_markers(environment);
    let holds = |package: &&LockedPackage| holds(package.marker.as_deref(), markers, &extras);
    environment.packages.iter().filter(holds).collect()
}

/// The extras that markers are asked about: those that are installed, and what stands for groups and for what was selected.
fn asked_of_markers(environment: &LockedEnvironment) -> Vec<ExtraName> {
    let LockedEnvironment { selected, extras, groups, always, .. } = environment;
    let selected = selected.iter().map(|one| one.marker.clone());
    let groups = groups.iter().chain(always).map(|group| group_as_extra(group));
    selected.chain(groups).chain(extras.iter().cloned()).filter_map(|extra| ExtraName::from_str(&extra).ok()).collect()
}

/// Whether a marker holds for some release of a target's Python.
pub(super) fn may_hold(marker: &str, target: &Target) -> bool {
    let Some(markers) = target.markers() else { return true };
    let Ok(tree) = MarkerTree::parse_str::<VerbatimUrl>(marker) else { return true };
    let release = |patch| StringVersion::from_str(&format!("{}.{}.{patch}", target.python.0, target.python.1)).ok();
    let mut releases = (0..PATCHES).filter_map(release);
    releases.any(|release| tree.evaluate(&markers.clone().with_python_full_version(release), &[]))
}

fn holds(marker: Option<&str>, markers: Option<&MarkerEnvironment>, extras: &[ExtraName]) -> bool {
    let (Some(marker), Some(markers)) = (marker, markers) else { return true };
    // A marker that cannot be read does not keep a package out: too much is checked rather than too little.
    let Ok(tree) = MarkerTree::parse_str::<VerbatimUrl>(marker) else { return true };
    tree.evaluate(markers, extras)
}

struct Walk<'a, 'm> {
    by_name: BTreeMap<&'a str, Vec<&'a LockedPackage>>,
    markers: Option<&'m MarkerEnvironment>,
    /// The extras that markers are asked about.
    extras: Vec<ExtraName>,
    /// Packages to visit, and the extra of each.
    open: Vec<(&'a LockedPackage, Option<&'a str>)>,
    seen: BTreeSet<(&'a str, Option<&'a str>, Option<&'a str>)>,
    found: Vec<&'a LockedPackage>,
}

impl<'a, 'm> Walk<'a, 'm> {
    fn new(environment: &'a LockedEnvironment, markers: Option<&'m MarkerEnvironment>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&LockedPackage>> = BTreeMap::new();
        for package in &environment.packages {
            by_name.entry(&package.name).or_default().push(package);
        }
        let roots = environment.packages.iter().filter(|package| package.root);
        let is_installed = |extra: &&str| environment.extras.iter().any(|one| one == extra);
        let own = |root: &'a LockedPackage| {
            root.dependencies.iter().filter_map(|d| d.of_extra.as_deref()).filter(is_installed)
        };
        let open = roots.flat_map(|root| own(root).map(Some).chain([None]).map(move |extra| (root, extra))).collect();
        let extras = asked_of_markers(environment);
        Self { by_name, markers, extras, open, seen: BTreeSet::new(), found: Vec::new() }
    }

    fn run(mut self) -> Vec<&'a LockedPackage> {
        while let Some((package, extra)) = self.open.pop() {
            if !self.seen.insert((&package.name, package.version.as_deref(), extra)) {
                continue;
            }
            if extra.is_none() {
                self.found.push(package);
            }
            let edges = package.dependencies.iter().filter(|edge| edge.of_extra.as_deref() == extra);
            edges.for_each(|edge| self.follow(edge));
        }
        self.found
    }

    fn follow(&mut self, edge: &'a LockedDependency) {
        if !holds(edge.marker.as_deref(), self.markers, &self.extras) {
            return;
        }
        let candidates = self.by_name.get(edge.name.as_str()).cloned().unwrap_or_default();
        let fits = |package: &&LockedPackage| match &edge.version {
            Some(version) => package.version.as_ref() == Some(version),
            None => holds(package.marker.as_deref(), self.markers, &self.extras),
        };
        for package in candidates.into_iter().filter(fits) {
            self.open.push((package, None));
            self.open.extend(edge.extras.iter().map(|extra| (package, Some(extra.as_str()))));
        }
    }
}
