"""Runs `numpact check` on wheels that lie, and prints what it said, how long it took and how much memory it held.

    python3 xtask/python/bench_lies.py --numpact target/release/numpact [--folder FOLDER] [--gigabytes 10] [--module FILE]

Each wheel holds an honest extension module beside the lie (FILE, or one of Python's own), and is checked twice: from disk, and
through a lock file from a server on the loopback, which counts the bytes that it sent. Whatever appears in the folder or two below
it where numpact runs, outside its cache, is an error, and so are a crash and more memory than 256 MiB.
"""

import argparse
import functools
import hashlib
import http.server
import os
import re
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import warnings
import zipfile
import zlib
from pathlib import Path

INFO = "demo-1.0.dist-info"
MODULE = "demo/_core.cpython-311-x86_64-linux-gnu.so"
WHEEL = "demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
PIECE = bytes(1 << 20)
# In MiB; a wheel that is fetched whole is held on disk, and no lie is inflated as far as it asks for.
MOST_MEMORY = 256


@functools.cache
def honest_module():
    """The module that is given, or one of the running Python's own."""
    given = arguments().module
    return (given or next(Path(sysconfig.get_path("platstdlib"), "lib-dynload").glob("*.so"))).read_bytes()


def start(path, large=False):
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    with archive.open(MODULE, "w", force_zip64=large) as member:
        member.write(honest_module())
    archive.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: numpy\n")
    archive.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\n")
    return archive


def end(archive):
    names = [*archive.namelist(), f"{INFO}/RECORD"]
    archive.writestr(f"{INFO}/RECORD", "".join(f"{name},,\n" for name in names))
    archive.close()


def honest(path, _):
    end(start(path))


def bomb(path, size, name="demo/_bomb.cpython-311-x86_64-linux-gnu.so"):
    archive = start(path)
    with archive.open(name, "w", force_zip64=True) as member:
        member.write(honest_module().ljust(1 << 20, b"\0"))
        for _ in range((size >> 20) - 1):
            member.write(PIECE)
    end(archive)


def bomb_of_text(path, size):
    bomb(path, size, f"{INFO}/entry_points.txt")


def small_by_its_own_account(path, size):
    """The directory and the local header say 1 MiB, where much more comes out."""
    bomb(path, size)
    data = bytearray(path.read_bytes())
    name = b"demo/_bomb"
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("demo/_bomb.cpython-311-x86_64-linux-gnu.so")
        local = info.header_offset
    extra = data.index(b"\x01\x00", local + 30 + len(info.filename))
    struct.pack_into("<Q", data, extra + 4, 1 << 20)
    central = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    at = data.index(struct.pack("<I", size & 0xFFFFFFFF), central) if size < 1 << 32 else None
    if at is None:
        at = data.index(struct.pack("<Q", size), central)
        struct.pack_into("<Q", data, at, 1 << 20)
    else:
        struct.pack_into("<I", data, at, 1 << 20)
    path.write_bytes(data)


def many_small_bombs(path, size):
    """Each inflates to as much as a member may have and no more."""
    archive = start(path)
    each = min(size, 2 << 30)
    for number in range(max(size // each, 1)):
        with archive.open(f"demo/_bomb{number}.so", "w", force_zip64=True) as member:
            member.write(honest_module())
            noise, left = os.urandom(1 << 16), each - (64 << 20)
            while left > 0:
                # Compressed about 300 times, which is under the limit.
                member.write(noise[: 1 << 12] + PIECE)
                left -= len(PIECE)
    end(archive)


def duplicate(path, _):
    archive = start(path)
    archive.writestr(MODULE, b"\x7fELF" + bytes(5000))
    end(archive)


def outside(path, _):
    archive = start(path)
    for name in ("../../outside.so", f"{path.parent.parent}/outside.so", "demo/../../outside.so"):
        archive.writestr(name, honest_module())
    end(archive)


def encrypted(path, _):
    end(start(path))
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature)
        data[at + flags] |= 1
    path.write_bytes(data)


def disagreeing_record(path, _):
    archive = start(path)
    archive.writestr(f"{INFO}/RECORD", f"{MODULE},,7\ndemo/absent.so,,12\n")
    archive.close()


def large_fields(path, _):
    end(start(path, large=True))


def truncated(path, _):
    end(start(path))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def wrong_checksum(path, _):
    end(start(path))
    data = bytearray(path.read_bytes())
    checksum = struct.pack("<I", zlib.crc32(honest_module()))
    for at in [found.start() for found in re.finditer(re.escape(checksum), bytes(data))]:
        data[at] ^= 0xFF
    path.write_bytes(data)


CASES = [honest, bomb, bomb_of_text, small_by_its_own_account, many_small_bombs, duplicate, outside, encrypted]
CASES += [disagreeing_record, large_fields, truncated, wrong_checksum]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves ranges, and counts what it sends."""

    protocol_version = "HTTP/1.1"
    sent = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        file = Path(self.directory, self.path.lstrip("/"))
        size = file.stat().st_size
        first, last = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", "bytes=0-")).groups()
        begin = int(first) if first else max(size - int(last), 0)
        stop = min(int(last) + 1, size) if first and last else size
        with file.open("rb") as opened:
            opened.seek(begin)
            body = opened.read(stop - begin)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {begin}-{stop - 1}/{size}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        Handler.sent += len(body)
        self.wfile.write(body)


def run(command, environment):
    """The exit status, what was said, seconds, and the peak of resident memory in MiB, or this script's where that is more."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=environment["HOME"]
    )
    told = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), told, time.perf_counter() - begin, usage.ru_maxrss / 1024


