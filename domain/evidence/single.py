"""The verifier as one file, to be handed out: the primitives and the checks, joined."""

from __future__ import annotations

import inspect
from typing import Final

from domain.evidence import primitives, verifier

_IMPORT: Final = "from domain.evidence.primitives import"
_FUTURE: Final = "from __future__ import annotations\n"


def source() -> str:
    """The text of ``verify.py``."""
    checks, tools = inspect.getsource(verifier), inspect.getsource(primitives)
    kept = "".join(line for line in checks.splitlines(keepends=True) if not line.startswith(_IMPORT))
    head, rest = kept.split(_FUTURE, 1)
    return f"{head}{_FUTURE}{tools.split(_FUTURE, 1)[1]}\n{rest}"
