//! Code of a few instructions: what a linker's stub jumps to, and what a function that only returns a number returns.

use super::{Callee, Follower, RESULT, State, Value};
use crate::code::{Action, Listing, Operand};
use crate::image::Image;

/// What the function at `address` returns, where it does nothing but return a constant.
pub(crate) fn constant_result(image: &Image<'_>, address: u64) -> Option<u64> {
    /// Room for `endbr64`, a frame, the constant and the return.
    const LONGEST: usize = 64;
    /// One tail jump to the function proper is followed.
    const MOST_JUMPS: usize = 2;
    let mut at = address;
    for _ in 0..MOST_JUMPS {
        let listing = Listing::decode(image.architecture, image.head(at, LONGEST), at);
        let mut follower = Follower::small(image, &listing, at)?;
        let mut state = State::entry();
        let mut jumped = None;
        'code: for (position, instruction) in listing.instructions.iter().enumerate() {
            for action in listing.actions(instruction) {
                match *action {
                    Action::Return => {
                        return match state.get(RESULT) {
                            Some(Value::Constant(value)) => Some(value),
                            _ => None,
                        };
                    }
                    Action::Jump(Operand::Constant(target)) => {
                        jumped = Some(target);
                        break 'code;
                    }
                    Action::Call(_) | Action::Branch { .. } | Action::Jump(_) | Action::Trap => return None,
                    _ => {
                        follower.apply(action, instruction, position, &mut state);
                    }
                }
            }
        }
        at = jumped?;
    }
    None
}

/// What a linker's stub at `address` jumps to; the address itself where it is no stub.
pub(crate) fn resolve_stub(image: &Image<'_>, address: u64) -> Callee {
    /// The longest stub: `endbr64; bnd jmp [rip+x]`, or `bti; adrp; ldr; add; br`.
    const LONGEST: usize = 24;
    let listing = Listing::decode(image.architecture, image.head(address, LONGEST), address);
    let Some(mut follower) = Follower::small(image, &listing, address) else { return Callee::Unknown };
    let mut state = State::entry();
    for (position, instruction) in listing.instructions.iter().enumerate() {
        for action in listing.actions(instruction) {
            match *action {
                Action::Assign { .. } | Action::Patch { .. } => {
                    follower.apply(action, instruction, position, &mut state);
                }
                Action::Jump(target) => {
                    return match follower.evaluate(target, &state) {
                        Some(Value::Import(slot)) => Callee::Import(slot),
                        Some(Value::Constant(target)) => Callee::Local(target),
                        _ => Callee::Local(address),
                    };
                }
                _ => return Callee::Local(address),
            }
        }
    }
    Callee::Local(address)
}
