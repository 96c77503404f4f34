"""Walks every exit as each role and never sees a planted value that the role must not see.

Two teams have made-up customers in which every value can be recognised (planted.py). Everything that answers is asked
as each role, for its own team's records and the other's, and as nobody (walk.py, steps_*.py). Each answer is searched
in every form that a value could hide in (lens.py) and judged by a table written from the documents (sight.py, watch.py).
What the command line prints, what the server says about itself at its most talkative, and every file are searched too.
"""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import steps_import  # noqa: F401
import steps_people  # noqa: F401
import steps_read  # noqa: F401
import steps_write  # noqa: F401
from bad import Bad
from folders import Created, files, planted_in
from installation import OPEN_LIMITS, OPERATOR, OWN, PASSWORD, TEAMS, Site, allow_core_dumps, prepare
from planted import Book
from sight import HIDDEN, KINDS, MASKED, ROLES, form
from walk import WALKS, Walk
from watch import Caller, Watch

# From who may least to who may most: what a role sees stands before what others do to it.
CALLERS = (
    *("NOBODY", "STRANGER", "GONE"),
    *(f"{role}{way}" for role in ("CDU", "ISA", "CDE", "CDA", "CDO") for way in (" in a browser", "")),
)
LEAST_VALUES = 1_000
BANK = {"bank_card", "bank_account"}
HIDDEN_FROM = {"CDO": set(), "CDA": set(), "CDE": BANK | {"credit_limit"}, "CDU": BANK, "ISA": BANK}
MOST_SHOWN = 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    install = prepare(tmp_path_factory.mktemp("doors"))
    book = Book()
    created = Created(install.folder / "tmp", install.work)
    with install.serve(before=allow_core_dumps, **OPEN_LIMITS) as served:
        site = Site(install, served, book, Watch(book))
        site.created = created
        site.people()
        site.plant()
        site.bad = Bad(book)
        site.walked = {}
        yield site
    created.close()


def no_findings(site: Site) -> None:
    found = list(site.watch.findings)
    site.watch.findings.clear()
    shown = "\n".join(found[:MOST_SHOWN])
    assert not found, f"{len(found)} findings:\n{shown}"


def test_the_table_knows_every_field(site):
    """A new field has to be put into the table first."""
    kinds = site.boss("GET", "/v1/kinds")["items"]
    declared = {kind["name"]: {field["name"]: field for field in kind["fields"]} for kind in kinds}
    assert set(declared) == set(KINDS)
    for kind, fields in KINDS.items():
        assert set(declared[kind]) == set(fields)
        for name, field in fields.items():
            said = declared[kind][name]
            assert (said["level"], said["mask"], said["type"]) == (f"L{field.level}", field.mask, field.kind), name


def test_enough_is_planted(site):
    stored = [value for value in site.book.values if value.sort == "field" and value.record.id]
    assert len(stored) >= LEAST_VALUES
    for team in TEAMS:
        levels = {value.level for value in stored if value.record.team == team}
        assert levels == {1, 2, 3, 4}, team


@pytest.mark.parametrize("name", CALLERS)
def test_no_exit_of_the_interface_shows_what_a_role_must_not_see(site, name):
    walk = Walk(site, site.callers[name], site.bad)
    walk.all()
    site.walked[name] = walk.asked
    no_findings(site)


@pytest.mark.parametrize("name", CALLERS)
def test_every_operation_was_walked(site, name):
    document = requests.get(site.served.base + "/openapi.json", timeout=10).json()
    there = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert set(WALKS) == there
    assert site.walked[name] == there


