"""People: signing in and out, links, one's own sessions and password, views, and what becomes of others."""

from __future__ import annotations

from installation import OTHER, OWN, PASSWORD, WAITING, soon
from sight import HIDDEN, KINDS, form
from walk import Walk, walks

NOBODY = "usr_01m8000000e0080000000000aa"
PASSKEY = "pky_01m8000000e0080000000000aa"


@walks("POST /v1/session/challenge", "POST /v1/session/passkey")
def passkey(walk: Walk) -> None:
    asked = walk.ask("POST /v1/session/challenge").json()["challenge"]
    for body in walk.bad.people:
        walk.ask("POST /v1/session/passkey", **body)
    for credential in answers(walk):
        for name in (f"{walk.caller.role}.own", walk.bad.text):
            body = {"challenge": asked, "credential": credential, "name": name}
            assert not walk.ask("POST /v1/session/passkey", json=body).ok


def answers(walk: Walk) -> list[dict]:
    """What no device ever said."""
    response = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "A" * 22}
    whole = {"id": "AA", "rawId": "AA", "type": "public-key", "response": response}
    return [{}, {walk.bad.ascii: walk.bad.text}, whole, whole | {"id": walk.bad.text, "rawId": walk.bad.number}]


@walks("POST /v1/session", "GET /v1/session", "DELETE /v1/session", "POST /v1/session/watermark")
def session(walk: Walk) -> None:
    walk.ask("GET /v1/session")
    for body in (*walk.bad.people, {"json": {"name": walk.bad.text, "password": walk.bad.number}}):
        walk.ask("POST /v1/session", **body)
    name = f"{walk.caller.role}.own"
    walk.ask("POST /v1/session", json={"name": name, "password": walk.bad.text})
    # From a browser of its own: in this one the walk's session would end.
    right = {"name": name, "password": PASSWORD, "code": walk.bad.number[:6]}
    walk.ask("POST /v1/session", json=right, headers={"Cookie": "x=y"})
    assert walk.ask("POST /v1/session/watermark").ok == bool(walk.caller.session)
    if walk.caller.session:
        cookie, csrf = walk.site.sign_in(name)
        out = {"Cookie": cookie, "X-CSRF-Token": csrf}
        assert walk.ask("GET /v1/session", headers=out).ok
        # Without the token, as a page of another site would, and then for good.
        assert walk.ask("DELETE /v1/session", headers={"Cookie": cookie, "X-CSRF-Token": "x"}).status_code == 403
        assert walk.ask("DELETE /v1/session", headers=out).ok
        assert walk.ask("GET /v1/session", headers=out).status_code == 401
    else:
        walk.ask("DELETE /v1/session")
    both = {"Cookie": "__Host-dossier=" + "A" * 43, "Authorization": f"Bearer {walk.caller.token or 'x'}"}
    assert walk.ask("GET /v1/session", headers=both).status_code == 400


@walks("POST /v1/set-up/look", "POST /v1/set-up")
def links(walk: Walk) -> None:
    for body in (*walk.bad.people, {"json": {"token": walk.bad.ascii}}, {"json": {"token": "A" * 43}}):
        walk.ask("POST /v1/set-up/look", **body)
        walk.ask("POST /v1/set-up", **body)
    walk.ask("POST /v1/set-up", json={"token": walk.bad.ascii, "name": walk.bad.text, "password": walk.bad.text})


