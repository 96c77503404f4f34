"""What shows who asks: each kind of secret opens its own door, in its own place, while it holds, and no other."""

from __future__ import annotations

import base64
import json

import pytest
import requests
from installation import OPEN_LIMITS, OWN, PASSWORD, TIMEOUT, Site, prepare
from things import ask

LOOK = "/v1/views"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(head: dict, claims: dict, signature: bytes = b"") -> str:
    return ".".join([b64(json.dumps(head).encode()), b64(json.dumps(claims).encode()), b64(signature)])


CLAIMS = {"sub": "CDO.own", "role": "CDO", "iss": "dossier", "aud": "dossier", "exp": 4_102_444_800}
FORGED = {
    "no algorithm": jwt({"alg": "none", "typ": "JWT"}, CLAIMS),
    "no algorithm, written otherwise": jwt({"alg": "nOnE"}, CLAIMS),
    "a made-up signature": jwt({"alg": "HS256"}, CLAIMS, b"x" * 32),
    "a key of its own": jwt({"alg": "RS256", "jku": "https://evil.example.com/keys"}, CLAIMS, b"x" * 256),
    "no signature": jwt({"alg": "HS256"}, CLAIMS).rstrip("."),
    "nothing": "A" * 43,
    "zeros": b64(bytes(32)),
}


@pytest.mark.parametrize("name", FORGED)
def test_nobody_makes_a_token_of_their_own(site, name):
    for headers in ({"Authorization": f"Bearer {FORGED[name]}"}, {"Cookie": f"__Host-dossier={FORGED[name]}"}):
        assert ask(site, "GET", LOOK, headers=headers).status_code == 401, headers


@pytest.fixture(scope="module")
def secrets(site: Site) -> dict[str, str]:
    """One of each kind, all of the CDO, all good."""
    cookie, csrf = site.sign_in("CDO.own")
    link = site.boss("POST", "/v1/users", json={"name": "linked", "roles": ["CDO"], "team": OWN})["set_up"]
    client = site.clients["CDO"]
    return {
        "session": cookie.split("=", 1)[1],
        "csrf": csrf,
        "access": site.served.token(client),
        "link": link.removeprefix("/set-up#"),
        "client": client["client_secret"],
        "password": PASSWORD,
    }


def test_each_secret_opens_its_own_door(site, secrets):
    """Else it would prove nothing that the others stay shut."""
    assert ask(site, "GET", LOOK, headers={"Authorization": f"Bearer {secrets['access']}"}).ok
    assert ask(site, "GET", LOOK, headers={"Cookie": f"__Host-dossier={secrets['session']}"}).ok
    assert ask(site, "POST", "/v1/set-up/look", json={"token": secrets["link"]}).ok


@pytest.mark.parametrize("kind", ["session", "csrf", "access", "link", "client", "password"])
def test_no_secret_opens_the_door_of_another(site, secrets, kind):
    secret = secrets[kind]
    doors = {
        "access": {"headers": {"Authorization": f"Bearer {secret}"}},
        "session": {"headers": {"Cookie": f"__Host-dossier={secret}"}},
    }
    for door, sent in doors.items():
        if door != kind:
            assert ask(site, "GET", LOOK, **sent).status_code == 401, door
    if kind != "link":
        for path, body in (("look", {}), ("", {"password": "another harbour seven"})):
            got = ask(site, "POST", f"/v1/set-up/{path}".rstrip("/"), json={"token": secret.ljust(43, "A")[:43]} | body)
            assert got.status_code in (400, 404, 410, 422), got.text
    if kind != "client":
        form = {
            "grant_type": "client_credentials",
            "client_id": site.clients["CDO"]["client_id"],
            "client_secret": secret,
        }
        assert ask(site, "POST", "/oauth/token", data=form).status_code == 401
    if kind != "password":
        got = ask(site, "POST", "/v1/session", json={"name": "CDO.own", "password": secret.ljust(12, "x")})
        assert got.status_code == 401


def test_a_secret_stands_in_its_own_place_alone(site, secrets):
    token, session = secrets["access"], secrets["session"]
    for sent in (
        {"params": {"access_token": token}},
        {"params": {"token": token}},
        {"headers": {"Cookie": f"access_token={token}"}},
        {"headers": {"Cookie": f"dossier={session}"}},
        {"headers": {"X-Authorization": f"Bearer {token}"}},
        {"headers": {"Authorization": f"Basic {b64(b'x:' + token.encode())}"}},
        {"headers": {"Authorization": f"Token {token}"}},
        {"headers": {"Authorization": token}},
        {"headers": {"Authorization": f"Bearer {token}, Bearer {token}"}},
        {"headers": {"Proxy-Authorization": f"Bearer {token}"}},
        {"headers": {"Cookie": f"__Host-dossier={session}; __Host-dossier={session}"}},
        {"headers": {"X-User-Id": "CDO.own", "X-Remote-User": "CDO.own", "X-Forwarded-User": "CDO.own"}},
    ):
        assert ask(site, "GET", LOOK, **sent).status_code == 401, sent
    assert ask(site, "POST", "/oauth/token", params={"access_token": token}).status_code in (400, 415)


