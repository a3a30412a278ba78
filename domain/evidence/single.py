"""The verifier as one file, to be handed out: the primitives and the checks, joined."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Final

from domain.evidence import container, primitives, verifier

_OURS: Final = "from domain.evidence."
_FUTURE: Final = "from __future__ import annotations\n"


def source() -> str:
    """The text of ``verify.py``."""
    head, checks = _text(verifier).split(_FUTURE, 1)
    tools = "\n".join(_text(module).split(_FUTURE, 1)[1] for module in (primitives, container))
    return f"{head}{_FUTURE}{tools}\n{checks}"


def _text(module: ModuleType) -> str:
    """Without what is imported from the other parts."""
    lines = inspect.getsource(module).splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_OURS))
