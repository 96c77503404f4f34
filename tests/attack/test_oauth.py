"""Programs that act for people: as a client library that is not ours does it, and as nobody may."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from installation import OWN, TIMEOUT, Site
from things import ask
from watch import Caller

BACK = "http://127.0.0.1/back"
# A port that the program found free; it was registered without one (RFC 8252 §7.3).
HERE = "http://127.0.0.1:51004/back"
PERSON = "CDE in a browser"
LOOK = "/v1/dossiers"
numbers = iter(range(10_000))


def registered(site: Site, role: str = "CDE", **more: object) -> dict:
    body = {"name": f"acts {next(numbers)}", "roles": [role], "team": OWN, "redirect_uris": [BACK]} | more
    return site.boss("POST", "/v1/clients", json=body)


def session(client: dict, **more: object) -> OAuth2Session:
    secret = client.get("client_secret")
    method = "client_secret_basic" if secret else "none"
    more = {"redirect_uri": HERE, "code_challenge_method": "S256", "token_endpoint_auth_method": method} | more
    return OAuth2Session(client["client_id"], secret, revocation_endpoint_auth_method=method, **more)


def answered(site: Site, address: str, path: str = "", who: str = PERSON) -> dict[str, str]:
    """What the program is told, once the person who was sent to `address` has answered."""
    assert ask(site, "GET", "/oauth/authorize?" + urlsplit(address).query, headers={"Accept": "text/html"}).status_code == 200
    body = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
    answer = site.send(site.fresh(site.callers[who]), "POST", "/v1/me/programs" + path, json=body)
    assert answer.ok, answer.text
    to = urlsplit(answer.json()["to"])
    assert f"{to.scheme}://{to.netloc}{to.path}" == body["redirect_uri"]
    return {"to": answer.json()["to"]} | {name: value for name, [value] in parse_qs(to.query).items()}


class Flow:
    """One program at one person's door."""

    def __init__(self, site: Site, client: dict | None = None):
        self.site, self.client = site, client or registered(site)
        self.http, self.verifier = session(self.client), generate_token(48)
        self.url = site.served.base + "/oauth/token"
        self.address, self.state = self.http.create_authorization_url(
            site.served.base + "/oauth/authorize", code_verifier=self.verifier
        )

    def code(self) -> str:
        return answered(self.site, self.address)["code"]

    def redeem(self, code: str, **more: str) -> dict:
        return session(self.client).fetch_token(
            self.url, **{"grant_type": "authorization_code", "code": code, "code_verifier": self.verifier} | more
        )

    def looks(self, token: dict) -> int:
        return ask(self.site, "GET", LOOK, headers={"Authorization": f"Bearer {token['access_token']}"}).status_code


@pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])
def test_a_library_that_is_not_ours_discovers_asks_renews_and_gives_back(site: Site, public: bool) -> None:
    said = ask(site, "GET", "/.well-known/oauth-authorization-server").json()
    AuthorizationServerMetadata(said).validate_code_challenge_methods_supported()
    at = {name: site.served.base + urlsplit(said[f"{name}_endpoint"]).path for name in ("authorization", "token", "revocation", "introspection")}
    client = registered(site, public=public)
    http, verifier = session(client), generate_token(48)
    address, state = http.create_authorization_url(at["authorization"], code_verifier=verifier)
    told = answered(site, address)
    assert (told["state"], told["iss"]) == (state, said["issuer"])
    token = http.fetch_token(at["token"], authorization_response=told["to"], code_verifier=verifier, state=state)
    assert token["token_type"] == "Bearer" and token["expires_in"] == 3600
    assert http.get(site.served.base + LOOK, timeout=TIMEOUT).ok
    renewed = http.refresh_token(at["token"], token["refresh_token"])
    assert renewed["refresh_token"] != token["refresh_token"]
    assert http.get(site.served.base + LOOK, timeout=TIMEOUT).ok
    asked = http.introspect_token(at["introspection"], renewed["access_token"])
    if public:
        assert asked.status_code == 401
    else:
        assert asked.json()["active"] and asked.json()["client_id"] == client["client_id"]
    assert http.revoke_token(at["revocation"], renewed["refresh_token"]).ok
    assert http.get(site.served.base + LOOK, timeout=TIMEOUT).status_code == 401
    if not public:
        assert http.introspect_token(at["introspection"], renewed["access_token"]).json() == {"active": False}


def test_a_program_is_told_that_the_person_did_not_agree(site: Site) -> None:
    flow = Flow(site)
    told = answered(site, flow.address, "/refused")
    assert (told["error"], told["state"]) == ("access_denied", flow.state) and "code" not in told


