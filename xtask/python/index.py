"""Lists the files that the user's own package index holds for one project, as JSON on stdout.

Usage: index.py PROJECT. The index, its credentials, proxy and certificates are those that pip is configured with, so
no address stands here. Output: a list of {"filename", "url", "sha256", "yanked"}, in the index's order.
"""

import html.parser
import json
import sys
import urllib.parse

from pip._internal.commands import create_command

# The two forms that a "simple" index answers in (PEP 691 and PEP 503).
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"


def fetch(project):
    """The response of pip's index for the project's page."""
    command = create_command("download")
    options, _ = command.parse_args([])
    session = command._build_session(options)
    url = options.index_url.rstrip("/") + "/" + project + "/"
    response = session.get(url, headers={"Accept": ACCEPT})
    response.raise_for_status()
    return response


class Anchors(html.parser.HTMLParser):
    """Collects the attributes of every anchor of a PEP 503 page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs))


def from_html(text, base):
    """The files of a PEP 503 page that lies at `base`."""
    anchors = Anchors()
    anchors.feed(text)
    for anchor in anchors.found:
        address = urllib.parse.urljoin(base, anchor.get("href", ""))
        parts = urllib.parse.urlsplit(address)
        digest = dict(urllib.parse.parse_qsl(parts.fragment)).get("sha256")
        name = urllib.parse.unquote(parts.path.rsplit("/", 1)[-1])
        yield described(name, urllib.parse.urldefrag(address).url, digest, "data-yanked" in anchor)


def from_json(page, base):
    """The files of a PEP 691 page that lies at `base`."""
    for file in page["files"]:
        digest = file.get("hashes", {}).get("sha256")
        address = urllib.parse.urljoin(base, file["url"])
        yield described(file["filename"], address, digest, bool(file.get("yanked", False)))


def described(filename, url, sha256, yanked):
    """A file as it is printed."""
    return {"filename": filename, "url": url, "sha256": sha256, "yanked": yanked}


def main():
    response = fetch(sys.argv[1])
    is_json = "json" in response.headers.get("Content-Type", "")
    base = response.url
    files = from_json(response.json(), base) if is_json else from_html(response.text, base)
    json.dump(list(files), sys.stdout)


main()
