//! What follows when a check has failed: whether the exception that it set leaves the function, or is printed or dropped
//! on the way.
//!
//! The paths after the call that sets the exception are walked one by one, with what is known there. A branch on a known
//! value goes one way (the check's result is known, since it failed); any other goes both.

use std::collections::BTreeSet;

use super::{Follower, Next, RESULT, State, Trace, Value};
use crate::code::flow::Callee;
use crate::code::{Action, Condition, Listing};
use crate::image::Image;

/// Instructions walked over all paths of one function.
const MOST_STEPS: usize = 20_000;
/// Longest function that is walked, in bytes of code.
const LONGEST_FUNCTION: u64 = 1 << 20;

/// Functions of CPython's C API that take the exception away.
const CLEARING: [&str; 6] =
    ["PyErr_Clear", "PyErr_Print", "PyErr_PrintEx", "PyErr_WriteUnraisable", "PyErr_FormatUnraisable", "PyErr_Fetch"];
/// Functions that set one.
const SETTING: [&str; 7] = [
    "PyErr_SetString",
    "PyErr_SetObject",
    "PyErr_SetNone",
    "PyErr_Format",
    "PyErr_FormatV",
    "PyErr_Restore",
    "PyErr_NoMemory",
];
/// Functions that do not come back.
const ENDING: [&str; 9] = [
    "__stack_chk_fail",
    "abort",
    "exit",
    "_exit",
    "Py_FatalError",
    "_Py_FatalErrorFunc",
    "__cxa_throw",
    "_Unwind_Resume",
    "__assert_fail",
];

/// How one function ends after the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aftermath {
    /// It comes back with the exception set, and with this result, where that is known.
    Raised(Option<u64>),
    /// The exception was taken away; it comes back with this result, where that is known.
    Dropped(Option<u64>),
    /// The exception was taken away, and what happens then no longer depends on the failure.
    GoneOn,
}

/// One path being walked.
struct Walk {
    position: usize,
    state: State,
    /// Whether an exception is set.
    raised: bool,
}

/// All ways in which the function in `bounds` ends, when it goes on after the instruction at `after` with `state` and, as
/// `raised` says, with an exception set. Empty where that could not be told.
pub(crate) fn aftermath(
    image: &Image<'_>,
    bounds: (u64, u64),
    after: u64,
    state: State,
    raised: bool,
) -> BTreeSet<Aftermath> {
    let (Some(convention), Some(length)) = (image.convention, bounds.1.checked_sub(bounds.0)) else {
        return BTreeSet::new();
    };
    if length > LONGEST_FUNCTION {
        return BTreeSet::new();
    }
    let length = usize::try_from(length).unwrap_or(0);
    let listing = Listing::decode(image.architecture, image.head(bounds.0, length), bounds.0);
    let Some(position) = listing.position(after).and_then(|p| p.checked_add(1)) else { return BTreeSet::new() };
    let follower = Follower {
        image,
        convention,
        listing: &listing,
        anchors: &[],
        bounds,
        trace: Trace::default(),
        recording: true,
    };
    let explorer = Explorer { follower, ends: BTreeSet::new(), seen: BTreeSet::new(), steps: 0 };
    explorer.explore(Walk { position, state, raised })
}

/// The state in which a caller goes on: nothing is known but what the call returned.
pub(crate) fn returned(result: Option<u64>) -> State {
    let mut state = State::entry();
    state.set(RESULT, result.map(Value::Constant));
    state
}

struct Explorer<'a, 'd> {
    follower: Follower<'a, 'd>,
    ends: BTreeSet<Aftermath>,
    /// Forks that were taken already, with and without an exception.
    seen: BTreeSet<(usize, bool)>,
    steps: usize,
}

impl Explorer<'_, '_> {
    fn explore(mut self, first: Walk) -> BTreeSet<Aftermath> {
        let mut waiting = vec![first];
        while let Some(walk) = waiting.pop() {
            waiting.extend(self.walk(walk));
            if self.steps > MOST_STEPS {
                return BTreeSet::new();
            }
        }
        self.ends
    }

