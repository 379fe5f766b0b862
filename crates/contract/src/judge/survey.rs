//! Which files an import loads, and whether their failure would make it fail: the import graph, followed to its end as
//! if everything succeeded.

use std::collections::BTreeMap;

use crate::judge::failures::{Treatment, is_transparent, treatment};
use crate::judge::importer::{Place, World, targets};
use crate::judge::modules::{FileId, Origin};
use crate::judge::{Import, Step, Try};

/// How many modules may import each other in one chain before the walk gives up.
const DEEPEST: usize = 1_000;
const STACK_LEFT: usize = 128 << 10;
const STACK_ADDED: usize = 1 << 20;

/// What a failure of a file would do to the import that loads it. The worse comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// A `try` around it goes on without it.
    Swallowed,
    /// Could not be told.
    Perhaps,
    /// The import fails.
    Fatal,
}

/// How much of the graph a walk follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// What an import surely executes.
    Sure,
    /// Also paths that it may take or not.
    Possible,
    /// Also what functions import when they are called.
    Deferred,
}

/// One walk over the graph from some modules.
pub(super) struct Survey<'a> {
    world: &'a World<'a>,
    reach: Reach,
    /// The `try` statements around the present place, outermost first; those that let everything through are left out.
    guards: Vec<Try>,
    /// Modules walked already, and whether a `try` stood around them.
    walked: BTreeMap<String, bool>,
    /// The files that were loaded, what their failure would do, and from which starting point.
    pub(super) files: BTreeMap<FileId, (Fate, String)>,
    start: String,
    depth: usize,
}

impl<'a> Survey<'a> {
    pub(super) fn new(world: &'a World<'a>, reach: Reach) -> Self {
        Self {
            world,
            reach,
            guards: Vec::new(),
            walked: BTreeMap::new(),
            files: BTreeMap::new(),
            start: String::new(),
            depth: 0,
        }
    }

    /// Follows the import of one more module.
    pub(super) fn begin(&mut self, name: &str) {
        name.clone_into(&mut self.start);
        self.import(name);
    }

    fn import(&mut self, name: &str) {
        let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
        for end in ends {
            self.load(name.get(..end).unwrap_or(name));
        }
    }

    /// A module that was walked inside a `try` is walked again where none stands around it.
    fn load(&mut self, name: &str) {
        let Some(module) = self.world.modules.get(name) else { return };
        if let Origin::Extension(id) = &module.origin {
            self.note(*id);
        }
        let guarded = !self.guards.is_empty();
        let again = self.walked.get(name).is_some_and(|before| *before && !guarded);
        if (self.walked.contains_key(name) && !again) || self.depth >= DEEPEST {
            return;
        }
        self.walked.insert(name.to_owned(), guarded);
        self.depth += 1;
        let place = Place { module: name, package: module.package };
        stacker::maybe_grow(STACK_LEFT, STACK_ADDED, || match &module.origin {
            Origin::Extension(id) => self.cimports(*id),
            Origin::Source(position, path) => {
                if let Some(imports) = self.world.imports(*position, path) {
                    self.steps(&imports.steps, place);
                    self.deferred(&imports.deferred, place);
                }
            }
        });
        self.depth -= 1;
    }

    fn deferred(&mut self, imports: &[Import], place: Place<'_>) {
        if self.reach < Reach::Deferred {
            return;
        }
        let names: Vec<String> = imports.iter().flat_map(|i| targets(i, place, self.world.modules)).collect();
        names.iter().for_each(|name| self.import(name));
    }

    fn cimports(&mut self, id: FileId) {
        let Some(facts) = self.world.facts(id) else { return };
        let types = facts.requirement.types.iter().map(|check| &check.module);
        let names: Vec<String> = types.chain(&facts.requirement.cimports).cloned().collect();
        names.iter().for_each(|name| self.import(name));
    }

    fn note(&mut self, id: FileId) {
        let fate = self.fate(id);
        let start = self.start.clone();
        let known = self.files.entry(id).or_insert_with(|| (fate, start.clone()));
        if known.0 < fate {
            *known = (fate, start);
        }
    }

    /// What a failure of this file would do here.
    fn fate(&self, id: FileId) -> Fate {
        let Some(failure) = self.world.failure(id) else { return self.unfailing_fate() };
        for guard in self.guards.iter().rev() {
            match treatment(guard, &failure) {
                Treatment::LetsThrough => {}
                Treatment::Swallows(_) => return Fate::Swallowed,
                Treatment::Perhaps => return Fate::Perhaps,
            }
        }
        Fate::Fatal
    }

    /// A file that does not fail by itself: whether it is loaded at all costs is all that counts.
    fn unfailing_fate(&self) -> Fate {
        if self.guards.is_empty() { Fate::Fatal } else { Fate::Swallowed }
    }

    fn steps(&mut self, steps: &[Step], place: Place<'_>) {
        for step in steps {
            match step {
                Step::Import(import) => {
                    targets(import, place, self.world.modules).iter().for_each(|name| self.import(name));
                }
                Step::Try(attempt) => self.attempt(attempt, place),
                Step::Branch { arms, .. } if self.reach >= Reach::Possible => {
                    arms.iter().for_each(|arm| self.steps(arm, place))
                }
                Step::Choice { yes, no, .. } if self.reach >= Reach::Possible => {
                    self.steps(yes, place);
                    self.steps(no, place);
                }
                Step::Maybe(steps) if self.reach >= Reach::Possible => self.steps(steps, place),
                Step::Branch { .. } | Step::Choice { .. } | Step::Maybe(_) | Step::Set { .. } => {}
                Step::Raise => return,
            }
        }
    }

    fn attempt(&mut self, attempt: &Try, place: Place<'_>) {
        let transparent = is_transparent(attempt);
        if !transparent {
            self.guards.push(attempt.clone());
        }
        self.steps(&attempt.body, place);
        if !transparent {
            self.guards.pop();
        }
        self.steps(&attempt.otherwise, place);
        if self.reach >= Reach::Possible {
            attempt.handlers.iter().for_each(|handler| self.steps(&handler.body, place));
        }
        self.steps(&attempt.finally, place);
    }
}
