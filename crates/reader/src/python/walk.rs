//! Turns the statements of a module into the steps of its import.

use std::collections::BTreeMap;

use contract::judge::{Catches, Handler, Import, PythonImports, Step, Try};
use ruff_python_ast as ast;
use ruff_python_ast::{BoolOp, Expr, Stmt};

use super::calls::{called_name, executed_calls, import_call, last_name};
use super::constants::{Constants, asked_name};
use super::deferred::deferred;

/// How deeply statements and called functions may be nested before the rest is left out.
const DEEPEST: usize = 60;
/// How many statements are walked; a module that calls its own functions over and over is cut there.
const MOST_STATEMENTS: usize = 200_000;

/// The steps of a whole module.
pub(super) fn walk_module(body: &[Stmt]) -> PythonImports {
    let mut walker = Walker { constants: Constants::of(body), ..Walker::default() };
    let mut steps = Vec::new();
    walker.statements(body, &mut steps);
    PythonImports { steps, deferred: deferred(body), lazy: walker.lazy, unreadable: None }
}

#[derive(Default)]
struct Walker<'a> {
    constants: Constants<'a>,
    functions: BTreeMap<&'a str, &'a [Stmt]>,
    lazy: bool,
    depth: usize,
    /// The functions that are being walked because they were called.
    calling: Vec<&'a str>,
    /// How many statements were walked, those of called functions once a call.
    walked: usize,
}

impl<'a> Walker<'a> {
    fn statements(&mut self, body: &'a [Stmt], out: &mut Vec<Step>) {
        if self.depth >= DEEPEST || self.walked >= MOST_STATEMENTS {
            return;
        }
        self.depth += 1;
        for (index, statement) in body.iter().enumerate() {
            self.walked += 1;
            self.statement(statement, out);
            if matches!(statement, Stmt::Return(_) | Stmt::Raise(_)) {
                break;
            }
            if may_return(statement) {
                out.push(Step::Maybe(self.collected(body.get(index + 1..).unwrap_or_default())));
                break;
            }
        }
        self.depth -= 1;
    }

    fn collected(&mut self, body: &'a [Stmt]) -> Vec<Step> {
        let mut steps = Vec::new();
        self.statements(body, &mut steps);
        steps
    }

    fn statement(&mut self, statement: &'a Stmt, out: &mut Vec<Step>) {
        match statement {
            Stmt::Import(import) => out.extend(plain_imports(import)),
            Stmt::ImportFrom(import) => out.extend(from_import(import)),
            Stmt::If(test) => self.branch(test, out),
            Stmt::Try(attempt) => out.push(Step::Try(self.attempt(attempt))),
            Stmt::With(with) => self.with(with, out),
            Stmt::For(each) => self.maybe(&each.body, out),
            Stmt::While(repeat) => self.maybe(&repeat.body, out),
            Stmt::Match(cases) => self.cases(cases, out),
            Stmt::ClassDef(class) => self.statements(&class.body, out),
            Stmt::FunctionDef(function) => self.define(function),
            Stmt::Raise(_) => out.push(Step::Raise),
            Stmt::Assign(assign) => self.assignment(assign, out),
            Stmt::AnnAssign(assign) => assign.value.iter().for_each(|value| self.expression(value, out)),
            Stmt::Expr(expression) => self.expression(&expression.value, out),
            Stmt::Return(result) => result.value.iter().for_each(|value| self.expression(value, out)),
            _ => {}
        }
    }

    fn maybe(&mut self, body: &'a [Stmt], out: &mut Vec<Step>) {
        let steps = self.collected(body);
        if !steps.is_empty() {
            out.push(Step::Maybe(steps));
        }
    }

