"""Who may see what: the one table that the side-door test judges by.

It is written from the documents (SECURITY.md, kinds/*.toml, requirements of roles and masks), not from the program:
where the two disagree, the test fails and one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

CLEAR, MASKED, HIDDEN = "clear", "masked", "hidden"


@dataclass(frozen=True)
class Sight:
    """What a role sees. `levels`: the form of L1 to L4; `reveals`: levels that a purpose opens; `copies`: to take along too."""

    all_teams: bool
    levels: tuple[str, str, str, str]
    finance: bool = True
    reveals: frozenset[int] = frozenset()
    copies: bool = False
    ledger: bool = False
    finds: bool = False
    writes: bool = False
    manages: bool = False


ROLES = {
    "CDO": Sight(
        True,
        (CLEAR, CLEAR, MASKED, MASKED),
        reveals=frozenset({3, 4}),
        copies=True,
        ledger=True,
        finds=True,
        writes=True,
        manages=True,
    ),
    "CDA": Sight(
        False,
        (CLEAR, CLEAR, MASKED, MASKED),
        reveals=frozenset({3}),
        copies=True,
        ledger=True,
        finds=True,
        writes=True,
    ),
    # Sellers see contacts, not amounts that finance set.
    "CDE": Sight(
        False,
        (CLEAR, CLEAR, MASKED, MASKED),
        finance=False,
        reveals=frozenset({3}),
        copies=True,
        finds=True,
        writes=True,
    ),
    # Who only uses customers looks at values here, and takes none along.
    "CDU": Sight(False, (CLEAR, CLEAR, MASKED, HIDDEN), reveals=frozenset({3}), finds=True),
    "ISA": Sight(True, (CLEAR, MASKED, MASKED, HIDDEN), ledger=True),
    # The account of the operating system at the command line: reads no record.
    "OPERATOR": Sight(True, (HIDDEN,) * 4, ledger=True),
    # Nobody: no token, or none that is good.
    "NOBODY": Sight(False, (HIDDEN,) * 4),
}


@dataclass(frozen=True)
class Field:
    """A field as the documents declare it. `public`: the values of what it is told by at which it is L1 and clear."""

    name: str
    level: int
    mask: str = "none"
    kind: str = "text"
    finance: bool = False
    told_by: str = ""
    public: frozenset[str] = frozenset()

    def placed(self, record: dict) -> tuple[int, str]:
        """Level and mask in a record with these fields."""
        if self.told_by and record.get(self.told_by) in self.public:
            return 1, "none"
        return self.level, self.mask


ORGANISATION = {"told_by": "subject", "public": frozenset({"A", "C"})}
REGISTER = {
    "told_by": "document_type",
    "public": frozenset({"credit_code", "registration_number", "organisation_code"}),
}

CUSTOMER = [
    Field("name", 2, "name", **ORGANISATION),
    Field("subject", 1, kind="choice"),
    Field("document_type", 1, kind="choice"),
    Field("document_number", 3, "ends", **REGISTER),
    Field("tax_number", 3, "ends", **ORGANISATION),
    Field("registered_address", 3, "address", **ORGANISATION),
    Field("office_address", 2),
    Field("representative", 3, "name"),
    Field("registered_capital", 1, kind="money"),
    Field("founded", 1, kind="date"),
    Field("industry", 1, kind="choice"),
    Field("size", 2, kind="choice"),
    Field("source_channel", 2, kind="choice"),
    Field("first_contact", 2, kind="date"),
    Field("enterprise_type", 1),
    Field("business_scope", 1),
    Field("province", 1),
    Field("city", 1),
    Field("phone", 3, "ends"),
    Field("email", 3, "email"),
    Field("delivery_address", 3, "address"),
    Field("credit_limit", 3, "band", kind="money", finance=True),
    Field("bank_card", 4, "ends", finance=True),
    Field("bank_account", 4, "ends", finance=True),
    Field("customer_level", 2, kind="choice"),
    Field("purchasing_needs", 2),
    Field("remarks", 2),
]

CONTACT = [
    Field("name", 3, "name"),
    Field("title", 2),
    Field("decision_role", 2, kind="choice"),
    Field("mobile", 3, "ends"),
    Field("email", 3, "email"),
    Field("wechat", 3, "ends"),
    Field("birthday", 3, "full", kind="date"),
    Field("preferences", 2, kind="choices"),
]

KINDS = {
    kind: {field.name: field for field in fields} for kind, fields in (("customer", CUSTOMER), ("contact", CONTACT))
}


def form(role: str, field: Field, level: int) -> str:
    """How a role sees a field that is sealed at this level."""
    sight = ROLES[role]
    if field.finance and not sight.finance:
        return HIDDEN
    return sight.levels[level - 1]


def reveals(role: str, field: Field, level: int) -> bool:
    return form(role, field, level) == MASKED and level in ROLES[role].reveals


NOTHING = "****"


def masked(mask: str, value: object) -> str:
    """The text that stands for a value which a role must not see (requirements C4)."""
    if mask == "band" and isinstance(value, dict):
        # All planted amounts are of this size.
        return "10亿以上"
    if not isinstance(value, str):
        return NOTHING
    if mask == "ends":
        text = value.removeprefix("+86")
        return text[:3] + "*" * (len(text) - 7) + text[-4:] if len(text) >= 8 else "*" * len(text)
    if mask == "name":
        kept = 2 if len(value) > 2 and value.startswith("欧阳") else 1
        return value[:kept] + "*" * (len(value) - kept)
    if mask == "address":
        province, city, *rest = value.split("|")
        return "|".join([province, city, *("*" * len(part) for part in rest)])
    if mask == "email":
        local, domain = value.rsplit("@", 1)
        return f"{local[0]}***@{domain}"
    return NOTHING


def shown(role: str, field: Field, record: dict, *, also: dict | None = None) -> tuple[str, str]:
    """Form and mask of a field in a record. `also`: another version of it, of which the stricter rule holds too."""
    level, mask = field.placed(record)
    if also is not None:
        other, other_mask = field.placed(also)
        if other > level:
            level, mask = other, other_mask
    return form(role, field, level), mask
