"""Times `numpact check` on a real lock of sixty scientific distributions beside an install of the same set, in one run.

    python3 xtask/python/bench_lock.py --numpact target/release/numpact [--uv uv] [--folder FOLDER] [--no-install] [NAME...]

Writes two locks with uv: `macos` (torch for a Mac with an Intel processor) and `cuda` (torch for CUDA on Linux), or those named.
For each it prints the bytes that numpact read, beside the compressed size of the members that turned out to use NumPy's C API
and 64 KiB a wheel, and beside the wheels' total; the wall time, beside `uv pip install` of the same wheels from an empty
cache; and what a second run reads. Files of the index are taken from wherever uv is configured to look.
"""

import argparse
import io
import json
import os
import subprocess
import tempfile
import time
import tomllib
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COMMON = """numpy scipy pandas scikit-learn scikit-image matplotlib h5py numba numexpr bottleneck pywavelets statsmodels shapely
pyarrow opencv-python-headless netcdf4 cftime pyproj rasterio astropy pyerfa contourpy kiwisolver pillow imageio xarray
networkx sympy psutil zstandard lz4 msgpack blosc2 tables pycocotools gensim pyyaml orjson""".split()
LOCKS = {
    "macos": ("x86_64-apple-darwin", ["torch==2.2.2", "torchvision==0.17.2", "numpy<2"]),
    "cuda": ("x86_64-manylinux_2_28", ["torch", "torchvision"]),
}
PLATFORMS = {"macos": "macos-x86_64", "cuda": "linux-x86_64"}
PYTHON = "3.11"
WHEEL = 64 << 10


def write_lock(uv, name, folder):
    """The path of `pylock.NAME.toml`; what has no wheel there is left out with a line that says so."""
    platform, more = LOCKS[name]
    wanted = [one for one in COMMON if one not in {word.split("<")[0].split("=")[0] for word in more}] + more
    lock = folder / f"pylock.{name}.toml"
    while True:
        command = [uv, "pip", "compile", "-", "--quiet", "--format", "pylock.toml", "--no-build", "--output-file", lock]
        command += ["--python-version", PYTHON, "--python-platform", platform]
        environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
        outcome = subprocess.run(command, input="\n".join(wanted), capture_output=True, text=True, env=environment)
        if outcome.returncode == 0:
            return lock
        culprit = next((one for one in wanted if f"{one} " in outcome.stderr.replace("==", " ") and one in COMMON), None)
        if culprit is None:
            raise SystemExit(outcome.stderr)
        print(f"{name}: {culprit} is left out: {outcome.stderr.strip().splitlines()[-1]}")
        wanted.remove(culprit)


def timed(command, **keywords):
    begin = time.perf_counter()
    outcome = subprocess.run(command, capture_output=True, text=True, **keywords)
    return time.perf_counter() - begin, outcome


def check(numpact, lock, name, cache):
    command = [numpact, "check", lock, "--python", PYTHON, "--platform", PLATFORMS[name], "--output-format", "json"]
    wall, outcome = timed(command, env={**os.environ, "NUMPACT_CACHE_DIR": str(cache)})
    if outcome.returncode not in (0, 1):
        raise SystemExit(outcome.stderr)
    return wall, json.loads(outcome.stdout)["targets"][0]


class Remote(io.RawIOBase):
    """A file behind an address, read by ranges."""

    def __init__(self, url):
        self.url, self.at = url, 0
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request) as response:
            self.size = int(response.headers["Content-Length"])

    def seekable(self):
        return True

    def readable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def readinto(self, buffer):
        end = min(self.at + len(buffer), self.size)
        if end <= self.at:
            return 0
        request = urllib.request.Request(self.url, headers={"Range": f"bytes={self.at}-{end - 1}"})
        with urllib.request.urlopen(request) as response:
            content = response.read()
        buffer[: len(content)] = content
        self.at += len(content)
        return len(content)


def members(url):
    """The compressed size of each member of a wheel, by name, and the size of the wheel."""
    remote = Remote(url)
    with zipfile.ZipFile(io.BufferedReader(remote, 1 << 18)) as archive:
        return {info.filename: info.compress_size for info in archive.infolist()}, remote.size


