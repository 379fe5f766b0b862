#!/usr/bin/env python3
"""Makes environments that are really broken, lets `numpact fix` mend each, and writes down what came of it.

    broken.py --numpact PATH [--work FOLDER] [--results FILE.jsonl] [--page FILE.md] [CASE...]

A case is a file of `fixtures/broken`: pinned wheels (`name==version --hash=sha256:...`) that are installed from the package index
into a new environment, nothing else, and settings in comments at its head:

    # about: what is wrong, in a few words
    # python: 3.11
    # maker: venv            or `uv`: what makes the environment and installs into it
    # asked: pandas numpy    what the user asked for by name; the rest counts as dependencies
    # imports: pandas        what must fail before and work after
    # uses: import torch; torch.zeros(1).numpy()
                             statements that must fail before and work after, where an import works all the same
    # spared: shapely        what works before and must work after
    # ends: mended           or `no plan`, or `no build`: what must come of it
    # project: numpy>=2; x   an editable project that requires these lies beside; it is asked for, too
    # built: NAME==V --hash=... with NAME==V --hash=...
                             a source distribution that is built, first of all, against another NumPy
    # tools: NAME==V --hash=...; ...   what a build needs

An import is tried by the environment's own interpreter, without numpact. For each case the imports fail before; `numpact fix
--apply --yes` must then end in an environment where they work, or in the proof that there is none. `no build`: no other release
mends it, which is proved, and what is left, to build the same release again, was tried and failed for a reason that is told.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "..", "fixtures", "broken")
LIMIT = 1800  # seconds for one command
KEYS = {"about", "python", "maker", "asked", "imports", "uses", "spared", "ends", "project", "built", "tools"}


class Trouble(Exception):
    """A case that could not be made or tried, whatever numpact does."""


def case_names():
    """Every case of the tree."""
    return sorted(name[:-4] for name in os.listdir(CASES) if name.endswith(".txt"))


def read_case(path):
    """The settings and the pins of a case."""
    case = {"name": os.path.basename(path)[:-4], "pins": [], "maker": "venv", "spared": "", "ends": "mended"}
    with open(path, encoding="utf-8") as file:
        for line in file:
            head = re.match(r"# (\w+): ?(.*)", line)
            if head:
                if head.group(1) not in KEYS:
                    raise Trouble("`%s` has an unknown setting `%s`" % (path, head.group(1)))
                case[head.group(1)] = head.group(2).strip()
            elif line.strip():
                case["pins"].append(line.split(" # ")[0].strip())
    return case


def broken_of(case):
    """What fails before and must work after: modules, and the statements of a use."""
    return case["imports"].split() + ([case["uses"]] if "uses" in case else [])


def run(command, **more):
    """Runs a command to its end; nothing of the caller's Python leaks into it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") and key != "VIRTUAL_ENV"}
    clean.update(more)
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT,
                          env=clean, text=True, errors="replace")


def must(command, **more):
    """Runs a command that has to succeed."""
    done = run(command, **more)
    if done.returncode != 0:
        raise Trouble("`%s` ended with %d:\n%s" % (" ".join(command), done.returncode, done.stderr[-1500:]))
    return done.stdout


def interpreter(version):
    """CPython of a minor version: one of pyenv's, or one on PATH."""
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    versions = os.path.join(root, "versions")
    found = sorted(name for name in (os.listdir(versions) if os.path.isdir(versions) else []) if name.startswith(version + "."))
    path = os.path.join(versions, found[-1], "bin", "python") if found else shutil.which("python" + version)
    if not path:
        raise Trouble("no CPython %s is on this machine" % version)
    return path


