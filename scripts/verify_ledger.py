#!/usr/bin/env python3
"""Verifies an exported ledger with nothing of Dossier's own.

Merkle trees and inclusion proofs are pymerkle's (RFC 6962), signatures are those of `cryptography` (Ed25519), entries
are decoded by cbor2. What is written here is only the reading of public formats: tiles and paths (C2SP tlog-tiles),
checkpoints (C2SP tlog-checkpoint), signed notes (C2SP signed-note).

    verify_ledger.py [--key KEY] EXPORT [--anchor CHECKPOINT]…     a whole export, against anchors kept elsewhere
    verify_ledger.py --key KEY --inclusion PROOF… --consistency PROOF… [EXPORT]
    verify_ledger.py --key KEY --evidence PACK…                    entries that were handed on, each by its proof
    verify_ledger.py … --doctor                                    also: refuse every doctored copy of what was given

EXPORT is the folder of one log (with `checkpoint`, `tile/`) or one that holds several such folders. KEY is a verifier
key `name+hash+base64` or a file with one, and may be given several times; without it the file `verifier` beside the
checkpoint is believed, which shows that the export agrees with itself, not who wrote it. PROOF is what `dossier ledger
proof` and `dossier ledger consistency` print: JSON, or for one entry also the text form (C2SP tlog-proof). PACK is what
`POST /v1/ledger/evidence` answers and the ledger's page hands out; without KEY its own key is believed, as above. That
nothing was left out of a pack it cannot show: the ledger's entry of the export names all that was in it.

Exit status: 0 accepted, 1 refused, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree, InvalidProof
from pymerkle.core import _inclusion_path_layout
from pymerkle.hasher import MerkleHasher
from pymerkle.proof import InclusionProof

WIDTH = 256
HASH = 32
LEAF_MAX = 32 * 1024
HASHER = MerkleHasher("sha256")


class Refused(Exception):
    """The material is not what it claims to be; the text says where."""


def require(condition: bool, text: str) -> None:
    if not condition:
        raise Refused(text)


def unbase64(text: object, what: str, size: int | None = None) -> bytes:
    """Standard base64, padded, in its one canonical spelling."""
    require(isinstance(text, str), f"{what}: not a text")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(f"{what}: not base64") from error
    require(base64.b64encode(data).decode() == text, f"{what}: not canonical base64")
    require(size is None or len(data) == size, f"{what}: {len(data)} bytes instead of {size}")
    return data


def decimal(text: str, what: str) -> int:
    require(text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"), f"{what}: not a decimal number")
    return int(text)


# --- signed notes and checkpoints ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A verifier key of a signed note: `name+hash+base64(0x01 ‖ public key)`."""

    name: str
    hash: bytes
    public: bytes

    @staticmethod
    def parse(text: str) -> "Key":
        parts = text.strip().split("+", 2)
        require(len(parts) == 3 and parts[0] != "", "verifier key: not name+hash+base64")
        blob = unbase64(parts[2], "verifier key", 1 + HASH)
        require(blob[0] == 1, "verifier key: not Ed25519")
        digest = hashlib.sha256(parts[0].encode() + b"\n" + blob).digest()[:4]
        require(digest.hex() == parts[1], "verifier key: its hash does not match")
        return Key(parts[0], digest, blob[1:])


