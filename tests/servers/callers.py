"""Callers that ask whichever server they like."""

from __future__ import annotations

import json

import requests
from database import Pair

CLIENTS = 8
TIMEOUT = 90


class Client:
    """One caller, with a token of its own, that asks whichever server it likes."""

    def __init__(self, pair: Pair, credentials: dict, number: int):
        self.pair = pair
        self.number = number
        self.credentials = credentials
        self.session = requests.Session()
        self.token = None

    def ask(self, method: str, path: str, which: int, **what: object) -> requests.Response | None:
        """The answer; none when nobody can know what became of it."""
        try:
            if self.token is None:
                self.token = self.pair.served[which].token(self.credentials)
            headers = {"Authorization": f"Bearer {self.token}"} | what.pop("headers", {})
            url = self.pair.base(which) + path
            return self.session.request(method, url, headers=headers, timeout=TIMEOUT, **what)
        except Exception:  # noqa: BLE001: a server that is being killed does anything
            return None


def callers(pair: Pair, role: str = "CDO", count: int = CLIENTS) -> list[Client]:
    """Starts both servers; so many callers with one program's credentials and a token each."""
    credentials = json.loads(pair.installs[0].run("client", "add", f"caller-{role}", "--role", role, "--json"))
    for which in (0, 1):
        pair.start(which)
    return [Client(pair, credentials, number) for number in range(count)]
