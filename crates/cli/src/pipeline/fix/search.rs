//! Tries one way: resolves it, reads what was chosen, judges the whole, and goes on until it holds or leads nowhere.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

use advice::commands::{Action, line, words};
use advice::plan::{Aim, Cause, Change, Culprit, Direction, NumpyAim, Plan, Proof, Refusal};
use anyhow::Result;
use contract::judge::is_numpy;
use contract::report::{JudgedNumpy, NumpySource, TargetReport};
use contract::{NumpySet, Version};
use sources::lockfile::LockedFile;
use sources::wheel::normalized;

use super::Installed;
use super::installed::BY_CONDA;
use super::learnt::{Constraints, HOLDS, Hold, contradictions, missing};
use super::nearest::{Between, Found, Nearest};
use super::resolver::{Chosen, Resolver};
use crate::pipeline::access::Access;
use crate::pipeline::{numpy, wheels};
use crate::progress::Waiting;
use crate::settings::Settings;

/// How often a way is resolved again with what its wheels taught.
const ROUNDS: usize = 8;

/// What ways are tried with.
pub(super) struct Search<'a> {
    pub(super) installed: &'a Installed,
    pub(super) resolver: Resolver<'a>,
    access: Access,
    waiting: Waiting,
    wheels: Cell<usize>,
    bytes: Cell<u64>,
    /// What was found of each distribution by itself, by its name.
    found: RefCell<BTreeMap<String, Found>>,
}

/// What came of a way: a plan, or why there is none.
type Outcome<T> = Result<std::result::Result<T, String>>;

impl<'a> Search<'a> {
    /// `waiting`: where it is told what is being done.
    pub(super) fn new(installed: &'a Installed, settings: &Settings, waiting: &Waiting) -> Result<Self> {
        // One line of progress is enough.
        let access = Access::of_environment(installed.target, settings.offline, false)?;
        let resolver = Resolver::new(installed, &access, waiting.clone())?;
        Ok(Self {
            installed,
            resolver,
            access,
            waiting: waiting.clone(),
            wheels: Cell::new(0),
            bytes: Cell::new(0),
            found: RefCell::default(),
        })
    }

    /// Tries a way.
    pub(super) fn solve(&self, aim: &Aim) -> Result<std::result::Result<Plan, Refusal>> {
        self.resolver.begin();
        self.wheels.set(0);
        self.bytes.set(0);
        self.found.borrow_mut().clear();
        let refusal = |why: String| Refusal {
            numpy: aim.numpy.clone(),
            moved: aim.culprits.iter().map(|culprit| culprit.name.clone()).collect(),
            why,
        };
        if let Some((name, why)) = aim.blocked.first() {
            let conda = self.in_condas_words(aim).unwrap_or_default();
            return Ok(Err(refusal(format!("`{name}` would have to move, and {why}{conda}"))));
        }
        let constraints = Constraints {
            installed: self.installed,
            moving: &aim.culprits,
            numpy_moves: matches!(aim.numpy, NumpyAim::Move(_)),
        };
        Ok(self.plan(aim, &constraints)?.map_err(refusal))
    }

    /// The plan, where everything that it builds can be had as source.
    pub(super) fn can_be_built(&self, plan: Plan) -> Result<Option<Plan>> {
        for change in &plan.changes {
            if !self.resolver.has_source(&change.name, &change.to)? {
                return Ok(None);
            }
        }
        Ok(Some(plan))
    }

