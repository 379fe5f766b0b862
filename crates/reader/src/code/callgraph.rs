//! Who calls whom by direct calls and jumps, and whether a module's initialiser gets to a function that way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use contract::{Architecture, Reach};

use super::Listing;
use super::flow::Callee;
use crate::image::{Image, Section};

/// `Py_mod_exec` in CPython's `moduleobject.h`: the slot that holds a module's initialiser.
const PY_MOD_EXEC: u64 = 2;

/// How many functions are looked at on the way up from a check; in real modules it is a handful.
const MOST_CALLERS: usize = 2000;

/// Opcodes of `call rel32` and `jmp rel32`.
const CALL: u8 = 0xe8;
const JUMP: u8 = 0xe9;

/// How much of a function is decoded to see whether a jump is real, in bytes.
const LONGEST_CHECKED: usize = 1 << 20;
/// How much is decoded for that in one image, in bytes. Beyond it every jump counts as real.
const MOST_CHECKED: usize = 16 << 20;

/// A direct call or jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) target: u64,
    /// The address of the instruction.
    pub(crate) at: u64,
    /// A call, which comes back; a jump otherwise.
    pub(crate) is_call: bool,
}

/// Direct calls and jumps of a whole image, by target, and the functions that an import of the module runs.
pub(crate) struct CallGraph {
    edges: Vec<Edge>,
    roots: BTreeSet<u64>,
    /// Whether the module has an initialiser that no table names: pybind11 3 writes its slots while it runs.
    hidden_initialiser: bool,
    decoded: RefCell<Decoded>,
}

/// Where the instructions of some functions begin.
#[derive(Default)]
struct Decoded {
    /// By the function's address: offsets from there, in order.
    functions: BTreeMap<u64, Vec<u32>>,
    /// Bytes decoded.
    bytes: usize,
}

impl CallGraph {
    /// Scans all code for direct calls and jumps. A chance match inside other bytes is possible on x86-64, and harmless:
    /// only targets that are asked for count.
    pub(crate) fn of(image: &Image<'_>) -> Self {
        let mut edges = Vec::new();
        for section in image.sections.iter().filter(|s| s.executable) {
            match image.architecture {
                Architecture::X86_64 => x86_64(section, image.bytes(section), &mut edges),
                Architecture::Aarch64 => aarch64(section, image.bytes(section), &mut edges),
                _ => {}
            }
        }
        for edge in &mut edges {
            if image.section_at(edge.target).is_some_and(|s| is_stub_section(&s.name))
                && let Callee::Local(local) = image.callee(edge.target)
            {
                edge.target = local;
            }
        }
        edges.sort_unstable();
        edges.dedup();
        let executed: Vec<u64> = executed(image).collect();
        let hidden_initialiser = executed.is_empty() && imports_in_two_phases(image);
        Self { edges, roots: roots(image, executed), hidden_initialiser, decoded: RefCell::default() }
    }

    /// Where the function in `bounds` is called, or jumped into from outside. Calls go to its beginning; a jump may go to
    /// a part of it that was split off, and counts only where decoding its own function comes across it.
    pub(crate) fn callers(&self, image: &Image<'_>, (begin, end): (u64, u64)) -> Vec<Edge> {
        let from = self.edges.partition_point(|edge| edge.target < begin);
        let to = self.edges.partition_point(|edge| edge.target < end);
        let range = self.edges.get(from..to).unwrap_or_default().iter().copied();
        let outside = range.filter(|edge| !(begin..end).contains(&edge.at));
        outside
            .filter(|edge| if edge.is_call { edge.target == begin } else { self.is_instruction(image, edge.at) })
            .collect()
    }

    /// Addresses of the direct calls of the function at `begin`.
    pub(crate) fn calls_to(&self, begin: u64) -> Vec<u64> {
        let from = self.edges.partition_point(|edge| edge.target < begin);
        let edges = self.edges.get(from..).unwrap_or_default().iter().take_while(|edge| edge.target == begin);
        edges.filter(|edge| edge.is_call).map(|edge| edge.at).collect()
    }

    /// Whether an instruction of its function begins at `address`: bytes inside another one can look like a jump.
    fn is_instruction(&self, image: &Image<'_>, address: u64) -> bool {
        let (begin, end) = image.functions().around_or_window(image, address);
        let mut decoded = self.decoded.borrow_mut();
        if !decoded.functions.contains_key(&begin) {
            if decoded.bytes > MOST_CHECKED {
                return true;
            }
            let length = usize::try_from(end.saturating_sub(begin)).unwrap_or(0).min(LONGEST_CHECKED);
            decoded.bytes = decoded.bytes.saturating_add(length);
            decoded.functions.insert(begin, beginnings(image, begin, length));
        }
        let offset = address.checked_sub(begin).and_then(|offset| u32::try_from(offset).ok());
        let begins = decoded.functions.get(&begin).zip(offset);
        begins.is_some_and(|(begins, offset)| begins.binary_search(&offset).is_ok())
    }

    /// Whether the function in `bounds` runs when the module is imported, without any other function of the image calling
    /// it.
    pub(crate) fn is_root(&self, bounds: (u64, u64)) -> bool {
        self.roots.range(bounds.0..bounds.1).next().is_some()
    }

