"""Commands: entering, changing and erasing, done and refused."""

from __future__ import annotations

from installation import OTHER, OWN
from planted import Record
from sight import CUSTOMER, HIDDEN, KINDS, form, masked
from walk import MADE_UP, Walk, walks
from watch import Allow


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
        told = code_of(walk, record)
        for names in (("document_type", "document_number"), ("tax_number",)):
            fields = walk.bad.fields["customer"] | {"subject": record.now["subject"]}
            fields = {k: v for k, v in fields.items() if k not in ("document_type", "document_number", "tax_number")}
            fields |= {name: record.now[name] for name in names}
            if not walk.sight.finance:
                fields = {name: value for name, value in fields.items() if not KINDS["customer"][name].finance}
            answer = walk.ask("POST /v1/dossiers", json={"fields": fields}, allow=told)
            if walk.sight.writes and walk.caller.role != "NOBODY" and answer.status_code != 409:
                walk.watch.note(walk.caller, "duplicate", f"{label} {names}: {answer.status_code} {answer.text}")


def code_of(walk: Walk, record: Record) -> Allow:
    """Allows a record's code to who tried to enter its number again."""
    may = walk.sight.writes
    return lambda value: may and value.sort == "id" and value.record is record


def edits(walk: Walk, operation: str, kind: str) -> None:
    """Changes that are refused: of what is out of reach, of what is wrong, of masks sent back."""
    fields = {"fields": {"remarks" if kind == "customer" else "title": walk.bad.text}}
    stale = {"If-Match": '"999"'}
    walk.by_id(operation, kind, json=fields, headers=stale)
    own = walk.site.named(f"firm of {OWN}" if kind == "customer" else f"contact of firm of {OWN}")
    version = {"If-Match": f'"{len(own.versions)}"'}
    for body in walk.bodies[kind]:
        walk.ask(operation, own.id, **body | {"headers": version | body.get("headers", {})})
    for name in (
        ("phone", "representative", "delivery_address", "bank_card") if kind == "customer" else ("mobile", "name")
    ):
        mask = masked(KINDS[kind][name].mask, own.now[name])
        walk.ask(operation, own.id, json={"fields": {name: mask}}, headers=version)
    if kind == "customer":
        other = walk.site.named(f"firm of {OTHER}")
        for name in ("document_number", "tax_number"):
            body = {"fields": {name: other.now[name]}}
            walk.ask(operation, own.id, json=body, headers=version, allow=code_of(walk, other))
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
    again = {"json": {"fields": contact.versions[0]}, "headers": {"Idempotency-Key": f"contact-{walk.caller.role}"}}
    walk.ask("POST /v1/dossiers/{id}/contacts", record.id, **again)
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
