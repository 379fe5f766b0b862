//! Sources in the manner of real packages, and the steps that they become.

use contract::judge::{Catches, Import, Step};

use super::imports;

fn import(step: &Step) -> &Import {
    match step {
        Step::Import(import) => import,
        other => panic!("an import was expected, not {other:?}"),
    }
}

fn written(steps: &[Step]) -> Vec<String> {
    let text = |i: &Import| format!("{}{}:{}", ".".repeat(i.level as usize), i.module, i.names.join("+"));
    steps.iter().map(|step| text(import(step))).collect()
}

#[test]
fn imports_stand_in_the_order_of_execution() {
    let read = imports(
        "from __future__ import annotations\nimport os, a.b as c\nfrom . import x, y as z\nfrom ..p import *\n",
    );
    assert_eq!(written(&read.steps), ["os:", "a.b:", ".:x+y", "..p:*"]);
    assert!(!read.lazy && read.unreadable.is_none());
}

#[test]
fn code_for_type_checkers_and_scripts_is_left_out() {
    let read = imports(
        "if TYPE_CHECKING:\n    import a\nelse:\n    import b\nif typing.TYPE_CHECKING:\n    import c\n\
         if __name__ == '__main__':\n    import d\nif True:\n    import e\n",
    );
    assert_eq!(written(&read.steps), ["b:", "e:"]);
}

#[test]
fn the_flag_of_a_setup_script_is_known_to_be_false() {
    let read = imports(
        "try:\n    __X_SETUP__\nexcept NameError:\n    __X_SETUP__ = False\nif __X_SETUP__:\n    pass\nelse:\n    from . import a\n",
    );
    assert_eq!(written(&read.steps[1..]), [".:a"]);
}

#[test]
fn a_name_that_is_set_twice_is_no_constant() {
    let read = imports("F = False\nif q:\n    F = True\nif F:\n    import a\n");
    let set = |value| Step::Set { name: "F".to_owned(), value: Some(value) };
    assert_eq!(read.steps[0], set(false));
    assert_eq!(read.steps[1], Step::Choice { name: "q".to_owned(), yes: vec![set(true)], no: vec![] });
    assert!(matches!(&read.steps[2], Step::Choice { name, yes, no } if name == "F" && yes.len() == 1 && no.is_empty()));
    assert_eq!(read.steps.len(), 3);
}

/// What SWIG writes: whether it stands in a package or not, its extension module is imported.
#[test]
fn the_extension_module_of_swig_is_imported_in_any_case() {
    let read = imports(
        "from sys import version_info as v\nif v < (2, 7, 0):\n    raise RuntimeError('x')\n\
         if __package__ or \".\" in __name__:\n    from . import _m\nelse:\n    import _m\n",
    );
    assert_eq!(written(&read.steps[2..]), [".:_m", "_m:"]);
}

#[test]
fn what_is_asked_of_a_variable_is_kept_with_its_truth() {
    let read = imports(
        "fast = any(x for x in f())\nif fast:\n    try:\n        from .a import *\n    except ImportError:\n        fast = False\n\
         if not fast:\n    from .b import *\n",
    );
    let set = |value| Step::Set { name: "fast".to_owned(), value };
    assert_eq!(read.steps[0], set(None));
    let Step::Choice { yes, no, .. } = &read.steps[1] else { panic!("a choice was expected") };
    let Step::Try(attempt) = &yes[0] else { panic!("a try was expected") };
    assert_eq!((attempt.handlers[0].body.as_slice(), no.as_slice()), ([set(Some(false))].as_slice(), [].as_slice()));
    let Step::Choice { yes, no, .. } = &read.steps[2] else { panic!("a choice was expected") };
    assert_eq!((yes.len(), written(no)), (0, vec![".b:*".to_owned()]));
}

