"""An installation with planted customers of two teams, a server that says all it can say, and folders under watch."""

from __future__ import annotations

import csv
import datetime
import json
import resource
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import Install, Served  # noqa: E402
from planted import Book, Record, Value, as_cell, plain  # noqa: E402
from sight import CUSTOMER, KINDS  # noqa: E402
from watch import Caller, Watch  # noqa: E402

OWN, OTHER = "华东", "华南"
ROLES = ("CDA", "CDE", "CDU", "ISA", "CDO")
PASSWORD = "plum harbour seven"
TEAMS = (OWN, OTHER)
ENCODINGS = {OWN: "utf-8", OTHER: "gb18030"}
IMPORTED = 36
TIMEOUT = 20
# Fields of L2 and L3 whose change waits for approval here.
WAITING = ["delivery_address", "purchasing_needs"]
# What was granted for; it names a customer, as such texts do.
PURPOSE = "示例对账：示例客户"
OPEN_LIMITS = {
    "limits__requests_per_second": 0,
    "limits__in_flight": 0,
    "limits__reveals_per_hour": 1_000_000,
    "limits__find_misses_per_hour": 1_000_000,
    "log__level": "trace",
    "sign_in__attempts_per_name": 1_000,
    "sign_in__attempts_per_address": 100_000,
    "sign_in__sessions_per_person": 100,
    # However slow the machine: whoever is walked last has waited for all others.
    "sign_in__idle_seconds": 14_400,
    # What a person sees who has a second factor is tried; that nothing is seen before is tested in the engine.
    "sign_in__second_factor_exempt": "CDO, CDA, CDE, CDU, ISA",
}


