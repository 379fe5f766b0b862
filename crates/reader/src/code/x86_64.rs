//! x86-64 instructions as actions. Decoding is `iced-x86`'s; this file says what matters of each instruction.

use iced_x86::{
    ConditionCode, Decoder, DecoderOptions, FlowControl, Formatter, Instruction, InstructionInfoFactory, Mnemonic,
    NasmFormatter, OpAccess, OpKind, Register as Native,
};

use super::{Action, Condition, Listing, Operand, Place, Register, SP};

pub(super) fn decode(bytes: &[u8], address: u64, listing: &mut Listing) {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let mut info = InstructionInfoFactory::new();
    let mut instruction = Instruction::default();
    let mut actions = Vec::with_capacity(4);
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        actions.clear();
        if !instruction.is_invalid() {
            lift(&instruction, &mut info, &mut actions);
        }
        listing.push(instruction.ip(), &actions);
    }
}

pub(super) fn disassemble(bytes: &[u8], address: u64) -> Option<String> {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let instruction = decoder.decode();
    if instruction.is_invalid() {
        return None;
    }
    let mut text = String::new();
    NasmFormatter::new().format(&instruction, &mut text);
    Some(text)
}

/// The number of a general-purpose register, whatever part of it is named.
fn number(register: Native) -> Option<Register> {
    let full = register.full_register();
    if !full.is_gpr() {
        return None;
    }
    match full.number() {
        4 => Some(SP),
        n => u8::try_from(n).ok(),
    }
}

fn lift(instruction: &Instruction, info: &mut InstructionInfoFactory, out: &mut Vec<Action>) {
    match instruction.flow_control() {
        FlowControl::Next => lift_plain(instruction, info, out),
        FlowControl::Call | FlowControl::IndirectCall => out.push(Action::Call(target(instruction))),
        FlowControl::UnconditionalBranch | FlowControl::IndirectBranch => {
            out.push(Action::Jump(target(instruction)));
        }
        FlowControl::ConditionalBranch | FlowControl::XbeginXabortXend => out.push(Action::Branch {
            target: Some(instruction.near_branch_target()),
            condition: condition(instruction.condition_code()),
        }),
        FlowControl::Return => out.push(Action::Return),
        FlowControl::Exception | FlowControl::Interrupt => out.push(Action::Trap),
    }
}

fn target(instruction: &Instruction) -> Operand {
    match instruction.op0_kind() {
        OpKind::NearBranch64 => Operand::Constant(instruction.near_branch_target()),
        _ => operand(instruction, 0),
    }
}

fn condition(code: ConditionCode) -> Condition {
    match code {
        ConditionCode::e => Condition::Equal,
        ConditionCode::ne => Condition::NotEqual,
        ConditionCode::l => Condition::Less,
        ConditionCode::ge => Condition::NotLess,
        ConditionCode::g => Condition::Greater,
        ConditionCode::le => Condition::NotGreater,
        ConditionCode::b => Condition::Below,
        ConditionCode::ae => Condition::NotBelow,
        ConditionCode::a => Condition::Above,
        ConditionCode::be => Condition::NotAbove,
        ConditionCode::s => Condition::Negative,
        ConditionCode::ns => Condition::NotNegative,
        _ => Condition::Other,
    }
}

fn place(instruction: &Instruction) -> Option<Place> {
    if instruction.is_ip_rel_memory_operand() {
        return Some(Place::At(instruction.ip_rel_memory_address()));
    }
    // A thread-local access looks like an absolute or based one but is neither.
    let segmented = matches!(instruction.segment_prefix(), Native::FS | Native::GS);
    if instruction.memory_index() != Native::None || segmented {
        return None;
    }
    let offset = instruction.memory_displacement64().cast_signed();
    match instruction.memory_base() {
        Native::None => Some(Place::At(instruction.memory_displacement64())),
        base => Some(Place::Based { base: number(base)?, offset }),
    }
}

fn operand(instruction: &Instruction, index: u32) -> Operand {
    let kind = instruction.op_kind(index);
    match kind {
        OpKind::Register => {
            let register = instruction.op_register(index);
            match number(register) {
                Some(n) if register.size() >= 4 => Operand::Register(n),
                _ => Operand::Unknown,
            }
        }
        OpKind::Memory => match (place(instruction), instruction.memory_size().size()) {
            (Some(place), 8) => Operand::Memory { place, wide: true },
            (Some(place), 4) => Operand::Memory { place, wide: false },
            _ => Operand::Unknown,
        },
        OpKind::Immediate8
        | OpKind::Immediate16
        | OpKind::Immediate32
        | OpKind::Immediate64
        | OpKind::Immediate8to32
        | OpKind::Immediate8to64
        | OpKind::Immediate32to64 => Operand::Constant(instruction.immediate(index)),
        _ => Operand::Unknown,
    }
}

