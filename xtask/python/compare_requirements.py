"""Holds what numpact says of requirements against what it says of the same distributions installed, file by file.

    python3 xtask/python/compare_requirements.py --numpact target/release/numpact [--uv uv] [--folder FOLDER]

Two sets, both forced past their metadata: wheels from before NumPy 2 beside NumPy 2.2.4, and new wheels beside NumPy 1.26.4.
Each is installed by uv into an environment of its own for the Python that runs this, which must be 3.11, and checked from a
distance as a requirements file with `--no-deps`. Ends with 1 if any file has another verdict.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SETS = {
    "old": """numpy==2.2.4 opencv-python-headless==4.9.0.80 pyarrow==14.0.2 bottleneck==1.3.8 scikit-image==0.22.0 netCDF4==1.6.5
cftime==1.6.3 rasterio==1.3.9 pycocotools==2.0.7 pandas==2.1.4 matplotlib==3.8.2 contourpy==1.2.0 numexpr==2.10.0
shapely==2.0.4 h5py==3.11.0""".split(),
    "new": "numpy==1.26.4 pyarrow==26.0.1 opencv-python-headless==5.0.0.93 h5py==3.16.0 shapely==2.2.0".split(),
}


def run(command):
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode not in (0, 1):
        sys.exit(f"{command}: {outcome.stderr}")
    return outcome.stdout


def verdicts(text):
    """What is said of each file, by distribution and path; of several slices the last."""
    found = {}
    for distribution in json.loads(text)["targets"][0]["distributions"]:
        name = re.sub(r"[-_.]+", "-", distribution["name"]).lower()
        if name == "numpy":
            continue
        found[name, ""] = distribution["verdict"], distribution["fails"], distribution["numpy"]["binary"]
        for binary in distribution["binaries"]:
            found[name, binary["path"]] = binary["verdict"], binary["fails"], binary["numpy"], binary["error"]
    return found


def compare(arguments, name, folder):
    environment, list_ = folder / name, folder / f"{name}.txt"
    list_.write_text("\n".join(SETS[name]) + "\n")
    run([arguments.uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment])
    run([arguments.uv, "pip", "install", "--quiet", "--no-deps", "--python", environment / "bin/python", "-r", list_])
    installed = verdicts(run([arguments.numpact, "check", environment, "--output-format", "json"]))
    asked = [arguments.numpact, "check", list_, "--no-deps", "--python", "3.11", "--output-format", "json"]
    distant = verdicts(run(asked))
    differing = sorted(key for key in installed.keys() | distant.keys() if installed.get(key) != distant.get(key))
    print(f"{name}: {len(installed)} distributions and files installed, {len(distant)} from a distance, {len(differing)} differ")
    for key in differing:
        print(f"  {key}: installed {installed.get(key)}, from a distance {distant.get(key)}")
    for (distribution, path), told in sorted(installed.items()):
        if not path:
            print(f"  {distribution:<24} {told[0]} {told[1] or ''} {told[2] if told[2] is not None else '-'}")
    return not differing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numpact", required=True)
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    sys.exit(not all([compare(arguments, name, folder) for name in SETS]))


if __name__ == "__main__":
    main()
