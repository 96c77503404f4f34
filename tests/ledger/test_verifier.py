"""The independent verifier accepts what is right and refuses what is doctored, on exports made here."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import doctor_ledger as d
import pytest
import verify_ledger as v
from conftest import NAME, ORIGIN, SIGNER, leaf

# Around every edge of tiles: one hash, the last before a full tile, a full one, the first of the next, two levels.
SIZES = [1, 2, 3, 255, 256, 257, 511, 512, 1000, 65_537]


def key_of(sample):
    return v.Key.parse(sample.key)


@pytest.mark.parametrize("size", SIZES)
def test_a_right_export_is_accepted(sample, size):
    made = sample(size)
    log = v.Log(made.folder, key_of(made))
    assert log.checkpoint.size == size
    assert log.checkpoint.root == d.tree_root(made.row)


def test_an_empty_log_is_accepted(sample):
    made = sample(0)
    assert v.Log(made.folder, key_of(made)).leaves == []


@pytest.mark.parametrize("size", [1, 2, 257, 600])
def test_every_doctored_export_is_refused(sample, size):
    made = sample(size)
    assert d.doctor_export(made.folder, key_of(made)) >= 30


def test_narrower_tiles_of_earlier_moments_may_stay(sample):
    made = sample(300)
    tiles = made.folder / "tile/0"
    (tiles / "001.p/40").write_bytes((tiles / "001.p/44").read_bytes()[: 40 * 32])
    (tiles / "000.p").mkdir()
    (tiles / "000.p/9").write_bytes((tiles / "000").read_bytes()[: 9 * 32])
    v.Log(made.folder, key_of(made))
    (tiles / "000.p/8").write_bytes(bytes(8 * 32))
    with pytest.raises(v.Refused, match="000.p/8"):
        v.Log(made.folder, key_of(made))


@pytest.mark.parametrize("size", [1, 2, 7, 256, 300])
def test_inclusion_proofs_of_every_entry_are_accepted(sample, size):
    made = sample(size)
    log = v.Log(made.folder, key_of(made))
    for index in range(0, size, max(1, size // 40)):
        v.verify_inclusion(made.inclusion(index), key_of(made), log)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (1, 2), (6, 7), (0, 300), (299, 300)])
def test_every_doctored_inclusion_proof_is_refused(sample, index, size):
    made = sample(size)
    proof = made.inclusion(index)
    refused = d.doctor_proof(proof, d.inclusion_edits(proof), lambda p: v.verify_inclusion(p, key_of(made)))
    assert refused >= 16


def test_packs_of_evidence_are_accepted(sample):
    made = sample(300)
    log = v.Log(made.folder, key_of(made))
    for indexes in ([0], [299], [3, 4, 255, 256, 299], list(range(300))):
        v.verify_evidence(made.evidence(indexes), key_of(made), log)


@pytest.mark.parametrize(("indexes", "size"), [([0], 1), ([0, 1], 2), ([2, 6], 7), ([0, 17, 299], 300)])
def test_every_doctored_pack_is_refused(sample, indexes, size):
    made = sample(size)
    pack = made.evidence(indexes)
    refused = d.doctor_proof(pack, d.evidence_edits(pack), lambda p: v.verify_evidence(p, key_of(made)))
    assert refused >= 20


@pytest.mark.parametrize("wrong", [[1], [1, 2], [0, 2], [3]])
def test_the_first_wrong_entry_of_a_pack_is_named(sample, wrong):
    made = sample(300)
    pack = made.evidence([5, 17, 200, 299])
    for place in wrong:
        entry = pack["entries"][place]
        entry["leaf"] = d.encode(d.other_leaf(made.leaves[entry["index"]]))
    with pytest.raises(v.Refused, match=f"^c-{pack['entries'][wrong[0]]['index']}: "):
        v.verify_evidence(pack, key_of(made))


def test_a_pack_that_another_key_signed_is_refused_where_the_key_is_given(sample, tmp_path, capsys):
    made = sample(20)
    file = tmp_path / "pack.json"
    pack = made.evidence([1, 2])
    file.write_text(json.dumps(pack))
    assert v.main(["--key", made.key, "--evidence", str(file), "--doctor"]) == 0
    assert v.main([str(made.folder), "--evidence", str(file)]) == 0
    forged = pack | {"key": d.verifier_key(NAME, d.FORGER)}
    forged["checkpoint"] = d.sign(NAME, d.checkpoint_text(ORIGIN, made.leaves), d.FORGER)
    file.write_text(json.dumps(forged))
    assert v.main(["--evidence", str(file)]) == 0, "agrees with itself"
    assert v.main(["--key", made.key, "--evidence", str(file)]) == 1


def test_entries_of_access_logs_are_named_by_their_node():
    assert v.entry_name("dossier/1/access/12", 7) == "a-12-7"
    assert v.entry_name("dossier/1/change", 7) == "c-7"


def test_consistency_proofs_between_all_sizes_are_accepted(sample):
    made = sample(33)
    for size in range(1, 34):
        made.leaves = [leaf(i) for i in range(size)]
        for old in range(1, size + 1):
            v.verify_consistency(made.consistency(old))


@pytest.mark.parametrize(("old", "size"), [(1, 2), (3, 7), (4, 7), (4, 8), (7, 7), (256, 300), (299, 300)])
def test_every_doctored_consistency_proof_is_refused(sample, old, size):
    proof = sample(size).consistency(old)
    assert d.doctor_proof(proof, d.consistency_edits(proof), v.verify_consistency) >= 10


def test_a_consistency_proof_with_a_checkpoint_is_bound_to_its_size(sample):
    made = sample(7)
    signed = {"log": ORIGIN, "checkpoint": made.note()}
    v.verify_consistency(made.consistency(2) | signed, key_of(made))
    # These two differ in nothing that the path itself would show.
    six = sample(6).consistency(2)
    v.verify_consistency(six | {"new_size": 7})
    for wrong in (six | {"new_size": 7} | signed, six | signed, made.consistency(2) | signed | {"log": "x"}):
        with pytest.raises(v.Refused, match="checkpoint"):
            v.verify_consistency(wrong, key_of(made))


def test_the_text_form_of_a_proof_says_the_same_as_its_json(sample, tmp_path):
    made = sample(300)
    proof = made.inclusion(255)
    file = tmp_path / "entry.tlog-proof"
    lines = ["c2sp.org/tlog-proof@v1", f"extra {proof['leaf']}", "index 255", *proof["proof"], "", proof["checkpoint"]]
    file.write_text("\n".join(lines))
    assert v.read_proof(str(file)) == proof
    assert v.main(["--key", made.key, "--inclusion", str(file), "--doctor"]) == 0
    for line in range(1, len(lines) - 2):
        file.write_text("\n".join(lines[:line] + lines[line + 1 :]))
        assert v.main(["--key", made.key, "--inclusion", str(file)]) == 1, lines[line]


def test_an_anchor_that_the_log_grew_from_is_accepted(sample):
    made = sample(300)
    log = v.Log(made.folder, key_of(made))
    for size in (0, 1, 255, 256, 300):
        log.agree(v.Checkpoint.parse(made.note(size), key_of(made)))


def test_a_log_that_was_cut_back_or_written_anew_does_not_pass_its_anchor(sample, tmp_path):
    """What even the holder of the signing key cannot hide from one who kept an anchor."""
    made = sample(300)
    anchor = v.Checkpoint.parse(made.note(), key_of(made))
    for name, leaves in (("cut", made.leaves[:200]), ("anew", [leaf(9_999), *made.leaves[1:], leaf(300)])):
        folder = tmp_path / name
        folder.mkdir()
        d.write_tiles(folder, leaves)
        (folder / "checkpoint").write_text(d.sign(NAME, d.checkpoint_text(ORIGIN, leaves), SIGNER))
        log = v.Log(folder, key_of(made))
        with pytest.raises(v.Refused):
            log.agree(anchor)


def test_a_proof_of_another_entry_than_the_exports_is_refused(sample):
    made = sample(20)
    other = sample(21)
    log = v.Log(made.folder, key_of(made))
    with pytest.raises(v.Refused):
        v.verify_inclusion(other.inclusion(3), key_of(made), log)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"\xa0",  # no format
        b"\xa1\x00\x02",  # another format
        b"\xa1\x61\x00\x01",  # a key that is text
        b"\x80",
        b"\xff",
        b"\xa1\x00\x18\x01",  # a longer spelling of 1
        b"\xa1\x00\x01\x00",  # something behind it
        b"\xa2\x00\x01\x00\x01",  # a key twice
    ],
)
def test_entries_that_are_not_deterministic_cbor_are_refused(sample, entry):
    made = sample(3)
    made.leaves[1] = entry
    d.write_tiles(made.folder, made.leaves)
    (made.folder / "checkpoint").write_text(made.note())
    with pytest.raises(v.Refused):
        v.Log(made.folder, key_of(made))


@pytest.mark.parametrize(
    ("index", "path"),
    [
        (0, "000"),
        (7, "007"),
        (999, "999"),
        (1000, "x001/000"),
        (1_234_067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_tiles_lie_at_the_paths_of_the_standard(index, path):
    assert v.tile_path(index) == path == d.tile_name(index, 256)


def test_a_public_note_and_its_key_are_understood():
    """The example of the signed-note specification's reference implementation (golang.org/x/mod/sumdb/note)."""
    key = v.Key.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert v.open_note(f"{text}\n— PeterNeumann {signature}\n", key) == text
    with pytest.raises(v.Refused):
        v.open_note(f"{text.upper()}\n— PeterNeumann {signature}\n", key)


