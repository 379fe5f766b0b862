//! PE, as Windows' `.pyd` and `.dll` files: sections, import tables, base relocations and `.pdata`.

use contract::{Architecture, Format, Undetermined};
use object::LittleEndian as LE;
use object::pe;
use object::read::ReadRef;
use object::read::pe::{ImageNtHeaders, ImageThunkData, ImportThunkList, PeFile};

use super::{Convention, Functions, Image, Links, Loader, Section, Unopened};
use crate::cache::Data;

/// Most entries of any table that are looked at.
const MOST_ENTRIES: usize = 1 << 20;
/// Longest name of a library or a symbol that is read, in bytes; C++ compilers make long ones.
const LONGEST_NAME: u32 = 16 << 10;
/// Base relocation type of a 64-bit address.
const DIR64: u16 = 10;

/// What is kept to read the links later.
pub(super) struct Pe {
    is_64: bool,
    base: u64,
    pub(super) needed: Vec<String>,
}

pub(super) fn open(data: Data<'_>) -> Result<Image<'_>, Unopened> {
    let magic = object::read::pe::optional_header_magic(data).unwrap_or(0);
    let opened = if magic == pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC {
        open_as::<pe::ImageNtHeaders64>(data)
    } else {
        open_as::<pe::ImageNtHeaders32>(data)
    };
    opened.map_err(|e| Unopened {
        format: Format::Pe,
        architecture: Architecture::Other,
        why: Undetermined { reason: "unreadable".to_owned(), detail: format!("not a readable PE file: {e}") },
    })
}

fn open_as<Nt: ImageNtHeaders>(data: Data<'_>) -> object::read::Result<Image<'_>> {
    use object::read::pe::ImageOptionalHeader as _;
    let file = PeFile::<Nt, Data<'_>>::parse(data)?;
    let architecture = match file.nt_headers().file_header().machine.get(LE) {
        pe::IMAGE_FILE_MACHINE_AMD64 => Architecture::X86_64,
        pe::IMAGE_FILE_MACHINE_ARM64 => Architecture::Aarch64,
        pe::IMAGE_FILE_MACHINE_I386 => Architecture::I686,
        pe::IMAGE_FILE_MACHINE_ARMNT => Architecture::Armv7l,
        _ => Architecture::Other,
    };
    let base = file.nt_headers().optional_header().image_base();
    let end = data.len().unwrap_or(0);
    let mut sections: Vec<Section> = file.section_table().iter().map(|s| section(s, base)).collect();
    let truncated = sections.iter().any(|s| s.offset.saturating_add(s.size) > end);
    sections.retain(|s| s.offset.saturating_add(s.size) <= end);
    sections.sort_by_key(|s| s.address);
    let (needed, imports_python) = libraries(&file);
    let exports = exported(&file);
    let module = exports.iter().find_map(|(name, _)| name.strip_prefix("PyInit_")).map(str::to_owned);
    let is_64 = file.nt_headers().is_type_64();
    Ok(Image {
        format: Format::Pe,
        architecture,
        convention: match architecture {
            Architecture::X86_64 => Some(Convention::Win64),
            Architecture::Aarch64 => Some(Convention::Aapcs64),
            _ => None,
        },
        sections,
        module,
        calls_python: imports_python,
        truncated,
        data,
        links: Default::default(),
        functions: Default::default(),
        stubs: Default::default(),
        loader: Loader::Pe(Pe { is_64, base, needed }),
    })
}

fn section(header: &pe::ImageSectionHeader, base: u64) -> Section {
    let has = |flag: pe::SectionFlags| header.characteristics.get(LE).0 & flag.0 != 0;
    let (offset, size) = header.pe_file_range();
    Section {
        name: String::from_utf8_lossy(header.raw_name()).into_owned(),
        address: base.saturating_add(u64::from(header.virtual_address.get(LE))),
        size: u64::from(size),
        offset: u64::from(offset),
        executable: has(pe::IMAGE_SCN_MEM_EXECUTE),
        writable: has(pe::IMAGE_SCN_MEM_WRITE),
        // Some toolchains put string literals among the code or the data.
        strings: !has(pe::IMAGE_SCN_MEM_DISCARDABLE),
    }
}

/// The DLLs that the file needs, and whether it asks for anything of CPython's C API, as one whose name is not readable
/// may.
fn libraries<'d, Nt: ImageNtHeaders>(file: &PeFile<'d, Nt, Data<'d>>) -> (Vec<String>, bool) {
    let mut names = Vec::new();
    let mut python = false;
    each_import(file, |library, _, symbol| {
        let library = library.unwrap_or_default();
        if names.last().is_none_or(|last| last != library) {
            names.push(library.to_owned());
        }
        python |= library.is_empty() || library.to_ascii_lowercase().contains("python");
        python |= symbol.starts_with("Py") || symbol.starts_with("_Py");
    });
    names.retain(|name| !name.is_empty());
    names.dedup();
    (names, python)
}

/// The text at an offset from the image's base. `object` looks for all names of an import table in the section of the
/// first, and a tool that renamed that library may have put its new name anywhere.
fn text_at<'d, Nt: ImageNtHeaders>(file: &PeFile<'d, Nt, Data<'d>>, offset: u32) -> Option<String> {
    let (begin, length) = file.section_table().pe_file_range_at(offset)?;
    let range = u64::from(begin)..u64::from(begin).checked_add(u64::from(length.min(LONGEST_NAME)))?;
    let name = file.data().read_bytes_at_until(range, 0).ok()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn exported<'d, Nt: ImageNtHeaders>(file: &PeFile<'d, Nt, Data<'d>>) -> Vec<(String, u64)> {
    let exports = file.export_table().ok().flatten().and_then(|table| table.exports().ok()).unwrap_or_default();
    let named = exports.iter().take(MOST_ENTRIES).filter_map(|export| {
        let object::read::pe::ExportTarget::Address(address) = export.target else { return None };
        Some((String::from_utf8_lossy(export.name?).into_owned(), u64::from(address)))
    });
    named.collect()
}

