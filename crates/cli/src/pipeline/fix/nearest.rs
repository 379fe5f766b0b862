//! The nearest release of one distribution whose wheel, read from a distance, fits a NumPy.

use advice::plan::{Culprit, Direction};
use anyhow::Result;
use contract::Version;
use sources::wheel::normalized;

use super::learnt::{Constraints, HOLDS, Hold};
use super::search::Search;

/// How many releases of one distribution are read.
const READ: usize = 12;
/// How many of the newest are read before the search is given up.
const NEWEST: usize = 3;

/// A release that fits, how firmly the rest could be held, and what was seen of those between.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) version: Version,
    pub(super) hold: Hold,
    pub(super) between: Between,
}

/// What is known of the releases between the present one and one that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// None of them can be taken.
    NoneFits,
    /// The last of them was read and does not fit; not every one was tried.
    LastMisfits(Version),
    /// Not enough to say anything.
    Unknown,
}

/// What one try at a release came to.
enum Tried {
    Fits(Version),
    /// The release that was read, and why it does not fit.
    Misfit(Version, String),
    /// The resolver's words.
    Refused(String),
}

/// One search.
pub(super) struct Nearest<'a> {
    pub(super) search: &'a Search<'a>,
    pub(super) constraints: &'a Constraints<'a>,
    pub(super) culprit: &'a Culprit,
    /// The NumPy to fit.
    pub(super) numpy: &'a Version,
}

