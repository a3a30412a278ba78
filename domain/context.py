"""What a command may use, handed on explicitly: no thread-locals, no globals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from domain.actors import Actor
    from domain.clock import Clock
    from engine.facade import Engine
    from forms.kernel import Kernel


@dataclass(frozen=True, slots=True)
class Context:
    """One command's surroundings. ``session`` is inside the entry point's transaction; nobody below commits."""

    session: Session
    actor: Actor
    engine: Engine
    forms: Kernel
    clock: Clock
    request_id: str = ""
