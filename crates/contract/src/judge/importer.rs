//! Follows what Python does to import a module: parents first, then the module's own steps in order, each file's
//! failure treated by the `try` statements around it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::judge::failures::{Failure, Sure, Treatment, raises, treatment};
use crate::judge::modules::{FileId, Modules, Origin, Pair};
use crate::judge::{Import, PythonImports, Step, Try};
use crate::{BinaryFacts, ErrorKind, Undetermined};

/// How many modules may import each other in one chain before the walk gives up.
const DEEPEST: usize = 1_000;
/// How many ways through branches are tried for one import, all together.
const MOST_WAYS: usize = 256;
/// Stack that must be left for one more module, and how much is added when it is not. In bytes.
const STACK_LEFT: usize = 128 << 10;
const STACK_ADDED: usize = 1 << 20;

/// A Python source: the position of its distribution, and its path.
type SourceId = (usize, String);

/// Everything that a walk looks things up in.
pub(super) struct World<'a> {
    pub(super) pairs: &'a [Pair<'a>],
    pub(super) modules: &'a Modules,
    parsed: RefCell<BTreeMap<SourceId, Option<Rc<PythonImports>>>>,
}

impl<'a> World<'a> {
    pub(super) fn new(pairs: &'a [Pair<'a>], modules: &'a Modules) -> Self {
        Self { pairs, modules, parsed: RefCell::default() }
    }

    /// The imports of a source, parsed once.
    pub(super) fn imports(&self, position: usize, path: &str) -> Option<Rc<PythonImports>> {
        let key = (position, path.to_owned());
        if let Some(known) = self.parsed.borrow().get(&key) {
            return known.clone();
        }
        let read = self.pairs.get(position).and_then(|(distribution, _)| distribution.sources.imports(path));
        let read = read.map(Rc::new);
        self.parsed.borrow_mut().insert(key, read.clone());
        read
    }

    /// Says that the sources of these modules are going to be looked at.
    pub(super) fn prepare<'n>(&self, names: impl Iterator<Item = &'n str>) {
        let mut wanted: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for name in names {
            if let Some(Origin::Source(position, path)) = self.modules.get(name).map(|module| &module.origin) {
                wanted.entry(*position).or_default().push(path);
            }
        }
        for (position, paths) in wanted {
            if let Some((distribution, _)) = self.pairs.get(position) {
                distribution.sources.prepare(&paths);
            }
        }
    }

    /// The failing import of a file by itself, where it fails. What it inherited from a module that it imports is left
    /// out: that module's own import tells.
    pub(super) fn failure(&self, id: FileId) -> Option<Failure> {
        let file = self.pairs.get(id.0)?.1.get(id.1)?;
        let worst = file.worst()?;
        let from_module = worst.through.as_deref().is_some_and(|path| self.is_module(id.0, path));
        if worst.assessment.fails != Some(crate::Fails::Import) || from_module {
            return None;
        }
        Some(Failure { path: worst.path.clone(), error: worst.assessment.error.clone()? })
    }

    fn is_module(&self, position: usize, path: &str) -> bool {
        let files = self.pairs.get(position).map(|(_, files)| *files).unwrap_or_default();
        files.iter().any(|file| file.name.is_some() && file.slices.iter().any(|slice| slice.path == path))
    }

    /// What the reader found in the slice of a file that would be loaded.
    pub(super) fn facts(&self, id: FileId) -> Option<&BinaryFacts> {
        self.pairs.get(id.0)?.1.get(id.1)?.worst()?.facts.as_ref()
    }
}

/// How far a module's execution came.
#[derive(Clone, Debug)]
pub(super) enum Flow {
    /// To its end.
    Done,
    /// To a `raise` statement of its own, for reasons that are not ours.
    Left,
    /// To a file that fails.
    Raised(Failure),
}

/// A path of a branch.
struct Way<'s> {
    /// The truth of a variable with which it is taken.
    assumed: Option<(&'s str, bool)>,
    steps: &'s [Step],
}

