"""Times `numpact check` beside what a user can run today, over the same environment, in one run.

    python3 xtask/python/bench_check.py --numpact target/release/numpact [--environment FOLDER] [--rounds 10]

Without `--environment`, makes one of ten distributions at their newest (about 400 shared objects). Commands take turns, so
that noise of the machine falls on all of them. Prints the fastest and the median wall time, the processor time, and the
peak memory of each. What is not installed is left out, with a line that says so.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DISTRIBUTIONS = "numpy scipy pandas scikit-learn matplotlib pyarrow opencv-python-headless numba shapely h5py".split()


def make_environment(folder):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *DISTRIBUTIONS], check=True)


def commands(numpact, environment):
    python = environment / "bin" / "python"
    site = next(environment.glob("lib/python3.*/site-packages"))
    shared = sorted(str(path) for path in site.rglob("*") if ".so" in path.suffixes)
    found = {"numpact check": [numpact, "check", environment, "-q"], "pip check": [python, "-m", "pip", "check"]}
    if shutil.which("uv"):
        found["uv pip check"] = ["uv", "pip", "check", "--python", python]
    if shutil.which("rg"):
        found["rg -c -a _ARRAY_API"] = ["rg", "-c", "-a", "_ARRAY_API", *shared]
    for name in ("uv", "rg"):
        if not shutil.which(name):
            print(f"{name} is not on PATH: left out", file=sys.stderr)
    return found, shared


def run(command):
    """Wall seconds, processor seconds and peak KiB of one run."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numpact", required=True)
    parser.add_argument("--environment", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    environment = arguments.environment
    if environment is None:
        environment = Path(tempfile.mkdtemp()) / "environment"
        make_environment(environment)
    found, shared = commands(arguments.numpact, environment)
    size = sum(os.path.getsize(path) for path in shared)
    print(f"{len(shared)} shared objects, {size / 1e6:.0f} MB; {os.cpu_count()} processors; load {os.getloadavg()[0]:.1f}")
    for command in found.values():
        run(command)
    seen = {name: [] for name in found}
    for _ in range(arguments.rounds):
        for name, command in found.items():
            seen[name].append(run(command))
    fastest = min(wall for wall, _, _ in seen["numpact check"])
    print(f"{'command':<22}{'fastest':>10}{'median':>10}{'processor':>11}{'memory':>10}{'ratio':>8}")
    for name, runs in seen.items():
        walls = [wall for wall, _, _ in runs]
        processor = statistics.median(used for _, used, _ in runs)
        memory = max(peak for _, _, peak in runs) / 1024
        print(
            f"{name:<22}{min(walls) * 1e3:>7.0f} ms{statistics.median(walls) * 1e3:>7.0f} ms{processor * 1e3:>8.0f} ms"
            f"{memory:>6.0f} MiB{min(walls) / fastest:>7.2f}x"
        )


if __name__ == "__main__":
    main()
