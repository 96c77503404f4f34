"""Drives the real binary for tests that cross all crates: a data folder of its own, a server on a free loopback port.

Nothing here touches what it did not make itself: folders are temporary, processes are ended by their own handle.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 30
COMMAND_SECONDS = 300


class Failed(Exception):
    """The program did not do what it was asked to; the text has what it said."""


def binary() -> Path:
    """The program under test: $DOSSIER_BIN, else the newest build in the target folder."""
    named = os.environ.get("DOSSIER_BIN")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    places = [Path(named)] if named else [target / kind / "dossier" for kind in ("debug", "release")]
    there = [place for place in places if place.is_file()]
    if not there:
        raise Failed(f"no program at {' or '.join(map(str, places))}: run `make build`, or set DOSSIER_BIN")
    return max(there, key=lambda place: place.stat().st_mtime)


@dataclass
class Served:
    """A running server."""

    base: str
    log: Path
    process: subprocess.Popen
    ended: bool = False

    def token(self, client: dict) -> str:
        """An access token by client credentials (RFC 6749 §4.4, HTTP Basic)."""
        answer = requests.post(
            f"{self.base}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client["client_id"], client["client_secret"]),
            timeout=10,
        )
        if answer.status_code != 200:
            raise Failed(f"no token: {answer.status_code} {answer.text}")
        return answer.json()["access_token"]

    def abort(self) -> int:
        """Ends it as a failed assertion does (SIGABRT), which elsewhere leaves a core dump."""
        self.ended = True
        self.process.send_signal(signal.SIGABRT)
        return self.process.wait(20)


class Install:
    """One installation: data folder, keystore beside it, environment without settings from outside. With
    `DOSSIER_TEST_STORE=mysql` its store is a database of its own in the server at `DOSSIER_TEST_MYSQL`."""

    def __init__(self, folder: Path):
        self.binary = binary()
        self.folder = folder
        self.data = folder / "data"
        self.work = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DOSSIER_")}
        self.environment["XDG_CONFIG_HOME"] = str(folder / "config")
        (folder / "config").mkdir(parents=True, exist_ok=True)
        # The folders in which the store keeps its files, whosoever they are.
        self.stored = [self.data]
        if os.environ.get("DOSSIER_TEST_STORE") == "mysql":
            self.environment["DOSSIER__STORE__URL"] = new_database()
            self.stored.append(Path(os.environ["DOSSIER_TEST_MYSQL_FOLDER"]) / "data")

    def call(self, *arguments: object) -> subprocess.CompletedProcess:
        """`dossier --data DATA …`, however it ends."""
        command = [str(self.binary), "--data", str(self.data), *map(str, arguments)]
        how = {"capture_output": True, "encoding": "utf-8", "errors": "replace", "timeout": COMMAND_SECONDS}
        return subprocess.run(command, env=self.environment, cwd=self.work, stdin=subprocess.DEVNULL, **how)

    def run(self, *arguments: object) -> str:
        """Standard output of what has to succeed."""
        done = self.call(*arguments)
        if done.returncode != 0:
            said = f"{done.stdout}\n{done.stderr}".strip()
            raise Failed(f"dossier {' '.join(map(str, arguments))}: exit status {done.returncode}\n{said}")
        return done.stdout

    def made_up_customers(self, count: int) -> Path:
        """A file of generated customers, imported."""
        file = self.folder / f"customers-{count}.csv"
        self.run("demo", "generate", "--customers", count, "--out", file)
        self.run("import", file)
        return file

    def client(self, name: str, role: str) -> dict:
        return json.loads(self.run("client", "add", name, "--role", role, "--json"))

    @contextmanager
    def serve(
        self, before: Callable[[], None] | None = None, port: int | None = None, **settings: object
    ) -> Iterator[Served]:
        """A server for the time of the block; `limits__in_flight=0` sets DOSSIER__LIMITS__IN_FLIGHT.

        `before` runs in the new process before the program does.
        """
        port = port or free_port()
        environment = self.environment | {f"DOSSIER__{name.upper()}": str(value) for name, value in settings.items()}
        log = self.folder / "server.log"
        command = [str(self.binary), "--data", str(self.data), "serve", "--listen", f"127.0.0.1:{port}"]
        with log.open("ab") as out:
            how = {"env": environment, "cwd": self.work, "preexec_fn": before}
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, **how)
        try:
            scheme = "https" if settings.get("server__self_signed") else "http"
            served = Served(f"{scheme}://127.0.0.1:{port}", log, process)
            wait_until_ready(served, process)
            yield served
            if not served.ended and process.poll() is not None:
                raise Failed(f"the server ended by itself: {process.returncode}\n{tail(log)}")
        finally:
            stop(process)


def new_database() -> str:
    """The address of a database that is not there yet."""
    return f"{os.environ['DOSSIER_TEST_MYSQL']}/dossier_{secrets.token_hex(6)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(served: Served, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # A certificate that the server made itself is known to nobody yet.
            if requests.get(f"{served.base}/healthz", timeout=2, verify=False).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise Failed(f"the server was not ready in {READY_SECONDS} s\n{tail(served.log)}")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