@pytest.mark.parametrize("role", [role for role, sight in ROLES.items() if role not in ("OPERATOR", "NOBODY")])
def test_what_a_role_may_see_was_really_seen(site, role):
    """Else silence would prove nothing: each field in each form, of own records and of all that are in reach."""
    teams = TEAMS if ROLES[role].all_teams else (OWN,)
    for label in (f"{what} {team}" for team in teams for what in ("firm of", "person of", "contact of firm of")):
        record = site.named(label)
        for name in record.now:
            declared = KINDS[record.kind][name]
            how = form(role, declared, declared.placed(record.now)[0])
            assert (role, label, name, how) in site.watch.seen, (label, name, how)
            if how == MASKED and declared.placed(record.now)[0] in ROLES[role].reveals:
                assert (role, label, name, "revealed") in site.watch.seen, (label, name)
                assert ((role, label, name, "copied") in site.watch.seen) == ROLES[role].copies, (label, name)
        # And the search through the bytes met each value that came in clear.
        for value in (value for value in site.book.values if value.record is record and value.sort == "field"):
            if not site.watch.refuses(value, site.callers[role]):
                assert (role, value) in site.watch.met, value
    assert any(seen[0] == role and "@2" in seen[2] for seen in site.watch.seen), "no history"
    hidden = {seen[2] for seen in site.watch.seen if seen[0] == role and seen[3] == HIDDEN}
    assert {name for name in hidden if "@" not in name} == HIDDEN_FROM[role]


# --- the command line ------------------------------------------------------------------------------------------------


def by_the_operator(value) -> bool:
    """The ledger's entries name records, and the purposes that were given for opening their fields."""
    return value.sort == "id" or (value.sort == "purpose" and not value.record.erased)


def said(site: Site, *arguments: object, fails: bool = False) -> str:
    """What a command prints on both streams, judged; its standard output."""
    done = site.install.call(*arguments)
    assert (done.returncode != 0) == fails, done
    site.watch.check((done.stdout + done.stderr).encode(), OPERATOR, " ".join(map(str, arguments[:3])), by_the_operator)
    return done.stdout


def ledger_pages(site: Site, log: str, *options: str) -> None:
    at = 0
    while True:
        page = json.loads(said(site, "ledger", "show", "--log", log, "--from", at, "--limit", 200, "--json"))
        said(site, "ledger", "show", "--log", log, "--from", at, "--limit", 200, *options)
        at = page["next"]
        # Showing it makes it longer.
        if at is None or at > 3_000:
            return


def test_no_command_shows_a_value(site):
    site.install.environment["DOSSIER__LOG__LEVEL"] = "trace"
    for log in ("change", "access"):
        ledger_pages(site, log, "--lang", "en")
        said(site, "ledger", "export", site.install.folder / f"export-{log}", "--log", log)
        said(site, "ledger", "checkpoint", "--log", log)
        said(site, "ledger", "consistency", "--log", log, "--from", 1)
    for entry in ("c-0", "c-40", "a-1-0", "a-1-40"):
        said(site, "ledger", "proof", entry)
    for name in ("text", "json"):
        said(site, "ledger", "follow", name, *(["--json"] if name == "json" else []))
    lists = ("ledger logs", "user list", "client list", "team list")
    for words in (*lists, "ledger key", "key status", "config show", "ledger verify"):
        for lang in ("zh", "en"):
            said(site, *words.split(), "--lang", lang)
    person = site.named(f"person of {OWN}")
    for words in (
        ("erase", person.id, "--as", "nobody"),
        ("import", "nowhere.csv"),
        ("user", "set-up"),
        ("user", "set-up", "--name", site.bad.ascii),
        ("user", "disable", "CDO.own"),
        ("key", "recovery", "print"),
        ("key", "recovery", "print", "--force"),
        ("key", "recovery", "restore"),
        ("migrate", "--from", "sqlite", "--to", "sqlite"),
        ("ledger", "proof", site.bad.ascii),
    ):
        said(site, *words, fails=True)
    said(site, "ledger", "verify", "--deep")
    del site.install.environment["DOSSIER__LOG__LEVEL"]
    no_findings(site)


