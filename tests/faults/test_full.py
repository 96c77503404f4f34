"""A disk that is really full, and one that is really read-only: a small file system in memory (needs root)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from book import Book
from harness import Served
from tally import Tally, many
from test_crash import OPEN, placed, verified
from test_disk import heals

# The room for the access log (64 MiB) and as much beside it.
DISK = 160 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "dossier-test", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system of one's own needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Takes all the room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
    return ballast


def test_a_full_disk(disk: Path, tally: Tally):
    install = placed(disk)
    book = Book(json.loads(install.run("client", "add", "caller", "--role", "CDO", "--json")), tally.chance)
    with install.serve(**OPEN) as served:
        token = served.token(book.credentials)
        book.work(served, 30, token)
        for number in range(many(3)):
            with tally.attempt(f"round {number}"):
                ballast = fill(disk)
                refused(served, book, token)
                # Reading goes on, out of the room that was kept for its log.
                tally.seen["read while it was full"] += book.check(served, token)
                book.work(served, 20, token)
                assert all(status == 503 for status, _ in book.refused), book.refused[:5]
                assert not any(code == "1001004011" for _, code in book.refused), "the store has stopped"
                book.refused.clear()
                ballast.unlink()
                heals(served, book, token)
                tally.seen["looked at"] += book.check(served, token)
    verified(install)


def refused(served: Served, book: Book, token: str) -> None:
    """Nothing new is taken in, and it is said why."""
    headers = {"Authorization": f"Bearer {token}"}
    remarks = "满" * 2000
    for _ in range(200):
        fields = {"name": book.name(), "subject": "A", "remarks": remarks}
        answer = requests.post(f"{served.base}/v1/dossiers", json={"fields": fields}, headers=headers, timeout=60)
        if answer.status_code != 201:
            assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[1]) == (503, "disk_full"), answer.text
            return
    raise AssertionError("a full disk took in everything")


def test_a_disk_that_cannot_be_written(disk: Path, tally: Tally):
    """Put to read-only under a stopped program: it does not start, says why, and starts again later."""
    install = placed(disk)
    with tally.attempt("a start"):
        install.run("team", "add", "华东")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        done = install.call("team", "list")
        assert done.returncode == 1 and "error" in done.stderr, done
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert "华东" in install.run("team", "list")
        verified(install)
