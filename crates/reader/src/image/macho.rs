//! Mach-O: thin files and every slice of fat ones, with classic rebase and bind streams or chained fixups.

use std::collections::BTreeMap;

use contract::{Architecture, Format, Undetermined};
use object::Endianness;
use object::macho;
use object::read::ReadRef;
use object::read::macho::{Bind, FatArch, Fixup, LoadCommandIterator, MachHeader, MachOFatFile, Nlist, Section as _};

use super::{Convention, Functions, Image, Links, Loader, Section, Unopened};
use crate::cache::{Cache, Data};

type Header = macho::MachHeader64<Endianness>;

/// Slices of a fat file that are opened; more than this is a lie.
const MOST_SLICES: usize = 16;
/// Most fixups that are followed in one image.
const MOST_FIXUPS: usize = 8 << 20;

/// What is kept to read the links later.
pub(super) struct MachO {
    endian: Endianness,
    /// The address of the `__TEXT` segment: what offsets count from.
    base: u64,
    /// Address and file range of each segment, by index.
    segments: Vec<Segment>,
    constructors: Vec<(u64, u64)>,
    pub(super) needed: Vec<String>,
}

#[derive(Clone, Copy)]
struct Segment {
    address: u64,
    offset: u64,
    size: u64,
}

pub(super) fn open_fat<'d, Fat: FatArch>(cache: &'d Cache<'d>) -> Vec<Result<Image<'d>, Unopened>> {
    let Ok(fat) = MachOFatFile::<'d, Fat>::parse(cache) else {
        return vec![Err(unopened(Architecture::Other, "the table of slices is cut off or too long"))];
    };
    // A slice of a file that was cut ends with the file.
    let end = cache.len().unwrap_or(0);
    // Slices of 32 bits are left over from before 2019, and no 64-bit Python loads them; by themselves they are told of.
    let is_wide = |slice: &&Fat| slice.cputype().0 & macho::CPU_ARCH_ABI64 != 0;
    let any_wide = fat.arches().iter().any(|slice| is_wide(&slice));
    let slices =
        fat.arches().iter().take(MOST_SLICES).filter(|slice| is_wide(slice) || !any_wide).map(FatArch::file_range);
    slices.map(|(offset, size)| open(cache.range(offset, size.min(end.saturating_sub(offset))))).collect()
}

pub(super) fn open(data: Data<'_>) -> Result<Image<'_>, Unopened> {
    let fail = |e: object::read::Error| unopened(Architecture::Other, &e.to_string());
    let header = Header::parse(data, 0).map_err(fail)?;
    let endian = header.endian().map_err(fail)?;
    let architecture = match header.cputype(endian) {
        macho::CPU_TYPE_X86_64 => Architecture::X86_64,
        macho::CPU_TYPE_ARM64 => Architecture::Aarch64,
        macho::CPU_TYPE_X86 => Architecture::I686,
        _ => Architecture::Other,
    };
    let commands = header.load_commands(endian, data, 0).map_err(fail)?;
    let mut parts = Parts::new(endian);
    parts.collect(commands);
    let end = data.len().unwrap_or(0);
    let truncated = parts.macho.segments.iter().any(|s| s.offset.saturating_add(s.size) > end);
    let mut sections = parts.sections;
    sections.retain(|s| s.offset.saturating_add(s.size) <= end);
    sections.sort_by_key(|s| s.address);
    let (module, calls_python) = names(commands, endian, data);
    Ok(Image {
        format: Format::MachO,
        architecture,
        convention: convention(architecture),
        sections,
        module,
        calls_python,
        truncated,
        data,
        links: Default::default(),
        functions: Default::default(),
        stubs: Default::default(),
        loader: Loader::MachO(parts.macho),
    })
}

fn unopened(architecture: Architecture, what: &str) -> Unopened {
    let detail = format!("not a readable Mach-O file: {what}");
    Unopened { format: Format::MachO, architecture, why: Undetermined { reason: "unreadable".to_owned(), detail } }
}

fn convention(architecture: Architecture) -> Option<Convention> {
    match architecture {
        Architecture::X86_64 => Some(Convention::SysV),
        Architecture::Aarch64 => Some(Convention::AppleArm64),
        _ => None,
    }
}

/// What the load commands tell.
struct Parts {
    macho: MachO,
    sections: Vec<Section>,
}

impl Parts {
    fn new(endian: Endianness) -> Self {
        let macho = MachO { endian, base: 0, segments: Vec::new(), constructors: Vec::new(), needed: Vec::new() };
        Self { macho, sections: Vec::new() }
    }

    fn collect(&mut self, mut commands: LoadCommandIterator<'_, Endianness>) {
        let endian = self.macho.endian;
        while let Ok(Some(command)) = commands.next() {
            if let Ok(Some((segment, data))) = command.segment_64() {
                self.add_segment(segment, data);
            } else if let Ok(Some(library)) = command.dylib() {
                let name = command.string(endian, library.dylib.name).unwrap_or_default();
                let name = String::from_utf8_lossy(name);
                self.macho.needed.push(name.rsplit('/').next().unwrap_or_default().to_owned());
            }
        }
    }

    fn add_segment(&mut self, segment: &macho::SegmentCommand64<Endianness>, data: &[u8]) {
        use object::read::macho::Segment as _;
        let endian = self.macho.endian;
        let name = String::from_utf8_lossy(segment.name()).into_owned();
        let address = segment.vmaddr(endian);
        if name == "__TEXT" {
            self.macho.base = address;
        }
        let (offset, size) = segment.file_range(endian);
        self.macho.segments.push(Segment { address, offset, size });
        for section in segment.sections(endian, data).unwrap_or_default() {
            self.add_section(&name, section);
        }
    }

    fn add_section(&mut self, segment: &str, section: &macho::Section64<Endianness>) {
        let endian = self.macho.endian;
        let Some((offset, size)) = section.file_range(endian, section.offset(endian).into()) else { return };
        let name = String::from_utf8_lossy(section.name()).into_owned();
        let flags = section.flags(endian);
        let executable = flags.intersects(macho::S_ATTR_SOME_INSTRUCTIONS | macho::S_ATTR_PURE_INSTRUCTIONS);
        let address = section.addr(endian);
        if section.section_type(endian) == macho::S_MOD_INIT_FUNC_POINTERS {
            self.macho.constructors.push((address, address.saturating_add(size)));
        }
        let tables = ["__unwind_info", "__eh_frame", "__gcc_except_tab", "__init_offsets"];
        self.sections.push(Section {
            strings: segment == "__TEXT" && !executable && !tables.contains(&name.as_str()),
            writable: segment.starts_with("__DATA") && segment != "__DATA_CONST",
            name,
            address,
            size,
            offset,
            executable,
        });
    }
}

/// The symbol table and its strings, read in one piece each: name by name would read some of it again and again.
struct Symbols<'d> {
    endian: Endianness,
    all: &'d [macho::Nlist64<Endianness>],
    names: &'d [u8],
}

