"""What the program's log says of callers who were refused before anybody knew them, and of failures: why, never what they
sent."""

from __future__ import annotations

import re
import resource
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from harness import Served
from installation import TIMEOUT, prepare
from wire import send

PLANTED = "planted-in-a-request"
REFUSED = re.compile(r" WARN .*refused why=\"(\w+)\" from=\"127\.0\.0\.1\" untold=(\d+)$")
CLOSE = "Connection: close\r\n"


def lines(log: Path, until: Callable[[str], bool]) -> list[str]:
    """All lines once there is one of these; each is written as what it tells of happens, or soon after."""
    for _ in range(100):
        said = log.read_text().splitlines()
        if any(until(line) for line in said):
            return said
        time.sleep(0.1)
    raise AssertionError("\n".join(said))


def told(served: Served, why: str) -> None:
    """The reason and the address are told, and nothing that was sent."""
    said = lines(served.log, lambda line: bool(found := REFUSED.search(line)) and found[1] == why)
    assert not any(PLANTED in line for line in said)


BROKEN = {
    "no request line": f"{PLANTED}\r\n\r\n",
    "a header without a name": f"GET /healthz HTTP/1.1\r\nHost: x\r\n: {PLANTED}\r\n\r\n",
    "two lengths": f"POST /{PLANTED} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a head without end": f"GET /{PLANTED} HTTP/1.1\r\nHost: x\r\n" + f"X: {PLANTED * 100}\r\n" * 100,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_http_is_told(tmp_path, name):
    with prepare(tmp_path).serve() as served:
        send(served.base, BROKEN[name].encode())
        told(served, "http")


def test_a_request_that_names_no_host_or_is_too_long_is_told(tmp_path):
    with prepare(tmp_path).serve() as served:
        send(served.base, f"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: {PLANTED}\r\n{CLOSE}\r\n".encode())
        told(served, "host_invalid")
        requests.get(f"{served.base}/v1/teams?x={PLANTED}{'a' * 17_000}", timeout=TIMEOUT)
        told(served, "url_too_long")
        headers = {f"X-{number}": PLANTED for number in range(80)}
        requests.get(f"{served.base}/v1/teams", headers=headers, timeout=TIMEOUT)
        told(served, "headers_too_large")


def test_callers_beyond_the_limits_are_told_and_fill_no_disk(tmp_path):
    with prepare(tmp_path).serve(limits__requests_per_second=1, limits__burst=1) as served:
        session = requests.Session()
        got = [session.get(f"{served.base}/v1/teams?x={PLANTED}", timeout=TIMEOUT).status_code for _ in range(200)]
        refused = got.count(429)
        told(served, "rate_limited")
        counted = [found for line in served.log.read_text().splitlines() if (found := REFUSED.search(line))]
    assert refused > 100
    assert len(counted) + sum(int(found[2]) for found in counted) <= refused
    assert len(counted) < refused / 4


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_handshake_that_fails_is_told(tmp_path):
    with prepare(tmp_path).serve(server__self_signed="true") as served:
        place = ("127.0.0.1", int(served.base.rsplit(":", 1)[1]))
        with socket.create_connection(place, TIMEOUT) as line:
            line.sendall(f"GET /{PLANTED} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            line.recv(4096)
        told(served, "tls")


def test_a_store_that_fails_is_told_and_ends_the_server(tmp_path):
    """No file grows beyond this from now on: the next writes of the store fail, whatever they are."""
    install = prepare(tmp_path)
    client = install.client("caller", "CDO")
    ignore = lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # noqa: E731
    with install.serve(ignore, limits__requests_per_second=0) as served:
        headers = {"Authorization": f"Bearer {served.token(client)}"}
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (64 << 10, 64 << 10))
        served.ended = True
        for number in range(300):
            body = {"fields": {"name": f"{PLANTED} {number}", "subject": "A"}}
            try:
                answer = requests.post(f"{served.base}/v1/dossiers", json=body, headers=headers, timeout=TIMEOUT)
            except requests.ConnectionError:
                break
            if answer.status_code != 201:
                assert answer.status_code == 503, answer.text
                break
        said = lines(served.log, lambda line: " ERROR " in line and "the store serves nothing" in line)
        assert not any(PLANTED in line for line in said)
        assert served.process.wait(20) == 1
