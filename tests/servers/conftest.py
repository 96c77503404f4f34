"""One database server for all tests here; each takes a database of its own in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from database import Database, Pair, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("mariadb"))
    yield server
    server.stop()


@pytest.fixture
def database(server: Server):
    with server.database() as database:
        yield database


@pytest.fixture
def pair(tmp_path: Path, database: Database):
    pair = Pair(
        tmp_path,
        database,
        limits__requests_per_second=0,
        limits__in_flight=0,
        limits__reveals_per_hour=1_000_000,
        limits__find_misses_per_hour=1_000_000,
    )
    yield pair
    pair.stop()
