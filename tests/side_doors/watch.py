"""Judges what leaves: every answer, its headers, every line of the command line, every file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from planted import Book, Record, Value, plain
from sight import CLEAR, HIDDEN, KINDS, MASKED, ROLES, form, masked, reveals, shown

Allow = Callable[[Value], bool]


@dataclass(frozen=True)
class Caller:
    """Who looks."""

    name: str
    role: str
    team: str
    token: str = ""
    # Cookie and CSRF token of somebody who signed in.
    session: tuple[str, str] | None = None

    def headers(self) -> dict[str, str]:
        """What shows who it is."""
        if self.session:
            return {"Cookie": self.session[0], "X-CSRF-Token": self.session[1]}
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def nothing_more(_: Value) -> bool:
    return False


@dataclass
class Watch:
    """What was found where it must not be, and what was seen that may be."""

    book: Book
    findings: dict[str, None] = field(default_factory=dict)
    # (role, record, field, form): what was really seen, so that silence is no proof.
    seen: set[tuple[str, str, str, str]] = field(default_factory=set)
    # (role, value): what was met in bytes by who may see it.
    met: set[tuple[str, Value]] = field(default_factory=set)

    def note(self, caller: Caller, where: str, what: str) -> None:
        self.findings[f"{caller.name} · {where} · {what}"] = None

    # --- planted values in bytes -------------------------------------------------------------------------------------

    def check(self, data: bytes, caller: Caller, where: str, allow: Allow = nothing_more) -> set[Value]:
        """Every planted value in these bytes is one that the caller may see."""
        found = self.book.lens.find(data)
        for value in found:
            if reason := self.refuses(value, caller):
                if not allow(value):
                    self.note(caller, where, f"{reason}: {value!r}")
            else:
                self.met.add((caller.role, value))
        return found

    def refuses(self, value: Value, caller: Caller) -> str:
        """Why the caller must not see a value by the table alone; empty when it may."""
        record, sight = value.record, ROLES[caller.role]
        if record is None or value.sort in ("refused", "query"):
            return "was never stored"
        if value.sort == "purpose":
            return "a purpose outside the ledger"
        if caller.role == "NOBODY" or not (sight.all_teams or record.team == caller.team):
            return "of another team"
        if value.sort == "id":
            return ""
        if record.erased:
            return "was erased"
        # A record that became more sensitive is so in all its versions; one that became public shows what it holds now.
        level = value.field.placed(record.now)[0]
        if value.text != plain(record.now.get(value.field.name)):
            level = max(value.level, level)
        how = form(caller.role, value.field, level)
        return "" if how == CLEAR else f"is {how}"

    def revealed(self, caller: Caller, record: Record, name: str, copied: bool = False) -> Allow:
        """Allows the one value that a reveal is about, where the role may reveal it, and copy it where it is a copy."""
        declared = KINDS[record.kind][name]
        reached = ROLES[caller.role].all_teams or record.team == caller.team
        level = declared.placed(record.now)[0]
        may = reached and reveals(caller.role, declared, level) and (ROLES[caller.role].copies or not copied)
        return lambda value: may and value.record is record and value.field is declared

    # --- records in JSON ---------------------------------------------------------------------------------------------

    def check_records(self, answer: object, caller: Caller, where: str, only: list[str] | None = None) -> None:
        """Each planted record in an answer shows each field in its form, and nothing else."""
        for shown_record in records_in(answer):
            record = self.book.by_id.get(shown_record["id"])
            if record is not None:
                self.check_record(shown_record, record, caller, where, only)

    def check_record(self, answer: dict, record: Record, caller: Caller, where: str, only: list[str] | None) -> None:
        fields, stars = answer["fields"], set(answer.get("masked", ()))
        strangers = set(fields) - set(record.now)
        if strangers or not stars <= set(fields):
            self.note(caller, where, f"{record.label}: unknown fields {sorted(strangers | stars - set(fields))}")
        for name, value in record.now.items():
            how, mask = shown(caller.role, KINDS[record.kind][name], record.now)
            asked = only is None or name in only
            how = how if asked else HIDDEN
            self.check_field(fields.get(name), value, how, mask, caller, f"{where} · {record.label}.{name}")
            if how != HIDDEN and (name in stars) != (how == MASKED):
                self.note(caller, where, f"{record.label}.{name} is wrongly in or out of `masked`")
            if asked:
                self.seen.add((caller.role, record.label, name, how))
        for name in answer.get("missing") or ():
            declared = KINDS[record.kind].get(name)
            if declared is None or name in record.now or form(caller.role, declared, declared.level) == HIDDEN:
                self.note(caller, where, f"{record.label}.{name} is wrongly called missing")
        for name in set(answer.get("provenance") or ()) - set(fields):
            self.note(caller, where, f"{record.label}.{name} has provenance but no value")

    def check_field(self, got: object, value: object, how: str, mask: str, caller: Caller, where: str) -> None:
        expected = {CLEAR: value, MASKED: masked(mask, value), HIDDEN: None}[how]
        if got != expected:
            self.note(caller, where, f"should be {how} as {expected!r}, is {got!r}")

    def check_history(self, answer: dict, record: Record, caller: Caller, where: str) -> None:
        """Each version's changes, by the stricter of the levels that a value had, has and will have had."""
        for version in answer["versions"]:
            number = version["version"]
            now, before = record.versions[number - 1], record.versions[number - 2] if number > 1 else {}
            changes = {change["field"]: change for change in version["changes"]}
            moved = {name for name in now if now[name] != before.get(name)}
            for name in sorted(set(changes) - moved):
                self.note(caller, where, f"{record.label} v{number} {name} did not change")
            for name in sorted(moved):
                self.check_change(changes.get(name), name, number, record, caller, where)

    def check_change(
        self, change: dict | None, name: str, number: int, record: Record, caller: Caller, where: str
    ) -> None:
        declared = KINDS[record.kind][name]
        versions = [record.versions[number - 1], record.now, *record.versions[max(0, number - 2) : number - 1]]
        order = (CLEAR, MASKED, HIDDEN)
        how = max((shown(caller.role, declared, one)[0] for one in versions), key=order.index)
        label = f"{record.label} v{number} {name}"
        if how == HIDDEN or change is None:
            if (change is None) != (how == HIDDEN):
                self.note(caller, where, f"{label} should be {how}")
            return
        if change["form"] != how:
            self.note(caller, where, f"{label} should be {how}, is {change['form']}")
        for side, one in (("before", record.versions[number - 2] if number > 1 else {}), ("after", versions[0])):
            value = one.get(name)
            masks = {declared.placed(version)[1] for version in versions}
            expected = [value] if value is None or how == CLEAR else [masked(mask, value) for mask in masks]
            if change[side] not in expected:
                self.note(caller, where, f"{label} {side} should be {expected!r}, is {change[side]!r}")
        self.seen.add((caller.role, record.label, f"{name}@{number}", how))

    def check_quality(self, answer: dict, caller: Caller, where: str) -> None:
        """Only teams in reach are told of, and no field that the caller must not even know of."""
        for team in answer["teams"]:
            if not ROLES[caller.role].all_teams and team["team"] != caller.team:
                self.note(caller, where, f"tells of team {team['team']}")
        for missing in answer["missing"]:
            declared = KINDS["customer"][missing["field"]]
            if form(caller.role, declared, declared.level) == HIDDEN:
                self.note(caller, where, f"tells how often {missing['field']} is missing")

    def check_looks(self, answer: dict, record: Record, caller: Caller, where: str) -> None:
        """A field that the caller must not even know of is not among the fields that others opened."""
        for look in answer["items"]:
            for name in look["fields"]:
                if shown(caller.role, KINDS[record.kind][name], record.now)[0] == HIDDEN:
                    self.note(caller, where, f"{record.label}: tells that {name} is filled in")


def records_in(value: object) -> Iterator[dict]:
    """Everything in an answer that is a record."""
    if isinstance(value, dict):
        if isinstance(value.get("fields"), dict) and isinstance(value.get("id"), str) and "kind" in value:
            yield value
        for inner in value.values():
            yield from records_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from records_in(inner)


def parsed(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return None
