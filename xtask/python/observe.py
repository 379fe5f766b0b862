#!/usr/bin/env python3
"""Imports (and calls) modules as a plan says, each in a process of its own, and writes down what happened.

    observe.py PLAN.json > observed.jsonl

The plan has `modules` (py, kind, built, module, file: what `build_fixtures.py` lists), `pythons` (version, path, numpys:
release -> folder) for them, and `environments` (name, python, path, site, requirement, subject, numpys) whose subject's
extension modules are imported by name, with the NumPy in front of the path whatever the metadata says.

A line for a built module: py, module, kind, built, run, stage, reason, error, warned, wrong, rc. A line for a wheel's: py, req,
environment, numpy, file, module, outcome, detail, stderr.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
HOME = tempfile.TemporaryDirectory()  # some packages write there when they are imported
LIMIT = 120  # seconds for one import
SAMPLE = 12  # files of one wheel at most


def run(python, arguments, path):
    """Runs the probe; returns its last line, standard error and the exit status (negative: a signal)."""
    command = [python, "-X", "faulthandler", os.path.join(HERE, "probe.py"), *arguments]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    settings = dict(clean, PYTHONPATH=os.pathsep.join(path), OMP_NUM_THREADS="1",
                    OPENBLAS_NUM_THREADS="1", MPLBACKEND="agg", HOME=HOME.name)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT, env=settings, cwd="/")
    except subprocess.TimeoutExpired:
        return {"stage": "import", "error": ["TimeoutExpired: %d s" % LIMIT], "warned": False, "wrong": []}, "", None
    lines = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith('{"stage"')]
    result = json.loads(lines[-1]) if lines else {"stage": "import", "error": None, "warned": False, "wrong": []}
    return result, done.stderr.decode(errors="replace"), done.returncode


def built_module(module, python, release, numpy):
    """One module of the fixtures under one NumPy."""
    result, stderr, status = run(python["path"], ["use", module["module"], module["file"]], [numpy])
    if status != 0 and result["error"] is None:
        result["error"] = ["crash: signal %d" % -status if status and status < 0 else "crash: status %s" % status]
    return {"py": module["py"], "module": module["module"], "kind": module["kind"], "built": module["built"],
            "run": release, "stage": result["stage"], "reason": reason(result, stderr), "error": result["error"], "warned": result["warned"],
            "wrong": result["wrong"], "rc": status}


def reason(result, stderr):
    """Which part of the contract a failing import was about; NumPy's headers may print it and raise something else."""
    if result["stage"] != "import":
        return None
    return failure("\n".join(result["error"] or []), stderr)


def outcome(result, stderr, status):
    """What an import ended with, in one word."""
    if status is None:
        return "timeout"
    if status < 0 or result["stage"] == "use":
        return "crash"
    if result["error"] is None:
        return "warn:numpy1-module-on-numpy2" if failure("", stderr) == "numpy1-module-on-numpy2" else "ok"
    return failure("\n".join(result["error"]), stderr)


def failure(error, stderr):
    """Which part of NumPy's contract a failure is about, by the texts that NumPy's headers and Cython compile in."""
    if "size changed, may indicate" in error or "has the wrong size, try recompiling" in error:
        return "size-changed-error"
    veiled = not error or "failed to import" in error or "_ARRAY_API not found" in error or "ImportError: \n" in error + "\n"
    text = error + (stderr if veiled else "")
    if "compiled using NumPy 1.x cannot be run" in text or "compiled against ABI version" in text:
        return "numpy1-module-on-numpy2"
    if "compiled against API version" in text or "compiled against NumPy C-API version" in text:
        return "api-too-old"
    return "numpy-import-failed" if "multiarray failed to import" in error else "other-failure"


def extension_modules(environment):
    """The subject's files that are extension modules, with their names; a fixed sample where there are many."""
    suffixes = (".abi3.so", ".so", ".pyd")
    found = []
    for file in recorded_files(environment["site"], environment["subject"]):
        base = file.rsplit("/", 1)[-1]
        library = base.startswith("lib") and base.count(".") == 1  # `libx.so`; `libx.cpython-311-....so` is a module
        if base.endswith(suffixes) and ".libs/" not in file and not library:
            module = file[: len(file) - len(base)].replace("/", ".") + base.split(".")[0]
            found.append((file, module))
    found.sort()
    return sorted(random.Random(1).sample(found, SAMPLE)) if len(found) > SAMPLE else found


def recorded_files(site, subject):
    """The paths in the RECORD of a distribution."""
    wanted = subject.lower().replace("_", "-").replace(".", "-")
    for folder in sorted(os.listdir(site)):
        name = folder.split("-")[0].lower().replace("_", "-").replace(".", "-")
        if folder.endswith(".dist-info") and name == wanted:
            with open(os.path.join(site, folder, "RECORD"), newline="", encoding="utf-8") as file:
                return [row[0] for row in csv.reader(file) if row]
    raise SystemExit(f"`{site}` has no distribution `{subject}`")


def environment_lines(environment):
    """The lines of one environment."""
    for release, numpy in environment["numpys"].items():
        for file, module in extension_modules(environment):
            result, stderr, status = run(environment["path"], ["import", module], [numpy])
            detail = (result["error"] or [""])[0]
            yield {"py": environment["python"], "req": environment["requirement"], "environment": environment["name"],
                   "numpy": release, "file": file, "module": module, "outcome": outcome(result, stderr, status),
                   "detail": tidy(detail, environment)[:200], "stderr": tidy(stderr, environment)[:200]}


def tidy(text, environment):
    """Takes this machine's folders out of a text."""
    root = environment["site"].split("/lib/python")[0]
    text = text.replace(root, "<env>").replace(os.path.dirname(HERE), "<xtask>")
    for release, numpy in environment["numpys"].items():
        text = text.replace(numpy, f"<numpy {release}>")
    return text


def main():
    """Writes a line for every module under every NumPy."""
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    pythons = {python["version"]: python for python in plan.get("pythons", [])}
    runs = [(module, pythons[module["py"]], release, numpy) for module in plan.get("modules", [])
            for release, numpy in pythons[module["py"]]["numpys"].items()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, line in enumerate(pool.map(lambda run: built_module(*run), runs), 1):
            print(json.dumps(line), flush=True)
            if done % 50 == 0:
                print(f"{done} of {len(runs)} modules imported", file=sys.stderr, flush=True)
    for environment in plan.get("environments", []):
        print(f"importing from {environment['name']}", file=sys.stderr)
        for line in environment_lines(environment):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
