//! One image under study: which strings matter, who refers to them, and what those functions do, each worked out once.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use contract::{Architecture, Certainty, Evidence};

use crate::code::callgraph::{CallGraph, calls_to};
use crate::code::disassemble;
use crate::code::flow::{self, Aftermath, State, Trace, Value};
use crate::code::references::{Reference, references};
use crate::image::Image;

/// Longest stretch of one function that is followed, in bytes of code.
const LONGEST_FUNCTION: u64 = 1 << 20;
/// What is followed of a longer one, before and after the reference.
const BEFORE: u64 = 0x8000;
const AFTER: u64 = 0x2000;
/// Most work on one image, in bytes of code decoded and in instructions and values looked at; what lies beyond is
/// undetermined.
const MOST_WORK: u64 = 1 << 30;
/// For how many functions all code is scanned for calls; a graph of them all costs as much as some scans.
const MOST_SCANS: usize = 4;

/// An image and what was worked out about it.
pub(crate) struct Analysis<'i, 'd> {
    pub(crate) image: &'i Image<'d>,
    anchors: Vec<u64>,
    references: Vec<Reference>,
    graph: OnceCell<CallGraph>,
    traces: RefCell<HashMap<u64, Rc<Trace>>>,
    work_left: Cell<u64>,
    asked_for_calls: Cell<usize>,
}

impl<'i, 'd> Analysis<'i, 'd> {
    /// Prepares the study of everything that refers to `anchors`: addresses of strings.
    pub(crate) fn new(image: &'i Image<'d>, anchors: BTreeSet<u64>) -> Self {
        let anchors: Vec<u64> = anchors.into_iter().collect();
        let references = references(image, &anchors);
        Self {
            image,
            anchors,
            references,
            graph: OnceCell::new(),
            traces: RefCell::default(),
            work_left: Cell::new(MOST_WORK),
            asked_for_calls: Cell::default(),
        }
    }

    pub(crate) fn graph(&self) -> &CallGraph {
        self.graph.get_or_init(|| CallGraph::of(self.image))
    }

    /// Addresses of the direct calls of one function. The graph of everything is made only where many are asked for.
    pub(crate) fn calls_to(&self, function: u64) -> Vec<u64> {
        let asked = self.asked_for_calls.replace(self.asked_for_calls.get().saturating_add(1));
        match self.graph.get() {
            None if asked < MOST_SCANS => calls_to(self.image, function),
            _ => self.graph().calls_to(function),
        }
    }

    /// Whether the work that may be done ran out.
    pub(crate) fn exhausted(&self) -> bool {
        self.work_left.get() == 0
    }

    /// Functions that refer to any of `targets`, by address.
    pub(crate) fn functions_referring(&self, targets: &[u64]) -> BTreeMap<u64, (u64, u64)> {
        let referring = self.references.iter().filter(|r| targets.contains(&r.target));
        referring.map(|r| self.function_around(r.at)).map(|bounds| (bounds.0, bounds)).collect()
    }

    /// The function around an address, or the part of a very long one that is worth following.
    pub(crate) fn function_around(&self, at: u64) -> (u64, u64) {
        let (begin, end) = self.image.functions().around_or_window(self.image, at);
        if end.saturating_sub(begin) <= LONGEST_FUNCTION {
            return (begin, end);
        }
        (at.saturating_sub(BEFORE).max(begin) & !3, at.saturating_add(AFTER).min(end))
    }

    /// Whether nothing in the file leads to a function: no call, no jump, nothing that takes its address, and no code before
    /// it that goes on into it.
    pub(crate) fn is_unreachable(&self, bounds: (u64, u64)) -> bool {
        let (image, links) = (self.image, self.image.links());
        let named = || links.exports.values().chain(links.pointers.values()).any(|&at| at == bounds.0);
        image.functions().are_known()
            && !self.graph().is_root(bounds)
            && self.graph().callers(image, bounds).is_empty()
            && !named()
            && !falls_into(image, bounds.0)
            && references(image, &[bounds.0]).is_empty()
    }

    /// What a function does.
    pub(crate) fn trace(&self, bounds: (u64, u64)) -> Rc<Trace> {
        if let Some(known) = self.traces.borrow().get(&bounds.0) {
            return Rc::clone(known);
        }
        let mut work = self.work_left.get();
        let trace = flow::trace(self.image, bounds, &self.anchors, &mut work);
        self.work_left.set(work);
        let trace = Rc::new(trace.unwrap_or_default());
        self.traces.borrow_mut().insert(bounds.0, Rc::clone(&trace));
        trace
    }

    /// How a function ends when it goes on after `at` with `state`, as [`flow::aftermath`] tells.
    pub(crate) fn aftermath(&self, bounds: (u64, u64), at: u64, state: State, raised: bool) -> BTreeSet<Aftermath> {
        let mut work = self.work_left.get();
        let ends = flow::aftermath(self.image, bounds, at, state, raised, &mut work);
        self.work_left.set(work);
        ends
    }

    /// A string argument. A small number can be the address of something too, of a symbol's name for instance; only
    /// what lies among string literals is a string.
    pub(crate) fn text(&self, value: Option<Value>) -> Option<&'d str> {
        let Some(Value::Constant(address)) = value else { return None };
        self.image.section_at(address).filter(|s| s.strings)?;
        self.image.text_at(address)
    }

    /// Evidence for a fact that the instruction at `address` shows.
    pub(crate) fn decoded(&self, fact: String, address: u64, detail: &str) -> Evidence {
        evidence_of_code(self.image, fact, address, detail)
    }
}

/// Whether the instruction before `address` may go on to it: compilers end functions with a return or a jump, or fill up
/// what follows.
fn falls_into(image: &Image<'_>, address: u64) -> bool {
    match image.architecture {
        Architecture::X86_64 => {
            let before = |count: u64| image.range(address.checked_sub(count)?, 1)?.first().copied();
            // `ret`, `nop` and `int3`; long forms of `nop` end in zero; jumps with an offset of one byte and of four.
            let ends =
                matches!(before(1), Some(0xc3 | 0x90 | 0xcc)) || (before(1) == Some(0) && address.is_multiple_of(16));
            !ends && before(2) != Some(0xeb) && before(5) != Some(0xe9)
        }
        Architecture::Aarch64 => {
            let before = address.checked_sub(4).and_then(|before| image.u32_at(before));
            // `ret`, `nop`, `udf` and `b`.
            !before.is_some_and(|word| matches!(word, 0xd65f_03c0 | 0xd503_201f | 0) || word >> 26 == 0b00_0101)
        }
        _ => true,
    }
}

/// Evidence for a fact that the instruction at `address` shows.
pub(crate) fn evidence_of_code(image: &Image<'_>, fact: String, address: u64, detail: &str) -> Evidence {
    let instruction = disassemble(image.architecture, image.head(address, 16), address).unwrap_or_default();
    let text = if detail.is_empty() { instruction } else { format!("{instruction}  ; {detail}") };
    Evidence {
        fact,
        section: image.section_at(address).map(|s| s.name.clone()),
        address: Some(address),
        text,
        certainty: Certainty::Decoded,
    }
}

/// Evidence for a fact that the string at `address` shows.
pub(crate) fn read_evidence(image: &Image<'_>, fact: &str, address: u64) -> Evidence {
    let text = image.text_at(address).unwrap_or_default();
    Evidence {
        fact: fact.to_owned(),
        section: image.section_at(address).map(|s| s.name.clone()),
        address: Some(address),
        text: text.chars().take(120).collect(),
        certainty: Certainty::Read,
    }
}