#[test]
fn a_try_keeps_what_it_catches_and_whether_it_raises_again() {
    let read = imports(
        "try:\n    from . import _c\nexcept (ImportError, OSError) as e:\n    if q:\n        raise A\n    else:\n        raise\n",
    );
    let Step::Try(attempt) = &read.steps[0] else { panic!("a try was expected") };
    assert_eq!(written(&attempt.body), [".:_c"]);
    assert_eq!(attempt.handlers[0].catches, Catches::Named(vec!["ImportError".to_owned(), "OSError".to_owned()]));
    let both = Step::Choice { name: "q".to_owned(), yes: vec![Step::Raise], no: vec![Step::Raise] };
    assert_eq!(attempt.handlers[0].body, [both]);
}

#[test]
fn suppress_is_a_try() {
    let read = imports("with contextlib.suppress(ImportError):\n    import a\nwith open(f):\n    import b\n");
    assert!(matches!(&read.steps[0], Step::Try(attempt) if attempt.handlers.len() == 1));
    assert_eq!(written(&read.steps[1..]), ["b:"]);
}

#[test]
fn a_function_counts_where_the_module_calls_it() {
    let read = imports(
        "def check():\n    from . import ft2font\n    import_module('native')\ndef unused():\n    import never\ncheck()\n\
         x = importlib.import_module('.sub', __name__)\n",
    );
    assert_eq!(written(&read.steps), [".:ft2font", "native:", ".sub:"]);
}

#[test]
fn imports_of_functions_are_kept_apart() {
    let read = imports(
        "def f():\n    from . import _qhull\nclass A:\n    import a\n    def g(self):\n        if q:\n            import b.c\n",
    );
    assert_eq!(written(&read.steps), ["a:"]);
    let deferred: Vec<Step> = read.deferred.into_iter().map(Step::Import).collect();
    assert_eq!(written(&deferred), [".:_qhull", "b.c:"]);
}

#[test]
fn what_follows_a_return_may_not_happen() {
    let read = imports("def f():\n    if q:\n        return\n    import a\nf()\n");
    assert!(matches!(&read.steps[..], [Step::Maybe(steps)] if written(steps) == ["a:"]), "{:?}", read.steps);
}

#[test]
fn lazy_packages_are_noted() {
    assert!(imports("def __getattr__(name):\n    return importlib.import_module(name)\n").lazy);
    assert!(imports("__getattr__, __dir__, __all__ = lazy.attach(__name__, submodules)\n").lazy);
    assert!(!imports("class A:\n    x = 1\n").lazy);
}

#[test]
fn loops_and_cases_may_run_or_not() {
    let read =
        imports("for x in y:\n    import a\nmatch q:\n    case 1:\n        import b\n    case _:\n        import c\n");
    assert!(matches!(&read.steps[0], Step::Maybe(_)));
    assert!(matches!(&read.steps[1], Step::Branch { exhaustive: true, .. }));
}

#[test]
fn what_is_no_python_says_so() {
    let read = imports("print 'python 2'\n");
    assert!(read.steps.is_empty() && read.unreadable.is_some());
}

#[test]
fn deep_nesting_does_no_harm() {
    let sum = format!("x = {}1\n", "1+".repeat(200_000));
    assert!(imports(&sum).unreadable.is_none());
    let minus = format!("x = {}1\n", "-".repeat(200_000));
    assert!(imports(&minus).unreadable.is_none());
    let parentheses = format!("x = {}1{}\n", "(".repeat(100_000), ")".repeat(100_000));
    assert!(imports(&parentheses).unreadable.is_none());
    let dots = format!("x{}\n", ".y".repeat(200_000));
    assert!(imports(&dots).unreadable.is_none());
}

#[test]
fn functions_that_call_each_other_end() {
    let read = imports("def f():\n    import a\n    g()\n    g()\ndef g():\n    import b\n    f()\nf()\n");
    assert_eq!(written(&read.steps), ["a:", "b:", "b:"]);
}

#[test]
fn functions_that_multiply_their_calls_end() {
    let mut source = "def f0():\n    import a\n".to_owned();
    for n in 1..50 {
        source.push_str(&format!("def f{n}():\n{}", format!("    f{}()\n", n - 1).repeat(4)));
    }
    source.push_str("f49()\n");
    assert!(imports(&source).steps.len() < 200_000);
}
