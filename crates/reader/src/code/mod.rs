//! Machine code as a handful of actions that both architectures share: enough to follow constants into calls.

mod aarch64;
pub(crate) mod callgraph;
pub(crate) mod flow;
pub(crate) mod references;
mod x86_64;

use contract::Architecture;

/// A general-purpose register by its number in the architecture's encoding; [`SP`] is the stack pointer.
pub(crate) type Register = u8;

/// The stack pointer: `rsp` (4) on x86-64 and `sp` on AArch64 are both given this number.
pub(crate) const SP: Register = 31;

/// How many register numbers there are.
pub(crate) const REGISTERS: usize = 32;

/// A place in memory: what a register points to plus `offset`, or an absolute address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `[register + offset]`.
    Based { base: Register, offset: i64 },
    /// An address known from the instruction alone (relative to the program counter).
    At(u64),
}

/// Something an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Register(Register),
    Constant(u64),
    /// Eight or four bytes (`wide` or not) at a place.
    Memory {
        place: Place,
        wide: bool,
    },
    /// Four bytes at a place, as a signed number in a wider register.
    Signed(Place),
    /// The address of a place.
    Address(Place),
    Unknown,
}

/// What follows a comparison of a left side with a right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Equal,
    NotEqual,
    /// Signed.
    Less,
    NotLess,
    Greater,
    NotGreater,
    /// Unsigned.
    Below,
    NotBelow,
    Above,
    NotAbove,
    /// The sign of the difference.
    Negative,
    NotNegative,
    Other,
}

impl Condition {
    /// Whether it is `<` or `>=`, which name the same bound.
    pub(crate) fn bounds_below(self) -> bool {
        matches!(self, Self::Less | Self::NotLess | Self::Below | Self::NotBelow)
    }

    /// Whether it is `>` or `<=`.
    pub(crate) fn bounds_above(self) -> bool {
        matches!(self, Self::Greater | Self::NotGreater | Self::Above | Self::NotAbove)
    }

    /// The same with the sides exchanged.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::Greater => Self::Less,
            Self::NotLess => Self::NotGreater,
            Self::NotGreater => Self::NotLess,
            Self::Below => Self::Above,
            Self::Above => Self::Below,
            Self::NotBelow => Self::NotAbove,
            Self::NotAbove => Self::NotBelow,
            Self::Negative | Self::NotNegative => Self::Other,
            same => same,
        }
    }
}

/// One effect of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Assign {
        to: Register,
        from: Operand,
    },
    /// Puts `piece`, 16 bits wide, into a register's known value at bit `shift` (AArch64 `movk`).
    Patch {
        to: Register,
        piece: u64,
        shift: u32,
    },
    Store {
        to: Place,
        from: Operand,
    },
    /// Moves the stack pointer down by eight and stores.
    Push(Operand),
    Pop(Register),
    Compare {
        left: Operand,
        right: Operand,
    },
    /// Something is asked of a register that is not followed further.
    Asked(Register),
    /// A conditional jump, or another use of the flags (`target` is `None`).
    Branch {
        target: Option<u64>,
        condition: Condition,
    },
    Jump(Operand),
    Call(Operand),
    Return,
    /// Execution does not go on (`ud2`, `brk`).
    Trap,
}

/// One decoded instruction: its actions are a range of [`Listing::actions`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruction {
    pub(crate) address: u64,
    first: u32,
    count: u8,
}

/// A decoded stretch of code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) instructions: Vec<Instruction>,
    actions: Vec<Action>,
}

impl Listing {
    /// Decodes `bytes`, which lie at `address`. What is no instruction is passed over.
    pub(crate) fn decode(architecture: Architecture, bytes: &[u8], address: u64) -> Self {
        let mut listing = Self::default();
        match architecture {
            Architecture::X86_64 => x86_64::decode(bytes, address, &mut listing),
            Architecture::Aarch64 => aarch64::decode(bytes, address, &mut listing),
            _ => {}
        }
        listing
    }

    pub(crate) fn actions(&self, instruction: &Instruction) -> &[Action] {
        let first = instruction.first as usize;
        self.actions.get(first..first.saturating_add(usize::from(instruction.count))).unwrap_or_default()
    }

    /// The position of the instruction that begins at `address`.
    pub(crate) fn position(&self, address: u64) -> Option<usize> {
        self.instructions.binary_search_by_key(&address, |i| i.address).ok()
    }

    fn push(&mut self, address: u64, actions: &[Action]) {
        self.instructions.push(Instruction {
            address,
            first: u32::try_from(self.actions.len()).unwrap_or(u32::MAX),
            count: u8::try_from(actions.len()).unwrap_or(0),
        });
        self.actions.extend_from_slice(actions);
    }
}

/// One instruction as `objdump` would print it, for evidence.
pub(crate) fn disassemble(architecture: Architecture, bytes: &[u8], address: u64) -> Option<String> {
    match architecture {
        Architecture::X86_64 => x86_64::disassemble(bytes, address),
        Architecture::Aarch64 => aarch64::disassemble(bytes, address),
        _ => None,
    }
}
