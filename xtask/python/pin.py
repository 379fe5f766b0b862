#!/usr/bin/env python3
"""Prints the pin lines of wheels: what pip would take for a requirement, a Python and a platform.

    pin.py [--python 3.11] [--platform linux-x86_64] [--pure] [--deps] [--without numpy] REQUIREMENT...

pip resolves and tells the file's name and hash; the wheel itself is fetched only where the index does not tell.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

# Platform tags that wheels carry, the preferred first, by numpact's word for the platform.
PLATFORMS = {
    "linux-x86_64": ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_24_x86_64", "manylinux_2_17_x86_64",
                     "manylinux_2_12_x86_64", "manylinux_2_5_x86_64", "manylinux2014_x86_64", "manylinux2010_x86_64",
                     "manylinux1_x86_64"],
    "linux-aarch64": ["manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_24_aarch64",
                      "manylinux_2_17_aarch64", "manylinux2014_aarch64"],
    "macos-x86_64": [f"macosx_{version}_{kind}"
                     for version in ("10_6", "10_9", "10_12", "10_13", "10_14", "10_15", "10_16", "11_0", "12_0", "13_0", "14_0")
                     for kind in ("x86_64", "universal2", "intel")],
    "macos-arm64": [f"macosx_{version}_0_{kind}" for version in (11, 12, 13, 14) for kind in ("arm64", "universal2")]
                   + ["macosx_10_9_universal2"],
    "windows-x86_64": ["win_amd64"],
}


def main():
    """Reads the arguments, asks pip, prints the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="3.11", help="minor version: 3.11")
    parser.add_argument("--platform", default="linux-x86_64", choices=sorted(PLATFORMS))
    parser.add_argument("--pure", action="store_true", help="take the wheel for every platform")
    parser.add_argument("--deps", action="store_true", help="pin the dependencies too")
    parser.add_argument("--without", action="append", default=[], help="leave this distribution out")
    parser.add_argument("requirements", nargs="+")
    arguments = parser.parse_args()
    for name, version, digest, file in sorted(resolve(arguments), key=lambda pin: pin[0].lower()):
        if name.lower() not in arguments.without:
            print(f"{name}=={version} --hash=sha256:{digest} # {file}")


def resolve(arguments):
    """What pip would install, as (name, version, SHA-256, file name)."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--dry-run",
                   "--ignore-installed", "--target", folder, "--only-binary=:all:", "--report", report]
        command += selection(arguments) + ([] if arguments.deps else ["--no-deps", "--ignore-requires-python"]) + arguments.requirements
        subprocess.run(command, check=True)
        with open(report, encoding="utf-8") as file:
            return [describe(item) for item in json.load(file)["install"]]


def selection(arguments):
    """pip's options for the wanted Python and platform."""
    if arguments.pure:
        return ["--python-version", arguments.python, "--implementation", "py", "--abi", "none", "--platform", "any"]
    tag = "cp" + arguments.python.replace(".", "")
    tag_m = tag + "m" if arguments.python in ("3.5", "3.6", "3.7") else tag
    options = ["--python-version", arguments.python, "--implementation", "cp"]
    for abi in (tag_m, "abi3", "none"):
        options += ["--abi", abi]
    for platform in PLATFORMS[arguments.platform]:
        options += ["--platform", platform]
    return options


def describe(item):
    """One entry of pip's report as a pin."""
    file = urllib.parse.unquote(item["download_info"]["url"].rsplit("/", 1)[1].split("#")[0])
    digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
    return item["metadata"]["name"], item["metadata"]["version"], digest, file


if __name__ == "__main__":
    main()
