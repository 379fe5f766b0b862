//! Asks the installer that made the environment, and the other one where it is missing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use advice::commands::Installer;
use anyhow::{Result, bail};
use contract::Version;
use runner::installer::{InstallerError, Pip, Request, Tool, resolve_with, versions, versions_of_sources};
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

/// Nobody can be asked what would be installed, and nobody could install it.
const MISSING: &str = "there is no installer to ask what would be installed, and to install it: neither `uv` on PATH, nor `pip` \
                       in the environment, nor a pip of version 22.3 or newer on PATH that the environment's Python can run";

/// The installer that is asked.
pub(super) struct Resolver<'a> {
    request: Request,
    tool: Tool,
    installed: &'a Installed,
    asked: Cell<usize>,
    heard: RefCell<Heard>,
    answers: RefCell<BTreeMap<Question, Answer>>,
    waiting: Waiting,
}

/// What the installer has said so far.
#[derive(Debug, Default)]
struct Heard {
    /// Whether it looked into a question.
    looked: bool,
    /// Why it did not look into the first such question.
    unanswered: Option<InstallerError>,
}

/// Requirements, constraints, and whether the oldest releases are wanted.
type Question = (Vec<String>, Vec<String>, bool);

impl<'a> Resolver<'a> {
    /// `waiting`: where it is told what is asked.
    pub(super) fn new(installed: &'a Installed, access: &Access, waiting: Waiting) -> Result<Self> {
        let own = installed.means.pip.as_ref();
        let request = Request {
            pip: own.filter(|pip| pip.resolves).map(|pip| Pip { words: pip.words() }),
            environment: Some(installed.scene.environment.root.clone()),
            interpreter: installed.scene.environment.interpreter.clone(),
            exactly: installed.report.python.as_ref().map(|python| python.version.clone()),
            ..request(access)?
        };
        // uv has no word for some platforms.
        let is_known = request.uv_platform.is_some() || request.own_platform;
        // Each reads its own configuration: where the index is, and what it asks for, is known to the user's own.
        let tool = if installed.asked() == Installer::Uv && is_known { Tool::Uv } else { Tool::Pip };
        // Without an interpreter nothing can be done here, and plans are for whoever has the environment.
        if tool == Tool::Pip && own.is_none() && installed.scene.environment.interpreter.is_some() {
            bail!(MISSING);
        }
        Ok(Self {
            request,
            tool,
            installed,
            asked: Cell::new(0),
            heard: RefCell::default(),
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
        match self.tool {
            Tool::Uv => "uv",
            Tool::Pip => "pip",
        }
    }

    /// Whether the one that answers can look for the oldest releases by itself.
    pub(super) fn finds_oldest(&self) -> bool {
        self.tool == Tool::Uv
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
        let outcome = self.ask(|| resolve_with(self.tool, &request))?;
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
        let listed = self.ask(|| versions(name, &self.request))?.unwrap_or_default();
        let mut parsed: Vec<Version> = listed.iter().filter_map(|version| version.parse().ok()).collect();
        parsed.retain(|version| !version.is_prerelease());
        parsed.sort();
        parsed.dedup();
        Ok(parsed)
    }

    /// The installer's answer; its complaint where it has none.
    fn ask<T>(&self, ask: impl Fn() -> Result<T, InstallerError>) -> Result<Result<T, String>> {
        self.asked.set(self.asked.get().saturating_add(1));
        match ask() {
            Ok(answer) => {
                self.heard.borrow_mut().looked = true;
                Ok(Ok(answer))
            }
            Err(InstallerError::Refused { complaint, looked: true, .. }) => {
                self.heard.borrow_mut().looked = true;
                Ok(Err(complaint))
            }
            Err(InstallerError::NoInstaller) => bail!(MISSING),
            Err(error) => self.failed(error).map(Err),
        }
    }

    /// What to make of a question that could not be looked into: nothing, where it is not the first; one of several indexes
    /// may be away, and one of several questions be beyond an installer. Whoever waits for an index waits long, so that the
    /// first that does not reach any is the last.
    fn failed(&self, error: InstallerError) -> Result<String> {
        let mut heard = self.heard.borrow_mut();
        let complaint = match &error {
            InstallerError::Refused { complaint, .. } => complaint.clone(),
            InstallerError::Unreachable { complaint, .. } if heard.looked => complaint.clone(),
            _ => return Err(error.into()),
        };
        heard.unanswered.get_or_insert(error);
        Ok(complaint)
    }

    /// Whether questions were looked into, so that it can be said that there is no plan.
    pub(super) fn could_look(&self) -> Result<()> {
        let Heard { looked, unanswered } = self.heard.take();
        match unanswered {
            Some(error) if !looked || matches!(error, InstallerError::Unreachable { .. }) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether there is a source distribution of this release, as far as an index can be asked. Nothing is built for it.
    pub(super) fn has_source(&self, name: &str, version: &Version) -> Result<bool> {
        self.waiting.tell(&format!("{} looks for the source of {name} {version}", self.name()));
        if self.tool == Tool::Pip {
            let listed = versions_of_sources(name, &self.request).unwrap_or_default();
            return Ok(listed.iter().any(|one| one.parse::<Version>().is_ok_and(|one| one == *version)));
        }
        let request = Request {
            requirements: vec![format!("{name}=={version}")],
            no_dependencies: true,
            sources_too: true,
            ..self.request.clone()
        };
        let Ok(resolution) = resolve_with(self.tool, &request) else { return Ok(false) };
        let locked = understood(&resolution)?;
        let packages = locked.environments.iter().flat_map(|environment| &environment.packages);
        Ok(packages.into_iter().any(|package| normalized(&package.name) == normalized(name) && package.sdist.is_some()))
    }
}

/// The question for exactly what was chosen of a requirement: whoever answered the wider one has answered it.
fn exactly(requirement: &str, constraints: &[String], chosen: &Chosen) -> Option<Question> {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(requirement.len());
    let name = requirement.get(..end)?;
    let (version, _) = chosen.get(&normalized(name))?;
    Some((vec![format!("{name}=={version}")], constraints.to_vec(), false))
}
