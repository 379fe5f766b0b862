"""Imports one module in this process, calls it, and says what happened: one line of JSON on the last line of stdout.

    probe.py import MODULE           a module of the environment, found by its name
    probe.py use MODULE FILE         a module of the fixtures, loaded from its file, then called with an array

Runs on every Python from 3.6. The line: stage (import, use, wrong, ok), error (exceptions, outermost first) or null,
warned (whether a size warning was issued), wrong (names of values that came out wrong).
"""

import importlib
import importlib.util
import json
import sys
import warnings


def chain(error):
    """An exception and what it came from, as Python prints them."""
    lines = []
    while error is not None and len(lines) < 5:
        lines.append("%s: %s" % (type(error).__name__, error))
        error = error.__cause__ or error.__context__
    return lines


def load(name, path):
    """Loads a module from its file."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong_values(module, array):
    """Calls everything that a fixture has; names what came out wrong."""
    import numpy
    wrong = []
    if module.go(array) != 6.0:
        wrong.append("go")
    if hasattr(module, "details"):
        real = {"ndim": 1, "itemsize": 8, "nbytes": 24, "stride": 8}
        found = module.details(array)
        wrong += sorted(key for key in real if key in found and found[key] != real[key])
    if hasattr(module, "make"):
        made = module.make(3)
        if made.strides != (8,) or made.nbytes != 24 or made.dtype != numpy.dtype("f8"):
            wrong.append("make")
    if hasattr(module, "twice") and list(module.twice(array)) != [2.0, 4.0, 6.0]:
        wrong.append("twice")
    if hasattr(module, "is_ufunc") and not module.is_ufunc(numpy.sin):
        wrong.append("is_ufunc")
    return wrong


def probe(how, name, path):
    """What happened."""
    result = {"stage": "import", "error": None, "warned": False, "wrong": []}
    try:
        if how == "import":
            importlib.import_module(name)
        else:
            import numpy
            with warnings.catch_warnings(record=True) as issued:
                warnings.simplefilter("always")
                module = load(name, path)
            result["warned"] = any("size changed" in str(warning.message) for warning in issued)
            result["stage"] = "use"
            print(json.dumps(result), flush=True)
            result["wrong"] = wrong_values(module, numpy.array([1.0, 2.0, 3.0]))
        result["stage"] = "wrong" if result["wrong"] else "ok"
    except BaseException as error:  # a module may raise SystemExit, or worse, while it is imported
        result["error"] = chain(error)
    return result


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)), flush=True)