impl Nearest<'_> {
    /// The nearest release that fits, or why there is none.
    pub(super) fn find(&self) -> Result<Result<Found, String>> {
        let mut why = String::new();
        for hold in HOLDS {
            let step = if self.search.resolver.finds_oldest() || self.culprit.direction == Direction::Older {
                self.step_by_step(hold)?
            } else {
                self.halve(hold)?
            };
            match step {
                Ok((version, between)) => return Ok(Ok(Found { version, hold, between })),
                // What is held less firmly is told of last; the first reason names what the user has.
                Err(reason) if why.is_empty() => why = reason,
                Err(_) => {}
            }
        }
        Ok(Err(why))
    }

    /// Asks for the nearest release; one that does not fit is ruled out, and the next one asked for. After some of them
    /// the farthest is tried, which says most about what there is.
    fn step_by_step(&self, hold: Hold) -> Result<Result<(Version, Between), String>> {
        let oldest = self.culprit.direction == Direction::Newer;
        self.one_by_one(hold, READ, |round| oldest && round + 1 < READ)
    }

    /// Asks for a release so often, the oldest or the newest of those that are left as `oldest` says of each round, until one
    /// fits.
    fn one_by_one(
        &self,
        hold: Hold,
        rounds: usize,
        oldest: impl Fn(usize) -> bool,
    ) -> Result<Result<(Version, Between), String>> {
        let mut ruled_out: Vec<String> = Vec::new();
        let mut last = None;
        for round in 0..rounds {
            match self.attempt(&self.beyond(), &ruled_out, hold, oldest(round))? {
                Tried::Fits(version) => {
                    let from_here = oldest(round) == (self.culprit.direction == Direction::Newer);
                    return Ok(Ok((version, if from_here { Between::NoneFits } else { Between::Unknown })));
                }
                Tried::Misfit(version, why) => {
                    ruled_out.push(format!("{}!={version}", self.culprit.name));
                    last = Some((version, why));
                }
                Tried::Refused(complaint) => return Ok(Err(self.nothing(ruled_out.len(), last, &complaint))),
            }
        }
        Ok(Err(self.nothing(rounds, last, "")))
    }

    /// Where the resolver knows the newest release alone: one that fits, and the middle of what lies between, as long as
    /// that fits. What the table of distributions names is tried first, and then the release before it: where the table
    /// is right, that is all.
    fn halve(&self, hold: Hold) -> Result<Result<(Version, Between), String>> {
        let known = self.known(hold)?;
        let mut at_end = known.is_some();
        let mut fits = match known.map_or_else(|| self.newest(hold), |version| Ok(Ok(version)))? {
            Ok(version) => version,
            Err(why) => return Ok(Err(why)),
        };
        let mut between = self.search.resolver.versions(&self.culprit.name)?;
        // A list without what was just found tells nothing of what lies between.
        let mut seen = if between.contains(&fits) { Between::NoneFits } else { Between::Unknown };
        between.retain(|version| *version > self.culprit.version && *version < fits);
        while !between.is_empty() {
            let middle = if at_end { between.len().saturating_sub(1) } else { between.len() / 2 };
            at_end = false;
            let Some(version) = between.get(middle).cloned() else { break };
            let tried = self.attempt(&self.exactly(&version), &[], hold, false)?;
            if let Tried::Fits(version) = tried {
                between.truncate(middle);
                fits = version;
                continue;
            }
            seen = match tried {
                _ if middle == 0 && seen == Between::NoneFits => Between::NoneFits,
                Tried::Misfit(..) => Between::LastMisfits(version),
                _ => Between::Unknown,
            };
            between.drain(..=middle);
        }
        Ok(Ok((fits, seen)))
    }

    /// The newest release that fits. Those that do not may want a newer NumPy than the one at hand.
    fn newest(&self, hold: Hold) -> Result<Result<Version, String>> {
        Ok(self.one_by_one(hold, NEWEST, |_| false)?.map(|(version, _)| version))
    }

    /// The first release for NumPy 2 that the table of distributions names, if that is what is wanted, and it does fit.
    fn known(&self, hold: Hold) -> Result<Option<Version>> {
        let platform = self.search.installed.target.platform.to_string();
        let row = knowledge::distribution(&self.culprit.name).and_then(|known| known.on(&platform));
        let first = row.and_then(|row| row.first_for_numpy_2?.parse::<Version>().ok());
        let wanted = self.numpy.major() >= 2 && self.culprit.direction == Direction::Newer;
        let Some(first) = first.filter(|first| wanted && *first > self.culprit.version) else { return Ok(None) };
        let tried = self.attempt(&self.exactly(&first), &[], hold, false)?;
        Ok(matches!(tried, Tried::Fits(_)).then_some(first))
    }

    fn exactly(&self, version: &Version) -> String {
        format!("{}=={version}", self.culprit.name)
    }

    /// `NAME>VERSION` or `NAME<VERSION`.
    fn beyond(&self) -> String {
        let sign = if self.culprit.direction == Direction::Newer { '>' } else { '<' };
        format!("{}{sign}{}", self.culprit.name, self.culprit.version)
    }

    /// Resolves one requirement and reads the wheel that it comes to.
    fn attempt(&self, requirement: &str, ruled_out: &[String], hold: Hold, oldest: bool) -> Result<Tried> {
        let mut lines = self.constraints.lines(hold);
        lines.push(format!("numpy=={}", self.numpy));
        lines.extend_from_slice(ruled_out);
        let chosen = match self.search.resolver.resolve(&[requirement.to_owned()], &lines, oldest)? {
            Ok(chosen) => chosen,
            Err(complaint) => return Ok(Tried::Refused(complaint)),
        };
        let Some((version, file)) = chosen.get(&normalized(&self.culprit.name)) else {
            return Ok(Tried::Refused(format!("the resolver named no release of `{}`", self.culprit.name)));
        };
        Ok(match self.search.why_not(file.as_ref(), self.numpy)? {
            None => Tried::Fits(version.clone()),
            Some(why) => Tried::Misfit(version.clone(), why),
        })
    }

    /// Why there is none, with the last release that was read.
    fn nothing(&self, read: usize, last: Option<(Version, String)>, complaint: &str) -> String {
        let Culprit { name, version, direction, .. } = self.culprit;
        let side = if *direction == Direction::Newer { "newer" } else { "older" };
        let numpy = self.numpy;
        match last {
            None => {
                format!("no {side} release of `{name}` than {version} can be had beside NumPy {numpy}:\n{complaint}")
            }
            Some((seen, why)) if read < 2 => {
                format!("no {side} release of `{name}` than {version} fits NumPy {numpy}: {seen} was read, and {why}")
            }
            Some((seen, why)) => format!(
                "no {side} release of `{name}` than {version} fits NumPy {numpy}: {read} were read, the last one {seen}, and {why}"
            ),
        }
    }
}
