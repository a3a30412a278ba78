"""Trials, read. Only their owner sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from domain.context import Context
from domain.definitions import queries as definitions
from domain.errors import NotFound
from domain.trials import deciding, resources
from domain.trials.models import Trial, TrialDefinition, TrialEvent, TrialInstance, TrialMessage, TrialStart
from domain.trials.resources import Resource
from domain.trials.run import RUNNING
from engine.contract import Start


@dataclass(frozen=True, slots=True)
class Starts:
    """How a process of the trial may be started; ``definition_id`` is the resource that new instances run."""

    id: str
    name: str
    definition_id: int
    starts: Sequence[Start]


@dataclass(frozen=True, slots=True)
class Picture:
    """A trial with everything in it."""

    trial: Trial
    definitions: Sequence[TrialDefinition]
    processes: Sequence[Starts]
    instances: Sequence[TrialInstance]
    resources: Mapping[int, Resource]
    messages: Sequence[TrialMessage]
    starts: Sequence[TrialStart]
    decisions: Sequence[TrialDefinition]


def list_trials(ctx: Context) -> list[Trial]:
    """The actor's trials, newest first."""
    query = select(Trial).where(Trial.owner_id == ctx.actor.user_id, Trial.expires_at > ctx.clock.now())
    return list(ctx.session.scalars(query.order_by(Trial.id.desc())))


def get_trial(ctx: Context, trial_id: int) -> Trial:
    """A trial of the actor. Raises :class:`NotFound`."""
    query = select(Trial).where(
        Trial.id == trial_id, Trial.owner_id == ctx.actor.user_id, Trial.expires_at > ctx.clock.now()
    )
    found = ctx.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("没有这个试运行。", "There is no such trial.")
    return found


def picture(ctx: Context, trial_id: int) -> Picture:
    """The whole trial. Raises :class:`NotFound`."""
    trial = get_trial(ctx, trial_id)
    session = ctx.session
    seen = resources.list_resources(session, trial_id)
    of_trial = TrialMessage.trial_id == trial_id
    return Picture(
        trial,
        _definitions(session, trial_id),
        [
            Starts(process_id, info.name, each.id, info.starts or (Start(process_id, "none"),))
            for process_id, (each, info) in resources.current(seen).items()
        ],
        list_instances(session, trial_id),
        {each.id: each for each in seen},
        session.scalars(select(TrialMessage).where(of_trial).order_by(TrialMessage.id)).all(),
        session.scalars(select(TrialStart).where(TrialStart.trial_id == trial_id).order_by(TrialStart.due_at)).all(),
        deciding.list_decisions(session, trial_id),
    )


def list_instances(session: Session, trial_id: int, *, running_only: bool = False) -> Sequence[TrialInstance]:
    """The instances of a trial, oldest first, without their engine states."""
    query = select(TrialInstance).where(TrialInstance.trial_id == trial_id).order_by(TrialInstance.id)
    if running_only:
        query = query.where(TrialInstance.status == RUNNING)
    columns = [column for column in TrialInstance.__mapper__.column_attrs if column.key != "state"]
    return session.scalars(query.options(load_only(*(getattr(TrialInstance, each.key) for each in columns)))).all()


def get_instance(ctx: Context, trial_id: int, instance_id: int) -> TrialInstance:
    """An instance of a trial. Raises :class:`NotFound`."""
    found = ctx.session.get(TrialInstance, instance_id)
    if found is None or found.trial_id != trial_id:
        raise NotFound("没有这个流程实例。", "There is no such instance.")
    return found


def path_of(session: Session, instance_id: int) -> tuple[list[str], list[str]]:
    """The elements an instance has entered and the sequence flows it has taken, each once."""
    query = select(TrialEvent.kind, TrialEvent.element_id).where(
        TrialEvent.instance_id == instance_id, TrialEvent.kind.in_(("entered", "taken"))
    )
    rows = session.execute(query.distinct()).all()
    return (
        sorted(str(row.element_id) for row in rows if row.kind == "entered"),
        sorted(str(row.element_id) for row in rows if row.kind == "taken"),
    )


def history(
    session: Session,
    trial_id: int,
    *,
    after: int = 0,
    limit: int = 1000,
    instance_id: int | None = None,
    kinds: Iterable[str] = (),
) -> Sequence[TrialEvent]:
    """Lines of the history beyond number ``after``, oldest first."""
    query = select(TrialEvent).where(TrialEvent.trial_id == trial_id, TrialEvent.seq > after)
    if instance_id is not None:
        query = query.where(TrialEvent.instance_id == instance_id)
    if wanted := tuple(kinds):
        query = query.where(TrialEvent.kind.in_(wanted))
    return session.scalars(query.order_by(TrialEvent.seq).limit(limit)).all()


def get_source(ctx: Context, trial_id: int, definition_id: int) -> bytes:
    """The file of a resource as it is shown. Raises :class:`NotFound`."""
    get_trial(ctx, trial_id)
    query = select(TrialDefinition.source).where(
        TrialDefinition.id == definition_id, TrialDefinition.trial_id == trial_id
    )
    source = ctx.session.execute(query).scalar_one_or_none()
    if source is None:
        raise NotFound("试运行中没有这个文件。", "The trial has no such resource.")
    return source


def get_form(ctx: Context, trial_id: int, form_id: str) -> Mapping[str, Any]:
    """The schema of a form that the importer made, else of the newest published one. Raises :class:`NotFound`."""
    get_trial(ctx, trial_id)
    query = select(TrialDefinition.forms[form_id]).where(
        TrialDefinition.trial_id == trial_id, TrialDefinition.forms.has_key(form_id)
    )
    made = ctx.session.execute(query.order_by(TrialDefinition.id.desc()).limit(1)).scalar_one_or_none()
    return made if made is not None else definitions.get_form(ctx.session, form_id).schema


def next_due(instances: Iterable[TrialInstance], starts: Iterable[TrialStart]) -> datetime | None:
    """When the next timer is due."""
    waiting = [each.next_due_at for each in instances if each.status == RUNNING and each.next_due_at is not None]
    return min([*waiting, *(each.due_at for each in starts)], default=None)


def _definitions(session: Session, trial_id: int) -> Sequence[TrialDefinition]:
    columns = [
        TrialDefinition.name,
        TrialDefinition.deployment,
        TrialDefinition.kind,
        TrialDefinition.dialect,
        TrialDefinition.findings,
        TrialDefinition.changes,
        TrialDefinition.deployed_at,
    ]
    query = select(TrialDefinition).where(TrialDefinition.trial_id == trial_id).order_by(TrialDefinition.id)
    return session.scalars(query.options(load_only(*columns))).all()