/// Where a statement stands: the module, and whether relative names begin at it or at its parent.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) module: &'p str,
    pub(super) package: bool,
}

/// One run of an interpreter.
pub(super) struct Importer<'a> {
    world: &'a World<'a>,
    /// Modules whose import has begun; with the failure, where it failed.
    begun: BTreeMap<String, Option<Failure>>,
    /// What could not be told on the way.
    pub(super) doubts: Vec<Undetermined>,
    depth: usize,
    /// What is known of the truth of the present module's variables.
    truths: BTreeMap<String, Option<bool>>,
    /// How many ways through branches may still be tried.
    ways_left: usize,
}

impl<'a> Importer<'a> {
    pub(super) fn new(world: &'a World<'a>) -> Self {
        let (begun, truths) = (BTreeMap::new(), BTreeMap::new());
        Self { world, begun, doubts: Vec::new(), depth: 0, truths, ways_left: 0 }
    }

    /// One that looks into branches too: where every way through them fails, the import fails.
    pub(super) fn trying_every_way(world: &'a World<'a>) -> Self {
        Self { ways_left: MOST_WAYS, ..Self::new(world) }
    }

    /// `import a.b.c`: each package on the way, then the module.
    pub(super) fn import(&mut self, name: &str) -> Flow {
        let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
        for end in ends {
            if let Flow::Raised(failure) = self.load(name.get(..end).unwrap_or(name)) {
                return Flow::Raised(failure);
            }
        }
        Flow::Done
    }

    fn load(&mut self, name: &str) -> Flow {
        let Some(module) = self.world.modules.get(name) else { return Flow::Done };
        if let Some(begun) = self.begun.get(name) {
            return begun.clone().map_or(Flow::Done, Flow::Raised);
        }
        if self.depth >= DEEPEST {
            self.doubt("deep-imports", format!("the imports of `{name}` are nested too deeply to follow"));
            return Flow::Done;
        }
        self.begun.insert(name.to_owned(), None);
        self.depth += 1;
        let place = Place { module: name, package: module.package };
        let flow = stacker::maybe_grow(STACK_LEFT, STACK_ADDED, || match &module.origin {
            Origin::Extension(id) => self.initialise(*id),
            Origin::Source(position, path) => self.execute(*position, path, place),
        });
        self.depth -= 1;
        if let Flow::Raised(failure) = &flow {
            self.begun.insert(name.to_owned(), Some(failure.clone()));
        }
        flow
    }

    /// An extension module: what it imports itself, and its own checks, in the order in which Cython does them.
    fn initialise(&mut self, id: FileId) -> Flow {
        let own = self.world.failure(id);
        let facts = self.world.facts(id);
        let (early, late) = facts.map(|facts| imported_modules(facts, own.as_ref())).unwrap_or_default();
        for name in early {
            if let Flow::Raised(failure) = self.import(&name) {
                return Flow::Raised(failure);
            }
        }
        if let Some(failure) = own {
            return Flow::Raised(failure);
        }
        self.doubt_unread(id);
        for name in late {
            if let Flow::Raised(failure) = self.import(&name) {
                return Flow::Raised(failure);
            }
        }
        Flow::Done
    }

    fn doubt_unread(&mut self, id: FileId) {
        let file = self.world.pairs.get(id.0).and_then(|(_, files)| files.get(id.1));
        if let Some(worst) = file.and_then(|file| file.worst()) {
            self.doubts.extend(worst.assessment.undetermined.iter().cloned());
        }
    }

    fn execute(&mut self, position: usize, path: &str, place: Place<'_>) -> Flow {
        let Some(imports) = self.world.imports(position, path) else {
            self.doubt("unreadable-source", format!("`{path}` cannot be read"));
            return Flow::Done;
        };
        if let Some(reason) = &imports.unreadable {
            self.doubt("unreadable-source", format!("the imports of `{path}` are not known: {reason}"));
        }
        let around = std::mem::take(&mut self.truths);
        let flow = self.steps(&imports.steps, place);
        self.truths = around;
        match flow {
            Flow::Raised(failure) => Flow::Raised(failure),
            Flow::Done | Flow::Left => Flow::Done,
        }
    }

