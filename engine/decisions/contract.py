"""What goes into decisions and what comes out: plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.contract import Finding, Variables


@dataclass(frozen=True, slots=True)
class DecisionInput:
    """An input data element. ``type`` is the name of its type, '' for any."""

    id: str
    name: str
    type: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """A decision or decision service. ``kind`` is service or how the decision is made (table, literal, context, …).

    ``inputs`` are ids of the input data it needs, also through other decisions. ``key`` is its place in the plan.
    """

    id: str
    key: str
    name: str
    kind: str
    type: str = ""
    question: str = ""
    hit_policy: str = ""
    version_tag: str = ""
    inputs: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """What a DMN file says. ``imports`` are the namespaces of other models that it needs."""

    id: str
    name: str
    namespace: str
    version: str
    decisions: tuple[DecisionInfo, ...]
    services: tuple[DecisionInfo, ...] = ()
    inputs: tuple[DecisionInput, ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionPlan:
    """Everything the kernel needs to evaluate a model and its imports; ``data`` is JSON, ``digest`` its sha256."""

    data: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class ParsedDecisions:
    """A DMN file without errors."""

    model: DecisionModel
    plan: DecisionPlan
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionProblem:
    """Why something became null, without values: ``decision`` is a plan key, ``element`` an XML id."""

    code: str
    message: str
    decision: str | None = None
    element: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionStep:
    """What one decision made; ``rules`` are indices of matched rules (None: no table), ``inputs`` the tested values."""

    id: str
    name: str
    value: Any
    rules: tuple[int, ...] | None = None
    inputs: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer. Errors make values null, as the standard wants; a process takes them for an incident."""

    value: Any
    trace: tuple[DecisionStep, ...] = ()
    errors: tuple[DecisionProblem, ...] = ()
    warnings: tuple[DecisionProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class TextProblem:
    """A FEEL text of a plan that cannot be read, or a name in it that nothing defines."""

    code: str
    message: str
    element: str | None = None
    line: int | None = None


class Decisions(Protocol):
    """The kernel as decisions see it (implemented in ``forms``)."""

    def decide(
        self,
        plan: DecisionPlan,
        key: str,
        inputs: Variables,
        *,
        now: str | None = None,
        calendar: Variables | None = None,
    ) -> Decided:
        """Evaluate one decision, service or knowledge model of a plan. ``calendar``: what functions of working days read."""

    def check_plan(self, plan: DecisionPlan) -> tuple[TextProblem, ...]:
        """Read every text of a plan without evaluating."""
