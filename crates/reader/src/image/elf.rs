//! ELF. Everything comes from program headers and the dynamic table, which a loader needs too; section headers sharpen the
//! picture where they are present. Where the dynamic table of a large library costs much to read, section headers tell
//! where the names are that show whether it calls Python, which most libraries do not.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use contract::{Architecture, Format, Undetermined};
use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, Rela, SectionHeader, Sym};
use object::read::{ReadRef, StringTable};
use object::{Endian, Endianness};

use super::{Convention, Image, Links, Loader, Section, Unopened};
use crate::ByteSource;
use crate::cache::Data;

/// Most entries of any table that are looked at; real files stay far below.
const MOST_ENTRIES: u64 = 8 << 20;
/// How many bytes at most are fetched for the dynamic table before section headers are tried.
const DYNAMIC_WITHIN: u64 = 128 << 10;
/// How many bytes at most are fetched for section headers. They are worth more than that: the dynamic table of a library
/// that carries code for GPUs can cost hundreds of times as much.
const SECTIONS_WITHIN: u64 = 2 << 20;

/// What is kept to read the links and the needed libraries later.
pub(super) struct Tables<'d> {
    source: &'d dyn ByteSource,
    /// Where the dynamic table lies in the file: offset and size in bytes.
    at: (u64, u64),
    /// Where the names of dynamic symbols and needed libraries lie.
    names: (u64, u64),
    dynamic: OnceCell<Dynamic>,
}

/// Where the tables that the loader reads lie in the file: offset and size in bytes.
#[derive(Clone, Debug, Default)]
struct Dynamic {
    endian: Option<Endianness>,
    relative_type: u32,
    /// Where the names of needed libraries begin among the strings.
    needed: Vec<u64>,
    strings: (u64, u64),
    /// The address of the symbols, and of what usually follows them.
    symbols: Option<u64>,
    symbols_end: Option<u64>,
    relocations: Vec<(u64, u64)>,
    packed: (u64, u64),
    constructors: (u64, u64),
    init: Option<u64>,
    segments: Vec<Segment>,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    address: u64,
    offset: u64,
    size: u64,
    executable: bool,
    writable: bool,
}

pub(super) fn open<'d>(source: &'d dyn ByteSource, data: Data<'d>) -> Result<Image<'d>, Unopened> {
    let opened = if is_32(data) {
        open_as::<elf::FileHeader32<Endianness>>(source, data)
    } else {
        open_as::<elf::FileHeader64<Endianness>>(source, data)
    };
    opened.map_err(|(architecture, detail)| Unopened {
        format: Format::Elf,
        architecture,
        why: Undetermined { reason: "unreadable".to_owned(), detail },
    })
}

fn is_32(data: Data<'_>) -> bool {
    data.read_bytes_at(4, 1).is_ok_and(|class| class == [1])
}

fn open_as<'d, Elf: FileHeader<Endian = Endianness>>(
    source: &'d dyn ByteSource,
    data: Data<'d>,
) -> Result<Image<'d>, (Architecture, String)> {
    let fail = |what: &str| (Architecture::Other, format!("not a readable ELF file: {what}"));
    let header = Elf::parse(data).map_err(|e| fail(&e.to_string()))?;
    let endian = header.endian().map_err(|e| fail(&e.to_string()))?;
    let architecture = architecture(header.e_machine(endian), endian);
    let say = |e: object::read::Error| (architecture, format!("not a readable ELF file: {e}"));
    let headers = header.program_headers(endian, data).map_err(say)?;
    let segments = segments(headers, endian);
    let file_end = data.len().unwrap_or(0);
    let mut truncated = segments.iter().any(|s| s.offset.saturating_add(s.size) > file_end);
    let (table, size) = section_table(header, endian);
    truncated |= table.saturating_add(size) > file_end;
    let tables = tables(header, headers, endian, source, data);
    let names = tables.names(data);
    let calls_python = calls_python(names);
    let mut sections = Vec::new();
    if calls_python {
        let named = named_sections(header, endian, data);
        truncated |= named.is_err();
        sections = named.ok().filter(|s| !s.is_empty()).unwrap_or_else(|| unnamed_sections(&segments));
        truncated |= sections.iter().any(|s| s.offset.saturating_add(s.size) > file_end);
        sections.retain(|s| s.offset.saturating_add(s.size) <= file_end);
        sections.sort_by_key(|s| s.address);
    }
    Ok(Image {
        format: Format::Elf,
        architecture,
        convention: convention(architecture),
        sections,
        module: module_name(names),
        calls_python,
        truncated,
        data,
        links: Default::default(),
        functions: Default::default(),
        stubs: Default::default(),
        loader: Loader::Elf(tables),
    })
}

