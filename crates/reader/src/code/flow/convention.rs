//! Where each calling convention puts arguments, and what a call may change.

use crate::code::Register;
use crate::image::Convention;

/// Argument registers in order. x86-64 numbers: rax 0, rcx 1, rdx 2, rbx 3, rbp 5, rsi 6, rdi 7, r8 to r15.
pub(super) fn argument_registers(convention: Convention) -> &'static [Register] {
    match convention {
        Convention::SysV => &[7, 6, 2, 1, 8, 9],
        Convention::Win64 => &[1, 2, 8, 9],
        Convention::Aapcs64 | Convention::AppleArm64 => &[0, 1, 2, 3, 4, 5, 6, 7],
    }
}

/// Registers whose contents a call may change.
pub(super) fn scratch(convention: Convention) -> &'static [Register] {
    match convention {
        Convention::SysV => &[0, 1, 2, 6, 7, 8, 9, 10, 11],
        Convention::Win64 => &[0, 1, 2, 8, 9, 10, 11],
        Convention::Aapcs64 | Convention::AppleArm64 => {
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 30]
        }
    }
}
