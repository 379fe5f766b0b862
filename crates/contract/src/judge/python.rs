//! What a Python source imports when it is executed: a small tree, since whether a failing import is fatal depends on
//! the `try` around it.

use serde::{Deserialize, Serialize};

/// The imports of one Python source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonImports {
    /// What executing the module does, in order, as far as imports are concerned.
    pub steps: Vec<Step>,
    /// The imports inside functions that executing the module does not call, in the order of the source: they happen
    /// later, or never.
    #[serde(default)]
    pub deferred: Vec<Import>,
    /// Whether it defines `__getattr__`: submodules may be loaded when they are first used.
    pub lazy: bool,
    /// Why it could not be told, where it could not (a syntax error); `steps` is empty then.
    pub unreadable: Option<String>,
}

/// One step of executing a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// An import statement, or a call of `importlib.import_module` with a name in quotes.
    Import(Import),
    /// A `try` statement.
    Try(Try),
    /// One of several paths, as in `if`; which one could not be told.
    Branch {
        /// The paths.
        arms: Vec<Vec<Step>>,
        /// Whether one of them is always taken: there is an `else`.
        exhaustive: bool,
    },
    /// One of two paths by the truth of a variable of the module, `if NAME` or `if not NAME`, which could not be told.
    Choice {
        /// The variable.
        name: String,
        /// The path where it is true.
        yes: Vec<Step>,
        /// The path where it is false.
        no: Vec<Step>,
    },
    /// An assignment to a variable that such a test asks for.
    Set {
        /// The variable.
        name: String,
        /// Its truth, where it is told in so many words.
        value: Option<bool>,
    },
    /// Something that may run or not, once or often: a loop's body. Function bodies are not in the tree, except of
    /// functions that the module itself calls while it is executed.
    Maybe(Vec<Step>),
    /// A `raise`: what follows is not executed.
    Raise,
}

/// A `try` statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// What is tried.
    pub body: Vec<Step>,
    /// The `except` clauses, in order.
    pub handlers: Vec<Handler>,
    /// The `else` clause.
    pub otherwise: Vec<Step>,
    /// The `finally` clause.
    pub finally: Vec<Step>,
}

/// An `except` clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handler {
    /// What it catches.
    pub catches: Catches,
    /// What it does then.
    pub body: Vec<Step>,
}

/// What an `except` clause catches, as far as failing imports are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Catches {
    /// Everything: `except:`, `except Exception:`.
    Everything,
    /// The exceptions of these names, and their subclasses.
    Named(Vec<String>),
    /// Could not be told: the clause names no plain exception class.
    Unknown,
}

/// An import statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The module as it is written, without leading dots; empty for `from . import x`.
    pub module: String,
    /// The names that `from` imports, in order; empty for a plain `import`. `*` for a star import.
    pub names: Vec<String>,
    /// The number of leading dots; 0 for an absolute import.
    pub level: u32,
    /// Whether it is a call of `importlib.import_module` or `__import__`, with a name in quotes.
    pub call: bool,
}
