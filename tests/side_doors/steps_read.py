"""Looking: lists, records, histories, looks, reveals, searches, the ledger, people, keys; and what is open to all."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from installation import OTHER, OWN
from planted import Record, plain
from sight import CLEAR, CONTACT, CUSTOMER, HIDDEN, KINDS, ROLES, form, masked
from walk import MADE_UP, Walk, walks
from watch import Allow

# --- steps: what is open to all, and who may sign in -----------------------------------------------------------------


@walks("GET /healthz", "GET /v1/kinds")
def open_pages(walk: Walk) -> None:
    for operation in ("GET /healthz", "GET /v1/kinds"):
        walk.ask(operation)
    for path in ("/", "/docs", "/docs/", "/openapi.json", "/favicon.ico", "/v1", "/metrics", "/v2/dossiers"):
        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PUT"):
            walk.raw(method, path, f"{method} {path}")
    walk.raw(walk.bad.ascii, "/v1/dossiers", "a planted method")
    for path in walk.bad.paths:
        walk.raw("GET", path, "GET of a planted address")


@walks("POST /oauth/token")
def sign_in(walk: Walk) -> None:
    if client := walk.site.clients.get(walk.caller.role):
        right = {"data": {"grant_type": "client_credentials"}, "auth": (client["client_id"], client["client_secret"])}
        assert walk.ask("POST /oauth/token", **right).ok
    for form_ in walk.bad.forms:
        walk.ask("POST /oauth/token", **form_)


@walks("POST /oauth/revoke", "POST /oauth/introspect", "GET /oauth/authorize", "GET /.well-known/oauth-authorization-server")
def oauth(walk: Walk) -> None:
    assert walk.ask("GET /.well-known/oauth-authorization-server").ok
    named = {"client_id": walk.bad.ascii, "redirect_uri": f"https://{walk.bad.ascii}.example/back"}
    for query in (named, named | {"state": walk.bad.text}, {"state": walk.bad.number, "scope": walk.bad.text}):
        assert walk.ask("GET /oauth/authorize", params=query).status_code == 400
    for operation in ("POST /oauth/revoke", "POST /oauth/introspect"):
        for form_ in walk.bad.forms:
            walk.ask(operation, **form_)
        walk.ask(operation, data={"token": walk.bad.text, "client_id": walk.bad.ascii, "client_secret": walk.bad.number})
        if client := walk.site.clients.get(walk.caller.role):
            pair = (client["client_id"], client["client_secret"])
            assert walk.ask(operation, data={"token": walk.bad.text}, auth=pair).ok


# --- dossiers and contacts -------------------------------------------------------------------------------------------


@walks("GET /v1/dossiers", "GET /v1/dossiers/{id}/contacts")
def lists(walk: Walk) -> None:
    operation = "GET /v1/dossiers"
    pages(walk, operation, params={"limit": 20})
    for limit in (1, 100):
        walk.ask(operation, params={"limit": limit})
    for name, values in (
        ("stage", [0, 1, 2, 5]),
        ("level", ["L1", "L2", "L3", "L4"]),
        ("team", [OWN, OTHER, "nowhere", "default"]),
        ("industry", ["14", "00"]),
        ("created_from", ["2020-01-01", "2999-01-01"]),
        ("created_to", ["2020-01-01", "2999-01-01"]),
    ):
        for value in values:
            walk.ask(operation, params={name: value, "limit": 40})
    for field in CUSTOMER[: 3 if walk.brief else None]:
        walk.ask(operation, params={"fields": field.name, "limit": 100}, only=[field.name])
    several = ["phone", "bank_card", "credit_limit"]
    walk.ask(operation, params={"fields": several}, only=several)
    for query in walk.bad.queries:
        walk.ask(operation, params=query)
    walk.by_id("GET /v1/dossiers/{id}/contacts", "customer")
    for field in CONTACT:
        for record in (walk.site.named(f"person of {OWN}"), walk.site.named(f"firm of {OTHER}")):
            walk.ask("GET /v1/dossiers/{id}/contacts", record.id, params={"fields": field.name}, only=[field.name])


def pages(walk: Walk, operation: str, params: dict) -> None:
    """All of them, one after the other."""
    after = None
    for _ in range(1000):
        answer = walk.ask(operation, params=params | ({"after": after} if after else {}))
        after = answer.json().get("next") if answer.ok else None
        if not after:
            return


@walks("GET /v1/dossiers/{id}", "GET /v1/contacts/{id}")
def reads(walk: Walk) -> None:
    for operation, kind in (("GET /v1/dossiers/{id}", "customer"), ("GET /v1/contacts/{id}", "contact")):
        walk.by_id(operation, kind)
        walk.by_id(operation, kind, params={"provenance": "true"})
        walk.by_id(operation, kind, headers={"If-None-Match": '"1", "2", "3"'})
        template = operation.removeprefix("GET ")
        for method in ("HEAD", "OPTIONS", "PUT"):
            absent = walk.raw(method, template.replace("{id}", MADE_UP[kind]), f"{method} {template}")
            for name, record in walk.each(kind):
                answer = walk.raw(method, template.replace("{id}", name), f"{method} {template}")
                if not walk.reaches(record):
                    walk.same(f"{method} of {record.label}", answer, absent)
        for headers in walk.bad.headers:
            walk.ask(operation, MADE_UP[kind], headers=headers)
            walk.ask(operation, next(r.id for _, r in walk.each(kind)), headers=headers)


@walks("GET /v1/dossiers/{id}/history", "GET /v1/contacts/{id}/history")
def histories(walk: Walk) -> None:
    for kind, place in (("customer", "dossiers"), ("contact", "contacts")):
        operation = f"GET /v1/{place}/{{id}}/history"
        walk.by_id(operation, kind, walk.watch.check_history)
        walk.by_id(operation, kind, walk.watch.check_history, params={"limit": 1})
        walk.by_id(operation, kind, walk.watch.check_history, params={"before": 2})


@walks("GET /v1/dossiers/{id}/looks")
def looks(walk: Walk) -> None:
    walk.by_id("GET /v1/dossiers/{id}/looks", "customer", walk.watch.check_looks)


@walks("GET /v1/quality")
def quality(walk: Walk) -> None:
    # What is kept may be of whoever was walked before: of the same view, or nobody's.
    for params in ({"kept": "true"}, {}, {"kept": "true"}, {"fresh": "true"}):
        answer = walk.ask("GET /v1/quality", params=params)
        if answer.status_code == 200:
            walk.watch.check_quality(answer.json(), walk.caller, "GET /v1/quality")
        assert answer.ok == (CLEAR in walk.sight.levels), answer.text


@walks("POST /v1/dossiers/{id}/reveal", "POST /v1/contacts/{id}/reveal")
def reveal(walk: Walk) -> None:
    for kind, place in (("customer", "dossiers"), ("contact", "contacts")):
        operation = f"POST /v1/{place}/{{id}}/reveal"
        body = {"field": "name", "purpose": walk.bad.purpose}
        absent = {use: walk.ask(operation, MADE_UP[kind], json=body | {"use": use}) for use in ("look", "copy")}
        for name in walk.strangers(kind):
            walk.ask(operation, name, json=body)
        for body in walk.bad.reveals:
            walk.ask(operation, next(r.id for _, r in walk.each(kind)), **body)
        for name, record in walk.each(kind):
            if name == record.id:
                open_fields(walk, operation, record, absent)


@walks("POST /v1/dossiers/{id}/detokenise", "POST /v1/contacts/{id}/detokenise")
def detokenise(walk: Walk) -> None:
    """Values, masks and made-up tokens lead nowhere: a token is made with keys that nobody here has."""
    for kind, place in (("customer", "dossiers"), ("contact", "contacts")):
        operation = f"POST /v1/{place}/{{id}}/detokenise"
        body = {"field": "name", "token": "tok_x", "purpose": walk.bad.purpose}
        absent = walk.ask(operation, MADE_UP[kind], json=body)
        for name in walk.strangers(kind):
            walk.ask(operation, name, json=body)
        for bad in walk.bad.reveals:
            walk.ask(operation, next(r.id for _, r in walk.each(kind)), **bad)
        for name, record in walk.each(kind):
            for field in ("name", "phone" if kind == "customer" else "mobile"):
                value = plain(record.now.get(field, "tok_x"))
                for token in (value, masked(KINDS[kind][field].mask, value), "tok_x"):
                    answer = walk.ask(operation, name, json=body | {"field": field, "token": token})
                    if not walk.reaches(record):
                        walk.same(f"{operation} of {record.label}", answer, absent)
                    elif answer.ok:
                        walk.watch.note(walk.caller, "detokenise", f"{record.label}.{field} by {token!r}")


def open_fields(walk: Walk, operation: str, record: Record, absent: dict[str, requests.Response]) -> None:
    """Each field with a purpose: the value comes to whom the table lets, and to nobody else."""
    fully = record.label.startswith(("firm of", "person of", "contact of"))
    names = list(KINDS[record.kind]) if fully else ["name", "remarks", "phone", "mobile", "bank_card"]
    for name in (name for name in names if name in KINDS[record.kind]):
        for use in absent:
            planned = walk.watch.revealed(walk.caller, record, name, use == "copy")
            purpose = walk.book.purpose(record) if walk.reaches(record) and not record.erased else walk.bad.purpose
            body = {"field": name, "purpose": purpose, "use": use}
            answer = walk.ask(operation, record.id, json=body, allow=planned)
            if not walk.reaches(record):
                walk.same(f"{operation} of {record.label}", answer, absent[use])
            elif not record.erased and name in record.now:
                judge_reveal(walk, answer, record, name, use)


def judge_reveal(walk: Walk, answer: requests.Response, record: Record, name: str, use: str) -> None:
    declared = KINDS[record.kind][name]
    level, _ = declared.placed(record.now)
    how = form(walk.caller.role, declared, level)
    may = how == CLEAR or level in walk.sight.reveals and how != HIDDEN
    may = may and bool(walk.sight.reveals) and (use == "look" or walk.sight.copies)
    if answer.ok != may:
        walk.watch.note(walk.caller, use, f"{record.label}.{name}: {answer.status_code}, may: {may}")
    if answer.ok:
        if answer.json()["value"] != record.now[name]:
            walk.watch.note(walk.caller, use, f"{record.label}.{name} is {answer.json()['value']!r}")
        walk.watch.seen.add((walk.caller.role, record.label, name, "revealed" if use == "look" else "copied"))


@walks("POST /v1/search")
def search(walk: Walk) -> None:
    operation = "POST /v1/search"
    # Numbers of nobody, each asked once: what was searched for is never told again.
    absent = walk.ask(operation, json={"q": walk.book.query(walk.book.phone())})
    for record in (r for kind in KINDS for _, r in walk.each(kind)):
        for text in identities(record):
            answer = walk.ask(operation, json={"q": text})
            if walk.sight.finds and not walk.reaches(record) and single(text):
                walk.same(f"search for {record.label}", answer, absent)
    for record in {record.id: record for kind in KINDS for _, record in walk.each(kind)}.values():
        for text in parts(record):
            judge_parts(walk, walk.ask(operation, json={"q": text, "limit": 25}), text)
    for body in walk.bad.searches:
        walk.ask(operation, **body)


def parts(record: Record) -> Iterator[str]:
    """Beginnings, middles and ends of what a record says: nobody finds by what it sees masked."""
    for name, value in record.now.items():
        if name in NAMELIKE:
            yield from dict.fromkeys((value[:3], value[2:5], value[-9:]))


NAMELIKE = {"name", "representative", "registered_address", "delivery_address", "email", "wechat", "remarks"}
BY_TEXT = {"short_form", "prefix", "contains", "pinyin", "initials"}


def judge_parts(walk: Walk, answer: requests.Response, text: str) -> None:
    """Each hit is in reach, and by a field that the caller sees in clear, unless the whole of a number was asked for."""
    for hit in answer.json()["items"] if answer.ok else ():
        record, found = walk.book.by_id.get(hit["id"]), hit["found"]
        if record is None:
            continue
        if not walk.reaches(record):
            walk.watch.note(walk.caller, "search", f"finds {record.label}, out of reach, by {text!r}")
        if found["how"] in BY_TEXT or found["field"] == "name":
            declared = KINDS[record.kind][found["field"]]
            if form(walk.caller.role, declared, declared.placed(record.now)[0]) != CLEAR:
                walk.watch.note(walk.caller, "search", f"finds {record.label} by its masked {found['field']}, {text!r}")


def single(text: str) -> bool:
    """Whether a text can only be one record's."""
    return len(text) > 4


