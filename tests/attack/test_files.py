"""Paths, names of files and cells: an address leads to no file, a name is no path, a cell is no formula."""

from __future__ import annotations

import csv
import io
import re
import stat
import time
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from harness import Install
from installation import Site, prepare
from things import CSV, ask
from wire import send

OUTSIDE = (
    "/assets/../index.html",
    "/assets/..%2f..%2f..%2fetc%2fpasswd",
    "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%5c..%5c..%5cetc%5cpasswd",
    "/assets/..\\..\\etc\\passwd",
    "/assets/%252e%252e%252fetc%252fpasswd",
    "/assets/..%c0%af..%c0%afetc/passwd",
    "/assets//etc/passwd",
    "/assets/%00",
    "/assets/",
    "/docs/../../../etc/passwd",
    "/docs/..%2f..%2f..%2fetc%2fpasswd",
    "/docs/%2e%2e/%2e%2e/etc/passwd",
    "/docs/index.html%00.js",
    "/v1/../keyring",
    "/v1/imports/../../keyring",
    "/v1/dossiers/..%2f..%2fkeyring",
    "/v1//teams",
    "/v1/%74eams",
    "/v1/teams/",
    "/v1/teams;x=1",
)
UNKNOWN = (
    "/../../../../etc/passwd",
    "//etc/passwd",
    "/.git/config",
    "/.env",
    "/keyring",
    "/metrics",
    "/debug",
    "/server-status",
    "/V1/teams",
    "/%2e%2e/etc/passwd",
)


@pytest.mark.parametrize("path", [*OUTSIDE, *UNKNOWN])
def test_an_address_leads_to_no_file_that_is_not_the_programs_own(site, path):
    token = site.callers["CDO"].token
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    heard = send(site.served.base, head.encode("latin-1"))
    if path in OUTSIDE:
        assert heard.statuses in ([404], [400]), heard.bytes
    else:
        # Addresses of nothing show the one page.
        assert heard.statuses in ([200], [404]) and b"root:" not in heard.bytes
        if heard.statuses == [200]:
            nonce = rb"[A-Za-z0-9+/]{22}=="
            page = ask(site, "GET", "/").content
            shown = heard.bytes.split(b"\r\n\r\n", 1)[1]
            assert re.sub(nonce, b"", shown) == re.sub(nonce, b"", page)


@pytest.mark.parametrize(
    "name",
    [
        "../../../planted-attack.csv",
        "/var/planted-attack.csv",
        "..\\..\\planted-attack.csv",
        "planted-attack",
        "http://evil.example.com/planted-attack.csv",
        "CON",
        'a";filename=planted-attack.html;x=.csv',
    ],
)
def test_the_name_of_an_uploaded_file_is_a_name_and_no_path(site, name):
    """It names no file here, and none in what is sent back."""
    headers = CSV | {"File-Name": quote(name, safe="")}
    answer = site.send(
        site.callers["CDO"], "POST", "/v1/imports", headers=headers, data="name,subject,phone\n示例,A,x\n".encode()
    )
    assert answer.status_code == 201 and answer.json()["name"] == name
    job = answer.json()["id"]
    problems = run(site, job)
    assert problems.headers["content-disposition"] == 'attachment; filename="problems.csv"'
    roots = (site.install.folder, site.install.work, site.install.folder.parent)
    assert not [path for root in roots for path in root.rglob("*planted-attack*")]


def run(site: Site, job: str) -> requests.Response:
    """Starts it; the file of its refused rows when it is through."""
    boss = site.callers["CDO"]
    site.send(boss, "POST", f"/v1/imports/{job}/start", json={}).raise_for_status()
    until = time.monotonic() + 30
    while site.boss("GET", f"/v1/imports/{job}")["state"] == "running" and time.monotonic() < until:
        time.sleep(0.05)
    return site.send(boss, "GET", f"/v1/imports/{job}/problems.csv")


# --- what is opened by other programs ---------------------------------------------------------------------------------


def refused(site: Site, cells: list[str]) -> list[list[str]]:
    """The rows of the file of refused rows, for names that are these."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["name", "subject", "phone"])
    rows.writerows([cell, "A", "x"] for cell in cells)
    answer = site.send(site.callers["CDO"], "POST", "/v1/imports", headers=CSV, data=out.getvalue().encode())
    file = run(site, answer.json()["id"])
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))[1:]


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "'=1",
    '=HYPERLINK("https://evil.example.com")',
]
FORMULAS_OF_OTHERS = ["\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(1)"]


def test_no_refused_row_is_a_formula_to_a_spreadsheet(site):
    """An apostrophe in front, and otherwise as it was."""
    rows = refused(site, FORMULAS)
    assert [row[0] for row in rows] == ["'" + cell for cell in FORMULAS]


@pytest.mark.parametrize("cell", FORMULAS_OF_OTHERS)
def test_nor_where_a_spreadsheet_reads_more_signs_as_the_beginning_of_one(site, cell):
    assert refused(site, [cell])[0][0].startswith("'")


# --- where the command line writes refused rows ----------------------------------------------------------------------

GOOD, BAD = "name,subject\n示例,A\n", "name,subject,phone\n示例,A,x\n"


@pytest.fixture
def stopped(tmp_path: Path) -> Install:
    install = prepare(tmp_path)
    for name, text in (("good.csv", GOOD), ("bad.csv", BAD), ("kept.txt", "not of an import")):
        (tmp_path / name).write_text(text)
    install.run("import", tmp_path / "good.csv")
    return install


@pytest.mark.parametrize("name", ["good.csv", "bad.csv"])
@pytest.mark.parametrize("place", ["kept.txt", "good.csv", "bad.csv", "data/keyring"])
def test_refused_rows_take_the_place_of_no_other_file(stopped, name, place):
    there = stopped.folder / place
    before = there.read_bytes()
    stopped.call("import", stopped.folder / name, "--rejected", there)
    assert there.is_file() and there.read_bytes() == before


@pytest.mark.parametrize("name", ["good.csv", "bad.csv"])
def test_nor_of_one_whose_name_only_looks_like_a_part_of_them(stopped, name):
    there = stopped.folder / "rows.part"
    there.write_bytes(b"not of an import")
    stopped.run("import", stopped.folder / name, "--rejected", stopped.folder / "rows")
    assert there.read_bytes() == b"not of an import"
    assert [path.name for path in stopped.folder.glob("rows*.part")] == ["rows.part"]


def test_refused_rows_follow_no_link_that_somebody_laid(stopped):
    """Beside the imported file, where others may write: what is behind the link stays, and learns nothing."""
    kept = stopped.folder / "kept.txt"
    (stopped.folder / "bad.csv.rejected.csv").symlink_to(kept)
    stopped.call("import", stopped.folder / "bad.csv")
    assert kept.read_text() == "not of an import"


def test_refused_rows_of_a_second_import_are_closed_to_others_too(stopped):
    file = stopped.folder / "bad.csv.rejected.csv"
    stopped.run("import", stopped.folder / "bad.csv")
    file.chmod(0o644)
    stopped.run("import", stopped.folder / "bad.csv")
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