    fn branch(&mut self, test: &'a ast::StmtIf, out: &mut Vec<Step>) {
        if asks_for_package(&test.test) {
            // Of a relative and an absolute name one alone is a module's, and whichever it is is imported.
            self.statements(&test.body, out);
            return test.elif_else_clauses.iter().for_each(|clause| self.statements(&clause.body, out));
        }
        if let Some((name, truth)) = asked_name(&test.test).filter(|_| self.is_choice(test)) {
            return self.choice(test, name, truth, out);
        }
        let clauses = std::iter::once((Some(test.test.as_ref()), test.body.as_slice()))
            .chain(test.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), clause.body.as_slice())));
        let mut arms = Vec::new();
        let mut exhaustive = false;
        for (test, body) in clauses {
            let truth = test.map_or(Some(true), |test| self.constants.truth(test));
            if truth == Some(false) {
                continue;
            }
            arms.push(self.collected(body));
            exhaustive = truth == Some(true);
            if exhaustive {
                break;
            }
        }
        push_branch(arms, exhaustive, out);
    }

    /// Whether a test has two ways and asks for a variable of the module whose truth is not known beforehand.
    fn is_choice(&self, test: &ast::StmtIf) -> bool {
        let two = match test.elif_else_clauses.as_slice() {
            [] => true,
            [only] => only.test.is_none(),
            _ => false,
        };
        two && self.calling.is_empty() && self.constants.truth(&test.test).is_none()
    }

    fn choice(&mut self, test: &'a ast::StmtIf, name: &str, truth: bool, out: &mut Vec<Step>) {
        let then = self.collected(&test.body);
        let otherwise = test.elif_else_clauses.first().map(|clause| self.collected(&clause.body)).unwrap_or_default();
        if then.is_empty() && otherwise.is_empty() {
            return;
        }
        let (yes, no) = if truth { (then, otherwise) } else { (otherwise, then) };
        out.push(Step::Choice { name: name.to_owned(), yes, no });
    }

    fn cases(&mut self, cases: &'a ast::StmtMatch, out: &mut Vec<Step>) {
        let exhaustive = cases.cases.iter().any(|case| case.guard.is_none() && case.pattern.is_irrefutable());
        let arms: Vec<_> = cases.cases.iter().map(|case| self.collected(&case.body)).collect();
        if arms.iter().any(|arm| !arm.is_empty()) {
            out.push(Step::Branch { arms, exhaustive });
        }
    }

    fn attempt(&mut self, attempt: &'a ast::StmtTry) -> Try {
        Try {
            body: self.collected(&attempt.body),
            handlers: attempt.handlers.iter().map(|handler| self.handler(handler)).collect(),
            otherwise: self.collected(&attempt.orelse),
            finally: self.collected(&attempt.finalbody),
        }
    }

    fn handler(&mut self, handler: &'a ast::ExceptHandler) -> Handler {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        Handler { catches: catches(handler.type_.as_deref()), body: self.collected(&handler.body) }
    }

    /// `with suppress(ImportError):` is a `try`; any other `with` lets exceptions through.
    fn with(&mut self, with: &'a ast::StmtWith, out: &mut Vec<Step>) {
        let suppressed = with.items.iter().find_map(|item| {
            let call = item.context_expr.as_call_expr()?;
            (called_name(call)? == "suppress").then(|| named(call.arguments.args.iter()))
        });
        match suppressed {
            Some(catches) => {
                let handlers = vec![Handler { catches, body: Vec::new() }];
                out.push(Step::Try(Try { body: self.collected(&with.body), handlers, ..Try::default() }));
            }
            None => self.statements(&with.body, out),
        }
    }

    fn define(&mut self, function: &'a ast::StmtFunctionDef) {
        let name = function.name.as_str();
        if name == "__getattr__" && self.calling.is_empty() {
            self.lazy = true;
        }
        if !function.is_async && function.decorator_list.is_empty() {
            self.functions.insert(name, &function.body);
        }
    }

    fn assignment(&mut self, assign: &'a ast::StmtAssign, out: &mut Vec<Step>) {
        self.lazy |= assign.targets.iter().any(names_getattr);
        self.expression(&assign.value, out);
        if self.calling.is_empty() {
            out.extend(self.constants.set(assign).map(|(name, value)| Step::Set { name: name.to_owned(), value }));
        }
    }

    fn expression(&mut self, expression: &'a Expr, out: &mut Vec<Step>) {
        for call in executed_calls(expression) {
            if let Some(import) = import_call(call) {
                out.push(Step::Import(import));
            } else if let Expr::Name(name) = call.func.as_ref() {
                self.call(name.id.as_str(), out);
            }
        }
    }

    /// A function of the module itself that is called while the module is executed: its imports happen now.
    fn call(&mut self, name: &'a str, out: &mut Vec<Step>) {
        let Some(body) = self.functions.get(name).copied() else { return };
        if self.calling.contains(&name) {
            return;
        }
        self.calling.push(name);
        self.statements(body, out);
        self.calling.pop();
    }
}