    fn steps(&mut self, steps: &[Step], place: Place<'_>) -> Flow {
        for (index, step) in steps.iter().enumerate() {
            let flow = match step {
                Step::Import(import) => self.statement(import, place),
                Step::Try(attempt) => self.attempt(attempt, place),
                // Which path is taken is not known; a survey of what may be loaded looks into them.
                Step::Branch { .. } | Step::Choice { .. } | Step::Maybe(_) => {
                    let rest = steps.get(index.saturating_add(1)..).unwrap_or_default();
                    let failure = self.every_way(step, rest, place);
                    self.forget(step);
                    failure.map_or(Flow::Done, Flow::Raised)
                }
                Step::Set { name, value } => {
                    self.truths.insert(name.clone(), *value);
                    Flow::Done
                }
                Step::Raise => Flow::Left,
            };
            if !matches!(flow, Flow::Done) {
                return flow;
            }
        }
        Flow::Done
    }

    /// The failure that every way through a branch and the steps after it ends with.
    fn every_way(&mut self, branch: &Step, rest: &[Step], place: Place<'_>) -> Option<Failure> {
        let mut last = None;
        for Way { assumed, steps } in self.ways(branch) {
            self.ways_left = self.ways_left.checked_sub(1)?;
            let mut there =
                Self { doubts: Vec::new(), begun: self.begun.clone(), truths: self.truths.clone(), ..*self };
            there.truths.extend(assumed.map(|(name, truth)| (name.to_owned(), Some(truth))));
            let flow = match there.steps(steps, place) {
                Flow::Done => there.steps(rest, place),
                other => other,
            };
            self.ways_left = there.ways_left;
            let Flow::Raised(failure) = flow else { return None };
            last = Some(failure);
        }
        last
    }

    /// The paths of a branch that may be taken, as far as is known.
    fn ways<'s>(&self, branch: &'s Step) -> Vec<Way<'s>> {
        let plain = |steps: &'s [Step]| Way { assumed: None, steps };
        match branch {
            Step::Branch { arms, exhaustive } => {
                let skipped = (!exhaustive).then(|| plain(&[]));
                arms.iter().map(|arm| plain(arm)).chain(skipped).collect()
            }
            Step::Choice { name, yes, no } => {
                let known = self.truths.get(name).copied().flatten();
                let both = [(true, yes), (false, no)].into_iter();
                let open = both.filter(|(truth, _)| known.is_none_or(|known| known == *truth));
                open.map(|(truth, steps)| Way { assumed: Some((name, truth)), steps }).collect()
            }
            Step::Maybe(steps) => vec![plain(steps), plain(&[])],
            _ => Vec::new(),
        }
    }

    /// What a branch that was passed by may have set is not known any more.
    fn forget(&mut self, branch: &Step) {
        let mut within = vec![branch];
        while let Some(step) = within.pop() {
            match step {
                Step::Set { name, .. } => {
                    self.truths.insert(name.clone(), None);
                }
                Step::Branch { arms, .. } => within.extend(arms.iter().flatten()),
                Step::Choice { yes, no, .. } => within.extend(yes.iter().chain(no)),
                Step::Maybe(steps) => within.extend(steps),
                Step::Try(Try { body, handlers, otherwise, finally }) => {
                    let handled = handlers.iter().flat_map(|handler| &handler.body);
                    within.extend(body.iter().chain(handled).chain(otherwise).chain(finally));
                }
                Step::Import(_) | Step::Raise => {}
            }
        }
    }

    fn attempt(&mut self, attempt: &Try, place: Place<'_>) -> Flow {
        let flow = match self.steps(&attempt.body, place) {
            Flow::Raised(failure) => self.handle(attempt, failure, place),
            Flow::Done => self.steps(&attempt.otherwise, place),
            Flow::Left => Flow::Done,
        };
        match self.steps(&attempt.finally, place) {
            Flow::Done => flow,
            other => other,
        }
    }

    fn handle(&mut self, attempt: &Try, failure: Failure, place: Place<'_>) -> Flow {
        match treatment(attempt, &failure) {
            Treatment::LetsThrough => Flow::Raised(failure),
            Treatment::Swallows(handler) if raises(&handler.body) == Sure::No => self.steps(&handler.body, place),
            Treatment::Swallows(_) | Treatment::Perhaps => {
                let path = &failure.path;
                self.doubt("caught-failure", format!("whether `{}` survives that `{path}` fails", place.module));
                Flow::Done
            }
        }
    }

    fn statement(&mut self, import: &Import, place: Place<'_>) -> Flow {
        for name in targets(import, place, self.world.modules) {
            if let Flow::Raised(failure) = self.import(&name) {
                return Flow::Raised(failure);
            }
        }
        Flow::Done
    }

    fn doubt(&mut self, reason: &str, detail: String) {
        self.doubts.push(Undetermined { reason: reason.to_owned(), detail });
    }
}

