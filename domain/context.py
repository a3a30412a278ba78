"""What a command may use, handed on explicitly: no thread-locals, no globals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from domain.actors import Actor
    from domain.clock import Clock
    from engine.facade import Engine
    from forms.kernel import Kernel


Draw = Callable[["Sequence[tuple[str, str]]"], "list[int] | None"]
"""(name, period) of several series → the next number of each; None when no connection is free for it now."""


def _no_secret(name: str) -> str | None:
    """Without settings nothing is found."""
    del name
    return None


@dataclass(frozen=True, slots=True)
class Outward:
    """How this deployment reaches the outside, by its settings (docs/configuration.md).

    ``find_secret``: name → value in the environment or ``LIANBAN_HOME/secrets``, asked at the moment of a call.
    ``smtp_url`` and ``proxy`` may be references (``secret:NAME``). ``ca_file`` holds private certificate authorities (PEM).
    """

    public_url: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    proxy: str = field(default="", repr=False)
    ca_file: str = ""
    find_secret: Callable[[str], str | None] = _no_secret


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a model may ask the platform for, wired once by the container so that lower rooms need not know higher ones.

    ``services``: service task type → (ctx, leg, job) → result variables, run inside the step (docs/dialect.md).
    ``effects``: effect kind (status, clock, document, supplement, …) → (ctx, leg, effect, variables) → None, in order of history.
    ``calls``: service task type → connector, called outside the step with retries (:mod:`domain.outbox.calls`).
    ``checks``: service task type → (ctx, element, site id or None) → findings at deployment.
    Types that are in neither are external tasks: workers of integrators fetch them by topic.
    ``jobs``: kind of work → (ctx, work) → None, run by the scheduler in one transaction with the guard and the mark.
    ``listeners``: fact (``task.opened``, ``leg.ended``, ``case.closed``) → (ctx, leg, thing) → None, called at the end of a step;
    the thing of ``task.opened`` is the task's new row, which is written after them (with rows they add: ``leg.writes.insert``).
    ``offer_materials``: (ctx, leg, codes) → [{code, name, sha256, …}], the manifest of what crosses with a message.
    ``take_materials``: (ctx, leg, manifest) → None, hands them over to the receiving leg.
    ``reach_liaison``: (ctx, site id, item code) → whom the contact book names there (:class:`domain.partners.contacts.Reached`).
    ``spread_notice``: (ctx, notice) → None, plans the deliveries of a notice outside the platform (e-mail, robots, SMS).
    In all of these ``leg`` is a :class:`domain.cases.rows.LegRow` (with ``leg.case`` and ``leg.site``) under lock; it is written back
    at the end of the step.
    """

    services: Mapping[str, Callable[..., Mapping[str, Any]]] = field(default_factory=dict)
    effects: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    calls: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    checks: Mapping[str, Callable[..., Iterable[Any]]] = field(default_factory=dict)
    jobs: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    listeners: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    offer_materials: Callable[..., list[dict[str, Any]]] | None = None
    take_materials: Callable[..., None] | None = None
    spread_notice: Callable[..., Any] | None = None
    reach_liaison: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a command comes from, for the record: no address, no token. ``session`` is a log-in's number."""

    node: str = ""
    session: str = ""
    client: int | None = None
    """The API client that asks; None: a person or the platform itself."""


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
    trace: str = ""
    """The trace that this command belongs to (W3C traceparent); work that it causes remembers it. Empty: none is kept."""
    outward: Outward = field(default_factory=Outward)
    origin: Origin = field(default_factory=Origin)
    one_person: bool = False
    """A demonstration that one person gives: whoever drew a model may publish it (docs/roles.md)."""
    draw: Draw | None = None
    """Running numbers that may have gaps, in a transaction of their own (:mod:`domain.sites.numbering`). None: in the command's."""
