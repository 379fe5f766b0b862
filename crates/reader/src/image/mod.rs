//! One view over ELF, Mach-O and PE: sections by address, imported symbols by the slot that holds them, pointers that
//! the loader fills in, and where functions begin and end. All of it survives `strip`.

mod elf;
mod functions;
mod macho;
mod pe;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use contract::{Architecture, Format, Undetermined};
use object::macho::{FatArch32, FatArch64};
use object::read::ReadRef;

use crate::ByteSource;
use crate::cache::{Cache, Data, whole};
use crate::code::flow::{Callee, resolve_stub};
pub(crate) use functions::Functions;

/// How a compiled file passes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convention {
    /// System V on x86-64.
    SysV,
    /// Microsoft's on x86-64.
    Win64,
    /// The Arm procedure call standard (Linux, Windows).
    Aapcs64,
    /// Apple's variant of it: variadic arguments always on the stack.
    AppleArm64,
}

/// A stretch of the file that the loader maps.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) address: u64,
    /// Bytes of it that the file holds.
    pub(crate) size: u64,
    pub(crate) offset: u64,
    pub(crate) executable: bool,
    pub(crate) writable: bool,
    /// Whether string literals can lie here.
    pub(crate) strings: bool,
}

impl Section {
    pub(crate) fn contains(&self, address: u64) -> bool {
        address.checked_sub(self.address).is_some_and(|offset| offset < self.size)
    }

    pub(crate) fn end(&self) -> u64 {
        self.address.saturating_add(self.size)
    }
}

/// What the loader fills in, read only when code is looked at.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Slot address -> name of the symbol whose address the loader puts there.
    pub(crate) imports: BTreeMap<u64, String>,
    /// Slot address -> address in this file that the loader puts there.
    pub(crate) pointers: BTreeMap<u64, u64>,
    /// Exported name -> address.
    pub(crate) exports: BTreeMap<String, u64>,
    /// Functions that the loader runs before anything else.
    pub(crate) constructors: Vec<u64>,
}

/// One compiled file, or one slice of a fat one.
pub(crate) struct Image<'d> {
    pub(crate) format: Format,
    pub(crate) architecture: Architecture,
    /// `None` where this reader does not decode the architecture's code.
    pub(crate) convention: Option<Convention>,
    /// By address.
    pub(crate) sections: Vec<Section>,
    /// `NAME` of an exported `PyInit_NAME`.
    pub(crate) module: Option<String>,
    /// Whether any symbol of CPython's C API is asked for: without one, no code here can reach NumPy.
    pub(crate) calls_python: bool,
    /// Sections whose end lies beyond the end of the file.
    pub(crate) truncated: bool,
    data: Data<'d>,
    links: OnceCell<Links>,
    functions: OnceCell<Functions<'d>>,
    stubs: RefCell<HashMap<u64, Callee>>,
    loader: Loader<'d>,
}

/// What is kept to read the links and the needed libraries later.
enum Loader<'d> {
    Elf(elf::Tables<'d>),
    MachO(macho::MachO),
    Pe(pe::Pe),
}

