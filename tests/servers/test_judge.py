"""The judge of histories finds what it is there for."""

from __future__ import annotations

import copy

import pytest
from history import Operation, judge

VERSIONS = {"a": {1: [], 2: ["x"], 3: ["x", "y"]}}


def good() -> list[Operation]:
    return [
        Operation(1, "a", 0, 1, adds="x", saw=(1, []), outcome="ok", made=2),
        Operation(2, "a", 2, 3, adds="y", saw=(2, ["x"]), outcome="ok", made=3),
        Operation(2, "a", 2, 3, adds="z", saw=(2, ["x"]), outcome="refused"),
        Operation(3, "a", 4, 5, saw=(3, ["x", "y"]), outcome="ok"),
    ]


def test_a_good_history_is_good():
    verdict = judge(good(), VERSIONS)
    assert not verdict.wrong and verdict.checked > 10


def lost(operations, versions):
    versions["a"].pop(3)


def gap(operations, versions):
    versions["a"][4] = versions["a"].pop(3)


def overwritten(operations, versions):
    versions["a"][3] = ["y"]


def twice(operations, versions):
    versions["a"][4] = ["x", "y", "x"]


def refused_and_there(operations, versions):
    operations[0].outcome = "refused"


def out_of_nowhere(operations, versions):
    versions["a"][4] = ["x", "y", "w"]


def dirty_read(operations, versions):
    operations[3].saw = (3, ["x", "z"])


def stale_read(operations, versions):
    operations[3].saw = (2, ["x"])


def other_version(operations, versions):
    operations[1].made = 2


@pytest.mark.parametrize(
    "spoil",
    [lost, gap, overwritten, twice, refused_and_there, out_of_nowhere, dirty_read, stale_read, other_version],
)
def test_a_spoiled_history_is_found_out(spoil):
    operations, versions = good(), copy.deepcopy(VERSIONS)
    spoil(operations, versions)
    assert judge(operations, versions).wrong
