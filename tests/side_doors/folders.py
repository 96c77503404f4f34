"""Folders under watch, and the search through files."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from lens import Lens

CREATED = 0x100 | 0x80  # IN_CREATE, IN_MOVED_TO
CHUNK = 8 << 20
OVERLAP = 4096


class Created:
    """Which files were made in a folder, also those that were taken away at once (inotify(7))."""

    def __init__(self, *folders: Path):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.handle = self.libc.inotify_init1(os.O_NONBLOCK)
        self.folders = {}
        for folder in folders:
            number = self.libc.inotify_add_watch(self.handle, os.fsencode(folder), CREATED)
            if number < 0:
                raise OSError(ctypes.get_errno(), f"{folder} cannot be watched")
            self.folders[number] = folder

    def names(self) -> list[Path]:
        found = []
        while data := self.read():
            at = 0
            while at < len(data):
                number, _, _, length = struct.unpack_from("iIII", data, at)
                name = data[at + 16 : at + 16 + length].rstrip(b"\0")
                found.append(self.folders[number] / os.fsdecode(name))
                at += 16 + length
        return found

    def read(self) -> bytes:
        try:
            return os.read(self.handle, 1 << 16)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        os.close(self.handle)


def files(*places: Path) -> Iterator[Path]:
    for place in places:
        yield from sorted(path for path in place.rglob("*") if path.is_file())


def planted_in(path: Path, lens: Lens) -> set:
    """What is planted in a file, in UTF-8, UTF-16 and GB18030."""
    found: set = set()
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(CHUNK):
            # The reserve is many zeros.
            if chunk.count(0) != len(chunk):
                found |= lens.in_bytes(tail + chunk)
            tail = chunk[-OVERLAP:]
    return found
