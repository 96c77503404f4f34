"""One installation with two teams for all tests here; what counts is how it answers, not what was planted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "side_doors")]

from installation import OPEN_LIMITS, Site, prepare  # noqa: E402
from planted import Book  # noqa: E402
from things import Interface, Things  # noqa: E402
from watch import Watch  # noqa: E402


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    install, book = prepare(tmp_path_factory.mktemp("attack")), Book()
    with install.serve(**OPEN_LIMITS) as served:
        site = Site(install, served, book, Watch(book))
        site.people()
        yield site


@pytest.fixture(scope="session")
def interface(site: Site) -> Interface:
    return Interface(site)


@pytest.fixture(scope="session")
def things(site: Site, interface: Interface) -> Things:
    return Things(site, interface)