    /// What conda would be asked for, where all that has to move is conda's: nobody else knows what its channels hold.
    fn in_condas_words(&self, aim: &Aim) -> Option<String> {
        let by_conda = aim.blocked.iter().all(|(_, why)| why == BY_CONDA);
        let others = aim.culprits.iter().filter(|culprit| !aim.blocked.iter().any(|(name, _)| *name == culprit.name));
        if !by_conda || others.count() > 0 {
            return None;
        }
        let numpy = match &aim.numpy {
            NumpyAim::Keep(_) => None,
            NumpyAim::Move(releases) => Some(format!("numpy{}", specifiers(releases))),
        };
        let beyond = aim.culprits.iter().map(|culprit| {
            let sign = if culprit.direction == Direction::Newer { '>' } else { '<' };
            format!("{}{sign}{}", culprit.name, culprit.version)
        });
        let wanted: Vec<String> = numpy.into_iter().chain(beyond).collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let command = words(&self.installed.hint.tool(), Action::Install, &wanted)?;
        Some(format!("; what its channels hold is not known here, `{}` asks it", line(&command, cfg!(windows))))
    }

    fn plan(&self, aim: &Aim, constraints: &Constraints<'_>) -> Outcome<Plan> {
        let numpy = match self.numpy(aim, constraints)? {
            Ok(numpy) => numpy,
            Err(why) => return Ok(Err(why)),
        };
        let (mut wanted, mut hold) = (Vec::new(), Hold::All);
        if constraints.numpy_moves {
            wanted.push(format!("numpy=={numpy}"));
        }
        for culprit in &aim.culprits {
            let nearest = Nearest { search: self, constraints, culprit, numpy: &numpy };
            match nearest.find()? {
                Ok(found) => {
                    wanted.push(format!("{}=={}", culprit.name, found.version));
                    hold = hold.max(found.hold);
                    self.found.borrow_mut().insert(culprit.name.clone(), found);
                }
                Err(why) => return Ok(Err(why)),
            }
        }
        self.together(aim, constraints, &numpy, wanted, hold)
    }

    /// The NumPy of a way: the one that is there, or the newest of the releases that can be had beside what stays.
    fn numpy(&self, aim: &Aim, constraints: &Constraints<'_>) -> Outcome<Version> {
        let releases = match &aim.numpy {
            NumpyAim::Keep(version) => return Ok(Ok(version.clone())),
            NumpyAim::Move(releases) => releases,
        };
        let requirement = format!("numpy{}", specifiers(releases));
        let mut why = String::new();
        for hold in HOLDS {
            match self.resolver.resolve(std::slice::from_ref(&requirement), &constraints.lines(hold), false)? {
                Ok(chosen) => {
                    let numpy = chosen.get("numpy").map(|(version, _)| version.clone());
                    return Ok(numpy.ok_or_else(|| "the resolver named no NumPy".to_owned()));
                }
                Err(complaint) if why.is_empty() => {
                    why = format!("{} finds none that goes with what stays:\n{complaint}", self.resolver.name());
                }
                Err(_) => {}
            }
        }
        Ok(Err(why))
    }

    /// Resolves everything that moves at once. Releases that were found one by one may not go together: then others on
    /// the same side are allowed, and what they come to is read again.
    fn together(
        &self,
        aim: &Aim,
        constraints: &Constraints<'_>,
        numpy: &Version,
        wanted: Vec<String>,
        least: Hold,
    ) -> Outcome<Plan> {
        let loose: Vec<String> =
            wanted.iter().zip(sides(aim)).map(|(exact, side)| exact.replacen("==", side, 1)).collect();
        let mut why = String::new();
        for (requirements, hold) in
            HOLDS.into_iter().filter(|hold| *hold >= least).flat_map(|hold| [(&wanted, hold), (&loose, hold)])
        {
            match self.hold_true(aim, constraints, numpy, requirements, hold)? {
                Ok(plan) => return Ok(Ok(plan)),
                Err(reason) if why.is_empty() => why = reason,
                Err(_) => {}
            }
        }
        Ok(Err(why))
    }

