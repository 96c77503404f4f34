"""Doctored copies of a right export and right proofs, for a verifier that must refuse each one.

A forger here may do all but one thing: sign with the log's key. So the list has clumsy damage (a flipped bit) as well
as careful forgeries, in which all hashes agree again and only the signature gives the change away.
"""

from __future__ import annotations

import argparse
import base64
import copy
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

WIDTH = 256
FORGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


# --- a writer of exports, apart from the verifier's reading, so that one's mistake is not the other's -----------------


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(row: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as it is written there."""
    if not row:
        return hashlib.sha256(b"").digest()
    if len(row) == 1:
        return row[0]
    k = 1 << (len(row) - 1).bit_length() - 1
    return node_hash(tree_root(row[:k]), tree_root(row[k:]))


def inclusion_path(index: int, row: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1: PATH(m, D[n])."""
    if len(row) == 1:
        return []
    k = 1 << (len(row) - 1).bit_length() - 1
    if index < k:
        return [*inclusion_path(index, row[:k]), tree_root(row[k:])]
    return [*inclusion_path(index - k, row[k:]), tree_root(row[:k])]


def consistency_path(old: int, row: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962 §2.1.2: SUBPROOF(m, D[n], b)."""
    if old == len(row):
        return [] if whole else [tree_root(row)]
    k = 1 << (len(row) - 1).bit_length() - 1
    if old <= k:
        return [*consistency_path(old, row[:k], whole), tree_root(row[k:])]
    return [*consistency_path(old - k, row[k:], False), tree_root(row[:k])]


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def public_blob(private: Ed25519PrivateKey) -> bytes:
    return b"\x01" + private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def hash_of_key(name: str, private: Ed25519PrivateKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + public_blob(private)).digest()[:4]


def verifier_key(name: str, private: Ed25519PrivateKey) -> str:
    return f"{name}+{hash_of_key(name, private).hex()}+{encode(public_blob(private))}"


def sign(name: str, text: str, private: Ed25519PrivateKey, key_hash: bytes | None = None) -> str:
    signature = (key_hash or hash_of_key(name, private)) + private.sign(text.encode())
    return f"{text}\n— {name} {encode(signature)}\n"


def checkpoint_text(origin: str, leaves: list[bytes]) -> str:
    return f"{origin}\n{len(leaves)}\n{encode(tree_root([leaf_hash(leaf) for leaf in leaves]))}\n"


def rows_of(leaves: list[bytes]) -> Iterator[list[bytes]]:
    row = [leaf_hash(leaf) for leaf in leaves]
    while row:
        yield row
        row = [tree_root(row[i : i + WIDTH]) for i in range(0, len(row) // WIDTH * WIDTH, WIDTH)]


def tile_name(index: int, width: int) -> str:
    text = str(index % 1000).zfill(3)
    while index >= 1000:
        index //= 1000
        text = f"x{index % 1000:03}/{text}"
    return text if width == WIDTH else f"{text}.p/{width}"


def write_tiles(folder: Path, leaves: list[bytes]) -> None:
    """The tiles and bundles of these leaves, in place of what was there."""
    shutil.rmtree(folder / "tile", ignore_errors=True)
    bundles = [len(leaf).to_bytes(2, "big") + leaf for leaf in leaves]
    for name, row in [("entries", bundles), *((str(level), row) for level, row in enumerate(rows_of(leaves)))]:
        for start in range(0, len(row), WIDTH):
            items = row[start : start + WIDTH]
            path = folder / "tile" / name / tile_name(start // WIDTH, len(items))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(items))


def read_leaves(folder: Path) -> list[bytes]:
    """The entries of an export that was found right."""
    size = int((folder / "checkpoint").read_text().split("\n")[1])
    leaves: list[bytes] = []
    while len(leaves) < size:
        width = min(WIDTH, size - len(leaves))
        data = (folder / "tile/entries" / tile_name(len(leaves) // WIDTH, width)).read_bytes()
        while data:
            end = 2 + int.from_bytes(data[:2], "big")
            leaves.append(data[2:end])
            data = data[end:]
    return leaves


# --- doctored exports ------------------------------------------------------------------------------------------------

Change = Callable[[Path, list[bytes], str], None]


def flip(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def at_file(pick: Callable[[Path, int], Path], change: Callable[[bytes], bytes | None]) -> Change:
    """A change of one file's bytes; `None` takes the file away."""

    def apply(folder: Path, leaves: list[bytes], _note: str) -> None:
        path = pick(folder, len(leaves))
        data = change(path.read_bytes())
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)

    return apply


def first_bundle(folder: Path, size: int) -> Path:
    return folder / "tile/entries" / tile_name(0, min(size, WIDTH))


def last_bundle(folder: Path, size: int) -> Path:
    return folder / "tile/entries" / tile_name((size - 1) // WIDTH, (size - 1) % WIDTH + 1)


def first_tile(folder: Path, size: int) -> Path:
    return folder / "tile/0" / tile_name(0, min(size, WIDTH))


def upper_tile(folder: Path, size: int) -> Path:
    return folder / "tile/1" / tile_name(0, min(size // WIDTH, WIDTH))


def note_file(folder: Path, _size: int) -> Path:
    return folder / "checkpoint"


def at_leaves(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    """Other entries with every tile made anew for them; the checkpoint stays."""

    def apply(folder: Path, leaves: list[bytes], _note: str) -> None:
        write_tiles(folder, change(list(leaves)))

    return apply


def forged(change: Callable[[list[bytes]], list[bytes]], same_hash: bool) -> Change:
    """Other entries, every tile made anew, a checkpoint for them by another key (also under the right key's hash)."""

    def apply(folder: Path, leaves: list[bytes], note: str) -> None:
        changed = change(list(leaves))
        write_tiles(folder, changed)
        name, signature = note.rstrip("\n").split("\n")[-1].split(" ")[1:]
        right_hash = base64.b64decode(signature)[:4] if same_hash else None
        text = checkpoint_text(note.split("\n")[0], changed)
        (folder / "checkpoint").write_text(sign(name, text, FORGER, right_hash))

    return apply


def at_note(change: Callable[[list[str]], list[str]]) -> Change:
    """Other lines in the checkpoint: origin, size, root, empty, signature."""

    def apply(folder: Path, _leaves: list[bytes], note: str) -> None:
        (folder / "checkpoint").write_text("\n".join(change(note.split("\n"))))

    return apply


def at_line(index: int, change: Callable[[str], str]) -> Change:
    return at_note(lambda lines: [*lines[:index], change(lines[index]), *lines[index + 1 :]])


def other_leaf(leaf: bytes) -> bytes:
    """The same entry, a second later."""
    entry = cbor2.loads(leaf)
    entry[1] = entry.get(1, 0) + 1_000_000
    return cbor2.dumps(entry, canonical=True)


def with_stranger(folder: Path, _leaves: list[bytes], _note: str) -> None:
    (folder / "tile/0/notes.txt").write_text("kilroy")


def resigned(folder: Path, _leaves: list[bytes], note: str) -> None:
    text = note.rpartition("\n\n")[0] + "\n"
    (folder / "checkpoint").write_text(sign(note.rstrip("\n").split("\n")[-1].split(" ")[1], text, FORGER))


def exports(size: int) -> dict[str, Change]:
    """Every kind of doctored export that a log of this size allows."""

    def drop_last(leaves: list[bytes]) -> list[bytes]:
        return leaves[:-1]

    def later(leaves: list[bytes]) -> list[bytes]:
        return [*leaves[:-1], other_leaf(leaves[-1])]

    kinds: dict[str, Change] = {
        "an entry, one bit": at_file(first_bundle, lambda b: flip(b, 5)),
        "the last entry, last bit": at_file(last_bundle, lambda b: flip(b, -1)),
        "an entry's length": at_file(first_bundle, lambda b: flip(b, 1)),
        "a bundle that ends too early": at_file(last_bundle, lambda b: b[:-1]),
        "a bundle with more behind it": at_file(last_bundle, lambda b: b + b"\x00\x01\xa0"),
        "an empty bundle": at_file(first_bundle, lambda b: b""),
        "no bundle": at_file(last_bundle, lambda b: None),
        "a hash in a tile": at_file(first_tile, lambda b: flip(b, 7)),
        "a tile that ends too early": at_file(first_tile, lambda b: b[:-1]),
        "a tile with one hash more": at_file(first_tile, lambda b: b + bytes(32)),
        "no tile": at_file(first_tile, lambda b: None),
        "a stranger among the tiles": with_stranger,
        "an entry changed, tiles made anew": at_leaves(later),
        "the last entry gone, tiles made anew": at_leaves(drop_last),
        "the first entry gone, tiles made anew": at_leaves(lambda v: v[1:]),
        "an entry twice, tiles made anew": at_leaves(lambda v: [*v, v[-1]]),
        "an empty entry more, tiles made anew": at_leaves(lambda v: [*v, b"\xa1\x00\x01"]),
        "everything gone": at_leaves(lambda v: []),
        "an entry changed, signed by another": forged(later, same_hash=False),
        "an entry changed, signed by another under our key's hash": forged(later, same_hash=True),
        "the last entry gone, signed by another": forged(drop_last, same_hash=False),
        "the last entry gone, signed by another under our key's hash": forged(drop_last, same_hash=True),
        "nothing changed, signed by another": resigned,
        "another origin": at_line(0, lambda t: t + "x"),
        "a size one higher": at_line(1, lambda t: str(int(t) + 1)),
        "a size one lower": at_line(1, lambda t: str(int(t) - 1)),
        "a size with a zero before it": at_line(1, lambda t: "0" + t),
        "another root": at_line(2, lambda t: encode(flip(base64.b64decode(t), 0))),
        "a line more": at_note(lambda v: [*v[:3], "more", *v[3:]]),
        "a bit of the signature": at_line(4, lambda t: t[:-9] + ("A" if t[-9] != "A" else "B") + t[-8:]),
        "no signature": at_note(lambda v: [*v[:4], ""]),
        "a signature twice": at_note(lambda v: [*v[:5], *v[4:]]),
        "an empty checkpoint": at_file(note_file, lambda b: b""),
        "no checkpoint": at_file(note_file, lambda b: None),
    }
    if size > 1:
        kinds["two entries changed places, tiles made anew"] = at_leaves(lambda v: [v[1], v[0], *v[2:]])
    if size >= WIDTH:
        kinds["a hash in an upper tile"] = at_file(upper_tile, lambda b: flip(b, 3))
        kinds["no upper tile"] = at_file(upper_tile, lambda b: None)
    return kinds


# --- doctored proofs -------------------------------------------------------------------------------------------------

Edit = Callable[[dict], object]


def setting(name: str, change: Callable[[dict], object]) -> Edit:
    return lambda d: d.__setitem__(name, change(d))


def flipped(name: str) -> Edit:
    return setting(name, lambda d: encode(flip(base64.b64decode(d[name]), -1)))


def at_path(change: Callable[[list[str]], list[str]]) -> Edit:
    return setting("proof", lambda d: change(d["proof"]))


def path_edits(path: list[str]) -> dict[str, Edit]:
    zeros = encode(bytes(32))
    edits: dict[str, Edit] = {
        "a hash more at the end": at_path(lambda p: [*p, zeros]),
        "a hash more at the start": at_path(lambda p: [zeros, *p]),
        "a path that is no list": setting("proof", lambda d: zeros),
    }
    if path:
        edits |= {
            "a hash of the path": at_path(lambda p: [encode(flip(base64.b64decode(p[0]), 0)), *p[1:]]),
            "the first hash gone": at_path(lambda p: p[1:]),
            "the last hash gone": at_path(lambda p: p[:-1]),
            "a hash too short": at_path(lambda p: [encode(base64.b64decode(p[0])[:31]), *p[1:]]),
            "a hash in hexadecimal": at_path(lambda p: [base64.b64decode(p[0]).hex(), *p[1:]]),
        }
    if len(path) > 1 and path[0] != path[1]:
        edits["two hashes changed places"] = at_path(lambda p: [p[1], p[0], *p[2:]])
    return edits


def inclusion_edits(proof: dict) -> dict[str, Edit]:
    """Every kind of doctored inclusion proof."""
    edits: dict[str, Edit] = {
        "another entry's place": setting("index", lambda d: d["index"] - 1 if d["index"] else d["index"] + 1),
        "a place outside": setting("index", lambda d: d["size"]),
        "a place before the first": setting("index", lambda d: -1),
        "a place that is no number": setting("index", lambda d: str(d["index"])),
        "a size one higher": setting("size", lambda d: d["size"] + 1),
        "a size one lower": setting("size", lambda d: d["size"] - 1),
        "another entry": flipped("leaf"),
        "a later entry": setting("leaf", lambda d: encode(other_leaf(base64.b64decode(d["leaf"])))),
        "another root": flipped("root"),
        "another log": setting("log", lambda d: d["log"] + "x"),
        "no checkpoint": lambda d: d.pop("checkpoint"),
        "no entry": lambda d: d.pop("leaf"),
        "a checkpoint of another size": setting("checkpoint", lambda d: d["checkpoint"].replace("\n", "\n1", 1)),
    }
    if proof["size"] > 1:
        # A node passed off as an entry, one level up: what the prefixes of RFC 6962 are there against.
        def node_as_leaf(d: dict) -> None:
            pair = [leaf_hash(base64.b64decode(d["leaf"])), base64.b64decode(d["proof"][0])]
            left, right = pair if d["index"] % 2 == 0 else pair[::-1]
            d.update(leaf=encode(b"\x01" + left + right), proof=d["proof"][1:], index=d["index"] // 2)

        edits["a node passed off as an entry"] = node_as_leaf
    return edits | path_edits(proof["proof"])


def evidence_edits(pack: dict) -> dict[str, Edit]:
    """Every kind of doctored pack, the last of its entries being the one that is touched."""

    def at_entry(edit: Edit) -> Edit:
        return lambda d: edit(d["entries"][-1])

    def at_entries(change: Callable[[list], object]) -> Edit:
        return setting("entries", lambda d: change(d["entries"]))

    whole = ("size", "root", "log", "checkpoint")
    alone = pack["entries"][-1] | {name: pack[name] for name in whole}
    name = pack["key"].split("+")[0]
    edits = {
        f"entry, {what}": at_entry(edit)
        for what, edit in inclusion_edits(alone).items()
        if what not in ("a place outside", "no checkpoint") and not any(one in what for one in ("size", "root", "log"))
    }
    return edits | {
        "another format": setting("evidence", lambda d: 2),
        "another log": setting("log", lambda d: d["log"] + "x"),
        "a size one higher": setting("size", lambda d: d["size"] + 1),
        "another root": flipped("root"),
        "no checkpoint": lambda d: d.pop("checkpoint"),
        "another key": setting("key", lambda d: verifier_key(name, FORGER)),
        "no key": lambda d: d.pop("key"),
        "no entries": at_entries(lambda entries: []),
        "entries that are no list": at_entries(lambda entries: entries[0]),
        "an entry twice": at_entries(lambda entries: [*entries, entries[-1]]),
        "an entry that is none": at_entries(lambda entries: [*entries, None]),
        "an entry with more": at_entry(lambda entry: entry.update(checkpoint=pack["checkpoint"])),
        "a place outside": at_entry(setting("index", lambda entry: pack["size"])),
    }


def consistency_edits(proof: dict) -> dict[str, Edit]:
    """Every kind of doctored consistency proof.

    A new size that is a little off is not among them: RFC 6962's proofs do not always show that, which is why sizes
    are taken from signed checkpoints.
    """
    edits: dict[str, Edit] = {
        "another old root": flipped("old_root"),
        "another new root": flipped("new_root"),
        "an old size one higher": setting("old_size", lambda d: d["old_size"] + 1),
        "an old size one lower": setting("old_size", lambda d: d["old_size"] - 1),
        "an old size of nothing": setting("old_size", lambda d: 0),
        "an old size below nothing": setting("old_size", lambda d: -1),
        "no old root": lambda d: d.pop("old_root"),
        "no path": lambda d: d.pop("proof"),
    }
    if proof["old_size"] != proof["new_size"]:
        edits["sizes changed places"] = lambda d: d.update(old_size=d["new_size"], new_size=d["old_size"])
        edits["roots changed places"] = lambda d: d.update(old_root=d["new_root"], new_root=d["old_root"])
        edits["the old root for both"] = setting("new_root", lambda d: d["old_root"])
    return edits | path_edits(proof["proof"])


# --- the run ---------------------------------------------------------------------------------------------------------


class Accepted(Exception):
    """A doctored copy was accepted: the verifier is not worth its name."""


def refuses(what: str, attempt: Callable[[], object]) -> None:
    from verify_ledger import Refused

    try:
        attempt()
    except Refused:
        return
    raise Accepted(f"accepted, though doctored: {what}")


def doctor_export(folder: Path, key: object) -> int:
    """How many doctored copies of this right export were refused; one that is accepted is an error."""
    from verify_ledger import Log

    leaves, note = read_leaves(folder), (folder / "checkpoint").read_text()
    kinds = exports(len(leaves))
    with tempfile.TemporaryDirectory() as place:
        untouched = Path(place) / "untouched"
        shutil.copytree(folder, untouched)
        Log(untouched, key)
        for at, (name, change) in enumerate(kinds.items()):
            copied = Path(place) / str(at)
            shutil.copytree(folder, copied)
            change(copied, leaves, note)
            refuses(f"export, {name}", lambda: Log(copied, key))
            shutil.rmtree(copied)
    return len(kinds)


def doctor_proof(proof: dict, edits: dict[str, Edit], verify: Callable[[dict], None]) -> int:
    verify(copy.deepcopy(proof))
    for name, edit in edits.items():
        changed = copy.deepcopy(proof)
        edit(changed)
        refuses(f"proof, {name}", lambda: verify(changed))
    return len(edits)


def doctor(options: argparse.Namespace) -> str:
    """Doctors all that the command line named and was just found right."""
    import verify_ledger as v

    refused = 0
    folders = {}
    for folder in v.logs_in(Path(options.export)) if options.export else []:
        log = v.open_log(folder, options.key)
        folders[log.checkpoint.origin] = folder
        if log.leaves:
            refused += doctor_export(folder, v.key_for(log.checkpoint.origin, folder, options.key))
    for name in options.inclusion:
        proof = v.read_proof(name)
        key = v.key_for(proof["log"], folders.get(proof["log"]), options.key)
        refused += doctor_proof(proof, inclusion_edits(proof), lambda d: v.verify_inclusion(d, key))
    for name in options.evidence:
        pack = json.loads(Path(name).read_text())
        key = v.key_of_pack(pack, options.key)
        refused += doctor_proof(pack, evidence_edits(pack), lambda d: v.verify_evidence(d, key))
    for name in options.consistency:
        proof = json.loads(Path(name).read_text())
        proof.pop("checkpoint", None)  # so that the path itself has to refuse
        refused += doctor_proof(proof, consistency_edits(proof), v.verify_consistency)
    return f"doctored copies refused: {refused}"
