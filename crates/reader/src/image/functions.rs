//! Where functions begin and end, from unwind tables, which `strip` leaves in place.

use gimli::{BaseAddresses, EhFrame, EhFrameHdr, EhFrameOffset, LittleEndian, ParsedEhFrameHdr, UnwindSection};

use super::Image;

type Slice<'d> = gimli::EndianSlice<'d, LittleEndian>;

/// How far around an address to look where no table names its function.
const BLIND: u64 = 0x400;

/// A source of function bounds.
pub(crate) enum Functions<'d> {
    /// ELF: the binary search table in `.eh_frame_hdr`.
    EhFrame(Box<Unwind<'d>>),
    /// Begin and end addresses, by begin (PE's `.pdata`, Mach-O's `LC_FUNCTION_STARTS`).
    List(Vec<(u64, u64)>),
}

/// The parsed unwind sections of an ELF file.
pub(crate) struct Unwind<'d> {
    header: ParsedEhFrameHdr<Slice<'d>>,
    frame: EhFrame<Slice<'d>>,
    bases: BaseAddresses,
}

impl<'d> Functions<'d> {
    /// Reads `.eh_frame_hdr`; an empty list where there is none.
    pub(super) fn from_eh_frame(image: &Image<'d>) -> Self {
        Self::try_eh_frame(image).unwrap_or_else(|| Self::List(Vec::new()))
    }

    fn try_eh_frame(image: &Image<'d>) -> Option<Self> {
        let find = |name: &str| image.sections.iter().find(|s| s.name == name);
        let (hdr, frame) = (find(".eh_frame_hdr")?, find(".eh_frame")?);
        let bases = BaseAddresses::default().set_eh_frame_hdr(hdr.address).set_eh_frame(frame.address);
        let header = EhFrameHdr::new(image.bytes(hdr), LittleEndian).parse(&bases, 8).ok()?;
        let frame = EhFrame::new(image.bytes(frame), LittleEndian);
        Some(Self::EhFrame(Box::new(Unwind { header, frame, bases })))
    }

    /// Bounds where only beginnings are known: each ends where the next begins, or with its section.
    pub(super) fn from_begins(image: &Image<'d>, mut begins: Vec<u64>) -> Self {
        begins.sort_unstable();
        begins.dedup();
        let ends = begins.iter().skip(1).copied().chain([u64::MAX]);
        let bounded = begins.iter().copied().zip(ends).map(|(begin, end)| {
            let last = image.section_at(begin).map_or(begin, super::Section::end);
            (begin, end.min(last))
        });
        Self::List(bounded.collect())
    }

    /// Whether the file says where any function begins.
    pub(crate) fn are_known(&self) -> bool {
        !matches!(self, Self::List(list) if list.is_empty())
    }

    /// Begin and end of the function around `address`, if a table names it.
    pub(crate) fn around(&self, address: u64) -> Option<(u64, u64)> {
        match self {
            Self::EhFrame(unwind) => unwind.around(address),
            Self::List(list) => {
                let index = list.partition_point(|(begin, _)| *begin <= address).checked_sub(1)?;
                list.get(index).copied().filter(|(_, end)| address < *end)
            }
        }
    }

    /// The same, or a window around `address` inside its section where no table names the function.
    pub(crate) fn around_or_window(&self, image: &Image<'_>, address: u64) -> (u64, u64) {
        if let Some(bounds) = self.around(address) {
            return bounds;
        }
        let (low, high) =
            image.section_at(address).map_or((address, address.saturating_add(4)), |s| (s.address, s.end()));
        let begin = address.saturating_sub(BLIND).max(low) & !3;
        (begin.max(low), address.saturating_add(BLIND).min(high))
    }
}

impl Unwind<'_> {
    fn around(&self, address: u64) -> Option<(u64, u64)> {
        let table = self.header.table()?;
        let pointer = table.lookup(address, &self.bases).ok()?;
        // gimli's own `pointer_to_offset` subtracts without looking, and a damaged table may point before the section.
        let offset = pointer.direct().ok()?.checked_sub(self.header.eh_frame_ptr().direct().ok()?)?;
        let offset = EhFrameOffset(usize::try_from(offset).ok()?);
        let fde = self.frame.fde_from_offset(&self.bases, offset, EhFrame::cie_from_offset).ok()?;
        let (begin, end) = (fde.initial_address(), fde.initial_address().checked_add(fde.len())?);
        (begin <= address && address < end).then_some((begin, end))
    }
}