@walks(
    "GET /v1/me/passkeys",
    "POST /v1/me/passkeys",
    "POST /v1/me/passkeys/challenge",
    "PATCH /v1/me/passkeys/{id}",
    "DELETE /v1/me/passkeys/{id}",
    "POST /v1/me/proof",
    "POST /v1/me/proof/challenge",
)
def own_passkeys(walk: Walk) -> None:
    walk.ask("GET /v1/me/passkeys")
    new = walk.ask("POST /v1/me/passkeys/challenge")
    again = walk.ask("POST /v1/me/proof/challenge")
    assert new.ok == again.ok == bool(walk.caller.session), new.text
    for body in walk.bad.people:
        for operation in ("POST /v1/me/passkeys", "POST /v1/me/proof"):
            walk.ask(operation, **body)
        walk.ask("PATCH /v1/me/passkeys/{id}", PASSKEY, **body)
    for credential in answers(walk):
        body = {"challenge": new.json().get("challenge", "x"), "credential": credential}
        walk.ask("POST /v1/me/passkeys", json=body | {"name": walk.bad.text})
        walk.ask("POST /v1/me/proof", json=body | {"challenge": again.json().get("challenge", "x")})
    walk.ask("POST /v1/me/proof", json={"password": walk.bad.text})
    walk.ask("POST /v1/me/proof", json={"password": PASSWORD})
    for name in (PASSKEY, "x", *walk.bad.ids):
        walk.ask("PATCH /v1/me/passkeys/{id}", name, json={"name": walk.bad.text})
        walk.ask("DELETE /v1/me/passkeys/{id}", name)


@walks(
    "GET /v1/me/sessions",
    "DELETE /v1/me/sessions",
    "DELETE /v1/me/sessions/{id}",
    "PUT /v1/me/password",
    "POST /v1/me/totp",
    "PUT /v1/me/totp",
    "DELETE /v1/me/totp",
)
def own(walk: Walk) -> None:
    walk.ask("GET /v1/me/sessions")
    for name in ("5d0c7b1f0a9e4c325d0c7b1f0a9e4c32", "x", *walk.bad.ids):
        walk.ask("DELETE /v1/me/sessions/{id}", name, json={"password": PASSWORD})
    for operation in ("PUT /v1/me/password", "POST /v1/me/totp", "PUT /v1/me/totp", "DELETE /v1/me/totp", "DELETE /v1/me/sessions"):
        for body in walk.bad.people:
            walk.ask(operation, **body)
    for new in (walk.bad.text[:6], PASSWORD):
        walk.ask("PUT /v1/me/password", json={"current": PASSWORD, "new": new})
    walk.ask("PUT /v1/me/password", json={"current": walk.bad.text, "new": walk.bad.number})
    walk.ask("POST /v1/me/totp", json={"password": PASSWORD})
    walk.ask("PUT /v1/me/totp", json={"code": walk.bad.number[:6]})
    walk.ask("DELETE /v1/me/totp", json={"password": walk.bad.text})
    walk.ask("DELETE /v1/me/sessions", json={"password": PASSWORD})


@walks(
    "GET /v1/me/programs",
    "POST /v1/me/programs",
    "POST /v1/me/programs/asked",
    "POST /v1/me/programs/refused",
    "DELETE /v1/me/programs/{id}",
)
def own_programs(walk: Walk) -> None:
    assert walk.ask("GET /v1/me/programs").ok == bool(walk.caller.session)
    for operation in ("POST /v1/me/programs", "POST /v1/me/programs/asked", "POST /v1/me/programs/refused"):
        for body in walk.bad.people:
            walk.ask(operation, **body)
        named = {"client_id": walk.bad.ascii, "redirect_uri": walk.bad.text, "state": walk.bad.text}
        assert not walk.ask(operation, json=named).ok
    for name in ("5d0c7b1f0a9e4c325d0c7b1f0a9e4c32", "x", *walk.bad.ids):
        walk.ask("DELETE /v1/me/programs/{id}", name)


@walks("PATCH /v1/users/{id}", "POST /v1/users/{id}/set-up", "DELETE /v1/users/{id}/sessions")
def others(walk: Walk) -> None:
    for name in (NOBODY, "x", *walk.bad.ids):
        walk.ask("PATCH /v1/users/{id}", name, json={"disabled": True})
        walk.ask("PATCH /v1/users/{id}", name, json={"roles": [walk.bad.ascii], "team": walk.bad.text})
        walk.ask("POST /v1/users/{id}/set-up", name)
        walk.ask("DELETE /v1/users/{id}/sessions", name)
    for body in walk.bad.people:
        walk.ask("PATCH /v1/users/{id}", NOBODY, **body)


