"""One shim for all tests here, and a tally: how often each was tried, and how often it failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shim import build  # noqa: E402
from tally import Tally  # noqa: E402

LINES: list[str] = []


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def tally(request) -> Tally:
    tally = Tally(request.node.name)
    yield tally
    LINES.append(tally.line())
    assert tally.attempts > 0, "nothing was tried"
    assert not tally.failures, tally.told()


def pytest_terminal_summary(terminalreporter):
    if LINES:
        terminalreporter.section("failures/attempts")
        for line in LINES:
            terminalreporter.write_line(line)