def identities(record: Record) -> Iterator[str]:
    """Everything that somebody could look for."""
    for name in ("phone", "mobile"):
        if number := record.now.get(name):
            yield from (number, number[3:], f"{number[3:6]} {number[6:10]} {number[10:]}", number[-4:])
    for name in ("document_number", "tax_number", "email", "bank_card", "bank_account", "name", "wechat"):
        if name in record.now:
            yield record.now[name][:64]
    if "credit_limit" in record.now:
        yield record.now["credit_limit"]["amount"]
    yield record.id
    if record.code:
        yield from (record.code, record.code[:15])


# --- the ledger ------------------------------------------------------------------------------------------------------


def in_ledger(walk: Walk) -> Allow:
    """The ledger names records of all teams, and the purposes that were given, to those who may read it."""
    may = walk.sight.ledger
    return lambda value: may and (value.sort == "id" or (value.sort == "purpose" and not value.record.erased))


@walks(
    "GET /v1/ledger",
    "GET /v1/ledger/checkpoint",
    "GET /v1/ledger/consistency",
    "GET /v1/ledger/key",
    "GET /v1/ledger/logs",
    "GET /v1/ledger/proof/{entry}",
    "POST /v1/ledger/evidence",
)
def ledger(walk: Walk) -> None:
    allow = in_ledger(walk)
    walk.ask("GET /v1/ledger/logs")
    for log in ("access/1", "access/2", "access/x"):
        walk.ask("GET /v1/ledger", params={"log": log}, allow=allow)
        walk.ask("GET /v1/ledger/checkpoint", params={"log": log}, allow=allow)
    for log in ("change", "access"):
        walk.ask("GET /v1/ledger", params={"log": log}, allow=allow)
        walk.ask("GET /v1/ledger/checkpoint", params={"log": log}, allow=allow)
        walk.ask("GET /v1/ledger/consistency", params={"log": log, "old_size": 1}, allow=allow)
        start, size = 0, 1
        while start is not None and start < size:
            answer = walk.ask("GET /v1/ledger", params={"log": log, "from": start, "limit": 200}, allow=allow)
            said = answer.json() if answer.ok else {}
            # Reading it makes it longer: what was there at first is enough.
            size = size if size > 1 else said.get("size", 0)
            for entry in said.get("items", [])[::100]:
                walk.ask("GET /v1/ledger/proof/{entry}", entry["id"], allow=allow)
            chosen = {"entries": [entry["id"] for entry in said.get("items", [])] or ["c-0"]}
            walk.ask("POST /v1/ledger/evidence", json=chosen, allow=allow)
            # Whoever may read it reads the same: its beginning, and what nobody walked before has read.
            start = said.get("next") and max(said["next"], walk.site.read.get(log, 0))
        if walk.sight.ledger:
            walk.site.read[log] = size
    walk.ask("GET /v1/ledger/key")
    for entry in ("c-0", "a-1-0", "c-999999", "x", *walk.bad.ids):
        walk.ask("GET /v1/ledger/proof/{entry}", entry, allow=allow)
    for record in walk.book.records[::10]:
        for name in (record.id, record.code):
            if name:
                walk.ask("GET /v1/ledger", params={"log": "access", "record": name}, allow=allow)
    for filters in ({"who": "system"}, {"action": "reveal", "outcome": "refused"}, {"since": "2026-01-01T00:00:00Z"}):
        walk.ask("GET /v1/ledger", params={"log": "access"} | filters, allow=allow)
    for entries in (["c-0", "a-1-0"], ["c-999999"], walk.bad.ids, walk.bad.text):
        walk.ask("POST /v1/ledger/evidence", json={"entries": entries}, allow=allow)
    for query in walk.bad.queries:
        walk.ask("GET /v1/ledger", params=query)
        walk.ask("GET /v1/ledger/consistency", params=query)


