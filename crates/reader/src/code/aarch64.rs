//! AArch64 instructions as actions. Recognising an instruction is `disarm64`'s; this file reads the fields of those that
//! matter, whose positions are the same over whole classes (Arm Architecture Reference Manual, C4.1).

use disarm64::decoder::{self, InsnId, Opcode};
use disarm64::{InsnDisplay, InsnOpcode};
use disarm64_defn::InsnOperandKind;

use super::{Action, Condition, Listing, Operand, Place, Register};

pub(super) fn decode(bytes: &[u8], address: u64, listing: &mut Listing) {
    let mut actions = Vec::with_capacity(4);
    let mut at = address;
    for word in bytes.chunks_exact(4) {
        let word = u32::from_le_bytes(word.try_into().unwrap_or_default());
        actions.clear();
        if let Some(opcode) = decoder::decode(word) {
            Lift { word, at, opcode: &opcode, out: &mut actions }.lift();
        }
        listing.push(at, &actions);
        at = at.saturating_add(4);
    }
}

pub(super) fn disassemble(bytes: &[u8], address: u64) -> Option<String> {
    let word = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?);
    Some(decoder::decode(word)?.display_at(address).to_string())
}

struct Lift<'a> {
    word: u32,
    at: u64,
    opcode: &'a Opcode,
    out: &'a mut Vec<Action>,
}