    /// Whether importing the module runs the function around `address`.
    pub(crate) fn reach(&self, image: &Image<'_>, address: u64) -> Reach {
        if image.module.is_none() || !image.functions().are_known() {
            return Reach::Unknown;
        }
        let mut seen = BTreeSet::new();
        let mut waiting = VecDeque::from([image.functions().around_or_window(image, address)]);
        while let Some(bounds) = waiting.pop_front() {
            if !seen.insert(bounds.0) {
                continue;
            }
            if seen.len() > MOST_CALLERS {
                return Reach::Unknown;
            }
            if self.is_root(bounds) {
                return Reach::Import;
            }
            let callers = self.callers(image, bounds).into_iter();
            waiting.extend(callers.map(|edge| image.functions().around_or_window(image, edge.at)));
        }
        if self.hidden_initialiser { Reach::Unknown } else { Reach::Later }
    }
}

/// Whether the import of the module goes on after `PyInit_`, with what its slots name (PEP 489).
fn imports_in_two_phases(image: &Image<'_>) -> bool {
    image.links().imports.values().any(|name| name == "PyModuleDef_Init")
}

/// What `Py_mod_exec` slots name.
fn executed(image: &Image<'_>) -> impl Iterator<Item = u64> {
    let slots = image.links().pointers.iter().filter(|(slot, _)| {
        let number = slot.checked_sub(8).and_then(|before| image.u64_at(before));
        number == Some(PY_MOD_EXEC)
    });
    let code = slots.map(|(_, &target)| target);
    code.filter(|target| image.section_at(*target).is_some_and(|section| section.executable))
}

/// Functions that run when the module is imported: its `PyInit_`, what its `Py_mod_exec` slots name (`executed`), the
/// loader's constructors.
fn roots(image: &Image<'_>, executed: Vec<u64>) -> BTreeSet<u64> {
    let links = image.links();
    let initialisers = links.exports.iter().filter(|(name, _)| name.starts_with("PyInit_")).map(|(_, &at)| at);
    initialisers.chain(executed).chain(links.constructors.iter().copied()).collect()
}

/// Addresses of the direct calls of one function, without a graph of everything.
pub(crate) fn calls_to(image: &Image<'_>, function: u64) -> Vec<u64> {
    let mut sites = Vec::new();
    for section in image.sections.iter().filter(|s| s.executable) {
        let bytes = image.bytes(section);
        match image.architecture {
            Architecture::X86_64 => sites.extend(memchr::memchr_iter(CALL, bytes).filter_map(|opcode| {
                let at = section.address.saturating_add(opcode as u64);
                (relative_target(bytes, opcode, at)? == function).then_some(at)
            })),
            Architecture::Aarch64 => {
                let mut edges = Vec::new();
                aarch64(section, bytes, &mut edges);
                sites.extend(edges.iter().filter(|e| e.is_call && e.target == function).map(|e| e.at));
            }
            _ => {}
        }
    }
    sites
}

/// Where the five bytes of a `call` or `jmp` at `opcode` lead; the instruction lies at `at`.
fn relative_target(bytes: &[u8], opcode: usize, at: u64) -> Option<u64> {
    let &[_, a, b, c, d] = bytes.get(opcode..opcode.checked_add(5)?)? else { return None };
    let displacement = i64::from(i32::from_le_bytes([a, b, c, d]));
    Some(at.wrapping_add(5).wrapping_add(displacement.cast_unsigned()))
}

/// Where the instructions of `length` bytes from `begin` on begin, counted from there.
fn beginnings(image: &Image<'_>, begin: u64, length: usize) -> Vec<u32> {
    let listing = Listing::decode(image.architecture, image.head(begin, length), begin);
    let offsets = listing.instructions.iter().map(|instruction| instruction.address.wrapping_sub(begin));
    offsets.filter_map(|offset| u32::try_from(offset).ok()).collect()
}

fn is_stub_section(name: &str) -> bool {
    name.starts_with(".plt") || name.contains("stubs")
}

/// `call rel32` (e8), `jmp rel32` (e9) and `jcc rel32` (0f 80 to 0f 8f).
fn x86_64(section: &Section, bytes: &[u8], edges: &mut Vec<Edge>) {
    let mut add = |opcode: usize, is_call: bool| {
        let at = section.address.saturating_add(opcode as u64);
        if let Some(target) = relative_target(bytes, opcode, at).filter(|target| target.abs_diff(at) < 1 << 30) {
            edges.push(Edge { target, at, is_call });
        }
    };
    memchr::memchr2_iter(CALL, JUMP, bytes).for_each(|at| add(at, bytes.get(at) == Some(&CALL)));
    for prefix in memchr::memchr_iter(0x0f, bytes) {
        let opcode = prefix.saturating_add(1);
        if bytes.get(opcode).is_some_and(|b| b & 0xf0 == 0x80) {
            add(opcode, false);
        }
    }
}

/// `b`, `bl` and `b.cond`.
fn aarch64(section: &Section, bytes: &[u8], edges: &mut Vec<Edge>) {
    for (index, word) in bytes.chunks_exact(4).enumerate() {
        let word = u32::from_le_bytes(word.try_into().unwrap_or_default());
        let offset = if word & 0x7c00_0000 == 0x1400_0000 {
            i64::from((word & 0x03ff_ffff).cast_signed() << 6 >> 6)
        } else if word & 0xff00_0010 == 0x5400_0000 {
            i64::from((word & 0x00ff_ffe0).cast_signed() << 8 >> 13)
        } else {
            continue;
        };
        let at = section.address.saturating_add((index as u64).saturating_mul(4));
        let target = at.wrapping_add((offset << 2).cast_unsigned());
        edges.push(Edge { target, at, is_call: word >> 26 == 0b10_0101 });
    }
}
