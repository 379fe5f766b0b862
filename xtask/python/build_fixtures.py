#!/usr/bin/env python3
"""Builds the modules of `fixtures/src` as a plan says (`cargo xtask fixtures` writes it), and lists what it built.

    build_fixtures.py PLAN.json

    build_fixtures.py --list PLAN.json      print what would be built (py, kind, built), and build nothing

The plan: `out` (folder), `sources` (folder), `tools` (name -> folder of the unpacked wheel), `pythons` (version, path,
numpys: version -> folder of the unpacked wheel), `kinds` (only these; all if empty). The list is `OUT/new.jsonl`: py, kind,
built, module, file. The status is 1 when a module could not be built; the list then holds the others.
A module whose command and sources are unchanged is not built again. clang and swig are used where the machine has
them (`apt-get install clang swig`); what is left out for want of them is named on standard error.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

# Kind, sources, compiler, flags. The first is built against every NumPy, the others against the few of WIDELY.
C_PLAIN = ("cO2", ["c_plain.c"], "gcc", ["-O2"])
C_VARIANTS = [
    ("cO0", ["c_plain.c"], "gcc", ["-O0"]),
    ("cO3", ["c_plain.c"], "gcc", ["-O3"]),
    ("cOs", ["c_plain.c"], "gcc", ["-Os"]),
    ("cLto", ["c_plain.c"], "gcc", ["-O2", "-flto"]),
    ("cStripped", ["c_plain.c"], "gcc", ["-O2", "-s"]),
    ("cNoPlt", ["c_plain.c"], "gcc", ["-O2", "-fno-plt", "-fcf-protection=full", "-fstack-protector-all"]),
    ("cClang", ["c_plain.c"], "clang", ["-O2"]),
    ("cClangO0", ["c_plain.c"], "clang", ["-O0"]),
    ("cLazy", ["c_lazy.c"], "gcc", ["-O2"]),
    ("cLazyClang", ["c_lazy.c"], "clang", ["-O2"]),
    ("cSwallow", ["c_swallow.c"], "gcc", ["-O2"]),
    ("cSwallowClang", ["c_swallow.c"], "clang", ["-O2"]),
    ("cIgnored", ["c_ignored.c"], "gcc", ["-O2"]),
    ("cIgnoredApart", ["c_ignored.c"], "gcc", ["-O2", "-DAPART"]),
    ("cUmath", ["c_umath.c"], "gcc", ["-O2"]),
    ("cPair", ["c_pair_main.c", "c_pair_part.c"], "gcc", ["-O2"]),
    ("cPairLto", ["c_pair_main.c", "c_pair_part.c"], "gcc", ["-O2", "-flto"]),
]
WIDELY = {"1.15.4", "1.19.5", "1.26.4", "2.2.6", "2.5.2"}

# First NumPy whose headers know the target, the macro, the kind.
TARGETS = [
    ((1, 25), "NPY_1_22_API_VERSION", "cTgt122"),
    ((1, 25), "NPY_1_25_API_VERSION", "cTgt125"),
    ((2, 0), "NPY_2_0_API_VERSION", "cTgt20"),
    ((2, 1), "NPY_2_1_API_VERSION", "cTgt21"),
    ((2, 3), "NPY_2_3_API_VERSION", "cTgt23"),
    ((2, 5), "NPY_2_5_API_VERSION", "cTgt25"),
]

# Cython's release, the Pythons whose C API its output fits, the NumPys whose .pxd it can read.
CYTHONS = [
    ("0.29.21", (3, 6), (3, 9), (1, 0), (1, 26)),
    ("0.29.37", (3, 6), (3, 12), (1, 0), (2, 4)),
    ("3.0.12", (3, 6), (3, 13), (1, 0), (9, 0)),
    ("3.1.8", (3, 8), (3, 13), (1, 20), (9, 0)),
    ("3.3.1", (3, 9), (3, 13), (1, 20), (9, 0)),
]
CYTHONS_EVERYWHERE = {"0.29.37", "3.0.12", "3.3.1"}  # the others against WIDELY alone
PYBIND11S = [("2.11.1", (3, 6), (3, 12)), ("2.13.6", (3, 7), (3, 13)), ("3.1.0", (3, 9), (3, 13))]


def numbers(version):
    """`1.26.4` as (1, 26)."""
    return tuple(int(part) for part in version.split(".")[:2])


class Builder:
    """Builds modules of one plan into one folder and remembers what it built."""

    def __init__(self, plan):
        self.plan = plan
        self.sources = plan["sources"]
        self.built, self.failed, self.lacking = [], [], set()
        self.list_only = False

    def skips(self, python, kind, built):
        """Whether a module is not to be built; where things are only listed, it is put on the list."""
        wanted = not self.plan["kinds"] or kind in self.plan["kinds"]
        if wanted and self.list_only:
            self.built.append({"py": python["version"], "kind": kind, "built": built})
        return self.list_only or not wanted

    def module(self, python, kind, built):
        """The name of a module: `m_co2_1_26_4`."""
        return f"m_{kind}_{built or python['version']}".lower().replace(".", "_")

    def build(self, python, kind, built, command, prepare=None):
        """Builds one module with `command(module, work, output)`, unless it is there already."""
        if self.skips(python, kind, built):
            return
        module = self.module(python, kind, built)
        work = os.path.join(self.plan["out"], "py" + python["version"], module)
        output = os.path.join(work, module + python["suffix"])
        os.makedirs(work, exist_ok=True)
        steps = (prepare(module, work) if prepare else []) + [command(module, work, output)]
        stamp = os.path.join(work, "stamp")
        word = hashlib.sha256((json.dumps(steps) + self.fingerprint()).encode()).hexdigest()
        try:
            if not (os.path.exists(output) and os.path.exists(stamp) and open(stamp).read() == word):
                print(f"building for Python {python['version']}: {module}", file=sys.stderr, flush=True)
                for step in steps:
                    run(step, work)
                with open(stamp, "w") as file:
                    file.write(word)
        except subprocess.CalledProcessError as error:
            self.failed.append(f"{python['version']} {module}: {error.output.decode(errors='replace')[-1500:]}")
            return
        self.built.append({"py": python["version"], "kind": kind, "built": built, "module": module, "file": output})

    def fingerprint(self):
        """A word that changes with any source."""
        digest = hashlib.sha256()
        for name in sorted(os.listdir(self.sources)):
            path = os.path.join(self.sources, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    digest.update(file.read())
        return digest.hexdigest()

    def has(self, tool):
        """Whether the machine has a tool; its absence is reported at the end."""
        found = self.list_only or shutil.which(tool) is not None
        if not found:
            self.lacking.add(tool)
        return found

    def c(self, python, version, numpy, spec, extra=()):
        """A module in C."""
        kind, sources, compiler, flags = spec
        paths = [os.path.join(self.sources, source) for source in sources]
        if self.has(compiler):
            self.build(python, kind, version, lambda module, work, output: [
                compiler, *flags, *extra, *shared(python, numpy), "-DMODULE=" + module, "-I", self.sources, *paths,
                "-o", output])

    def tool(self, name):
        """The folder of an unpacked tool; a list needs none."""
        return "" if self.list_only else self.plan["tools"][name]

    def cython(self, python, version, numpy, cython, source, kind):
        """A module in Cython."""
        path = os.pathsep.join([self.tool("cython-" + cython), numpy])

        def translate(module, work):
            shutil.copy(os.path.join(self.sources, source), os.path.join(work, module + ".pyx"))
            return [["env", "PYTHONPATH=" + path, sys.executable, "-m", "cython", "-3", module + ".pyx"]]

        self.build(python, kind, version, lambda module, work, output: [
            "gcc", "-O2", *shared(python, numpy), module + ".c", "-o", output], translate)

    def pybind11(self, python, release):
        """A module in C++ with pybind11, which needs no NumPy headers."""
        include = os.path.join(self.tool("pybind11-" + release), "pybind11", "include")
        kind = "pybind" + release.replace(".", "")[:3]
        source = os.path.join(self.sources, "pybind11.cpp")
        self.build(python, kind, None, lambda module, work, output: [
            "g++", "-std=c++17", "-O2", "-fvisibility=hidden", "-shared", "-fPIC", "-w", "-I", python["include"],
            "-I", include, "-DMODULE=" + module, source, "-o", output])

    def f2py(self, python, version, numpy):
        """A module that f2py makes of a signature file and a function in C."""
        glue = os.path.join(numpy, "numpy", "f2py", "src")

        def translate(module, work):
            with open(os.path.join(self.sources, "f2py_total.pyf")) as file:
                text = file.read().replace("MODULE", module)
            with open(os.path.join(work, module + ".pyf"), "w") as file:
                file.write(text)
            return [["env", "PYTHONPATH=" + numpy, python["path"], "-m", "numpy.f2py", module + ".pyf"]]

        self.build(python, "f2py", version, lambda module, work, output: [
            "gcc", "-O2", *shared(python, numpy), "-I", glue, module + "module.c", os.path.join(glue, "fortranobject.c"),
            os.path.join(self.sources, "f2py_total.c"), "-o", output], translate)

    def swig(self, python, version, numpy):
        """A module that SWIG makes. `-interface` names the extension, which is `_NAME` otherwise; its Python half is not needed."""
        source = os.path.join(self.sources, "swig_total.i")
        if self.has("swig"):
            self.build(python, "swig", version, lambda module, work, output: [
                "gcc", "-O2", *shared(python, numpy), module + "_wrap.c", "-o", output,
            ], lambda module, work: [
                ["swig", "-python", "-module", module, "-interface", module, "-o", module + "_wrap.c", source]])

    def rust(self, python, generation):
        """A module with rust-numpy, for the stable ABI: one file for every Python."""
        folder = os.path.join(self.sources, "rust_numpy_" + generation)
        target = os.path.join(self.plan["out"], "rust")
        module = "m_rust_" + generation
        kind = "rust" + generation.capitalize()
        runs = [other for other in self.plan["pythons"] if numbers(other["version"]) >= (3, 8)]
        skipped = [self.skips(other, kind, None) for other in runs]
        if any(skipped):
            return
        output = os.path.join(target, module + ".abi3.so")
        step = ["env", "PYO3_PYTHON=" + python["path"], "CARGO_TARGET_DIR=" + target, "cargo", "build", "--quiet",
                "--release", "--locked", "--jobs", "1", "--manifest-path", os.path.join(folder, "Cargo.toml")]
        try:
            run(step, folder)
        except subprocess.CalledProcessError as error:
            self.failed.append(f"{module}: {error.output.decode(errors='replace')[-1500:]}")
            return
        shutil.copy(os.path.join(target, "release", f"lib{module}.so"), output)
        for other in runs:
            self.built.append({"py": other["version"], "kind": kind, "built": None, "module": module, "file": output})

    def against_one(self, python, version, numpy):
        """Everything that is built against one NumPy's headers."""
        release, minor = numbers(version), numbers(python["version"])
        for spec in [C_PLAIN] + (C_VARIANTS if version in WIDELY else []):
            self.c(python, version, numpy, spec)
        for first, macro, kind in TARGETS:
            if release >= first:
                self.c(python, version, numpy, (kind, ["c_plain.c"], "gcc", ["-O2"]), ["-DNPY_TARGET_VERSION=" + macro])
        for cython, oldest, newest, first, last in CYTHONS:
            fits = oldest <= minor <= newest and first <= release <= last
            if fits and (cython in CYTHONS_EVERYWHERE or version in WIDELY):
                for source, kind in cython_sources(cython, version):
                    self.cython(python, version, numpy, cython, source, kind)
        self.f2py(python, version, numpy)
        self.swig(python, version, numpy)

    def everything(self):
        """The whole plan."""
        for python in self.plan["pythons"]:
            if not self.list_only:
                describe(python)
            for version, numpy in sorted(python["numpys"].items(), key=lambda item: numbers(item[0])):
                self.against_one(python, version, numpy)
            for release, oldest, newest in PYBIND11S:
                if oldest <= numbers(python["version"]) <= newest:
                    self.pybind11(python, release)
        modern = [python for python in self.plan["pythons"] if (3, 8) <= numbers(python["version"]) <= (3, 12)]
        for generation in ("old", "new") if modern else ():
            self.rust(modern[-1], generation)


