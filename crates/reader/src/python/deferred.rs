//! Imports inside functions: they happen when the function is called, if it ever is.

use contract::judge::Import;
use ruff_python_ast::Stmt;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_body, walk_stmt};

use super::walk::{modules_of, names_of};

/// How deeply statements may be nested before the rest is left out.
const DEEPEST: usize = 60;

/// The imports of all functions of a module, in the order of the source.
pub(super) fn deferred(body: &[Stmt]) -> Vec<Import> {
    let mut collector = Collector::default();
    collector.visit_body(body);
    collector.imports
}

#[derive(Default)]
struct Collector {
    imports: Vec<Import>,
    functions: usize,
    depth: usize,
}

impl<'a> StatementVisitor<'a> for Collector {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        match stmt {
            Stmt::FunctionDef(function) => {
                self.functions += 1;
                walk_body(self, &function.body);
                self.functions -= 1;
            }
            Stmt::Import(import) if self.functions > 0 => self.imports.extend(modules_of(import)),
            Stmt::ImportFrom(import) if self.functions > 0 => self.imports.extend(names_of(import)),
            _ => walk_stmt(self, stmt),
        }
        self.depth -= 1;
    }
}
