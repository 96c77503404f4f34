"""Every operation of the interface, as one caller, with every kind of id and every kind of mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests
from bad import Bad
from planted import Record
from sight import CLEAR, CONTACT, CUSTOMER, HIDDEN, KINDS, ROLES, form, masked
from installation import OTHER, OWN, Site
from watch import Allow, Caller, nothing_more, parsed

Operation = tuple[str, str]
WALKS: dict[Operation, list[Callable[["Walk"], None]]] = {}

MADE_UP = {"customer": "dos_01m8000000e0080000000000aa", "contact": "con_01m8000000e0080000000000aa"}


def walks(*operations: str) -> Callable:
    """Names the operations that a step asks for: `GET /v1/kinds`."""

    def mark(step: Callable[["Walk"], None]) -> Callable[["Walk"], None]:
        for operation in operations:
            method, path = operation.split(" ")
            WALKS.setdefault((method, path), []).append(step)
        return step

    return mark


class Walk:
    """One caller's way through the interface."""

    def __init__(self, site: Site, caller: Caller, bad: Bad):
        self.site, self.caller, self.bad = site, caller, bad
        self.sight = ROLES[caller.role]
        self.book, self.watch = site.book, site.watch
        self.asked: set[Operation] = set()
        self.session = requests.Session()
        self.bodies = {kind: bad.bodies[kind][:: 6 if caller.role == "NOBODY" else 1] + (bad.single[kind] if caller.role == "CDE" else []) for kind in KINDS}
        # Nobody is refused before anything else is looked at: a few of each kind are enough.
        self.brief = caller.role == "NOBODY"
        self.said_in_english: set[tuple] = set()

    def all(self) -> None:
        steps = dict.fromkeys(step for steps in WALKS.values() for step in steps)
        for step in steps:
            step(self)

    def reaches(self, record: Record) -> bool:
        return self.sight.all_teams or record.team == self.caller.team

    # --- asking -------------------------------------------------------------------------------------------------------

    def ask(
        self, operation: str, *ids: str, allow: Allow = nothing_more, only: list[str] | None = None, **what: object
    ) -> requests.Response:
        """Asks and judges what comes; each refusal is asked for in English too."""
        method, template = operation.split(" ")
        self.asked.add((method, template))
        path = template
        for name in ids:
            path = path.replace("{id}", name, 1).replace("{entry}", name, 1)
        answer = self.raw(method, path, operation, allow, only, **what)
        if answer.status_code >= 400 and self.new_to_english(operation, answer):
            headers = {"Accept-Language": "en"} | dict(what.pop("headers", {}))
            self.raw(method, path, operation + " (en)", allow, only, headers=headers, **what)
        return answer

    def new_to_english(self, operation: str, answer: requests.Response) -> bool:
        said = parsed(answer.content)
        codes = [said.get("code"), *(error["code"] for error in said.get("errors", ()))] if isinstance(said, dict) else []
        refusal = (operation, answer.status_code, *codes)
        new = refusal not in self.said_in_english
        self.said_in_english.add(refusal)
        return new

    def raw(
        self,
        method: str,
        path: str,
        where: str,
        allow: Allow = nothing_more,
        only: list[str] | None = None,
        headers: dict | None = None,
        **what: object,
    ) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.caller.token}"} if self.caller.token else {}
        sent |= headers or {}
        url = self.site.served.base + path
        try:
            answer = self.session.request(method, url, headers=sent, timeout=20, allow_redirects=False, **what)
        except requests.ConnectionError:
            # A refusal that did not wait for the body ends the connection; the next request needs a new one.
            answer = self.session.request(method, url, headers=sent, timeout=20, allow_redirects=False, **what)
        where = f"{where} → {answer.status_code}"
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.watch.check(answer.content, self.caller, where, allow)
        self.watch.check(head.encode("latin-1"), self.caller, where + " headers", allow)
        if answer.status_code >= 500:
            self.watch.note(self.caller, where, f"failed: {answer.text}")
        said = parsed(answer.content)
        if answer.ok and said is not None:
            self.watch.check_records(said, self.caller, where, only)
        return answer

    def same(self, operation: str, hidden: requests.Response, absent: requests.Response) -> None:
        """What one must not know of is answered as if it did not exist."""
        if essence(hidden) != essence(absent):
            self.watch.note(
                self.caller, operation, f"tells that it exists: {essence(hidden)} instead of {essence(absent)}"
            )

    def each(self, kind: str) -> Iterator[tuple[str, Record]]:
        """Every planted record that is walked in full, by every name that it has."""
        walked = [r for r in self.book.records if r.kind == kind and r.id and not r.label.startswith("imported")]
        for record in walked[: 2 if self.brief else None]:
            yield record.id, record
            if record.code:
                yield record.code[:15], record
        for team in (OWN, OTHER) if kind == "customer" else ():
            one = self.site.named(f"imported 1 of {team}")
            yield one.code, one

    def strangers(self, kind: str) -> Iterator[str]:
        """Ids of nothing: made up, of the other kind, malformed, planted."""
        other = "contact" if kind == "customer" else "customer"
        yield next(r.id for r in self.book.records if r.kind == other and r.id)
        yield from ("x", "dos_", "%00", "..%2f..%2fetc", "dos_81m8000000e0080000000000aa", "C0126000001230F")
        yield from self.bad.ids

    def by_id(self, operation: str, kind: str, judge: Callable | None = None, **what: object) -> None:
        """Asks for every record; what is out of reach is answered as what does not exist."""
        absent = self.ask(operation, MADE_UP[kind], **what)
        for name in self.strangers(kind):
            self.ask(operation, name, **what)
        for name, record in self.each(kind):
            answer = self.ask(operation, name, **what)
            if not self.reaches(record):
                self.same(f"{operation} of {record.label}", answer, absent)
            elif answer.ok and judge:
                judge(answer.json(), record, self.caller, operation)


