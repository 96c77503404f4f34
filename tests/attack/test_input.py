"""More than was asked for, twice, elsewhere, or of another type: nothing of it counts."""

from __future__ import annotations

import json

import pytest
from things import Interface, address, ask
from wire import send

# What a record or an account has that nobody but the program gives it.
MORE = {
    "id": "dos_01m8000000e0080000000000ab",
    "code": "C012600000001",
    "version": 99,
    "created_at": "2020-01-01T00:00:00Z",
    "state": "erased",
    "tenant": 2,
    "owner": "usr_01m8000000e0080000000000aa",
    "role": "CDO",
    "is_admin": True,
    "disabled": False,
    "totp": False,
    "passkeys": 0,
    "demo": True,
    "may": ["erase"],
    "password": "plum harbour seven",
    "__proto__": {"role": "CDO"},
    "constructor": {"prototype": {"role": "CDO"}},
    "$where": "1",
}


def bodies(interface: Interface) -> list[str]:
    return [one for one in interface.operations if interface.schema(one) is not None]


def test_every_body_takes_what_it_declares_and_nothing_more(site, interface):
    """By the highest role: unknown members, also those that an answer has."""
    boss, tried = site.callers["CDO in a browser"], 0
    for operation in bodies(interface):
        method, path = address(operation)
        schema, what = interface.schema(operation), interface.sent(operation)
        assert schema["additionalProperties"] is False, operation
        for name, value in MORE.items():
            if name in schema["properties"]:
                continue
            tried += 1
            got = site.send(boss, method, path, **what | {"json": what["json"] | {name: value}})
            assert got.status_code == 400, f"{operation} with {name}: {got.status_code} {got.text}"
            assert "body_unknown_member" in got.text, f"{operation} with {name}: {got.text}"
    assert tried > 300
    assert site.send(boss, "GET", "/v1/session").ok, "the session ended on the way"


@pytest.mark.parametrize("kind", ["dossiers", "contacts"])
def test_a_record_has_no_fields_but_those_of_its_kind(site, kind):
    boss = site.callers["CDO"]
    dossier = site.boss("POST", "/v1/dossiers", json={"fields": {"name": "示例", "subject": "A"}})
    path, fields = "/v1/dossiers", {"name": "示例", "subject": "A"}
    if kind == "contacts":
        path, fields = f"/v1/dossiers/{dossier['id']}/contacts", {"name": "示例"}
    for name, value in MORE.items():
        got = site.send(boss, "POST", path, json={"fields": fields | {name: value}})
        assert got.status_code in (400, 422), f"{name}: {got.text}"


def test_what_stands_twice_in_a_body_counts_as_neither(site, interface):
    boss = site.callers["CDO in a browser"]
    for operation in bodies(interface):
        method, path = address(operation)
        what = interface.sent(operation)
        body = what.pop("json")
        if not body:
            continue
        name = next(iter(body))
        twice = json.dumps(body)[:-1] + f', "{name}": {json.dumps(body[name])}}}'
        headers = what.get("headers", {}) | {"Content-Type": "application/json"}
        got = site.send(boss, method, path, data=twice.encode(), headers=headers)
        assert got.status_code == 400 and "body_duplicate_member" in got.text, f"{operation}: {got.text}"


def test_a_parameter_counts_once_and_from_its_own_place_alone(site, interface):
    """Queries of two kinds: what is unknown is refused, and so is what stands twice where one is meant."""
    boss, tried = site.callers["CDO"], 0
    for operation in interface.operations:
        method, path = address(operation)
        declared = [one for one in interface.of(operation).get("parameters", []) if one["in"] == "query"]
        # The page that asks takes what it does not know as not said (RFC 6749 §3.1); `test_oauth.py` is about it.
        if not declared or operation == "GET /oauth/authorize":
            continue
        sent = {key: value for key, value in interface.sent(operation).items() if key != "params"}
        got = site.send(boss, method, path, params={"__unknown": "1"}, **sent)
        assert got.status_code == 400 and "query_unknown" in got.text, f"{operation}: {got.text}"
        for named in (one["name"] for one in declared if one["schema"].get("type") != "array"):
            tried += 1
            got = site.send(boss, method, f"{path}?{named}=1&{named}=1", **sent)
            assert got.status_code == 400 and "query_duplicate" in got.text, f"{operation} {named}: {got.text}"
    assert tried > 10