    fn hold_true(
        &self,
        aim: &Aim,
        constraints: &Constraints<'_>,
        numpy: &Version,
        requirements: &[String],
        hold: Hold,
    ) -> Outcome<Plan> {
        let mut lines = constraints.lines(hold);
        for _ in 0..ROUNDS {
            let mut chosen = match self.resolver.resolve(requirements, &lines, false)? {
                Ok(chosen) => chosen,
                Err(complaint) => return Ok(Err(format!("{} refuses it:\n{complaint}", self.resolver.name()))),
            };
            self.leave_out_missing(&mut chosen, &lines)?;
            match self.judge(aim, &chosen, numpy)? {
                Ok(plan) => return Ok(Ok(plan)),
                Err(Bad::Releases(releases)) => lines.extend(releases),
                Err(Bad::Whole(why)) => return Ok(Err(why)),
            }
        }
        Ok(Err(format!("after {ROUNDS} rounds there were still releases that do not fit")))
    }

    /// What the environment required before and does not have is not for a plan to add, with all that it would bring.
    fn leave_out_missing(&self, chosen: &mut Chosen, lines: &[String]) -> Result<()> {
        let mut missing = missing(self.installed);
        missing.retain(|name| chosen.contains_key(name));
        if missing.is_empty() {
            return Ok(());
        }
        if let Ok(brought) = self.resolver.resolve(&missing, lines, false)? {
            chosen.retain(|name, _| !brought.contains_key(name) || self.installed.of(name).is_some());
        }
        Ok(())
    }

    /// Reads the wheels that would be installed and judges them with what stays.
    fn judge(&self, aim: &Aim, chosen: &Chosen, numpy: &Version) -> Result<std::result::Result<Plan, Bad>> {
        let changes = self.changes(aim, chosen);
        let changed: Vec<(String, Version)> = changes.iter().map(|c| (c.name.clone(), c.to.clone())).collect();
        let before = contradictions(self.installed, &[]);
        let (as_before, new): (Vec<String>, Vec<String>) =
            contradictions(self.installed, &changed).into_iter().partition(|one| before.contains(one));
        if let Some(first) = new.into_iter().next() {
            return Ok(Err(Bad::Whole(first)));
        }
        let names: Vec<String> = changes.iter().map(|change| normalized(&change.name)).collect();
        let moved = names.iter().filter(|name| *name != "numpy");
        let files: Vec<LockedFile> = moved.filter_map(|name| chosen.get(name)?.1.clone()).collect();
        let gathered = self.read(&files)?;
        let after = self.installed.judged_with(self.judged_numpy(numpy), &gathered);
        let misfits = self.installed.misfits(&after, &gathered);
        if misfits.is_empty() {
            let proof = self.proof(after.distributions.len(), as_before);
            return Ok(Ok(Plan { keep: self.keep(aim, &changes, numpy, &after), changes, proof: Some(proof) }));
        }
        let known = |name: &str| names.contains(&normalized(name));
        Ok(Err(match misfits.iter().find(|misfit| !known(&misfit.name)) {
            Some(stays) => Bad::Whole(format!("`{} {}` would not work, and {}", stays.name, stays.version, stays.why)),
            None => Bad::Releases(misfits.iter().map(|m| format!("{}!={}", m.name, m.version)).collect()),
        }))
    }

    /// What keeps a plan's result as it is: for NumPy the releases under which everything works and has what it asks for as
    /// it does under the plan's `numpy`, for a culprit its side.
    fn keep(&self, aim: &Aim, changes: &[Change], numpy: &Version, after: &TargetReport) -> Vec<String> {
        let one = |change: &Change| {
            let culprit = aim.culprits.iter().find(|culprit| culprit.name == change.name);
            match culprit.map(|culprit| culprit.direction) {
                _ if is_numpy(&change.name) => {
                    let allowed = self.like(numpy, changes, after);
                    (!allowed.is_everything()).then(|| format!("numpy{}", allowed.to_specifiers()))
                }
                Some(Direction::Newer) => Some(format!("{}>={}", change.name, change.to)),
                Some(Direction::Older) => Some(format!("{}<={}", change.name, change.to)),
                None => None,
            }
        };
        changes.iter().filter_map(one).collect()
    }

