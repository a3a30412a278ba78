"""Calls of the platform for service tasks (HTTP, e-mail, …): what a connector is given and what it answers.

A call is prepared in a short transaction, made outside of any, and its outcome is taken in a second short step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

from domain.context import Context

CALL = "service.call"
"""Kind of the work that makes a call; its ``ref`` is the job's id."""


@dataclass(frozen=True, slots=True)
class JobView:
    """What a connector may know of a service task: its evaluated input mappings and constants, not the case.

    ``request_key`` is the idempotency key: the same for every try of this service task, also after an administrator's retry.
    ``attempt`` counts from 1.
    """

    id: str
    request_key: str
    topic: str
    element_id: str
    arguments: Mapping[str, Any]
    headers: Mapping[str, str]
    attempt: int
    case_id: int
    leg_id: int
    site_id: int
    definition_id: int


@dataclass(frozen=True, slots=True)
class Done:
    """It was done: ``variables`` go through the task's output mappings."""

    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A business error: ``code`` is thrown as BPMN error in the model."""

    code: str
    message: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not work. ``code`` is a slug; ``message`` is for operators and holds no personal data.

    ``retry`` False: trying again makes no sense (an incident at once). ``after``: not before this time has passed
    (a Retry-After of the other side); None: by the task's own backoff.
    """

    code: str
    message: str = ""
    retry: bool = True
    after: timedelta | None = None


Outcome: TypeAlias = Done | Rejected | Failed


def _as_it_is(ctx: Context, answer: Any) -> Outcome:
    del ctx
    outcome: Outcome = answer
    return outcome


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that is ready: ``call()`` runs outside of any transaction and lock.

    ``outcome(ctx, answer)`` reads its answer in the second step, where FEEL may be evaluated; without it ``call`` gives the
    :class:`Outcome` itself. ``abandon(ctx, answer)`` writes down that the case moved on and the answer is not used.
    """

    call: Callable[[], Any]
    outcome: Callable[[Context, Any], Outcome] = _as_it_is
    abandon: Callable[[Context, Any], None] | None = None


Call: TypeAlias = Callable[[Context, JobView], Prepared]
"""A connector: ``Handlers.calls`` maps a service task's type to one."""