fn lift_plain(instruction: &Instruction, info: &mut InstructionInfoFactory, out: &mut Vec<Action>) {
    match instruction.mnemonic() {
        Mnemonic::Mov => lift_move(instruction, out),
        Mnemonic::Movsxd => lift_signed(instruction, out),
        Mnemonic::Lea => lift_lea(instruction, out),
        Mnemonic::Xor | Mnemonic::Sub if same_registers(instruction) => {
            assign(instruction, Operand::Constant(0), out);
        }
        Mnemonic::Add => lift_sum(instruction, 1, out),
        Mnemonic::Sub => lift_sum(instruction, -1, out),
        // Aligning the stack pointer keeps it where it is, as far as offsets between slots go.
        Mnemonic::And if number(instruction.op0_register()) == Some(SP) => {}
        Mnemonic::Push => out.push(Action::Push(operand(instruction, 0))),
        Mnemonic::Pop => out.extend(number(instruction.op0_register()).map(Action::Pop)),
        Mnemonic::Cmp => out.push(Action::Compare { left: operand(instruction, 0), right: operand(instruction, 1) }),
        Mnemonic::Test => {
            if same_registers(instruction) {
                compare_with(instruction, 0, out);
            }
        }
        // `inc` and a jump on zero is how "was it -1" is asked in few bytes.
        Mnemonic::Inc => asked_of_changed(instruction, u64::MAX, out),
        Mnemonic::Dec => asked_of_changed(instruction, 1, out),
        Mnemonic::Neg => asked_of_changed(instruction, 0, out),
        // `not` and a shift is how "was it negative" is made a value; no flags tell of it.
        Mnemonic::Not => {
            out.extend(number(instruction.op0_register()).map(Action::Asked));
            assign(instruction, Operand::Unknown, out);
        }
        Mnemonic::Leave => out.push(Action::Assign { to: SP, from: Operand::Unknown }),
        _ => forget_written(instruction, info, out),
    }
    if instruction.condition_code() != ConditionCode::None {
        out.insert(0, Action::Branch { target: None, condition: condition(instruction.condition_code()) });
    }
}

/// A question about the first operand, a register: also about its low byte alone, as truth values are asked for.
fn compare_with(instruction: &Instruction, constant: u64, out: &mut Vec<Action>) {
    let left = number(instruction.op0_register()).map_or(Operand::Unknown, Operand::Register);
    out.push(Action::Compare { left, right: Operand::Constant(constant) });
}

/// An instruction that changes a register and tells by the flags whether it was `constant` before.
fn asked_of_changed(instruction: &Instruction, constant: u64, out: &mut Vec<Action>) {
    if instruction.op0_kind() == OpKind::Register {
        compare_with(instruction, constant, out);
    }
    assign(instruction, Operand::Unknown, out);
}

fn same_registers(instruction: &Instruction) -> bool {
    instruction.op0_kind() == OpKind::Register
        && instruction.op1_kind() == OpKind::Register
        && instruction.op0_register() == instruction.op1_register()
}

fn assign(instruction: &Instruction, from: Operand, out: &mut Vec<Action>) {
    if let Some(to) = number(instruction.op0_register()) {
        // Writing a part of a register leaves a mixture behind.
        let from = if instruction.op0_register().size() >= 4 { from } else { Operand::Unknown };
        out.push(Action::Assign { to, from });
    }
}

fn lift_move(instruction: &Instruction, out: &mut Vec<Action>) {
    let from = operand(instruction, 1);
    match instruction.op0_kind() {
        OpKind::Register => assign(instruction, from, out),
        OpKind::Memory => {
            let size = instruction.memory_size().size();
            if let Some(to) = place(instruction) {
                out.push(Action::Store { to, from: if size >= 4 { from } else { Operand::Unknown } });
            }
        }
        _ => {}
    }
}

fn lift_signed(instruction: &Instruction, out: &mut Vec<Action>) {
    let from = if instruction.op1_kind() == OpKind::Memory { place(instruction) } else { None };
    assign(instruction, from.map_or(Operand::Unknown, Operand::Signed), out);
}

fn lift_lea(instruction: &Instruction, out: &mut Vec<Action>) {
    let from = place(instruction).map_or(Operand::Unknown, Operand::Address);
    assign(instruction, from, out);
}

/// `add register, constant` is an address of what the register points to.
fn lift_sum(instruction: &Instruction, sign: i64, out: &mut Vec<Action>) {
    if instruction.op0_kind() != OpKind::Register {
        return;
    }
    let from = match (number(instruction.op0_register()), operand(instruction, 1)) {
        (Some(base), Operand::Constant(by)) => {
            Operand::Address(Place::Based { base, offset: by.cast_signed().wrapping_mul(sign) })
        }
        _ => Operand::Unknown,
    };
    assign(instruction, from, out);
}

fn forget_written(instruction: &Instruction, info: &mut InstructionInfoFactory, out: &mut Vec<Action>) {
    for used in info.info(instruction).used_registers() {
        let written = matches!(
            used.access(),
            OpAccess::Write | OpAccess::ReadWrite | OpAccess::CondWrite | OpAccess::ReadCondWrite
        );
        if let Some(to) = number(used.register()).filter(|_| written) {
            out.push(Action::Assign { to, from: Operand::Unknown });
        }
    }
}
