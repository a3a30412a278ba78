"""A Merkle tree over chain heads (RFC 6962's shape with SM3): leaf = SM3(0x00 | bytes), node = SM3(0x01 | left | right)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.audit.canonical import digest, to_bytes


def leaf_bytes(chain: str, seq: int, head: bytes | None) -> bytes:
    """What stands in the tree for a chain: its name, how many links it has, the hash of the last."""
    return to_bytes({"chain": chain, "seq": seq, "head": head.hex() if head else ""})


class Tree:
    """The tree over leaves in their order; an odd node is carried up as it is."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [[digest(b"\x00", leaf) for leaf in leaves]]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = [digest(b"\x01", below[i] + below[i + 1]) for i in range(0, len(below) - 1, 2)]
            self._levels.append(pairs + below[len(pairs) * 2 :])

    @property
    def root(self) -> bytes:
        """The root; of no leaves the hash of nothing."""
        return self._levels[-1][0] if self._levels[-1] else digest(None, b"")

    def path(self, index: int) -> list[list[str]]:
        """The way from a leaf to the root: [side of the neighbour (``L`` or ``R``), its hash in hex]."""
        way = []
        for level in self._levels[:-1]:
            other = index ^ 1
            if other < len(level):
                way.append(["L" if other < index else "R", level[other].hex()])
            index //= 2
        return way
