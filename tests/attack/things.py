"""What the interface says of itself, and one thing of each kind that has ids, all of a seller of the other team."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import requests
from harness import Failed
from installation import OTHER, PASSWORD, TIMEOUT, Site
from watch import Caller

BACK = "http://127.0.0.1/back"
CSV = {"Content-Type": "text/csv"}
# Of each kind: an id with the right form that nothing has.
MADE_UP = {
    "dossiers": "dos_01m8000000e0080000000000aa",
    "contacts": "con_01m8000000e0080000000000aa",
    "imports": "imp_01m8000000e0080000000000aa",
    "import-mappings": "map_01m8000000e0080000000000aa",
    "users": "usr_01m8000000e0080000000000aa",
    "clients": "cli_01m8000000e0080000000000aa",
    "roles": "rol_01m8000000e0080000000000aa",
    "approvals": "apr_01m8000000e0080000000000aa",
    "grants": "gra_01m8000000e0080000000000aa",
    "hand-overs": "hov_01m8000000e0080000000000aa",
    "flows": "flow_01m8000000e0080000000000aa",
    "teams": "tea_01m8000000e0080000000000aa",
    "views": "view_01m8000000e0080000000000aa",
    "sessions": "5d0c7b1f0a9e4c325d0c7b1f0a9e4c32",
    "passkeys": "pky_01m8000000e0080000000000aa",
    "programs": "5d0c7b1f0a9e4c325d0c7b1f0a9e4c33",
}
# What the examples of the document leave open, or would do for good.
BODIES = {
    "PATCH /v1/users/{id}": {"disabled": False},
    "POST /v1/users/{id}/leave": {"how": "seconded"},
    "PATCH /v1/teams/{id}": {"above": ""},
    "PUT /v1/me/password": {"current": "no harbour seven", "new": "another harbour seven"},
    "PUT /v1/imports/{id}/mapping": {"columns": {"name": "remarks"}},
    "PATCH /v1/imports/{id}/problems/{row}": {"cells": {"name": "示例"}},
    "POST /v1/imports/{id}/duplicates/{row}": {"decision": "skip"},
    "POST /v1/dossiers/{id}/reveal": {"field": "phone", "purpose": "联系客户"},
    "POST /v1/contacts/{id}/reveal": {"field": "mobile", "purpose": "联系客户"},
    "POST /v1/dossiers/{id}/detokenise": {"field": "phone", "token": "tok_x", "purpose": "核对导出"},
    "POST /v1/contacts/{id}/detokenise": {"field": "mobile", "token": "tok_x", "purpose": "核对导出"},
    "POST /v1/explain": {"record": MADE_UP["dossiers"], "field": "phone"},
    "POST /v1/explain/who": {"record": MADE_UP["dossiers"], "field": "phone"},
}


def ask(site: Site, method: str, path: str, **what: object) -> requests.Response:
    """As nobody, but for what is given along."""
    sent = {"timeout": TIMEOUT, "allow_redirects": False} | what
    return requests.request(method, site.served.base + path, **sent)


class Interface:
    """The document, read as a caller does."""

    def __init__(self, site: Site):
        self.document = requests.get(site.served.base + "/openapi.json", timeout=TIMEOUT).json()
        self.operations = [
            f"{method.upper()} {path}" for path, methods in self.document["paths"].items() for method in methods
        ]

    def of(self, operation: str) -> dict:
        method, path = operation.split(" ")
        return self.document["paths"][path][method.lower()]

    def schema(self, operation: str) -> dict | None:
        """Of the JSON body, if there is one."""
        content = self.of(operation).get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        said = content["application/json"]["schema"]
        return self.document["components"]["schemas"][said["$ref"].split("/")[-1]]

    def body(self, operation: str) -> dict | None:
        """One that the operation takes as it is."""
        schema = self.schema(operation)
        return None if schema is None else dict(BODIES.get(operation) or schema["examples"][0])

    def sent(self, operation: str) -> dict:
        """What goes with the address, so that nothing but the address can be wrong."""
        body = self.body(operation)
        what: dict = {} if body is None else {"json": body}
        versioned = operation.startswith("PATCH") and not any(of in operation for of in ("imports", "users", "teams"))
        if versioned or operation in ("PUT /v1/roles/{id}", "PUT /v1/flows/{id}"):
            what["headers"] = {"If-Match": '"1"'}
        if operation == "POST /v1/imports":
            what = {"headers": CSV, "data": "name,subject\n示例,A\n".encode()}
        if operation == "GET /v1/ledger/consistency":
            what["params"] = {"old_size": 1}
        if operation == "GET /v1/approvals":
            what["params"] = {"box": "waiting"}
        if operation == "GET /v1/grants":
            what["params"] = {"box": "all"}
        return what


def kind(operation: str) -> str:
    """Of what the id in the address is."""
    parts = operation.split(" ")[1].split("/")
    return parts[parts.index("{id}") - 1]


def address(operation: str) -> tuple[str, str]:
    """Method and path, with an id that nothing has."""
    method, path = operation.split(" ")
    if "{id}" in path:
        path = path.replace("{id}", MADE_UP[kind(operation)])
    return method, path.replace("{row}", "2").replace("{entry}", "c-0")


@dataclass
class Things:
    """Ids of what belongs to a seller of the other team, by kind; rows 2 and 3 of the import wait for a decision."""

    site: Site
    interface: Interface
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        site = self.site
        self.owner = self.seller("CDE.other")
        firm = site.create("firm of the other", OTHER, "A", level="L1")
        self.ids = {
            "dossiers": firm.id,
            "contacts": site.contact("contact of the other", firm).id,
            "imports": self.imported(firm.now["document_number"]),
        }
        client = site.boss("POST", "/v1/clients", json={"name": "other", "roles": ["CDU"], "team": OTHER})
        self.ids["clients"] = client["client_id"]
        users = site.boss("GET", "/v1/users")["items"]
        self.ids["users"] = next(user["id"] for user in users if user["name"] == "CDE.other")
        role = site.boss("POST", "/v1/roles", json={"name": "示例角色", "actions": ["read"], "see_to": "L2"})
        self.ids["roles"] = role["id"]
        teams = site.boss("GET", "/v1/teams")["items"]
        self.ids["teams"] = next(team["id"] for team in teams if team["name"] == OTHER)
        self.ids["import-mappings"] = self.get("/v1/import-mappings")["items"][0]["id"]
        view = {"name": "自己的", "shared": False, "body": {}}
        self.ids["views"] = site.send(self.owner, "POST", "/v1/views", json=view).json()["id"]
        # There is no device here that could make one.
        self.ids["passkeys"] = MADE_UP["passkeys"]
        self.ids["programs"] = self.allowed()
        self.ids["sessions"] = self.get("/v1/me/sessions")["items"][0]["id"]
        self.ids["hand-overs"] = self.handed_over()
        # Whoever decides has a part in it: that is none of those who are tried.
        self.seller("decides.other")
        site.flows(["decides.other"])
        waits = {"json": {"fields": {"purchasing_needs": "示例"}}, "headers": {"If-Match": '"1"'}}
        self.ids["approvals"] = site.send(self.owner, "PATCH", f"/v1/dossiers/{firm.id}", **waits).json()["id"]
        # The same grants whatever anybody asks for: theirs is none of those who are tried.
        self.ids["grants"] = site.granted(self.owner, [firm.id])
        self.ids["flows"] = site.boss("GET", "/v1/flows")["items"][0]["id"]
        assert set(self.ids) == set(MADE_UP)

    def get(self, path: str) -> dict:
        answer = self.site.send(self.owner, "GET", path)
        assert answer.ok, f"{path}: {answer.text}"
        return answer.json()

    def seller(self, name: str) -> Caller:
        site = self.site
        added = site.boss("POST", "/v1/users", json={"name": name, "roles": ["CDE"], "team": OTHER})
        body = {"token": added["set_up"].removeprefix("/set-up#"), "password": PASSWORD}
        requests.post(site.served.base + "/v1/set-up", json=body, timeout=TIMEOUT).raise_for_status()
        return Caller(name, "CDE", OTHER, session=site.sign_in(name))

    def allowed(self) -> str:
        """A program that acts for the owner."""
        program = {"name": "acts for the owner", "roles": ["CDE"], "team": OTHER, "redirect_uris": [BACK], "public": True}
        asks = {"client_id": self.site.boss("POST", "/v1/clients", json=program)["client_id"], "redirect_uri": BACK}
        verifier = "example-verifier-" + "0" * 40
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        body = asks | {"response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256"}
        answer = self.site.send(self.owner, "POST", "/v1/me/programs", json=body)
        assert answer.ok, answer.text
        code = parse_qs(urlsplit(answer.json()["to"]).query)["code"][0]
        form = asks | {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        assert ask(self.site, "POST", "/oauth/token", data=form).ok
        return self.get("/v1/me/programs")["items"][0]["id"]

    def handed_over(self) -> str:
        """What somebody answered for who has left, for the owner to take over."""
        leaver = self.seller("leaves.other")
        body = {"fields": {"name": "示例移交", "subject": "A"}}
        assert self.site.send(leaver, "POST", "/v1/dossiers", json=body).ok
        users = self.site.boss("GET", "/v1/users")["items"]
        name = next(user["id"] for user in users if user["name"] == "leaves.other")
        self.site.boss("POST", f"/v1/users/{name}/leave", json={"how": "left", "successor": "CDE.other"})
        return self.get("/v1/hand-overs")["items"][0]["id"]

    def imported(self, number: str) -> str:
        """A file of which one row is refused and one is there already."""
        rows = f"name,subject,document_type,document_number\n示例甲,A,,1\n示例乙,A,,{number}\n"
        sent = {"params": {"duplicates": "review"}, "headers": CSV, "data": rows.encode()}
        name = self.site.send(self.owner, "POST", "/v1/imports", **sent).json()["id"]
        mapping = {"columns": {"name": "name"}, "save_as": "示例"}
        for path, body, method in (("mapping", mapping, "PUT"), ("start", {}, "POST")):
            answer = self.site.send(self.owner, method, f"/v1/imports/{name}/{path}", json=body)
            assert answer.ok, answer.text
        until = time.monotonic() + 30
        while (state := self.get(f"/v1/imports/{name}")["state"]) == "running":
            if time.monotonic() > until:
                raise Failed(f"the import is {state}")
            time.sleep(0.1)
        assert all(self.get(f"/v1/imports/{name}/{what}")["items"] for what in ("problems", "duplicates?waiting=true"))
        return name

    def state(self) -> dict[str, object]:
        """All of it, as its owner sees it, or the CDO."""
        # A preview is of what was not started yet, and looks of a dossier are for others than its seller.
        others = ("/preview", "/looks")
        templates = [
            o for o in self.interface.operations if o.startswith("GET") and "{id}" in o and not o.endswith(others)
        ]
        seen: dict[str, object] = {}
        for operation in templates:
            path = operation.split(" ")[1].replace("{id}", self.ids[kind(operation)])
            answer = self.site.send(self.owner, "GET", path)
            assert answer.ok, f"{path}: {answer.text}"
            seen[path] = answer.text
        for path in ("/v1/views", "/v1/import-mappings", "/v1/me/programs"):
            seen[path] = self.get(path)["items"]
        for of in ("clients", "users", "roles", "teams", "flows"):
            items = self.site.boss("GET", f"/v1/{of}")["items"]
            seen[of] = next(item for item in items if self.ids[of] in (item.get("id"), item.get("client_id")))
        return seen
