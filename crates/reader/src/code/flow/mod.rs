//! Follows constants forward through one function, to the arguments of its calls.
//!
//! Values are merged where paths join (what differs is unknown), until nothing changes. Where the compiler merged two
//! tails that raise different errors, the join forgets what is wanted; so every instruction that forms the address of
//! an anchor is also followed alone along its own path, unmerged, to the next call that takes it: with what is known where
//! it stands, and where paths join before it, once for each of them.

mod aftermath;
mod convention;
mod state;
mod stub;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use contract::Architecture;

use super::{Action, Condition, Instruction, Listing, Operand, Place, Register, SP};
use crate::image::{Convention, Image};
use aftermath::ENDING;
pub(crate) use aftermath::{Aftermath, aftermath, returned};
use convention::{argument_registers, scratch};
pub(crate) use state::State;
pub(crate) use stub::{constant_result, resolve_stub};

/// Instructions followed along one path from an anchor to its call.
const LONGEST_PATH: usize = 256;
/// Rounds over the blocks of one function before giving up on a fixed point.
const MOST_VISITS: usize = 40;
/// The longest function that is taken for outlined, in bytes.
const LONGEST_OUTLINED: usize = 64;
/// Paths into one block that are followed one by one.
const MOST_WAYS: usize = 128;
/// Through how many blocks such paths are followed; further only where there are not too many of them.
const DEPTHS: [usize; 6] = [1, 2, 4, 6, 9, 14];
/// Values kept for all blocks of one function together, of some 40 bytes each.
const MOST_KEPT: u64 = 8 << 20;

/// Functions that take one of the texts that are looked for, and which of their arguments it is.
const TEXTS: [(&str, usize); 16] = [
    ("PyCapsule_GetPointer", 1),
    ("PyCapsule_Import", 0),
    ("PyErr_Format", 1),
    ("PyErr_FormatV", 1),
    ("PyErr_SetString", 1),
    ("PyErr_WarnEx", 1),
    ("PyErr_WarnFormat", 2),
    ("PyImport_ImportModule", 0),
    ("PyOS_snprintf", 2),
    ("PyObject_GetAttrString", 1),
    ("PyObject_HasAttrString", 1),
    ("PyUnicode_FromFormat", 0),
    ("PyUnicode_FromString", 0),
    ("PyUnicode_InternFromString", 0),
    ("__snprintf_chk", 4),
    ("snprintf", 2),
];

/// The register a call returns its result in: `rax` and `x0` are both number 0.
const RESULT: Register = 0;

/// What a register or a stack slot is known to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// A number or an address in the image.
    Constant(u64),
    /// An address on the stack, relative to the stack pointer at the function's entry.
    Stack(i64),
    /// The address of an imported symbol, which the loader puts into the slot at this address.
    Import(u64),
    /// What the variable at this address holds.
    Global(u64),
    /// What the imported variable behind this slot holds.
    ImportedGlobal(u64),
    /// What lies `offset` bytes into the table that a variable points to.
    Entry { table: Table, offset: i64 },
    /// What the call at this address returned.
    Result(u64),
}

/// The top of a stack frame that the instruction at `address` makes, far from every other frame.
fn elsewhere_on_the_stack(address: u64) -> Value {
    let frame = i64::try_from(address & 0xff_ffff).unwrap_or(0) << 20;
    Value::Stack(-(1 << 50) - frame)
}

/// Who holds the pointer to a table of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    /// The variable at this address.
    Global(u64),
    /// The imported variable behind this slot.
    ImportedGlobal(u64),
    /// The result of the call at this address.
    Result(u64),
}

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Callee {
    /// Code in this image.
    Local(u64),
    /// The imported symbol behind the slot at this address.
    Import(u64),
    /// A table entry.
    Entry {
        table: Table,
        offset: i64,
    },
    Unknown,
}

/// One call and what is known of its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) at: u64,
    pub(crate) callee: Callee,
    /// Argument registers, in order.
    pub(crate) registers: [Option<Value>; 8],
    /// Stack arguments, in order.
    pub(crate) stack: [Option<Value>; 8],
}