# --- people, programs, teams, keys -----------------------------------------------------------------------------------


@walks("GET /v1/clients", "POST /v1/clients", "GET /v1/users", "POST /v1/users", "GET /v1/teams", "POST /v1/teams")
def access(walk: Walk) -> None:
    for place in ("clients", "users", "teams"):
        walk.ask(f"GET /v1/{place}")
        for body in walk.bad.people:
            walk.ask(f"POST /v1/{place}", **body)


@walks("DELETE /v1/clients/{id}")
def disable(walk: Walk) -> None:
    for name in ("cli_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        walk.ask("DELETE /v1/clients/{id}", name)


@walks("GET /v1/set-up/state")
def set_up_state(walk: Walk) -> None:
    answer = walk.ask("GET /v1/set-up/state")
    assert answer.ok == (walk.caller.role == "CDO"), answer.text


@walks("GET /v1/keys", "POST /v1/keys/rotate")
def keys(walk: Walk) -> None:
    walk.ask("GET /v1/keys")
    for body in walk.bad.rotations:
        walk.ask("POST /v1/keys/rotate", **body)
    walk.ask("POST /v1/keys/rotate", json={})


@walks("POST /v1/explain", "POST /v1/explain/who")
def explains(walk: Walk) -> None:
    """What is explained is what the table says, of oneself and of the others; what is out of reach does not exist."""
    for kind in KINDS:
        for operation in ("POST /v1/explain", "POST /v1/explain/who"):
            absent = walk.ask(operation, json={"record": MADE_UP[kind], "field": "name"})
            for name in walk.strangers(kind):
                walk.ask(operation, json={"record": name, "field": "name"})
            walk.ask(operation, json={"record": MADE_UP[kind], "field": walk.bad.purpose})
            for name, record in walk.each(kind):
                for field in ("name", "remarks", "phone", "bank_card", "credit_limit", "mobile", "birthday"):
                    answer = walk.ask(operation, json={"record": name, "field": field})
                    if not walk.reaches(record):
                        walk.same(f"{operation} of {record.label}", answer, absent)
                    elif answer.ok and name == record.id and operation.endswith("explain"):
                        explained(walk, answer.json(), record, field)
                    elif answer.ok and name == record.id:
                        seen_by(walk, answer.json(), record, field)


def explained(walk: Walk, said: dict, record: Record, field: str) -> None:
    """One's own, and where others may be asked about theirs."""
    check_verdict(walk, said["verdict"], walk.caller.role, walk.caller.team, record, field)
    for role, client in walk.site.clients.items():
        if role in ROLES and field in ("name", "bank_card", "credit_limit"):
            body = {"who": client["client_id"], "record": record.id, "field": field}
            answer = walk.ask("POST /v1/explain", json=body)
            if answer.ok:
                check_verdict(walk, answer.json()["verdict"], role, client["team"], record, field)


def seen_by(walk: Walk, said: dict, record: Record, field: str) -> None:
    """Each program is listed as the table says it sees the field, and no other one is."""
    listed = {one["id"]: one["verdict"] for one in said["items"]}
    for role, client in walk.site.clients.items():
        if role in ROLES and (said["total"] == len(listed) and walk.sight.all_teams or client["client_id"] in listed):
            verdict = listed.get(client["client_id"], "nothing")
            check_verdict(walk, verdict, role, client["team"], record, field)


def check_verdict(walk: Walk, verdict: str, role: str, team: str, record: Record, field: str) -> None:
    level = KINDS[record.kind][field].placed(record.now)[0]
    wanted = form(role, KINDS[record.kind][field], level)
    if wanted == "masked" and level in ROLES[role].reveals:
        wanted = "openable"
    if not ROLES[role].all_teams and record.team != team:
        wanted = "absent"
    unseen = verdict == "nothing" and wanted in ("absent", HIDDEN)
    if verdict != wanted and not unseen:
        walk.watch.note(walk.caller, "explain", f"{record.label}.{field} of {role}: {verdict} instead of {wanted}")