def soon() -> str:
    """A day on which everything of now still holds, wherever the clock stands."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)).date().isoformat()


@dataclass
class Site:
    install: Install
    served: Served
    book: Book
    watch: Watch
    callers: dict[str, Caller] = field(default_factory=dict)
    clients: dict[str, dict] = field(default_factory=dict)
    # The uploaded files and those with rows that were refused, and what was planted in each.
    files: dict[str, Path] = field(default_factory=dict)
    # Requests for approval that nobody has decided on.
    waiting: list[str] = field(default_factory=list)
    # A grant of somebody of the own team, who is not walked, that names a firm of each.
    grant: str = ""
    # How far each log was read by whoever was walked last and may read it.
    read: dict[str, int] = field(default_factory=dict)

    def named(self, label: str) -> Record:
        return next(record for record in self.book.records if record.label == label)

    def of_kind(self, kind: str, team: str | None = None) -> list[Record]:
        """Planted records that were taken in and are there."""
        there = (r for r in self.book.records if r.kind == kind and r.id and not r.erased)
        return [record for record in there if team in (None, record.team)]

    def send(self, caller: Caller, method: str, path: str, **what: object) -> requests.Response:
        headers = caller.headers() | what.pop("headers", {})
        answer = requests.request(method, self.served.base + path, headers=headers, timeout=TIMEOUT, **what)
        return answer

    def boss(self, method: str, path: str, **what: object) -> dict:
        """What the set-up needs, done by the highest role and without being judged."""
        answer = self.send(self.callers["CDO"], method, path, **what)
        if answer.status_code == 403 and answer.json()["type"].endswith(":proof_needed"):
            answer = self.send(self.fresh(self.callers["CDO"]), method, path, **what)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def fresh(self, caller: Caller) -> Caller:
        """The same, who has just shown who that is: what wants a fresh proof is done then."""
        if caller.session:
            self.send(caller, "POST", "/v1/me/proof", json={"password": PASSWORD})
        client = self.clients.get(caller.role)
        return replace(caller, token=self.served.token(client)) if caller.token and client else caller

    # --- setting up ---------------------------------------------------------------------------------------------------

    def people(self) -> None:
        for team in TEAMS:
            self.install.run("team", "add", team)
        for role in ROLES:
            self.callers[f"{role} in a browser"] = self.person(role)
        for role in ROLES:
            words = ("client", "add", f"{role}-own", "--role", role, "--team", OWN, "--json")
            client = json.loads(self.install.run(*words, *(("--as", "CDO.own") if role == "CDO" else ())))
            self.clients[role] = client
            self.callers[role] = Caller(f"{role} of {OWN}", role, OWN, self.served.token(client))
        self.callers["NOBODY"] = Caller("nobody", "NOBODY", "")
        self.callers["STRANGER"] = Caller("a made-up token", "NOBODY", "", "A" * 43)
        gone = self.boss("POST", "/v1/clients", json={"name": "gone", "roles": ["CDO"], "team": OWN})
        self.callers["GONE"] = Caller("a disabled client", "NOBODY", "", self.served.token(gone))
        self.send(self.callers["CDO"], "DELETE", f"/v1/clients/{gone['client_id']}").raise_for_status()

    def person(self, role: str) -> Caller:
        """Somebody who has chosen a password and signed in with it."""
        words = ("user", "add", f"{role}.own", "--role", role, "--team", OWN, "--json")
        link = json.loads(self.install.run(*words))["set_up"]
        body = {"token": link.removeprefix("/set-up#"), "password": PASSWORD}
        requests.post(self.served.base + "/v1/set-up", json=body, timeout=TIMEOUT).raise_for_status()
        return Caller(f"{role} of {OWN} in a browser", role, OWN, session=self.sign_in(f"{role}.own"))

    def sign_in(self, name: str) -> tuple[str, str]:
        """Cookie and CSRF token of a new session."""
        body = {"name": name, "password": PASSWORD}
        answer = requests.post(self.served.base + "/v1/session", json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.headers["Set-Cookie"].split(";")[0], answer.json()["csrf"]

    def plant(self) -> None:
        for at, team in enumerate(TEAMS):
            self.team(team, at)
        self.flipped()
        self.approvals()

    def approvals(self) -> None:
        """What waits of each team, for everybody: new values that nobody has yet."""
        self.flows([f"{role}.own" for role in ROLES])
        asks = {OWN: self.callers["CDE in a browser"], OTHER: self.callers["CDO in a browser"]}
        for team, caller in asks.items():
            record = self.named(f"changed firm of {team}")
            new = {name: self.book.value("customer", name, "A") for name in WAITING}
            for name, value in new.items():
                declared = KINDS["customer"][name]
                self.book.plant(Value("field", plain(value), record, declared, declared.level))
            seen = {"If-Match": f'"{len(record.versions)}"'}
            asked = self.send(caller, "PATCH", f"/v1/dossiers/{record.id}", json={"fields": new}, headers=seen)
            assert asked.status_code == 202, asked.text
            self.waiting.append(asked.json()["id"])
        # Whoever reads each of them may be told that both are named.
        firms = [self.named(f"firm of {team}").id for team in TEAMS]
        added = self.boss("POST", "/v1/users", json={"name": "applicant", "roles": ["CDU"], "team": OWN})
        body = {"token": added["set_up"].removeprefix("/set-up#"), "password": PASSWORD}
        requests.post(self.served.base + "/v1/set-up", json=body, timeout=TIMEOUT).raise_for_status()
        applicant = Caller("somebody who applied", "CDU", OWN, session=self.sign_in("applicant"))
        self.grant = self.granted(applicant, firms)

    def flows(self, deciders: list[str]) -> None:
        """One narrow flow, by which these decide, beside the one by which flows change."""
        head = self.callers["CDO in a browser"]
        begun = self.send(head, "POST", "/v1/flows/begin", json={"alone": True})
        assert begun.ok, begun.text
        for flow in begun.json()["items"]:
            path, body = f"/v1/flows/{flow.pop('id')}", flow | {"when": {"commands": ["flow_change"]}}
            if "flow_change" in flow["when"]["commands"]:
                seen = {"If-Match": f'"{body.pop("version")}"'}
                self.agreed(self.send(head, "PUT", path, json=body, headers=seen))
            else:
                self.agreed(self.send(head, "DELETE", path))
        all_of_them = {"who": {"people": deciders}, "quorum": "all"}
        # What the walks change themselves is of other levels.
        when = {"commands": ["change"], "kind": "customer", "fields": WAITING, "condition": "level_from == 'L1'"}
        body = {"name": {"zh": "示例流程", "en": "example"}, "enabled": True, "when": when, "steps": [all_of_them]}
        self.agreed(self.send(head, "POST", "/v1/flows", json=body | {"approve_within": 600, "execute_within": 60}))

        # Who applies for the use of data, whoever decides.
        head = {"steps": [{"who": {"people": ["CDO.own"]}}], "apart": "asker", "approve_within": 600, "execute_within": 60}
        flow = {"name": {"zh": "示例申请", "en": "example"}, "enabled": True, "when": {"commands": ["use"]}} | head
        self.agreed(self.send(self.callers["CDO in a browser"], "POST", "/v1/flows", json=flow))

    def granted(self, caller: Caller, dossiers: list[str]) -> str:
        """A grant of somebody that names these dossiers, and its id."""
        body = {"purpose": PURPOSE, "last_day": soon(), "dossiers": dossiers, "fields": {"customer.name": "masked"}}
        self.agreed(self.send(caller, "POST", "/v1/grants", json=body))
        items = self.send(caller, "GET", "/v1/grants", params={"box": "own"}).json()["items"]
        return next(item["id"] for item in items if item["state"] == "live")

    def agreed(self, waits: requests.Response) -> None:
        """What the only head asked for is approved by that head."""
        assert waits.status_code == 202, waits.text
        path = f"/v1/approvals/{waits.json()['id']}/decision"
        done = self.send(self.callers["CDO in a browser"], "POST", path, json={"verdict": "agree"})
        assert done.ok and done.json()["state"] == "executed", done.text

    def team(self, team: str, at: int) -> None:
        """What each team has: firms, people, contacts, changed ones, an erased one, imported ones."""
        firm = self.create(f"firm of {team}", team, "A", stage=2, level="L3")
        person = self.create(f"person of {team}", team, "B", stage=1, level="L4")
        for dossier in (firm, person):
            contact = self.contact(f"contact of {dossier.label}", dossier)
            self.change(contact)
        self.looked_at(firm)
        changed = self.create(f"changed firm of {team}", team, "A", stage=at, level="L1")
        self.change(changed)
        self.change(self.create(f"changed person of {team}", team, "B"))
        self.erased(team)
        self.imported(team)

    def create(self, label: str, team: str, subject: str, **place: object) -> Record:
        record = self.book.record("customer", label, team, subject)
        self.book.known(record, self.boss("POST", "/v1/dossiers", json={"fields": record.now, "team": team, **place}))
        return record

    def contact(self, label: str, dossier: Record) -> Record:
        record = self.book.record("contact", label, dossier.team, dossier.now["subject"], dossier)
        path = f"/v1/dossiers/{dossier.id}/contacts"
        self.book.known(record, self.boss("POST", path, json={"fields": record.now, "source": "business_card"}))
        return record

    def change(self, record: Record, fields: dict | None = None) -> None:
        """Every value anew, so that history has all the old ones."""
        new = fields or self.book.fields(record.kind, record.now.get("subject", "A"))
        self.book.version(record, record.now | new)
        place = "contacts" if record.kind == "contact" else "dossiers"
        seen = {"If-Match": f'"{len(record.versions) - 1}"'}
        self.boss("PATCH", f"/v1/{place}/{record.id}", json={"fields": new}, headers=seen)

    def flipped(self) -> None:
        """Entered as a firm, then put right to be a person: what was public is a person's now; and the other way."""
        for label, was, now in (("firm that is a person", "A", "B"), ("person that is a firm", "B", "A")):
            record = self.create(label, OWN, was)
            new = {name: self.book.value("customer", name, now) for name in ("document_type", "document_number")}
            self.change(record, {"subject": now, **new})

    def looked_at(self, record: Record) -> None:
        """Opened fields of which others must not even know that they are filled in."""
        for name in ("credit_limit", "bank_card", "phone"):
            body = {"field": name, "purpose": self.book.purpose(record)}
            self.boss("POST", f"/v1/dossiers/{record.id}/reveal", json=body)

    def erased(self, team: str) -> None:
        """Looked at, opened with a purpose, then destroyed."""
        record = self.create(f"erased person of {team}", team, "B")
        contact = self.contact(f"erased contact of {team}", record)
        for one, path, name in ((record, "dossiers", "phone"), (contact, "contacts", "mobile")):
            purpose = self.book.purpose(one)
            self.boss("POST", f"/v1/{path}/{one.id}/reveal", json={"field": name, "purpose": purpose})
        self.boss("DELETE", f"/v1/dossiers/{record.id}")
        record.erased = contact.erased = True

    def imported(self, team: str) -> None:
        """A file of one team, with rows that are taken in, refused, or there already in the other team."""
        rows, records = [], []
        for number in range(IMPORTED):
            record = self.book.record("customer", f"imported {number} of {team}", team, "AB"[number % 2])
            records.append(record)
            rows.append({name: as_cell(value) for name, value in record.now.items()})
        for name in ("phone", "document_number", "email", "bank_card"):
            row = self.refused_row(team, "A")
            rows.append(row | {name: row[name] + "x!"})
        known = self.named(f"firm of {TEAMS[0]}")
        rows.append(self.refused_row(team, "A") | {"document_number": known.now["document_number"]})
        rows += self.misplaced(team)
        file = self.install.folder / f"upload-{TEAMS.index(team)}.csv"
        with file.open("w", encoding=ENCODINGS[team], newline="") as out:
            writer = csv.DictWriter(out, [field.name for field in CUSTOMER])
            writer.writeheader()
            writer.writerows(rows)
        self.files[team] = file
        done = self.install.call("import", file, "--team", team, "--source", "visit")
        assert done.returncode == 0, done
        self.watch.check((done.stdout + done.stderr).encode(), OPERATOR, "import")
        self.find_imported(records)

    def refused_row(self, team: str, subject: str) -> dict:
        """A row that is not taken in: what it says stands in its own file alone."""
        return {name: as_cell(self.book.refused("customer", name, subject, team)) for name in KINDS["customer"]}

    def misplaced(self, team: str) -> list[dict]:
        """Values of L3 that their field does not take: they must not come to rest in a field that more people see."""
        rows = []
        for name, text in (
            ("delivery_address", "号" * 300),
            ("representative", "某" * 100),
            ("registered_address", "号" * 300),
        ):
            names = ["subject", "name", name]
            record = self.book.record("customer", f"misplaced {name} of {team}", team, "B", names=names)
            long = record.now | {name: record.now[name] + text}
            rows.append({field.name: as_cell(long.get(field.name, "")) for field in CUSTOMER})
        return rows

    def find_imported(self, records: list[Record]) -> None:
        """Gives the imported records their ids."""
        by_name = {record.now["name"]: record for record in self.book.records if record.kind == "customer"}
        after = None
        while True:
            page = self.boss(
                "GET", "/v1/dossiers", params={"limit": 100, "fields": "name"} | ({"after": after} if after else {})
            )
            for item in page["items"]:
                record = by_name.get(item["fields"].get("name"))
                if record is not None and not record.id:
                    self.book.known(record, item)
            after = page["next"]
            if not after:
                break
        missing = [record.label for record in records if not record.id]
        assert not missing, f"not imported: {missing}"


OPERATOR = Caller("the command line", "OPERATOR", "")


def prepare(folder: Path) -> Install:
    """An installation of which the temporary folder and the working folder are empty and stay so."""
    install = Install(folder)
    install.work = folder / "work"
    for place in (install.work, folder / "tmp"):
        place.mkdir()
    install.environment |= dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(folder / "tmp"))
    return install


def allow_core_dumps() -> None:
    """So that it is the program that forbids them, not the machine."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
