"""Joins two rooms that do not know each other: the kernel's decisions, in the words of the engine's contract."""

from __future__ import annotations

from engine.contract import Variables
from engine.decisions.contract import Decided, DecisionPlan, DecisionProblem, DecisionStep, TextProblem
from forms import decisions
from forms.errors import KernelInputRefused, KernelLimitReached
from forms.kernel import Kernel, plain


class EngineDecisions:
    """Implements :class:`engine.decisions.contract.Decisions` over one kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def decide(
        self,
        plan: DecisionPlan,
        key: str,
        inputs: Variables,
        *,
        now: str | None = None,
        calendar: Variables | None = None,
    ) -> Decided:
        """The answer with ISO texts for dates, times and durations."""
        try:
            answer = decisions.decide(self._kernel, plan.data, plan.digest, key, inputs, now=now, calendar=calendar)
        except (KernelLimitReached, KernelInputRefused) as error:
            return Decided(None, errors=(DecisionProblem(error.code, str(error)),))
        return Decided(
            plain(answer.value),
            tuple(
                DecisionStep(step.id, step.name, plain(step.value), step.rules, tuple(plain(v) for v in step.inputs))
                for step in answer.trace
            ),
            tuple(DecisionProblem(p.code, p.message, p.decision, p.element) for p in answer.errors),
            tuple(DecisionProblem(p.code, p.message, p.decision, p.element) for p in answer.warnings),
        )

    def check_plan(self, plan: DecisionPlan) -> tuple[TextProblem, ...]:
        """What is wrong with the texts of a plan."""
        return tuple(
            TextProblem(p.code, p.message, p.at, p.line) for p in decisions.check_plan(self._kernel, plan.data)
        )
