"""Plays one scenario of an item step by step until something is not as expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import select

from bootstrap.errors import BootstrapError
from bootstrap.scenarios import expectations
from bootstrap.scenarios.coverage import Visits
from bootstrap.scenarios.matching import Mismatch, shown
from bootstrap.scenarios.outcomes import Failure, Outcome
from bootstrap.scenarios.people import Stumbled
from bootstrap.scenarios.reading import Step
from bootstrap.scenarios.stage import Stage
from domain.actors import SYSTEM
from domain.cases.models import Leg
from domain.errors import DomainError
from engine.errors import EngineError
from forms.errors import FormsError

REFUSED = (DomainError, EngineError, FormsError, BootstrapError)


class Player(Protocol):
    """Does steps and looks afterwards."""

    def do(self, step: Step) -> None:
        """Act. Raises a refusal or :class:`Stumbled`."""

    def check(self, expect: Mapping[str, Any]) -> list[Mismatch]:
        """What is not as expected."""

    def waiting(self) -> str:
        """What is waited for now."""


def follow(player: Player, steps: tuple[Step, ...], outcome: Outcome) -> None:
    """Do the steps in order; stop at the first that is not as expected."""
    for step in steps:
        outcome.steps += 1
        mismatches = play(player, step)
        if mismatches:
            outcome.failure = Failure(step, step.line, tuple(mismatches), player.waiting())
            return


def play(player: Player, step: Step) -> list[Mismatch]:
    """One step: what is not as expected of it."""
    try:
        player.do(step)
    except Stumbled as error:
        return [Mismatch((step.verb,), error.zh, str(error))]
    except REFUSED as error:
        if step.refused is None:
            return [Mismatch((step.verb,), f"被拒绝：{refusal_zh(error)}", f"refused: {refusal_en(error)}")]
        return _refusal(step.refused, error) + (player.check(step.expect) if step.expect is not None else [])
    if step.refused is not None:
        return [Mismatch(("refused",), "应当被拒绝，却办成了", "should have been refused, but was done")]
    return player.check(step.expect or {})


def _refusal(wanted: Mapping[str, Any], error: Exception) -> list[Mismatch]:
    found: list[Mismatch] = []
    code, there = wanted.get("code"), f"{code_of(error)}（{refusal_zh(error)}）"
    if code not in {None, code_of(error)}:
        found.append(Mismatch(("refused", "code"), "拒绝的原因不符", "refused for another reason", str(code), there))
    pointers = [each.pointer for each in getattr(error, "errors", ())] + [getattr(error, "pointer", None)]
    if "at" in wanted and wanted["at"] not in pointers:
        fields = shown([each for each in pointers if each])
        found.append(Mismatch(("refused", "at"), "指向的字段不符", "another field", wanted["at"], fields))
    said = refusal_zh(error) + refusal_en(error)
    missing = [word for word in wanted.get("says", ()) if word not in said]
    place = ("refused", "says")
    return found + [Mismatch(place, f"说明里没有“{word}”", f"{word!r} is not said", word, said) for word in missing]


def code_of(error: Exception) -> str:
    """The slug of a refusal."""
    return str(getattr(error, "code", type(error).__name__))


def refusal_zh(error: Exception) -> str:
    """A refusal in Chinese, with the fields it names."""
    if isinstance(error, DomainError):
        text = "：".join(part for part in (error.title_zh, error.fact_zh) if part)
        fields = "；".join(f"{each.pointer} {each.message_zh}" for each in error.errors)
        return f"[{error.code}] {text}" + (f"（{fields}）" if fields else "")
    return f"[{code_of(error)}] {getattr(error, 'text_zh', '') or getattr(error, 'fact_zh', '') or error}"


def refusal_en(error: Exception) -> str:
    """A refusal in English."""
    if isinstance(error, DomainError):
        text = ": ".join(part for part in (error.title_en, error.fact_en) if part)
        fields = "; ".join(f"{each.pointer} {each.message_en}" for each in error.errors)
        return f"[{error.code}] {text}" + (f" ({fields})" if fields else "")
    return f"[{code_of(error)}] {error}"


class ItemPlayer:
    """Plays on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._verbs: Mapping[str, Callable[[Any], None]] = {
            "apply": stage.apply,
            "complete": stage.complete,
            "advance": stage.advance,
            "clock": stage.set_clock,
            "withdraw": stage.withdraw,
            "rate": stage.rate,
            "urge": stage.urge,
            "supervise": stage.supervise,
            "answer": stage.answer,
            "network": stage.set_network,
            "resend": stage.resend,
            "policies": stage.policies,
            "retry": stage.retry,
            "job": stage.job,
        }

    def do(self, step: Step) -> None:
        """One verb."""
        act = self._verbs.get(step.verb)
        if act is not None:
            act(step.act)

    def check(self, expect: Mapping[str, Any]) -> list[Mismatch]:
        """Look at the case."""
        unknown = expectations.ONLY_PROCESS & expect.keys()
        if unknown:
            named = "、".join(sorted(unknown))
            return [Mismatch(("expect",), f"{named} 只用于 process 的场景", f"{named}: for plain processes only")]
        return expectations.check(self.stage, expect)

    def waiting(self) -> str:
        """Status and open tasks."""
        with self.stage.platform.transaction(SYSTEM) as ctx:
            look = expectations.Look(self.stage, ctx)
            if look.case is None:
                return "没有办件 no case"
            legs = "，".join(f"{leg.participant_id} {leg.status}" for leg in look.legs)
            return f"{look.case.status}；{legs}；任务 tasks {shown(look.open_tasks(with_site=True))}"

    def visits(self) -> tuple[Visits, ...]:
        """Which way the legs went."""
        with self.stage.platform.transaction(SYSTEM) as ctx:
            legs = ctx.session.scalars(select(Leg).where(Leg.case_id == self.stage.case_id)).all()
            return tuple(Visits(leg.process_id, frozenset(leg.visited), frozenset(leg.taken)) for leg in legs)