/// Calls `found` with library, offset of the slot from the image's base, and symbol, for every import by name.
fn each_import<'d, Nt: ImageNtHeaders>(
    file: &PeFile<'d, Nt, Data<'d>>,
    mut found: impl FnMut(Option<&str>, u64, &str),
) {
    // A name follows a hint of two bytes.
    let hint_name = |at: u32| text_at(file, at.checked_add(2)?);
    if let Ok(Some(table)) = file.import_table() {
        for descriptor in table.descriptors().into_iter().flatten().map_while(Result::ok) {
            let library = text_at(file, descriptor.name.get(LE));
            let first = descriptor.first_thunk.get(LE);
            let names = Some(descriptor.original_first_thunk.get(LE)).filter(|names| *names != 0).unwrap_or(first);
            let Ok(thunks) = table.thunks(names) else { continue };
            each_thunk::<Nt>(thunks, first, hint_name, |slot, symbol| found(library.as_deref(), slot, symbol));
        }
    }
    if let Ok(Some(table)) = file.delay_load_import_table() {
        for descriptor in table.descriptors().into_iter().flatten().map_while(Result::ok) {
            let library = text_at(file, descriptor.dll_name_rva.get(LE));
            let Ok(thunks) = table.thunks(descriptor.import_name_table_rva.get(LE)) else { continue };
            let first = descriptor.import_address_table_rva.get(LE);
            each_thunk::<Nt>(thunks, first, hint_name, |slot, symbol| found(library.as_deref(), slot, symbol));
        }
    }
}