/// Finds the names: by the dynamic table where it is near, else by the section headers.
fn tables<'d, Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    headers: &[Elf::ProgramHeader],
    endian: Endianness,
    source: &'d dyn ByteSource,
    data: Data<'d>,
) -> Tables<'d> {
    let at = headers.iter().find(|h| h.p_type(endian) == elf::PT_DYNAMIC);
    let at = at.map(|h| (h.p_offset(endian).into(), h.p_filesz(endian).into())).unwrap_or_default();
    let mut tables = Tables { source, at, names: (0, 0), dynamic: OnceCell::new() };
    let by_section = if tables.is_near() { None } else { names_by_section(header, endian, source, data) };
    tables.names = by_section.unwrap_or_else(|| tables.dynamic(data).strings);
    tables
}

/// Where the section headers lie: offset and size in bytes.
fn section_table<Elf: FileHeader<Endian = Endianness>>(header: &Elf, endian: Endianness) -> (u64, u64) {
    let size = u64::from(header.e_shnum(endian)).saturating_mul(header.e_shentsize(endian).into());
    (header.e_shoff(endian).into(), size)
}

/// Where the section headers say that the names of dynamic symbols lie, if they say so and cost little to read.
fn names_by_section<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    source: &dyn ByteSource,
    data: Data<'_>,
) -> Option<(u64, u64)> {
    let (offset, size) = section_table(header, endian);
    if !source.is_near(offset, size, SECTIONS_WITHIN) {
        return None;
    }
    let table = header.section_headers(endian, data).ok()?;
    let symbols = table.iter().find(|section| section.sh_type(endian) == elf::SHT_DYNSYM)?;
    let names = table.get(usize::try_from(symbols.sh_link(endian)).ok()?)?;
    let found = (names.sh_offset(endian).into(), names.sh_size(endian).into());
    (names.sh_type(endian) == elf::SHT_STRTAB && found.1 > 0).then_some(found)
}

impl Tables<'_> {
    fn dynamic(&self, data: Data<'_>) -> &Dynamic {
        self.dynamic.get_or_init(|| {
            let read = if is_32(data) {
                dynamic::<elf::FileHeader32<Endianness>>(data)
            } else {
                dynamic::<elf::FileHeader64<Endianness>>(data)
            };
            read.unwrap_or_default()
        })
    }

    /// Whether the dynamic table costs little to read.
    fn is_near(&self) -> bool {
        self.source.is_near(self.at.0, self.at.1, DYNAMIC_WITHIN)
    }

    fn names<'d>(&self, data: Data<'d>) -> &'d [u8] {
        data.read_bytes_at(self.names.0, self.names.1).unwrap_or_default()
    }

    /// The libraries that the file needs. Where the table that names them costs much to read, all names of libraries among
    /// the strings: its own is one of them.
    pub(super) fn needed(&self, data: Data<'_>) -> Vec<String> {
        let names = self.names(data);
        if self.dynamic.get().is_some() || self.is_near() {
            return self.dynamic(data).needed.iter().filter_map(|&at| name_at(names, at)).collect();
        }
        let found = memchr::memmem::find_iter(names, b".so").filter_map(|at| name_around(names, at));
        let is_library = |name: &String| name.ends_with(".so") || name.contains(".so.");
        let mut libraries: Vec<String> = found.filter(is_library).collect();
        libraries.dedup();
        libraries
    }
}

/// The whole of the name that holds the byte at `at`.
fn name_around(names: &[u8], at: usize) -> Option<String> {
    let begin = memchr::memrchr(0, names.get(..at)?)?.checked_add(1)?;
    name_at(names, u64::try_from(begin).ok()?)
}