def test_a_token_ends_with_its_program(site):
    client = site.boss("POST", "/v1/clients", json={"name": "soon gone", "roles": ["CDU"], "team": OWN})
    held = {"Authorization": f"Bearer {site.served.token(client)}"}
    assert ask(site, "GET", LOOK, headers=held).ok
    site.send(site.callers["CDO"], "DELETE", f"/v1/clients/{client['client_id']}").raise_for_status()
    assert ask(site, "GET", LOOK, headers=held).status_code == 401
    form = {"grant_type": "client_credentials"}
    gone = ask(site, "POST", "/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))
    never = ask(
        site, "POST", "/oauth/token", data=form, auth=("cli_01m8000000e0080000000000aa", client["client_secret"])
    )
    assert (gone.status_code, gone.text) == (never.status_code, never.text) == (401, gone.text)


def test_a_change_by_cookie_shows_that_it_is_the_pages_own(site):
    cookie, csrf = site.sign_in("CDO.own")
    body = {"name": "自己的", "shared": False, "body": {}}
    own = {"Cookie": cookie, "X-CSRF-Token": csrf}
    assert ask(
        site, "POST", LOOK, headers=own | {"Origin": site.served.base, "Sec-Fetch-Site": "same-origin"}, json=body
    ).ok
    other = site.sign_in("CDO.own")[1]
    for headers in (
        {"Cookie": cookie},
        {"Cookie": cookie, "X-CSRF-Token": ""},
        {"Cookie": cookie, "X-CSRF-Token": other},
        {"Cookie": f"{cookie}; csrf={csrf}", "X-CSRF": csrf},
        own | {"Origin": "https://evil.example.com"},
        own | {"Origin": "null"},
        own | {"Origin": site.served.base.replace("127.0.0.1", "localhost")},
        own | {"Sec-Fetch-Site": "cross-site"},
        own | {"Sec-Fetch-Site": "same-site"},
    ):
        got = ask(site, "POST", LOOK, headers=headers, json=body)
        assert got.status_code == 403 and "csrf" in got.json()["type"], headers
    # What a form of another page can send has no token of the session in it, whatever type it claims.
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"Cookie": cookie, "Content-Type": kind, "Origin": "https://evil.example.com"}
        assert ask(site, "POST", LOOK, headers=headers, data=json.dumps(body)).status_code == 403


def test_nothing_is_changed_by_looking(site, interface):
    """Addresses that do something answer no GET and no HEAD."""
    boss = site.callers["CDO"]
    read = {operation.split(" ")[1] for operation in interface.operations if operation.startswith("GET")}
    done = {operation.split(" ")[1] for operation in interface.operations if not operation.startswith("GET")}
    for path in sorted(done - read):
        for method in ("GET", "HEAD"):
            assert site.send(boss, method, path.replace("{id}", "x").replace("{row}", "2")).status_code in (404, 405), (
                path
            )


# --- what an answer tells of who there is ----------------------------------------------------------------------------


def said(got: requests.Response) -> tuple:
    """An answer without what differs each time."""
    body = {k: v for k, v in got.json().items() if k != "request_id"}
    heads = {k.lower(): v for k, v in got.headers.items() if k.lower() not in ("date", "x-request-id")}
    return got.status_code, body, heads


def test_signing_in_tells_nobody_who_there_is(site):
    site.install.run("user", "add", "not.yet", "--role", "CDU", "--team", OWN)
    link = site.boss("POST", "/v1/users", json={"name": "out.by.now", "roles": ["CDU"], "team": OWN})["set_up"]
    chosen = {"token": link.removeprefix("/set-up#"), "password": PASSWORD}
    ask(site, "POST", "/v1/set-up", json=chosen).raise_for_status()
    site.install.run("user", "disable", "out.by.now")
    attempts = [
        ("CDE.own", "wrong harbour seven"),
        ("nobody.at.all", PASSWORD),
        ("not.yet", PASSWORD),
        ("out.by.now", PASSWORD),
        ("out.by.now", "wrong harbour seven"),
        ("CDE.own ", "wrong harbour seven"),
        ("' OR 1=1 --", PASSWORD),
    ]
    answers = [ask(site, "POST", "/v1/session", json={"name": n, "password": p}) for n, p in attempts]
    assert {got.status_code for got in answers} == {401}
    for got, attempt in zip(answers, attempts, strict=True):
        assert said(got) == said(answers[0]), attempt


