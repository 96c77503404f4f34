"""Two servers on one database, while connections are cut, the database is killed and the servers are killed.

`DOSSIER_FAULT_SECONDS` sets for how long (30 by default)."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from database import Database, Pair
from history import Operation, judge

SECONDS = int(os.environ.get("DOSSIER_FAULT_SECONDS", "30"))
CLIENTS = 8
RECORDS = 12
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


def remarks(record: dict) -> list[str]:
    return record["fields"].get("remarks", "").split()


def read(client: Client, record: str, which: int) -> Operation:
    op = Operation(client.number, record, time.monotonic())
    answer = client.ask("GET", f"/v1/dossiers/{record}", which)
    op.ended = time.monotonic()
    if answer is not None and answer.status_code == 200:
        op.saw, op.outcome = (answer.json()["version"], remarks(answer.json())), "ok"
    return op


def append(client: Client, record: str, which: int, other: int, item: str) -> list[Operation]:
    """Reads on one server, changes on another, so that each must know what the other did."""
    seen = read(client, record, which)
    if seen.saw is None:
        return [seen]
    op = Operation(client.number, record, time.monotonic(), adds=item, saw=seen.saw)
    version, items = seen.saw
    body = {"fields": {"remarks": " ".join([*items, item])}}
    headers = {"If-Match": f'"{version}"', "Idempotency-Key": item}
    for _ in range(4):
        answer = client.ask("PATCH", f"/v1/dossiers/{record}", other, json=body, headers=headers)
        if answer is None or answer.status_code in (429, 500, 503):
            # Asked again under the same key, at the other server: it must not happen twice.
            other = 1 - other
            time.sleep(0.3)
            continue
        if answer.status_code == 200:
            op.outcome, op.made = "ok", answer.json()["version"]
            if answer.headers.get("Idempotency-Replayed") == "true":
                op.made = None
        elif answer.status_code == 412:
            op.outcome = "refused"
        else:
            raise AssertionError(f"{answer.status_code} {answer.text}")
        break
    op.ended = time.monotonic()
    return [seen, op]


def work(client: Client, records: list[str], until: float) -> list[Operation]:
    chance = random.Random(client.number)
    done, count = [], 0
    while time.monotonic() < until:
        record, which = chance.choice(records), chance.randrange(2)
        if chance.random() < 0.3:
            done.append(read(client, record, which))
        else:
            count += 1
            done += append(client, record, which, chance.randrange(2), f"{client.number}.{count}")
    return done


def lists(client: Client, record: str) -> dict[int, list[str]]:
    """What each version holds, put together from the history of changes."""
    changes, before = {}, None
    while True:
        more = f"?before={before}&limit=50" if before else "?limit=50"
        answer = client.ask("GET", f"/v1/dossiers/{record}/history{more}", 0)
        assert answer is not None and answer.status_code == 200, answer and answer.text
        page = answer.json()
        for version in page["versions"]:
            changes[version["version"]] = version["changes"]
        before = page.get("next")
        if not before:
            break
    held, now = {}, []
    for version in sorted(changes):
        for change in changes[version]:
            if change["field"] == "remarks":
                now = (change["after"] or "").split()
        held[version] = now
    return held


def trouble(pair: Pair, database: Database, what: str) -> None:
    if what == "cut":
        database.cut_connections()
    elif what == "database":
        database.kill()
        time.sleep(0.5)
        database.restart()
    else:
        which = int(what)
        pair.kill(which)
        time.sleep(0.3)
        pair.start(which)


def prepared(pair: Pair) -> tuple[list[Client], list[str]]:
    credentials = json.loads(pair.installs[0].run("client", "add", "history", "--role", "CDO", "--json"))
    for which in (0, 1):
        pair.start(which)
    clients = [Client(pair, credentials, number) for number in range(CLIENTS)]
    records = []
    for number in range(RECORDS):
        body = {"fields": {"name": f"历史检验{number}有限公司", "subject": "A"}}
        answer = clients[0].ask("POST", "/v1/dossiers", number % 2, json=body)
        assert answer is not None and answer.status_code == 201, answer and answer.text
        records.append(answer.json()["id"])
    return clients, records


@pytest.mark.parametrize("kinds", [["cut"], ["database"], ["0", "1"], ["cut", "database", "0", "1"]], ids="+".join)
def test_no_history_is_impossible(pair: Pair, database: Database, kinds: list[str]):
    clients, records = prepared(pair)
    seconds = max(SECONDS // 4, 6)
    until = time.monotonic() + seconds
    ended = threading.Event()

    def troubles() -> int:
        chance, count = random.Random(7), 0
        while not ended.wait(1.0 + chance.random()) and time.monotonic() < until - 1:
            trouble(pair, database, kinds[count % len(kinds)])
            count += 1
        return count

    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        chaos = threads.submit(troubles)
        results = [threads.submit(work, client, records, until) for client in clients]
        operations = [op for result in results for op in result.result()]
        ended.set()
        count = chaos.result()
    assert count > 0
    verdict = judge(operations, {record: lists(clients[0], record) for record in records})
    acknowledged = sum(op.outcome == "ok" and op.adds is not None for op in operations)
    print(f"{'+'.join(kinds)}: {len(operations)} operations, {acknowledged} appends, {count} troubles, {verdict.checked} checks")
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert acknowledged > 20
    pair.stop()
    said = pair.installs[0].run("ledger", "verify", "--deep")
    assert "✓" in said or "verified" in said, said


def test_of_two_servers_one_makes_the_dossier(pair: Pair):
    """One customer, one dossier, however many servers are asked at once."""
    clients, _ = prepared(pair)
    from_register = [f"91350100M{number:08d}" for number in range(10)]
    for code in from_register:
        code = with_check_character(code)
        body = {"fields": {"name": "争用登记有限公司", "subject": "A", "document_number": code}}
        with ThreadPoolExecutor(CLIENTS) as threads:
            asked = [
                threads.submit(client.ask, "POST", "/v1/dossiers", client.number % 2, json=body) for client in clients
            ]
            statuses = sorted(answer.result().status_code for answer in asked)
        assert statuses == [201] + [409] * (CLIENTS - 1), statuses


def with_check_character(body: str) -> str:
    """GB 32100-2015: the last character of a unified social credit code."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [pow(3, place, 31) for place in range(17)]
    total = sum(alphabet.index(character) * weight for character, weight in zip(body, weights, strict=True))
    return body + alphabet[(31 - total % 31) % 31]