/// The full names that a statement imports, in order, as far as they are modules.
pub(super) fn targets(import: &Import, place: Place<'_>, modules: &Modules) -> Vec<String> {
    let Some(base) = absolute(import, place) else { return Vec::new() };
    if let Some(native) = own_native(import, &base, place, modules) {
        return vec![native];
    }
    let submodules: Vec<String> = import.names.iter().map(|name| format!("{base}.{name}")).collect();
    let submodules = submodules.into_iter().filter(|name| modules.has(name));
    std::iter::once(base.clone()).chain(submodules).collect()
}

/// The absolute name that `from X import ...` or `import X` means at its place.
fn absolute(import: &Import, place: Place<'_>) -> Option<String> {
    if import.level == 0 {
        return Some(import.module.clone());
    }
    let steps_up = (import.level as usize).checked_sub(usize::from(place.package))?;
    let mut base = place.module;
    for _ in 0..steps_up {
        base = base.rsplit_once('.')?.0;
    }
    Some(if import.module.is_empty() { base.to_owned() } else { format!("{base}.{}", import.module) })
}

/// A package that loads itself by its own name puts an extension module of that name, lying in its own folder, in its
/// place: `cv2/__init__.py` and `cv2/cv2.abi3.so`.
fn own_native(import: &Import, base: &str, place: Place<'_>, modules: &Modules) -> Option<String> {
    let own = import.call && import.level == 0 && place.package && base == place.module;
    let native = format!("{base}.{}", base.rsplit('.').next()?);
    (own && modules.has(&native)).then_some(native)
}

/// The modules that an extension module imports types and functions from, as those before and those after the place
/// where it would fail by itself. Types come in the order of the code; functions after all types; a module's own
/// `import_array` last, the one that Cython inserts first.
fn imported_modules(facts: &BinaryFacts, own: Option<&Failure>) -> (Vec<String>, Vec<String>) {
    let requirement = &facts.requirement;
    let types: Vec<&str> = requirement.types.iter().map(|check| check.module.as_str()).collect();
    let functions = requirement.cimports.iter().map(String::as_str);
    let all: Vec<String> =
        types.iter().copied().chain(functions).filter(|name| *name != "numpy").map(str::to_owned).collect();
    let inserted = requirement.checks.iter().any(|check| check.auto_inserted);
    let split = match own.map(|failure| failure.error.kind) {
        None | Some(ErrorKind::NumpyMajor | ErrorKind::FeatureLevel) if inserted => 0,
        Some(ErrorKind::TypeSize) => types.iter().take_while(|name| **name != "numpy").count(),
        _ => all.len(),
    };
    let late = all.get(split..).unwrap_or_default().to_vec();
    (all.get(..split).unwrap_or_default().to_vec(), late)
}
