"""The machine's clock is put forward and back, stands, and comes to leap days and the turn of a year: nothing outlives its
end, no log has a time that goes back, no code has the wrong year."""

from __future__ import annotations

import ctypes.util
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests
from harness import Install, Served
from tally import TIMES, Tally
from test_crash import OPEN, placed, verified

CHINA = timezone(timedelta(hours=8))
PLACES = ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime")
HOUR, DAY = 3600, 86_400


def library() -> str:
    for place in PLACES:
        if (found := Path(place, "libfaketime.so.1")).exists():
            return str(found)
    return ctypes.util.find_library("faketime") or pytest.skip("needed: libfaketime (Debian: faketime)")


class Machine:
    """An installation on a machine whose wall clock is moved by hand; the monotonic one goes on."""

    def __init__(self, folder: Path):
        self.install = placed(folder)
        self.file = folder / "time"
        self.set("+0")
        self.install.environment |= {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, text: str) -> None:
        """`+3600`: so many seconds ahead; `2028-02-29 12:00:00`: it stands there; `@2028-…`: it goes on from there."""
        beside = self.file.with_suffix(".new")
        beside.write_text(text + "\n")
        beside.replace(self.file)

    def ahead(self, seconds: int) -> None:
        self.set(f"{seconds:+d}")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "one")


class Caller:
    def __init__(self, served: Served, install: Install, name: str = "caller"):
        self.base = served.base
        self.credentials = json.loads(install.run("client", "add", name, "--role", "CDO", "--json"))
        self.token = served.token(self.credentials)
        self.made = 0

    def ask(self, method: str, path: str, **what: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, self.base + path, headers=headers, timeout=30, **what)

    def create(self) -> dict:
        self.made += 1
        answer = self.ask("POST", "/v1/dossiers", json={"fields": {"name": f"示例时钟{self.made}有限公司", "subject": "A"}})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def times(self, log: str) -> list[str]:
        page = self.ask("GET", "/v1/ledger", params={"log": log, "from": 0, "limit": 200}).json()
        return [entry["at"] for entry in page["items"]]


@contextmanager
def serving(machine: Machine, **settings: object) -> Iterator[Served]:
    with machine.install.serve(**OPEN | settings) as served:
        yield served


def in_order(caller: Caller) -> None:
    for log in ("change", "access"):
        times = caller.times(log)
        assert times == sorted(times), f"{log}: {times}"


def right_year(made: dict) -> None:
    """The code has the year in which, in China, the dossier was made."""
    at = datetime.fromisoformat(made["created_at"].replace("Z", "+00:00")).astimezone(CHINA)
    assert made["code"][3:5] == f"{at.year % 100:02}", (made["code"], made["created_at"])


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY, 40 * DAY, -40 * DAY])
def test_the_clock_jumps_under_a_server(jump: int, machine: Machine, tally: Tally):
    with tally.attempt(f"{jump:+d} s"), serving(machine, tokens__lifetime_seconds=120) as served:
        caller = Caller(served, machine.install)
        caller.create()
        machine.ahead(jump)
        answer = caller.ask("GET", "/v1/dossiers")
        # Put forward, what would have ended has ended; put back, nothing lives longer than it would have.
        assert answer.status_code == (401 if jump > 0 else 200), answer.text
        caller.token = served.token(caller.credentials)
        right_year(caller.create())
        machine.ahead(0)
        caller.token = served.token(caller.credentials)
        right_year(caller.create())
        in_order(caller)
    with tally.attempt("verified afterwards"):
        verified(machine.install)


patient = pytest.mark.skipif(TIMES < 2, reason="waits for a minute: in `make faults`")


@patient
@pytest.mark.parametrize("jump", [-HOUR, -DAY])
def test_a_token_ends_though_the_clock_was_put_back(jump: int, machine: Machine, tally: Tally):
    with tally.attempt(f"{jump:+d} s"), serving(machine, tokens__lifetime_seconds=60) as served:
        caller = Caller(served, machine.install)
        began = time.monotonic()
        machine.ahead(jump)
        assert caller.ask("GET", "/v1/dossiers").status_code == 200
        time.sleep(max(0.0, 61 - (time.monotonic() - began)))
        assert caller.ask("GET", "/v1/dossiers").status_code == 401


@pytest.mark.parametrize("jump", [-HOUR, -DAY, -40 * DAY])
def test_a_start_with_a_clock_that_was_put_back(jump: int, machine: Machine, tally: Tally):
    with tally.attempt(f"{jump:+d} s"):
        with serving(machine) as served:
            caller = Caller(served, machine.install)
            caller.create()
        machine.ahead(jump)
        with serving(machine) as served:
            caller.base = served.base
            # Within a day time goes on from the newest entry; else a token from the future is none.
            answer = caller.ask("GET", "/v1/dossiers")
            assert answer.status_code == (200 if jump >= -DAY else 401), answer.text
            caller.token = served.token(caller.credentials)
            right_year(caller.create())
            if jump >= -DAY:
                in_order(caller)
        assert "behind the ledger" in machine.install.folder.joinpath("server.log").read_text()
        machine.ahead(0)
        verified(machine.install)


@patient
def test_a_clock_that_stands(machine: Machine, tally: Tally):
    with tally.attempt("standing"):
        machine.set(datetime.now().strftime("%Y-%m-%d %H:%M:%S"))
        with serving(machine, tokens__lifetime_seconds=60, sign_in__idle_seconds=60) as served:
            caller = Caller(served, machine.install)
            began = time.monotonic()
            right_year(caller.create())
            in_order(caller)
            time.sleep(max(0.0, 61 - (time.monotonic() - began)))
            assert caller.ask("GET", "/v1/dossiers").status_code == 401
        verified(machine.install)


MOMENTS = {
    "a leap day": "2028-02-29 11:59:59",
    "the end of a leap day": "2028-02-29 15:59:58",
    "the end of a year in China": "2027-12-31 15:59:57",
    "the end of a year in UTC": "2027-12-31 23:59:57",
    "daylight time begins in Europe": "2027-03-28 00:59:58",
    "daylight time ends in Europe": "2027-10-31 00:59:58",
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_special_day(name: str, machine: Machine, tally: Tally):
    """The machine's own zone has daylight time; nothing but the tenant's zone may count."""
    machine.install.environment["TZ"] = "Europe/Berlin"
    at = datetime.fromisoformat(MOMENTS[name]).replace(tzinfo=timezone.utc)
    with tally.attempt(name):
        machine.ahead(round(at.timestamp() - time.time()))
        with serving(machine) as served:
            caller = Caller(served, machine.install)
            until = time.monotonic() + 4
            while time.monotonic() < until:
                right_year(caller.create())
                time.sleep(0.3)
            days = {"created_from": at.date().isoformat(), "created_to": (at + timedelta(days=2)).date().isoformat()}
            answer = caller.ask("GET", "/v1/dossiers", params=days)
            assert answer.status_code == 200 and answer.json()["items"], answer.text
            in_order(caller)
        verified(machine.install)