impl<'d> Symbols<'d> {
    fn read(table: &macho::SymtabCommand<Endianness>, endian: Endianness, data: Data<'d>) -> Option<Self> {
        let (offset, count) = (table.symoff.get(endian).into(), table.nsyms.get(endian));
        let all = data.read_slice_at(offset, usize::try_from(count).ok()?).ok()?;
        Some(Self { endian, all, names: strings(table, endian, data)? })
    }

    fn name(&self, symbol: &macho::Nlist64<Endianness>) -> &'d [u8] {
        let at = usize::try_from(symbol.n_strx(self.endian)).unwrap_or(usize::MAX);
        let name = self.names.get(at..).unwrap_or_default();
        name.get(..memchr::memchr(0, name).unwrap_or(name.len())).unwrap_or_default()
    }

    fn call_python(&self) -> bool {
        let mut names = self.all.iter().filter(|s| !s.is_stab() && s.is_undefined()).map(|s| self.name(s));
        names.any(|name| name.starts_with(b"_Py") || name.starts_with(b"__Py"))
    }

    fn module(&self) -> Option<String> {
        let defined = self.all.iter().filter(|s| !s.is_stab() && !s.is_undefined());
        let name = defined.filter_map(|s| self.name(s).strip_prefix(b"_PyInit_")).next()?;
        Some(String::from_utf8_lossy(name).into_owned())
    }
}

/// Where the symbols and their names lie.
fn symbol_table(mut commands: LoadCommandIterator<'_, Endianness>) -> Option<&macho::SymtabCommand<Endianness>> {
    let mut table = None;
    while let Ok(Some(command)) = commands.next() {
        table = table.or(command.symtab().ok().flatten());
    }
    table
}

/// The names of all symbols.
fn strings<'d>(table: &macho::SymtabCommand<Endianness>, endian: Endianness, data: Data<'d>) -> Option<&'d [u8]> {
    data.read_bytes_at(table.stroff.get(endian).into(), table.strsize.get(endian).into()).ok()
}

/// The module that the file initialises, and whether it asks for anything of CPython's C API. Most libraries have no such
/// name at all: of them the names alone are read, which lie at the end of the file, and no symbols.
fn names(commands: LoadCommandIterator<'_, Endianness>, endian: Endianness, data: Data<'_>) -> (Option<String>, bool) {
    let Some(table) = symbol_table(commands) else { return (None, true) };
    if strings(table, endian, data).is_some_and(|names| memchr::memmem::find(names, b"_Py").is_none()) {
        return (None, false);
    }
    Symbols::read(table, endian, data).map_or((None, true), |symbols| (symbols.module(), symbols.call_python()))
}

