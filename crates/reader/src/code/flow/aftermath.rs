//! What follows when a check has failed: whether the exception that it set leaves the function, or is printed or dropped
//! on the way.
//!
//! The paths after the call that sets the exception are walked one by one, with what is known there. A branch on a known
//! value goes one way (the check's result is known, since it failed); any other goes both.

use std::collections::BTreeSet;

use super::{Follower, Next, RESULT, State, Value};
use crate::code::flow::Callee;
use crate::code::{Action, Condition, Listing, Operand};
use crate::image::Convention;
use crate::image::Image;

/// Instructions walked over all paths of one function.
const MOST_STEPS: usize = 20_000;
/// Longest function that is walked, in bytes of code.
const LONGEST_FUNCTION: u64 = 1 << 20;
/// Longest function that is looked through for whether it only throws, in bytes of code.
const SMALL: u64 = 1 << 10;
/// Parts of split functions that are walked from one failure on.
const MOST_PARTS: usize = 12;

/// Functions of CPython's C API that take the exception away.
const CLEARING: [&str; 5] =
    ["PyErr_Clear", "PyErr_Print", "PyErr_PrintEx", "PyErr_WriteUnraisable", "PyErr_FormatUnraisable"];
/// Functions that hand it to the caller.
const TAKING: [&str; 2] = ["PyErr_Fetch", "PyErr_GetRaisedException"];
/// Functions that set one.
const SETTING: [&str; 8] = [
    "PyErr_SetString",
    "PyErr_SetObject",
    "PyErr_SetNone",
    "PyErr_Format",
    "PyErr_FormatV",
    "PyErr_Restore",
    "PyErr_SetRaisedException",
    "PyErr_NoMemory",
];
/// How names of functions begin that build up a module. Code that calls one while an exception is set has not looked at the
/// failure: it goes on as if there were none, and one of these calls clears the exception in the end. (Cython handles an
/// exception without asking CPython for it, and calls what makes the next one.)
const BUILDING: [&str; 8] = [
    "PyCFunction_New",
    "PyCMethod_New",
    "PyModule_Add",
    "PyModule_Create",
    "PyObject_GetAttrString",
    "PyObject_SetAttrString",
    "PyType_FromSpec",
    "PyType_Ready",
];
/// Functions that do not come back.
pub(super) const ENDING: [&str; 8] = [
    "__stack_chk_fail",
    "abort",
    "exit",
    "_exit",
    "Py_FatalError",
    "_Py_FatalErrorFunc",
    "_Unwind_Resume",
    "__assert_fail",
];

/// Functions that throw an exception of C++. What wraps modules written in it (pybind11, nanobind, Boost.Python) catches that
/// at the module's initialiser, and raises an `ImportError`.
const THROWING: [&str; 3] = ["__cxa_throw", "__cxa_rethrow", "_CxxThrowException"];

/// How one function ends after the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aftermath {
    /// It comes back with the exception set, and with this result, where that is known.
    Raised(Option<u64>),
    /// An exception of C++ is thrown because of the failure.
    Thrown,
    /// The exception was taken away; it comes back with this result, where that is known.
    Dropped(Option<u64>),
    /// The exception was taken away, and what happens then no longer depends on the failure.
    GoneOn,
}

/// One path being walked.
struct Walk {
    position: usize,
    known: Known,
}

/// What is known on a path.
#[derive(Clone)]
struct Known {
    state: State,
    exception: Exception,
    /// Whether a branch on something unknown lies behind: what follows may have nothing to do with the failure.
    forked: bool,
}

/// Where Python's exception is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exception {
    Set,
    /// In the program's own variables.
    Held,
    Gone,
}

/// Where a walk begins.
#[derive(Clone, Copy)]
enum Start {
    At(u64),
    After(u64),
}

/// All ways in which the function in `bounds` ends, when it goes on after the instruction at `after` with `state` and, as
/// `raised` says, with an exception set. Takes what it decodes, in bytes, from `work`. Empty where that could not be told.
pub(crate) fn aftermath(
    image: &Image<'_>,
    bounds: (u64, u64),
    after: u64,
    state: State,
    raised: bool,
    work: &mut u64,
) -> BTreeSet<Aftermath> {
    let Some(convention) = image.convention else { return BTreeSet::new() };
    let exception = if raised { Exception::Set } else { Exception::Gone };
    let ends = BTreeSet::new();
    let mut explorer = Explorer { image, convention, ends, may_throw: false, steps: 0, parts_left: MOST_PARTS, work };
    match explorer.explore(bounds, Start::After(after), Known { state, exception, forked: false }) {
        Some(()) if explorer.ends.is_empty() && explorer.may_throw => BTreeSet::from([Aftermath::Thrown]),
        Some(()) => explorer.ends,
        None => BTreeSet::new(),
    }
}

/// The state in which a caller goes on: nothing is known but what the call returned.
pub(crate) fn returned(result: Option<u64>) -> State {
    let mut state = State::entry();
    state.set(RESULT, result.map(Value::Constant));
    state
}