impl<'d> Image<'d> {
    /// The bytes of a section; empty where they cannot be read.
    pub(crate) fn bytes(&self, section: &Section) -> &'d [u8] {
        self.data.read_bytes_at(section.offset, section.size).unwrap_or_default()
    }

    pub(crate) fn section_at(&self, address: u64) -> Option<&Section> {
        let index = self.sections.partition_point(|s| s.address <= address).checked_sub(1)?;
        self.sections.get(index).filter(|s| s.contains(address))
    }

    /// The bytes from `address` to the end of its section.
    pub(crate) fn bytes_at(&self, address: u64) -> Option<&'d [u8]> {
        let section = self.section_at(address)?;
        let offset = usize::try_from(address.checked_sub(section.address)?).ok()?;
        self.bytes(section).get(offset..)
    }

    /// At most `most` bytes from `address`: fewer where its section ends, none where no section holds it.
    pub(crate) fn head(&self, address: u64, most: usize) -> &'d [u8] {
        let bytes = self.bytes_at(address).unwrap_or_default();
        bytes.get(..most).unwrap_or(bytes)
    }

    /// The `length` bytes from `address`.
    pub(crate) fn range(&self, address: u64, length: usize) -> Option<&'d [u8]> {
        self.bytes_at(address)?.get(..length)
    }

    pub(crate) fn u64_at(&self, address: u64) -> Option<u64> {
        Some(u64::from_le_bytes(self.range(address, 8)?.try_into().ok()?))
    }

    pub(crate) fn u32_at(&self, address: u64) -> Option<u32> {
        Some(u32::from_le_bytes(self.range(address, 4)?.try_into().ok()?))
    }

    /// The NUL-terminated printable ASCII text at `address`, up to 400 bytes.
    pub(crate) fn text_at(&self, address: u64) -> Option<&'d str> {
        let bytes = self.head(address, 400);
        let text = bytes.get(..memchr::memchr(0, bytes)?)?;
        let printable = text.iter().all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\t'));
        if printable { std::str::from_utf8(text).ok() } else { None }
    }

    /// Addresses at which `needle` begins, in sections that can hold string literals, in address order.
    pub(crate) fn find(&self, needle: &[u8]) -> Vec<u64> {
        let finder = memchr::memmem::Finder::new(needle);
        self.sections
            .iter()
            .filter(|s| s.strings)
            .flat_map(|s| finder.find_iter(self.bytes(s)).map(|at| s.address.saturating_add(at as u64)))
            .collect()
    }

    pub(crate) fn has(&self, needle: &[u8]) -> bool {
        let finder = memchr::memmem::Finder::new(needle);
        self.sections.iter().filter(|s| s.strings).any(|s| finder.find(self.bytes(s)).is_some())
    }

    /// The libraries that the loader is told to load with it.
    pub(crate) fn needed(&self) -> Vec<String> {
        match &self.loader {
            Loader::Elf(tables) => tables.needed(self.data),
            Loader::MachO(macho) => macho.needed.clone(),
            Loader::Pe(pe) => pe.needed.clone(),
        }
    }

    /// What the loader fills in.
    pub(crate) fn links(&self) -> &Links {
        self.links.get_or_init(|| match &self.loader {
            Loader::Elf(tables) => elf::links(tables, self.data),
            Loader::MachO(macho) => macho::links(macho, self.data),
            Loader::Pe(pe) => pe::links(pe, self),
        })
    }

    /// The address in this file that the loader puts into the slot at `address`.
    pub(crate) fn pointer(&self, address: u64) -> Option<u64> {
        self.links().pointers.get(&address).copied()
    }

    /// What a call of `address` calls in the end: linkers put stubs before imported functions.
    pub(crate) fn callee(&self, address: u64) -> Callee {
        if let Some(known) = self.stubs.borrow().get(&address) {
            return *known;
        }
        let callee = resolve_stub(self, address);
        self.stubs.borrow_mut().insert(address, callee);
        callee
    }

    /// The imported symbol behind a slot.
    pub(crate) fn import(&self, callee: Callee) -> Option<&str> {
        match callee {
            Callee::Import(slot) => self.links().imports.get(&slot).map(String::as_str),
            _ => None,
        }
    }

    /// Where functions begin and end.
    pub(crate) fn functions(&self) -> &Functions<'d> {
        self.functions.get_or_init(|| match &self.loader {
            Loader::Elf(_) => Functions::from_eh_frame(self),
            Loader::MachO(macho) => macho::functions(macho, self),
            Loader::Pe(pe) => pe::functions(pe, self),
        })
    }
}

/// Opens every slice of a compiled file; empty for what is none.
pub(crate) fn open<'d>(source: &'d dyn ByteSource, cache: &'d Cache<'d>) -> Vec<Result<Image<'d>, Unopened>> {
    let data = whole(cache);
    let magic = data.read_bytes_at(0, 8).unwrap_or_default();
    match magic {
        [0x7f, b'E', b'L', b'F', ..] => vec![elf::open(source, data)],
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => vec![macho::open(data)],
        // Java's class files have the same magic number; there the next number is a version, from 45 on.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0..=16] => macho::open_fat::<FatArch32>(cache),
        [0xca, 0xfe, 0xba, 0xbf, ..] => macho::open_fat::<FatArch64>(cache),
        [b'M', b'Z', ..] => vec![pe::open(data)],
        _ => Vec::new(),
    }
}

/// A compiled file whose structure could not be read.
pub(crate) struct Unopened {
    pub(crate) format: Format,
    pub(crate) architecture: Architecture,
    pub(crate) why: Undetermined,
}