def open_note(note: str, key: Key) -> str:
    """The text of a signed note, once a signature by the key was found right; signatures by others are passed over."""
    head, mark, tail = note.rpartition("\n\n")
    require(mark != "" and tail.endswith("\n"), "checkpoint: not a signed note")
    text = head + "\n"
    mine = 0
    for line in tail[:-1].split("\n"):
        parts = line.split(" ")
        require(len(parts) == 3 and parts[0] == "—" and parts[1] != "", "checkpoint: malformed signature line")
        blob = unbase64(parts[2], "checkpoint signature")
        if parts[1] != key.name or blob[:4] != key.hash:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], text.encode())
        except InvalidSignature as error:
            raise Refused("checkpoint: wrong signature") from error
        mine += 1
    require(mine == 1, f"checkpoint: {mine} signatures by {key.name}, one is needed")
    return text


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @staticmethod
    def parse(note: str, key: Key) -> "Checkpoint":
        lines = open_note(note, key).split("\n")
        require(len(lines) == 4 and lines[0] != "" and lines[3] == "", "checkpoint: not origin, size and root")
        named = lines[0] == key.name or lines[0].startswith(key.name + "/")
        require(named, f"checkpoint: origin {lines[0]} is not of key {key.name}")
        size = decimal(lines[1], "checkpoint size")
        return Checkpoint(lines[0], size, unbase64(lines[2], "checkpoint root", HASH))


# --- proofs ----------------------------------------------------------------------------------------------------------


