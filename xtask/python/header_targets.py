"""Writes `crates/knowledge/data/numpy-headers.toml`: what a module asks for that is compiled with a NumPy's headers and sets
no `NPY_TARGET_VERSION`.

    python3 xtask/python/header_targets.py --wheels .cache/wheels

Runs the C preprocessor over the headers in each wheel that `numpy-contracts.toml` names; the wheels are those that
`cargo xtask measure check` fetches, held against their SHA-256. Needs a C compiler as `cc`.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "crates/knowledge/data"
HEAD = """\
# What compiled code asks of a NumPy when it is built with the headers of a release and sets no `NPY_TARGET_VERSION`:
# `NPY_VERSION` and `NPY_FEATURE_VERSION` as the C preprocessor sees them. A row holds from the release that it names on,
# up to the next row. Written whole by `xtask/python/header_targets.py`: do not edit.
"""
# Until 1.24 the two names that `import_array` uses stand for these, in a header that needs Python's own.
PROBE = """\
#include <numpy/numpyconfig.h>
#ifndef NPY_VERSION
#define NPY_VERSION NPY_ABI_VERSION
#endif
#ifndef NPY_FEATURE_VERSION
#define NPY_FEATURE_VERSION NPY_API_VERSION
#endif
abi=NPY_VERSION
target=NPY_FEATURE_VERSION
"""


def asked(wheel):
    """The ABI and the feature level, as numbers."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        headers = [name for name in archive.namelist() if name.endswith("config.h") and "/include/numpy/" in name]
        archive.extractall(folder, headers)
        include = Path(folder) / headers[0].split("numpy/", 2)[0] / headers[0].rsplit("/numpy/", 1)[0]
        command = ["cc", "-E", "-P", "-I", include, "-x", "c", "-"]
        text = subprocess.run(command, input=PROBE, capture_output=True, check=True, text=True).stdout
        found = dict(line.split("=") for line in text.splitlines() if "=" in line)
        return int(found["abi"], 0), int(found["target"], 0)


def verified(wheels, pin):
    path = wheels / pin["wheel"]
    if not path.is_file():
        sys.exit(f"`{path}` is missing; `cargo xtask measure check` fetches it")
    if hashlib.sha256(path.read_bytes()).hexdigest() != pin["sha256"]:
        sys.exit(f"`{path}` is not the file that was pinned")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, required=True)
    wheels = parser.parse_args().wheels
    rows = []
    for contract in tomllib.loads((DATA / "numpy-contracts.toml").read_text())["contract"]:
        for pin in contract["measured"]:
            numbers = asked(verified(wheels, pin))
            if not rows or rows[-1]["numbers"] != numbers:
                version = contract["from"] if pin is contract["measured"][0] else pin["wheel"].split("-")[1]
                rows.append({"from": version, "numbers": numbers, "wheels": []})
            rows[-1]["wheels"].append(pin["wheel"])
    text = [HEAD]
    for row in rows:
        abi, target = row["numbers"]
        seen = "".join(f'    "{wheel}",\n' for wheel in row["wheels"])
        text.append(f'[[headers]]\nfrom = "{row["from"]}"\nabi = {abi:#010x}\ntarget = {target:#x}\nmeasured = [\n{seen}]\n')
    (DATA / "numpy-headers.toml").write_text("\n".join(text))


if __name__ == "__main__":
    main()
