"""Little memory, thousands of slow connections, more requests than can be answered, and requests that are too large."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import socket
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
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
# For so long the crowd is sent elsewhere, and for so long each connection is kept there.
BESIDE_SECONDS = SECONDS // 2
KEPT_SECONDS = 11
FORK = multiprocessing.get_context("fork")


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
        beside = beside_a_crowd(served, token, slow)
        with crowd(port_of(served), token, slow, SECONDS) as longest:
            during = latencies(served, token, SECONDS)
        tally.seen["slow connections"] += slow
        told = f"alone {worst(before):.0f} ms, beside such a crowd elsewhere {worst(beside):.0f} ms"
        tally.seen[f"p99 {told}, among them {worst(during):.0f} ms"] += 1
        assert longest.value <= 15.5, f"one stayed for {longest.value:.1f} s"
    assert during, "nobody else was answered"


def port_of(served: Served) -> int:
    return int(served.base.rsplit(":", 1)[1])


@contextmanager
def crowd(port: int, token: str, count: int, seconds: float) -> Iterator[Synchronized]:
    """So many connections that send a byte now and then; each that is cut is made again until the time is over. They are
    made by a process of their own, for which whoever measures does not wait. Gives how long one stayed at most."""
    longest = FORK.Value("d", 0.0)
    process = FORK.Process(target=press, args=(port, token, count, seconds, longest))
    process.start()
    try:
        yield longest
    finally:
        process.join()
    assert process.exitcode == 0


def press(port: int, token: str, count: int, seconds: float, longest: Synchronized) -> None:
    head = f"POST /v1/dossiers HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    body = head + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
    until = time.monotonic() + seconds

    def some(share: int) -> None:
        held: dict[socket.socket, float] = {}
        stayed = 0.0
        while time.monotonic() < until or held:
            while len(held) < share and time.monotonic() < until:
                one = socket.create_connection(("127.0.0.1", port), timeout=30)
                one.sendall((head if len(held) % 2 else body).encode())
                one.setblocking(False)
                held[one] = time.monotonic()
            for one in list(held):
                age = time.monotonic() - held[one]
                if age > 20 or not is_there(one):
                    del held[one]
                    one.close()
                else:
                    stayed = max(stayed, age)
            time.sleep(0.5)
        with longest.get_lock():
            longest.value = max(longest.value, stayed)

    shares = [threading.Thread(target=some, args=(count // 4,)) for _ in range(4)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()


def is_there(one: socket.socket) -> bool:
    """Whether it was not cut; it is sent another byte then."""
    try:
        return one.recv(4096) != b""
    except BlockingIOError:
        pass
    except OSError:
        return False
    try:
        one.send(b"x")
    except OSError:
        return False
    return True


def beside_a_crowd(served: Served, token: str, count: int) -> list[float]:
    """The same while such a crowd is nobody's here: what it costs the machine to have one."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        port = listener.getsockname()[1]
        holder = FORK.Process(target=hold, args=(listener,))
        holder.start()
    with crowd(port, token, count, BESIDE_SECONDS):
        try:
            return latencies(served, token, BESIDE_SECONDS + 1)
        finally:
            holder.terminate()
            holder.join()


def hold(listener: socket.socket) -> None:
    """Takes connections and leaves them alone, for as long as the server does."""
    held: deque[tuple[float, socket.socket]] = deque()
    listener.settimeout(0.1)
    while True:
        try:
            held.append((time.monotonic() + KEPT_SECONDS, listener.accept()[0]))
        except TimeoutError:
            pass
        while held and held[0][0] < time.monotonic():
            held.popleft()[1].close()


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