/// One comparison of a value with a constant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub(crate) value: Option<Value>,
    pub(crate) constant: u64,
    pub(crate) condition: Condition,
}

/// A store of a known value to a variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalStore {
    pub(crate) table: Table,
    pub(crate) value: Option<Value>,
}

/// A call that takes an anchor.
#[derive(Clone, Debug)]
pub(crate) struct Anchored {
    /// The anchor's address.
    pub(crate) anchor: u64,
    pub(crate) call: Call,
    /// What is known when the call comes back.
    pub(crate) after: State,
}

/// What one function was seen to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// By address.
    pub(crate) calls: Vec<Call>,
    /// For each anchor formed: the call that takes it.
    pub(crate) anchored: Vec<Anchored>,
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) stores: Vec<GlobalStore>,
    /// Table entries that are loaded.
    pub(crate) entries: Vec<(Table, i64)>,
    /// Addresses of calls whose result is asked for being zero or negative.
    pub(crate) tested: Vec<u64>,
}

impl Trace {
    /// The call at this address.
    pub(crate) fn call_at(&self, at: u64) -> Option<&Call> {
        self.calls.binary_search_by_key(&at, |call| call.at).ok().and_then(|index| self.calls.get(index))
    }
}

/// Follows one function of an image. `anchors` must be sorted. Takes what it does from `work`: an instruction or a value
/// costs one. Nothing, and no work left, where it does not suffice.
pub(crate) fn trace(image: &Image<'_>, bounds: (u64, u64), anchors: &[u64], work: &mut u64) -> Option<Trace> {
    let Some(convention) = image.convention else { return Some(Trace::default()) };
    let length = usize::try_from(bounds.1.saturating_sub(bounds.0)).unwrap_or(0);
    let bytes = image.head(bounds.0, length);
    *work = work.saturating_sub(bytes.len() as u64);
    if *work == 0 {
        return None;
    }
    let listing = Listing::decode(image.architecture, bytes, bounds.0);
    let mut follower = Follower::new(image, convention, &listing, bounds);
    follower.anchors = anchors;
    follower.work = *work;
    follower.run();
    *work = follower.work;
    (*work > 0).then_some(follower.trace)
}

struct Follower<'a, 'd> {
    image: &'a Image<'d>,
    convention: Convention,
    listing: &'a Listing,
    anchors: &'a [u64],
    bounds: (u64, u64),
    trace: Trace,
    recording: bool,
    /// Functions that were looked at for being outlined: their code, where they are.
    outlined: Rc<RefCell<BTreeMap<u64, Option<Rc<Listing>>>>>,
    /// What may still be done.
    work: u64,
    /// What may still be kept.
    room: u64,
}

/// The blocks of a function, what is known at the beginning of each, and which lead into it.
struct Joins<'b> {
    blocks: &'b [usize],
    states: &'b [Option<State>],
    before: &'b [BTreeSet<usize>],
}

/// Where execution goes after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    On,
    /// On, or to this address.
    Fork(u64),
    /// To this address inside the function.
    Goto(u64),
    /// Out of the function.
    End,
}

impl<'a, 'd> Follower<'a, 'd> {
    fn new(image: &'a Image<'d>, convention: Convention, listing: &'a Listing, bounds: (u64, u64)) -> Self {
        let (trace, work, room) = (Trace::default(), u64::MAX, MOST_KEPT);
        let outlined = Rc::default();
        Self { image, convention, listing, anchors: &[], bounds, trace, recording: false, outlined, work, room }
    }

    /// For a few instructions that are followed by hand.
    fn small(image: &'a Image<'d>, listing: &'a Listing, address: u64) -> Option<Self> {
        Some(Self::new(image, image.convention?, listing, (address, address)))
    }

