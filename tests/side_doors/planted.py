"""Made-up records in which every value can be recognised, and the book in which they stand.

Nobody's real number is among them: phones lie in the unassigned range 154, documents in the region 99.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from lens import POOL, RARE, Lens
from sight import KINDS, Field

SIGN = "8317"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CHOICES = {
    "size": "micro",
    "source_channel": "tender",
    "customer_level": "strategic",
    "industry": "14",
    "decision_role": "approver",
    "preferences": ["do_not_disturb", "sms"],
}


@dataclass(eq=False)
class Value:
    """Something planted. `sort`: `field`, `id`, `purpose` (of a reveal), `query` (of a search) or `refused`."""

    sort: str
    text: str
    record: Record | None = None
    field: Field | None = None
    level: int = 0
    own_file: str = ""

    def __repr__(self) -> str:
        where = f"{self.record.label} {self.field.name} (L{self.level})" if self.record and self.field else ""
        return f"{self.sort} {where or (self.record.label if self.record else '')} {self.text}".strip()


@dataclass(eq=False)
class Record:
    """A planted dossier or contact, each version of it as it is shown to whoever sees all."""

    kind: str
    label: str
    team: str
    versions: list[dict]
    id: str = ""
    code: str = ""
    dossier: Record | None = None
    erased: bool = False

    @property
    def now(self) -> dict:
        return self.versions[-1]


def luhn(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def credit_check(first17: str) -> str:
    return CREDIT[-sum(CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(first17)) % 31]


def identity_check(first17: str) -> str:
    return "10X98765432"[sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(first17)) % 11]


class Book:
    """Makes values, each of them once, and remembers where they were planted."""

    def __init__(self, seed: int = 20261122):
        self.random = random.Random(seed)
        self.lens = Lens()
        self.values: list[Value] = []
        self.records: list[Record] = []
        self.by_id: dict[str, Record] = {}
        self.used = 0

    def next(self) -> int:
        self.used += 1
        assert self.used < 10_000, "the signs have four digits"
        return self.used

    # --- values ------------------------------------------------------------------------------------------------------

    def word(self) -> str:
        """Rare characters and letters that stand nowhere else. A digit is among the letters: it is no field's name."""
        number = self.next()
        glyphs = RARE[0] + "".join(POOL[number // len(POOL) ** i % len(POOL)] for i in range(3))
        return glyphs + self.letters()

    def letters(self) -> str:
        return "zq" + "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=9)) + self.random.choice("234567")

    def sign(self) -> str:
        return f"{SIGN}{self.next():04}"

    def day(self) -> str:
        return (date(1801, 1, 1) + timedelta(days=self.next())).isoformat()

    def phone(self) -> str:
        return "154" + self.sign()

    def value(self, kind: str, name: str, subject: str) -> object:
        """A value for a field, as it is shown in clear."""
        declared = KINDS[kind][name]
        if name == "subject":
            return subject
        if name == "document_type":
            return "identity_number" if subject == "B" else "credit_code"
        if name in CHOICES:
            return CHOICES[name]
        if declared.kind == "date":
            return self.day()
        if declared.kind == "money":
            return {"amount": f"{self.sign()}9042.17", "currency": "CNY"}
        make = {
            "name": lambda: "韩" + self.word(),
            "representative": lambda: "石" + self.word(),
            "document_number": lambda: self.identity() if subject == "B" else self.credit(),
            "tax_number": lambda: f"990{self.sign()}000000000" if subject == "B" else f"330{self.sign()}0000",
            "phone": lambda: "+86" + self.phone(),
            "mobile": lambda: "+86" + self.phone(),
            "email": lambda: f"{self.letters()}@example.com",
            "wechat": lambda: f"wxa{self.letters()}wxyz",
            "bank_card": lambda: self.card(),
            "bank_account": lambda: f"990{self.sign()}00000000000001",
            "registered_address": self.address,
            "office_address": self.address,
            "delivery_address": self.address,
        }.get(name)
        return make() if make else "示例" + self.word()

    def address(self) -> str:
        # Of which the mask shows province and city.
        return f"浙江省|杭州市|西湖区|示例{self.word()}|{self.sign()}号"

    def credit(self) -> str:
        first = f"91990000{self.sign()}0"
        return first + credit_check(first)

    def identity(self) -> str:
        # The digits behind the sign are a year here.
        number = self.next()
        first = (
            f"99{SIGN}{1801 + number % 150}{1 + number // 150 % 12:02}{1 + number // 1800 % 28:02}{number % 1000:03}"
        )
        return first + identity_check(first)

    def card(self) -> str:
        first = f"999{self.sign()}0000000"
        return first + luhn(first)

    # --- what is planted ---------------------------------------------------------------------------------------------

    def plant(self, value: Value) -> Value:
        self.values.append(value)
        marks = self.lens.add(value.text, value)
        assert marks or (value.field and value.field.kind in ("choice", "choices")), f"cannot be recognised: {value!r}"
        return value

    def fields(self, kind: str, subject: str, names: list[str] | None = None) -> dict:
        return {name: self.value(kind, name, subject) for name in (names or KINDS[kind])}

    def record(
        self,
        kind: str,
        label: str,
        team: str,
        subject: str = "A",
        dossier: Record | None = None,
        names: list[str] | None = None,
    ) -> Record:
        """A record with every field, or these, not yet sent."""
        made = Record(kind, label, team, [], dossier=dossier)
        self.records.append(made)
        self.version(made, self.fields(kind, subject, names))
        return made

    def version(self, record: Record, fields: dict) -> None:
        """Another version: what it says anew is planted, at the level that it has there."""
        before = record.versions[-1] if record.versions else {}
        record.versions.append(fields)
        for name, value in fields.items():
            declared = KINDS[record.kind][name]
            if before.get(name) != value and declared.kind not in ("choice", "choices"):
                self.plant(Value("field", plain(value), record, declared, declared.placed(fields)[0]))

    def known(self, record: Record, answer: dict) -> None:
        """Remembers id and code of a record that the server has taken."""
        record.id, record.code = answer["id"], answer.get("code") or ""
        self.by_id[record.id] = record
        self.plant(Value("id", record.id, record))
        if record.code:
            self.plant(Value("id", record.code[:15], record))

    def refused(self, kind: str, name: str, subject: str = "A", own_file: str = "") -> object:
        """A value that is sent and never stored; `own_file`: the upload that it stands in."""
        value = self.value(kind, name, subject)
        if KINDS[kind][name].kind not in ("choice", "choices"):
            self.plant(Value("refused", plain(value), own_file=own_file))
        return value

    def purpose(self, record: Record) -> str:
        return self.plant(Value("purpose", "联系" + self.word(), record)).text

    def query(self, text: str) -> str:
        return self.plant(Value("query", text)).text


def plain(value: object) -> str:
    """What is recognised of a value."""
    return value["amount"] if isinstance(value, dict) else "|".join(value) if isinstance(value, list) else str(value)


def as_cell(value: object) -> str:
    """A value as a file has it."""
    if isinstance(value, dict):
        return f"{value['amount']} {value['currency']}"
    return plain(value)