@pytest.mark.parametrize("key", ["", "a+b", "a+00000000+AAAA", NAME + "+00000000+" + d.encode(b"\x01" + bytes(32))])
def test_malformed_keys_are_refused(key):
    with pytest.raises(v.Refused):
        v.Key.parse(key)


def test_the_command_line_verifies_several_logs_anchors_and_proofs(sample, tmp_path, capsys):
    made = sample(40)
    export = tmp_path / "export"
    shutil.copytree(made.folder, export / "change")
    anchor, inclusion, consistency = (tmp_path / name for name in ("anchor", "inclusion.json", "consistency.json"))
    anchor.write_text(made.note(30))
    inclusion.write_text(json.dumps(made.inclusion(5)))
    consistency.write_text(json.dumps(made.consistency(30)))
    options = ["--anchor", str(anchor), "--inclusion", str(inclusion), "--consistency", str(consistency)]
    assert v.main([str(export), "--key", made.key, "--doctor", *options]) == 0
    assert "doctored copies refused" in capsys.readouterr().out
    assert v.main([str(export), *options]) == 0
    assert v.main([str(export), "--key", d.verifier_key(NAME, d.FORGER)]) == 1
    assert v.main([str(export), "--key", d.verifier_key("other", SIGNER)]) == 1
    assert v.main(["--key", made.key, "--inclusion", str(inclusion)]) == 0
    assert v.main(["--consistency", str(consistency)]) == 0
    (tmp_path / "broken").write_text("{")
    assert v.main(["--key", made.key, "--inclusion", str(tmp_path / "broken")]) == 1
    assert v.main([str(tmp_path / "nowhere")]) == 1


