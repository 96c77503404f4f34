"""Callers who note down what was acknowledged to them, and who ask for all of it afterwards."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from harness import Served

TIMEOUT = 60


@dataclass
class Event:
    """Something that was acknowledged: `stamp` tells when, in whatever the test counts in."""

    stamp: int
    what: str
    about: str
    version: int = 0


@dataclass
class Kept:
    """A dossier as it was last acknowledged. `tried` is what was asked for since and not answered."""

    version: int
    name: str
    tried: set[str] = field(default_factory=set)
    erasing: bool = False
    erased: bool = False


class Book:
    def __init__(self, credentials: dict, chance: random.Random):
        self.credentials = credentials
        self.chance = chance
        self.lock = threading.Lock()
        self.kept: dict[str, Kept] = {}
        self.reveals: list[str] = []
        self.acknowledged = 0
        self.events: list[Event] = []
        self.stamp: Callable[[], int] = lambda: 0
        # Answers of 500 and above: not an acknowledgement, but no fault of their own either.
        self.refused: list[tuple[int, str]] = []
        self.made = 0

    def work(self, served: Served, most: int, token: str, callers: int = 4) -> None:
        """So many callers, until the server is gone or each has asked so often."""
        seeds = [self.chance.random() for _ in range(callers)]
        threads = [threading.Thread(target=self.call, args=(served, most, token, seed)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def call(self, served: Served, most: int, token: str, seed: float) -> None:
        chance = random.Random(seed)
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        try:
            for _ in range(most):
                step = chance.choices((self.create, self.change, self.reveal, self.erase), (4, 4, 3, 1))[0]
                step(served, session, chance)
        except (requests.RequestException, OSError):
            # The server is gone: what was asked last is neither acknowledged nor refused.
            return

    def ask(self, served: Served, session: requests.Session, method: str, path: str, **what: object) -> requests.Response:
        answer = session.request(method, served.base + path, timeout=TIMEOUT, **what)
        if answer.status_code >= 500:
            with self.lock:
                self.refused.append((answer.status_code, answer.json().get("code", "")))
        return answer

    def note(self, what: str, about: str, version: int = 0) -> None:
        with self.lock:
            self.acknowledged += 1
            self.events.append(Event(self.stamp(), what, about, version))

    def name(self) -> str:
        with self.lock:
            self.made += 1
            return f"示例记账{self.made}有限公司"

    def some(self, chance: random.Random) -> tuple[str, Kept] | None:
        """A dossier that nobody else is at work on."""
        with self.lock:
            free = [(uid, kept) for uid, kept in self.kept.items() if not (kept.tried or kept.erasing or kept.erased)]
            if not free:
                return None
            uid, kept = chance.choice(free)
            kept.tried.add(kept.name)
            return uid, kept

    def create(self, served: Served, session: requests.Session, chance: random.Random) -> None:
        name = self.name()
        fields = {"name": name, "subject": "A", "phone": f"+86139{chance.randrange(10**8):08}"}
        answer = self.ask(served, session, "POST", "/v1/dossiers", json={"fields": fields})
        if answer.status_code == 201:
            uid = answer.json()["id"]
            self.note("put", uid, 1)
            with self.lock:
                self.kept[uid] = Kept(1, name)

    def change(self, served: Served, session: requests.Session, chance: random.Random) -> None:
        found = self.some(chance)
        if found is None:
            return
        uid, kept = found
        name = self.name()
        kept.tried.add(name)
        headers = {"If-Match": f'"{kept.version}"'}
        answer = self.ask(served, session, "PATCH", f"/v1/dossiers/{uid}", json={"fields": {"name": name}}, headers=headers)
        if answer.status_code == 200:
            kept.version, kept.name = answer.json()["version"], name
            self.note("put", uid, kept.version)
        if answer.status_code < 500:
            kept.tried.clear()

    def reveal(self, served: Served, session: requests.Session, chance: random.Random) -> None:
        found = self.some(chance)
        if found is None:
            return
        uid, kept = found
        body = {"field": "phone", "purpose": "核对资料"}
        answer = self.ask(served, session, "POST", f"/v1/dossiers/{uid}/reveal", json=body)
        if answer.status_code == 200:
            entry = answer.json()["entry"]
            self.note("reveal", entry)
            with self.lock:
                self.reveals.append(entry)
        kept.tried.clear()

    def erase(self, served: Served, session: requests.Session, chance: random.Random) -> None:
        found = self.some(chance)
        if found is None:
            return
        uid, kept = found
        kept.erasing = True
        answer = self.ask(served, session, "DELETE", f"/v1/dossiers/{uid}")
        if answer.status_code in (200, 202, 204):
            kept.erased = True
            self.note("erase", uid)
        elif answer.status_code < 500:
            kept.erasing = False
        kept.tried.clear()

    def check(self, served: Served, token: str) -> int:
        """Asks for everything that was acknowledged; settles what was not answered. How much was looked at."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        for uid, kept in self.kept.items():
            answer = session.get(f"{served.base}/v1/dossiers/{uid}", timeout=TIMEOUT)
            if kept.erased:
                assert answer.status_code in (404, 410), f"{uid} was erased and answers {answer.status_code}"
                continue
            if answer.status_code in (404, 410) and kept.erasing:
                kept.erased = True
                continue
            assert answer.status_code == 200, f"{uid} was acknowledged: {answer.status_code} {answer.text}"
            there = answer.json()
            name, version = there["fields"]["name"], there["version"]
            expected = {kept.name} | kept.tried
            assert name in expected, f"{uid} is called {name}, not {expected}"
            assert version >= kept.version, f"{uid} is of version {version}, acknowledged was {kept.version}"
            kept.name, kept.version, kept.erasing = name, version, False
            kept.tried.clear()
        for entry in self.reveals:
            log, index = entry.rsplit("-", 1)
            query = {"log": log.replace("a-", "access/"), "from": index, "limit": 1}
            answer = session.get(f"{served.base}/v1/ledger", params=query, timeout=TIMEOUT)
            items = answer.json().get("items", [])
            assert items and items[0]["id"] == entry and items[0]["action"] == "reveal", f"{entry} was acknowledged: {answer.text[:300]}"
        looked = len(self.kept) + len(self.reveals)
        self.reveals.clear()
        return looked