    /// The releases of NumPy that are as good as the plan's, by the bytes and by the metadata of all that is there after it.
    fn like(&self, numpy: &Version, changes: &[Change], after: &TargetReport) -> NumpySet {
        let with = |version: &Version| {
            let moved = changes.iter().filter(|change| !is_numpy(&change.name));
            let moved = moved.map(|change| (change.name.clone(), change.to.clone()));
            contradictions(self.installed, &moved.chain([("numpy".to_owned(), version.clone())]).collect::<Vec<_>>())
        };
        let suffered = with(numpy).len();
        let fits = |version: &Version| {
            after.distributions.iter().all(|one| one.survives(numpy, version)) && with(version).len() <= suffered
        };
        NumpySet::from_releases(knowledge::releases().iter().map(|r| (&r.version, fits(&r.version))))
    }

    fn proof(&self, judged: usize, as_before: Vec<String>) -> Proof {
        Proof {
            resolver: self.resolver.name().to_owned(),
            resolutions: self.resolver.asked(),
            wheels: self.wheels.get(),
            bytes: self.bytes.get(),
            judged,
            as_before: as_before.into_iter().filter(|one| one.contains("`numpy")).collect(),
        }
    }

    fn changes(&self, aim: &Aim, chosen: &Chosen) -> Vec<Change> {
        let mut changes: Vec<Change> = chosen
            .iter()
            .filter_map(|(name, (version, _))| {
                let there = self.installed.of(name);
                let from = there.and_then(|there| there.version.clone());
                (from.as_ref() != Some(version)).then(|| Change {
                    name: there.map_or_else(|| name.clone(), |there| there.name.clone()),
                    requested: there.is_some_and(|there| there.requested),
                    why: self.why(aim, name, version),
                    to: version.clone(),
                    from,
                })
            })
            .collect();
        changes.sort_by_key(|change| (!is_numpy(&change.name), change.name.to_ascii_lowercase()));
        changes
    }

    fn why(&self, aim: &Aim, name: &str, to: &Version) -> String {
        if is_numpy(name) {
            let (major, minor) = self.installed.target.python;
            return format!(
                "the newest NumPy for Python {major}.{minor} that everything that stays allows, by its bytes and by its metadata"
            );
        }
        let culprit = aim.culprits.iter().find(|culprit| normalized(&culprit.name) == name);
        culprit.map_or_else(
            || "what moves needs it".to_owned(),
            |culprit| {
                let found = self.found.borrow();
                // Together another release may have been chosen than by itself.
                let found = found.get(&culprit.name).filter(|found| found.version == *to);
                because(culprit, to, found.map_or(&Between::Unknown, |found| &found.between))
            },
        )
    }

    /// Reads wheels, from a distance where they lie behind an address.
    fn read<'b>(&'b self, files: &'b [LockedFile]) -> Result<Vec<wheels::Gathered<'b>>> {
        let names: Vec<&str> = files.iter().map(|file| file.filename.as_str()).collect();
        self.waiting.tell(&format!("reading {}", names.join(" ")));
        let (gathered, _) = wheels::gather_all(files, Path::new("."), &self.access)?;
        self.wheels.set(self.wheels.get().saturating_add(gathered.len()));
        let bytes = wheels::fetched(&gathered).map_or(0, |fetched| fetched.bytes);
        self.bytes.set(self.bytes.get().saturating_add(bytes));
        Ok(gathered)
    }

    /// Why one wheel does not fit a NumPy; `None` if it does.
    pub(super) fn why_not(&self, file: Option<&LockedFile>, numpy: &Version) -> Result<Option<String>> {
        let Some(file) = file else { return Ok(Some("there is no wheel of it for this platform".to_owned())) };
        let files = [file.clone()];
        let gathered = match self.read(&files) {
            Ok(gathered) => gathered,
            Err(error) => return Ok(Some(format!("{error:#}"))),
        };
        let after = self.installed.judged_with(self.judged_numpy(numpy), &gathered);
        let misfits = self.installed.misfits(&after, &gathered);
        let own = misfits
            .into_iter()
            .find(|misfit| gathered.iter().any(|wheel| normalized(wheel.name()) == normalized(&misfit.name)));
        Ok(own.map(|misfit| misfit.why))
    }

