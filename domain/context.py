"""What a command may use, handed on explicitly: no thread-locals, no globals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from domain.actors import Actor
    from domain.clock import Clock
    from engine.facade import Engine
    from forms.kernel import Kernel


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a model may ask the platform for, wired once by the container so that lower rooms need not know higher ones.

    ``services``: service task type → (ctx, leg, job) → result variables, run inside the step (docs/dialect.md).
    ``effects``: effect kind (status, clock, document, supplement, …) → (ctx, leg, effect, variables) → None, in order of history.
    """

    services: Mapping[str, Callable[..., Mapping[str, Any]]] = field(default_factory=dict)
    effects: Mapping[str, Callable[..., None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """One command's surroundings. ``session`` is inside the entry point's transaction; nobody below commits."""

    session: Session
    actor: Actor
    engine: Engine
    forms: Kernel
    clock: Clock
    handlers: Handlers
    request_id: str = ""
