"""wapiti and sqlmap find nothing in the real server, told everything that it answers and let in wherever one has to be."""

from __future__ import annotations

import os

import requests
from asked import LEFT_OUT
from scanners import MODULES, sqlmap, wapiti

MYSQL = os.environ.get("DOSSIER_TEST_STORE") == "mysql"


def test_every_operation_is_asked_for_and_gets_behind_authorisation(site, asked):
    """Else the scanners would knock at a door that is closed."""
    document = requests.get(site.served.base + "/openapi.json", timeout=10).json()
    there = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert {request.operation for request in asked} == there - LEFT_OUT
    for request in asked:
        answer, expected = request.send(site.served.base), request.expected()
        assert answer.ok if expected is None else answer.status_code == expected, (request.operation, answer.text)


def test_sqlmap_finds_nothing(site, asked, tmp_path):
    assert sqlmap(site.served.base, asked, tmp_path, "mysql" if MYSQL else "sqlite") == []
    assert still_there(site, asked)


def test_wapiti_finds_nothing(site, asked, tmp_path):
    # What is no business of the database is the same on both.
    assert wapiti(site.served.base, asked, tmp_path, "sql,timesql" if MYSQL else MODULES) == []
    assert still_there(site, asked)


def still_there(site, asked) -> bool:
    """Nobody was signed out, or the last requests would have said nothing."""
    callers = {request.caller for request in asked if request.caller.headers()}
    return all(site.send(caller, "GET", "/v1/kinds").ok for caller in callers)