/// Calls `found` with slot and symbol for every entry of one library; a symbol imported by number has no name.
fn each_thunk<Nt: ImageNtHeaders>(
    mut thunks: ImportThunkList<'_>,
    first: u32,
    hint_name: impl Fn(u32) -> Option<String>,
    mut found: impl FnMut(u64, &str),
) {
    let step = size_of::<Nt::ImageThunkData>() as u64;
    let mut slot = u64::from(first);
    for _ in 0..MOST_ENTRIES {
        let Ok(Some(thunk)) = thunks.next::<Nt>() else { break };
        let name = if thunk.is_ordinal() { None } else { hint_name(thunk.address()) };
        found(slot, &name.unwrap_or_default());
        slot = slot.saturating_add(step);
    }
}

/// Reads imports, exports and base relocations.
pub(super) fn links(loader: &Pe, image: &Image<'_>) -> Links {
    if loader.is_64 {
        PeFile::<pe::ImageNtHeaders64, Data<'_>>::parse(image.data)
            .map(|f| links_as(&f, loader, image))
            .unwrap_or_default()
    } else {
        Links::default()
    }
}

fn links_as<'d, Nt: ImageNtHeaders>(file: &PeFile<'d, Nt, Data<'d>>, loader: &Pe, image: &Image<'d>) -> Links {
    let mut links = Links::default();
    let at = |offset: u64| loader.base.saturating_add(offset);
    each_import(file, |_, slot, symbol| {
        links.imports.insert(at(slot), symbol.to_owned());
    });
    links.exports.extend(exported(file).into_iter().map(|(name, offset)| (name, at(offset))));
    let blocks = file.data_directories().relocation_blocks(file.data(), &file.section_table());
    if let Ok(Some(mut blocks)) = blocks {
        while let Ok(Some(block)) = blocks.next() {
            for relocation in block.filter(|r| r.typ.0 == DIR64) {
                let slot = at(u64::from(relocation.virtual_address));
                if links.pointers.len() < MOST_ENTRIES {
                    links.pointers.extend(image.u64_at(slot).map(|target| (slot, target)));
                }
            }
        }
    }
    links
}

/// Function bounds from `.pdata`: entries of begin, end and unwind data on x86-64; of begin and unwind data on Arm64.
pub(super) fn functions<'d>(loader: &Pe, image: &Image<'d>) -> Functions<'d> {
    let Some(pdata) = image.sections.iter().find(|s| s.name.trim_end_matches('\0') == ".pdata") else {
        return Functions::List(Vec::new());
    };
    let word = |bytes: &[u8]| u64::from(u32::from_le_bytes(bytes.try_into().unwrap_or_default()));
    let at = |offset: u64| loader.base.saturating_add(offset);
    let bytes = image.bytes(pdata);
    if image.architecture != Architecture::X86_64 {
        let begins = bytes.chunks_exact(8).filter_map(|e| Some(word(e.get(..4)?))).filter(|b| *b > 0);
        return Functions::from_begins(image, begins.map(at).collect());
    }
    let entry = |e: &[u8]| Some((word(e.get(..4)?), word(e.get(4..8)?), word(e.get(8..12)?)));
    let entries = bytes.chunks_exact(12).filter_map(entry).filter(|(begin, end, _)| 0 < *begin && begin < end);
    let mut fragments: Vec<_> =
        entries.map(|(begin, end, unwind)| (at(begin), at(end), is_chained(image, at(unwind)))).collect();
    fragments.sort_unstable();
    Functions::List(joined(&fragments))
}

/// Whether an entry's unwind data says that it goes on a function which another entry begins (`UNW_FLAG_CHAININFO`).
fn is_chained(image: &Image<'_>, unwind: u64) -> bool {
    const CHAINED: u8 = 4;
    image.range(unwind, 1).and_then(<[u8]>::first).is_some_and(|first| first >> 3 & CHAINED != 0)
}

/// Fragments joined to the function that they go on, where they lie right behind it.
fn joined(fragments: &[(u64, u64, bool)]) -> Vec<(u64, u64)> {
    let mut list: Vec<(u64, u64)> = Vec::with_capacity(fragments.len());
    for &(begin, end, chained) in fragments {
        match list.last_mut() {
            Some(last) if chained && last.1 == begin => last.1 = end,
            _ => list.push((begin, end)),
        }
    }
    list
}
