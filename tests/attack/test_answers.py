"""What every answer carries, whatever it answers: no sniffing, no frames, no other site, nothing kept, nothing told."""

from __future__ import annotations

import re
import socket
import ssl

import pytest
import requests
from installation import PASSWORD, TIMEOUT, Site, prepare
from things import MADE_UP, ask

EVIL = "https://evil.example.com"
FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Method, address and what goes with it, by the status that comes; `as` is who asks.
ANSWERS: dict[str, tuple[int, str, str, dict]] = {
    "a page": (200, "GET", "/", {}),
    "a page of an address that is none": (200, "GET", "/dossiers/x", {}),
    "the page of the interface": (200, "GET", "/docs/", {}),
    "the way to that page": (308, "GET", "/docs", {}),
    "the document": (200, "GET", "/openapi.json", {}),
    "the state": (200, "GET", "/healthz", {}),
    "an answer with JSON": (200, "GET", "/v1/dossiers", {"as": "CDO"}),
    "an answer with text": (200, "GET", "/v1/ledger/checkpoint", {"as": "CDO"}),
    "something new": (201, "POST", "/v1/dossiers", {"as": "CDO", "json": {"fields": {"name": "示例", "subject": "A"}}}),
    "nothing to say": (204, "DELETE", "/v1/me/sessions", {"as": "CDO in a browser", "json": {"password": PASSWORD}}),
    "a wrong request": (400, "GET", "/v1/dossiers?x=1", {"as": "CDO"}),
    "nobody": (401, "GET", "/v1/teams", {}),
    "no client": (401, "POST", "/oauth/token", {"data": {"grant_type": "client_credentials"}}),
    "no right": (403, "GET", "/v1/users", {"as": "CDU"}),
    "no record": (404, "GET", f"/v1/dossiers/{MADE_UP['dossiers']}", {"as": "CDO"}),
    "no route": (404, "GET", "/v1/none", {}),
    "no asset": (404, "GET", "/assets/none.js", {}),
    "no method": (405, "PUT", "/v1/teams", {"as": "CDO"}),
    "no such form": (406, "GET", "/v1/teams", {"as": "CDO", "headers": {"Accept": "image/png"}}),
    "too large": (413, "POST", "/v1/search", {"as": "CDO", "json": {"q": "a" * (1 << 20)}}),
    "too long": (414, "GET", "/v1/dossiers?after=" + "a" * 17_000, {"as": "CDO"}),
    "another type": (415, "POST", "/v1/search", {"as": "CDO", "data": b"{}"}),
    "a wrong value": (422, "POST", "/v1/dossiers", {"as": "CDO", "json": {"fields": {"name": "示例", "phone": "1"}}}),
    "no version": (428, "PATCH", f"/v1/dossiers/{MADE_UP['dossiers']}", {"as": "CDO", "json": {"stage": 1}}),
    "too many headers": (431, "GET", "/v1/teams", {"headers": {f"X-{n}": "a" for n in range(80)}}),
}



def answer(site: Site, name: str, **more: str) -> requests.Response:
    status, method, path, what = ANSWERS[name]
    what = dict(what)
    who = site.callers[what.pop("as", "NOBODY")]
    headers = who.headers() | what.pop("headers", {}) | more
    sent = {"headers": headers, "allow_redirects": False, "timeout": TIMEOUT} | what
    got = requests.request(method, site.served.base + path, **sent)
    assert got.status_code == status, got.text
    return got


def guarded(got: requests.Response) -> None:
    for header, value in FIXED.items():
        assert got.headers.get(header) == value, header
    policy = got.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy and "*" not in policy
    script = re.search(r"script-src ([^;]*)", policy)
    assert script is None or script[1] == "'self'"


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_forbids_frames_sniffing_and_scripts_of_others(site, name):
    guarded(answer(site, name))


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_but_files_of_the_page_is_kept_by_anybody(site, name):
    got = answer(site, name)
    # The page holds nothing of anybody's; it is asked after each time.
    page = name.startswith("a page")
    assert got.headers["cache-control"] == ("no-cache" if page else "no-store")
    assert "last-modified" not in got.headers and "expires" not in got.headers


def test_files_of_the_page_are_guarded_and_kept(site):
    """They have a name of their own for each content, and nothing of anybody's in them."""
    files = re.findall(r'"(/assets/[^"]+)"', ask(site, "GET", "/").text)
    if not files:
        pytest.skip("the program was built without its browser part")
    for path in files:
        got = ask(site, "GET", path)
        guarded(got)
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable", path
        assert got.headers["content-type"] in ("text/javascript; charset=utf-8", "text/css; charset=utf-8"), path


@pytest.mark.parametrize("name", list(ANSWERS))
def test_what_an_answer_holds_is_what_it_says(site, name):
    got = answer(site, name)
    kind = got.headers.get("content-type", "")
    if not got.content:
        assert not kind
        return
    if got.status_code >= 400:
        assert kind == ("application/json" if name == "no client" else "application/problem+json")
    if kind in ("application/json", "application/problem+json"):
        got.json()
    else:
        assert kind.endswith("; charset=utf-8"), kind