def cython_sources(cython, numpy):
    """The sources that a Cython release translates for a NumPy, with the kind's name: translating takes long."""
    word = "cython" + "".join(cython.split(".")[:2]) + ("x21" if cython == "0.29.21" else "")
    sources = [("cython_explicit.pyx", word)]
    if not cython.startswith("0."):
        sources.append(("cython_auto.pyx", word + "Auto"))
    return [*sources, ("cython_types.pyx", word + "Types")] if numpy in WIDELY else sources


def describe(python):
    """Asks an interpreter for its headers and the suffix of its modules."""
    ask = "import sysconfig as s; print(s.get_paths()['include']); print(s.get_config_var('EXT_SUFFIX'))"
    output = subprocess.run([python["path"], "-c", ask], stdout=subprocess.PIPE, check=True).stdout.decode()
    python["include"], python["suffix"] = output.split("\n")[:2]


def shared(python, numpy):
    """Options that make a shared library with these headers; warnings about old APIs are not news."""
    new = os.path.join(numpy, "numpy", "_core", "include")
    include = new if os.path.isdir(new) else os.path.join(numpy, "numpy", "core", "include")
    return ["-shared", "-fPIC", "-w", "-I", python["include"], "-I", include]


def run(command, folder):
    """Runs a command; what it printed is in the error."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main():
    """Builds the plan and writes the list."""
    with open(sys.argv[-1], encoding="utf-8") as file:
        plan = json.load(file)
    builder = Builder(plan)
    builder.list_only = sys.argv[1] == "--list"
    builder.everything()
    if builder.list_only:
        print("\n".join(json.dumps(line) for line in builder.built))
        return 0
    with open(os.path.join(plan["out"], "new.jsonl"), "w", encoding="utf-8") as file:
        for line in builder.built:
            file.write(json.dumps(line) + "\n")
    for tool in sorted(builder.lacking):
        print(f"left out for want of `{tool}`: what needs it (`apt-get install {tool}`)", file=sys.stderr)
    for failure in builder.failed:
        print("not built: " + failure, file=sys.stderr)
    print(f"{len(builder.built)} modules, {len(builder.failed)} not built", file=sys.stderr)
    return 1 if builder.failed else 0


if __name__ == "__main__":
    sys.exit(main())