class Environment:
    """The environment of one case."""

    def __init__(self, case, folder):
        self.case, self.folder, self.python = case, folder, os.path.join(folder, "env", "bin", "python")
        self.root = os.path.join(folder, "env")

    def make(self):
        """Makes it as a user would have: an environment, then what the installer was told to install."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        python = interpreter(self.case["python"])
        if self.case["maker"] == "uv":
            must(["uv", "venv", "--quiet", "--python", python, self.root])
        else:
            must([python, "-m", "venv", self.root])
        if "tools" in self.case:
            self.install(self.case["tools"].split("; "))
        if "built" in self.case:
            sdist, numpy = self.case["built"].split(" with ")
            self.install([numpy])
            self.install([sdist], "--no-build-isolation", "--no-binary", ":all:", "--no-cache-dir")
        self.install(self.case["pins"])
        if "project" in self.case:
            self.add_project()
        self.mark_requested()

    def install(self, pins, *more):
        """Installs pins and nothing else."""
        path = os.path.join(self.folder, "pins.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(pins) + "\n")
        tool = ["uv", "pip", "install", "--python", self.python] if self.case["maker"] == "uv" else self.pip("install")
        must([*tool, "--quiet", "--no-deps", "--require-hashes", *more, "-r", path])

    def pip(self, *words):
        """The environment's own pip."""
        return [self.python, "-m", "pip", "--disable-pip-version-check", *words]

    def add_project(self):
        """A project of the user's own, installed in place."""
        folder = os.path.join(self.folder, "project")
        os.makedirs(folder)
        requires = ", ".join('"%s"' % requirement for requirement in self.case["project"].split("; "))
        with open(os.path.join(folder, "pyproject.toml"), "w", encoding="utf-8") as file:
            file.write('[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
                       '[project]\nname = "own-project"\nversion = "1.0"\ndependencies = [%s]\n'
                       '[tool.setuptools]\npy-modules = ["own_project"]\n' % requires)
        with open(os.path.join(folder, "own_project.py"), "w", encoding="utf-8") as file:
            file.write("HERE = True\n")
        must(self.pip("install", "--quiet", "--no-deps", "--no-build-isolation", "-e", folder))

    def mark_requested(self):
        """Everything was installed by name here; what a user would have got as a dependency loses the mark."""
        asked = {normal(name) for name in self.case["asked"].split()} | {"own-project"}
        for folder in self.metadata():
            mark = os.path.join(folder, "REQUESTED")
            if normal(os.path.basename(folder).split("-")[0]) not in asked and os.path.exists(mark):
                os.remove(mark)

    def metadata(self):
        """Its `.dist-info` folders."""
        site = os.path.join(self.root, "lib", "python" + self.case["python"], "site-packages")
        return [os.path.join(site, name) for name in sorted(os.listdir(site)) if name.endswith(".dist-info")]

    def freeze(self):
        """Its distributions with their versions, by their metadata."""
        pairs = [os.path.basename(folder)[: -len(".dist-info")].rpartition("-") for folder in self.metadata()]
        return {normal(name): version for name, _, version in pairs}

    def fails(self, module):
        """The last line of what an import, or the statements of a use, die with; nothing where they work."""
        done = run([self.python, "-c", module if " " in module else "import " + module])
        if done.returncode == 0:
            return None
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return (lines or ["status %d" % done.returncode])[-1]