def test_a_code_is_good_for_nothing_with_anything_else(site: Site) -> None:
    other = registered(site)
    for wrong in ({"code_verifier": generate_token(48)}, {"redirect_uri": BACK}, {"redirect_uri": HERE + "/more"}):
        flow = Flow(site)
        code = flow.code()
        for sent in (wrong, {}):
            with pytest.raises(OAuthError, match="invalid_grant"):
                flow.redeem(code, **sent)
    flow = Flow(site)
    code = flow.code()
    with pytest.raises(OAuthError, match="invalid_grant"):
        theirs = {"grant_type": "authorization_code", "code": code, "code_verifier": flow.verifier}
        session(other).fetch_token(flow.url, **theirs)
    assert flow.looks(flow.redeem(code)) == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url.replace("%2Fback", "%2Fback%2Fmore"),
        lambda url: url.replace("%2Fback", "%2Fback%3Fx%3D1"),
        lambda url: url.replace("127.0.0.1%3A51004", "127.0.0.1.evil.example"),
        lambda url: url.replace("127.0.0.1%3A51004", "127.0.0.1%40evil.example"),
        lambda url: url.replace("127.0.0.1%3A51004", "localhost%3A51004"),
        lambda url: url.replace("http%3A", "https%3A"),
        lambda url: url.replace("http%3A", "javascript%3A"),
        lambda url: url + "&redirect_uri=http%3A%2F%2Fevil.example%2F",
        lambda url: url.replace("client_id=cli_", "client_id=cli_0"),
    ],
)
def test_nobody_is_sent_where_the_program_was_not_registered(site: Site, spoil: Callable[[str], str]) -> None:
    query = urlsplit(spoil(Flow(site).address)).query
    answer = ask(site, "GET", "/oauth/authorize?" + query, headers={"Accept": "text/html"})
    assert answer.status_code == 400 and "Location" not in answer.headers
    body = {name: values[-1] for name, values in parse_qs(query).items()}
    asked = site.send(site.fresh(site.callers[PERSON]), "POST", "/v1/me/programs", json=body)
    assert asked.status_code == 400, asked.text


def test_a_challenge_is_wanted_and_a_plain_one_is_none(site: Site) -> None:
    flow = Flow(site)
    challenge = create_s256_code_challenge(flow.verifier)
    for address in (
        flow.address.replace("S256", "plain"),
        flow.address.replace("&code_challenge_method=S256", ""),
        flow.address.replace(f"&code_challenge={challenge}", ""),
    ):
        assert address != flow.address
        answer = ask(site, "GET", "/oauth/authorize?" + urlsplit(address).query, headers={"Accept": "text/html"})
        told = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert answer.status_code == 303 and told["error"] == ["invalid_request"] and told["state"] == [flow.state]


def test_a_code_shown_twice_ends_what_came_of_it(site: Site) -> None:
    flow = Flow(site)
    code = flow.code()
    token = flow.redeem(code)
    assert flow.looks(token) == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        flow.redeem(code)
    assert flow.looks(token) == 401


@pytest.mark.parametrize("what", ["code", "refresh token"])
def test_a_hundred_at_once_are_one(site: Site, what: str) -> None:
    flow = Flow(site, registered(site, public=True))
    form = {"client_id": flow.client["client_id"]}
    if what == "code":
        form |= {"grant_type": "authorization_code", "code": flow.code(), "redirect_uri": HERE}
        form["code_verifier"] = flow.verifier
    else:
        form |= {"grant_type": "refresh_token", "refresh_token": flow.redeem(flow.code())["refresh_token"]}
    with ThreadPoolExecutor(100) as pool:
        sent = [pool.submit(requests.post, flow.url, data=form, timeout=60) for _ in range(100)]
        answers = [one.result() for one in sent]
    good = [answer for answer in answers if answer.ok]
    assert len(good) == 1, sorted(answer.status_code for answer in answers)
    assert {answer.json()["error"] for answer in answers if not answer.ok} == {"invalid_grant"}
    assert flow.looks(good[0].json()) == 401, "the others were replays"


def test_a_program_does_no_more_than_both_may(site: Site) -> None:
    seen = {}
    for role in ("CDE", "ISA"):
        flow = Flow(site, registered(site, role))
        token = flow.redeem(flow.code())
        held = Caller("a program", role, OWN, token["access_token"])
        assert site.send(held, "GET", LOOK).ok
        body = {"fields": {"name": "示例科技有限公司", "subject": "A"}}
        seen[role] = site.send(held, "POST", LOOK, json=body).status_code
        for method, path, sent in (
            ("GET", "/v1/users", None),
            ("GET", "/v1/me/sessions", None),
            ("POST", "/v1/users", {"name": "x", "roles": ["CDE"]}),
            ("POST", "/v1/clients", {"name": "x", "roles": ["CDE"]}),
            ("POST", "/v1/keys/rotate", {}),
            ("GET", "/v1/approvals?box=waiting", None),
        ):
            answer = site.send(held, method, path, json=sent)
            assert answer.status_code == 403 and answer.json()["type"].endswith(":oauth_not_by_program"), answer.text
        # A token is no session: no cookie, no page of one's own.
        cookie = {"Cookie": f"__Host-dossier={token['access_token']}"}
        assert ask(site, "GET", "/v1/session", headers=cookie).status_code == 401
    assert seen == {"CDE": 201, "ISA": 403}


def test_what_ends_the_session_ends_the_tokens(site: Site) -> None:
    flow = Flow(site)
    token = flow.redeem(flow.code())
    assert flow.looks(token) == 200
    users = site.boss("GET", "/v1/users")["items"]
    person = next(user["id"] for user in users if user["name"] == "CDE.own")
    site.send(site.callers["CDO"], "DELETE", f"/v1/users/{person}/sessions").raise_for_status()
    site.callers[PERSON] = Caller(PERSON, "CDE", OWN, session=site.sign_in("CDE.own"))
    assert flow.looks(token) == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        session(flow.client).refresh_token(flow.url, token["refresh_token"])