fn architecture(machine: elf::Machine, endian: Endianness) -> Architecture {
    match (machine, endian) {
        (elf::EM_X86_64, Endianness::Little) => Architecture::X86_64,
        (elf::EM_AARCH64, Endianness::Little) => Architecture::Aarch64,
        (elf::EM_386, _) => Architecture::I686,
        (elf::EM_ARM, _) => Architecture::Armv7l,
        (elf::EM_PPC64, Endianness::Little) => Architecture::Ppc64le,
        (elf::EM_S390, _) => Architecture::S390x,
        (elf::EM_RISCV, _) => Architecture::Riscv64,
        (elf::EM_LOONGARCH, _) => Architecture::Loongarch64,
        _ => Architecture::Other,
    }
}

fn convention(architecture: Architecture) -> Option<Convention> {
    match architecture {
        Architecture::X86_64 => Some(Convention::SysV),
        Architecture::Aarch64 => Some(Convention::Aapcs64),
        _ => None,
    }
}

fn segments<Ph: ProgramHeader<Endian = Endianness>>(headers: &[Ph], endian: Endianness) -> Vec<Segment> {
    headers
        .iter()
        .filter(|h| h.p_type(endian) == elf::PT_LOAD)
        .map(|h| Segment {
            address: h.p_vaddr(endian).into(),
            offset: h.p_offset(endian).into(),
            size: h.p_filesz(endian).into(),
            executable: h.p_flags(endian).0 & elf::PF_X.0 != 0,
            writable: h.p_flags(endian).0 & elf::PF_W.0 != 0,
        })
        .collect()
}

/// Sections that hold bytes which the loader maps.
fn named_sections<'d, Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    data: Data<'d>,
) -> object::read::Result<Vec<Section>> {
    let table = header.sections(endian, data)?;
    let mut sections = Vec::new();
    for section in table.iter() {
        let kind = section.sh_type(endian);
        let has = |flag: elf::SectionFlags| section.sh_flags(endian).0 & flag.0 != 0;
        let (writable, executable) = (has(elf::SHF_WRITE), has(elf::SHF_EXECINSTR));
        if !has(elf::SHF_ALLOC) || kind == elf::SHT_NOBITS {
            continue;
        }
        let name = table.section_name(endian, section).unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let strings = kind == elf::SHT_PROGBITS && !writable && !executable && !is_unwind(&name);
        sections.push(Section {
            address: section.sh_addr(endian).into(),
            size: section.sh_size(endian).into(),
            offset: section.sh_offset(endian).into(),
            name,
            executable,
            writable,
            strings,
        });
    }
    Ok(sections)
}

/// Tables of unwinding and linking never hold string literals of the program.
fn is_unwind(name: &str) -> bool {
    matches!(name, ".eh_frame" | ".eh_frame_hdr" | ".gcc_except_table" | ".interp" | ".plt" | ".got")
}

/// A section for each segment, where the section headers were stripped.
fn unnamed_sections(segments: &[Segment]) -> Vec<Section> {
    segments
        .iter()
        .map(|s| Section {
            name: "LOAD".to_owned(),
            address: s.address,
            size: s.size,
            offset: s.offset,
            executable: s.executable,
            writable: s.writable,
            strings: !s.writable,
        })
        .collect()
}