def test_two_logs_of_the_same_origin_are_refused(sample, tmp_path):
    made = sample(4)
    for name in ("one", "two"):
        shutil.copytree(made.folder, tmp_path / "both" / name)
    assert v.main([str(tmp_path / "both")]) == 1


def test_published_vectors_of_inclusion_proofs(vectors: Path):
    """transparency-dev's: good ones accepted, doctored ones refused."""
    seen = {True: 0, False: 0}
    for path in sorted((vectors / "inclusion").rglob("*.json")):
        case = json.loads(path.read_text())
        good = judge(
            lambda c=case: v.check_inclusion(
                c["leafIdx"], c["treeSize"], *raw(c["leafHash"]), [raw(p)[0] for p in c["proof"] or []], *raw(c["root"])
            )
        )
        assert good != case["wantErr"], path
        seen[good] += 1
    assert seen[True] >= 5 and seen[False] >= 50, seen


def test_published_vectors_of_consistency_proofs(vectors: Path):
    seen = {True: 0, False: 0}
    for path in sorted((vectors / "consistency").rglob("*.json")):
        case = json.loads(path.read_text())
        proof = [raw(p)[0] for p in case["proof"] or []]
        good = judge(
            lambda c=case, p=proof: v.check_consistency(c["size1"], c["size2"], *raw(c["root1"]), *raw(c["root2"]), p)
        )
        assert good != case["wantErr"], path
        seen[good] += 1
    assert seen[True] >= 5 and seen[False] >= 50, seen


def raw(text: str | None) -> list[bytes]:
    return [base64.b64decode(text or "")]


def judge(check) -> bool:
    try:
        check()
    except v.Refused:
        return False
    return True