/// What was found on all paths.
struct Explorer<'i, 'd> {
    image: &'i Image<'d>,
    convention: Convention,
    ends: BTreeSet<Aftermath>,
    /// Whether some path throws after a branch on something unknown. That is the end only if no other path has one.
    may_throw: bool,
    steps: usize,
    parts_left: usize,
    /// What may still be decoded, in bytes.
    work: &'i mut u64,
}

/// One stretch of code, of a function that may have been split into several.
struct Part<'a, 'd> {
    follower: Follower<'a, 'd>,
    /// Forks that were taken already.
    seen: BTreeSet<(usize, Exception)>,
}

/// How a path goes on after an instruction.
enum Onward {
    /// At this position.
    Here(usize),
    /// In code outside the part.
    Elsewhere(u64),
    Ended,
    /// Here, or at this address.
    Fork(u64),
}

impl Explorer<'_, '_> {
    /// Walks all paths of a part of a function; `None` where that cannot be done or leads too far.
    fn explore(&mut self, bounds: (u64, u64), start: Start, known: Known) -> Option<()> {
        self.parts_left = self.parts_left.checked_sub(1)?;
        let length = bounds.1.checked_sub(bounds.0).filter(|length| *length <= LONGEST_FUNCTION)?;
        let listing = self.decode(bounds.0, length)?;
        let position = match start {
            Start::At(address) => listing.position(address)?,
            Start::After(address) => listing.position(address)?.checked_add(1)?,
        };
        let follower = Follower { recording: true, ..Follower::new(self.image, self.convention, &listing, bounds) };
        let mut part = Part { follower, seen: BTreeSet::new() };
        let mut waiting = vec![Walk { position, known }];
        while let Some(walk) = waiting.pop() {
            self.walk(&mut part, walk, &mut waiting)?;
        }
        Some(())
    }

    /// The instructions of `length` bytes; `None` where no more may be decoded.
    fn decode(&mut self, begin: u64, length: u64) -> Option<Listing> {
        *self.work = self.work.saturating_sub(length);
        let length = usize::try_from(length).ok().filter(|_| *self.work > 0)?;
        Some(Listing::decode(self.image.architecture, self.image.head(begin, length), begin))
    }

    /// Walks one path to its end, or to where it forks.
    fn walk(&mut self, part: &mut Part<'_, '_>, mut walk: Walk, waiting: &mut Vec<Walk>) -> Option<()> {
        let mut asked = None;
        while let Some(instruction) = part.follower.listing.instructions.get(walk.position).copied() {
            self.steps = self.steps.checked_add(1).filter(|steps| *steps <= MOST_STEPS)?;
            let (mut decided, mut away) = (None, None);
            for action in part.follower.listing.actions(&instruction) {
                match *action {
                    Action::Compare { left, right } => {
                        let sides = [left, right].map(|side| part.follower.evaluate(side, &walk.known.state));
                        asked = match sides {
                            [Some(Value::Constant(left)), Some(Value::Constant(right))] => Some((left, right)),
                            _ => None,
                        };
                    }
                    Action::Asked(_) => asked = None,
                    Action::Branch { target: Some(target), condition } => {
                        decided = asked.and_then(|(left, right)| condition.holds(left, right));
                        away = Some(target).filter(|target| !part.follower.inside(*target));
                    }
                    Action::Jump(Operand::Constant(target)) if self.is_elsewhere(part, target) => {
                        return self.elsewhere(target, walk.known);
                    }
                    Action::Return => {
                        self.end(&walk.known);
                        return Some(());
                    }
                    _ => {}
                }
            }
            let next = part.follower.step(walk.position, &mut walk.known.state);
            if let Some(call) = part.follower.trace.calls.pop() {
                part.follower.trace.calls.clear();
                if !self.called(call.callee, &mut walk.known) {
                    return Some(());
                }
            }
            let next = away.map_or(next, Next::Fork);
            match self.onward(part, next, decided, &walk) {
                Onward::Here(position) => walk.position = position,
                Onward::Ended => return Some(()),
                Onward::Elsewhere(target) => return self.elsewhere(target, walk.known),
                Onward::Fork(target) => return self.fork(part, target, walk, waiting),
            }
        }
        Some(())
    }

    /// What a call does to the exception; `false` when it does not come back.
    fn called(&mut self, callee: Callee, known: &mut Known) -> bool {
        if let Callee::Local(function) = callee
            && self.only_throws(function)
        {
            self.throw(known);
            return false;
        }
        let Some(name) = self.image.import(callee) else { return true };
        if THROWING.contains(&name) {
            self.throw(known);
            return false;
        }
        if CLEARING.contains(&name) {
            known.exception = Exception::Gone;
        } else if TAKING.contains(&name) {
            known.exception = Exception::Held;
        } else if SETTING.contains(&name) {
            known.exception = Exception::Set;
        } else if known.exception == Exception::Set && BUILDING.iter().any(|begin| name.starts_with(begin)) {
            self.ends.insert(Aftermath::GoneOn);
            return false;
        } else if name == "PyErr_Occurred" {
            let set = u64::from(known.exception == Exception::Set);
            known.state.set(RESULT, Some(Value::Constant(set)));
        }
        !ENDING.contains(&name)
    }

