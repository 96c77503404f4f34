"""Two servers on one database, while connections are cut, the database is killed and the servers are killed.

`DOSSIER_FAULT_SECONDS` sets for how long (30 by default)."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from callers import CLIENTS, Client, callers
from database import Database, Pair
from history import Operation, judge

SECONDS = int(os.environ.get("DOSSIER_FAULT_SECONDS", "30"))
RECORDS = 12


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
    clients = callers(pair)
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
