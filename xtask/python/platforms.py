"""Reads one release's wheels of every platform and tells whether they demand the same of NumPy; prints docs/platforms.md.

    python3 xtask/python/platforms.py --numpact target/release/numpact [REQUIREMENT...] > docs/platforms.md

Wheels are built from the same sources, so what they demand must be the same, or the difference must have a reason. numpact
reads them from a distance, through the uv or pip that is configured here. What differs is listed file by file.
"""

import argparse
import collections
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

PYTHON = "3.11"
RELEASES = """pandas==2.1.4 pandas==2.2.3 scipy==1.11.4 scipy==1.15.2 scikit-learn==1.3.2 scikit-learn==1.6.1 h5py==3.10.0 h5py==3.13.0
matplotlib==3.8.2 matplotlib==3.10.1 pyarrow==14.0.2 pyarrow==19.0.1 opencv-python-headless==4.9.0.80
opencv-python-headless==4.11.0.86 shapely==2.0.2 shapely==2.0.7 ml-dtypes==0.3.2 ml-dtypes==0.5.1 torch==2.2.2
torchvision==0.17.2 cftime==1.6.2 cftime==1.6.4.post1 PyWavelets==1.4.1 PyWavelets==1.8.0 spacy==3.5.0 blis==0.7.9
statsmodels==0.13.5 rasterio==1.3.6 scikit-image==0.20.0 scipy==1.9.3 tables==3.8.0 pyFFTW==0.15.0 imagecodecs==2025.3.30""".split()
PLATFORMS = ["linux-x86_64", "linux-aarch64", "musllinux-x86_64", "macos-x86_64", "macos-arm64", "windows-x86_64"]
HEAD = f"""# One release, every platform

Written by `python3 xtask/python/platforms.py`. The wheels that a release has for Python {PYTHON} on {len(PLATFORMS)} platforms (ELF, Mach-O
and PE, x86-64 and AArch64) come from the same sources, so their files must demand the same of NumPy. Compared are, by file: the
kinds of consumers, the ABI and the feature level with what follows a failure, the sizes of NumPy's types with the strictness
of the check, and the range of NumPys that comes of them all. Sizes that depend on the platform's C types are compared by name alone.

"""
# Sizes of these differ between platforms: they hold C longs or arrays of pointers whose number NumPy chose by platform.
BY_PLATFORM = {"numpy.flatiter", "numpy.broadcast"}
# Differences that were looked into, and are in the files.
REASONS = {
    "h5py==3.13.0": "the wheels for Linux hold the strings of the check (`_ARRAY_API` and its messages) in files whose "
                    "counterparts for macOS and Windows do not",
}


def main():
    """Reads, compares and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numpact", required=True)
    parser.add_argument("releases", nargs="*", default=RELEASES)
    arguments = parser.parse_args()
    rows, notes = [], []
    for release in arguments.releases:
        with ThreadPoolExecutor() as pool:
            found = pool.map(lambda platform: facts(arguments.numpact, release, platform), PLATFORMS)
        read = dict(zip(PLATFORMS, found))
        there = {platform: found for platform, found in read.items() if found is not None}
        row, differences = compare(release, there)
        rows.append(row)
        notes += differences
        print(f"{release}: {len(there)} platforms, {len(differences)} differences", file=sys.stderr)
    print(HEAD + "| release | platforms | files that use NumPy's C API | undetermined | NumPys that they work with | differences |")
    print("|---|---|--:|--:|---|--:|")
    print("\n".join(rows))
    print("\n## Differences\n\n" + ("\n".join(notes) if notes else "None."))
    reasons = [f"- {release}: {why}" for release, why in REASONS.items() if release in arguments.releases]
    if reasons:
        print("\n## Reasons\n\n" + "\n".join(reasons))


def facts(numpact, release, platform):
    """What numpact reads in the release's wheel for a platform; nothing where there is no such wheel."""
    command = [numpact, "check", release, "--no-deps", "--python", PYTHON, "--platform", platform, "--output-format", "json"]
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode not in (0, 1):
        print(f"{release} on {platform}: {outcome.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    distribution = json.loads(outcome.stdout)["targets"][0]["distributions"][0]
    unread = [binary for binary in distribution["binaries"] if binary["requires"] is None]
    for binary in unread:
        print(f"{release} on {platform}: {binary['undetermined'][0]['detail']}", file=sys.stderr)
    return None if unread else distribution


def compare(release, there):
    """The release's line of the table, and a line for each file that is not the same everywhere."""
    files = collections.defaultdict(dict)
    for platform, distribution in there.items():
        for binary in distribution["binaries"]:
            if binary["requires"]["consumers"]:
                files[stem(binary["path"])][platform] = binary
    notes = []
    for name, binaries in sorted(files.items()):
        aspects = {platform: aspect(binary) for platform, binary in binaries.items()}
        missing = [platform for platform in there if platform not in binaries]
        if len(set(aspects.values())) > 1 or missing:
            notes.append(f"- {release} `{name}`: {tell(aspects, missing)}")
    ranges = {distribution["numpy"]["binary"] for distribution in there.values()}
    doubtful = sum(binary["verdict"] == "undetermined" for d in there.values() for binary in d["binaries"])
    counts = sorted({sum(platform in binaries for binaries in files.values()) for platform in there})
    count = " to ".join(str(number) for number in dict.fromkeys([counts[0], counts[-1]])) if counts else "0"
    told = ", ".join(f"`{text}`" if text else "not told" for text in sorted(ranges, key=str))
    return f"| {release} | {len(there)} | {count} | {doubtful} | {told} | {len(notes)} |", notes


def stem(path):
    """A file's path without what names the platform: `pandas/_libs/algos`, `torch/lib/torch_python`."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.split('.')[0].removeprefix('lib')}"


def aspect(binary):
    """What must be the same on every platform, as text."""
    requires = binary["requires"]
    checks = sorted({f"{c['abi']}/{c['api']} {c['reach']} {c['on_failure']}" for c in requires["checks"]})
    types = sorted(f"{t['name']} {t['check']}" + ("" if t["name"] in BY_PLATFORM else f" {t['size']}") for t in requires["types"])
    return "; ".join([" + ".join(requires["consumers"]), *checks, *types, f"NumPy {binary['numpy']}", *(doubt["reason"] for doubt in binary["undetermined"])])


def tell(aspects, missing):
    """Where the file has which aspects: only the parts that are not the same everywhere."""
    parts = {platform: set(text.split("; ")) for platform, text in aspects.items()}
    same = set.intersection(*parts.values())
    groups = collections.defaultdict(list)
    for platform, found in parts.items():
        groups["; ".join(sorted(found - same))].append(platform)
    told = [f"{', '.join(platforms)}: {text or 'nothing else'}" for text, platforms in sorted(groups.items())]
    return " | ".join(told if len(groups) > 1 else []) + (f" not on {', '.join(missing)}" if missing else "")


if __name__ == "__main__":
    main()
