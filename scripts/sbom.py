#!/usr/bin/env python3
"""What the program is built from, as CycloneDX 1.5 on standard output: every crate that is linked into `dossier` or builds
it, with version, licence and the hash of Cargo.lock. Tests' own crates are left out. `make sbom` calls it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = "dossier-cli"


def inventory(metadata: dict, hashes: dict[tuple[str, str], str]) -> dict:
    """The list, of what `cargo metadata` says and the hashes by name and version."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    program = next(package for package in packages.values() if package["name"] == PROGRAM)
    reached, todo = set(), [program["id"]]
    while todo:
        if (one := todo.pop()) not in reached:
            reached.add(one)
            for dependency in nodes[one]["deps"]:
                if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                    todo.append(dependency["pkg"])
    foreign = [packages[one] for one in reached if packages[one]["source"]]
    foreign.sort(key=lambda package: (package["name"], package["version"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "dossier", "version": program["version"]}},
        "components": [component(package, hashes) for package in foreign],
    }


def component(package: dict, hashes: dict[tuple[str, str], str]) -> dict:
    name, version = package["name"], package["version"]
    return {
        "type": "library",
        "bom-ref": f"pkg:cargo/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:cargo/{name}@{version}",
        "licenses": [{"expression": (package["license"] or "NOASSERTION").replace("/", " OR ")}],
        "hashes": [{"alg": "SHA-256", "content": hashes[name, version]}],
    }


def main() -> int:
    told = subprocess.run(["rustc", "-vV"], stdout=subprocess.PIPE, text=True, check=True).stdout
    host = next(line.removeprefix("host: ") for line in told.splitlines() if line.startswith("host: "))
    asked = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host]
    metadata = json.loads(subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    hashes = {(one["name"], one["version"]): one["checksum"] for one in lock["package"] if "checksum" in one}
    json.dump(inventory(metadata, hashes), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