    /// Whether there is work left after this much.
    fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_sub(work as u64);
        self.work > 0
    }

    fn run(&mut self) {
        let blocks = self.blocks();
        let (states, before) = self.fixed_point(&blocks);
        for (index, (block, state)) in blocks.windows(2).zip(&states).enumerate() {
            if let (&[from, to], Some(mut state)) = (block, state.clone()) {
                self.recording = true;
                let formed = self.record(from, to, &mut state);
                self.recording = false;
                if !formed.is_empty() {
                    let ways = self.ways_into(&Joins { blocks: &blocks, states: &states, before: &before }, index);
                    self.follow_each_way(from, ways, &formed);
                }
            }
        }
    }

    fn inside(&self, address: u64) -> bool {
        self.bounds.0 <= address && address < self.bounds.1
    }

    /// Positions at which blocks begin, and the end.
    fn blocks(&self) -> Vec<usize> {
        let mut begins = BTreeSet::from([0, self.listing.instructions.len()]);
        for (index, instruction) in self.listing.instructions.iter().enumerate() {
            for action in self.listing.actions(instruction) {
                let target = match action {
                    Action::Branch { target, .. } => *target,
                    Action::Jump(Operand::Constant(target)) => Some(*target),
                    Action::Jump(_) | Action::Return | Action::Trap => None,
                    Action::Call(target) if self.ends_at(*target) => None,
                    _ => continue,
                };
                begins.extend(target.filter(|t| self.inside(*t)).and_then(|t| self.listing.position(t)));
                if !matches!(action, Action::Branch { target: None, .. }) {
                    begins.insert(index.saturating_add(1));
                }
            }
        }
        begins.into_iter().collect()
    }

    /// Whether a block does nothing: what compilers fill up with, before code that is jumped to. Nobody comes that way, and what
    /// is known there is not forgotten for it.
    fn is_padding(&self, blocks: &[usize], index: usize) -> bool {
        let (Some(&from), Some(&to)) = (blocks.get(index), blocks.get(index.saturating_add(1))) else { return false };
        let block = self.listing.instructions.get(from..to).unwrap_or_default();
        block.iter().all(|instruction| self.listing.actions(instruction).is_empty())
    }

    /// The state at the beginning of each block. Blocks that no visible jump reaches (cases of a jump table, landing
    /// pads) begin with nothing known but the stack pointer of the function's body. With them, the blocks that lead into
    /// each one.
    fn fixed_point(&mut self, blocks: &[usize]) -> (Vec<Option<State>>, Vec<BTreeSet<usize>>) {
        let count = blocks.len().saturating_sub(1);
        let mut states: Vec<Option<State>> = vec![None; count];
        let mut before = vec![BTreeSet::new(); count];
        let mut visits = vec![0usize; count];
        let mut body = State::entry();
        let mut waiting = BTreeSet::new();
        for root in 0..count {
            if states.get(root).is_some_and(Option::is_some) || (root > 0 && self.is_padding(blocks, root)) {
                continue;
            }
            if let Some(slot) = states.get_mut(root) {
                *slot = Some(if root == 0 { State::entry() } else { body.clone() });
            }
            waiting.insert(root);
            while let Some(index) = waiting.pop_first() {
                let Some(visited) = visits.get_mut(index) else { continue };
                *visited += 1;
                if *visited > MOST_VISITS {
                    continue;
                }
                let Some(mut state) = states.get(index).cloned().flatten() else { continue };
                for next in self.leave(blocks, index, &mut state) {
                    before.get_mut(next).into_iter().for_each(|before| {
                        before.insert(index);
                    });
                    self.arrive(&mut states, next, &state, &mut waiting);
                }
                if self.work == 0 {
                    return (Vec::new(), before);
                }
                if root == 0 && index == 0 {
                    body.set(SP, state.get(SP));
                }
            }
        }
        (states, before)
    }

    fn arrive(&mut self, states: &mut [Option<State>], index: usize, from: &State, waiting: &mut BTreeSet<usize>) {
        let Some(slot) = states.get_mut(index) else { return };
        self.spend(from.size());
        let changed = match slot {
            Some(state) => state.merge(from),
            None => {
                self.room = self.room.saturating_sub(from.size() as u64);
                if self.room == 0 {
                    self.work = 0;
                }
                *slot = Some(from.clone());
                true
            }
        };
        if changed {
            waiting.insert(index);
        }
    }

    /// Runs a block; gives the blocks that may follow.
    fn leave(&mut self, blocks: &[usize], index: usize, state: &mut State) -> Vec<usize> {
        let (Some(&from), Some(&to)) = (blocks.get(index), blocks.get(index.saturating_add(1))) else {
            return Vec::new();
        };
        let mut next = Next::On;
        self.spend(to.saturating_sub(from));
        for position in from..to {
            next = self.step(position, state);
        }
        let block_at = |address: u64| {
            let position = self.listing.position(address)?;
            blocks.binary_search(&position).ok()
        };
        let on = index.saturating_add(1);
        match next {
            Next::On => vec![on],
            Next::Fork(target) => block_at(target).into_iter().chain([on]).collect(),
            Next::Goto(target) => block_at(target).into_iter().collect(),
            Next::End => Vec::new(),
        }
    }

    /// Whether a call of this never comes back, as far as the file tells.
    fn ends_at(&self, target: Operand) -> bool {
        let callee = match target {
            Operand::Constant(address) => self.image.callee(address),
            Operand::Memory { place: Place::At(slot), .. } => Callee::Import(slot),
            _ => return false,
        };
        self.image.import(callee).is_some_and(|name| ENDING.contains(&name))
    }

    /// Runs a block once more with its final state, noting what happens. Gives the anchors that are formed in it, and where.
    fn record(&mut self, from: usize, to: usize, state: &mut State) -> Vec<(u64, usize)> {
        let mut anchors = Vec::new();
        for position in from..to {
            let before = state.registers;
            self.step(position, state);
            let formed = |(value, old): (&Option<Value>, &Option<Value>)| match value {
                Some(Value::Constant(address)) if value != old => self.anchors.binary_search(address).ok(),
                _ => None,
            };
            let anchor = state.registers.iter().zip(&before).find_map(formed);
            if let Some(&anchor) = anchor.and_then(|index| self.anchors.get(index)) {
                anchors.push((anchor, position));
                let taken = self.follow(anchor, position, state.clone());
                self.trace.anchored.extend(taken);
            }
        }
        anchors
    }

    /// Follows anchors that are formed in the block at `begin` once for each path that leads into it.
    fn follow_each_way(&mut self, begin: usize, ways: Vec<State>, formed: &[(u64, usize)]) {
        for way in ways {
            let (mut state, mut at) = (way, begin);
            for &(anchor, position) in formed {
                while at <= position {
                    self.step(at, &mut state);
                    at = at.saturating_add(1);
                }
                let taken = self.follow(anchor, position, state.clone());
                let is_new =
                    |one: &Anchored| self.trace.anchored.iter().all(|a| a.anchor != anchor || a.call != one.call);
                self.trace.anchored.extend(taken.filter(is_new));
            }
        }
    }

    /// What is known at the beginning of a block, for each path that leads into it; from as far back as there are not too
    /// many of them. Nothing where there is one path alone.
    fn ways_into(&mut self, joins: &Joins<'_>, index: usize) -> Vec<State> {
        let mut ways = Vec::new();
        for joined in DEPTHS {
            let deeper = self.ways_through(joins, index, joined);
            if self.work == 0 || deeper.len() > MOST_WAYS {
                break;
            }
            ways = deeper;
        }
        if ways.len() > 1 { ways } else { Vec::new() }
    }

    /// The same from `joined` blocks back, and of one path more than are followed at most.
    fn ways_through(&mut self, joins: &Joins<'_>, index: usize, joined: usize) -> Vec<State> {
        let mut ways: Vec<State> = Vec::new();
        for &before in joins.before.get(index).into_iter().flatten() {
            let further = joins.before.get(before).is_some_and(|before| !before.is_empty()) && joined > 1;
            let begins = if further {
                self.ways_through(joins, before, joined.saturating_sub(1))
            } else {
                joins.states.get(before).cloned().flatten().into_iter().collect()
            };
            for mut state in begins {
                self.leave(joins.blocks, before, &mut state);
                if !ways.contains(&state) {
                    ways.push(state);
                }
                if ways.len() > MOST_WAYS || self.work == 0 {
                    return ways;
                }
            }
        }
        ways
    }

    /// Follows one path from where an anchor was formed to the call that takes it.
    fn follow(&mut self, anchor: u64, from: usize, mut state: State) -> Option<Anchored> {
        if !self.spend(LONGEST_PATH) {
            return None;
        }
        let (trace, outlined) = (Trace::default(), Rc::clone(&self.outlined));
        let mut walker = Follower { trace, recording: true, outlined, ..*self };
        let mut position = Some(from.saturating_add(1));
        for _ in 0..LONGEST_PATH {
            let here = position.filter(|&p| p < self.listing.instructions.len())?;
            let next = walker.step(here, &mut state);
            if let Some(call) = walker.trace.calls.pop()
                && call.takes(anchor)
                && (!self.may_be_a_page(anchor) || self.takes_as_text(&call, anchor))
            {
                return Some(Anchored { anchor, call, after: state });
            }
            position = match next {
                Next::On | Next::Fork(_) => here.checked_add(1),
                Next::Goto(target) => self.listing.position(target),
                Next::End => None,
            };
        }
        None
    }

    /// On AArch64 the beginning of a page stands in registers for everything in that page.
    fn may_be_a_page(&self, anchor: u64) -> bool {
        self.image.architecture == Architecture::Aarch64 && anchor & 0xfff == 0
    }

    /// Whether the call is of a function that takes a text in the register where the anchor is: any other may hold what is
    /// left over from before.
    fn takes_as_text(&self, call: &Call, anchor: u64) -> bool {
        let name = self.image.import(call.callee);
        let text = TEXTS.iter().find(|(known, _)| Some(*known) == name);
        text.is_some_and(|(_, position)| call.registers.get(*position) == Some(&Some(Value::Constant(anchor))))
    }

    fn step(&mut self, position: usize, state: &mut State) -> Next {
        let Some(instruction) = self.listing.instructions.get(position).copied() else { return Next::End };
        let mut next = Next::On;
        for action in self.listing.actions(&instruction) {
            match self.apply(action, &instruction, position, state) {
                Next::On => {}
                other => next = other,
            }
        }
        next
    }

    fn apply(&mut self, action: &Action, instruction: &Instruction, position: usize, state: &mut State) -> Next {
        match *action {
            Action::Assign { to, from } => {
                let value = self.evaluate(from, state);
                // A frame of a size or an alignment that is not known: offsets into it still are.
                let value = if to == SP { value.or(Some(elsewhere_on_the_stack(instruction.address))) } else { value };
                state.set(to, value);
            }
            Action::Patch { to, piece, shift } => {
                let patched = match state.get(to) {
                    Some(Value::Constant(old)) => Some(Value::Constant(old & !(0xffff << shift) | piece << shift)),
                    _ => None,
                };
                state.set(to, patched);
            }
            Action::Store { to, from } => self.store(to, from, state),
            Action::Push(from) => {
                let value = self.evaluate(from, state);
                move_stack(state, -8);
                if let Some(Value::Stack(at)) = state.get(SP) {
                    state.store(at, value);
                }
            }
            // Compilers that save bytes write a small constant as a push and a pop.
            Action::Pop(to) => {
                let value = match state.get(SP) {
                    Some(Value::Stack(at)) => state.stored(at),
                    _ => None,
                };
                state.set(to, value);
                move_stack(state, 8);
            }
            Action::Compare { left, right } => self.compare(left, right, position, state),
            Action::Asked(register) => self.test(state.get(register)),
            Action::Branch { target: Some(target), .. } if self.inside(target) => return Next::Fork(target),
            Action::Branch { .. } => {}
            Action::Jump(Operand::Constant(target)) if self.inside(target) => return Next::Goto(target),
            Action::Jump(target) => {
                self.call(target, instruction, state);
                return Next::End;
            }
            Action::Call(target) => {
                self.call(target, instruction, state);
                if self.ends_at(target) {
                    return Next::End;
                }
            }
            Action::Return | Action::Trap => return Next::End,
        }
        Next::On
    }

    fn address(&self, place: Place, state: &State) -> Option<Value> {
        match place {
            Place::At(address) => Some(Value::Constant(address)),
            Place::Based { base, offset } => match state.get(base)? {
                Value::Constant(address) => Some(Value::Constant(address.wrapping_add(offset.cast_unsigned()))),
                Value::Stack(at) => Some(Value::Stack(at.wrapping_add(offset))),
                other if offset == 0 => Some(other),
                _ => None,
            },
        }
    }

    fn evaluate(&mut self, operand: Operand, state: &State) -> Option<Value> {
        match operand {
            Operand::Register(register) => state.get(register),
            Operand::Constant(value) => Some(Value::Constant(value)),
            Operand::Address(place) => self.address(place, state),
            Operand::Memory { place, wide } => self.load(place, wide, state),
            Operand::Signed(_) | Operand::Unknown => None,
        }
    }

    fn load(&mut self, place: Place, wide: bool, state: &State) -> Option<Value> {
        if let Place::Based { base, offset } = place {
            if let Some(table) = state.get(base).and_then(table) {
                if self.recording && wide {
                    self.trace.entries.push((table, offset));
                }
                return Some(Value::Entry { table, offset });
            }
            if let (Some(Value::Import(slot)), 0) = (state.get(base), offset) {
                return Some(Value::ImportedGlobal(slot));
            }
        }
        match self.address(place, state)? {
            Value::Stack(at) => state.stored(at),
            Value::Constant(address) => self.load_from(address, wide),
            _ => None,
        }
    }

    fn load_from(&self, address: u64, wide: bool) -> Option<Value> {
        let links = self.image.links();
        if links.imports.contains_key(&address) {
            return Some(Value::Import(address));
        }
        if let Some(&target) = links.pointers.get(&address) {
            return Some(Value::Constant(target));
        }
        let section = self.image.section_at(address);
        if section.is_some_and(|s| !s.writable) {
            let value = if wide { self.image.u64_at(address) } else { self.image.u32_at(address).map(u64::from) };
            return value.map(Value::Constant);
        }
        wide.then_some(Value::Global(address))
    }

    fn store(&mut self, to: Place, from: Operand, state: &mut State) {
        let value = self.evaluate(from, state);
        match self.address(to, state) {
            Some(Value::Stack(at)) => state.store(at, value),
            Some(Value::Constant(address)) if self.recording => {
                self.trace.stores.push(GlobalStore { table: Table::Global(address), value });
            }
            Some(Value::Import(slot)) if self.recording => {
                self.trace.stores.push(GlobalStore { table: Table::ImportedGlobal(slot), value });
            }
            _ => {}
        }
    }

    fn test(&mut self, value: Option<Value>) {
        if let (true, Some(Value::Result(call))) = (self.recording, value) {
            self.trace.tested.push(call);
        }
    }

    fn compare(&mut self, left: Operand, right: Operand, position: usize, state: &State) {
        if !self.recording {
            return;
        }
        let (left, right) = (self.evaluate(left, state), self.evaluate(right, state));
        let condition = self.condition_after(position);
        let (value, constant, condition) = match (left, right) {
            (value, Some(Value::Constant(constant))) => (value, constant, condition),
            (Some(Value::Constant(constant)), value) => (value, constant, condition.mirrored()),
            _ => return,
        };
        self.test(value);
        self.trace.comparisons.push(Comparison { value, constant, condition });
    }

    /// What is asked of the flags that the instruction at `position` sets.
    fn condition_after(&self, position: usize) -> Condition {
        let following = self.listing.instructions.iter().skip(position.saturating_add(1)).take(8);
        let actions = following.flat_map(|instruction| self.listing.actions(instruction));
        let found = actions.copied().find_map(|action| match action {
            Action::Branch { condition, .. } => Some(condition),
            Action::Call(_) | Action::Return | Action::Compare { .. } => Some(Condition::Other),
            _ => None,
        });
        found.unwrap_or(Condition::Other)
    }

    fn call(&mut self, target: Operand, instruction: &Instruction, state: &mut State) {
        let callee = match self.evaluate(target, state) {
            Some(Value::Constant(address)) => self.image.callee(address),
            Some(Value::Import(slot)) => Callee::Import(slot),
            Some(Value::Entry { table, offset }) => Callee::Entry { table, offset },
            _ => Callee::Unknown,
        };
        if self.recording {
            let call = self.arguments(instruction.address, callee, state);
            self.trace.calls.push(call);
        }
        if let Callee::Local(address) = callee
            && let Some(code) = self.outlined(address)
        {
            return self.pass_through(&code, state);
        }
        for &register in scratch(self.convention) {
            state.set(register, None);
        }
        state.set(RESULT, Some(Value::Result(instruction.address)));
    }

    /// The code of a function that compilers make of a few instructions that stand in many places (clang's outliner, on
    /// AArch64): a straight line without a frame.
    fn outlined(&self, address: u64) -> Option<Rc<Listing>> {
        if self.image.architecture != Architecture::Aarch64 {
            return None;
        }
        if let Some(known) = self.outlined.borrow().get(&address) {
            return known.clone();
        }
        let listing = Listing::decode(self.image.architecture, self.image.head(address, LONGEST_OUTLINED), address);
        let actions = listing.instructions.iter().flat_map(|instruction| listing.actions(instruction));
        let end = actions.copied().find(|action| {
            !matches!(
                action,
                Action::Assign { .. }
                    | Action::Patch { .. }
                    | Action::Store { .. }
                    | Action::Compare { .. }
                    | Action::Asked(_)
            )
        });
        let code = matches!(end, Some(Action::Return)).then(|| Rc::new(listing));
        self.outlined.borrow_mut().insert(address, code.clone());
        code
    }

    fn pass_through(&mut self, code: &Listing, state: &mut State) {
        self.spend(code.instructions.len());
        for (position, instruction) in code.instructions.iter().enumerate() {
            for action in code.actions(instruction) {
                match action {
                    Action::Return => return,
                    Action::Compare { .. } | Action::Asked(_) => {}
                    _ => {
                        self.apply(action, instruction, position, state);
                    }
                }
            }
        }
    }

    fn arguments(&self, at: u64, callee: Callee, state: &State) -> Call {
        let mut call = Call { at, callee, registers: [None; 8], stack: [None; 8] };
        for (slot, &register) in call.registers.iter_mut().zip(argument_registers(self.convention)) {
            *slot = state.get(register);
        }
        // Microsoft's convention leaves room for the four registers below the first stack argument.
        let home = if self.convention == Convention::Win64 { 0x20 } else { 0 };
        if let Some(Value::Stack(top)) = state.get(SP) {
            for (index, slot) in (0i64..).zip(call.stack.iter_mut()) {
                *slot = state.stored(top.wrapping_add(home + 8 * index));
            }
        }
        call
    }
}

