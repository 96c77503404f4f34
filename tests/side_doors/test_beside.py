"""What lies beside the exits: caches between caller and server, a panic with values in hand, requests and processes that
end in the middle, and what the system shows of a running process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from folders import Created, files, planted_in
from harness import free_port, stop
from installation import OPEN_LIMITS, OTHER, OWN, PASSWORD, TIMEOUT, Site, prepare
from planted import Book, Record
from watch import Caller, Watch

HERE = Path(__file__).resolve().parent
NOBODY = Caller("nobody", "NOBODY", "")
READY_SECONDS = 20
# As talkative as somebody who looks for a fault makes it, other people's crates by name as well.
TALKATIVE = "trace,hyper=trace,h2=trace,sqlx=trace,rusqlite=trace,tantivy=trace,rustls=trace,tower_http=trace"
LINE = re.compile(r"^\d{4}-\d\d-\d\dT\S+\s+(TRACE|DEBUG|INFO|WARN|ERROR) ([a-z0-9_:]+)", re.M)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("library") / "no_threads.so"
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", str(made), str(HERE / "no_threads.c")]
    subprocess.run([os.environ.get("CC", "cc"), *flags, "-ldl"], check=True, timeout=120)
    return made


@pytest.fixture
def site(tmp_path: Path, library: Path) -> Iterator[Site]:
    """With two customers and their contacts, one of each team."""
    install, book = prepare(tmp_path), Book()
    install.environment |= {"LD_PRELOAD": str(library), "NO_THREADS": str(tmp_path / "no-threads")}
    install.environment |= {"RUST_BACKTRACE": "full", "RUST_LOG": "trace"}
    created = Created(install.folder / "tmp", install.work)
    with install.serve(**OPEN_LIMITS | {"log__level": TALKATIVE}) as served:
        site = Site(install, served, book, Watch(book))
        site.created = created
        site.people()
        for team in (OWN, OTHER):
            site.contact(f"contact of {team}", site.create(f"firm of {team}", team, "A"))
        yield site
    created.close()


def nothing_was_left(site: Site) -> None:
    """Nothing in the log, in a file or in a temporary one, not even for a moment."""
    for path in files(*site.install.stored, site.install.folder / "tmp", site.install.work):
        for value in planted_in(path, site.book.lens):
            # Customer codes are clear columns; in the database ids are bytes.
            if not (value.sort == "id" and value.text.startswith("C")):
                site.watch.note(NOBODY, str(path), repr(value))
    site.watch.check(site.served.log.read_bytes(), NOBODY, "server.log")
    assert not list(site.watch.findings)
    assert not site.created.names()


# --- the program's own log -------------------------------------------------------------------------------------------


def test_the_log_has_no_value_however_talkative_it_is_made(site):
    firm = site.named(f"firm of {OWN}")
    for name in ("CDO", "CDO in a browser", "CDU"):
        for method, path, body in asked_of(site, firm):
            site.send(site.callers[name], method, path, json=body)
    said = LINE.findall(site.served.log.read_text())
    assert any(level in ("TRACE", "DEBUG") and target.startswith("dossier") for level, target in said)
    others = {(level, target) for level, target in said if not target.startswith("dossier")}
    assert {level for level, _ in others} <= {"WARN", "ERROR"}, others
    nothing_was_left(site)


def asked_of(site: Site, firm: Record) -> list[tuple[str, str, dict | None]]:
    """What shows values, by each way of showing them."""
    contact = site.named(f"contact of {OWN}")
    return [
        ("GET", "/v1/dossiers?limit=100", None),
        ("GET", f"/v1/dossiers/{firm.id}", None),
        ("GET", f"/v1/dossiers/{firm.id}/history", None),
        ("GET", f"/v1/contacts/{contact.id}", None),
        ("POST", "/v1/search", {"q": firm.now["name"]}),
        ("POST", f"/v1/dossiers/{firm.id}/reveal", {"field": "phone", "purpose": "联系客户"}),
        ("GET", "/v1/session", None),
    ]


# --- a panic ---------------------------------------------------------------------------------------------------------


def test_a_panic_with_values_in_hand_tells_nothing_of_them(site):
    """No thread can be made, which the library under the server takes for a reason to panic in the middle of a request."""
    fields = site.book.record("customer", "in hand", OWN, "A").now
    no_threads = Path(site.install.environment["NO_THREADS"])

    def ask(_: int) -> requests.Response:
        return site.send(site.callers["CDO"], "POST", "/v1/dossiers", json={"fields": fields, "team": OWN})

    no_threads.touch()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(40)))
    no_threads.unlink()
    failed = [answer for answer in answers if answer.status_code == 500]
    assert failed, sorted({answer.status_code for answer in answers})
    for answer in failed:
        assert answer.json()["type"] == "urn:dossier:problem:internal"
        assert not site.watch.check(answer.content, NOBODY, "a panic")
    log = site.served.log.read_text()
    # Where it was, with the names of functions down to the start of the program, and not what was in hand.
    assert "panicked: (a text with values, not shown)" in log and "tokio::runtime" in log
    assert "thread '" not in log and "OS can't spawn" not in log
    assert ask(0).status_code in (201, 409)
    nothing_was_left(site)


# --- caches ----------------------------------------------------------------------------------------------------------

NGINX = """
daemon off; pid {place}/pid; error_log {place}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {place}/body; proxy_temp_path {place}/temp;
  fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  proxy_cache_path {place}/cache keys_zone=all:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {base};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      # As eager as it can be without passing over what the server says about keeping: for all callers alike, for an hour.
      proxy_cache all; proxy_cache_key $request_method$request_uri$request_body;
      proxy_cache_methods GET HEAD POST; proxy_cache_valid any 1h;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""


