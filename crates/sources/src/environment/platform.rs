//! The platform of an environment in numpact's words, from the first bytes of its interpreter or of a compiled file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use contract::report::Python;
use object::{Endianness, FileKind, elf, macho, pe};

use super::locate::Located;
use super::walk::Tree;

/// Fills in the platform: the interpreter's own, else that of the first compiled file, else this machine's.
pub(super) fn with_platform(python: Python, located: &Located, trees: &[Tree]) -> Python {
    let interpreter = located.interpreter.as_deref().and_then(of_file);
    let compiled = || trees.iter().flat_map(|tree| &tree.compiled).find_map(|file| of_module(&file.absolute));
    Python { platform: interpreter.or_else(compiled).unwrap_or_else(of_host), ..python }
}

/// The platform that a file's header names. `None` for a file of another kind, and for one of several machines.
fn of_file(path: &Path) -> Option<String> {
    let mut start = Vec::new();
    File::open(path).ok()?.take(4096).read_to_end(&mut start).ok()?;
    of_header(&start)
}

/// The same of a compiled file, which names no loader; the name of an extension module tells its C library.
fn of_module(path: &Path) -> Option<String> {
    let platform = of_file(path)?;
    let musl = path.file_name().is_some_and(|name| name.to_string_lossy().contains("-linux-musl"));
    Some(if musl { platform.replacen("linux-", "musllinux-", 1) } else { platform })
}

fn of_header(start: &[u8]) -> Option<String> {
    match FileKind::parse(start).ok()? {
        FileKind::Elf64 => elf_machine::<elf::FileHeader64<Endianness>>(start),
        FileKind::Elf32 => elf_machine::<elf::FileHeader32<Endianness>>(start),
        FileKind::MachO64 => macho_machine::<macho::MachHeader64<Endianness>>(start),
        FileKind::Pe32 | FileKind::Pe64 => pe_machine(start),
        _ => None,
    }
}

fn elf_machine<H: object::read::elf::FileHeader<Endian = Endianness>>(start: &[u8]) -> Option<String> {
    let header = H::parse(start).ok()?;
    let machine = match header.e_machine(header.endian().ok()?) {
        elf::EM_X86_64 => "x86_64",
        elf::EM_AARCH64 => "aarch64",
        elf::EM_386 => "i686",
        elf::EM_ARM => "armv7l",
        elf::EM_PPC64 => "ppc64le",
        elf::EM_S390 => "s390x",
        elf::EM_RISCV => "riscv64",
        elf::EM_LOONGARCH => "loongarch64",
        _ => "other",
    };
    // The path of the loader that starts the interpreter lies right behind the headers.
    let musl = memchr::memmem::find(start, b"/ld-musl-").is_some();
    Some(format!("{}-{machine}", if musl { "musllinux" } else { "linux" }))
}

fn macho_machine<H: object::read::macho::MachHeader<Endian = Endianness>>(start: &[u8]) -> Option<String> {
    let header = H::parse(start, 0).ok()?;
    let machine = match header.cputype(header.endian().ok()?) {
        macho::CPU_TYPE_X86_64 => "x86_64",
        macho::CPU_TYPE_ARM64 => "arm64",
        _ => "other",
    };
    Some(format!("macos-{machine}"))
}

fn pe_machine(start: &[u8]) -> Option<String> {
    let dos = pe::ImageDosHeader::parse(start).ok()?;
    let at = usize::try_from(dos.nt_headers_offset()).ok()?.checked_add(4)?;
    let bytes: [u8; 2] = start.get(at..at.checked_add(2)?)?.try_into().ok()?;
    let machine = match pe::Machine(u16::from_le_bytes(bytes)) {
        pe::IMAGE_FILE_MACHINE_AMD64 => "x86_64",
        pe::IMAGE_FILE_MACHINE_ARM64 => "arm64",
        pe::IMAGE_FILE_MACHINE_I386 => "i686",
        _ => "other",
    };
    Some(format!("windows-{machine}"))
}

/// This machine's platform, for an environment that holds nothing compiled.
fn of_host() -> String {
    let arm = cfg!(target_arch = "aarch64") && !cfg!(target_os = "linux");
    let machine = match std::env::consts::ARCH {
        "x86" => "i686",
        "arm" => "armv7l",
        "powerpc64" => "ppc64le",
        other => other,
    };
    format!("{}-{}", std::env::consts::OS, if arm { "arm64" } else { machine })
}
