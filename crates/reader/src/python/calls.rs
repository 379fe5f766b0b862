//! Calls that import: `importlib.import_module("x")`, `__import__("x")`.

use contract::judge::Import;
use ruff_python_ast::{Expr, ExprCall};

/// The last part of what is called: `import_module` of `importlib.import_module(...)`.
pub(super) fn called_name(call: &ExprCall) -> Option<&str> {
    last_name(&call.func)
}

/// The last part of a dotted name.
pub(super) fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// The import that a call does, where its argument is a name in quotes.
pub(super) fn import_call(call: &ExprCall) -> Option<Import> {
    if !matches!(called_name(call)?, "import_module" | "_import_module" | "__import__") {
        return None;
    }
    let name = call.arguments.args.first()?.as_string_literal_expr()?.value.to_str();
    let module = name.trim_start_matches('.');
    let level = u32::try_from(name.len() - module.len()).ok()?;
    Some(Import { module: module.to_owned(), names: Vec::new(), level, call: true })
}

/// The calls that an expression is made of, innermost first, as far as they surely are executed: the expression
/// itself, what it is called on, and its arguments.
pub(super) fn executed_calls(expression: &Expr) -> Vec<&ExprCall> {
    let mut calls = Vec::new();
    let mut waiting = vec![expression];
    while let Some(expression) = waiting.pop() {
        match expression {
            Expr::Call(call) => {
                calls.push(call);
                waiting.push(&call.func);
                waiting.extend(call.arguments.args.iter());
            }
            Expr::Attribute(attribute) => waiting.push(&attribute.value),
            Expr::Subscript(subscript) => waiting.push(&subscript.value),
            Expr::Tuple(tuple) => waiting.extend(tuple.elts.iter()),
            _ => {}
        }
    }
    calls.reverse();
    calls
}
