"""Runs schemathesis against the real server; every finding fails the run.

The server has a temporary data folder with made-up customers and a client of the highest role, so that the calls reach
deep; its rate limits are off, so that no answer is 429 by chance. Seed and number of examples are in schemathesis.toml.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import Failed, Install, tail  # noqa: E402

HERE = Path(__file__).resolve().parent
CUSTOMERS = 50
RUN_SECONDS = 1500
NO_LIMITS = {
    "limits__requests_per_second": 0,
    "limits__in_flight": 0,
    "limits__reveals_per_hour": 1_000_000,
    "limits__find_misses_per_hour": 1_000_000,
    "sign_in__attempts_per_name": 1_000,
    "sign_in__attempts_per_address": 100_000,
}


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="dossier-fuzz-") as place:
        try:
            install = Install(Path(place))
            install.made_up_customers(CUSTOMERS)
            client = install.client("fuzz", "CDO")
            with install.serve(**NO_LIMITS) as served:
                status = schemathesis(served.base, served.token(client), Path(place), arguments)
                log = tail(served.log)
        except Failed as failure:
            print(failure, file=sys.stderr)
            return 1
        if status != 0:
            print(f"\nend of the server's log:\n{log}", file=sys.stderr)
        return status


def schemathesis(base: str, token: str, place: Path, arguments: list[str]) -> int:
    """Its exit status; 0 means that nothing was found."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", f"{base}/openapi.json", "--checks", "all", *arguments]
    environment = os.environ | {"DOSSIER_TOKEN": token, "NO_COLOR": "1"}
    environment |= {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    return subprocess.run(command, env=environment, cwd=place, timeout=RUN_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
