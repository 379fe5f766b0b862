"""A package index on the loopback that serves a folder of wheels and source distributions to pip, uv and numpact.

    index.py FOLDER [--form html|json] [--metadata] [--no-ranges] [--user NAME:PASSWORD] [--redirect] [--fault FAULT]

Prints its port on the first line of standard output, then one line a request: METHOD PATH RANGE STATUS BYTES. `--metadata`
serves PEP 658 metadata files. A fault strikes requests for wheels alone, in the middle of what is sent:
`cut` closes every second connection half-way, `cut-always` every one, `busy` answers 503 to the first two, `broken` 500 to all,
`changes` names another ETag after the first answer, `grows` a size larger by one, `slow` waits between pieces.
"""

import argparse
import base64
import functools
import hashlib
import html
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse
import zipfile
from pathlib import Path

arguments = None
lock = threading.Lock()
wheels_asked = 0


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def project_of(file):
    stem = file.name.split("-")[0] if file.suffix == ".whl" else file.name.rsplit("-", 1)[0]
    return normalized(stem)


def files(project):
    kinds = (".whl", ".gz", ".zip")
    return [file for file in sorted(arguments.folder.iterdir()) if file.suffix in kinds and project_of(file) == project]


@functools.cache
def metadata(file):
    with zipfile.ZipFile(file) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name)


@functools.cache
def describe(file):
    """A file as PEP 691 has it."""
    entry = {"filename": file.name, "url": f"/files/{file.name}"}
    entry["hashes"] = {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    entry["size"] = file.stat().st_size
    if arguments.metadata and file.suffix == ".whl":
        entry["core-metadata"] = {"sha256": hashlib.sha256(metadata(file)).hexdigest()}
    return entry


def page(project):
    """The page of a project and its content type."""
    entries = [describe(file) for file in files(project)]
    if arguments.form == "json":
        body = {"meta": {"api-version": "1.1"}, "name": project, "files": entries, "versions": []}
        return json.dumps(body).encode(), "application/vnd.pypi.simple.v1+json"
    anchors = []
    for entry in entries:
        core = entry.get("core-metadata")
        extra = f' data-core-metadata="sha256={core["sha256"]}" data-dist-info-metadata="sha256={core["sha256"]}"' if core else ""
        anchors.append(f'<a href="{entry["url"]}#sha256={entry["hashes"]["sha256"]}"{extra}>{html.escape(entry["filename"])}</a>')
    return f"<!DOCTYPE html><html><body>{'<br>'.join(anchors)}</body></html>".encode(), "text/html"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def note(self, status, size):
        with lock:
            print(self.command, self.path, self.headers.get("Range", "-"), status, size, flush=True)

    def plain(self, status, **headers):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.note(status, 0)

    def allowed(self):
        if not arguments.user:
            return True
        wanted = "Basic " + base64.b64encode(arguments.user.encode()).decode()
        return self.headers.get("Authorization") == wanted

    def answer(self, body):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if not self.allowed():
            return self.plain(401, WWW_Authenticate='Basic realm="index"')
        if path.startswith("/simple/"):
            project = normalized(path.removeprefix("/simple/").strip("/"))
            return self.send(*page(project), body) if files(project) else self.plain(404)
        if arguments.redirect and path.startswith("/files/"):
            return self.plain(302, Location=f"/moved{self.path}")
        file = arguments.folder / path.rsplit("/", 1)[-1].removesuffix(".metadata")
        if not file.is_file():
            return self.plain(404)
        if path.endswith(".metadata"):
            return self.send(metadata(file), "text/plain", body) if arguments.metadata else self.plain(404)
        return self.send_file(file, body)

    def send(self, content, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)
        self.note(200, len(content) if body else 0)

    def send_file(self, file, body):
        global wheels_asked
        with lock:
            wheels_asked += 1
            number = wheels_asked
        fault = arguments.fault
        if fault == "broken":
            return self.plain(500)
        if fault == "busy" and number <= 2:
            return self.plain(503, Retry_After="0")
        content = file.read_bytes()
        total = len(content) + (1 if fault == "grows" and number > 1 else 0)
        start, end = 0, len(content) - 1
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        ranged = bool(asked) and not arguments.no_ranges
        if ranged:
            first, last = asked.groups()
            start = int(first) if first else max(0, len(content) - int(last))
            end = min(int(last), end) if first and last else end
        self.send_response(206 if ranged else 200)
        self.send_header("Content-Type", "application/octet-stream")
        if not arguments.no_ranges:
            self.send_header("Accept-Ranges", "bytes")
        if ranged:
            self.send_header("Content-Range", f"bytes {start}-{end}/{total}")
        self.send_header("ETag", '"two"' if fault == "changes" and number > 1 else '"one"')
        part = content[start : end + 1]
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if body:
            self.send_part(part, fault, number)
        self.note(206 if ranged else 200, len(part) if body else 0)

    def send_part(self, part, fault, number):
        if fault == "cut-always" or (fault == "cut" and number % 2):
            self.wfile.write(part[: len(part) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        step = max(1, len(part) // 4) if fault == "slow" else max(1, len(part))
        for at in range(0, len(part), step):
            self.wfile.write(part[at : at + step])
            if fault == "slow":
                time.sleep(0.05)


def main():
    global arguments
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", choices=["html", "json"], default="html")
    parser.add_argument("--metadata", action="store_true")
    parser.add_argument("--no-ranges", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--redirect", action="store_true")
    parser.add_argument("--fault", default="")
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    # The test's end of standard input is the end of the server, however the test ends.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
