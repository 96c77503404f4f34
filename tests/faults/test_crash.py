"""Killed before, in the middle of, and after each write, flush, renaming, cutting and making of a file, and each message to
a database: what was acknowledged is there, nothing is half there, and the next start goes on by itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from book import Book
from harness import Install, new_database
from power import fresh
from shim import KILLS, Kind, Shim
from tally import Tally, many

ROWS = 40


@dataclass
class Work:
    """A command that is killed, and what has to be so once it was started again."""

    line: tuple[str, ...]
    before: Callable[[Install], None] = lambda install: None
    # Given: whether the command was acknowledged before it was killed.
    after: Callable[[Install, bool], None] = lambda install, done: None
    # What the second start may answer when the first had done its work and was killed before it could say so.
    settled: str = "-"


def placed(folder: Path) -> Install:
    """An installation whose keystore lies beside its data."""
    install = Install(folder)
    install.environment["DOSSIER__KEYS__KEYSTORE"] = str(folder / "root.keystore")
    if "DOSSIER_TEST_MYSQL" in os.environ:
        install.database = new_database()
    return install


def customers(install: Install) -> Path:
    file = install.folder / "customers.csv"
    install.run("demo", "generate", "--customers", ROWS, "--out", file)
    return file


def imported(install: Install) -> None:
    install.run("import", customers(install))


def records(install: Install, rows: int) -> None:
    report = verified(install)
    assert report["records"] == rows, report


def verified(install: Install) -> dict:
    report = json.loads(install.run("ledger", "verify", "--deep", "--json"))
    assert report["ok"] is True, report
    return report


WORKS = {
    "the first start": Work(
        ("team", "add", "华东"),
        after=lambda install, done: in_teams(install, "华东"),
        settled="1001005054",
    ),
    "an import": Work(
        ("import", "customers.csv"),
        before=customers,
        after=lambda install, done: records(install, ROWS),
    ),
    "taking an import back": Work(
        ("import", "undo", "IMPORT"),
        before=imported,
        after=lambda install, done: taken_back(install),
        settled="1001005201",
    ),
    "a rotation": Work(("key", "rotate"), before=imported, after=lambda install, done: records(install, ROWS)),
    "a rotation of all keys": Work(
        ("key", "rotate", "--data-keys"), before=imported, after=lambda install, done: records(install, ROWS)
    ),
    "verifying": Work(("ledger", "verify"), before=imported, after=lambda install, done: records(install, ROWS)),
}


def on(install: Install, store: str) -> None:
    install.environment["DOSSIER__STORE__URL"] = store


def moved(install: Install, to: str) -> None:
    """All of it is there; whoever did not finish is refused until it is done again."""
    on(install, to)
    records(install, ROWS)


# From one store to another; each of both is asked for by its name.
MOVES = {
    "moving to a database": Work(
        ("migrate", "--from", "sqlite", "--to", "DATABASE"),
        before=lambda install: (on(install, "sqlite"), imported(install)),
        after=lambda install, done: moved(install, install.database),
        settled="1001004018",
    ),
    "moving to a file": Work(
        ("migrate", "--from", "DATABASE", "--to", "sqlite"),
        before=lambda install: (on(install, install.database), imported(install)),
        after=lambda install, done: moved(install, "sqlite"),
        settled="1001004018",
    ),
}
needs_both = pytest.mark.skipif(
    "DOSSIER_TEST_MYSQL" not in os.environ or "DOSSIER_TEST_STORE" in os.environ,
    reason="done once, by scripts/with_mariadb.sh",
)


def in_teams(install: Install, name: str) -> None:
    assert name in install.run("team", "list"), "a team that was acknowledged is gone"


def taken_back(install: Install) -> None:
    shown = json.loads(install.run("import", "show", newest_import(install), "--json"))
    assert (shown["state"], shown["undo"]["removed"]) == ("undone", ROWS), shown


@pytest.mark.parametrize("name", [*WORKS, *(pytest.param(name, marks=needs_both) for name in MOVES)])
def test_killed_at_each_call(name: str, tmp_path: Path, library: Path, tally: Tally):
    work = (WORKS | MOVES)[name]
    base = placed(tmp_path / "base")
    work.before(base)
    total = calls(work, base, tmp_path / "count", library)
    points = [(at, what) for at in range(1, total + 1) for what in KILLS]
    for at, what in sorted(tally.chance.sample(points, min(many(16), len(points)))):
        with tally.attempt(f"{what.name} at call {at} of {total}"):
            install = another(work, base, tmp_path / "try")
            shim = Shim(library, install.folder, install.folder)
            shim.arm(Kind.ALL, what, at)
            line = line_of(work, install)
            done = under(shim, install, line)
            assert done.returncode in (0, -signal.SIGKILL), done
            tally.seen["killed"] += done.returncode != 0
            if done.returncode != 0:
                again = install.call(*line)
                assert again.returncode == 0 or work.settled in again.stderr, again
            work.after(install, done.returncode == 0)
            verified(install)
        shutil.rmtree(tmp_path / "try")


def newest_import(install: Install) -> str:
    return json.loads(install.run("import", "list", "--json"))[0]["id"]


def line_of(work: Work, install: Install) -> list[str]:
    given = {"IMPORT": lambda: newest_import(install), "DATABASE": lambda: install.database}
    return [given[word]() if word in given else word for word in work.line]


def under(shim: Shim, install: Install, line: list[str]) -> subprocess.CompletedProcess:
    kept = install.environment
    install.environment = kept | shim.environment
    done = install.call(*line)
    install.environment = kept
    return done


def another(work: Work, base: Install, folder: Path) -> Install:
    """The same installation elsewhere, without the room that is kept for the access log: it is made again. One whose
    store is a database is made anew."""
    if base.environment.get("DOSSIER__STORE__URL", "sqlite") != "sqlite":
        install = placed(folder)
        work.before(install)
        return install
    shutil.copytree(base.folder, folder, ignore=shutil.ignore_patterns("reserve"))
    install = placed(folder)
    install.environment |= {name: value for name, value in base.environment.items() if name == "DOSSIER__STORE__URL"}
    return install


def calls(work: Work, base: Install, folder: Path, library: Path) -> int:
    """How many calls the command makes when nobody disturbs it."""
    install = another(work, base, folder)
    shim = Shim(library, folder, folder)
    line = line_of(work, install)
    shim.count()
    assert under(shim, install, line).returncode == 0
    shutil.rmtree(folder)
    return shim.counted


OPEN = {
    "limits__requests_per_second": 0,
    "limits__in_flight": 0,
    "limits__reveals_per_hour": 1_000_000,
    "limits__find_misses_per_hour": 1_000_000,
}


# So many kills are of one installation: each looks again at all that was acknowledged in those before.
KILLS_OF_AN_INSTALLATION = 32


def test_a_server_killed_at_any_call(tmp_path: Path, library: Path, tally: Tally):
    left = many(16)
    while left > 0:
        kills = min(left, KILLS_OF_AN_INSTALLATION)
        one_server(fresh(tmp_path / "work"), library, tally, kills)
        left -= kills


def one_server(folder: Path, library: Path, tally: Tally, kills: int) -> None:
    install = placed(folder / "one")
    credentials = json.loads(install.run("client", "add", "caller", "--role", "CDO", "--json"))
    book = Book(credentials, tally.chance)
    shim = Shim(library, install.folder, install.folder)
    environment = install.environment
    for number in range(kills):
        at, what = tally.chance.randrange(1, 500), tally.chance.choice(KILLS)
        with tally.attempt(f"{what.name} at call {at}, round {number}"):
            install.environment = environment | shim.environment
            shim.count()
            with install.serve(**OPEN) as served:
                token = served.token(credentials)
                looked = book.check(served, token)
                # The start itself is killed too, every fourth time; what was acknowledged is looked at by the next.
                shim.arm(Kind.ALL, what, at)
                book.work(served, 200, token)
                served.ended = True
            tally.seen["killed"] += served.process.returncode == -signal.SIGKILL
            tally.seen["looked at"] += looked
            if number % 4 == 3:
                shim.arm(Kind.ALL, what, tally.chance.randrange(1, 60))
                tally.seen["starts killed"] += install.call("ledger", "verify").returncode == -signal.SIGKILL
            install.environment = environment
            verified(install)
    with install.serve(**OPEN) as served:
        tally.seen["looked at"] += book.check(served, served.token(credentials))
    tally.seen["acknowledged"] += book.acknowledged
    assert not book.refused, f"answers that nobody should get: {book.refused[:5]}"
