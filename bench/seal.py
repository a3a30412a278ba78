"""What sealing costs: CPU per value for each envelope and size, beside compression alone. ``python -m bench.seal``"""

from __future__ import annotations

import time
from collections.abc import Callable

import orjson
import zstandard

from domain.sealing import AES, SM4, KeyRing, Seal, SealKey

SECRET = b"a key of the bench, for nobody's "
ROUNDS = 3000
SIZES = (500, 3_000, 16_000, 200_000)


def cost(call: Callable[[], object], rounds: int) -> float:
    """CPU microseconds of one call."""
    began = time.process_time()
    for _ in range(rounds):
        call()
    return (time.process_time() - began) / rounds * 1e6


def main() -> None:
    """Print one line per size."""
    keys = {0: SealKey(0, AES, SECRET), 1: SealKey(1, AES, SECRET), 2: SealKey(2, SM4, SECRET)}
    print(
        f"{'JSON bytes':>10} {'zstd':>8} {'01':>8} {'02 AES':>8} {'03 SM4':>8} {'open 02':>8} {'open 03':>8}  µs CPU each"
    )
    for size in SIZES:
        row = {"idNo": "532622201506010001", "name": "测试", "address": "云南省文山州砚山县江那镇砚华路1号"}
        content = orjson.dumps([{**row, "n": number} for number in range(max(1, size // 130))])
        rounds = max(50, ROUNDS * 1000 // (size + 1000))
        packing = cost(lambda content=content: zstandard.ZstdCompressor(level=3).compress(content), rounds)
        figures = [packing]
        seals = {number: Seal(KeyRing(keys, number, (SECRET,))) for number in keys}
        figures += [
            cost(lambda seal=seal, content=content: seal.seal(content, "a.b"), rounds) for seal in seals.values()
        ]
        for number in (1, 2):
            seal, sealed = seals[number], seals[number].seal(content, "a.b")
            figures.append(cost(lambda seal=seal, sealed=sealed: seal.unseal(sealed, "a.b"), rounds))
        print(f"{len(content):>10} " + " ".join(f"{figure:>8.1f}" for figure in figures))


if __name__ == "__main__":
    main()