def check_inclusion(index: int, size: int, leaf_hash: bytes, proof: list[bytes], root: bytes) -> None:
    """RFC 6962 §2.1.1, by pymerkle."""
    require(0 <= index < size, "inclusion proof: index outside the tree")
    rule, _ = _inclusion_path_layout(index + 1, size)
    try:
        InclusionProof("sha256", True, size, index + 1, rule, [leaf_hash, *proof]).verify(
            leaf_hash, root, index=index + 1, size=size, algorithm="sha256"
        )
    except InvalidProof as error:
        raise Refused(f"inclusion proof: {str(error).lower()}") from error


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> None:
    """RFC 9162 §2.1.4.2, with pymerkle's hashes (its own proofs of consistency have another shape)."""
    require(0 < old <= new, "consistency proof: sizes out of order")
    if old == new:
        require(not proof and old_root == new_root, "consistency proof: equal sizes, yet not the same tree")
        return
    path = ([old_root] if old & (old - 1) == 0 else []) + proof
    require(len(path) > 0, "consistency proof: empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for node in path[1:]:
        require(sn > 0, "consistency proof: too long")
        if fn & 1 or fn == sn:
            first, second = HASHER.hash_pair(node, first), HASHER.hash_pair(node, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = HASHER.hash_pair(second, node)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "consistency proof: too short")
    require(first == old_root, "consistency proof: old root does not match")
    require(second == new_root, "consistency proof: new root does not match")


def number(document: dict, name: str) -> int:
    value = document.get(name)
    require(type(value) is int and value >= 0, f"{name}: not a number")
    return value


def hashes(document: dict, what: str) -> list[bytes]:
    proof = document.get("proof")
    require(isinstance(proof, list), f"{what}: no list of hashes")
    return [unbase64(item, what, HASH) for item in proof]


def verify_inclusion(document: dict, key: Key, log: "Log | None" = None) -> None:
    """{"log", "index", "size", "root", "leaf", "proof", "checkpoint"}: the entry itself is in it, as `leaf`."""
    checkpoint = Checkpoint.parse(str(document.get("checkpoint")), key)
    index, size = number(document, "index"), number(document, "size")
    root = unbase64(document.get("root"), "root", HASH)
    leaf = unbase64(document.get("leaf"), "leaf")
    require(document.get("log") == checkpoint.origin, "inclusion proof: of another log than its checkpoint")
    require((size, root) == (checkpoint.size, checkpoint.root), "inclusion proof: not of the tree of its checkpoint")
    check_leaf(leaf, "inclusion proof")
    check_inclusion(index, size, HASHER.hash_buff(leaf), hashes(document, "inclusion proof"), root)
    if log is not None and log.checkpoint.origin == checkpoint.origin:
        log.agree(checkpoint)
        require(log.leaves[index] == leaf, f"inclusion proof: entry {index} of the export is another one")


def entry_name(origin: str, index: int) -> str:
    """`c-7` or `a-1-7`, by the end of the origin."""
    node = origin.rpartition("/access/")[2]
    return f"c-{index}" if origin.endswith("/change") else f"a-{node}-{index}"


def verify_evidence(document: dict, key: Key, log: "Log | None" = None) -> None:
    """{"evidence", "log", "size", "root", "checkpoint", "key", "entries": [{"index", "leaf", "proof"}, …]}."""
    require(document.get("evidence") == 1, "evidence: not of format 1")
    require(Key.parse(str(document.get("key"))) == key, "evidence: its key is not the one to verify with")
    entries = document.get("entries")
    require(isinstance(entries, list) and entries != [], "evidence: no entries")
    whole = {name: document.get(name) for name in ("log", "size", "root", "checkpoint")}
    Checkpoint.parse(str(whole["checkpoint"]), key)
    last = -1
    for place, entry in enumerate(entries, 1):
        require(isinstance(entry, dict) and set(entry) == {"index", "leaf", "proof"}, f"evidence: no entry at {place}")
        require(type(entry["index"]) is int, f"evidence: entry {place}: its index is no number")
        name = entry_name(str(whole["log"]), entry["index"])
        require(entry["index"] > last, f"{name}: out of order")
        last = entry["index"]
        try:
            verify_inclusion(whole | entry, key, log)
        except Refused as refusal:
            raise Refused(f"{name}: {refusal}") from refusal


def verify_consistency(document: dict, key: Key | None = None, log: "Log | None" = None) -> None:
    """{"old_size", "old_root", "new_size", "new_root", "proof"}, with "checkpoint" the signed one of the new tree.

    The old root is for the caller to compare with the checkpoint that was kept (`--anchor` does so for an export).
    """
    old, new = number(document, "old_size"), number(document, "new_size")
    old_root = unbase64(document.get("old_root"), "old root", HASH)
    new_root = unbase64(document.get("new_root"), "new root", HASH)
    check_consistency(old, new, old_root, new_root, hashes(document, "consistency proof"))
    if "checkpoint" in document:
        require(key is not None, "consistency proof: a key is needed for its checkpoint")
        signed = Checkpoint.parse(str(document["checkpoint"]), key)
        require((signed.size, signed.root) == (new, new_root), "consistency proof: its checkpoint is of another tree")
        require(document.get("log") == signed.origin, "consistency proof: of another log than its checkpoint")
    if log is not None and document.get("log", log.checkpoint.origin) == log.checkpoint.origin:
        log.agree(Checkpoint(log.checkpoint.origin, old, old_root))
        log.agree(Checkpoint(log.checkpoint.origin, new, new_root))


# --- the export of one log -------------------------------------------------------------------------------------------


def tile_path(index: int) -> str:
    """Groups of three digits, all but the last marked: 1234067 is x001/x234/067."""
    digits = f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def layout(prefix: str, count: int) -> list[tuple[str, int]]:
    """The files of one row of tiles that holds `count` items, each with how many are in it."""
    full, rest = divmod(count, WIDTH)
    files = [(f"{prefix}/{tile_path(i)}", WIDTH) for i in range(full)]
    return files + ([(f"{prefix}/{tile_path(full)}.p/{rest}", rest)] if rest else [])


def check_leaf(leaf: bytes, where: str) -> None:
    """One CBOR map with integer keys, of format 1, in its one deterministic spelling."""
    require(0 < len(leaf) <= LEAF_MAX, f"{where}: an entry of {len(leaf)} bytes")
    try:
        entry = cbor2.loads(leaf)
        again = cbor2.dumps(entry, canonical=True)
    except Exception as error:  # whatever cbor2 says of bytes that it cannot read
        raise Refused(f"{where}: an entry is not CBOR") from error
    require(isinstance(entry, dict) and all(type(k) is int for k in entry), f"{where}: an entry is not a map")
    require(entry.get(0) == 1, f"{where}: an entry is not of format 1")
    require(again == leaf, f"{where}: an entry is not deterministic CBOR")


class Log:
    """All of one exported log, read and recomputed; making one is verifying it."""

    def __init__(self, folder: Path, key: Key):
        self.folder = folder
        self.checkpoint = Checkpoint.parse(self.read("checkpoint").decode(errors="replace"), key)
        self.expected: set[str] = {"checkpoint"}
        self.leaves = self.read_entries()
        self.tree = InmemoryTree()
        for leaf in self.leaves:
            self.tree.append_entry(leaf)
        self.agree(self.checkpoint)
        self.check_tiles()
        self.check_strangers()

    def read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise Refused(f"{name}: cannot be read") from error

    def read_entries(self) -> list[bytes]:
        leaves: list[bytes] = []
        for name, count in layout("tile/entries", self.checkpoint.size):
            self.expected.add(name)
            data, at = self.read(name), 0
            for _ in range(count):
                require(at + 2 <= len(data), f"{name}: ends too early")
                end = at + 2 + int.from_bytes(data[at : at + 2], "big")
                require(end <= len(data), f"{name}: ends too early")
                leaf = data[at + 2 : end]
                check_leaf(leaf, name)
                leaves.append(leaf)
                at = end
            require(at == len(data), f"{name}: more than {count} entries")
        return leaves

    def agree(self, other: Checkpoint) -> None:
        """Whether a checkpoint is of a tree that this log's tree grew from (or is)."""
        require(other.origin == self.checkpoint.origin, f"checkpoint of another log: {other.origin}")
        require(other.size <= len(self.leaves), f"log ends at {len(self.leaves)}, a checkpoint is of {other.size}")
        require(self.tree.get_root(other.size) == other.root, f"root of the first {other.size} entries does not match")

    def check_tiles(self) -> None:
        row, level = [self.tree.get_leaf(i + 1) for i in range(len(self.leaves))], 0
        while row:
            at = 0
            for name, count in layout(f"tile/{level}", len(row)):
                self.expected.add(name)
                require(self.read(name) == b"".join(row[at : at + count]), f"{name}: does not match the entries")
                at += count
            row = [fold(row[i : i + WIDTH]) for i in range(0, len(row) - WIDTH + 1, WIDTH)]
            level += 1

    def check_strangers(self) -> None:
        """Nothing else may lie among the tiles; narrower tiles of earlier moments may, if they are true."""
        for path in sorted((self.folder / "tile").rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_dir() or name in self.expected:
                continue
            parent, _, width = name.rpartition("/")
            known = parent.removesuffix(".p") if parent.endswith(".p") else None
            wide = next((n for n in self.expected if known and (n == known or n.startswith(known + ".p/"))), None)
            require(wide is not None and width.isdigit(), f"{name}: does not belong to the log")
            narrow = path.read_bytes()
            whole = self.read(wide)
            require(len(narrow) < len(whole) and whole.startswith(narrow), f"{name}: does not match the log")
            require("entries" in name or len(narrow) == HASH * int(width), f"{name}: of another width")


def fold(row: list[bytes]) -> bytes:
    """The root of a full tile."""
    while len(row) > 1:
        row = [HASHER.hash_pair(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def logs_in(export: Path) -> list[Path]:
    found = sorted(path.parent for path in export.rglob("checkpoint") if path.is_file())
    require(found != [], f"{export}: no checkpoint in it")
    return found


def key_for(origin: str, folder: Path | None, given: list[str]) -> Key:
    """Of the keys that were given (else found beside the export) the one that may sign for this origin."""
    beside = [str(folder / "verifier")] if folder and (folder / "verifier").is_file() else []
    texts = [read_text(one) if Path(one).is_file() else one for one in given or beside]
    require(texts != [], f"{folder or origin}: no file `verifier`; give the verifier key by --key")
    keys = [Key.parse(text) for text in texts]
    fit = [key for key in keys if origin == key.name or origin.startswith(key.name + "/")]
    require(fit != [], f"no verifier key for the log {origin}")
    return fit[0]


def key_of_pack(document: dict, given: list[str]) -> Key:
    """Of the keys that were given the one that may sign for this pack, else its own."""
    return key_for(str(document.get("log")), None, given or [str(document.get("key"))])


def open_log(folder: Path, given: list[str]) -> Log:
    origin = read_text(folder / "checkpoint").split("\n", 1)[0]
    return Log(folder, key_for(origin, folder, given))


def read_text(path: str | Path) -> str:
    try:
        return Path(path).read_text()
    except (OSError, ValueError) as error:
        raise Refused(f"{path}: cannot be read") from error


def read_json(path: str) -> dict:
    try:
        document = json.loads(read_text(path))
    except ValueError as error:
        raise Refused(f"{path}: not JSON") from error
    require(isinstance(document, dict), f"{path}: not a JSON object")
    return document


def read_proof(path: str) -> dict:
    """A proof for one entry, from JSON or from the text form, in which the entry is the extra data."""
    text = read_text(path)
    if not text.startswith("c2sp.org/tlog-proof@v1\n"):
        return read_json(path)
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")[1:]
    require(len(lines) >= 2, f"{path}: a proof without entry or index")
    require(lines[0].startswith("extra ") and lines[1].startswith("index "), f"{path}: not extra, index, hashes")
    origin, size, root = (note.split("\n") + ["", "", ""])[:3]
    return {
        "log": origin,
        "index": decimal(lines[1].removeprefix("index "), "index"),
        "size": decimal(size, "size"),
        "root": root,
        "leaf": lines[0].removeprefix("extra "),
        "proof": lines[2:],
        "checkpoint": note,
    }


# --- command line ----------------------------------------------------------------------------------------------------


def verify(options: argparse.Namespace) -> list[str]:
    """All that was asked for; the lines that say what was found right."""
    said: list[str] = []
    logs = [open_log(folder, options.key) for folder in logs_in(Path(options.export))] if options.export else []
    by_origin = {log.checkpoint.origin: log for log in logs}
    require(len(by_origin) == len(logs), "two logs of the same origin")
    for tree in (log.checkpoint for log in logs):
        said.append(f"{tree.origin}: {tree.size} entries, root {tree.root.hex()}")

    def key_of(origin: str) -> Key:
        return key_for(origin, by_origin[origin].folder if origin in by_origin else None, options.key)

    for name in options.anchor:
        note = read_text(name)
        origin = note.split("\n", 1)[0]
        require(origin in by_origin, f"{name}: an anchor of no exported log")
        by_origin[origin].agree(Checkpoint.parse(note, key_of(origin)))
        said.append(f"{name}: the log grew from this anchor")
    for name in options.inclusion:
        document = read_proof(name)
        origin = str(document.get("log"))
        verify_inclusion(document, key_of(origin), by_origin.get(origin))
        said.append(f"{name}: entry {document['index']} of {document['size']} is in the log")
    for name in options.evidence:
        document = read_json(name)
        origin = str(document.get("log"))
        verify_evidence(document, key_of_pack(document, options.key), by_origin.get(origin))
        entries = document["entries"]
        said.append(f"{name}: {len(entries)} entries of {origin} are in the log of {document['size']}")
    for name in options.consistency:
        document = read_json(name)
        origin = str(document.get("log", logs[0].checkpoint.origin if len(logs) == 1 else ""))
        key = key_of(origin) if "checkpoint" in document else None
        verify_consistency(document, key, by_origin.get(origin))
        said.append(f"{name}: {document['new_size']} entries grew from {document['old_size']}")
    return said


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?", metavar="EXPORT")
    for name, value in (("key", "KEY"), *((one, "FILE") for one in ("anchor", "inclusion", "evidence", "consistency"))):
        parser.add_argument(f"--{name}", metavar=value, action="append", default=[])
    parser.add_argument("--doctor", action="store_true")
    options = parser.parse_args(arguments)
    if not (options.export or options.inclusion or options.evidence or options.consistency):
        parser.error("nothing to verify: give an EXPORT, a PACK or a proof")
    try:
        said = verify(options)
        if options.doctor:
            from doctor_ledger import doctor

            said.append(doctor(options))
    except Refused as refusal:
        print(f"REFUSED: {refusal}")
        return 1
    print("\n".join(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
