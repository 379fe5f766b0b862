//! What registers and stack slots are known to hold at one point of a function.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Value;
use crate::code::{REGISTERS, Register, SP};

/// Stack slots that are followed at a time; unoptimised code keeps everything there.
const MOST_SLOTS: usize = 160;

/// What is known at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(super) registers: [Option<Value>; REGISTERS],
    /// Shared between the many points that know the same.
    stack: Rc<BTreeMap<i64, Value>>,
}

impl State {
    pub(super) fn entry() -> Self {
        let mut state = Self { registers: [None; REGISTERS], stack: Rc::default() };
        state.set(SP, Some(Value::Stack(0)));
        state
    }

    pub(super) fn get(&self, register: Register) -> Option<Value> {
        self.registers.get(usize::from(register)).copied().flatten()
    }

    pub(super) fn set(&mut self, register: Register, value: Option<Value>) {
        if let Some(slot) = self.registers.get_mut(usize::from(register)) {
            *slot = value;
        }
    }

    /// What the stack slot at this offset holds.
    pub(super) fn stored(&self, at: i64) -> Option<Value> {
        self.stack.get(&at).copied()
    }

    pub(super) fn store(&mut self, at: i64, value: Option<Value>) {
        if self.stored(at) == value {
            return;
        }
        let stack = Rc::make_mut(&mut self.stack);
        match value {
            Some(value) => {
                stack.insert(at, value);
            }
            None => {
                stack.remove(&at);
            }
        }
        // Arguments lie lowest, and they are what is wanted.
        if stack.len() > MOST_SLOTS {
            stack.pop_last();
        }
    }

    /// How many values are held, known or not.
    pub(super) fn size(&self) -> usize {
        REGISTERS.saturating_add(self.stack.len())
    }

    /// Keeps what both agree on; says whether anything was lost.
    pub(super) fn merge(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (mine, theirs) in self.registers.iter_mut().zip(&other.registers) {
            if mine.is_some() && mine != theirs {
                *mine = None;
                changed = true;
            }
        }
        let agrees = |at: &i64, value: &Value| other.stack.get(at) == Some(value);
        if Rc::ptr_eq(&self.stack, &other.stack) || self.stack.iter().all(|(at, value)| agrees(at, value)) {
            return changed;
        }
        Rc::make_mut(&mut self.stack).retain(|at, value| agrees(at, value));
        true
    }
}