def chosen(lock, report):
    """The address of the wheel that each distribution of the report came from, by normalised name."""
    from pip._vendor.packaging.tags import compatible_tags, cpython_tags, mac_platforms
    from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

    version = tuple(int(part) for part in PYTHON.split("."))
    if "macos" in report["python"]["platform"]:
        platforms = list(mac_platforms((14, 0), "x86_64"))
    else:
        platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)] + ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
    tags = list(cpython_tags(version, platforms=platforms)) + list(compatible_tags(version, platforms=platforms))
    rank = {tag: index for index, tag in reversed(list(enumerate(tags)))}
    found = {}
    for package in tomllib.loads(lock.read_text())["packages"]:
        fits = []
        for wheel in package.get("wheels", []):
            name = wheel["url"].rsplit("/", 1)[-1].replace("%2B", "+")
            ranks = [rank[tag] for tag in parse_wheel_filename(name)[3] if tag in rank]
            fits += [(min(ranks), wheel["url"])] if ranks else []
        if fits:
            found[canonicalize_name(package["name"])] = min(fits)[1]
    return found


def measure(lock, report):
    """Wheels, their total, and the compressed bytes of members that use NumPy's C API or could not be told."""
    from pip._vendor.packaging.utils import canonicalize_name

    addresses = {name: url for name, url in chosen(lock, report).items() if name != "numpy"}
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(addresses, pool.map(members, addresses.values())))
    consumers = 0
    for distribution in report["distributions"]:
        sizes, _ = found[canonicalize_name(distribution["name"])]
        using = {binary["path"] for binary in distribution["binaries"] if binary["verdict"] != "not-applicable"}
        consumers += sum(size for path, size in sizes.items() if path in using or path.split("lib/", 1)[-1] in using)
    return len(found), sum(size for _, size in found.values()), consumers


def install(uv, lock, name, folder):
    """Seconds that uv takes to install the lock from an empty cache into an empty folder."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        command = [uv, "pip", "install", "--quiet", "--target", f"{work}/target", "--python-version", PYTHON]
        command += ["--python-platform", LOCKS[name][0], "--no-deps", "--no-build", "-r", lock]
        environment = {**os.environ, "UV_CACHE_DIR": f"{work}/cache", "MACOSX_DEPLOYMENT_TARGET": "14.0"}
        wall, outcome = timed(command, env=environment)
    if outcome.returncode:
        raise SystemExit(outcome.stderr)
    return wall


def mib(size):
    return f"{size / (1 << 20):.1f} MiB"


def one(arguments, name, folder):
    lock = write_lock(arguments.uv, name, folder)
    with tempfile.TemporaryDirectory() as cache:
        wall, report = check(arguments.numpact, lock, name, cache)
        again, second = check(arguments.numpact, lock, name, cache)
    wheels, total, consumers = measure(lock, report)
    allowed = 1.1 * consumers + wheels * WHEEL
    read = report["fetched"]["bytes"]
    print(f"{name}: {wheels} wheels beside NumPy {report['numpy']['version']}, {mib(total)} in all")
    print(f"  read                 {mib(read)}, {100 * read / total:.1f} % of all")
    print(f"  aim                  {mib(allowed)}: 1.1 times {mib(consumers)} of members that use NumPy, and 64 KiB a wheel")
    print(f"  second run           {second['fetched']['bytes']} bytes, {again:.1f} s")
    print(f"  wall                 {wall:.1f} s")
    if arguments.install:
        took = install(arguments.uv, lock, name, folder)
        print(f"  `uv pip install`     {took:.1f} s from an empty cache, {took / wall:.1f} times as long")
    for distribution in report["distributions"]:
        if distribution["verdict"] in ("incompatible", "at-risk", "undetermined"):
            print(f"  {distribution['verdict']:<20} {distribution['name']} {distribution['version']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numpact", required=True)
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--no-install", dest="install", action="store_false")
    parser.add_argument("names", nargs="*", choices=[[], *LOCKS])
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or LOCKS:
        one(arguments, name, folder)


if __name__ == "__main__":
    main()