impl Lift<'_> {
    fn bits(&self, low: u32, count: u32) -> u32 {
        (self.word >> low) & ((1 << count) - 1)
    }

    fn signed(&self, low: u32, count: u32) -> i64 {
        let shift = 64 - count;
        (i64::from(self.bits(low, count)) << shift) >> shift
    }

    /// A register field in which 31 means the stack pointer.
    fn or_sp(&self, low: u32) -> Register {
        self.bits(low, 5) as Register
    }

    /// A register field in which 31 reads as zero.
    fn or_zero(&self, low: u32) -> Operand {
        match self.bits(low, 5) {
            31 => Operand::Constant(0),
            n => Operand::Register(n as Register),
        }
    }

    fn is_64(&self) -> bool {
        self.word >> 31 == 1
    }

    /// Where a branch with its offset of `count` bits at bit `low` goes.
    fn branch_target(&self, low: u32, count: u32) -> u64 {
        self.at.wrapping_add((self.signed(low, count) << 2).cast_unsigned())
    }

    /// Assigns to a register in whose field 31 means "nowhere".
    fn assign(&mut self, from: Operand) {
        let to = self.bits(0, 5);
        if to != 31 {
            self.out.push(Action::Assign { to: to as Register, from });
        }
    }

    fn lift(&mut self) {
        match self.opcode.id() {
            InsnId::ADRP_Rd_ADDR_ADRP => self.page(),
            InsnId::ADR_Rd_ADDR_PCREL21 => {
                self.assign(Operand::Constant(self.at.wrapping_add(self.split_offset().cast_unsigned())));
            }
            InsnId::ADD_Rd_SP_Rn_SP_AIMM => self.sum(1),
            InsnId::SUB_Rd_SP_Rn_SP_AIMM => self.sum(-1),
            InsnId::SUBS_Rd_Rn_SP_AIMM | InsnId::SUBS_Rd_Rn_Rm_SFT => self.compare(),
            InsnId::ADDS_Rd_Rn_SP_AIMM => {
                // `cmn` with 1 is how "was it -1" is asked.
                let right = Operand::Constant(self.immediate().wrapping_neg());
                self.out.push(Action::Compare { left: Operand::Register(self.or_sp(5)), right });
                self.assign(Operand::Unknown);
            }
            InsnId::MOVZ_Rd_HALF | InsnId::MOVN_Rd_HALF => self.move_wide(),
            InsnId::MOVK_Rd_HALF => self.patch(),
            InsnId::ORR_Rd_SP_Rn_LIMM => self.or_immediate(),
            InsnId::ORR_Rd_Rn_Rm_SFT => self.or_register(),
            InsnId::ANDS_Rd_Rn_LIMM | InsnId::ANDS_Rd_Rn_Rm_SFT => self.and(),
            InsnId::B_ADDR_PCREL26 => self.out.push(Action::Jump(Operand::Constant(self.branch_target(0, 26)))),
            InsnId::BL_ADDR_PCREL26 => self.out.push(Action::Call(Operand::Constant(self.branch_target(0, 26)))),
            InsnId::BR_Rn => self.out.push(Action::Jump(self.or_zero(5))),
            InsnId::BLR_Rn => self.out.push(Action::Call(self.or_zero(5))),
            InsnId::RET_Rn => self.out.push(Action::Return),
            InsnId::BRK_EXCEPTION | InsnId::HLT_EXCEPTION | InsnId::UDF_UNDEFINED => self.out.push(Action::Trap),
            InsnId::B_C_ADDR_PCREL19 => self.branch(5, 19, condition(self.bits(0, 4))),
            InsnId::CBZ_Rt_ADDR_PCREL19 | InsnId::CBNZ_Rt_ADDR_PCREL19 => self.branch_on_zero(),
            InsnId::TBZ_Rt_BIT_NUM_ADDR_PCREL14 | InsnId::TBNZ_Rt_BIT_NUM_ADDR_PCREL14 => self.branch_on_bit(),
            InsnId::CSEL_Rd_Rn_Rm_COND | InsnId::CSINC_Rd_Rn_Rm_COND => self.select(),
            _ => self.memory_or_other(),
        }
    }

    /// The offset of `adr` and `adrp`, whose two lowest bits stand apart.
    fn split_offset(&self) -> i64 {
        (self.signed(5, 19) << 2) | i64::from(self.bits(29, 2))
    }

    fn page(&mut self) {
        let page = (self.at & !0xfff).wrapping_add((self.split_offset() << 12).cast_unsigned());
        self.assign(Operand::Constant(page));
    }

    /// `add` and `sub` with an immediate, `mov` to or from the stack pointer among them.
    fn sum(&mut self, sign: i64) {
        let offset = self.immediate().cast_signed().wrapping_mul(sign);
        let place = Place::Based { base: self.or_sp(5), offset };
        self.out.push(Action::Assign { to: self.or_sp(0), from: Operand::Address(place) });
    }

    /// The number in an arithmetic instruction: twelve bits, shifted by twelve or not.
    fn immediate(&self) -> u64 {
        u64::from(self.bits(10, 12)) << (12 * self.bits(22, 1))
    }

    fn compare(&mut self) {
        let by_immediate = self.opcode.id() == InsnId::SUBS_Rd_Rn_SP_AIMM;
        let right = if by_immediate {
            Operand::Constant(self.immediate())
        } else if self.bits(10, 6) == 0 {
            self.or_zero(16)
        } else {
            Operand::Unknown
        };
        let left = if by_immediate { Operand::Register(self.or_sp(5)) } else { self.or_zero(5) };
        self.out.push(Action::Compare { left, right });
        self.assign(Operand::Unknown);
    }

    fn move_wide(&mut self) {
        let value = u64::from(self.bits(5, 16)) << (16 * self.bits(21, 2));
        let negated = self.opcode.id() == InsnId::MOVN_Rd_HALF;
        let value = if negated { !value } else { value };
        self.assign(Operand::Constant(if self.is_64() { value } else { value & 0xffff_ffff }));
    }

    fn patch(&mut self) {
        let to = self.bits(0, 5) as Register;
        let (piece, shift) = (u64::from(self.bits(5, 16)), 16 * self.bits(21, 2));
        self.out.push(Action::Patch { to, piece, shift });
    }

    /// `mov` of a bit pattern is an `orr` with the zero register.
    fn or_immediate(&mut self) {
        let from = if self.bits(5, 5) == 31 { self.bit_pattern() } else { None };
        let to = self.or_sp(0);
        self.out.push(Action::Assign { to, from: from.map_or(Operand::Unknown, Operand::Constant) });
    }

    /// `mov` between registers is an `orr` with the zero register.
    fn or_register(&mut self) {
        let plain = self.bits(5, 5) == 31 && self.bits(10, 6) == 0;
        let from = if plain { self.or_zero(16) } else { Operand::Unknown };
        self.assign(from);
    }

    /// `tst` is an `ands` whose result goes nowhere. A register with itself, or with all bits that its value can have, is a
    /// comparison with zero.
    fn and(&mut self) {
        let whole = match self.opcode.id() {
            InsnId::ANDS_Rd_Rn_LIMM => matches!(self.bit_pattern(), Some(0xff | 0xffff | 0xffff_ffff | u64::MAX)),
            _ => self.bits(10, 6) == 0 && self.bits(16, 5) == self.bits(5, 5),
        };
        let left = self.or_zero(5);
        match left {
            _ if whole => self.out.push(Action::Compare { left, right: Operand::Constant(0) }),
            Operand::Register(register) => self.out.push(Action::Asked(register)),
            _ => {}
        }
        self.assign(Operand::Unknown);
    }

    /// The value of a logical immediate (`DecodeBitMasks` in the manual): a run of ones, rotated, repeated.
    fn bit_pattern(&self) -> Option<u64> {
        let (n, rotate, ones) = (self.bits(22, 1), self.bits(16, 6), self.bits(10, 6));
        let combined = (n << 6) | (!ones & 0x3f);
        let length = 31u32.checked_sub(combined.leading_zeros())?;
        let size = 1u32.checked_shl(length)?;
        let (run, rotate) = ((ones & (size - 1)) + 1, rotate & (size - 1));
        if run >= size {
            return None;
        }
        let element = (1u64 << run) - 1;
        let mask = if size == 64 { u64::MAX } else { (1u64 << size) - 1 };
        let left = (size - rotate) % size;
        let rotated = ((element << left) | if left == 0 { 0 } else { element >> (size - left) }) & mask;
        let repeated = (0..64 / size).fold(0u64, |all, i| all | rotated << (i * size));
        Some(if self.is_64() { repeated } else { repeated & 0xffff_ffff })
    }

    fn branch(&mut self, low: u32, count: u32, condition: Condition) {
        let target = Some(self.branch_target(low, count));
        self.out.push(Action::Branch { target, condition });
    }

    /// `cbz`, or `cbnz` by bit 24.
    fn branch_on_zero(&mut self) {
        let condition = if self.bits(24, 1) == 0 { Condition::Equal } else { Condition::NotEqual };
        self.out.push(Action::Compare { left: self.or_zero(0), right: Operand::Constant(0) });
        self.branch(5, 19, condition);
    }

    /// `tbz`, or `tbnz` by bit 24. The sign bit of a result is how "less than zero" is asked.
    fn branch_on_bit(&mut self) {
        let is_sign = matches!(self.bits(19, 5) | self.bits(31, 1) << 5, 31 | 63);
        let condition = match (is_sign, self.bits(24, 1)) {
            (true, 0) => Condition::NotNegative,
            (true, _) => Condition::Negative,
            (false, _) => Condition::Other,
        };
        if is_sign {
            self.out.push(Action::Compare { left: self.or_zero(0), right: Operand::Constant(0) });
        }
        self.branch(5, 14, condition);
    }

    fn select(&mut self) {
        self.out.push(Action::Branch { target: None, condition: condition(self.bits(12, 4)) });
        self.assign(Operand::Unknown);
    }

    fn memory_or_other(&mut self) {
        match self.opcode.id() {
            InsnId::LDR_Rt_ADDR_UIMM12 | InsnId::STR_Rt_ADDR_UIMM12 => self.unsigned_offset(),
            InsnId::LDRSW_Rt_ADDR_UIMM12 => self.assign(Operand::Signed(self.unsigned_place())),
            InsnId::LDUR_Rt_ADDR_SIMM9
            | InsnId::STUR_Rt_ADDR_SIMM9
            | InsnId::LDR_Rt_ADDR_SIMM9
            | InsnId::STR_Rt_ADDR_SIMM9 => self.signed_offset(),
            InsnId::LDR_Rt_ADDR_PCREL19 => self.load(Place::At(self.branch_target(5, 19))),
            InsnId::LDP_Rt_Rt2_ADDR_SIMM7 | InsnId::STP_Rt_Rt2_ADDR_SIMM7 => self.pair(),
            InsnId::STP_Ft_Ft2_ADDR_SIMM7 | InsnId::LDP_Ft_Ft2_ADDR_SIMM7 => self.vector_pair(),
            InsnId::STR_Ft_ADDR_SIMM9 | InsnId::LDR_Ft_ADDR_SIMM9 => {
                let _ = self.moved_base(self.signed(12, 9), self.bits(10, 2));
            }
            _ => self.forget_written(),
        }
    }

    /// The offset counts in the size of what is accessed, which the top two bits tell.
    fn unsigned_place(&self) -> Place {
        let offset = i64::from(self.bits(10, 12)) << self.bits(30, 2);
        Place::Based { base: self.or_sp(5), offset }
    }

    fn unsigned_offset(&mut self) {
        let place = self.unsigned_place();
        if self.bits(22, 1) == 1 { self.load(place) } else { self.store(place) }
    }

    fn signed_offset(&mut self) {
        let mode = if self.bits(24, 1) == 0 { self.bits(10, 2) } else { 0 };
        let (place, after) = self.moved_base(self.signed(12, 9), mode);
        if self.bits(22, 1) == 1 {
            self.load(place)
        } else {
            self.store(place)
        }
        self.out.extend(after);
    }

    /// The place of an access that may move its base: `mode` 1 after the access, 3 before it.
    fn moved_base(&mut self, offset: i64, mode: u32) -> (Place, Option<Action>) {
        let base = self.or_sp(5);
        let moved = Action::Assign { to: base, from: Operand::Address(Place::Based { base, offset }) };
        match mode {
            1 => (Place::Based { base, offset: 0 }, Some(moved)),
            3 => {
                self.out.push(moved);
                (Place::Based { base, offset: 0 }, None)
            }
            _ => (Place::Based { base, offset }, None),
        }
    }

    /// Loads of four and eight bytes; the size is in the top two bits, for literals in bit 30.
    fn load(&mut self, place: Place) {
        let wide = match self.opcode.id() {
            InsnId::LDR_Rt_ADDR_PCREL19 => self.bits(30, 1) == 1,
            _ => self.bits(30, 2) == 3,
        };
        self.assign(Operand::Memory { place, wide });
    }

    fn store(&mut self, to: Place) {
        self.out.push(Action::Store { to, from: self.or_zero(0) });
    }

    fn pair(&mut self) {
        let wide = self.is_64();
        let step = if wide { 8 } else { 4 };
        let (place, after) = self.moved_base(self.signed(15, 7).wrapping_mul(step), pair_mode(self.bits(23, 2)));
        let Place::Based { base, offset } = place else { return };
        let second = Place::Based { base, offset: offset.wrapping_add(step) };
        if self.bits(22, 1) == 1 {
            // The second register first: the first may be the base.
            if let Operand::Register(to) = self.or_zero(10) {
                self.out.push(Action::Assign { to, from: Operand::Memory { place: second, wide } });
            }
            self.assign(Operand::Memory { place, wide });
        } else {
            self.out.push(Action::Store { to: place, from: self.or_zero(0) });
            self.out.push(Action::Store { to: second, from: self.or_zero(10) });
        }
        self.out.extend(after);
    }

    fn vector_pair(&mut self) {
        let step = 4i64 << self.bits(30, 2);
        let (_, after) = self.moved_base(self.signed(15, 7).wrapping_mul(step), pair_mode(self.bits(23, 2)));
        self.out.extend(after);
    }

    /// Whatever else writes a general-purpose register leaves something unknown in it.
    fn forget_written(&mut self) {
        let definition = self.opcode.definition();
        let Some(first) = definition.operands.first() else { return };
        let destination = matches!(first.kind, InsnOperandKind::Rd | InsnOperandKind::Rd_SP);
        let loaded = first.kind == InsnOperandKind::Rt && definition.mnemonic.starts_with("ld");
        if destination || loaded {
            self.assign(Operand::Unknown);
        }
    }
}

/// `ldp` and `stp` number their modes as single accesses do: 1 after, 3 before, 2 not moved.
fn pair_mode(bits: u32) -> u32 {
    if bits == 2 { 0 } else { bits }
}

fn condition(code: u32) -> Condition {
    match code {
        0 => Condition::Equal,
        1 => Condition::NotEqual,
        2 => Condition::NotBelow,
        3 => Condition::Below,
        4 => Condition::Negative,
        5 => Condition::NotNegative,
        8 => Condition::Above,
        9 => Condition::NotAbove,
        10 => Condition::NotLess,
        11 => Condition::Less,
        12 => Condition::Greater,
        13 => Condition::NotGreater,
        _ => Condition::Other,
    }
}