impl Call {
    /// Whether any argument is this constant.
    pub(crate) fn takes(&self, constant: u64) -> bool {
        self.registers.iter().chain(&self.stack).any(|v| *v == Some(Value::Constant(constant)))
    }

    /// All arguments of a call that is not variadic, in order: registers, then stack.
    pub(crate) fn arguments(&self, convention: Convention) -> Vec<Option<Value>> {
        let count = argument_registers(convention).len();
        self.registers.iter().take(count).chain(&self.stack).copied().collect()
    }

    /// The arguments after position `format` of a variadic call whose last named argument is at `format`.
    pub(crate) fn variadic(&self, convention: Convention, format: usize) -> Vec<Option<Value>> {
        if convention == Convention::AppleArm64 {
            return self.stack.to_vec();
        }
        self.arguments(convention).split_off(format.saturating_add(1))
    }
}

/// A value that, when loaded through, is a table of functions.
fn table(value: Value) -> Option<Table> {
    match value {
        Value::Global(address) => Some(Table::Global(address)),
        Value::ImportedGlobal(slot) => Some(Table::ImportedGlobal(slot)),
        Value::Result(call) => Some(Table::Result(call)),
        _ => None,
    }
}

fn move_stack(state: &mut State, by: i64) {
    if let Some(Value::Stack(at)) = state.get(SP) {
        state.set(SP, Some(Value::Stack(at.wrapping_add(by))));
    }
}
