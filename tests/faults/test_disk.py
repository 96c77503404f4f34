"""A disk that fails at one call, or from one call on: nothing is acknowledged that is not there, and a full disk heals by
itself."""

from __future__ import annotations

import errno
import json
import time
from pathlib import Path

import pytest
import requests
from book import Book
from harness import Served
from power import fresh
from shim import Kind, Shim, What
from tally import Tally, many
from test_crash import OPEN, placed, verified

# The error's code when the store serves nothing any more.
STOPPED = "1001004011"

FAULTS = {
    "a write that fails": (Kind.WRITE, errno.EIO, False),
    "writes that fail from now on": (Kind.WRITE, errno.EIO, True),
    "a flush that fails": (Kind.SYNC, errno.EIO, False),
    "flushes that fail from now on": (Kind.SYNC, errno.EIO, True),
    "no room for a write": (Kind.WRITE, errno.ENOSPC, False),
    "no room from now on": (Kind.WRITE | Kind.OPEN, errno.ENOSPC, True),
    "a file that cannot be made or cut": (Kind.OPEN | Kind.CUT | Kind.NAME, errno.EIO, True),
}

# So many rounds are of one installation: each looks again at all that was acknowledged in those before.
ROUNDS_OF_AN_INSTALLATION = 8


@pytest.mark.parametrize("name", FAULTS)
def test_the_disk_fails_under_a_server(name: str, tmp_path: Path, library: Path, tally: Tally):
    left = many(4)
    while left > 0:
        rounds = min(left, ROUNDS_OF_AN_INSTALLATION)
        one_installation(name, fresh(tmp_path / "work"), library, tally, rounds)
        left -= rounds


def one_installation(name: str, folder: Path, library: Path, tally: Tally, rounds: int) -> None:
    kinds, error, for_good = FAULTS[name]
    install = placed(folder / "one")
    book = Book(json.loads(install.run("client", "add", "caller", "--role", "CDO", "--json")), tally.chance)
    shim = Shim(library, install.folder, install.folder)
    environment = install.environment
    for number in range(rounds):
        at = tally.chance.randrange(1, 200)
        with tally.attempt(f"at call {at}, round {number}"):
            install.environment = environment | shim.environment
            shim.count()
            with install.serve(**OPEN) as served:
                token = served.token(book.credentials)
                tally.seen["looked at"] += book.check(served, token)
                served.ended = True
                shim.arm(kinds, What.FAIL, at, error, for_good)
                book.work(served, 60, token)
                tally.seen["hit"] += shim.hits > 0
                if (503, STOPPED) in book.refused:
                    # Nothing is served any more, and whoever started it is told.
                    assert served.process.wait(15) == 1, served.process.returncode
                    tally.seen["ended by itself"] += 1
                elif shim.hits:
                    shim.disarm()
                    heals(served, book, token)
                    tally.seen["went on"] += 1
                tally.seen["answered 503"] += len(book.refused)
                others = [answer for answer in book.refused if answer[0] != 503]
                assert not others, others[:5]
                book.refused.clear()
            install.environment = environment
            verified(install)
    with install.serve(**OPEN) as served:
        tally.seen["looked at"] += book.check(served, served.token(book.credentials))
    tally.seen["acknowledged"] += book.acknowledged


def heals(served: Served, book: Book, token: str) -> None:
    """With room again it serves again, without a restart."""
    headers = {"Authorization": f"Bearer {token}"}
    body = {"fields": {"name": book.name(), "subject": "A"}}
    until = time.monotonic() + 15
    while True:
        answer = requests.post(f"{served.base}/v1/dossiers", json=body, headers=headers, timeout=30)
        if answer.status_code == 201 or time.monotonic() > until:
            break
        time.sleep(0.3)
    assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
    answer = requests.get(f"{served.base}/v1/dossiers/{answer.json()['id']}", headers=headers, timeout=30)
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
