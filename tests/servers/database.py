"""A MariaDB of our own on loopback, that tests may kill, and two servers of the program on one database in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import ROOT, Install, Served, Failed  # noqa: E402

SCRIPT = ROOT / "scripts" / "mariadb.sh"


class Server:
    """A database server of our own."""

    def __init__(self, folder: Path, *options: str):
        self.folder = folder
        self.options = options
        self.base = self.start()
        self.made = 0

    def start(self) -> str:
        environment = os.environ | {"DOSSIER_MARIADB_OPTIONS": " ".join(self.options)}
        how = {"capture_output": True, "encoding": "utf-8", "timeout": 300, "env": environment}
        done = subprocess.run([SCRIPT, "start", self.folder], **how)
        if done.returncode != 0:
            raise Failed(f"no database: {done.stderr}")
        return done.stdout.strip().splitlines()[-1]

    def stop(self) -> None:
        subprocess.run([SCRIPT, "stop", self.folder], check=False, capture_output=True, timeout=120)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A database for the time of the block."""
        self.made += 1
        database = Database(self, f"dossier_{self.made}")
        database.sql(f"CREATE DATABASE {database.name} CHARACTER SET utf8mb4")
        yield database
        database.sql(f"DROP DATABASE {database.name}")


class Database:
    """One database in the server."""

    def __init__(self, server: Server, name: str):
        self.server = server
        self.name = name

    @property
    def base(self) -> str:
        return self.server.base

    @property
    def folder(self) -> Path:
        return self.server.folder

    @property
    def url(self) -> str:
        return f"{self.base}/{self.name}"

    @property
    def process(self) -> int:
        return int((self.folder / "pid").read_text())

    def sql(self, text: str, database: str = "") -> str:
        port = self.base.rsplit(":", 1)[1]
        command = ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={port}", "--user=root"]
        command += ["--skip-column-names", "--batch", f"--execute={text}"]
        done = subprocess.run(command + ([database] if database else []), capture_output=True, encoding="utf-8", timeout=60)
        if done.returncode != 0:
            raise Failed(done.stderr)
        return done.stdout

    def cut_connections(self) -> int:
        """Cuts every connection of the program; how many there were."""
        mine = f"SELECT id FROM information_schema.processlist WHERE db = '{self.name}'"
        numbers = self.sql(mine).split()
        for number in numbers:
            try:
                self.sql(f"KILL CONNECTION {number}")
            except Failed:
                # Gone by itself meanwhile.
                pass
        return len(numbers)

    def kill(self) -> None:
        """As when the machine stops: the process is there no more, the files are as they were."""
        os.kill(self.process, signal.SIGKILL)
        while Path(f"/proc/{self.process}/stat").exists():
            if Path(f"/proc/{self.process}/stat").read_text().rsplit(") ", 1)[1].startswith("Z"):
                break
            time.sleep(0.02)

    def restart(self) -> None:
        base = self.server.start()
        if base != self.base:
            raise Failed(f"the database came back elsewhere: {base}")


class Pair:
    """Two servers with folders of their own, on one database and with one keyring. Either can be killed, and started
    again on its address."""

    def __init__(self, folder: Path, database: Database, **settings: object):
        self.database = database
        self.settings = settings
        self.installs: list[Install] = []
        self.stacks = [ExitStack(), ExitStack()]
        self.served: list[Served | None] = [None, None]
        for name in ("one", "two"):
            (folder / name).mkdir(parents=True)
            install = Install(folder / name)
            install.environment |= {
                "DOSSIER__STORE__URL": database.url,
                "DOSSIER__KEYS__KEYSTORE": str(folder / "root.keystore"),
                "DOSSIER__KEYS__KEYRING": str(folder / "keyring"),
            }
            self.installs.append(install)

    def start(self, which: int) -> Served:
        before = self.served[which]
        port = int(before.base.rsplit(":", 1)[1]) if before else None
        served = self.stacks[which].enter_context(self.installs[which].serve(port=port, **self.settings))
        self.served[which] = served
        return served

    def kill(self, which: int) -> None:
        served = self.served[which]
        served.ended = True
        served.process.kill()
        served.process.wait(20)
        self.stacks[which].close()

    def stop(self) -> None:
        for stack in self.stacks:
            stack.close()

    def base(self, which: int) -> str:
        return self.served[which].base