def test_every_answer_forbids_another_base(site):
    for name in ANSWERS:
        assert "base-uri 'none'" in answer(site, name).headers["content-security-policy"], name


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_over_tls_browsers_are_told_to_stay_with_it(tmp_path):
    with prepare(tmp_path).serve(server__self_signed="true") as served:
        for path in ("/", "/v1/teams", "/healthz"):
            got = requests.get(served.base + path, verify=False, timeout=TIMEOUT)
            said = dict(
                part.strip().partition("=")[::2] for part in got.headers["strict-transport-security"].split(";")
            )
            assert int(said["max-age"]) >= 31_536_000 and "includeSubDomains" in said, path


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1.evil.example.com", ""])
@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "nothing to say"])
def test_no_other_site_may_read_an_answer(site, name, origin):
    """But for one by cookie that changes something: that is refused (test_credentials.py)."""
    got = answer(site, name, Origin=origin)
    assert not [header for header in got.headers if header.lower().startswith("access-control-")]


def test_no_other_site_is_told_that_it_may_ask(site, interface):
    """The answer to a preflight names nobody, for every address of the interface."""
    asked = {"Origin": EVIL, "Access-Control-Request-Headers": "authorization, content-type, x-csrf-token"}
    for operation in interface.operations:
        method, path = operation.split(" ")
        headers = asked | {"Access-Control-Request-Method": method}
        got = requests.options(site.served.base + path, headers=headers, timeout=TIMEOUT)
        assert got.status_code in (404, 405), operation
        assert not [header for header in got.headers if header.lower().startswith("access-control-")], operation


def test_answers_of_a_busy_server_are_as_guarded(tmp_path):
    install = prepare(tmp_path)
    with install.serve(limits__requests_per_second=1, limits__burst=1) as served:
        got = [requests.get(served.base + "/v1/teams", timeout=TIMEOUT) for _ in range(20)]
    late = [one for one in got if one.status_code == 429]
    assert late and all(int(one.headers["retry-after"]) >= 1 for one in late)
    for one in got:
        guarded(one)
        assert one.headers["cache-control"] == "no-store"


def test_the_only_cookie_is_for_this_host_over_tls_and_for_no_script(site):
    body = {"name": "CDE.own", "password": PASSWORD}
    signed_in = requests.post(site.served.base + "/v1/session", json=body, timeout=TIMEOUT)
    cookie, csrf = signed_in.headers["set-cookie"], signed_in.json()["csrf"]
    name, *flags = cookie.split("; ")
    assert re.fullmatch(r"__Host-dossier=[A-Za-z0-9_-]{43}", name)
    assert set(flags) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    # The secret is in the cookie and nowhere else.
    assert name.split("=")[1] not in signed_in.text and name.split("=")[1] != csrf
    headers = {"Cookie": name, "X-CSRF-Token": csrf}
    out = requests.delete(site.served.base + "/v1/session", headers=headers, timeout=TIMEOUT)
    ended, *flags = out.headers["set-cookie"].split("; ")
    assert (
        ended == "__Host-dossier=" and "Max-Age=0" in flags and {"Secure", "HttpOnly", "SameSite=Strict"} <= set(flags)
    )
    for one in ANSWERS:
        assert "set-cookie" not in answer(site, one).headers, one


def test_nobody_is_sent_elsewhere(site, interface):
    """The one redirect leads to an address that the program has itself, whatever else was asked for."""
    aims = ("//evil.example.com", "/\\evil.example.com", EVIL, "/docs/..//evil.example.com", "/%2f%2fevil.example.com")
    for aim in aims:
        for path in (f"/docs?next={aim}", f"/?redirect={aim}", f"/docs/{aim}", f"/sign-in?return_to={aim}"):
            got = requests.get(
                site.served.base + path, headers={"Host": "evil.example.com"}, allow_redirects=False, timeout=TIMEOUT
            )
            assert "evil" not in got.headers.get("location", "") and "refresh" not in got.headers, path
            assert got.status_code in (200, 308, 404), path
            if got.status_code == 308:
                assert got.headers["location"] == "/docs/"


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_over_tls_the_newest_version_and_a_strong_suite_are_spoken_and_nothing_else(tmp_path):
    with prepare(tmp_path).serve(server__self_signed="true") as served:
        place = ("127.0.0.1", int(served.base.rsplit(":", 1)[1]))
        newest = ssl._create_unverified_context()
        with socket.create_connection(place, TIMEOUT) as line, newest.wrap_socket(line) as spoken:
            assert (spoken.version(), spoken.cipher()[0]) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
        older = ssl._create_unverified_context()
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(place, TIMEOUT) as line, pytest.raises(OSError):
            older.wrap_socket(line)
        with socket.create_connection(place, TIMEOUT) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"HTTP/" not in line.recv(4096)
