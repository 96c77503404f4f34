"""The scanners find what is wrong: told in the same way, of a server that does everything wrong."""

from __future__ import annotations

import pytest
from asked import Asked
from bad_server import TOKEN, bad_server
from scanners import sqlmap, wapiti
from watch import Caller

CALLER = Caller("a program", "CDO", "", TOKEN)
NAME = {"name": "example"}
# The four places in which a caller's text comes: the path, the query, the body, and deep inside it.
PLACES = [
    Asked("GET /names/{id}", "/names/{}", ["example"], CALLER),
    Asked("GET /names", "/names", [], CALLER, query=NAME),
    Asked("PATCH /names", "/names", [], CALLER, body=NAME),
    Asked("POST /names", "/names", [], CALLER, body={"fields": NAME}),
]
PAGE = Asked("GET /page", "/page", [], CALLER, query={"text": "example"})


@pytest.mark.parametrize("request_", PLACES, ids=lambda one: one.operation)
def test_sqlmap_finds_an_injection(tmp_path, request_):
    with bad_server() as base:
        assert len(sqlmap(base, [request_], tmp_path, "sqlite")) == 1


def test_wapiti_finds_an_injection_in_query_and_body_and_in_a_page(tmp_path):
    with bad_server() as base:
        found = wapiti(base, [*PLACES, PAGE], tmp_path, modules="sql,xss,http_headers")
    for name, place in (("SQL Injection", "GET /names name"), ("SQL Injection", "POST /names fields.name")):
        assert any(one.startswith(f"wapiti: {name}: {place}") for one in found), found
    assert any("Cross Site Scripting: GET /page text" in one for one in found), found
    assert any("X-Content-Type-Options is not set" in one for one in found), found