def essence(answer: requests.Response) -> tuple[int, object, tuple]:
    """An answer without what differs each time."""
    said = parsed(answer.content)
    if isinstance(said, dict):
        said.pop("request_id", None)
    varies = {"date", "x-request-id"}
    heads = tuple(sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() not in varies))
    return answer.status_code, said, tuple(head for head in heads if head[0] != "content-length")


# --- steps: what is open to all, and who may sign in --------------------------------------------------------------------


@walks("GET /healthz", "GET /v1/kinds")
def open_pages(walk: Walk) -> None:
    for operation in ("GET /healthz", "GET /v1/kinds"):
        walk.ask(operation)
    for path in ("/", "/docs", "/docs/", "/openapi.json", "/favicon.ico", "/v1", "/metrics", "/.git/config", "/v2/dossiers"):
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


# --- dossiers and contacts ----------------------------------------------------------------------------------------------


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
    walk.ask(operation, params={"fields": ["phone", "bank_card", "credit_limit"]}, only=["phone", "bank_card", "credit_limit"])
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


@walks("POST /v1/dossiers/{id}/reveal", "POST /v1/contacts/{id}/reveal")
def reveal(walk: Walk) -> None:
    for kind, place in (("customer", "dossiers"), ("contact", "contacts")):
        operation = f"POST /v1/{place}/{{id}}/reveal"
        body = {"field": "name", "purpose": walk.bad.purpose}
        absent = walk.ask(operation, MADE_UP[kind], json=body)
        for name in walk.strangers(kind):
            walk.ask(operation, name, json=body)
        for body in walk.bad.reveals:
            walk.ask(operation, next(r.id for _, r in walk.each(kind)), **body)
        for name, record in walk.each(kind):
            if name == record.id:
                open_fields(walk, operation, record, absent)


def open_fields(walk: Walk, operation: str, record: Record, absent: requests.Response) -> None:
    """Each field with a purpose: the value comes to whom the table lets, and to nobody else."""
    fully = record.label.startswith(("firm of", "person of", "contact of"))
    names = list(KINDS[record.kind]) if fully else ["name", "remarks", "phone", "mobile", "bank_card"]
    for name in (name for name in names if name in KINDS[record.kind]):
        planned = walk.watch.revealed(walk.caller, record, name)
        purpose = walk.book.purpose(record) if walk.reaches(record) and not record.erased else walk.bad.purpose
        answer = walk.ask(operation, record.id, json={"field": name, "purpose": purpose}, allow=planned)
        if not walk.reaches(record):
            walk.same(f"{operation} of {record.label}", answer, absent)
        elif not record.erased and name in record.now:
            judge_reveal(walk, answer, record, name)


def judge_reveal(walk: Walk, answer: requests.Response, record: Record, name: str) -> None:
    declared = KINDS[record.kind][name]
    level, _ = declared.placed(record.now)
    how = form(walk.caller.role, declared, level)
    may = how == CLEAR or level in walk.sight.reveals and how != HIDDEN
    may = may and bool(walk.sight.reveals)
    if answer.ok != may:
        walk.watch.note(walk.caller, "reveal", f"{record.label}.{name}: {answer.status_code}, may: {may}")
    if answer.ok:
        if answer.json()["value"] != record.now[name]:
            walk.watch.note(walk.caller, "reveal", f"{record.label}.{name} is {answer.json()['value']!r}")
        walk.watch.seen.add((walk.caller.role, record.label, name, "revealed"))


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
    for body in walk.bad.searches:
        walk.ask(operation, **body)


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


# --- commands -----------------------------------------------------------------------------------------------------------