/// Reads fixups and symbols.
pub(super) fn links(macho: &MachO, data: Data<'_>) -> Links {
    let mut links = Links::default();
    let Ok(header) = Header::parse(data, 0) else { return links };
    let Ok(mut commands) = header.load_commands(macho.endian, data, 0) else { return links };
    let table = symbol_table(commands);
    if let Some(symbols) = table.and_then(|table| Symbols::read(table, macho.endian, data)) {
        for symbol in symbols.all.iter().filter(|s| s.is_definition()) {
            links.exports.insert(plain(symbols.name(symbol)), symbol.n_value(macho.endian));
        }
    }
    while let Ok(Some(command)) = commands.next() {
        if let Ok(Some(chained)) = command.dyld_chained_fixups() {
            let _ = add_chained(&mut links, macho, chained, data);
        } else if let Ok(Some(info)) = command.dyld_info() {
            let _ = add_streams(&mut links, macho, info, data);
        }
    }
    for &(begin, end) in &macho.constructors {
        links.constructors.extend(links.pointers.range(begin..end).map(|(_, &target)| target));
    }
    links
}

/// A symbol's name without the underscore that C compilers put before it.
fn plain(name: &[u8]) -> String {
    String::from_utf8_lossy(name.strip_prefix(b"_").unwrap_or(name)).into_owned()
}

fn add_chained(
    links: &mut Links,
    macho: &MachO,
    command: &macho::LinkeditDataCommand<Endianness>,
    data: Data<'_>,
) -> object::read::Result<()> {
    let endian = macho.endian;
    let fixups = command.chained_fixups(endian, data)?;
    let mut imports = Vec::new();
    let mut iterator = fixups.imports(endian)?;
    while let Ok(Some(import)) = iterator.next() {
        imports.push(plain(import.name));
    }
    let mut segments = fixups.segments(endian)?;
    let mut left = MOST_FIXUPS;
    while let Ok(Some(chain)) = segments.next() {
        let Some(segment) = macho.segments.get(chain.index() as usize) else { continue };
        let bytes = data.read_bytes_at(segment.offset, segment.size).unwrap_or_default();
        let mut iterator = chain.fixups(endian, macho.base, bytes);
        while let Ok(Some((offset, fixup))) = iterator.next() {
            left = left.saturating_sub(1);
            if left == 0 {
                return Ok(());
            }
            let slot = segment.address.wrapping_add(offset);
            match fixup {
                Fixup::Rebase(rebase) => {
                    links.pointers.insert(slot, macho.base.wrapping_add(rebase.target_offset));
                }
                Fixup::Bind(bind) => {
                    links.imports.extend(imports.get(bind.ordinal as usize).map(|name| (slot, name.clone())));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn add_streams(
    links: &mut Links,
    macho: &MachO,
    info: &macho::DyldInfoCommand<Endianness>,
    data: Data<'_>,
) -> object::read::Result<()> {
    let endian = macho.endian;
    let slot = |index: u8, offset: u64| {
        let segment = macho.segments.get(usize::from(index))?;
        (offset < segment.size).then(|| (segment.address.wrapping_add(offset), segment.offset.wrapping_add(offset)))
    };
    let mut rebases = info.rebases(endian, data, 8)?;
    for _ in 0..MOST_FIXUPS {
        let Ok(Some(rebase)) = rebases.next() else { break };
        let Some((slot, file)) = slot(rebase.segment_index, rebase.segment_offset) else { continue };
        let stored = data.read_bytes_at(file, 8).ok().and_then(|b| <[u8; 8]>::try_from(b).ok());
        links.pointers.extend(stored.map(|bytes| (slot, u64::from_le_bytes(bytes))));
    }
    let mut bound = BTreeMap::new();
    let mut add = |bind: Bind<'_>| {
        if let Some((slot, _)) = slot(bind.segment_index, bind.segment_offset) {
            bound.insert(slot, plain(bind.symbol));
        }
    };
    let streams = [info.binds(endian, data, 8)?, info.weak_binds(endian, data, 8)?, info.lazy_binds(endian, data, 8)?];
    for mut stream in streams {
        for _ in 0..MOST_FIXUPS {
            let Ok(Some(bind)) = stream.next() else { break };
            add(bind);
        }
    }
    links.imports.extend(bound);
    Ok(())
}

/// Function bounds from `LC_FUNCTION_STARTS`: each ends where the next begins, or with its section.
pub(super) fn functions<'d>(macho: &MachO, image: &Image<'d>) -> Functions<'d> {
    let mut begins = Vec::new();
    let commands = Header::parse(image.data, 0).and_then(|h| h.load_commands(macho.endian, image.data, 0));
    if let Ok(mut commands) = commands {
        while let Ok(Some(command)) = commands.next() {
            let Ok(linkedit) = command.data::<macho::LinkeditDataCommand<Endianness>>() else { continue };
            let Ok(mut starts) = linkedit.function_starts(macho.endian, image.data, macho.base) else { continue };
            while let (Ok(Some(begin)), true) = (starts.next(), begins.len() < MOST_FIXUPS) {
                begins.push(begin);
            }
        }
    }
    Functions::from_begins(image, begins)
}
