"""Little memory, thousands of slow connections, more requests than can be answered, and requests that are too large."""

from __future__ import annotations

import json
import os
import resource
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from harness import Install, Served
from tally import TIMES, Tally, many
from test_crash import OPEN, placed, verified

CGROUPS = Path("/sys/fs/cgroup")
MEMORY = 256 << 20
SLOW = many(500) if TIMES < 20 else 10_000
SECONDS = 10 if TIMES < 20 else 60


@pytest.fixture
def install(tmp_path: Path) -> Install:
    return placed(tmp_path / "one")


def credentials(install: Install) -> dict:
    return json.loads(install.run("client", "add", "caller", "--role", "CDO", "--json"))


@contextmanager
def little_memory() -> Iterator[Path]:
    """A control group (either version) that may have 256 MB and no swap."""
    for root, files in (
        (CGROUPS / "memory", {"memory.limit_in_bytes": MEMORY, "memory.memsw.limit_in_bytes": MEMORY}),
        (CGROUPS, {"memory.max": MEMORY, "memory.swap.max": 0}),
    ):
        group = root / f"dossier-test-{os.getpid()}"
        try:
            group.mkdir()
            for name, value in files.items():
                if (group / name).exists():
                    (group / name).write_text(str(value))
            if not any((group / name).exists() for name in files):
                group.rmdir()
                continue
        except OSError:
            continue
        try:
            yield group
        finally:
            for _ in range(100):
                try:
                    group.rmdir()
                    break
                except OSError:
                    time.sleep(0.1)
        return
    pytest.skip("a control group of one's own needs root")


def test_256_megabytes_are_enough(install: Install, tally: Tally):
    """Everything at once, passwords included, in a quarter of a gigabyte."""
    file = install.folder / "customers.csv"
    rows = many(2000)
    install.run("demo", "generate", "--customers", rows, "--out", file)
    caller = credentials(install)
    with little_memory() as group, tally.attempt(f"{rows} rows"):
        with install.serve(before=lambda: (group / "cgroup.procs").write_text(str(os.getpid())), **OPEN) as served:
            install.run("import", file)
            headers = {"Authorization": f"Bearer {served.token(caller)}"}

            def ask(number: int) -> int:
                if number % 20 == 0:
                    body = {"name": "nobody", "password": "plum harbour seven"}
                    return requests.post(f"{served.base}/v1/session", json=body, timeout=60).status_code
                return requests.get(f"{served.base}/v1/dossiers?limit=100", headers=headers, timeout=60).status_code

            with ThreadPoolExecutor(16) as threads:
                answers = list(threads.map(ask, range(many(400))))
            tally.seen["asked"] += len(answers)
            assert set(answers) <= {200, 401, 429}, set(answers)
        verified(install)


def test_slow_connections_do_not_keep_others_waiting(install: Install, tally: Tally):
    """Half of them never end their head, half never their body; all are gone within 15 s."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    slow = min(SLOW, most - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    caller = credentials(install)
    settings = OPEN | {"server__max_connections": min(slow + 200, 65535), "server__body_timeout_seconds": 12}
    with install.serve(**settings) as served, tally.attempt(f"{slow} slow connections"):
        token = served.token(caller)
        before = latencies(served, token, 3)
        with crowd(served, token, slow, SECONDS) as gone:
            during = latencies(served, token, SECONDS)
        tally.seen["slow connections"] += slow
        tally.seen[f"p99 alone {worst(before):.0f} ms, among them {worst(during):.0f} ms"] += 1
        assert gone.longest <= 15.5, f"one stayed for {gone.longest:.1f} s"
    assert during, "nobody else was answered"


class Gone:
    longest = 0.0


@contextmanager
def crowd(served: Served, token: str, count: int, seconds: float) -> Iterator[Gone]:
    """So many connections that send a byte now and then; each that is cut is made again until the time is over."""
    host, port = served.base.removeprefix("http://").split(":")
    head = f"POST /v1/dossiers HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    body = head + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
    gone, until = Gone(), time.monotonic() + seconds

    def some(first: int, share: int) -> None:
        held: dict[socket.socket, float] = {}
        while time.monotonic() < until or held:
            while len(held) < share and time.monotonic() < until:
                one = socket.create_connection((host, int(port)), timeout=30)
                one.sendall((head if (first + len(held)) % 2 else body).encode())
                one.setblocking(False)
                held[one] = time.monotonic()
            for one in list(held):
                try:
                    if one.recv(4096) != b"":
                        continue
                except BlockingIOError:
                    try:
                        one.send(b"x")
                        if time.monotonic() - held[one] < 20:
                            continue
                    except OSError:
                        pass
                except OSError:
                    pass
                gone.longest = max(gone.longest, time.monotonic() - held.pop(one))
                one.close()
            time.sleep(0.5)

    shares = [threading.Thread(target=some, args=(n, count // 4)) for n in range(4)]
    for share in shares:
        share.start()
    yield gone
    for share in shares:
        share.join()


def latencies(served: Served, token: str, seconds: float) -> list[float]:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        answer = session.get(f"{served.base}/v1/dossiers?limit=25", timeout=30)
        assert answer.status_code == 200, answer.text
        took.append((time.monotonic() - began) * 1000)
        time.sleep(0.01)
    return took


def worst(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98] if len(took) > 1 else 0.0


def test_more_than_can_be_answered_is_refused_at_once(install: Install, tally: Tally):
    caller = credentials(install)
    settings = OPEN | {"limits__requests_per_second": 50, "limits__in_flight": 4}
    with install.serve(**settings) as served, tally.attempt("overload"):
        headers = {"Authorization": f"Bearer {served.token(caller)}"}

        def ask(_: int) -> tuple[int, str | None]:
            answer = requests.get(f"{served.base}/v1/dossiers?limit=25", headers=headers, timeout=30)
            return answer.status_code, answer.headers.get("Retry-After")

        with ThreadPoolExecutor(32) as threads:
            answers = list(threads.map(ask, range(many(600))))
        for status, _ in answers:
            tally.seen[f"answered {status}"] += 1
        assert {status for status, _ in answers} <= {200, 429, 503}
        assert any(status != 200 for status, _ in answers), "nothing was refused"
        assert all(wait and int(wait) >= 1 for status, wait in answers if status != 200), "without Retry-After"


LARGE = {
    "a body over the limit": ("POST", "/v1/dossiers", {}, b"{" + b" " * (2 << 20), {413}),
    "an address of 100 kB": ("GET", "/v1/dossiers?after=" + "a" * 100_000, {}, b"", {414, 431, 400}),
    "a header of 1 MB": ("GET", "/v1/dossiers", {"X-Long": "a" * (1 << 20)}, b"", {431, 400}),
    "a thousand headers": ("GET", "/v1/dossiers", {f"X-{n}": "a" for n in range(1000)}, b"", {431, 400}),
    "JSON 10,000 deep": ("POST", "/v1/dossiers", {}, b'{"fields":' + b"[" * 10_000, {400, 422}),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_is_refused(name: str, install: Install, tally: Tally):
    method, path, more, body, expected = LARGE[name]
    caller = credentials(install)
    with install.serve(**OPEN) as served, tally.attempt(name):
        headers = {"Authorization": f"Bearer {served.token(caller)}", "Content-Type": "application/json"} | more
        try:
            status = requests.request(method, served.base + path, headers=headers, data=body, timeout=30).status_code
        except requests.ConnectionError:
            # Cut before all of it was sent: as good as an answer, when the server goes on.
            status = min(expected)
        assert status in expected, status
        assert requests.get(f"{served.base}/healthz", timeout=5).ok
