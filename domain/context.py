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
    ``calls``: service task type → connector, called outside the step with retries (:mod:`domain.outbox.calls`).
    Types that are in neither are external tasks: workers of integrators fetch them by topic.
    ``jobs``: kind of work → (ctx, work) → None, run by the scheduler in one transaction with the guard and the mark.
    ``listeners``: fact (``task.opened``, ``leg.started``, ``case.closed``, …) → (ctx, leg, thing) → None, called at the end of a step.
    ``offer_materials``: (ctx, leg, codes) → [{code, name, sha256, …}], the manifest of what crosses with a message.
    ``take_materials``: (ctx, leg, manifest) → None, hands them over to the receiving leg.
    In all of these ``leg`` is a :class:`domain.cases.rows.LegRow` (with ``leg.case`` and ``leg.site``) under lock; it is written back
    at the end of the step.
    """

    services: Mapping[str, Callable[..., Mapping[str, Any]]] = field(default_factory=dict)
    effects: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    calls: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    jobs: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    listeners: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    offer_materials: Callable[..., list[dict[str, Any]]] | None = None
    take_materials: Callable[..., None] | None = None


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
