"""testssl.sh finds TLS 1.3 and nothing else: no older version, no weak suite, none of the known attacks."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from installation import prepare

ROOT = Path(__file__).resolve().parents[2]
SUITES = {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}
VERSIONS = ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_testssl_finds_tls_1_3_and_nothing_else(tmp_path):
    subprocess.run([ROOT / "scripts" / "tools.sh", "system", "testssl", "testssl.sh"], check=True)
    report = tmp_path / "report.json"
    with prepare(tmp_path).serve(server__self_signed="true") as served:
        command = ["testssl", "--quiet", "--warnings", "off", "--color", "0", "--jsonfile", report, "-p", "-s", "-f", "-E", "-U"]
        command.append(served.base.removeprefix("https://"))
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        subprocess.run(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, timeout=900)
    found = json.loads(report.read_text())
    said = {one["id"]: one["finding"] for one in found}
    assert [one for one in found if one["severity"] not in ("OK", "INFO")] == []
    assert "offered" in said["TLS1_3"] and not said["TLS1_3"].startswith("not")
    assert all(said[version].startswith("not offered") for version in VERSIONS), said
    suites = {one["finding"].split()[-1] for one in found if one["id"].startswith("cipher-tls1_3_")}
    assert suites == SUITES
    assert {one["id"] for one in found if one["id"].startswith("cipher-") and "tls1_3" not in one["id"]} == set()
