//! Asks the installer that made the environment, and the other one where it is missing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use advice::commands::Installer;
use anyhow::Result;
use contract::Version;
use runner::installer::{InstallerError, Request, Tool, resolve_with, versions};
use sources::lockfile::{Choice, LockedFile, choose};
use sources::wheel::normalized;

use super::Installed;
use crate::pipeline::access::Access;
use crate::pipeline::requirements::{request, understood};
use crate::progress::Waiting;

/// What a resolver chose: a version and, where it names one, the wheel, by normalised name.
pub(super) type Chosen = BTreeMap<String, (Version, Option<LockedFile>)>;

/// An answer, or the installer's own words why there is none.
pub(super) type Answer = std::result::Result<Chosen, String>;

/// The installer that is asked.
pub(super) struct Resolver<'a> {
    request: Request,
    order: [Tool; 2],
    installed: &'a Installed,
    asked: Cell<usize>,
    answered: Cell<Option<Tool>>,
    answers: RefCell<BTreeMap<Question, Answer>>,
    waiting: Waiting,
}

/// Requirements, constraints, and whether the oldest releases are wanted.
type Question = (Vec<String>, Vec<String>, bool);

impl<'a> Resolver<'a> {
    /// `waiting`: where it is told what is asked.
    pub(super) fn new(installed: &'a Installed, access: &Access, waiting: Waiting) -> Result<Self> {
        // Each reads its own configuration: where the index is, and what it asks for, is known to the user's own.
        let order = match installed.hint.installer {
            Installer::Pip => [Tool::Pip, Tool::Uv],
            _ => [Tool::Uv, Tool::Pip],
        };
        Ok(Self {
            request: request(access)?,
            order,
            installed,
            asked: Cell::new(0),
            answered: Cell::new(None),
            answers: RefCell::default(),
            waiting,
        })
    }

    /// Counts from here.
    pub(super) fn begin(&self) {
        self.asked.set(0);
    }

    /// How often an installer was asked.
    pub(super) fn asked(&self) -> usize {
        self.asked.get()
    }

    /// The name of the one that answers.
    pub(super) fn name(&self) -> &'static str {
        match self.answered.get().unwrap_or(self.order[0]) {
            Tool::Uv => "uv",
            Tool::Pip => "pip",
        }
    }

    /// Whether the one that answers can look for the oldest releases by itself.
    pub(super) fn finds_oldest(&self) -> bool {
        self.answered.get().unwrap_or(self.order[0]) == Tool::Uv
    }

    /// Resolves requirements under constraints. `oldest`: the oldest releases of what is required instead of the newest.
    /// The same question is asked once, since an installer takes seconds for it.
    pub(super) fn resolve(&self, requirements: &[String], constraints: &[String], oldest: bool) -> Result<Answer> {
        let mut lines = constraints.to_vec();
        lines.sort();
        lines.dedup();
        let question = (requirements.to_vec(), lines, oldest);
        if let Some(answer) = self.answers.borrow().get(&question) {
            return Ok(answer.clone());
        }
        let answer = self.resolve_anew(&question)?;
        let mut answers = self.answers.borrow_mut();
        if let (Ok(chosen), [requirement]) = (&answer, requirements) {
            answers.extend(exactly(requirement, &question.1, chosen).map(|exact| (exact, answer.clone())));
        }
        answers.insert(question, answer.clone());
        Ok(answer)
    }

    fn resolve_anew(&self, (requirements, constraints, oldest): &Question) -> Result<Answer> {
        self.waiting.tell(&format!("{} resolves {}", self.name(), requirements.join(" ")));
        let request = Request {
            requirements: requirements.clone(),
            constraints: constraints.clone(),
            oldest: *oldest,
            ..self.request.clone()
        };
        let outcome = self.ask(|tool| resolve_with(tool, &request))?;
        let resolution = match outcome {
            Ok(resolution) => resolution,
            Err(complaint) => return Ok(Err(complaint)),
        };
        let locked = understood(&resolution)?;
        let chosen = locked.environments.iter().flat_map(|environment| choose(environment, &self.installed.target));
        Ok(Ok(chosen
            .filter_map(|chosen| {
                let file = match chosen.choice {
                    Choice::Wheel(file) => Some(file.clone()),
                    _ => None,
                };
                let version = chosen.package.version.as_ref()?.split('+').next()?.parse().ok()?;
                Some((normalized(&chosen.package.name), (version, file)))
            })
            .collect()))
    }

    /// Every release of a distribution that pip finds, oldest first, pre-releases left out.
    pub(super) fn versions(&self, name: &str) -> Result<Vec<Version>> {
        self.waiting.tell(&format!("pip lists the releases of {name}"));
        let listed = self.ask(|_| versions(name, &self.request))?.unwrap_or_default();
        let mut parsed: Vec<Version> = listed.iter().filter_map(|version| version.parse().ok()).collect();
        parsed.retain(|version| !version.is_prerelease());
        parsed.sort();
        parsed.dedup();
        Ok(parsed)
    }

    /// The answer of the first installer that is there; its complaint where it has none.
    fn ask<T>(&self, ask: impl Fn(Tool) -> Result<T, InstallerError>) -> Result<Result<T, String>> {
        self.asked.set(self.asked.get().saturating_add(1));
        let [first, second] = self.order;
        let (tool, outcome) = match ask(first) {
            Err(InstallerError::NoInstaller) => (second, ask(second)),
            outcome => (first, outcome),
        };
        match outcome {
            Ok(answer) => {
                self.answered.set(Some(tool));
                Ok(Ok(answer))
            }
            Err(InstallerError::Refused { complaint, .. }) => {
                self.answered.set(Some(tool));
                Ok(Err(complaint))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The question for exactly what was chosen of a requirement: whoever answered the wider one has answered it.
fn exactly(requirement: &str, constraints: &[String], chosen: &Chosen) -> Option<Question> {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(requirement.len());
    let name = requirement.get(..end)?;
    let (version, _) = chosen.get(&normalized(name))?;
    Some((vec![format!("{name}=={version}")], constraints.to_vec(), false))
}
