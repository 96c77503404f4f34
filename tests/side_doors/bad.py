"""Requests that are wrong, each with a planted value in it that must come back in no answer, log or file."""

from __future__ import annotations

import json

from planted import Book, Value, plain
from sight import KINDS

FORM = "application/x-www-form-urlencoded"


class Bad:
    """Made once: every caller sends the same."""

    def __init__(self, book: Book):
        self.book = book
        self.text = self.say("示例" + book.word())
        self.ascii = self.say(book.letters())
        self.number = self.say(book.phone())
        self.purpose = self.say("联系" + book.word())
        self.fields = {kind: {name: book.refused(kind, name) for name in KINDS[kind]} for kind in KINDS}
        # What would be asked in an address, were an address the place for it.
        self.ids = [self.number, self.ascii, "dos_" + self.ascii, f"{self.number}%20x"]
        self.paths = [
            f"/v1/dossiers/{self.number}/phone",
            f"/{self.ascii}",
            f"/v1/search?q={self.number}",
            f"/docs/{self.ascii}",
        ]
        self.bodies = {kind: [*self.of_all_fields(kind), *self.of_shape(kind)] for kind in KINDS}
        # One field at a time, for one who may write: a wrong form of one hides what is said of another.
        self.single = {kind: self.of_each_field(kind) for kind in KINDS}
        self.reveals = [
            *({"json": body} for body in self.of_reveal()),
            *self.broken(),
        ]
        self.searches = [{"json": body} for body in self.of_search()] + self.broken()
        self.people = [{"json": body} for body in self.of_people()] + self.broken()
        self.rotations = [{"json": {self.ascii: self.number}}, {"json": {"data_keys": self.text}}, *self.broken()]
        self.queries = self.of_query()
        self.forms = self.of_form()
        self.headers = self.of_header()

    def say(self, text: str) -> str:
        return self.book.plant(Value("refused", text)).text

    def wrong(self, value: object) -> list[object]:
        """Another type, another form, a wrong check digit, too long, a mask, an invisible character."""
        text = plain(value)
        wrong: list[object] = [
            text[:-1] + ("0" if text[-1] != "0" else "1") + "!",
            text + "\u0007",
            "*" + text,
            text * 300,
        ]
        wrong += [
            [text],
            {"amount": text, "currency": text},
            {text: text},
            [[text]],
            f"{text}\u202e",
            self.text,
            self.ascii,
        ]
        return [*wrong, int(text) if text.isdigit() else 8317.5]

    def of_all_fields(self, kind: str) -> list[dict]:
        """Every field wrong in the same way, so that a long answer with many problems comes."""
        ways = zip(*(self.wrong(self.fields[kind][name]) for name in KINDS[kind]), strict=True)
        fields = [dict(zip(KINDS[kind], way, strict=True)) | self.never(kind, "") for way in ways]
        fields += [{self.ascii: self.text}, {self.text: 1}, {self.number: None}, {"hobbies": self.text}]
        return [{"json": {"fields": self.never(kind, "") | one}} for one in fields]

    def of_each_field(self, kind: str) -> list[dict]:
        cases = ((name, wrong) for name in KINDS[kind] for wrong in self.wrong(self.fields[kind][name]))
        return [{"json": {"fields": self.never(kind, name) | {name: wrong}}} for name, wrong in cases]

    def never(self, kind: str, name: str) -> dict:
        """Something wrong in another field, so that nothing of it is ever stored."""
        one, other = ("size", "customer_level") if kind == "customer" else ("title", "decision_role")
        return {other if name == one else one: 8317}

    def of_shape(self, kind: str) -> list[dict]:
        fields = self.fields[kind]
        shapes: list[object] = [
            {"fields": self.text},
            {"fields": [fields]},
            fields,
            [fields],
            self.text,
            {self.ascii: self.text, self.text: self.number},
        ]
        for member in ("stage", "level", "team", "owner", "source", "dossier", "id"):
            shapes += [
                {"fields": fields, member: value} for value in (self.text, self.ascii, int(self.number), [self.text])
            ]
        return [{"json": body} for body in shapes] + self.broken({"fields": fields | self.never(kind, "")})

    def broken(self, body: dict | None = None) -> list[dict]:
        """What is no JSON, or not as it says."""
        text = json.dumps(body or {"name": self.text, "q": self.number}, ensure_ascii=False)
        said = {"Content-Type": "application/json"}
        raw = [
            text[:-1],
            text + text,
            text.replace(":", "=", 1),
            f'{{"fields": {text}, "fields": {text}}}',
            f"[{text}" * 40,
            self.number + "e999",
        ]
        bodies = [{"data": one.encode(), "headers": said} for one in raw]
        bodies += [{"data": text.encode(codec), "headers": said} for codec in ("gb18030", "utf-16")]
        for kind in ("text/plain", f"application/{self.ascii}", f'application/json; charset="{self.ascii}"', FORM):
            bodies.append({"data": text.encode(), "headers": {"Content-Type": kind}})
        bodies.append({"data": text.encode(), "headers": said | {"Content-Encoding": self.ascii}})
        bodies.append({"data": text.encode(), "headers": said | {"Idempotency-Key": f"{self.number} \t{self.ascii}"}})
        bodies.append({"data": text.encode(), "headers": said | {"If-Match": f'"{self.number}"'}})
        return bodies

    def of_reveal(self) -> list[dict]:
        return [
            {"field": self.ascii, "purpose": self.text},
            {"field": "name"},
            {"field": "name", "purpose": self.text * 20},
            {"field": "name", "purpose": f"{self.text}\u0000"},
            {"field": "hobbies", "purpose": self.text},
            {"field": "name", "purpose": self.text, "use": self.ascii},
            {"field": "name", "purpose": self.text, "use": [self.number]},
            {"field": [self.text], "purpose": {"x": self.number}},
            {"field": "name", "purpose": self.text, self.ascii: 1},
        ]

    def of_search(self) -> list[dict]:
        return [
            {"q": self.text * 20},
            {"q": [self.number]},
            {"q": int(self.number)},
            {self.number: 1},
            {"q": f"{self.number}\n"},
        ]

    def of_people(self) -> list[dict]:
        return [
            {"name": self.text, "roles": [self.ascii]},
            {"name": self.text, "roles": ["CDU"], "team": self.text},
            {"name": f"{self.text}\u0007", "roles": ["CDU"]},
            {"name": [self.number]},
            {"name": self.text * 20},
            {self.ascii: self.number},
        ]

    def of_query(self) -> list[dict]:
        names = ("stage", "level", "industry", "created_from", "after", "limit", "fields", "log", "from", "old_size")
        names += ("before", "who", "action", "outcome", "record", "since", "until")
        queries = [{name: value} for name in names for value in (self.number, self.text)]
        return queries + [{self.ascii: "1"}, {self.text: self.number}, {"phone": self.number}, {"q": self.number}]

    def of_form(self) -> list[dict]:
        grant = {"grant_type": "client_credentials"}
        return [
            {"data": grant | {"client_id": self.number, "client_secret": self.text}},
            {"data": {"grant_type": self.ascii}},
            {"data": grant | {"scope": self.text, "client_id": self.ascii, "client_secret": self.ascii}},
            {"data": grant, "auth": (self.ascii, self.number)},
            {"data": grant, "headers": {"Authorization": f"Basic {self.ascii}"}},
            {"data": f"grant_type=%zz{self.ascii}", "headers": {"Content-Type": FORM}},
            {"data": f"{self.number}={self.ascii}&{self.number}=1", "headers": {"Content-Type": FORM}},
            {"json": {"client_id": self.text}},
        ]

    def of_header(self) -> list[dict]:
        names = (
            "If-None-Match",
            "Accept",
            "Accept-Language",
            "Accept-Encoding",
            "User-Agent",
            "Cookie",
            "Referer",
            "Range",
        )
        names += ("X-Forwarded-For", "X-Request-Id", "Traceparent", "Origin", "Content-Type", self.ascii)
        # Without a token of the caller's own in it.
        wrong = [{"Authorization": f"Bearer {self.ascii}"}, {"Authorization": f"{self.ascii} {self.number}"}]
        return [{name: f"{self.ascii} {self.number}"} for name in names] + wrong
