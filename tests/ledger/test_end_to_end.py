"""A real installation's ledger, exported by the program and verified by what is not ours."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import doctor_ledger as d
import pytest
import requests
import verify_ledger as v

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import Install  # noqa: E402

CUSTOMERS = 600  # more than one tile of entries, should an entry be written for each
VIEWS = 300


@dataclass
class Played:
    """What was left after a small day's work: two exports, the second one after more was done."""

    install: Install
    customers: Path
    before: Path
    after: Path
    packs: list[Path]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    place = tmp_path_factory.mktemp("ledger")
    install = Install(place)
    customers = install.made_up_customers(CUSTOMERS)
    client = install.client("auditor", "CDO")
    before, after = place / "before", place / "after"
    with install.serve(limits__requests_per_second=0) as served:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {served.token(client)}"
        listed = session.get(f"{served.base}/v1/dossiers", timeout=10).json()["items"]
        assert listed, "the import left no dossiers"
        export(install, before)
        for item in listed:
            assert session.get(f"{served.base}/v1/dossiers/{item['id']}", timeout=10).status_code == 200
        for _ in range(VIEWS):
            session.get(f"{served.base}/v1/dossiers", timeout=10).raise_for_status()
        more = install.client("second", "CDU")
        served.token(more)
        packs = [pack(session, served.base, log, place) for log in ("change", "access")]
        export(install, after)
    return Played(install, customers, before, after, packs)


def pack(session: requests.Session, base: str, log: str, place: Path) -> Path:
    """A pack of evidence of the newest entries of a log and of its first one."""
    newest = session.get(f"{base}/v1/ledger", params={"log": log, "limit": 60}, timeout=10).json()["items"]
    first = session.get(f"{base}/v1/ledger", params={"log": log, "from": 0, "limit": 1}, timeout=10).json()["items"]
    body = {"entries": [entry["id"] for entry in newest + first]}
    answer = session.post(f"{base}/v1/ledger/evidence", json=body, timeout=10)
    answer.raise_for_status()
    file = place / f"{log}.evidence.json"
    file.write_bytes(answer.content)
    return file


def export(install: Install, folder: Path) -> None:
    folder.mkdir()
    for log in ("change", "access"):
        install.run("ledger", "export", folder / log, "--log", log)


def logs(export: Path) -> dict[str, tuple[v.Log, v.Key]]:
    """Each log of an export by the last words of its origin: `change`, `access/…`."""
    found = {}
    for folder in v.logs_in(export):
        log = v.open_log(folder, [])
        found[log.checkpoint.origin.split("/", 2)[2]] = (log, v.key_for(log.checkpoint.origin, folder, []))
    return found


def test_the_program_agrees_with_itself(played):
    played.install.run("ledger", "verify")


def test_both_logs_are_accepted(played):
    for export in (played.before, played.after):
        found = logs(export)
        assert "change" in found and any(name.startswith("access/") for name in found), found.keys()
        for log, _ in found.values():
            assert log.leaves


def test_every_view_left_an_entry(played):
    before, after = (
        sum(len(log.leaves) for name, (log, _) in logs(export).items() if name.startswith("access/"))
        for export in (played.before, played.after)
    )
    assert after >= before + VIEWS


def test_the_later_logs_grew_from_the_earlier_ones(played):
    anchors = [str(folder / "checkpoint") for folder in v.logs_in(played.before)]
    options = [option for anchor in anchors for option in ("--anchor", anchor)]
    assert v.main([str(played.after), *options]) == 0
    for anchor in anchors:
        played.install.run("ledger", "verify", "--against", anchor)
    # The earlier export does not have what the later anchors vouch for.
    late = [str(folder / "checkpoint") for folder in v.logs_in(played.after)]
    assert v.main([str(played.before), *(option for anchor in late for option in ("--anchor", anchor))]) == 1


def test_every_doctored_copy_is_refused(played):
    for name, (log, key) in logs(played.after).items():
        assert d.doctor_export(log.folder, key) >= 20, name


def test_inclusion_proofs_of_the_program_are_accepted_and_doctored_ones_refused(played, tmp_path):
    for name, (log, key) in logs(played.after).items():
        prefix = "c" if name == "change" else f"a-{name.removeprefix('access/')}"
        for index in {0, 1, len(log.leaves) // 2, len(log.leaves) - 1}:
            entry = f"{prefix}-{index}"
            proof = json.loads(played.install.run("ledger", "proof", entry, "--json"))
            assert (proof["log"], proof["index"]) == (log.checkpoint.origin, index)
            assert proof["leaf"] == d.encode(log.leaves[index])
            refused = d.doctor_proof(proof, d.inclusion_edits(proof), lambda p, k=key: v.verify_inclusion(p, k))
            assert refused >= 16
            file = tmp_path / "entry.tlog-proof"
            file.write_text(played.install.run("ledger", "proof", entry))
            v.verify_inclusion(v.read_proof(str(file)), key)


def test_packs_of_evidence_are_accepted_and_doctored_ones_refused(played):
    options = [option for file in played.packs for option in ("--evidence", str(file))]
    key = json.loads(played.install.run("ledger", "key", "--json"))["verifier_key"]
    assert v.main([str(played.after), "--key", key, *options, "--doctor"]) == 0
    assert v.main(["--key", key, *options]) == 0
    assert v.main(options) == 0, "each has the key in it"
    for file in played.packs:
        said = json.loads(file.read_text())
        assert len(said["entries"]) >= 20 and said["entries"][0]["index"] == 0 and said["key"] == key
        assert d.doctor_proof(said, d.evidence_edits(said), lambda p: v.verify_evidence(p, v.Key.parse(key))) >= 25


def test_the_program_and_its_exports_name_the_same_key(played):
    """One key signs both logs; its name is where the logs' origins begin."""
    text = json.loads(played.install.run("ledger", "key", "--json"))["verifier_key"]
    key = v.Key.parse(text)
    for log, beside in logs(played.after).values():
        assert (beside.name, beside.public) == (key.name, key.public)
        assert log.checkpoint.origin.startswith(key.name + "/")
    assert v.main([str(played.after), "--key", text]) == 0


def test_consistency_proofs_of_the_program_are_accepted_and_doctored_ones_refused(played):
    before = logs(played.before)
    for name, (log, key) in logs(played.after).items():
        old = len(before[name][0].leaves) if name in before else 1
        for size in {1, old, len(log.leaves) - 1}:
            kind = name.split("/")[0]
            proof = json.loads(played.install.run("ledger", "consistency", "--log", kind, "--from", size, "--json"))
            assert (proof["log"], proof["old_size"]) == (log.checkpoint.origin, size)
            assert proof["old_root"] == d.encode(log.tree.get_root(size))
            v.verify_consistency(proof, key)
            del proof["checkpoint"]  # so that the path itself has to refuse
            assert d.doctor_proof(proof, d.consistency_edits(proof), v.verify_consistency) >= 10


def test_no_value_of_a_customer_is_in_the_export(played):
    rows = played.customers.read_text(encoding="utf-8-sig").splitlines()[1:]
    values = {value for row in rows[:50] for value in row.split(",") if len(value) > 5}
    files = [path.read_bytes() for path in played.after.rglob("*") if path.is_file()]
    for value in values:
        # Dates and plain choices may be told; names, numbers and addresses may not.
        if any(sign.isdigit() for sign in value) and "-" in value and len(value) == 10:
            continue
        for coding in ("utf-8", "gb18030", "utf-16-le"):
            assert not any(value.encode(coding) in file for file in files), f"a value of {len(value)} characters"