@walks("POST /v1/dossiers", "PATCH /v1/dossiers/{id}", "DELETE /v1/dossiers/{id}")
def dossiers(walk: Walk) -> None:
    for body in walk.bodies["customer"]:
        walk.ask("POST /v1/dossiers", **body)
    duplicates(walk)
    edits(walk, "PATCH /v1/dossiers/{id}", "customer")
    if walk.sight.writes:
        own_dossier(walk)
    else:
        walk.ask("POST /v1/dossiers", json={"fields": walk.bad.fields["customer"]})
    # Only who manages may erase, and then only what was made for it.
    if not walk.sight.manages:
        walk.by_id("DELETE /v1/dossiers/{id}", "customer")
    else:
        for name in (MADE_UP["customer"], walk.site.named(f"erased person of {OWN}").id, *walk.strangers("customer")):
            walk.ask("DELETE /v1/dossiers/{id}", name)


def duplicates(walk: Walk) -> None:
    """A document that another dossier has: its code and team are told, nothing else of it."""
    for label in (f"firm of {OWN}", f"firm of {OTHER}", f"person of {OTHER}", f"imported 0 of {OTHER}"):
        record = walk.site.named(label)
        told: Allow = lambda value, record=record: value.sort == "id" and value.record is record and walk.sight.writes
        for names in (("document_type", "document_number"), ("tax_number",)):
            fields = walk.bad.fields["customer"] | {"subject": record.now["subject"]}
            fields = {k: v for k, v in fields.items() if k not in ("document_type", "document_number", "tax_number")}
            fields |= {name: record.now[name] for name in names}
            if not walk.sight.finance:
                fields = {name: value for name, value in fields.items() if not KINDS["customer"][name].finance}
            answer = walk.ask("POST /v1/dossiers", json={"fields": fields}, allow=told)
            if walk.sight.writes and walk.caller.role != "NOBODY" and answer.status_code != 409:
                walk.watch.note(walk.caller, "duplicate", f"{label} {names}: {answer.status_code} {answer.text}")


def edits(walk: Walk, operation: str, kind: str) -> None:
    """Changes that are refused: of what is out of reach, of what is wrong, of masks sent back."""
    fields = {"fields": {"remarks" if kind == "customer" else "title": walk.bad.text}}
    stale = {"If-Match": '"999"'}
    walk.by_id(operation, kind, json=fields, headers=stale)
    own = walk.site.named(f"firm of {OWN}" if kind == "customer" else f"contact of firm of {OWN}")
    version = {"If-Match": f'"{len(own.versions)}"'}
    for body in walk.bodies[kind]:
        walk.ask(operation, own.id, **body | {"headers": version | body.get("headers", {})})
    for name in ("phone", "representative", "delivery_address", "bank_card") if kind == "customer" else ("mobile", "name"):
        mask = masked(KINDS[kind][name].mask, own.now[name])
        walk.ask(operation, own.id, json={"fields": {name: mask}}, headers=version)
    if kind == "customer":
        for name in ("document_number", "tax_number"):
            other = walk.site.named(f"firm of {OTHER}")
            told: Allow = lambda value: value.sort == "id" and value.record is other and walk.sight.writes
            walk.ask(operation, own.id, json={"fields": {name: other.now[name]}}, headers=version, allow=told)
        walk.ask(operation, own.id, json={"team": OTHER if not walk.sight.all_teams else "nowhere"}, headers=version)


def own_dossier(walk: Walk) -> None:
    """What a writer enters: the answer shows no more than a look would; a repeated request shows no more than now."""
    role = walk.caller.role
    names = [field.name for field in CUSTOMER if form(role, field, field.level) != HIDDEN]
    record = walk.book.record("customer", f"entered by {role}", OWN, "B", names=names)
    once = {"Idempotency-Key": f"once-{role}"}
    body = {"fields": record.now, "stage": 1, "source": "visit"}
    answer = walk.ask("POST /v1/dossiers", json=body, headers=once)
    assert answer.status_code == 201, answer.text
    walk.book.known(record, answer.json())
    walk.watch.check_records(answer.json(), walk.caller, "the answer to a create")
    again = walk.ask("POST /v1/dossiers", json=body, headers=once)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json()["id"] == record.id
    walk.ask("POST /v1/dossiers", json={"fields": walk.bad.fields["customer"]}, headers=once)
    contact = own_contact(walk, record)
    new = {name: walk.book.value("customer", name, "B") for name in names}
    changed = {"If-Match": '"1"', "Idempotency-Key": f"change-{role}"}
    walk.book.version(record, new)
    for _ in range(2):
        answer = walk.ask("PATCH /v1/dossiers/{id}", record.id, json={"fields": new}, headers=changed)
        assert answer.ok, answer.text
    moved_away(walk, record, contact, body | {"fields": record.versions[0]}, once)