    /// Walks one path to its end, or to where it forks.
    fn walk(&mut self, mut walk: Walk) -> Vec<Walk> {
        let mut asked = None;
        let listing = self.follower.listing;
        while let Some(instruction) = listing.instructions.get(walk.position).copied() {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Vec::new();
            }
            let mut decided = None;
            for action in listing.actions(&instruction) {
                match *action {
                    Action::Compare { left, right } => {
                        let sides = [left, right].map(|side| self.follower.evaluate(side, &walk.state));
                        asked = match sides {
                            [Some(Value::Constant(left)), Some(Value::Constant(right))] => Some((left, right)),
                            _ => None,
                        };
                    }
                    Action::Asked(_) => asked = None,
                    Action::Branch { target: Some(_), condition } => {
                        decided = asked.and_then(|(left, right)| condition.holds(left, right));
                    }
                    Action::Return => {
                        self.end(&walk);
                        return Vec::new();
                    }
                    _ => {}
                }
            }
            let next = self.follower.step(walk.position, &mut walk.state);
            if let Some(call) = self.follower.trace.calls.pop() {
                self.follower.trace.calls.clear();
                if !self.called(call.callee, &mut walk) {
                    return Vec::new();
                }
            }
            match self.onward(next, decided, &mut walk) {
                Onward::Here => {}
                Onward::Ended => return Vec::new(),
                Onward::Fork(target) => return self.fork(target, walk),
            }
        }
        Vec::new()
    }

    /// What a call does to the exception; `false` when it does not come back.
    fn called(&mut self, callee: Callee, walk: &mut Walk) -> bool {
        let Some(name) = self.follower.image.import(callee) else { return true };
        if ENDING.contains(&name) {
            return false;
        }
        if CLEARING.contains(&name) {
            walk.raised = false;
        } else if SETTING.contains(&name) {
            walk.raised = true;
        } else if name == "PyErr_Occurred" {
            let set = if walk.raised { 1 } else { 0 };
            walk.state.set(RESULT, Some(Value::Constant(set)));
        }
        true
    }

    fn onward(&mut self, next: Next, decided: Option<bool>, walk: &mut Walk) -> Onward {
        let on = walk.position.saturating_add(1);
        match (next, decided) {
            (Next::On, _) | (Next::Fork(_), Some(false)) => walk.position = on,
            (Next::Goto(target), _) | (Next::Fork(target), Some(true)) => {
                match self.follower.listing.position(target) {
                    Some(position) => walk.position = position,
                    None => return Onward::Ended,
                }
            }
            (Next::Fork(target), None) => return Onward::Fork(target),
            (Next::End, _) => {
                // A jump out of the function is a call whose result is the function's own.
                self.end(walk);
                return Onward::Ended;
            }
        }
        Onward::Here
    }

    /// Both ways of a branch on something unknown.
    fn fork(&mut self, target: u64, walk: Walk) -> Vec<Walk> {
        if !walk.raised {
            self.ends.insert(Aftermath::GoneOn);
            return Vec::new();
        }
        if !self.seen.insert((walk.position, walk.raised)) {
            return Vec::new();
        }
        let jumped = self.follower.listing.position(target);
        let positions = [Some(walk.position.saturating_add(1)), jumped];
        positions
            .into_iter()
            .flatten()
            .map(|position| Walk { position, state: walk.state.clone(), raised: walk.raised })
            .collect()
    }

    fn end(&mut self, walk: &Walk) {
        let result = match walk.state.get(RESULT) {
            Some(Value::Constant(number)) => Some(number),
            _ => None,
        };
        self.ends.insert(if walk.raised { Aftermath::Raised(result) } else { Aftermath::Dropped(result) });
    }
}

/// How a path goes on.
enum Onward {
    Here,
    Ended,
    Fork(u64),
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