@walks("GET /v1/roles", "POST /v1/roles", "PUT /v1/roles/{id}", "DELETE /v1/roles/{id}", "PATCH /v1/teams/{id}")
def rules(walk: Walk) -> None:
    walk.ask("GET /v1/roles")
    body = {"name": walk.bad.text, "actions": ["read"], "fields": {f"customer.{walk.bad.ascii}": "clear"}}
    walk.ask("POST /v1/roles", json=body)
    for wrong in (*walk.bad.people, {"json": body}):
        walk.ask("POST /v1/roles", **wrong)
        walk.ask("PUT /v1/roles/{id}", "CDE", **wrong | {"headers": {"If-Match": '"1"'}})
        walk.ask("PATCH /v1/teams/{id}", "tea_01m8000000e0080000000000aa", **wrong)
    for name in ("CDE", "rol_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        walk.ask("PUT /v1/roles/{id}", name, json={"name": "示例"}, headers={"If-Match": '"1"'})
        walk.ask("DELETE /v1/roles/{id}", name)
        walk.ask("PATCH /v1/teams/{id}", name, json={"above": walk.bad.text})


@walks("GET /v1/approvals", "GET /v1/approvals/{id}", "POST /v1/approvals/{id}/decision")
def approvals(walk: Walk) -> None:
    of_people, of_programs = bool(walk.caller.session), bool(walk.caller.token) and walk.caller.role != "NOBODY"
    for box in ("waiting", "asked", "ended"):
        listed = walk.ask("GET /v1/approvals", params={"box": box})
        assert listed.ok == (of_people or of_programs), listed.text
        if of_people and box == "waiting":
            judge(walk, listed.json()["items"])
    walk.ask("GET /v1/approvals", params={"box": walk.bad.ascii})
    walk.ask("GET /v1/approvals", params={"box": "ended", "before": walk.bad.ascii})
    for name in (*walk.site.waiting, "apr_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        shown = walk.ask("GET /v1/approvals/{id}", name)
        if name in walk.site.waiting:
            assert shown.ok == of_people, shown.text
        for wrong in ({"verdict": "comment", "remark": " "}, {"verdict": "pass_on", "person": walk.bad.text}):
            assert not walk.ask("POST /v1/approvals/{id}/decision", name, json=wrong).ok
    for wrong in walk.bad.people:
        walk.ask("POST /v1/approvals/{id}/decision", walk.site.waiting[0], **wrong)
    if of_people:
        said = walk.ask("POST /v1/approvals/{id}/decision", walk.site.waiting[0], json={"verdict": "comment", "remark": "示例"})
        assert said.ok, said.text


@walks("GET /v1/grants", "POST /v1/grants", "POST /v1/grants/{id}/end")
def grants(walk: Walk) -> None:
    for box in ("own", "all"):
        listed = walk.ask("GET /v1/grants", params={"box": box})
        assert listed.ok or walk.caller.token or box == "all" or walk.caller.role == "NOBODY", listed.text
        for item in listed.json()["items"] if listed.ok else ():
            # A dossier is named to whoever reads it, and what for is told to whoever reads all of them.
            for dossier in item["dossiers"]:
                assert walk.ask("GET /v1/dossiers/{id}", dossier["id"]).ok
            assert len(item["dossiers"]) + item["hidden_dossiers"] == 2
            assert ("purpose" in item) == (item["own"] or not item["hidden_dossiers"])
            assert item["own"] or walk.caller.role in ("CDA", "ISA", "CDO")
    walk.ask("GET /v1/grants", params={"box": walk.bad.ascii})
    firm = walk.site.named(f"firm of {OTHER}").id
    asked = {"purpose": walk.bad.text, "last_day": soon(), "dossiers": [firm], "fields": {"customer.name": "clear"}}
    wrong = ({"dossiers": ["C0026099999999A"]}, {"fields": {f"customer.{walk.bad.ascii}": "clear"}}, {"last_day": "2020-01-01"})
    for body in (asked | one for one in (*wrong, {"role": walk.bad.text}, {"teams": "all"}, {"actions": ["delete"]})):
        assert not walk.ask("POST /v1/grants", json=body).ok
    for bad in walk.bad.people:
        walk.ask("POST /v1/grants", **bad)
    for name in ("gra_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        assert not walk.ask("POST /v1/grants/{id}/end", name).ok
    if walk.caller.role not in ("CDA", "CDO"):
        assert not walk.ask("POST /v1/grants/{id}/end", walk.site.grant).ok


def judge(walk: Walk, items: list[dict]) -> None:
    """Of each change that waits what the caller may see of it, and how much they may not."""
    teams = dict(zip(walk.site.waiting, (OWN, OTHER), strict=True))
    # Who asked for one does not decide on it.
    assert len(items) == len(teams) - (walk.caller.role in ("CDE", "CDO")), items
    for item in items:
        record = walk.site.named(f"changed firm of {teams[item['id']]}")
        reached = walk.reaches(record)
        assert item.get("record") == (record.id if reached else None), item
        forms = {name: form(walk.caller.role, KINDS["customer"][name], KINDS["customer"][name].level) for name in WAITING}
        expected = {name: how for name, how in forms.items() if reached and how != HIDDEN}
        assert {change["field"]: change["form"] for change in item["changes"]} == expected, item
        assert item["hidden"] == len(WAITING) - len(expected), item
        assert ("name" in item) == reached, item


@walks("GET /v1/hand-overs", "POST /v1/hand-overs/{id}/take", "POST /v1/users/{id}/leave")
def leaving(walk: Walk) -> None:
    assert walk.ask("GET /v1/hand-overs").ok == bool(walk.caller.session)
    assert walk.ask("GET /v1/hand-overs", params={"all": "true"}).ok == (walk.caller.role == "CDO")
    for name in ("hov_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        assert not walk.ask("POST /v1/hand-overs/{id}/take", name).ok
    body = {"how": "left", "successor": walk.bad.text}
    for name in (NOBODY, "x", *walk.bad.ids):
        for wrong in (*walk.bad.people, {"json": body}, {"json": {"how": "demoted", "roles": [walk.bad.text]}}):
            assert not walk.ask("POST /v1/users/{id}/leave", name, **wrong).ok


@walks("GET /v1/flows", "POST /v1/flows", "POST /v1/flows/begin", "PUT /v1/flows/{id}", "DELETE /v1/flows/{id}")
def flows(walk: Walk) -> None:
    walk.ask("GET /v1/flows")
    when = {"commands": ["change"], "kind": "customer", "fields": [walk.bad.ascii], "condition": walk.bad.text}
    body = {"name": {"zh": walk.bad.text, "en": "x"}, "enabled": True, "when": when, "steps": [{"who": walk.bad.text}]}
    body |= {"approve_within": 60, "execute_within": 60}
    step = {"who": {"people": [walk.bad.text]}}
    for wrong in (*walk.bad.people, {"json": body}, {"json": body | {"steps": [step]}}):
        walk.ask("POST /v1/flows", **wrong)
        walk.ask("POST /v1/flows/begin", **wrong)
        walk.ask("PUT /v1/flows/{id}", "flow_01m8000000e0080000000000aa", **wrong | {"headers": {"If-Match": '"1"'}})
    condition = {"steps": [{"who": "manager"}], "when": {"commands": ["merge"], "condition": walk.bad.text}}
    walk.ask("POST /v1/flows", json=body | condition)
    walk.ask("POST /v1/flows/begin", json={"alone": True})
    for name in ("flow_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        walk.ask("DELETE /v1/flows/{id}", name)


@walks("GET /v1/views", "POST /v1/views", "PUT /v1/views/{id}", "DELETE /v1/views/{id}")
def views(walk: Walk) -> None:
    body = {"name": "示例视图", "shared": True, "body": {"columns": ["name"]}}
    kept = walk.ask("POST /v1/views", json=body)
    assert kept.ok == (walk.caller.role != "NOBODY"), kept.text
    for name in ("view_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        walk.ask("PUT /v1/views/{id}", name, json=body)
        walk.ask("DELETE /v1/views/{id}", name)
    for wrong in (*walk.bad.people, {"json": body | {"body": {"filter": walk.bad.text * 2_000}}}):
        walk.ask("POST /v1/views", **wrong)
    walk.ask("GET /v1/views")
    if kept.ok:
        walk.ask("PUT /v1/views/{id}", kept.json()["id"], json=body | {"shared": False})
        walk.ask("DELETE /v1/views/{id}", kept.json()["id"])
