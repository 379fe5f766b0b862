//! What registers and stack slots are known to hold at one point of a function.

use std::collections::BTreeMap;

use super::Value;
use crate::code::{REGISTERS, Register, SP};

/// Stack slots that are followed at a time; unoptimised code keeps everything there.
const MOST_SLOTS: usize = 160;

/// What is known at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(super) registers: [Option<Value>; REGISTERS],
    pub(super) stack: BTreeMap<i64, Value>,
}

impl State {
    pub(super) fn entry() -> Self {
        let mut state = Self { registers: [None; REGISTERS], stack: BTreeMap::new() };
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

    pub(super) fn store(&mut self, at: i64, value: Option<Value>) {
        match value {
            Some(value) => {
                self.stack.insert(at, value);
            }
            None => {
                self.stack.remove(&at);
            }
        }
        // Arguments lie lowest, and they are what is wanted.
        if self.stack.len() > MOST_SLOTS {
            self.stack.pop_last();
        }
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
        let before = self.stack.len();
        self.stack.retain(|at, value| other.stack.get(at) == Some(value));
        changed || self.stack.len() != before
    }
}