    fn onward(&mut self, part: &Part<'_, '_>, next: Next, decided: Option<bool>, walk: &Walk) -> Onward {
        match (next, decided) {
            (Next::On, _) | (Next::Fork(_), Some(false)) => Onward::Here(walk.position.saturating_add(1)),
            (Next::Goto(target), _) | (Next::Fork(target), Some(true)) => {
                match part.follower.listing.position(target) {
                    Some(position) => Onward::Here(position),
                    None if part.follower.inside(target) => Onward::Ended,
                    None => Onward::Elsewhere(target),
                }
            }
            (Next::Fork(target), None) => Onward::Fork(target),
            (Next::End, _) => {
                // A jump out of the function is a call whose result is the function's own.
                self.end(&walk.known);
                Onward::Ended
            }
        }
    }

    /// Goes on in another part of the function: compilers put what seldom runs elsewhere.
    fn elsewhere(&mut self, target: u64, known: Known) -> Option<()> {
        let bounds = self.image.functions().around(target)?;
        self.explore(bounds, Start::At(target), known)
    }

    /// Whether a jump leads into another part, or into a function of the file whose end is this one's end.
    fn is_elsewhere(&self, part: &Part<'_, '_>, target: u64) -> bool {
        let local = matches!(self.image.callee(target), Callee::Local(local) if local == target);
        local && !part.follower.inside(target) && self.image.functions().around(target).is_some()
    }

    /// Both ways of a branch on something unknown.
    fn fork(&mut self, part: &mut Part<'_, '_>, target: u64, walk: Walk, waiting: &mut Vec<Walk>) -> Option<()> {
        let Walk { position, mut known } = walk;
        if known.exception == Exception::Gone {
            self.ends.insert(Aftermath::GoneOn);
            return Some(());
        }
        if !part.seen.insert((position, known.exception)) {
            return Some(());
        }
        known.forked = true;
        waiting.push(Walk { position: position.saturating_add(1), known: known.clone() });
        match part.follower.listing.position(target) {
            Some(position) => waiting.push(Walk { position, known }),
            None if part.follower.inside(target) => {}
            None => self.elsewhere(target, known)?,
        }
        Some(())
    }

    fn end(&mut self, known: &Known) {
        let result = match known.state.get(RESULT) {
            Some(Value::Constant(number)) => Some(number),
            _ => None,
        };
        self.ends.insert(match known.exception {
            Exception::Set => Aftermath::Raised(result),
            Exception::Held | Exception::Gone => Aftermath::Dropped(result),
        });
    }

    /// Whether a small function of the file throws and never returns: compilers make functions of what seldom runs.
    fn only_throws(&mut self, function: u64) -> bool {
        let bounds = self.image.functions().around(function).filter(|(begin, _)| *begin == function);
        let Some(length) = bounds.and_then(|(begin, end)| end.checked_sub(begin)).filter(|l| *l <= SMALL) else {
            return false;
        };
        let Some(listing) = self.decode(function, length) else { return false };
        let mut throws = false;
        for action in listing.instructions.iter().flat_map(|instruction| listing.actions(instruction)) {
            match *action {
                Action::Call(Operand::Constant(target)) => {
                    throws |= self.image.import(self.image.callee(target)).is_some_and(|n| THROWING.contains(&n));
                }
                Action::Return => return false,
                Action::Jump(Operand::Constant(target))
                    if !(function..function.saturating_add(length)).contains(&target) =>
                {
                    return false;
                }
                _ => {}
            }
        }
        throws
    }

    fn throw(&mut self, known: &Known) {
        if known.forked {
            self.may_throw = true;
        } else {
            self.ends.insert(Aftermath::Thrown);
        }
    }
}

impl Condition {
    /// Whether it holds of two known values; `None` where it cannot be told.
    fn holds(self, left: u64, right: u64) -> Option<bool> {
        let (signed_left, signed_right) = (narrow(left), narrow(right));
        Some(match self {
            Self::Equal => signed_left == signed_right,
            Self::NotEqual => signed_left != signed_right,
            Self::Less => signed_left < signed_right,
            Self::NotLess => signed_left >= signed_right,
            Self::Greater => signed_left > signed_right,
            Self::NotGreater => signed_left <= signed_right,
            Self::Negative => signed_left.checked_sub(signed_right)? < 0,
            Self::NotNegative => signed_left.checked_sub(signed_right)? >= 0,
            Self::Below | Self::NotBelow | Self::Above | Self::NotAbove | Self::Other => return None,
        })
    }
}

/// A value as the number that it stands for: results of functions are 32 bits wide, and their upper half is not told.
fn narrow(value: u64) -> i64 {
    let low = value & 0xffff_ffff;
    match value >> 32 {
        0 | 0xffff_ffff => i64::from((low as u32).cast_signed()),
        _ => value.cast_signed(),
    }
}
