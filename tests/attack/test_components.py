"""The list of components: all that are linked or build the program, with hash and licence, and none of the tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from harness import ROOT


def test_the_list_of_components_has_every_crate_of_the_program_and_none_of_the_tests():
    made = subprocess.run([sys.executable, ROOT / "scripts/sbom.py"], capture_output=True, check=True)
    components = json.loads(made.stdout)["components"]
    names = {one["name"] for one in components}
    assert {"aws-lc-rs", "hyper", "rusqlite", "rustls", "sqlx", "tantivy", "quick-xml"} <= names
    assert not {"insta", "proptest", "rust_xlsxwriter"} & names
    assert not [name for name in names if name.startswith("windows")], "of another platform"
    assert not [name for name in names if name.startswith("dossier-")]
    assert len({one["purl"] for one in components}) == len(components)
    for one in components:
        assert re.fullmatch(r"[0-9a-f]{64}", one["hashes"][0]["content"]), one["name"]
        assert "NOASSERTION" not in one["licenses"][0]["expression"], one["name"]
