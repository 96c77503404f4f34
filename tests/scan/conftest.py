"""One installation for both scanners."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "side_doors"), str(TESTS / "attack")]

from asked import Asked, everything  # noqa: E402
from installation import OPEN_LIMITS, Site, prepare  # noqa: E402
from planted import Book  # noqa: E402
from things import Interface, Things  # noqa: E402
from watch import Watch  # noqa: E402


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    install, book = prepare(tmp_path_factory.mktemp("scan")), Book()
    with install.serve(**OPEN_LIMITS | {"log__level": "info"}) as served:
        site = Site(install, served, book, Watch(book))
        site.people()
        yield site


@pytest.fixture(scope="session")
def asked(site: Site) -> list[Asked]:
    interface = Interface(site)
    return everything(site, interface, Things(site, interface))
