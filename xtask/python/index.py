"""Lists the files that the user's own package index holds for one project, as JSON on stdout.

Usage: index.py PROJECT. The index, its credentials, proxy and certificates are those that pip is configured with, so
no address stands here. Output: a list of {"filename", "sha256", "yanked"}, in the index's order.
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


def from_html(text):
    """The files of a PEP 503 page."""
    anchors = Anchors()
    anchors.feed(text)
    for anchor in anchors.found:
        parts = urllib.parse.urlsplit(anchor.get("href", ""))
        digest = dict(urllib.parse.parse_qsl(parts.fragment)).get("sha256")
        name = urllib.parse.unquote(parts.path.rsplit("/", 1)[-1])
        yield {"filename": name, "sha256": digest, "yanked": "data-yanked" in anchor}


def from_json(page):
    """The files of a PEP 691 page."""
    for file in page["files"]:
        digest = file.get("hashes", {}).get("sha256")
        yield {"filename": file["filename"], "sha256": digest, "yanked": bool(file.get("yanked", False))}


def main():
    response = fetch(sys.argv[1])
    is_json = "json" in response.headers.get("Content-Type", "")
    files = from_json(response.json()) if is_json else from_html(response.text)
    json.dump(list(files), sys.stdout)


main()