def said(told):
    """The verdicts that were given to files, or why nothing was judged."""
    lines = told.strip().splitlines() or [""]
    line = next((line for line in lines if re.match(r"\d+ distribution", line)), None)
    if line is None:
        return lines[0].rsplit(": ", 1)[-1]
    return ", ".join(re.findall(r"[1-9]\d* [a-zA-Z' ]+", line.split(": ", 1)[-1]))


def in_another_process(case, path, size):
    """Makes a wheel without leaving this process larger: what it holds counts as the memory of what it starts."""
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            warnings.simplefilter("ignore")
            case(path, size)
            failed = 0
        finally:
            os._exit(failed)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"{case.__name__}: the wheel could not be made")


def lock_of(path, port, folder):
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while piece := opened.read(1 << 16):
            digest.update(piece)
    lock = folder / "pylock.toml"
    lock.write_text(
        'lock-version = "1.0"\ncreated-by = "numpact"\n[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ url = "http://127.0.0.1:{port}/{path.name}", size = {path.stat().st_size}, '
        f'hashes = {{ sha256 = "{digest.hexdigest()}" }} }}]\n'
    )
    return lock


@functools.cache
def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numpact", required=True, type=Path)
    parser.add_argument("--folder", type=Path, help="where the wheels are written; a temporary one by default")
    parser.add_argument("--gigabytes", type=float, default=10, help="what the bombs inflate to")
    parser.add_argument("--module", type=Path, help="one that uses NumPy is read to the end of the lie")
    return parser.parse_args()


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        check_all(options.numpact.resolve(), Path(temporary), int(options.gigabytes * (1 << 30)) >> 20 << 20)


def check_all(numpact, folder, size):
    wheels, home = folder / "wheels", folder / "below" / "home"
    wheels.mkdir()
    home.mkdir(parents=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(wheels)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {**os.environ, "HOME": str(home), "NUMPACT_CACHE_DIR": str(folder / "cache"), "NO_PROXY": "127.0.0.1"}
    print(f"{'wheel':26} {'bytes':>11} {'way':>6} {'status':>6} {'wall':>7} {'memory':>8} {'sent':>8}  said")
    bad = False
    for case in CASES:
        path = wheels / WHEEL
        in_another_process(case, path, size)
        lock = lock_of(path, server.server_port, folder)
        target = ["--python", "3.11", "--platform", "linux-x86_64", "--numpy", "2.2.6"]
        for way, what in (("disk", path), ("remote", lock)):
            Handler.sent = 0
            status, told, wall, memory = run([numpact, "check", what, *target], environment)
            bad |= status not in (0, 1, 2, 3) or "panicked" in told or memory > MOST_MEMORY
            name = case.__name__.replace("_", " ")
            print(
                f"{name:26} {path.stat().st_size:>11} {way:>6} {status:>6} {wall:>5.1f} s {memory:>4.0f} MiB "
                f"{Handler.sent / 1024:>4.0f} KiB  {said(told)}"
            )
    strays = {entry.name for entry in folder.iterdir()} - {"wheels", "below", "cache", "pylock.toml"}
    strays |= {str(entry.relative_to(folder)) for entry in home.parent.rglob("*")} - {"below/home"}
    strays |= {entry.name for entry in wheels.iterdir()} - {WHEEL}
    print("written elsewhere: " + (", ".join(sorted(strays)) or "nothing"))
    sys.exit(bool(strays) or bad)


main()
