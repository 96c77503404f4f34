"""What the ledger's tests share: the verifier on the path, the test data's folder, a made-up export."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import cbor2  # noqa: E402
import doctor_ledger as d  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(100, 132)))
NAME = "dossier-test"
ORIGIN = f"{NAME}/1/change"


def leaf(index: int) -> bytes:
    """An entry as the program writes it, with made-up content."""
    who, items = [2, index.to_bytes(16, "big")], [[1, bytes(15) + b"\x07", 1, bytes(32), [[4, bytes(32)]]]]
    return cbor2.dumps({0: 1, 1: 1_760_000_000_000_000 + index, 2: who, 4: 3, 5: 1, 6: items}, canonical=True)


@dataclass
class Sample:
    """An export that is right, made by nothing of the verifier's."""

    folder: Path
    leaves: list[bytes]
    key: str

    @property
    def row(self) -> list[bytes]:
        return [d.leaf_hash(one) for one in self.leaves]

    def note(self, size: int | None = None) -> str:
        return d.sign(NAME, d.checkpoint_text(ORIGIN, self.leaves[:size]), SIGNER)

    def inclusion(self, index: int) -> dict:
        row, size = self.row, len(self.leaves)
        return {
            "log": ORIGIN,
            "index": index,
            "size": size,
            "root": d.encode(d.tree_root(row)),
            "leaf": d.encode(self.leaves[index]),
            "proof": [d.encode(one) for one in d.inclusion_path(index, row)],
            "checkpoint": self.note(),
        }

    def evidence(self, indexes: list[int]) -> dict:
        proofs = [self.inclusion(index) for index in indexes]
        entries = [{name: proof[name] for name in ("index", "leaf", "proof")} for proof in proofs]
        whole = {name: proofs[0][name] for name in ("log", "size", "root", "checkpoint")}
        return {"evidence": 1, "key": self.key, "entries": entries} | whole

    def consistency(self, old: int) -> dict:
        row = self.row
        return {
            "old_size": old,
            "old_root": d.encode(d.tree_root(row[:old])),
            "new_size": len(row),
            "new_root": d.encode(d.tree_root(row)),
            "proof": [d.encode(one) for one in d.consistency_path(old, row)],
        }


@pytest.fixture
def sample(tmp_path: Path):
    """A maker of exports: `sample(size)`."""

    def make(size: int) -> Sample:
        folder = tmp_path / f"export-{size}"
        folder.mkdir()
        made = Sample(folder, [leaf(i) for i in range(size)], d.verifier_key(NAME, SIGNER))
        d.write_tiles(folder, made.leaves)
        (folder / "checkpoint").write_text(made.note())
        (folder / "verifier").write_text(made.key + "\n")
        return made

    return make


@pytest.fixture
def vectors() -> Path:
    """Published Merkle vectors, where the test data's folder is there."""
    data = Path(os.environ.get("DOSSIER_TEST_DATA", ROOT.parent / "shared/data")) / "vectors/merkle"
    if not data.is_dir():
        pytest.skip("no Merkle vectors: DOSSIER_TEST_DATA names no folder with vectors/merkle")
    return data