/// Reads the dynamic table.
fn dynamic<Elf: FileHeader<Endian = Endianness>>(data: Data<'_>) -> object::read::Result<Dynamic> {
    let header = Elf::parse(data)?;
    let endian = header.endian()?;
    let headers = header.program_headers(endian, data)?;
    let segments = segments(headers, endian);
    let mut found =
        Dynamic { endian: Some(endian), relative_type: relative_type(header.e_machine(endian)), ..Dynamic::default() };
    let mut tags = BTreeMap::new();
    for entry in headers.iter().filter_map(|h| h.dynamic(endian, data).ok().flatten()).flatten() {
        let (tag, value): (_, u64) = (entry.d_tag(endian), entry.d_val(endian).into());
        match tag {
            elf::DT_NULL => break,
            elf::DT_NEEDED => found.needed.push(value),
            _ => {
                tags.insert(tag.0, value);
            }
        }
    }
    let address = |tag: elf::DynamicTag| tags.get(&tag.0).copied();
    let at = |tag: elf::DynamicTag| address(tag).and_then(|address| file_offset(&segments, address));
    let size = |tag: elf::DynamicTag| address(tag).unwrap_or(0);
    let table = |address, length| at(address).map(|offset| (offset, size(length)));
    found.strings = table(elf::DT_STRTAB, elf::DT_STRSZ).unwrap_or_default();
    found.symbols = address(elf::DT_SYMTAB);
    found.symbols_end = address(elf::DT_STRTAB);
    found.relocations = [(elf::DT_RELA, elf::DT_RELASZ), (elf::DT_JMPREL, elf::DT_PLTRELSZ)]
        .into_iter()
        .filter_map(|(address, length)| table(address, length))
        .collect();
    found.packed = table(elf::DT_RELR, elf::DT_RELRSZ).unwrap_or_default();
    found.constructors = table(elf::DT_INIT_ARRAY, elf::DT_INIT_ARRAYSZ).unwrap_or_default();
    found.init = tags.get(&elf::DT_INIT.0).copied();
    found.segments = segments;
    Ok(found)
}

/// Where the dynamic symbols lie in the file: offset and size in bytes. The loader is never told the size; the section
/// headers are, and where they are missing the string table usually begins where the symbols end.
fn symbols<Elf: FileHeader<Endian = Endianness>>(dynamic: &Dynamic, data: Data<'_>) -> Option<(u64, u64)> {
    let header = Elf::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let symbols = dynamic.symbols?;
    let inside =
        dynamic.segments.iter().find(|s| s.address <= symbols && symbols < s.address.saturating_add(s.size))?;
    let sections = header.section_headers(endian, data).unwrap_or_default();
    let section = sections.iter().find(|s| s.sh_addr(endian).into() == symbols && symbols != 0);
    let by_strings = dynamic.symbols_end.and_then(|end| end.checked_sub(symbols)).unwrap_or(0);
    let size: u64 = section.map_or(by_strings, |s| s.sh_size(endian).into());
    let most = inside.address.saturating_add(inside.size).saturating_sub(symbols);
    Some((file_offset(&dynamic.segments, symbols)?, size.min(most)))
}

/// The relocation type that means "base address plus addend" in the processor's supplement.
fn relative_type(machine: elf::Machine) -> u32 {
    let kind = match machine {
        elf::EM_X86_64 => elf::R_X86_64_RELATIVE,
        elf::EM_AARCH64 => elf::R_AARCH64_RELATIVE,
        elf::EM_PPC64 => elf::R_PPC64_RELATIVE,
        elf::EM_S390 => elf::R_390_RELATIVE,
        elf::EM_RISCV => elf::R_RISCV_RELATIVE,
        elf::EM_LOONGARCH => elf::R_LARCH_RELATIVE,
        _ => return u32::MAX,
    };
    kind.0
}

fn file_offset(segments: &[Segment], address: u64) -> Option<u64> {
    segments.iter().find_map(|s| {
        let inside = address.checked_sub(s.address).filter(|&within| within < s.size)?;
        s.offset.checked_add(inside)
    })
}

fn name_at(names: &[u8], at: u64) -> Option<String> {
    let bytes = names.get(usize::try_from(at).ok()?..)?;
    let end = memchr::memchr(0, bytes)?;
    Some(String::from_utf8_lossy(bytes.get(..end)?).into_owned())
}

/// `NAME` of the first `PyInit_NAME` in the dynamic string table.
fn module_name(names: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(names, b"\0PyInit_")?;
    name_at(names, (at as u64).checked_add(8)?)
}

/// Whether the dynamic string table names any function or object of CPython's C API.
fn calls_python(names: &[u8]) -> bool {
    memchr::memmem::find(names, b"\0Py").is_some() || memchr::memmem::find(names, b"\0_Py").is_some()
}

/// Reads relocations and symbols.
pub(super) fn links(tables: &Tables<'_>, data: Data<'_>) -> Links {
    let dynamic = tables.dynamic(data);
    if is_32(data) {
        links_as::<elf::FileHeader32<Endianness>>(dynamic, data)
    } else {
        links_as::<elf::FileHeader64<Endianness>>(dynamic, data)
    }
}

