"""What two servers on one database share: each knows at once what was done on the other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from callers import CLIENTS, Client, callers
from database import Database, Pair
from harness import ROOT, Install

LONG = int(os.environ.get("DOSSIER_FAULT_SECONDS", "30")) > 60


def firm(number: int, **more: str) -> dict:
    return {"fields": {"name": f"共用检验{number}有限公司", "subject": "A"} | more}


def made(client: Client, which: int, number: int = 0, **more: str) -> str:
    answer = client.ask("POST", "/v1/dossiers", which, json=firm(number, **more))
    assert answer is not None and answer.status_code == 201, answer and answer.text
    return answer.json()["id"]


def test_of_two_servers_one_makes_the_dossier(pair: Pair):
    """One customer, one dossier, however many servers are asked at once."""
    clients = callers(pair)
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


def test_a_session_of_one_is_a_session_of_both_and_ends_on_both(pair: Pair):
    (boss,) = callers(pair, count=1)
    for round in range(5):
        which, other = round % 2, 1 - round % 2
        new = boss.ask("POST", "/v1/clients", which, json={"name": f"guest-{round}", "roles": ["CDU"]}).json()
        # Added on one, it signs in on the other, and its token is good on both.
        guest = Client(pair, new, 99)
        for where in (other, which):
            assert guest.ask("GET", "/v1/dossiers", where).status_code == 200
        ended = boss.ask("DELETE", f"/v1/clients/{new['client_id']}", which)
        assert ended.status_code == 204, ended.text
        assert guest.ask("GET", "/v1/dossiers", other).status_code == 401
        assert guest.ask("GET", "/v1/dossiers", which).status_code == 401


def test_a_command_under_one_key_is_done_once_on_whichever_server(pair: Pair):
    clients = callers(pair)
    for round in range(10):
        headers = {"Idempotency-Key": f"once-{round}"}
        with ThreadPoolExecutor(CLIENTS) as threads:
            asked = [
                threads.submit(c.ask, "POST", "/v1/dossiers", c.number % 2, json=firm(round), headers=headers)
                for c in clients
            ]
            answers = [answer.result() for answer in asked]
        # Keys belong to the one who calls: here all are one program.
        assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sum(answer.headers.get("Idempotency-Replayed") != "true" for answer in answers) == 1


def test_a_quota_is_counted_over_both(pair: Pair):
    pair.settings["limits__reveals_per_hour"] = 20
    clients = callers(pair)
    record = made(clients[0], 0, phone="15400000001")
    reveal = {"field": "phone", "purpose": "联系客户"}
    with ThreadPoolExecutor(CLIENTS) as threads:
        asked = [
            threads.submit(clients[at % CLIENTS].ask, "POST", f"/v1/dossiers/{record}/reveal", at % 2, json=reveal)
            for at in range(40)
        ]
        statuses = Counter(answer.result().status_code for answer in asked)
    assert statuses == {200: 20, 429: 20}, statuses


def test_keys_are_renewed_on_one_while_both_work(pair: Pair):
    clients = callers(pair)
    records = [made(clients[0], at % 2, at, phone="15400000001") for at in range(10)]
    until = time.monotonic() + 8

    def work(client: Client) -> Counter:
        statuses, at = Counter(), 0
        while time.monotonic() < until:
            at += 1
            which = at % 2
            statuses[client.ask("GET", f"/v1/dossiers/{records[at % 10]}", which).status_code] += 1
            statuses[client.ask("POST", "/v1/dossiers", which, json=firm(at)).status_code] += 1
        return statuses

    with ThreadPoolExecutor(CLIENTS) as threads:
        working = [threads.submit(work, client) for client in clients[1:]]
        rotations = 0
        while time.monotonic() < until - 2:
            which = rotations % 2
            done = clients[0].ask("POST", "/v1/keys/rotate", which, json={"data_keys": True})
            assert done is not None and done.status_code == 200, done and done.text
            gone = made(clients[0], which, rotations)
            assert clients[0].ask("DELETE", f"/v1/dossiers/{gone}", which).status_code == 200
            assert clients[0].ask("GET", f"/v1/dossiers/{gone}", 1 - which).status_code == 410
            rotations += 1
        statuses = sum((worker.result() for worker in working), Counter())
    assert rotations > 1 and set(statuses) == {200, 201}, (rotations, statuses)
    pair.stop()
    pair.installs[1].run("ledger", "verify", "--deep")


def test_a_follower_sees_every_entry_wherever_it_asks(pair: Pair):
    clients = callers(pair, count=2)
    seen: list[str] = []
    for round in range(6):
        for number in range(5):
            made(clients[0], number % 2, round * 10 + number)
        done = pair.installs[round % 2].run("--json", "ledger", "follow", "tail")
        seen += [json.loads(line)["id"] for line in done.splitlines() if line.startswith("{") and "\"id\"" in line]
    numbers = [int(name.removeprefix("c-")) for name in seen]
    assert numbers == list(range(len(numbers))) and len(numbers) > 30


def test_each_server_has_a_log_of_its_own_and_takes_it_again(pair: Pair, tmp_path: Path):
    clients = callers(pair, count=1)
    record = made(clients[0], 0)
    for which in (0, 1):
        assert clients[0].ask("GET", f"/v1/dossiers/{record}", which).status_code == 200
    logs = [log["log"] for log in clients[0].ask("GET", "/v1/ledger/logs", 0).json()["items"]]
    assert logs == ["change", "access/1", "access/2"]
    pair.kill(1)
    pair.start(1)
    assert clients[0].ask("GET", f"/v1/dossiers/{record}", 1).status_code == 200
    logs = [log["log"] for log in clients[0].ask("GET", "/v1/ledger/logs", 0).json()["items"]]
    assert logs == ["change", "access/1", "access/2"], "a restart took another number"
    looks = clients[0].ask("GET", f"/v1/dossiers/{record}/looks", 0).json()["items"]
    assert {look["entry"].rsplit("-", 1)[0] for look in looks} == {"a-1", "a-2"}


@pytest.mark.skipif(not LONG, reason="waits for a lease to end: with DOSSIER_FAULT_SECONDS above 60")
def test_a_server_that_was_taken_for_dead_writes_nothing_more(pair: Pair, tmp_path: Path):
    clients = callers(pair, count=1)
    record = made(clients[0], 0)
    sleeping = pair.served[0].process
    sleeping.send_signal(signal.SIGSTOP)
    time.sleep(35)
    third = Install(tmp_path / "three")
    third.environment |= {k: v for k, v in pair.installs[0].environment.items() if k.startswith("DOSSIER__")}
    with third.serve() as served:
        token = served.token(clients[0].credentials)
        import requests

        answer = requests.get(f"{served.base}/v1/dossiers/{record}", headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert answer.status_code == 200
        sleeping.send_signal(signal.SIGCONT)
        time.sleep(1)
        answers = [clients[0].ask("GET", f"/v1/dossiers/{record}", 0) for _ in range(5)]
        assert all(answer is None or answer.status_code == 503 for answer in answers), answers
    pair.kill(0)
    pair.installs[1].run("ledger", "verify", "--deep")


UNSAFE = {
    "innodb_flush_log_at_trx_commit": ("2", "1"),
    "max_allowed_packet": ("1048576", "67108864"),
    "read_only": ("1", "0"),
}


@pytest.mark.parametrize("setting", UNSAFE)
def test_a_start_refuses_what_is_not_safe_and_says_what_to_set(pair: Pair, database: Database, setting: str):
    bad, good = UNSAFE[setting]
    database.sql(f"SET GLOBAL {setting} = {bad}")
    done = pair.installs[0].call("client", "add", "x", "--role", "CDO")
    assert done.returncode != 0 and setting in done.stdout + done.stderr, done.stderr
    database.sql(f"SET GLOBAL {setting} = {good}")
    pair.installs[0].run("client", "add", "x", "--role", "CDO")


def test_a_database_of_another_character_set_is_refused(pair: Pair, database: Database):
    database.sql(f"ALTER DATABASE {database.name} CHARACTER SET latin1")
    done = pair.installs[0].call("client", "add", "x", "--role", "CDO")
    assert done.returncode != 0 and "character_set_database" in done.stdout + done.stderr


def test_no_password_is_ever_told(pair: Pair, database: Database):
    database.sql("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'pass-word-1'; GRANT ALL ON *.* TO app@'127.0.0.1'")
    install = pair.installs[0]
    with_wrong = database.url.replace("root@", "app:wrong-word-2@")
    install.environment["DOSSIER__STORE__URL"] = with_wrong
    move = ["migrate", "--from", "sqlite", "--to", with_wrong]
    for words in (["client", "add", "x", "--role", "CDO"], ["config", "show"], ["ledger", "verify"], move):
        done = install.call(*words)
        assert "wrong-word-2" not in done.stdout + done.stderr, words
    install.environment["DOSSIER__STORE__URL"] = database.url.replace("root@", "app@")
    install.environment["DOSSIER_STORE_PASSWORD"] = "pass-word-1"
    install.run("client", "add", "x", "--role", "CDO")
    secret = pair.installs[0].folder / "password"
    secret.write_text("pass-word-1\n")
    secret.chmod(0o600)
    del install.environment["DOSSIER_STORE_PASSWORD"]
    install.environment["DOSSIER__STORE__PASSWORD_FILE"] = str(secret)
    assert "x" in install.run("client", "list")
    assert "pass-word-1" not in install.run("config", "show")
    found = subprocess.run(["grep", "-rl", "pass-word-1", str(install.data)], capture_output=True, encoding="utf-8", check=False)
    assert not found.stdout, found.stdout
    database.sql("DROP USER app@'127.0.0.1'")


def test_a_database_that_is_away_is_named_and_missed_no_longer_than_it_is_away(pair: Pair, database: Database):
    clients = callers(pair)
    record = made(clients[0], 0)
    asked = [("GET", f"/v1/dossiers/{record}", {}), ("POST", "/v1/dossiers", {"json": firm(1)})]
    for which in (0, 1):
        assert clients[0].ask("GET", "/v1/dossiers", which).status_code == 200
    before = database.server.base
    database.kill()
    try:
        for which in (0, 1):
            for method, path, what in asked:
                answer = clients[0].ask(method, path, which, **what)
                assert answer.status_code == 503, answer.text
                assert answer.json()["type"] == "urn:dossier:problem:store_unreachable", answer.text
        # It looks at the store once a second at most.
        time.sleep(1.1)
        for which in (0, 1):
            health = clients[0].session.get(f"{pair.base(which)}/healthz", timeout=20)
            assert health.status_code == 503, health.text
    finally:
        database.restart()
    assert database.server.base == before
    for which in (0, 1):
        assert [clients[0].ask(method, path, which, **what).status_code for method, path, what in asked] == [200, 201]


def test_the_privileges_that_the_documents_name_are_enough(pair: Pair, database: Database):
    documents = (ROOT / "docs" / "mysql.md").read_text()
    (rights,) = [line.removeprefix("GRANT ").split(" ON ")[0] for line in documents.splitlines() if line.startswith("GRANT ")]
    database.sql(f"CREATE USER plain@'127.0.0.1' IDENTIFIED BY 'w'; GRANT {rights} ON {database.name}.* TO plain@'127.0.0.1'")
    for install in pair.installs:
        install.environment["DOSSIER__STORE__URL"] = database.url.replace("root@", "plain:w@")
    clients = callers(pair)
    record = made(clients[0], 0, 1)
    change = {"json": {"fields": {"remarks": "x"}}, "headers": {"If-Match": '"1"'}}
    assert clients[0].ask("PATCH", f"/v1/dossiers/{record}", 1, **change).status_code == 200
    assert clients[0].ask("POST", "/v1/keys/rotate", 0, json={"data_keys": True}).status_code == 200
    assert clients[0].ask("DELETE", f"/v1/dossiers/{record}", 1).status_code == 200
    pair.installs[0].made_up_customers(50)
    pair.stop()
    pair.installs[1].run("ledger", "verify", "--deep")
    database.sql("DROP USER plain@'127.0.0.1'")
