"""Imports: files handed in, looked at, started, mended, decided on, taken back; one's own and those of others."""

from __future__ import annotations

import csv
import io
import time

from installation import OTHER, OWN
from walk import Walk, walks
from watch import Allow

MADE_UP = "imp_01m8000000e0080000000000aa"
CSV = {"Content-Type": "text/csv"}
# Of whoever was walked before: what is theirs is asked for by everybody after them.
IMPORTS: list[str] = []

LOOKS = (
    "GET /v1/imports/{id}",
    "GET /v1/imports/{id}/left",
    "GET /v1/imports/{id}/mapping",
    "GET /v1/imports/{id}/preview",
    "GET /v1/imports/{id}/problems",
    "GET /v1/imports/{id}/problems.csv",
    "GET /v1/imports/{id}/problem-classes",
    "GET /v1/imports/{id}/duplicates",
)
STEPS = {
    "PUT /v1/imports/{id}/mapping": {"json": {"columns": {"name": "remarks"}}},
    "POST /v1/imports/{id}/start": {"json": {}},
    "POST /v1/imports/{id}/cancel": {},
    "PATCH /v1/imports/{id}/problems/{row}": {"json": {"cells": {"name": "x"}}},
    "DELETE /v1/imports/{id}/problems/{row}": {},
    "POST /v1/imports/{id}/problem-classes": {"json": {"field": "name", "code": "1001001003", "action": "replace", "text": "x"}},
    "POST /v1/imports/{id}/duplicates/{row}": {"json": {"decision": "update"}},
    "POST /v1/imports/{id}/undo": {},
}


@walks(*LOOKS, *STEPS, "GET /v1/imports", "POST /v1/imports", "GET /v1/import-mappings", "DELETE /v1/import-mappings/{id}")
def imports(walk: Walk) -> None:
    walk.ask("GET /v1/imports")
    walk.ask("GET /v1/import-mappings")
    for name in ("map_01m8000000e0080000000000aa", "x", *walk.bad.ids):
        walk.ask("DELETE /v1/import-mappings/{id}", name)
    for name in (MADE_UP, "x", *walk.bad.ids, *IMPORTS):
        for operation in LOOKS:
            ask(walk, operation, name)
        # Undoing is the CDO's right too: what others still walk through is left to them.
        for operation, what in STEPS.items():
            if not (walk.sight.manages and name in IMPORTS):
                ask(walk, operation, name, **what)
    text, allow = rows(walk)
    answer = walk.ask("POST /v1/imports", params={"duplicates": "review"}, headers=CSV, data=text, allow=allow)
    walk.ask("POST /v1/imports", json={"name": walk.bad.text})
    walk.ask("POST /v1/imports", headers=CSV | {"File-Name": "%ff" + walk.bad.ascii}, data=text)
    if answer.ok:
        own(walk, answer.json()["id"], allow)


def ask(walk: Walk, operation: str, name: str, allow: Allow | None = None, **what: object):
    template = operation.replace("{row}", "2")
    answer = walk.ask(template, name, **({"allow": allow} if allow else {}), **what)
    walk.asked.discard(tuple(template.split(" ")))
    walk.asked.add(tuple(operation.split(" ")))
    return answer


def rows(walk: Walk) -> tuple[bytes, Allow]:
    """A file of customers that are there, of both teams, and one that is none: nobody but its owner is to see it."""
    met = [walk.site.named(f"firm of {team}") for team in (OWN, OTHER)]
    numbers = [record.now["document_number"] for record in met]
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["name", "subject", "document_type", "document_number"])
    lines.writerow([walk.bad.fields["customer"]["name"], "A", "", "1"])
    for record in met:
        lines.writerow(["改名有限公司", record.now["subject"], record.now.get("document_type", ""), record.now["document_number"]])
    # What the file says, and the codes of those whom it met, are told to whoever handed it in.
    return out.getvalue().encode(), lambda value: (
        value.text in numbers
        or value.text == walk.bad.fields["customer"]["name"]
        or (value.sort == "id" and value.record in met)
    )


def own(walk: Walk, name: str, allow: Allow) -> None:
    """One's own, to its end."""
    walk.ask("PUT /v1/imports/{id}/mapping", name, json={"columns": {"name": "name"}, "save_as": "planted"}, allow=allow)
    ask(walk, "GET /v1/imports/{id}/preview", name, allow)
    walk.ask("POST /v1/imports/{id}/start", name, json={})
    until = time.monotonic() + 30
    while walk.ask("GET /v1/imports/{id}", name).json()["state"] == "running" and time.monotonic() < until:
        time.sleep(0.1)
    for operation in LOOKS:
        ask(walk, operation, name, allow)
    waiting = walk.ask("GET /v1/imports/{id}/duplicates", name, params={"waiting": "true"}, allow=allow).json()
    shown = {row["row"]: "record" in row for row in waiting["items"]}
    if shown != {3: True, 4: walk.sight.all_teams}:
        walk.watch.note(walk.caller, "duplicates", f"rows {shown}")
    if walk.caller.role != "CDO":
        IMPORTS.append(name)
        return
    ask(walk, "PATCH /v1/imports/{id}/problems/{row}", name, allow, json={"cells": {"document_number": "2"}})
    ask(walk, "DELETE /v1/imports/{id}/problems/{row}", name, allow)
    walk.ask("POST /v1/imports/{id}/undo", name)