fn links_as<Elf: FileHeader<Endian = Endianness>>(dynamic: &Dynamic, data: Data<'_>) -> Links {
    let Some(endian) = dynamic.endian else { return Links::default() };
    let mut links = Links::default();
    let symbols: &[Elf::Sym] = entries(data, symbols::<Elf>(dynamic, data).unwrap_or_default());
    let (from, length) = dynamic.strings;
    let strings = StringTable::new(data, from, from.saturating_add(length));
    for symbol in symbols.iter().filter(|s| !s.is_undefined(endian)) {
        if let Ok(name) = symbol.name(endian, strings) {
            links.exports.insert(String::from_utf8_lossy(name).into_owned(), symbol.st_value(endian).into());
        }
    }
    for &table in &dynamic.relocations {
        for relocation in entries::<Elf::Rela>(data, table) {
            add_relocation::<Elf>(&mut links, relocation, dynamic, endian, symbols, strings);
        }
    }
    add_packed::<Elf>(&mut links, dynamic, endian, data);
    add_constructors(&mut links, dynamic);
    links
}

/// A table of plain entries, cut to what the file holds.
fn entries<'d, T: object::Pod>(data: Data<'d>, (offset, size): (u64, u64)) -> &'d [T] {
    let count = (size / (size_of::<T>() as u64).max(1)).min(MOST_ENTRIES);
    data.read_slice_at(offset, usize::try_from(count).unwrap_or(0)).unwrap_or_default()
}

fn add_relocation<'d, Elf: FileHeader<Endian = Endianness>>(
    links: &mut Links,
    relocation: &Elf::Rela,
    dynamic: &Dynamic,
    endian: Endianness,
    symbols: &[Elf::Sym],
    strings: StringTable<'d, Data<'d>>,
) {
    let slot: u64 = relocation.r_offset(endian).into();
    let addend: i64 = relocation.r_addend(endian).into();
    if relocation.r_type(endian, false).0 == dynamic.relative_type {
        links.pointers.insert(slot, addend.cast_unsigned());
        return;
    }
    let index = relocation.r_sym(endian, false) as usize;
    let Some(symbol) = symbols.get(index).filter(|_| index != 0) else { return };
    if symbol.is_undefined(endian) {
        if let Ok(name) = symbol.name(endian, strings) {
            links.imports.insert(slot, String::from_utf8_lossy(name).into_owned());
        }
    } else {
        links.pointers.insert(slot, symbol.st_value(endian).into().wrapping_add(addend.cast_unsigned()));
    }
}

/// Relative relocations in the packed form (`DT_RELR`): the addend stands in the slot itself.
fn add_packed<Elf: FileHeader<Endian = Endianness>>(
    links: &mut Links,
    dynamic: &Dynamic,
    endian: Endianness,
    data: Data<'_>,
) {
    let table: &[Elf::Relr] = entries(data, dynamic.packed);
    let slots = object::read::elf::RelrIterator::<Elf>::new(endian, table);
    for slot in slots.take(MOST_ENTRIES as usize) {
        let slot: u64 = slot.into();
        let offset = file_offset(&dynamic.segments, slot);
        let stored = offset.and_then(|offset| data.read_bytes_at(offset, 8).ok());
        if let Some(bytes) = stored.and_then(|b| <[u8; 8]>::try_from(b).ok()) {
            let value = if endian.is_little_endian() { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) };
            links.pointers.insert(slot, value);
        }
    }
}

fn add_constructors(links: &mut Links, dynamic: &Dynamic) {
    let (offset, size) = dynamic.constructors;
    let begin = dynamic.segments.iter().find_map(|s| {
        let inside = offset.checked_sub(s.offset).filter(|&within| within < s.size)?;
        s.address.checked_add(inside)
    });
    if let Some(begin) = begin {
        let range = begin..begin.saturating_add(size);
        links.constructors = links.pointers.range(range).map(|(_, &target)| target).collect();
    }
    links.constructors.extend(dynamic.init);
}