def own_contact(walk: Walk, dossier: Record) -> Record:
    record = walk.book.record("contact", f"contact entered by {walk.caller.role}", OWN, "B", dossier)
    once = {"Idempotency-Key": f"contact-{walk.caller.role}"}
    for time in range(2):
        answer = walk.ask("POST /v1/dossiers/{id}/contacts", dossier.id, json={"fields": record.now}, headers=once)
        assert answer.status_code == 201, answer.text
        if not time:
            walk.book.known(record, answer.json())
            walk.watch.check_records(answer.json(), walk.caller, "the answer to a create")
    new = walk.book.fields("contact", "B")
    walk.book.version(record, new)
    answer = walk.ask("PATCH /v1/contacts/{id}", record.id, json={"fields": new}, headers={"If-Match": '"1"'})
    assert answer.ok, answer.text
    return record


def moved_away(walk: Walk, record: Record, contact: Record, body: dict, once: dict) -> None:
    """Given to the other team, then erased: the request that once entered it shows nothing of it any more."""
    seen = {"If-Match": f'"{len(record.versions)}"'}
    walk.site.boss("PATCH", f"/v1/dossiers/{record.id}", json={"team": OTHER}, headers=seen)
    for one in (record, contact):
        one.team = OTHER
        one.versions.append(one.now)
    walk.ask("POST /v1/dossiers", json=body, headers=once)
    walk.ask("POST /v1/dossiers/{id}/contacts", record.id, json={"fields": contact.versions[0]}, headers={"Idempotency-Key": f"contact-{walk.caller.role}"})
    for name in ("GET /v1/dossiers/{id}", "GET /v1/dossiers/{id}/history", "GET /v1/dossiers/{id}/looks"):
        walk.ask(name, record.id)
    walk.ask("GET /v1/contacts/{id}/history", contact.id)
    walk.site.boss("DELETE", f"/v1/dossiers/{record.id}")
    record.erased = contact.erased = True
    walk.ask("POST /v1/dossiers", json=body, headers=once)
    walk.ask("GET /v1/dossiers/{id}", record.id)


@walks("POST /v1/dossiers/{id}/contacts", "PATCH /v1/contacts/{id}")
def contacts(walk: Walk) -> None:
    operation = "POST /v1/dossiers/{id}/contacts"
    own = walk.site.named(f"firm of {OWN}")
    for body in walk.bodies["contact"]:
        walk.ask(operation, own.id, **body)
    fields = {"fields": {"name": 1}}
    absent = walk.ask(operation, MADE_UP["customer"], json=fields)
    for name, record in walk.each("customer"):
        # Refused at every dossier: without a name that is one, nothing is entered.
        answer = walk.ask(operation, name, json=fields)
        if not walk.reaches(record):
            walk.same(f"{operation} of {record.label}", answer, absent)
    other = walk.site.named(f"firm of {OTHER}")
    if not walk.reaches(other):
        body = {"fields": walk.bad.fields["contact"]}
        told, absent = (walk.ask(operation, name, json=body) for name in (other.id, MADE_UP["customer"]))
        walk.same(operation, told, absent)
    edits(walk, "PATCH /v1/contacts/{id}", "contact")


# --- the ledger ---------------------------------------------------------------------------------------------------------


def in_ledger(walk: Walk) -> Allow:
    """The ledger names records of all teams, and the purposes that were given, to those who may read it."""
    may = walk.sight.ledger
    return lambda value: may and (value.sort == "id" or (value.sort == "purpose" and not value.record.erased))


@walks(
    "GET /v1/ledger",
    "GET /v1/ledger/checkpoint",
    "GET /v1/ledger/consistency",
    "GET /v1/ledger/key",
    "GET /v1/ledger/proof/{entry}",
)
def ledger(walk: Walk) -> None:
    allow = in_ledger(walk)
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
            start = said.get("next")
    walk.ask("GET /v1/ledger/key")
    for entry in ("c-0", "a-1-0", "c-999999", "x", *walk.bad.ids):
        walk.ask("GET /v1/ledger/proof/{entry}", entry, allow=allow)
    for query in walk.bad.queries:
        walk.ask("GET /v1/ledger", params=query)
        walk.ask("GET /v1/ledger/consistency", params=query)


# --- people, programs, teams, keys --------------------------------------------------------------------------------------


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


@walks("GET /v1/keys", "POST /v1/keys/rotate")
def keys(walk: Walk) -> None:
    walk.ask("GET /v1/keys")
    for body in walk.bad.rotations:
        walk.ask("POST /v1/keys/rotate", **body)
    walk.ask("POST /v1/keys/rotate", json={})