def test_a_header_that_changes_something_counts_once(site):
    boss = site.callers["CDO"]
    dossier = site.boss("POST", "/v1/dossiers", json={"fields": {"name": "示例", "subject": "A"}})
    body = b'{"stage":1}'
    for name, values in (
        ("If-Match", ('"1"', '"2"')),
        ("Idempotency-Key", ("one", "two")),
        ("Content-Type", ("application/json", "text/plain")),
    ):
        lines = {"If-Match": ['"1"'], "Content-Type": ["application/json"]} | {name: list(values)}
        heads = "".join(f"{n}: {v}\r\n" for n, all_of in lines.items() for v in all_of)
        head = (
            f"PATCH /v1/dossiers/{dossier['id']} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {boss.token}\r\n{heads}Content-Length: {len(body)}\r\n\r\n"
        )
        heard = send(site.served.base, head.encode() + body)
        assert heard.statuses[0] in (400, 415), f"{name}: {heard.bytes!r}"
    assert site.boss("GET", f"/v1/dossiers/{dossier['id']}")["version"] == 1


def test_a_body_is_what_it_says_it_is(site, interface):
    """JSON under another name is not read, nor is a form where JSON is meant."""
    boss = site.callers["CDO in a browser"]
    for operation in bodies(interface):
        method, path = address(operation)
        what = interface.sent(operation)
        data = json.dumps(what["json"]).encode()
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/json",
            "application/xml",
            "multipart/form-data; boundary=x",
            "",
        ):
            headers = what.get("headers", {}) | {"Content-Type": kind}
            got = site.send(boss, method, path, data=data, headers=headers)
            assert got.status_code == 415, f"{operation} as {kind}: {got.status_code} {got.text}"


def test_another_type_is_not_taken_for_the_right_one(site, interface):
    """Texts for numbers, lists for texts, one for true: no juggling."""
    boss, tried = site.callers["CDO in a browser"], 0
    odd = ({"x": 1}, [], ["x"], None, 1.5, True, "1", 0)
    for operation in bodies(interface):
        method, path = address(operation)
        what, schema = interface.sent(operation), interface.schema(operation)
        for name, declared in schema["properties"].items():
            kinds = declared.get("type")
            if not isinstance(kinds, str) or kinds == "object":
                continue
            right = {"string": str, "boolean": bool, "integer": int, "array": list}[kinds]
            for value in odd:
                if type(value) is right:
                    continue
                tried += 1
                got = site.send(boss, method, path, **what | {"json": what["json"] | {name: value}})
                assert got.status_code in (400, 422), f"{operation} {name}={value!r}: {got.status_code} {got.text}"
    assert tried > 100


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"text"', b"{", b"\xff\xfe", b"{} {}", b'{"a":1,}', b"{'a':1}", b"\xef\xbb\xbf{}", b"NaN"],
)
def test_what_is_no_object_is_refused(site, interface, body):
    boss = site.callers["CDO in a browser"]
    for operation in bodies(interface):
        method, path = address(operation)
        headers = interface.sent(operation).get("headers", {}) | {"Content-Type": "application/json"}
        got = site.send(boss, method, path, data=body, headers=headers)
        assert got.status_code in (400, 422), f"{operation}: {got.status_code} {got.text}"


def test_credentials_given_in_two_ways_are_refused(site):
    client = site.clients["CDE"]
    pair = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    grant = {"grant_type": "client_credentials"}
    basic = (client["client_id"], client["client_secret"])
    assert ask(site, "POST", "/oauth/token", data=grant | pair).ok
    for sent in (
        {"data": grant | pair, "auth": basic},
        {"data": [*grant.items(), *pair.items(), *pair.items()]},
        {"data": [*grant.items(), *grant.items(), *pair.items()]},
        {"params": pair, "data": grant},
        {"data": grant | pair | {"scope": "all"}},
        {"data": pair | {"grant_type": "password", "username": "CDO.own", "password": "x"}},
        {"data": pair | {"grant_type": "refresh_token", "refresh_token": "x"}},
        {"json": grant | pair},
    ):
        assert ask(site, "POST", "/oauth/token", **sent).status_code in (400, 401, 415), sent