    /// The NumPy to judge by: the one that is there by its own bytes, others by the table of releases.
    fn judged_numpy(&self, version: &Version) -> Option<JudgedNumpy> {
        if self.installed.situation.numpy.as_ref() == Some(version) {
            return self.installed.scene.numpy.clone();
        }
        let provision = numpy::tabled(version)?;
        Some(JudgedNumpy { provision, path: None, source: NumpySource::Table })
    }
}

/// Why a way does not hold.
enum Bad {
    /// Some of the releases chosen do not fit, as constraints that rule them out.
    Releases(Vec<String>),
    /// It cannot be mended by other releases of what moves.
    Whole(String),
}

/// What stands in the place of `==` where other releases on the same side will do, in the order of the requirements.
fn sides(aim: &Aim) -> impl Iterator<Item = &'static str> + '_ {
    let numpy = matches!(aim.numpy, NumpyAim::Move(_)).then_some("==");
    numpy.into_iter().chain(aim.culprits.iter().map(|culprit| match culprit.direction {
        Direction::Newer => ">=",
        Direction::Older => "<=",
    }))
}

/// Specifiers for some releases. Nothing newer than the newest of them, since nothing is known of it.
fn specifiers(releases: &[Version]) -> String {
    let (Some(first), Some(last)) = (releases.first(), releases.last()) else { return String::new() };
    let known = knowledge::releases().iter().map(|release| &release.version);
    let between = known.filter(|version| (first..=last).contains(version));
    let set = NumpySet::from_releases(between.map(|version| (version, releases.contains(version))));
    let ends = format!(">={first},<={last}");
    if set.is_everything() { ends } else { format!("{ends},{}", set.to_specifiers()) }
}

fn because(culprit: &Culprit, to: &Version, between: &Between) -> String {
    let (article, side) = if *to > culprit.version { ("a", "newer") } else { ("an", "older") };
    let have = match &culprit.cause {
        Cause::Bytes(set) if set.is_everything() => format!("the files of {} do not fit", culprit.version),
        Cause::Bytes(set) => format!("{} works with `numpy{}`", culprit.version, set.to_specifiers()),
        Cause::Metadata(specifiers) => format!("the metadata of {} asks for `numpy{specifiers}`", culprit.version),
    };
    match between {
        Between::NoneFits => format!("{have}; {to} is the nearest {side} release whose wheel fits"),
        Between::LastMisfits(last) => {
            format!("{have}; {to} is {article} {side} release whose wheel fits, and that of {last} does not")
        }
        Between::Unknown => format!("{have}; {to} is {article} {side} release whose wheel fits"),
    }
}

#[cfg(test)]
mod tests {
    use advice::plan::{Cause, Culprit, Direction};

    use super::{Between, because};

    #[test]
    fn a_release_is_called_the_nearest_only_where_none_between_was_left_untried() {
        let version = |text: &str| text.parse().expect("a version");
        let told = |direction, to: &str, between: &Between| {
            let cause = Cause::Metadata("<2".to_owned());
            let (name, requested) = ("torch".to_owned(), true);
            let culprit = Culprit { name, version: version("2.2.0"), direction, cause, requested };
            because(&culprit, &version(to), between).split_once("; ").expect("a reason").1.to_owned()
        };
        assert_eq!(
            [
                told(Direction::Newer, "2.3.0", &Between::NoneFits),
                told(Direction::Newer, "2.3.0", &Between::LastMisfits(version("2.2.2"))),
                told(Direction::Older, "2.1.0", &Between::Unknown),
            ],
            [
                "2.3.0 is the nearest newer release whose wheel fits",
                "2.3.0 is a newer release whose wheel fits, and that of 2.2.2 does not",
                "2.1.0 is an older release whose wheel fits",
            ]
        );
    }
}
