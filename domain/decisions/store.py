"""Deployed decisions as the running platform needs them: found by id, their plans kept by each process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.decisions.models import Decision, DecisionVersion
from engine.contract import CalledDecision
from engine.decisions.contract import DecisionPlan

KEPT = 128
"""How many plans one process remembers."""


@dataclass(frozen=True, slots=True)
class Found:
    """A decision that a process may call: its row, its version, its key in the plan."""

    id: int
    version_id: int
    plan_key: str


class _Plans:
    """The plans last used, by version; they never change. Safe for several threads."""

    def __init__(self) -> None:
        self._plans: OrderedDict[int, DecisionPlan] = OrderedDict()
        self._lock = Lock()

    def get(self, version_id: int, read: Callable[[], DecisionPlan]) -> DecisionPlan:
        with self._lock:
            if version_id in self._plans:
                self._plans.move_to_end(version_id)
                return self._plans[version_id]
        plan = read()
        with self._lock:
            self._plans[version_id] = plan
            while len(self._plans) > KEPT:
                self._plans.popitem(last=False)
        return plan

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()


_PLANS = _Plans()


def forget() -> None:
    """Drop what this process remembers: for a process that changes its database (tests, reset)."""
    _PLANS.clear()


def load_plan(session: Session, version_id: int) -> DecisionPlan:
    """The plan of a deployed version, which exists."""

    def read() -> DecisionPlan:
        query = select(DecisionVersion.plan, DecisionVersion.plan_digest).where(DecisionVersion.id == version_id)
        row = session.execute(query).one()
        return DecisionPlan(row.plan, row.plan_digest)

    return _PLANS.get(version_id, read)


def find(session: Session, decision_id: str, version_tag: str = "") -> Found | None:
    """The newest decision with this id (and version tag)."""
    query = select(Decision.id, Decision.version_id, Decision.plan_key).where(Decision.decision_id == decision_id)
    if version_tag:
        query = query.where(Decision.version_tag == version_tag)
    row = session.execute(query.order_by(Decision.id.desc()).limit(1)).one_or_none()
    return None if row is None else Found(row.id, row.version_id, row.plan_key)


def finder(session: Session, bound: Mapping[str, int]) -> Callable[[CalledDecision], tuple[DecisionPlan, str] | None]:
    """How a step finds what its business rule tasks call. ``bound``: decision id → row, for the binding `deployment`."""

    def look(called: CalledDecision) -> tuple[DecisionPlan, str] | None:
        row_id = bound.get(called.decision_id) if called.binding == "deployment" else None
        if row_id is None:
            found = find(session, called.decision_id, called.version_tag)
        else:
            row = session.execute(
                select(Decision.id, Decision.version_id, Decision.plan_key).where(Decision.id == row_id)
            ).one()
            found = Found(row.id, row.version_id, row.plan_key)
        return None if found is None else (load_plan(session, found.version_id), found.plan_key)

    return look


class Deployed(Mapping[str, bytes]):
    """The sources of the latest models by namespace, read when they are asked for: what a model may import."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getitem__(self, namespace: str) -> bytes:
        query = select(DecisionVersion.source).where(DecisionVersion.namespace == namespace)
        source = self._session.execute(query.order_by(DecisionVersion.id.desc()).limit(1)).scalar_one_or_none()
        if source is None:
            raise KeyError(namespace)
        return source

    def __iter__(self) -> Iterator[str]:
        return iter(self._session.scalars(select(DecisionVersion.namespace).distinct()))

    def __len__(self) -> int:
        return sum(1 for _ in self)
