"""Imports one unpacked NumPy and prints, as JSON on stdout, what it provides to compiled code.

Usage: measure.py FOLDER, where FOLDER is an unpacked wheel. Runs on every CPython from 2.7 on. Nothing is taken from
a table: the versions are what slots 0 and 211 of `_ARRAY_API` return, the sizes are `__basicsize__`, and a slot counts
as NULL when the live table holds NULL there. How many slots the table has, and the versions once more, are read from
the headers in the same wheel, so that the two can be held against each other.
"""

import ctypes
import glob
import io
import json
import os
import re
import sys

FOLDER = os.path.abspath(sys.argv[1])
# The script's own folder makes place for the NumPy under measure.
sys.path[0] = FOLDER

import numpy  # noqa: E402

# The types that NumPy's own Cython declarations name, and those scalar types whose size no platform changes.
TYPES = """
    bool_ broadcast character complexfloating datetime64 dtype flatiter flexible floating generic inexact integer
    ndarray nditer number signedinteger timedelta64 ufunc unsignedinteger void
""".split()


def array_api():
    """The address of the function table in the capsule `_ARRAY_API`."""
    try:
        import numpy._core.multiarray as multiarray
    except ImportError:
        import numpy.core.multiarray as multiarray
    capsule = multiarray._ARRAY_API
    if type(capsule).__name__ == "PyCObject":
        get, arguments = ctypes.pythonapi.PyCObject_AsVoidPtr, (capsule,)
        get.argtypes = [ctypes.py_object]
    else:
        get, arguments = ctypes.pythonapi.PyCapsule_GetPointer, (capsule, None)
        get.argtypes = [ctypes.py_object, ctypes.c_char_p]
    get.restype = ctypes.c_void_p
    return get(*arguments)


def headers():
    """NumPy's headers in the wheel, by name."""
    found = glob.glob(os.path.join(FOLDER, "numpy", "*core", "include", "numpy", "*.h"))
    return dict((os.path.basename(path), io.open(path, encoding="utf-8", errors="replace").read()) for path in found)


def defined(text, name):
    """The number that a header defines `name` as."""
    return int(re.search(r"#define\s+%s\s+(0x[0-9a-fA-F]+)" % name, text).group(1), 16)


def unsigned_int_function(address):
    """The C function `unsigned int f(void)` at an address."""
    return ctypes.PYFUNCTYPE(ctypes.c_uint)(address)


def main():
    if not os.path.abspath(numpy.__file__).startswith(FOLDER):
        sys.exit("imported `%s`, which is not the NumPy under measure" % numpy.__file__)
    texts = headers()
    config = texts["_numpyconfig.h"]
    slots = 1 + max(int(index) for text in texts.values() for index in re.findall(r"PyArray_API\[(\d+)\]", text))
    table = (ctypes.c_void_p * slots).from_address(array_api())
    json.dump(
        {
            "version": numpy.__version__,
            "abi": unsigned_int_function(table[0])(),
            "feature": unsigned_int_function(table[211])(),
            "types": dict((name, getattr(numpy, name).__basicsize__) for name in TYPES),
            "null_slots": [index for index in range(slots) if not table[index]],
            "header": {
                "abi": defined(config, "NPY_ABI_VERSION"),
                "feature": defined(config, "NPY_API_VERSION"),
                "slots": slots,
            },
        },
        sys.stdout,
    )


main()