@pytest.fixture
def cache(site: Site, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A cache between callers and server: its address and the folder of what it keeps."""
    path = os.environ["PATH"] + ":/usr/sbin"
    if shutil.which("nginx", path=path) is None:
        pytest.skip("needs nginx: `make doors` installs it when root")
    place, port = tmp_path / "nginx", free_port()
    place.mkdir()
    # Not as root, its workers would be of another account, which may not enter the folder.
    user = "user root;" if os.getuid() == 0 else ""
    (place / "conf").write_text(user + NGINX.format(place=place, port=port, base=site.served.base))
    server = subprocess.Popen(["nginx", "-p", place, "-c", place / "conf"], env=os.environ | {"PATH": path})
    try:
        until = time.monotonic() + READY_SECONDS
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert server.poll() is None and time.monotonic() < until, (place / "error.log").read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", place / "cache"
    finally:
        stop(server)


def test_a_cache_between_callers_gives_nobody_what_was_anothers(site, cache):
    base, kept = cache
    firm = site.named(f"firm of {OWN}")
    # From who may most to who may least, and once again.
    callers = [site.callers[name] for name in ("CDO", "CDO in a browser", "CDE", "CDU in a browser", "STRANGER", "NOBODY")]
    for method, path, body in asked_of(site, firm):
        for caller in callers * 2:
            sent = {"headers": caller.headers(), "timeout": TIMEOUT} | ({"json": body} if body else {})
            through = requests.request(method, base + path, **sent)
            straight = requests.request(method, site.served.base + path, **sent)
            assert through.headers["X-Cache"] in ("MISS", "BYPASS", "EXPIRED"), (path, caller.name)
            assert through.status_code == straight.status_code, (path, caller.name)
            assert without_id(through) == without_id(straight), (path, caller.name)
    assert not list(files(kept))
    # It does keep what may be kept: a file of the page, or else this would prove nothing.
    page = requests.get(base, timeout=TIMEOUT).text
    asset = "/assets/" + page.split('"/assets/')[1].split('"')[0]
    for expected in ("MISS", "HIT"):
        got = requests.get(base + asset, timeout=TIMEOUT)
        assert (got.status_code, got.headers["X-Cache"]) == (200, expected), got.headers
    nothing_was_left(site)


def without_id(answer: requests.Response) -> object:
    said = answer.json()
    if isinstance(said, dict):
        for varies in ("request_id", "last_seen_at", "ends_at", "at", "used", "entry"):
            said.pop(varies, None)
    return said


# --- what ends in the middle -----------------------------------------------------------------------------------------


def test_an_upload_that_breaks_off_and_an_import_that_is_killed_leave_nothing_in_clear(site):
    records = [site.book.record("customer", f"row {at}", OWN, "A") for at in range(400)]
    names = ["subject", "name", "phone", "registered_address"]
    rows = [",".join(str(record.now[name]) for name in names) for record in records]
    text = "\n".join([",".join(names), *rows]).encode()
    caller = site.callers["CDO in a browser"]
    broken_off(site, caller, text)
    # One that waits for its start, and one in the middle of which the server is killed.
    csv = {"headers": {"Content-Type": "text/csv"}, "data": text}
    for _ in (1, 2):
        answer = site.send(caller, "POST", "/v1/imports", **csv)
        assert answer.status_code == 201, answer.text
    started = site.send(caller, "POST", f"/v1/imports/{answer.json()['id']}/start", json={})
    assert started.status_code in (200, 202), started.text
    site.served.ended = True
    site.served.process.send_signal(signal.SIGKILL)
    site.served.process.wait()
    nothing_was_left(site)


def broken_off(site: Site, caller: Caller, text: bytes) -> None:
    """Most of a file, and then nobody is there any more."""
    host, port = site.served.base.removeprefix("http://").split(":")
    head = [f"POST /v1/imports HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/csv\r\nContent-Length: {len(text)}"]
    head += [f"{name}: {value}" for name, value in caller.headers().items()]
    with socket.create_connection((host, int(port)), TIMEOUT) as line:
        line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + text[: len(text) * 3 // 4])


# --- what the system shows of it -------------------------------------------------------------------------------------


def leads_to(link: Path) -> str | None:
    """None for a file that was closed meanwhile."""
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return None


def test_nothing_is_in_what_the_system_shows_of_the_process(site):
    """Its arguments, its environment, the names of its threads, and open files that have no name any more."""
    process = Path(f"/proc/{site.served.process.pid}")
    shown = [process / "cmdline", process / "environ", *process.glob("task/*/comm")]
    nameless = [link for link in process.glob("fd/*") if (to := leads_to(link)) and ("(deleted)" in to or "memfd" in to)]
    secrets = [PASSWORD, *(caller.token for caller in site.callers.values() if caller.token)]
    secrets += [client["client_secret"] for client in site.clients.values()]
    secrets += [part.split("=")[-1] for caller in site.callers.values() for part in caller.session or ()]
    # Some of it is for the superuser alone, whoever runs the server.
    readable = [path for path in [*shown, *nameless] if os.access(path, os.R_OK)]
    assert (process / "environ" in readable) == (os.getuid() == 0)
    for path in readable:
        data = path.read_bytes()
        assert not site.watch.check(data, NOBODY, path.name)
        assert not [secret for secret in secrets if secret.encode() in data], path
    nothing_was_left(site)
