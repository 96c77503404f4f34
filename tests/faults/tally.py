"""Counts attempts and what was wrong with them."""

from __future__ import annotations

import os
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# How much is tried, 1 being what `make test` does.
TIMES = float(os.environ.get("DOSSIER_FAULT_TIMES", "1"))
SEED = int(os.environ.get("DOSSIER_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


def many(short: int, long: int = 0) -> int:
    """As many as the run's length asks for; `long` where a long run is to do more than so many times the short one."""
    return max(1, round((long if long and TIMES > 1 else short) * TIMES))


@dataclass
class Tally:
    name: str
    attempts: int = 0
    failures: list[str] = field(default_factory=list)
    seen: Counter = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    @contextmanager
    def attempt(self, what: object) -> Iterator[None]:
        """One attempt; whatever goes wrong in it is told at the end, with the others."""
        self.attempts += 1
        try:
            yield
        except Exception as error:  # noqa: BLE001: every kind of fault is counted
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.failures.append(f"{what}: {type(error).__name__} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno}): {error}")

    def line(self) -> str:
        seen = ", ".join(f"{name} {count}" for name, count in sorted(self.seen.items()))
        return f"{len(self.failures)}/{self.attempts}  {self.name}" + (f"  ({seen})" if seen else "")

    def told(self) -> str:
        some = "\n".join(failure[:1500] for failure in self.failures[:10])
        return f"{self.line()}, DOSSIER_FAULT_SEED={SEED}\n{some}"
