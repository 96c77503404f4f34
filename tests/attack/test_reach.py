"""Ids of others: whoever is not to reach a thing is answered as if nothing had the id, and it stays as it is."""

from __future__ import annotations

import json

import pytest
import requests
from installation import Site
from things import MADE_UP, kind
from walk import essence
from watch import Caller

ROLES = ("CDU", "CDE", "CDA", "ISA", "CDO")
CALLERS = (*ROLES, *(f"{role} in a browser" for role in ROLES), "NOBODY", "GONE")
# Of which the ids are for whoever works across teams, besides the owner.
WIDE = {
    "dossiers": {"CDO", "ISA"},
    "contacts": {"CDO", "ISA"},
    "users": {"CDO"},
    "clients": {"CDO"},
    "roles": {"CDO"},
    "teams": {"CDO"},
    "flows": {"CDO"},
    "imports": {"CDO"},
    "grants": {"CDO"},
}
ODD = ("x", "%00", "..%2f..%2fetc%2fpasswd", "%27%20OR%201=1--", "0", "-1", "*", "null")


def ask(site: Site, caller: Caller, interface, operation: str, name: str) -> requests.Response:
    method, path = operation.split(" ")
    address = path.replace("{id}", name).replace("{row}", "2")
    return site.send(caller, method, address, **interface.sent(operation))


def told(answer: requests.Response, name: str) -> tuple:
    """An answer without what differs each time and without the id that was sent, which some repeat."""
    status, said, heads = essence(answer)
    return status, json.dumps(said, sort_keys=True).replace(name, "the id"), heads


@pytest.mark.parametrize("name", CALLERS)
def test_an_id_of_somebody_else_is_answered_as_one_that_nothing_has(site, interface, things, name):
    """Every operation with an id, with that of a thing of the other team, and with one that is made up."""
    caller, before, asked = site.callers[name], things.state(), 0
    for operation in (one for one in interface.operations if "{id}" in one):
        of = kind(operation)
        if caller.role in WIDE.get(of, ()):
            continue
        asked += 1
        there = ask(site, caller, interface, operation, things.ids[of])
        absent = ask(site, caller, interface, operation, MADE_UP[of])
        same = told(there, things.ids[of]) == told(absent, MADE_UP[of])
        assert same, f"{operation}: {there.text} instead of {absent.text}"
        refused = (401,) if name in ("NOBODY", "GONE") else (403, 404)
        assert there.status_code in refused, f"{operation}: {there.text}"
    assert asked > 3
    assert things.state() == before


def test_the_owner_reaches_all_of_it(site, interface, things):
    """Else the others would have been refused something that is not there."""
    reached = 0
    for operation in (one for one in interface.operations if one.startswith("GET") and "{id}" in one):
        if operation.endswith(("/looks", "/preview")):
            continue
        assert ask(site, things.owner, interface, operation, things.ids[kind(operation)]).ok, operation
        assert ask(site, things.owner, interface, operation, MADE_UP[kind(operation)]).status_code == 404, operation
        reached += 1
    assert reached > 10


@pytest.mark.parametrize("name", ["CDO", "CDO in a browser", "CDE"])
def test_an_id_of_another_kind_is_answered_as_one_that_nothing_has(site, interface, things, name):
    caller, before = site.callers[name], things.state()
    for operation in (one for one in interface.operations if "{id}" in one):
        for other in {*things.ids} - {kind(operation)}:
            there = ask(site, caller, interface, operation, things.ids[other])
            absent = ask(site, caller, interface, operation, MADE_UP[other])
            same = told(there, things.ids[other]) == told(absent, MADE_UP[other])
            assert same and there.status_code in (403, 404), f"{operation} with one of {other}: {there.text}"
    assert things.state() == before


@pytest.mark.parametrize("name", ["CDO", "CDE"])
def test_what_is_no_id_is_not_found(site, interface, things, name):
    caller = site.callers[name]
    for operation in (one for one in interface.operations if "{id}" in one):
        absent = ask(site, caller, interface, operation, MADE_UP[kind(operation)])
        for odd in ODD:
            got = ask(site, caller, interface, operation, odd)
            assert got.status_code in {absent.status_code, 400, 404, 405}, f"{operation} {odd}: {got.text}"


