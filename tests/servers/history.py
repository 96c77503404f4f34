"""Checks a history of concurrent appends, in the way of Elle: every version of a record is known in the end, so each
operation can be held against the one order that there was."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Operation:
    """One read or append by one client. Times are of one clock, in seconds."""

    client: int
    record: str
    began: float
    ended: float = 0.0
    # What an append adds; none for a read.
    adds: str | None = None
    # The version and list that a read saw, or that an append was built on.
    saw: tuple[int, list[str]] | None = None
    # `ok`, `refused` (nothing was changed) or `unknown`.
    outcome: str = "unknown"
    # The version that an append made, when it is known.
    made: int | None = None


@dataclass
class Verdict:
    """What is wrong, in words; nothing, if all is well."""

    wrong: list[str] = field(default_factory=list)
    checked: int = 0

    def expect(self, holds: bool, what: str) -> None:
        self.checked += 1
        if not holds and len(self.wrong) < 50:
            self.wrong.append(what)


def judge(operations: list[Operation], versions: dict[str, dict[int, list[str]]]) -> Verdict:
    """`versions`: for each record, the list that each of its versions holds, from the store itself."""
    verdict = Verdict()
    for record, lists in versions.items():
        no_lost_update(verdict, record, lists)
        mine = [op for op in operations if op.record == record]
        appends(verdict, record, lists, [op for op in mine if op.adds])
        reads(verdict, record, lists, mine)
        real_time(verdict, record, mine)
    return verdict


def no_lost_update(verdict: Verdict, record: str, lists: dict[int, list[str]]) -> None:
    verdict.expect(sorted(lists) == list(range(1, len(lists) + 1)), f"{record}: versions {sorted(lists)} have a gap")
    for version in sorted(lists)[1:]:
        before, after = lists.get(version - 1, []), lists[version]
        verdict.expect(after[:-1] == before, f"{record}: version {version} does not go on from the one before")
    last = lists[max(lists)]
    verdict.expect(len(last) == len(set(last)), f"{record}: an append stands in it twice")


def appends(verdict: Verdict, record: str, lists: dict[int, list[str]], mine: list[Operation]) -> None:
    made_by = {items[-1]: version for version, items in lists.items() if items}
    for op in mine:
        version = made_by.get(op.adds)
        if op.outcome == "ok":
            verdict.expect(version is not None, f"{record}: {op.adds} was acknowledged and is lost")
            verdict.expect(op.made in (None, version), f"{record}: {op.adds} is version {version}, not {op.made}")
        if op.outcome == "refused":
            verdict.expect(version is None, f"{record}: {op.adds} was refused and is there")
    known = {op.adds for op in mine}
    for item in lists[max(lists)]:
        verdict.expect(item in known, f"{record}: nobody appended {item}")


def reads(verdict: Verdict, record: str, lists: dict[int, list[str]], mine: list[Operation]) -> None:
    for op in mine:
        if op.saw:
            version, items = op.saw
            verdict.expect(lists.get(version) == items, f"{record}: version {version} was read as something else")


def real_time(verdict: Verdict, record: str, mine: list[Operation]) -> None:
    """Who begins after another has ended sees at least what that one saw or made."""
    ended = sorted((op.ended, max(op.made or 0, op.saw[0] if op.saw else 0)) for op in mine if op.outcome == "ok")
    # What an append was built on was read before it began.
    began = sorted((op for op in mine if op.saw and not op.adds), key=lambda op: op.began)
    newest, at = 0, 0
    for op in began:
        while at < len(ended) and ended[at][0] < op.began:
            newest = max(newest, ended[at][1])
            at += 1
        verdict.expect(op.saw[0] >= newest, f"{record}: version {op.saw[0]} was read after version {newest} was known")