/// `__package__ or "." in __name__`, which SWIG writes before the import of its extension module.
fn asks_for_package(test: &Expr) -> bool {
    let name = |value: &Expr| value.as_name_expr().is_some_and(|name| name.id.as_str() == "__package__");
    test.as_bool_op_expr().is_some_and(|either| either.op == BoolOp::Or && either.values.iter().any(name))
}

/// One sure path is no branch at all.
fn push_branch(mut arms: Vec<Vec<Step>>, exhaustive: bool, out: &mut Vec<Step>) {
    if exhaustive && arms.len() == 1 {
        out.extend(arms.pop().unwrap_or_default());
    } else if arms.iter().any(|arm| !arm.is_empty()) {
        out.push(Step::Branch { arms, exhaustive });
    }
}

fn plain_imports(import: &ast::StmtImport) -> Vec<Step> {
    sooner_or_later(import.is_lazy, modules_of(import).map(Step::Import).collect())
}

/// `import a, b.c`, one by one.
pub(super) fn modules_of(import: &ast::StmtImport) -> impl Iterator<Item = Import> {
    let plain = |alias: &ast::Alias| alias.name.to_string();
    import.names.iter().map(plain).map(|module| Import { module, names: Vec::new(), level: 0, call: false })
}

fn from_import(import: &ast::StmtImportFrom) -> Vec<Step> {
    let step = names_of(import).map(Step::Import);
    sooner_or_later(import.is_lazy, step.into_iter().collect())
}

/// `from .a import b, c`; `None` for `from __future__`.
pub(super) fn names_of(import: &ast::StmtImportFrom) -> Option<Import> {
    let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
    let names = import.names.iter().map(|alias| alias.name.to_string()).collect();
    (module != "__future__" || import.level > 0).then_some(Import { module, names, level: import.level, call: false })
}

/// `lazy import x` (Python 3.15) loads when `x` is first used.
fn sooner_or_later(lazy: bool, steps: Vec<Step>) -> Vec<Step> {
    if lazy && !steps.is_empty() { vec![Step::Maybe(steps)] } else { steps }
}

fn catches(classes: Option<&Expr>) -> Catches {
    match classes {
        None => Catches::Everything,
        Some(Expr::Tuple(tuple)) => named(tuple.elts.iter()),
        Some(class) => named(std::iter::once(class)),
    }
}

fn named<'e>(classes: impl Iterator<Item = &'e Expr>) -> Catches {
    let names: Option<Vec<String>> = classes.map(|class| last_name(class).map(str::to_owned)).collect();
    match names {
        Some(names) if names.iter().any(|name| name == "Exception" || name == "BaseException") => Catches::Everything,
        Some(names) => Catches::Named(names),
        None => Catches::Unknown,
    }
}

/// `__getattr__, __dir__, __all__ = lazy_loader.attach(...)`.
fn names_getattr(target: &Expr) -> bool {
    match target {
        Expr::Name(name) => name.id.as_str() == "__getattr__",
        Expr::Tuple(tuple) => tuple.elts.iter().any(names_getattr),
        _ => false,
    }
}

/// Whether a compound statement holds a `return`, so that what follows it may not be executed.
fn may_return(statement: &Stmt) -> bool {
    let returns = |body: &[Stmt]| body.iter().any(|s| matches!(s, Stmt::Return(_)) || may_return(s));
    match statement {
        Stmt::If(test) => returns(&test.body) || test.elif_else_clauses.iter().any(|clause| returns(&clause.body)),
        Stmt::Try(attempt) => {
            let handled = attempt.handlers.iter().any(|handler| {
                let ast::ExceptHandler::ExceptHandler(handler) = handler;
                returns(&handler.body)
            });
            returns(&attempt.body) || handled || returns(&attempt.orelse)
        }
        Stmt::With(with) => returns(&with.body),
        Stmt::For(each) => returns(&each.body),
        Stmt::While(repeat) => returns(&repeat.body),
        Stmt::Match(cases) => cases.cases.iter().any(|case| returns(&case.body)),
        _ => false,
    }
}
