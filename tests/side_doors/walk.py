"""One caller's way through the interface: asking with every kind of id, and judging every answer.

What is asked stands in steps_read.py (looking), steps_write.py (commands) and steps_import.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests
from bad import Bad
from planted import Record
from sight import KINDS, ROLES
from installation import OTHER, OWN, Site
from watch import Allow, Caller, nothing_more, parsed

Operation = tuple[str, str]
WALKS: dict[Operation, list[Callable[[Walk], None]]] = {}

MADE_UP = {"customer": "dos_01m8000000e0080000000000aa", "contact": "con_01m8000000e0080000000000aa"}


def walks(*operations: str) -> Callable:
    """Names the operations that a step asks for: `GET /v1/kinds`."""

    def mark(step: Callable[[Walk], None]) -> Callable[[Walk], None]:
        for operation in operations:
            method, path = operation.split(" ")
            WALKS.setdefault((method, path), []).append(step)
        return step

    return mark


class Walk:
    """One caller's way through the interface."""

    def __init__(self, site: Site, caller: Caller, bad: Bad):
        self.site, self.caller, self.bad = site, site.fresh(caller), bad
        self.sight = ROLES[caller.role]
        self.book, self.watch = site.book, site.watch
        self.asked: set[Operation] = set()
        self.session = requests.Session()
        # Nothing of the machine's own: neither a proxy nor a password file is looked for at each request.
        self.session.trust_env = False
        each, single = 6 if caller.role == "NOBODY" else 1, caller.role == "CDE"
        self.bodies = {kind: bad.bodies[kind][::each] + (bad.single[kind] if single else []) for kind in KINDS}
        # Nobody is refused before anything else is looked at: a few of each kind are enough.
        self.brief = caller.role == "NOBODY"
        self.said_in_english: set[tuple] = set()

    def all(self) -> None:
        steps = dict.fromkeys(step for steps in WALKS.values() for step in steps)
        for step in steps:
            step(self)

    def reaches(self, record: Record) -> bool:
        return self.sight.all_teams or record.team == self.caller.team

    # --- asking ------------------------------------------------------------------------------------------------------

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
        said = said if isinstance(said, dict) else {}
        refusal = (operation, answer.status_code, said.get("code"), *(one["code"] for one in said.get("errors", ())))
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
        sent = self.caller.headers() | (headers or {})
        url = self.site.served.base + path
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
        for name in ("request_id", "complete", "behind"):
            said.pop(name, None)
    varies = {"date", "x-request-id"}
    heads = tuple(sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() not in varies))
    return answer.status_code, said, tuple(head for head in heads if head[0] != "content-length")
