"""Decisions of a trial: its own DMN files first, then what the platform has deployed."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.decisions import store
from domain.trials.models import TrialDefinition
from engine.contract import CalledDecision
from engine.decisions.contract import DecisionPlan, ParsedDecisions

HEAD = 4000
"""Characters in which a file says of which standard it is."""
_NAMESPACE = re.compile(r"""\snamespace\s*=\s*["']([^"']+)["']""")
Find = Callable[[CalledDecision], tuple[DecisionPlan, str] | None]


def is_decisions(content: str) -> bool:
    """Whether a file is DMN."""
    head = content[:HEAD]
    return "/spec/DMN/" in head and "/spec/BPMN/20100524/MODEL" not in head


def imports(session: Session, contents: Iterable[str]) -> Mapping[str, bytes]:
    """What a DMN file may import, by namespace: files sent with it, then deployed ones."""
    given = {
        found[1]: content.encode()
        for content in contents
        if is_decisions(content) and (found := _NAMESPACE.search(content[:HEAD]))
    }
    return ChainMap(given, store.Deployed(session))  # type: ignore[arg-type]  # the second one is only read


def kept(parsed: ParsedDecisions) -> dict[str, Any]:
    """A DMN file as it is kept: its decisions and the plan that the kernel evaluates."""
    infos = (*parsed.model.decisions, *parsed.model.services)
    return {
        "decisions": [asdict(info) for info in infos],
        "plan": dict(parsed.plan.data),
        "plan_digest": parsed.plan.digest,
    }


def list_decisions(session: Session, trial_id: int) -> Sequence[TrialDefinition]:
    """The DMN files of a trial, newest first."""
    mine = (TrialDefinition.trial_id == trial_id) & (TrialDefinition.kind == "dmn")
    return session.scalars(select(TrialDefinition).where(mine).order_by(TrialDefinition.id.desc())).all()


def finder(session: Session, trial_id: int) -> Find:
    """How business rule tasks of the trial find their decisions."""
    deployed = store.finder(session, {})
    rows: list[TrialDefinition] | None = None

    def look(called: CalledDecision) -> tuple[DecisionPlan, str] | None:
        nonlocal rows
        if rows is None:
            rows = list(list_decisions(session, trial_id))
        for row in rows:
            for info in row.model["decisions"]:
                tagged = not called.version_tag or info["version_tag"] == called.version_tag
                if info["id"] == called.decision_id and tagged:
                    return DecisionPlan(row.model["plan"], row.model["plan_digest"]), info["key"]
        return deployed(called)

    return look
