"""The library that stands between the program and its files, and its database (shim.c), and the orders that it follows."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
from enum import IntEnum, IntFlag
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Kind(IntFlag):
    """Calls that count."""

    WRITE = 1
    SYNC = 2
    NAME = 4
    CUT = 8
    OPEN = 16
    SEND = 32
    ALL = 63


class What(IntEnum):
    """What is done at the chosen call."""

    NOTHING = 0
    KILL_BEFORE = 1
    KILL_TORN = 2
    KILL_AFTER = 3
    FAIL = 4
    SHORT = 5


KILLS = (What.KILL_BEFORE, What.KILL_TORN, What.KILL_AFTER)


def build(folder: Path) -> Path:
    """The library, compiled into a folder of the tests."""
    library = folder / "libfault.so"
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", str(library), str(HERE / "shim.c")]
    subprocess.run([os.environ.get("CC", "cc"), *flags, "-ldl", "-lpthread"], check=True, timeout=120)
    return library


class Shim:
    """One file of orders, and the environment in which a program follows them."""

    # counted, at, kinds, what, error, for_good, hits, recorded: struct orders in shim.c.
    LAYOUT = struct.Struct("<QQIIIIQQ")

    def __init__(self, library: Path, folder: Path, *under: Path, record: Path | None = None):
        file = folder / "orders"
        file.write_bytes(bytes(self.LAYOUT.size))
        with file.open("r+b") as opened:
            self.orders = mmap.mmap(opened.fileno(), self.LAYOUT.size)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAULT_ORDERS": str(file),
            "FAULT_UNDER": ":".join(map(str, under)),
        }
        if database := os.environ.get("DOSSIER_TEST_MYSQL"):
            self.environment["FAULT_PORT"] = str(urlsplit(database).port)
        if record:
            self.environment["FAULT_RECORD"] = str(record)

    def arm(self, kinds: Kind, what: What, at: int, error: int = 0, for_good: bool = False) -> None:
        """From now on: do `what` at the call number `at`, counted from here."""
        # `at` last and `what` before it: a running program reads them one by one.
        struct.pack_into("<Q", self.orders, 8, 0)
        struct.pack_into("<IIII", self.orders, 16, kinds, what, error, for_good)
        struct.pack_into("<Q", self.orders, 0, 0)
        struct.pack_into("<Q", self.orders, 32, 0)
        struct.pack_into("<Q", self.orders, 8, at)

    def count(self, kinds: Kind = Kind.ALL) -> None:
        """From now on only count."""
        self.arm(kinds, What.NOTHING, 0)

    def disarm(self) -> None:
        struct.pack_into("<Q", self.orders, 8, 0)

    @property
    def counted(self) -> int:
        return self.LAYOUT.unpack_from(self.orders)[0]

    @property
    def hits(self) -> int:
        return self.LAYOUT.unpack_from(self.orders)[6]

    @property
    def recorded(self) -> int:
        return self.LAYOUT.unpack_from(self.orders)[7]
