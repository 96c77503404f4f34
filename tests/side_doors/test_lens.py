"""The test of the test: what must be found is found, in any wrapping, and what may be seen is not called a leak."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from urllib.parse import quote

import cbor2
import pytest
from folders import CHUNK, Created, planted_in
from installation import OTHER, OWN
from planted import Book, Record, plain
from sight import KINDS, ROLES, form
from watch import Caller, Watch

WRAPPERS = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-be": lambda text: b"x" + text.encode("utf-16-be"),
    "gb18030": lambda text: "前".encode("gb18030") + text.encode("gb18030"),
    "json": lambda text: json.dumps({"a": [text]}, ensure_ascii=False).encode(),
    "json with escapes": lambda text: json.dumps({"a": {text: 1}}).encode(),
    "every character an escape": lambda text: ('{"a":"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"}').encode(),
    "no JSON, with escapes": lambda text: ("level=info " + json.dumps(text)).encode(),
    "base64": lambda text: json.dumps({"leaf": base64.b64encode(b"\x01\x02" + text.encode()).decode()}).encode(),
    "url base64": lambda text: base64.urlsafe_b64encode(text.encode()).rstrip(b"="),
    "cbor in base64": lambda text: b'{"leaf":"' + base64.b64encode(cbor2.dumps({6: [text]})) + b'"}',
    "hex": lambda text: b'{"note":"' + text.encode().hex().encode() + b'"}',
    "an address": lambda text: f"location: /v1/dossiers?phone={quote(text)}&x=1".encode(),
    "html": lambda text: "".join(f"&#x{ord(c):x};" for c in text).encode(),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "0" <= c <= "9" else c for c in text).encode(),
    "upper case": lambda text: text.upper().encode(),
    "among others": lambda text: b'{"items":[' + b'{"phone":"154****0001"},' * 50 + json.dumps(text).encode() + b"]}",
}


@pytest.fixture
def book() -> Book:
    book = Book()
    for label, team, subject in (("own", OWN, "B"), ("other", OTHER, "B"), ("firm", OWN, "A")):
        book.record("customer", label, team, subject)
        book.record("contact", f"contact of {label}", team, subject)
    return book


def caller(role: str) -> Caller:
    return Caller(role, role, OWN)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_every_planted_value_is_found_in_every_wrapping(book, wrapper):
    for value in book.values:
        if wrapper == "full width" and not value.text.isdigit():
            continue
        assert value in book.lens.find(WRAPPERS[wrapper](value.text)), (wrapper, value)


def test_numbers_are_found_in_groups_and_amounts_in_other_units(book):
    for value in book.values:
        text = value.text.removeprefix("+86")
        if text.isdigit():
            for mark in (" ", "-", " – "):
                grouped = mark.join(text[at : at + 4] for at in range(0, len(text), 4))
                assert value in book.lens.find(f'{{"a":"{grouped}"}}'.encode()), grouped
        elif value.field and value.field.kind == "money":
            whole, cents = value.text.split(".")
            for text in (f"{int(whole):,}.{cents}", f"{whole[:-4]}.{whole[-4:]}{cents} 万", whole + cents):
                assert value in book.lens.find(text.encode()), text


def test_masks_and_what_was_never_planted_are_not_taken_for_leaks(book):
    from sight import masked

    texts = [masked(v.field.mask, v.text) for v in book.values if v.field.mask != "none"]
    texts += ["15483170000", "zqabcdefghij2", "1801-01-01", "鱻龘", "8317", "2026-11-22T08:31:70.000000Z"]
    for text in texts:
        assert not book.lens.find(json.dumps({"a": text}, ensure_ascii=False).encode()), text


@pytest.mark.parametrize("role", ROLES)
def test_a_fake_answer_with_all_values_is_judged_by_the_table(book, role):
    """As if a server answered with everything: exactly what the table lets through raises nothing."""
    for record in book.records:
        watch = Watch(book)
        body = json.dumps({"data": record.now}, ensure_ascii=False).encode()
        watch.check(body, caller(role), "a fake answer")
        told = {value for value in book.values if value.record is record and f"{value!r}" in "".join(watch.findings)}
        for value in (value for value in book.values if value.record is record):
            may = role != "NOBODY" and form(role, value.field, value.level) == "clear"
            may = may and (ROLES[role].all_teams or record.team == OWN)
            assert (value not in told) == may, (role, value)


def test_a_record_that_shows_a_field_in_the_wrong_form_is_found(book):
    record = book.records[0]
    book.known(record, {"id": "dos_01m8000000e0080000000000ab", "code": "C002600000001AAL2"})

    def findings(role: str, **changed: object) -> dict:
        watch = Watch(book)
        answer = fake(record, role)
        answer["fields"] |= changed
        watch.check_records({"items": [answer]}, caller(role), "a fake list")
        return watch.findings

    for role in ("CDO", "CDA", "CDE", "CDU", "ISA"):
        assert not findings(role), role
    assert findings("CDO", phone=record.now["phone"])
    assert findings("CDO", phone="154****")
    assert findings("CDE", credit_limit="10亿以上")
    assert findings("CDU", bank_card="999************0000")
    assert findings("ISA", size=record.now["size"])
    assert findings("CDO", remarks="****")
    assert findings("CDO", name=None)
    assert findings("CDO", hobbies="x")


def fake(record: Record, role: str) -> dict:
    """A record as a right server would show it."""
    from sight import masked, shown

    fields, stars = {}, []
    for name, value in record.now.items():
        how, mask = shown(role, KINDS[record.kind][name], record.now)
        if how != "hidden":
            fields[name] = value if how == "clear" else masked(mask, value)
        if how == "masked":
            stars.append(name)
    return {"id": record.id, "kind": record.kind, "fields": fields, "masked": stars}


def test_histories_and_looks_in_the_wrong_form_are_found(book):
    record = book.records[0]
    book.version(record, book.fields("customer", "B"))
    new, old = record.versions[1], record.versions[0]

    def findings(role: str, **change: object) -> dict:
        watch = Watch(book)
        moved = [name for name in new if new[name] != old[name] and name != "phone"]
        right = {
            "field": "phone",
            "before": "154****" + old["phone"][-4:],
            "after": "154****" + new["phone"][-4:],
            "form": "masked",
        }
        others = [
            {"field": name, "before": old[name], "after": new[name], "form": "clear"}
            for name in moved
            if form(role, KINDS["customer"][name], KINDS["customer"][name].placed(new)[0]) == "clear"
        ]
        watch.check_history(
            {"versions": [{"version": 2, "changes": [right | change, *others]}]}, record, caller(role), "x"
        )
        return {finding for finding in watch.findings if "phone" in finding or "remarks" in finding}

    assert not findings("CDO")
    assert findings("CDO", before=old["phone"])
    assert findings("CDO", form="clear")
    assert findings("CDO", field="remarks")
    watch = Watch(book)
    watch.check_looks({"items": [{"fields": ["bank_card"]}]}, record, caller("CDU"), "x")
    assert watch.findings


def test_a_reveal_allows_its_own_value_and_no_other(book):
    record = book.records[0]
    body = json.dumps({"value": record.now["phone"], "more": record.now["email"]}).encode()
    watch = Watch(book)
    watch.check(body, caller("CDE"), "reveal", watch.revealed(caller("CDE"), record, "phone"))
    assert len(watch.findings) == 1 and "email" in next(iter(watch.findings))
    for role, name in (("ISA", "phone"), ("CDU", "bank_card"), ("CDA", "bank_card"), ("CDE", "credit_limit")):
        watch = Watch(book)
        watch.check(
            plain(record.now[name]).encode(), caller(role), "reveal", watch.revealed(caller(role), record, name)
        )
        assert watch.findings, (role, name)


def test_queries_purposes_refused_and_erased_values_are_for_nobody(book):
    record = book.records[0]
    told = [book.query(book.phone()), book.purpose(record), plain(book.refused("customer", "email"))]
    for text in told:
        watch = Watch(book)
        watch.check(text.encode(), caller("CDO"), "a fake answer")
        assert watch.findings, text
    record.erased = True
    watch = Watch(book)
    watch.check(record.now["remarks"].encode(), caller("CDO"), "a fake answer")
    assert watch.findings


def test_values_in_files_are_found_wherever_they_lie(book, tmp_path):
    """Also across the chunks that a large file is read in."""
    for at, codec in ((100, "utf-8"), (CHUNK - 7, "utf-16-le"), (CHUNK - 9, "gb18030"), (CHUNK + 1, "utf-16-be")):
        value = book.values[at % len(book.values)]
        text = value.text.encode(codec)
        file = tmp_path / codec
        file.write_bytes(bytes(at) + text + os.urandom(1000) + bytes(CHUNK))
        assert value in planted_in(file, book.lens), codec
    assert not planted_in(Path(os.__file__), book.lens)


def test_a_file_that_was_there_for_a_moment_is_noticed(tmp_path):
    created = Created(tmp_path)
    assert created.names() == []
    (tmp_path / "x").write_text("")
    (tmp_path / "x").unlink()
    assert created.names() == [tmp_path / "x"]
    created.close()


def test_a_thousand_values_can_be_told_apart():
    book = Book()
    for number in range(60):
        book.record("customer", f"{number}", OWN, "AB"[number % 2])
    assert len(book.values) > 1_000
    everything = "\n".join(value.text for value in book.values).encode()
    assert book.lens.find(everything) == set(book.values)
    for value in book.values[::97]:
        assert book.lens.find(value.text.encode()) == {value}
