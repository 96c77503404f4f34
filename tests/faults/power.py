"""What a disk may hold after the power failed, worked out from a record of file calls (shim.c).

Kept for certain is what was flushed: bytes by a flush of their file, names by a flush of their folder. Of everything else
each 512 bytes of a write, each cutting, and any first part of the changes of names may have reached the disk or not."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
# Rebuilt at each start, or only there to take up room.
DERIVED = ("-shm", "reserve", "dossier.sock")


@dataclass
class Call:
    """One line of the record; `end` is the length of the record behind it."""

    kind: str
    offset: int
    length: int
    path: str
    other: str
    data: bytes
    end: int


def read(record: Path) -> list[Call]:
    bytes_, at, calls = record.read_bytes(), 0, []
    while at < len(bytes_):
        end = bytes_.index(b"\n", at)
        kind, offset, length, path, other = bytes_[at:end].decode().split("\t")
        at = end + 1
        data = bytes_[at : at + int(length)] if kind == "w" else b""
        at += len(data)
        calls.append(Call(kind, int(offset), int(length), path, other, data, at))
    return calls


@dataclass
class File:
    """Bytes that are on the disk for certain, and what was done since."""

    flushed: bytearray
    since: list[Call] = field(default_factory=list)

    def flush(self) -> None:
        for call in self.since:
            apply(self.flushed, call)
        self.since.clear()

    def after_a_failure(self, chance: random.Random, share: float) -> bytes:
        held = bytearray(self.flushed)
        for call in self.since:
            if call.kind == "t":
                if chance.random() < share:
                    apply(held, call)
                continue
            for begin, end in sectors(call.offset, len(call.data)):
                if chance.random() < share:
                    put(held, begin, call.data[begin - call.offset : end - call.offset])
        return bytes(held)


def sectors(offset: int, length: int) -> list[tuple[int, int]]:
    edges = [offset, *range(offset - offset % SECTOR + SECTOR, offset + length, SECTOR), offset + length]
    return list(zip(edges, edges[1:], strict=False))


def put(held: bytearray, at: int, data: bytes) -> None:
    if len(held) < at:
        held.extend(bytes(at - len(held)))
    held[at : at + len(data)] = data


def apply(held: bytearray, call: Call) -> None:
    if call.kind == "w":
        put(held, call.offset, call.data)
    elif len(held) > call.offset:
        del held[call.offset :]
    else:
        held.extend(bytes(call.offset - len(held)))


class Disk:
    """The files under a folder while the record is followed."""

    def __init__(self, base: Path, root: str):
        self.root = root
        self.files: dict[str, File] = {}
        self.folders = {root}
        for path in sorted(base.rglob("*")):
            name = f"{root}/{path.relative_to(base)}"
            if path.is_dir():
                self.folders.add(name)
            elif path.is_file() and not name.endswith(DERIVED):
                self.files[name] = File(bytearray(path.read_bytes()))
        # Names as they are for certain, and changes of them that no flush of the folder has followed.
        self.names: dict[str, File] = dict(self.files)
        self.changes: list[tuple[str, str, File | None]] = []

    def follow(self, call: Call) -> None:
        if call.path.endswith(DERIVED) or (call.other and call.other.endswith(DERIVED)):
            return
        match call.kind:
            case "w" | "t":
                if call.path in self.files:
                    self.files[call.path].since.append(call)
            case "s":
                if call.path in self.files:
                    self.files[call.path].flush()
                elif call.path in self.folders:
                    self.settle(call.path)
            case "c":
                self.name(call.path, File(bytearray()))
            case "d":
                self.folders.add(call.path)
            case "u":
                if call.path in self.files:
                    self.name(call.path, None)
            case "l":
                self.name(call.other, self.files[call.path])
            case "r":
                file = self.files[call.path]
                self.name(call.other, file, call.path)

    def name(self, path: str, file: File | None, instead_of: str = "") -> None:
        """A renaming is one change: both names or none."""
        self.changes.append((path, instead_of, file))
        change(self.files, path, instead_of, file)

    def settle(self, folder: str) -> None:
        """A flushed folder: what was done before it to names in it, and all that came before those."""
        last = max((n for n, one in enumerate(self.changes) if one[0].rsplit("/", 1)[0] == folder), default=-1)
        for path, instead_of, file in self.changes[: last + 1]:
            change(self.names, path, instead_of, file)
        del self.changes[: last + 1]

    def after_a_failure(self, to: Path, chance: random.Random) -> None:
        """Writes down one of the states in which the disk may be."""
        share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        names = dict(self.names)
        for path, instead_of, file in self.changes[: chance.randint(0, len(self.changes))]:
            change(names, path, instead_of, file)
        for folder in sorted(self.folders):
            (to / folder.removeprefix(self.root).lstrip("/")).mkdir(parents=True, exist_ok=True)
        held = {}
        for path, file in names.items():
            if id(file) not in held:
                held[id(file)] = file.after_a_failure(chance, share)
            place = to / path.removeprefix(self.root).lstrip("/")
            place.write_bytes(held[id(file)])
            place.chmod(0o600)


def change(names: dict[str, File], path: str, instead_of: str, file: File | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file
    if instead_of:
        names.pop(instead_of, None)


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