def test_links_tell_nobody_who_there_is(site):
    """Never given, badly formed, and used: one answer."""
    link = site.boss("POST", "/v1/users", json={"name": "used", "roles": ["CDU"], "team": OWN})["set_up"]
    used = link.removeprefix("/set-up#")
    body = {"token": used, "password": PASSWORD}
    ask(site, "POST", "/v1/set-up", json=body).raise_for_status()
    for path, more in (("/look", {}), ("", {"password": PASSWORD})):
        never, again = (ask(site, "POST", f"/v1/set-up{path}", json={"token": t} | more) for t in ("A" * 43, used))
        assert said(never) == said(again) and never.status_code >= 400


def test_guessing_waits_for_names_that_nobody_has_as_for_those_of_somebody(tmp_path):
    install = prepare(tmp_path)
    settings = OPEN_LIMITS | {"sign_in__attempts_per_name": 3}
    install.run("team", "add", OWN)
    with install.serve(**settings) as served:
        install.run("user", "add", "there", "--role", "CDU", "--team", OWN)
        ways = []
        for name in ("there", "nobody.at.all"):
            body = {"name": name, "password": "wrong harbour seven"}
            ways.append([requests.post(served.base + "/v1/session", json=body, timeout=TIMEOUT) for _ in range(5)])
        statuses = [[got.status_code for got in way] for way in ways]
        assert statuses[0] == statuses[1] == [401, 401, 401, 429, 429]
        late = [got.json() for way in ways for got in way[3:]]
        assert len({one["code"] for one in late}) == 1


def test_an_address_is_that_of_the_connection_whatever_is_said_of_it(tmp_path):
    """Who guesses from one address is stopped, by whatever address each attempt claims to come."""
    install = prepare(tmp_path)
    settings = OPEN_LIMITS | {"sign_in__attempts_per_address": 3}
    with install.serve(**settings) as served:
        statuses = []
        for number in range(5):
            claimed = f"198.51.100.{number}"
            names = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")
            headers = dict.fromkeys(names, claimed) | {"Forwarded": f"for={claimed}"}
            body = {"name": f"name {number}", "password": "wrong harbour seven"}
            got = requests.post(served.base + "/v1/session", json=body, headers=headers, timeout=TIMEOUT)
            statuses.append(got.status_code)
        assert statuses == [401, 401, 401, 429, 429]


def test_a_password_counts_to_its_last_character(site):
    password = "Plum Harbour " + "x" * 114 + "Y"
    assert len(password) == 128
    link = site.boss("POST", "/v1/users", json={"name": "long.password", "roles": ["CDU"], "team": OWN})["set_up"]
    chosen = {"token": link.removeprefix("/set-up#"), "password": password}
    ask(site, "POST", "/v1/set-up", json=chosen).raise_for_status()
    others = (password.swapcase(), password.lower(), password[:-1], password[:72], password + " ", f" {password}")
    for one in others:
        got = ask(site, "POST", "/v1/session", json={"name": "long.password", "password": one})
        assert got.status_code == 401, one
    assert ask(site, "POST", "/v1/session", json={"name": "long.password", "password": password}).ok


def test_secrets_are_long_and_no_two_have_anything_in_common(site):
    """Of each kind: as long as it should be, none twice, and each bit set about as often as not."""
    person = site.callers["CDE in a browser"]
    totp = [site.send(person, "POST", "/v1/me/totp", json={"password": PASSWORD}).json()["secret"] for _ in range(40)]
    client = site.clients["CDE"]
    links = [
        site.boss("POST", "/v1/users", json={"name": f"one of many {n}", "roles": ["CDU"], "team": OWN})["set_up"]
        for n in range(20)
    ]
    programs = [
        site.boss("POST", "/v1/clients", json={"name": f"one of many {n}", "roles": ["CDU"]})["client_secret"]
        for n in range(20)
    ]
    signed_in = [site.sign_in("CDE.own") for _ in range(15)]
    texts = {
        "access tokens": [site.served.token(client) for _ in range(40)],
        "links": [link.removeprefix("/set-up#") for link in links],
        "secrets of programs": programs,
        "sessions": [cookie.split("=", 1)[1] for cookie, _ in signed_in],
        "of sessions, repeated": [csrf for _, csrf in signed_in],
    }
    made = {
        kind: [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in all_] for kind, all_ in texts.items()
    }
    made["codes"] = [base64.b32decode(one + "=" * (-len(one) % 8)) for one in totp]
    for kind, secrets_ in made.items():
        assert len(set(secrets_)) == len(secrets_) and min(map(len, secrets_)) >= 16, kind
        bits = [int.from_bytes(one, "big").bit_count() for one in secrets_]
        share = sum(bits) / sum(8 * len(one) for one in secrets_)
        # Chance alone never leads so far from a half.
        assert 0.42 < share < 0.58, f"{kind}: {share}"
        for place in range(len(secrets_[0])):
            assert len({one[place] for one in secrets_}) > 5, f"{kind}: byte {place}"
