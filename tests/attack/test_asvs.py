"""The table of ASVS in SECURITY.md: each test that it names is there, and its counts are right."""

from __future__ import annotations

import re
from collections import Counter

from harness import ROOT

ROW = re.compile(r"^\| v5\.0\.0-(\d+)\.(\d+)\.(\d+) \| ([12]) \| [^|]+ \| ([^|]+) \|$", re.M)
TEST = re.compile(r"`([\w/.-]+\.(?:rs|py|ts))::([^`]+)`")
PYTHON = ("attack/", "faults/", "ledger/", "servers/", "side_doors/")
REQUIREMENTS = 253


def rows() -> list[tuple[tuple[int, ...], int, str]]:
    """Number, level and what is said of each."""
    text = (ROOT / "SECURITY.md").read_text()
    return [(tuple(map(int, row[:3])), int(row[3]), row[4]) for row in ROW.findall(text)]


def verdict(said: str) -> str:
    for word in ("not applicable: ", "open: ", "otherwise: ", "written: "):
        if said.startswith(word):
            return word.removesuffix(": ")
    return "shown"


def test_each_requirement_stands_once_in_its_order():
    numbers = [number for number, _, _ in rows()]
    assert numbers == sorted(set(numbers)) and len(numbers) == REQUIREMENTS


def test_each_test_that_is_named_is_there():
    named = 0
    for number, _, said in rows():
        tests = TEST.findall(said)
        assert tests or verdict(said) != "shown" or "`Cargo.toml`" in said, number
        for file, name in tests:
            named += 1
            top = "tests" if file.startswith(PYTHON) else "web" if file.startswith("e2e/") else "crates"
            text = (ROOT / top / file).read_text()
            quoted = f"'{name}" if file.endswith(".ts") else rf"\b{name}\b"
            assert re.search(quoted if top != "web" else re.escape(quoted), text), f"{number}: {file}::{name}"
    assert named > 100


def test_the_counts_at_the_top_are_those_of_the_table():
    counts = Counter(verdict(said) for _, _, said in rows())
    first = Counter(verdict(said) for _, level, said in rows() if level == 1)
    lines = re.findall(r"^\| (shown|written|not applicable|otherwise|open) \| (\d+) \| (\d+) \|", text_of_counts(), re.M)
    assert {word: (int(all_), int(one)) for word, all_, one in lines} == {word: (counts[word], first[word]) for word in counts}


def test_nothing_of_the_first_level_is_left_open():
    assert not [number for number, level, said in rows() if level == 1 and verdict(said) == "open"]


def text_of_counts() -> str:
    return (ROOT / "SECURITY.md").read_text().split("## OWASP ASVS", 1)[1]
