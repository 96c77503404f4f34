"""Every operation of the interface as a request that the server takes, with what is needed to get past authorisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import requests
from installation import OWN, PASSWORD, TIMEOUT, Site
from things import MADE_UP, Interface, Things, kind
from watch import Caller

CSV = {"Content-Type": "text/csv", "File-Name": "example.csv"}
FORM = {"grant_type": "client_credentials", "client_id": "cli_01m8000000e0080000000000aa", "client_secret": "example"}
OWN_TOKEN = {"client_id": FORM["client_id"], "client_secret": "example", "token": "example"}
FORMS = {"POST /oauth/token": FORM, "POST /oauth/revoke": OWN_TOKEN, "POST /oauth/introspect": OWN_TOKEN}
# What the page asks for, as the person who has the things; all else is asked by a program of the highest role.
OF_THE_PAGE = ("/v1/me", "/v1/session", "/v1/views", "/v1/imports", "/v1/approvals", "/v1/grants", "/v1/hand-overs")
# Of parameters that need a value that fits.
SAID = {
    **{"before": "9", "old_size": "1", "log": "change", "who": "CDO.own", "record": MADE_UP["dossiers"]},
    **{"created_from": "2026-01-01", "created_to": "2036-01-01"},
    **{"client_id": MADE_UP["clients"], "redirect_uri": "https://crm.example.com/back", "response_type": "code"},
    **{"code_challenge": "A" * 43, "code_challenge_method": "S256", "state": "example"},
    **{"since": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z", "team": "华东", "industry": "01"},
}
# Only one of them at a time is taken, or none but one that an answer gave.
UNSAID = {("GET /v1/ledger", "from"), *((f"GET /v1/{of}", "after") for of in ("dossiers", "imports"))}
UNSAID |= {("GET /v1/hand-overs", "all"), ("GET /v1/dossiers/{id}/contacts", "after"), ("POST /v1/imports", "team"), ("GET /v1/quality", "kept")}
# Headers with a place for anything. A key that is used again with another body is refused, so one operation has it.
HEADERS = {"If-None-Match": '"9"'}
KEYED = "POST /v1/dossiers/{id}/contacts"
BODIES = {
    "DELETE /v1/me/totp": {"password": "no harbour seven"},
    "POST /v1/me/proof": {"password": PASSWORD},
    "POST /v1/me/totp": {"password": PASSWORD},
    "POST /v1/teams": {"name": "示例一部"},
    "POST /v1/roles": {"name": "示例二", "actions": ["read"], "fields": {"customer.name": "masked"}},
    "PUT /v1/roles/{id}": {"name": "示例角色", "actions": ["read"]},
    "PATCH /v1/teams/{id}": {"name": "示例三部"},
    "POST /v1/imports/{id}/problem-classes": {"action": "replace", "code": "1001001003", "field": "subject"}
    | {"value": "国企", "text": "企业"},
}
# A role that nobody has: what is asked for would wait, once.
FLOW = {"name": {"zh": "示例", "en": "example"}, "enabled": True, "when": {"commands": ["merge"]}}
FLOW |= {"steps": [{"who": {"role": {"role": "example", "of": "anywhere"}}}], "approve_within": 60, "execute_within": 60}
BODIES |= {"POST /v1/flows": FLOW, "PUT /v1/flows/{id}": FLOW}
# Done to what is not there: they would take away what the others ask about.
TAKES_AWAY = ("/undo", "/cancel", "/duplicates/{row}", "/v1/imports/{id}/start")
# These are refused as they are here, and rightly so: a secret or a state is wrong. Behind authorisation they all are.
REFUSED = {
    "POST /oauth/token": 401,
    "POST /oauth/revoke": 401,
    "POST /oauth/introspect": 401,
    # Nobody's program.
    "GET /oauth/authorize": 400,
    "POST /v1/me/programs": 400,
    "POST /v1/me/programs/asked": 400,
    "POST /v1/me/programs/refused": 400,
    "POST /v1/session": 401,
    "PUT /v1/me/password": 422,
    "PUT /v1/me/totp": 422,
    "DELETE /v1/me/totp": 422,
    # No device answered.
    "POST /v1/session/passkey": 401,
    "POST /v1/me/passkeys": 422,
    "POST /v1/set-up": 404,
    "POST /v1/set-up/look": 404,
    # Nobody here has a token.
    "POST /v1/dossiers/{id}/detokenise": 422,
    "POST /v1/contacts/{id}/detokenise": 422,
    # Of a record that nobody has.
    "POST /v1/explain": 404,
    "POST /v1/explain/who": 404,
    # One's own request, and flows that have begun.
    "POST /v1/approvals/{id}/decision": 403,
    # The dossier of the example is not there.
    "POST /v1/grants": 422,
    "POST /v1/flows/begin": 409,
    "POST /v1/flows": 422,
    "PUT /v1/flows/{id}": 422,
    # The import has been done.
    "PUT /v1/imports/{id}/mapping": 409,
    "GET /v1/imports/{id}/preview": 409,
}
# It would end the session that the others are asked with; `GET /v1/session` goes the same way.
LEFT_OUT = {"DELETE /v1/session"}


@dataclass
class Asked:
    operation: str
    # With `{}` where an id stands, and the ids.
    path: str
    ids: list[str]
    caller: Caller
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: dict | None = None
    form: dict[str, str] | None = None
    data: bytes | None = None

    @property
    def method(self) -> str:
        return self.operation.split(" ")[0]

    @property
    def url(self) -> str:
        return self.path.format(*self.ids) + (f"?{urlencode(self.query)}" if self.query else "")

    def expected(self) -> int | None:
        """The refusal that is right; nothing where it has to be done."""
        return 404 if set(self.ids) & set(MADE_UP.values()) else REFUSED.get(self.operation)

    def send(self, base: str) -> requests.Response:
        body = {"json": self.body} if self.body is not None else {"data": self.form or self.data}
        headers = self.caller.headers() | self.headers
        return requests.request(self.method, base + self.url, headers=headers, timeout=TIMEOUT, **body)


def everything(site: Site, interface: Interface, things: Things) -> list[Asked]:
    """All operations; those that take something away last."""
    # A person who is changed is signed out; that must not be the one who asks.
    things.ids["users"] = site.boss("POST", "/v1/users", json={"name": "示例", "roles": ["CDU"], "team": OWN})["id"]
    asked = [one(operation, site, interface, things) for operation in interface.operations if operation not in LEFT_OUT]
    return sorted(asked, key=lambda request: request.method == "DELETE")


def one(operation: str, site: Site, interface: Interface, things: Things) -> Asked:
    method, template = operation.split(" ")
    of_the_page = template.startswith(OF_THE_PAGE)
    path, ids = template, []
    for name in ("id", "row", "entry"):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", "{}")
            ids.append(identity(operation, name, things))
    request = Asked(operation, path, ids, things.owner if of_the_page else site.callers["CDO"])
    for parameter in interface.of(operation).get("parameters", ()):
        fill(request, parameter)
    sent = interface.sent(operation)
    request.headers |= sent.get("headers", {})
    request.body = BODIES.get(operation) or sent.get("json")
    if operation in FORMS:
        request.form, request.caller = FORMS[operation], site.callers["NOBODY"]
    if operation == KEYED:
        request.headers["Idempotency-Key"] = "example"
    if operation == "POST /v1/imports":
        request.data, request.headers = sent["data"], request.headers | CSV
    return request


def identity(operation: str, name: str, things: Things) -> str:
    if name != "id":
        return {"row": "2", "entry": "c-0"}[name]
    gone = operation.startswith("DELETE") or operation.endswith(TAKES_AWAY)
    return (MADE_UP if gone else things.ids)[kind(operation)]


def fill(request: Asked, parameter: dict) -> None:
    name, place = parameter["name"], parameter["in"]
    if place == "query" and (request.operation, name) not in UNSAID:
        request.query[name] = SAID.get(name) or value(parameter["schema"])
    if place == "header" and name in HEADERS:
        request.headers[name] = HEADERS[name]


def value(schema: dict) -> str:
    """One that the schema allows."""
    schema = schema.get("items", schema)
    if "enum" in schema:
        return schema["enum"][0]
    return {"boolean": "true", "integer": str(schema.get("minimum", 1))}.get(schema["type"]) or schema["examples"][0]


def texts(body: object, at: tuple = ()) -> Iterator[tuple]:
    """Where texts stand in a JSON value."""
    if isinstance(body, str):
        yield at
    for key, inner in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield from texts(inner, (*at, key))
