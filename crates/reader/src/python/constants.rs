//! Names and tests whose truth is known without running anything: `if TYPE_CHECKING`, `if __SCIPY_SETUP__`.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast as ast;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, Stmt, UnaryOp};

/// Names that a module only ever sets to one and the same truth value. `None` marks names set to anything else.
#[derive(Default)]
pub(super) struct Constants<'a> {
    names: BTreeMap<&'a str, Option<bool>>,
    /// Names that some `if NAME` or `if not NAME` asks for.
    tested: BTreeSet<&'a str>,
}

/// The name that `NAME` or `not NAME` asks for, and the truth that is asked for.
pub(super) fn asked_name(test: &Expr) -> Option<(&str, bool)> {
    match test {
        Expr::Name(name) => Some((name.id.as_str(), true)),
        Expr::UnaryOp(not) if not.op == UnaryOp::Not => asked_name(&not.operand).map(|(name, truth)| (name, !truth)),
        _ => None,
    }
}

impl<'a> Constants<'a> {
    /// The constants of a module: every assignment in it counts, wherever it stands.
    pub(super) fn of(body: &'a [Stmt]) -> Self {
        let mut constants = Self::default();
        constants.visit_body(body);
        constants
    }

    /// Whether a test is true; `None` where it could not be told.
    pub(super) fn truth(&self, test: &Expr) -> Option<bool> {
        match test {
            Expr::BooleanLiteral(literal) => Some(literal.value),
            Expr::NumberLiteral(literal) => literal.value.as_int().map(|value| *value != 0),
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => self.truth(&not.operand).map(|truth| !truth),
            Expr::Name(name) if name.id.as_str() == "TYPE_CHECKING" => Some(false),
            Expr::Attribute(attribute) if attribute.attr.as_str() == "TYPE_CHECKING" => Some(false),
            Expr::Name(name) => self.names.get(name.id.as_str()).copied().flatten(),
            Expr::Compare(compare) if is_name(&compare.left, "__name__") => compared_with_main(compare),
            _ => None,
        }
    }

    /// The names among the targets of an assignment that some test asks for, and the truth that each gets.
    pub(super) fn set(&self, assign: &'a ast::StmtAssign) -> impl Iterator<Item = (&'a str, Option<bool>)> {
        let names = assign.targets.iter().filter_map(|target| Some(target.as_name_expr()?.id.as_str()));
        names.filter(|name| self.tested.contains(name)).map(|name| (name, literal(&assign.value)))
    }

    fn assign(&mut self, target: &'a Expr, value: Option<bool>) {
        let Expr::Name(name) = target else { return };
        let known = self.names.entry(name.id.as_str()).or_insert(value);
        if *known != value {
            *known = None;
        }
    }
}

impl<'a> StatementVisitor<'a> for Constants<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.assign(target, literal(&assign.value)));
            }
            Stmt::AnnAssign(assign) => self.assign(&assign.target, assign.value.as_deref().and_then(literal)),
            Stmt::AugAssign(assign) => self.assign(&assign.target, None),
            Stmt::For(each) => self.assign(&each.target, None),
            Stmt::If(test) => {
                self.tested.extend(asked_name(&test.test).map(|(name, _)| name));
                walk_stmt(self, stmt);
            }
            _ => walk_stmt(self, stmt),
        }
        if let Stmt::For(each) = stmt {
            self.visit_body(&each.body);
            self.visit_body(&each.orelse);
        }
    }
}

fn literal(value: &Expr) -> Option<bool> {
    value.as_boolean_literal_expr().map(|literal| literal.value)
}

fn is_name(expression: &Expr, wanted: &str) -> bool {
    expression.as_name_expr().is_some_and(|name| name.id.as_str() == wanted)
}

/// `__name__ == "__main__"` is false in a module that is imported.
fn compared_with_main(compare: &ruff_python_ast::ExprCompare) -> Option<bool> {
    let [Expr::StringLiteral(text)] = compare.comparators.as_ref() else { return None };
    match (text.value.to_str(), compare.ops.as_ref()) {
        ("__main__", [CmpOp::Eq]) => Some(false),
        ("__main__", [CmpOp::NotEq]) => Some(true),
        _ => None,
    }
}