def normal(name):
    """A distribution's name as installers compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def mend(environment, numpact):
    """Runs `numpact fix` on it; gives the status, what it wrote, and the seconds."""
    begun = time.monotonic()
    done = run([numpact, "fix", environment.root, "--apply", "--yes", "--output-format", "json"])
    seconds = time.monotonic() - begun
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = None
    return done, told, seconds


def try_case(case, folder, numpact):
    """Makes the environment, holds that it is broken, mends it, and holds what came of it."""
    environment = Environment(case, folder)
    environment.make()
    imports, spared = broken_of(case), case["spared"].split()
    before = {module: environment.fails(module) for module in imports + spared}
    for module in imports:
        if before[module] is None:
            raise Trouble("`%s` works, so there is nothing to mend" % module)
    for module in spared:
        if before[module] is not None:
            raise Trouble("`%s` fails: %s" % (module, before[module]))
    versions = environment.freeze()
    done, told, seconds = mend(environment, numpact)
    after = {module: environment.fails(module) for module in imports + spared}
    result = {"case": case["name"], "about": case["about"], "python": case["python"], "ends": case["ends"],
              "error": before[imports[0]], "status": done.returncode, "seconds": round(seconds, 1)}
    result.update(plan_of(told))
    result["changed"] = changes(versions, environment.freeze())
    result["failing"] = {module: error for module, error in after.items() if error}
    result["verdict"] = verdict(case, result, told)
    if result["verdict"] != case["ends"]:
        result["said"] = (done.stderr + done.stdout)[-3000:]
    return result


def plan_of(told):
    """What `fix` says of the plan that it took, and of what there is none for."""
    told = told or {}
    plan = (told.get("plans") or [{}])[0]
    proof = plan.get("proof") or {}
    return {"plan": plan.get("kind"), "commands": plan.get("commands") or [], "bytes": proof.get("bytes"),
            "wheels": proof.get("wheels"), "hopeless": told.get("hopeless") or [],
            "not_tried": (told.get("applied") or {}).get("not_tried"),
            "refused": [one["why"] for one in told.get("refused") or []]}


def changes(before, after):
    """`numpy 2.2.4 -> 1.26.4` for everything that changed."""
    names = sorted(set(before) | set(after))
    return ["%s %s -> %s" % (name, before.get(name, "none"), after.get(name, "none"))
            for name in names if before.get(name) != after.get(name)]


def verdict(case, result, told):
    """What came of it, by what can be seen: `mended`, `no plan`, or what went wrong."""
    if told is None:
        return "no answer" if result["changed"] else "given up, nothing was changed"
    if (told.get("applied") or {}).get("not_tried"):
        return "no build" if told["refused"] and not result["changed"] else "no build and no proof"
    if result["plan"] is None:
        untouched = not result["changed"]
        return "no plan" if result["hopeless"] and untouched else "no plan and no proof"
    broken = [module for module in broken_of(case) if module in result["failing"]]
    lost = [module for module in case["spared"].split() if module in result["failing"]]
    if broken or lost:
        return "still broken" if result["changed"] else "taken back"
    return "mended"


def page(results):
    """The page for `docs`."""
    right = sum(result["verdict"] == result["ends"] for result in results)
    lines = ["# Mended environments", "",
             "Written by `cargo xtask broken`: really broken environments, made from pinned wheels, and what `numpact fix --apply --yes`",
             "made of each. `mended` says that every import that failed works afterwards, tried by the environment's own",
             "interpreter, and that what worked still does; `no plan` that `fix` changed nothing and gave the proof that there is none;",
             "`no build` that no other release mends it, and that building the same one again failed, so that nothing was changed.",
             "Seconds are those of one run, network and installer included. Bytes are what was read of wheels that `fix` chose from;",
             "what numpact remembers of an earlier case costs none.",
             "", "%d of %d ended as they should, with Python %s." % (right, len(results), ", ".join(sorted({r["python"] for r in results}, key=minor))),
             "", "| case | what changed | plan | seconds | bytes read | result |", "|---|---|---|---|---|---|"]
    for result in results:
        changed = "<br>".join("`%s`" % change for change in result["changed"]) or ("the same versions, built anew" if result["verdict"] == "mended" else "nothing")
        amount = "" if result["bytes"] is None else "{:,}".format(result["bytes"])
        end = result["verdict"] if result["verdict"] == result["ends"] else "**%s**, should be %s" % (result["verdict"], result["ends"])
        lines.append("| %s | %s | %s | %s | %s | %s |" % (result["about"], changed, result["plan"] or "none", result["seconds"], amount, end))
    untried = sorted(set(case_names()) - {result["case"] for result in results})
    if untried:
        lines += ["", "Not tried in this run: %s." % ", ".join("`%s`" % name for name in untried)]
    for result in results:
        lines += ["", "## %s" % result["case"], "", "What was wrong: %s. Before: `%s`." % (result["about"], tidy(result["error"])), ""]
        lines += ["```", *[tidy(command) for command in result["commands"]], "```"] if result["commands"] else []
        lines += ["- " + tidy(reason) for reason in result["hopeless"]]
        if not result["changed"] and result["plan"] != "rebuild" or result["not_tried"]:
            lines += ["- " + tidy(reason).replace("\n", "\n  ") for reason in result["refused"]]
        if result["not_tried"]:
            lines += ["- " + tidy(result["not_tried"]).replace("\n", "\n  ")]
        lines += ["- `%s` fails afterwards: `%s`" % (module if " " in module else "import " + module, tidy(error)) for module, error in sorted(result["failing"].items())]
    return "\n".join(lines) + "\n"


def minor(version):
    """The number after the point: 3.8 comes before 3.10."""
    return int(version.split(".")[1])


def tidy(text):
    """Takes this machine's folders, and addresses, out of a text."""
    text = re.sub(r"\bhttps?://\S+", "...", text or "")
    text = re.sub(r"(/[\w.+-]+)+/(?=env\b|project\b)", "", text)
    return re.sub(r"/(?:home|root|tmp|var)(?:/[\w.+-]+)*/(?=[\w.+-])", "", text)


def main():
    """Tries the cases that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numpact", required=True, help="the program")
    parser.add_argument("--work", required=True, help="where the environments are made")
    parser.add_argument("--results", help="a file to which a line of JSON a case is added")
    parser.add_argument("--page", help="the page to write")
    parser.add_argument("--make-only", action="store_true", help="make the environments and leave them broken")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    names = arguments.cases or case_names()
    results, troubles = [], 0
    for name in names:
        case = read_case(os.path.join(CASES, name + ".txt"))
        folder = os.path.join(os.path.abspath(arguments.work), name)
        try:
            if arguments.make_only:
                environment = Environment(case, folder)
                environment.make()
                modules = broken_of(case) + case["spared"].split()
                print(name, {module: environment.fails(module) for module in modules}, flush=True)
                continue
            result = try_case(case, folder, arguments.numpact)
        except (Trouble, subprocess.TimeoutExpired) as error:
            print("%s: %s" % (name, error), file=sys.stderr, flush=True)
            troubles += 1
            continue
        # Some of them take gigabytes.
        shutil.rmtree(folder, ignore_errors=True)
        results.append(result)
        print("%s: %s (%s s)" % (name, result["verdict"], result["seconds"]), file=sys.stderr, flush=True)
        if arguments.results:
            with open(arguments.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
    if arguments.page and results:
        with open(arguments.page, "w", encoding="utf-8") as file:
            file.write(page(results))
    wrong = sum(result["verdict"] != result["ends"] for result in results)
    sys.exit(1 if wrong or troubles else 0)


if __name__ == "__main__":
    main()