@pytest.mark.parametrize("team", TEAMS)
def test_the_file_of_refused_rows_holds_the_uploaders_own_and_is_closed_to_others(site, team):
    path = Path(f"{site.files[team]}.rejected.csv")
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    found = planted_in(path, site.book.lens)
    mine = {value for value in site.book.values if value.own_file == team}
    misplaced = {value for value in found if value.record and value.record.label.startswith("misplaced")}
    assert misplaced == {value for value in misplaced if value.record.team == team}
    # A document that another dossier has is in the uploader's row: the uploader wrote it.
    known = {value for value in site.book.values if value.record is site.named(f"firm of {TEAMS[0]}") and value.field}
    assert found - mine - misplaced <= {value for value in known if value.field.name == "document_number"}
    assert len(found & mine) > 40
    text = path.read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) >= 5


# --- files -----------------------------------------------------------------------------------------------------------


def test_the_servers_own_log_has_no_value_at_its_finest_level(site):
    text = site.served.log.read_bytes()
    assert b"DEBUG" in text or b"TRACE" in text
    site.watch.check(text, Caller("the log", "NOBODY", ""), "server.log")
    no_findings(site)


def in_no_file(site: Site, *places: Path) -> None:
    looked = 0
    for path in files(*places):
        looked += 1
        for value in planted_in(path, site.book.lens):
            # Customer codes are clear columns; in the database ids are bytes.
            if not (value.sort == "id" and value.text.startswith("C")):
                site.watch.note(OPERATOR, str(path), repr(value))
    assert looked > 1
    no_findings(site)


def test_no_file_of_the_data_folder_has_a_value(site):
    in_no_file(site, *site.install.stored, site.install.folder / "config")


def test_no_file_has_a_password_or_a_secret_of_a_session(site):
    secrets = [PASSWORD.encode()]
    for caller in site.callers.values():
        secrets += [part.split("=")[-1].encode() for part in caller.session or ()]
    assert len(secrets) == 11
    # A link that nobody has used yet, and the secret of codes before the first of them: both open something.
    link = site.boss("POST", "/v1/users", json={"name": "example.link", "roles": ["CDE"], "team": OWN})["set_up"]
    cookie, csrf = site.sign_in("CDE.own")
    sent = {"headers": {"Cookie": cookie, "X-CSRF-Token": csrf}, "json": {"password": PASSWORD}, "timeout": 20}
    codes = requests.post(site.served.base + "/v1/me/totp", **sent).json()["secret"]
    token = link.removeprefix("/set-up#")
    secrets += [token.encode(), base64.urlsafe_b64decode(token + "="), codes.encode(), base64.b32decode(codes)]
    assert [len(secret) for secret in secrets[11:]] == [43, 32, 32, 20]
    for path in files(*site.install.stored, site.install.folder / "config", site.served.log.parent):
        data = path.read_bytes()
        assert not [secret for secret in secrets if secret in data], path


def test_no_exported_ledger_has_a_value(site):
    in_no_file(site, *(site.install.folder / f"export-{log}" for log in ("change", "access")))


def test_nothing_is_put_aside_in_temporary_files(site):
    assert not [path for path in site.created.names()]


def test_no_core_dump_is_left(site):
    """Last of all: the server is ended as if it had failed."""
    limits = Path(f"/proc/{site.served.process.pid}/limits").read_text()
    assert limits.split("Max core file size")[1].split()[:2] == ["0", "0"]
    assert site.served.abort() < 0
    assert not list(files(site.install.folder / "tmp", site.install.work))
    assert not list(site.install.folder.rglob("core*"))
    # And once more without a server, on what it left.
    for words in (
        "ledger verify --deep",
        "ledger show",
        "key status",
        "ledger show --log access",
    ):
        said(site, *words.split())
    # Where approvals have begun, keys are rotated by whoever is signed in.
    said(site, "key", "rotate", "--data-keys", fails=True)
    in_no_file(site, site.install.data)
    assert not site.created.names()
