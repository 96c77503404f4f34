"""The power fails: whatever of the unflushed bytes and names reached the disk, all that was acknowledged is there and
nothing is half there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import requests
from book import Book, Event
from harness import Install
from power import Disk, fresh, read
from shim import Shim
from tally import Tally, many
from test_crash import OPEN, placed, verified

# So many cuts of one recording share the way to them.
STATES_OF_A_RECORDING = 400
# Of so many states one is looked at through a server as well.
SERVED_EVERY = 8


def test_the_power_fails_at_any_moment(tmp_path: Path, library: Path, tally: Tally):
    left = many(40, long=170)
    while left > 0:
        states = min(left, STATES_OF_A_RECORDING)
        one_recording(fresh(tmp_path / "work"), library, tally, states)
        left -= states


def one_recording(folder: Path, library: Path, tally: Tally, states: int) -> None:
    install = placed(folder / "one")
    book = Book(json.loads(install.run("client", "add", "caller", "--role", "CDO", "--json")), tally.chance)
    base, record = folder / "base", folder / "record"
    shutil.copytree(install.folder, base, ignore=shutil.ignore_patterns("reserve"))
    shim = Shim(library, folder, install.folder, record=record)
    shim.count()
    book.stamp = lambda: shim.recorded
    install.environment |= shim.environment
    with install.serve(**OPEN) as served:
        book.work(served, 25, served.token(book.credentials))
        rotate(served, book)
        book.work(served, 25, served.token(book.credentials))
    assert not book.refused, book.refused[:3]
    calls = read(record)
    tally.seen["calls"] += len(calls)
    disk = Disk(base, str(install.folder))
    cuts = sorted(tally.chance.randint(0, len(calls)) for _ in range(states))
    done = 0
    for number, cut in enumerate(cuts):
        for call in calls[done:cut]:
            disk.follow(call)
        done = cut
        acknowledged = [event for event in book.events if cut and event.stamp <= calls[cut - 1].end]
        with tally.attempt(f"after call {cut} of {len(calls)}, {len(acknowledged)} acknowledged"):
            # At the same place: the data folder knows where its keystore is.
            disk.after_a_failure(fresh(install.folder), tally.chance)
            again = placed(install.folder)
            look(again, acknowledged)
            if number % SERVED_EVERY == 0:
                ask(again, book, acknowledged)
                tally.seen["served"] += 1


def rotate(served, book: Book) -> None:
    headers = {"Authorization": f"Bearer {served.token(book.credentials)}"}
    requests.post(f"{served.base}/v1/keys/rotate", json={}, headers=headers, timeout=60).raise_for_status()


def look(install: Install, acknowledged: list[Event]) -> None:
    """The whole store and both logs, and that they hold as much as was acknowledged."""
    report = verified(install)
    made = len({event.about for event in acknowledged if event.what == "put"})
    assert report["records"] >= made, f"{report['records']} records, {made} were acknowledged"
    reveals = [int(event.about.rsplit("-", 1)[1]) for event in acknowledged if event.what == "reveal"]
    access = next(log["size"] for log in report["logs"] if "/access/" in log["origin"])
    assert access > max(reveals, default=-1), f"{access} entries, {max(reveals)} was acknowledged"


def ask(install: Install, book: Book, acknowledged: list[Event]) -> None:
    """Each dossier through a server: at least the version that was acknowledged."""
    versions, erased = {}, {event.about for event in acknowledged if event.what == "erase"}
    for event in acknowledged:
        if event.what == "put":
            versions[event.about] = max(event.version, versions.get(event.about, 0))
    may_be_erased = {uid for uid, kept in book.kept.items() if kept.erased or kept.erasing}
    with install.serve(**OPEN) as served:
        headers = {"Authorization": f"Bearer {served.token(book.credentials)}"}
        for uid, version in versions.items():
            answer = requests.get(f"{served.base}/v1/dossiers/{uid}", headers=headers, timeout=60)
            if uid in erased:
                assert answer.status_code in (404, 410), f"{uid} was erased: {answer.status_code}"
            elif answer.status_code in (404, 410):
                assert uid in may_be_erased, f"{uid} was acknowledged and is gone"
            else:
                assert answer.status_code == 200, f"{uid}: {answer.status_code} {answer.text}"
                assert answer.json()["version"] >= version, f"{uid} is older than what was acknowledged"
