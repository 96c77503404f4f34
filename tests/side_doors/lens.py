"""Finds planted values in bytes of any form: UTF-8, UTF-16, GB18030, JSON with escapes, base64, hex, percent, spaced.

Every planted value holds something that is easy to tell from everything else: `zq` and ten letters, four rare
characters beginning with 鱻, digits around `8317`, a day of the 19th century. Only what was planted is ever reported.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

RARE = "鱻龘麤靐齉爩鸞籲虋驫灩灪飝厵韊韥鱺麷黌鼉齾龖犇猋毳淼焱垚晶森品磊"
POOL = RARE[1:]

WORD = re.compile(r"zq[a-z2-7]{10}", re.I)
GLYPHS = re.compile(f"{RARE[0]}[{POOL}]{{3}}")
DIGITS = re.compile(r"8317\d{4}")
DATE = re.compile(r"1[89]\d\d-\d\d-\d\d")
ID = re.compile(r"(?:dos|con)_[0-7][0-9a-hjkmnp-tv-z]{25}|C[0-9A-Z]{2}\d{10}[0-9A-Z]{2}")
KINDS = (WORD, GLYPHS, DIGITS, DATE, ID)

AHEAD, BEHIND = 40, 24


def starts(codec: str) -> re.Pattern[bytes]:
    """How what is looked for begins in this encoding."""
    texts = [a + b for a in "zZ" for b in "qQ"] + [RARE[0], "8317"]
    whole = [re.escape(text.encode(codec)) for text in texts]
    digit = b"".join(b"[0-9]" if byte == ord("7") else re.escape(bytes([byte])) for byte in "7".encode(codec))
    dash, one = re.escape("-".encode(codec)), re.escape("1".encode(codec))
    whole.append(one + digit.replace(b"[0-9]", b"[89]") + digit * 2 + dash + digit * 2 + dash)
    if codec == "utf-8":
        whole += [b"dos_[0-7]", b"con_[0-7]", b"C[0-9A-Z]{2}[0-9]{10}"]
    return re.compile(b"|".join(whole))


CODECS = {codec: starts(codec) for codec in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
WIDTH = {"utf-16-le": 2, "utf-16-be": 2}


@dataclass
class Lens:
    """All that was planted, by what it is recognised by."""

    words: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    numbers: dict[str, set[tuple[str, int, object]]] = field(default_factory=lambda: defaultdict(set))

    def add(self, text: str, about: object) -> int:
        """Remembers what identifies a value; the number of marks in it."""
        marks = 0
        for pattern in (WORD, GLYPHS, DATE, ID):
            for found in pattern.finditer(text):
                self.words[found[0].lower()].add(about)
                marks += 1
        if not marks:
            digits = text.removeprefix("+86").split(".")[0].lower()
            for found in re.finditer(f"(?={DIGITS.pattern})", digits):
                at = found.start()
                self.numbers[digits[at : at + 8]].add((digits, at, about))
                marks += 1
        return marks

    def at(self, text: str, before: str) -> Iterator[object]:
        """What is planted where this text begins."""
        for pattern in (WORD, GLYPHS, DATE, ID):
            if found := pattern.match(text):
                yield from self.words.get(found[0].lower(), ())
        if found := DIGITS.match(text):
            for whole, at, about in self.numbers.get(found[0], ()):
                if before.lower().endswith(whole[:at]) and text.lower().startswith(whole[at:]):
                    yield about

    def in_bytes(self, data: bytes) -> set:
        """What is planted in these bytes as they are, in each encoding."""
        found: set = set()
        for codec, pattern in CODECS.items():
            wide = WIDTH.get(codec, 1)
            for match in pattern.finditer(data):
                at = match.start()
                text = data[at : at + AHEAD * max(wide, 2)].decode(codec, "ignore")
                behind = data[max(0, at - BEHIND * wide) : at] if wide == 1 else data[at % 2 : at][-BEHIND * wide :]
                found.update(self.at(text, behind.decode(codec, "ignore")))
        return found

    def find(self, data: bytes) -> set:
        """What is planted in these bytes, also behind the escapes and encodings that texts travel in."""
        found = self.in_bytes(data)
        for view in views(data):
            found |= self.in_bytes(view)
        return found


BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){10,}")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
SEPARATORS = re.compile(r"[\s\-–—·,，.()（）/|_'\"]+")


def views(data: bytes) -> Iterator[bytes]:
    """Other readings of an answer."""
    text = data.decode("utf-8", "replace")
    try:
        said = "\n".join(texts(json.loads(text)))
    except ValueError:
        said = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    said = html.unescape(said)
    yield said.encode("utf-8", "replace")
    yield unquote_to_bytes(said)
    # Numbers and words written in groups, or in full width.
    yield SEPARATORS.sub("", unicodedata.normalize("NFKC", said)).encode("utf-8", "replace")
    yield b"\n".join(turned for run in BASE64.findall(data) for turned in unbase64(run))
    yield b"\n".join(binascii.unhexlify(run) for run in HEX.findall(data))


def unbase64(run: bytes) -> Iterable[bytes]:
    plain = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    if len(plain) % 4 != 1:
        yield base64.b64decode(plain + b"=" * (-len(plain) % 4))


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, names of members too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)