@pytest.mark.parametrize("name", ["CDE", "CDA"])
def test_a_team_of_others_is_no_place_for_ones_own(site, things, name):
    """By name and by id, whether there is such a team or not: one answer for those who stay in theirs."""
    caller = site.callers[name]
    teams = {team["name"]: team["id"] for team in site.boss("GET", "/v1/teams")["items"]}
    fields = {"name": "示例", "subject": "A"}
    answers = {}
    for team in ("华南", teams["华南"], "没有这个队", "tea_01m8000000e0080000000000aa"):
        answers[team] = site.send(caller, "POST", "/v1/dossiers", json={"fields": fields, "team": team})
        assert answers[team].status_code >= 400, f"{team}: {answers[team].text}"
        listed = site.send(caller, "GET", "/v1/dossiers", params={"team": team})
        assert not listed.ok or listed.json()["items"] == [], team


def test_codes_of_others_are_answered_as_codes_of_nobody(site, interface, things):
    """A customer's code can be worked out; asking for it tells nothing."""
    code = site.boss("GET", f"/v1/dossiers/{things.ids['dossiers']}")["code"]
    caller = site.callers["CDE"]
    for operation in (one for one in interface.operations if "/dossiers/{id}" in one):
        there = ask(site, caller, interface, operation, code)
        absent = ask(site, caller, interface, operation, MADE_UP["dossiers"])
        assert essence(there) == essence(absent), operation
    for text in (code, code[:15]):
        found = site.send(caller, "POST", "/v1/search", json={"q": text})
        assert found.status_code == 200 and found.json()["items"] == []


def test_a_view_that_others_share_among_themselves_is_none(site, things):
    shared = site.send(things.owner, "POST", "/v1/views", json={"name": "共享的", "shared": True, "body": {}}).json()
    for name in CALLERS[:-2]:
        caller = site.callers[name]
        assert shared["id"] not in site.send(caller, "GET", "/v1/views").text, name
        changed = {"name": "改名", "shared": True, "body": {}}
        assert site.send(caller, "PUT", f"/v1/views/{shared['id']}", json=changed).status_code == 404, name
        assert site.send(caller, "DELETE", f"/v1/views/{shared['id']}").status_code == 404, name
    assert shared["id"] in site.send(things.owner, "GET", "/v1/views").text


def test_a_command_is_repeated_for_whoever_gave_it_alone(site, things):
    """The key of somebody else opens nothing of theirs, not even with the same body."""
    key = {"Idempotency-Key": "a-key-that-was-guessed"}
    body = {"fields": {"name": "示例", "subject": "A"}}
    first = site.send(things.owner, "POST", "/v1/dossiers", json=body, headers=key)
    again = site.send(things.owner, "POST", "/v1/dossiers", json=body, headers=key)
    assert first.json()["id"] == again.json()["id"] and again.headers["idempotency-replayed"] == "true"
    for name in ("CDE", "CDE in a browser", "CDO"):
        other = site.send(site.callers[name], "POST", "/v1/dossiers", json=body, headers=key)
        assert other.status_code == 201 and other.json()["id"] != first.json()["id"], name
        assert "idempotency-replayed" not in other.headers, name


def test_a_place_in_the_list_of_somebody_else_leads_to_ones_own_rows(site, things):
    """Where one page ends for who sees all, the next one begins for who does not: with their own."""
    for number in range(3):
        body = {"fields": {"name": f"示例{number}", "subject": "A"}}
        site.send(site.callers["CDE"], "POST", "/v1/dossiers", json=body).raise_for_status()
        site.send(things.owner, "POST", "/v1/dossiers", json=body).raise_for_status()
    after, own, seen = None, set(), 0
    while True:
        page = {"limit": 1} | ({"after": after} if after else {})
        rows = site.send(site.callers["CDE"], "GET", "/v1/dossiers", params=page | {"limit": 100})
        # A place that was made for other rows may also be refused.
        assert rows.status_code in (200, 400, 422), rows.text
        if rows.ok:
            own |= {row["id"] for row in rows.json()["items"]}
        seen += 1
        after = site.boss("GET", "/v1/dossiers", params=page)["next"]
        if not after:
            break
    assert seen > 5
    others = {things.ids["dossiers"]} | {row["id"] for row in things.get("/v1/dossiers?limit=100")["items"]}
    assert not own & others
