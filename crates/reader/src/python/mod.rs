//! What a Python source imports when it is executed. The source is parsed, never run.

mod calls;
mod constants;
mod deferred;
mod walk;

use contract::judge::PythonImports;

/// Sources above this size are not parsed: tables, not programs. In bytes.
const LARGEST_SOURCE: usize = 4 << 20;
/// Stack kept ready for each byte of source: the deepest tree that a source of that size can describe
/// (one operator a byte) is built, walked and dropped by recursion.
const STACK_PER_BYTE: usize = 256;
/// The least stack that is kept ready, in bytes.
const LEAST_STACK: usize = 1 << 20;

/// The imports of a Python source, as a tree of steps in the order of their execution.
///
/// A source that is no valid Python, or too large, yields no steps and says so in `unreadable`.
pub fn imports(source: &str) -> PythonImports {
    if source.len() > LARGEST_SOURCE {
        return unreadable(format!("it has {} bytes, more than are parsed", source.len()));
    }
    let stack = LEAST_STACK.saturating_add(source.len().saturating_mul(STACK_PER_BYTE));
    stacker::maybe_grow(stack, stack, || parse(source))
}

fn parse(source: &str) -> PythonImports {
    match ruff_python_parser::parse_module(source) {
        Ok(parsed) => walk::walk_module(&parsed.syntax().body),
        Err(error) => unreadable(format!("it is no valid Python: {error}")),
    }
}

fn unreadable(reason: String) -> PythonImports {
    PythonImports { unreadable: Some(reason), ..PythonImports::default() }
}

#[cfg(test)]
mod tests;
