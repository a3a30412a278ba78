"""A trial under its lock for the time of one request: commands on instances, what they cause, and the history."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias, cast

import orjson
from sqlalchemy import Table, func, insert, select

from domain.context import Context
from domain.deadlines import policies
from domain.errors import NotFound
from domain.trials import resources, surroundings
from domain.trials.bounds import Bounds
from domain.trials.errors import TrialLimitReached, TrialStepsExceeded, refusals
from domain.trials.models import Trial, TrialDefinition, TrialEvent, TrialInstance
from domain.trials.resources import Resource
from domain.trials.surroundings import AnyService
from engine import places
from engine.contract import Advance, Environment, MessageOut, ProcessInfo, SignalOut
from engine.facade import Engine

Command: TypeAlias = Callable[[Engine, str, bytes, Environment], Advance | None]
"""(engine, definition id, state, environment) → what changed; None: nobody cared."""
EXACT = timedelta(minutes=1)
"""How exactly the end of a trial's retention is kept."""
RUNNING, ENDED, CANCELLED = "running", "ended", "cancelled"
EVENTS = cast("Table", TrialEvent.__table__)


class Run:
    """One request's work on a trial. :func:`open_run` locks it; :meth:`close` writes the history."""

    def __init__(self, ctx: Context, bounds: Bounds, trial: Trial) -> None:
        self.ctx = ctx
        self.bounds = bounds
        self.trial = trial
        self.resources: list[Resource] = []
        self.by_id: dict[int, Resource] = {}
        self.current: dict[str, tuple[Resource, ProcessInfo]] = {}
        self.thrown: deque[tuple[TrialInstance, MessageOut | SignalOut]] = deque()
        self.opened_subscriptions = False
        self._running: dict[int, TrialInstance] | None = None
        self._instances: int | None = None
        self._deadlines: Mapping[str, str] | None = None
        self._steps = 0
        self._events: list[dict[str, Any]] = []

        self.reload()

    def reload(self) -> None:
        """Read the resources (anew, after a deployment)."""
        self.resources = resources.list_resources(self.ctx.session, self.trial.id, anew=True)
        self.by_id = {each.id: each for each in self.resources}
        self.current = resources.current(self.resources)

    def count_resources(self) -> int:
        """How many resources the trial holds, decisions included."""
        query = select(func.count()).select_from(TrialDefinition).where(TrialDefinition.trial_id == self.trial.id)
        return self.ctx.session.execute(query).scalar_one()

    # -- instances -----------------------------------------------------------------------------------

    def running(self) -> list[TrialInstance]:
        """The instances that run, oldest first; read once."""
        if self._running is None:
            mine = (TrialInstance.trial_id == self.trial.id) & (TrialInstance.status == RUNNING)
            rows = self.ctx.session.scalars(select(TrialInstance).where(mine).order_by(TrialInstance.id))
            self._running = {each.id: each for each in rows}
        return [each for each in self._running.values() if each.status == RUNNING]

    def get_instance(self, instance_id: int) -> TrialInstance:
        """An instance of this trial. Raises :class:`NotFound`."""
        found = self.ctx.session.get(TrialInstance, instance_id)
        if found is None or found.trial_id != self.trial.id:
            raise NotFound("没有这个流程实例。", "There is no such instance.")
        return found

    def start(
        self,
        resource: Resource,
        process_id: str,
        start: Callable[[Engine, str, Environment], Advance],
        *,
        application: Mapping[str, Any],
        parent: TrialInstance | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> TrialInstance:
        """A new instance; ``start`` asks the engine for it."""
        self._count_instances()
        instance = TrialInstance(
            trial_id=self.trial.id,
            definition_id=resource.id,
            process_id=process_id,
            parent_id=None if parent is None else parent.id,
            group_id=None if parent is None else parent.group_id or parent.id,
            status=RUNNING,
            state=b"",
            open={},
            open_ids=[],
            application=dict(application),
            next_due_at=None,
            incident_count=0,
            started_at=self.trial.now,
            ended_at=None,
        )
        self.ctx.session.add(instance)
        self.ctx.session.flush()
        if self._running is not None:
            self._running[instance.id] = instance
        self.tell("instance.started", instance, data=data)
        self._step(instance, lambda engine, definition_id, _state, env: start(engine, definition_id, env))
        return instance

    def environment(
        self, resource: Resource, instance: TrialInstance | None = None, services: AnyService | None = None
    ) -> Environment:
        """What the next command on an instance (None: of none yet) may see."""
        own = resource.dialect == resources.OWN
        return surroundings.environment(
            self.ctx,
            self.trial,
            surroundings.services_of(self.trial) if services is None else services,
            self.resources,
            stores=resource.model.data_stores,
            made_up=surroundings.made_up(self.ctx, self.trial, resource, instance, self.deadlines()) if own else {},
        )

    def command(self, instance: TrialInstance, command: Command) -> bool:
        """One command on an instance; False when it found nothing to do."""
        return self._step(instance, command)

    def _step(self, instance: TrialInstance, command: Command) -> bool:
        self._steps += 1
        if self._steps > self.bounds.steps:
            raise TrialStepsExceeded(
                f"一次操作最多引发 {self.bounds.steps} 步。", f"One act may cause {self.bounds.steps} steps at most."
            )
        resource = self.by_id[instance.definition_id]
        services = surroundings.services_of(self.trial)
        env = self.environment(resource, instance, services)
        with refusals():
            advance = command(self.ctx.engine, resource.engine_id, instance.state, env)
        if advance is None:
            return False
        self._apply(instance, resource, advance, services)
        return True

    def _apply(self, instance: TrialInstance, resource: Resource, advance: Advance, services: AnyService) -> None:
        instance.state = advance.state
        with refusals():
            snapshot = self.ctx.engine.inspect(resource.engine_id, advance.state)
        instance.open = self._shown(orjson.loads(orjson.dumps(snapshot, default=dict)))
        instance.open_ids = [
            *(row.id for row in snapshot.tasks),
            *(row.id for row in snapshot.jobs),
            *(row.id for row in snapshot.incidents),
            *(row.id for row in snapshot.ad_hocs),
        ]
        instance.next_due_at = min((timer.due_at for timer in snapshot.timers), default=None)
        instance.incident_count = len(snapshot.incidents)
        self._tell_history(instance, advance, services)
        self.thrown.extend((instance, out) for out in advance.messages)
        self.thrown.extend((instance, out) for out in advance.signals)
        if advance.stored:
            self.trial.stores = {**self.trial.stores, **advance.stored}
        self.opened_subscriptions |= bool(advance.opened_subscriptions)
        if advance.ended and instance.status == RUNNING:
            instance.status = ENDED
            instance.ended_at = self.trial.now
            self.tell("instance.ended", instance)

    def _home(self, instance: TrialInstance, element_id: str) -> tuple[Resource | None, str]:
        """The resource that an element of an instance lies in (None: deployed outside the trial), and its id there."""
        engine_id, plain = places.split(element_id)
        if engine_id is None:
            return self.by_id[instance.definition_id], plain
        return next((each for each in self.resources if each.engine_id == engine_id), None), plain

    def _shown(self, waiting: dict[str, Any]) -> dict[str, Any]:
        """What waits, with the ids of the files; of a called file also which one (``definition_id``)."""
        homes = {each.engine_id: each.id for each in self.resources}
        for kind in ("tasks", "jobs", "timers", "subscriptions", "incidents", "ad_hocs"):
            for row in waiting[kind]:
                engine_id, row["element_id"] = places.split(row["element_id"])
                if engine_id in homes:
                    row["definition_id"] = homes[engine_id]
        waiting["active_elements"] = [places.split(each)[1] for each in waiting["active_elements"]]
        return waiting

    def _count_instances(self) -> None:
        if self._instances is None:
            query = select(func.count()).select_from(TrialInstance).where(TrialInstance.trial_id == self.trial.id)
            self._instances = self.ctx.session.execute(query).scalar_one()
        self._instances += 1
        if self._instances > self.bounds.instances:
            raise TrialLimitReached(
                f"一个试运行最多 {self.bounds.instances} 个流程实例。",
                f"A trial holds {self.bounds.instances} instances at most.",
            )

    def deadlines(self) -> Mapping[str, str]:
        """The platform's policies, for expressions of our dialect; read once."""
        if self._deadlines is None:
            self._deadlines = policies.deadlines_for(self.ctx)
        return self._deadlines

    # -- history -------------------------------------------------------------------------------------

    def tell(
        self,
        kind: str,
        instance: TrialInstance | None = None,
        element_id: str | None = None,
        data: Mapping[str, Any] | None = None,
        *,
        definition_id: int | None = None,
    ) -> None:
        """Add a line to the history. ``definition_id``: the resource of an element inside a called process."""
        element = None
        if instance is not None and element_id is not None:
            home, element_id = self._home(instance, element_id)
            home = self.by_id.get(definition_id or 0, home)
            if home is not None:
                element, definition_id = home.model.elements.get(element_id), home.id
        self.trial.last_seq += 1
        self._events.append(
            {
                "trial_id": self.trial.id,
                "seq": self.trial.last_seq,
                "instance_id": None if instance is None else instance.id,
                "at": self.trial.now,
                "kind": kind,
                "definition_id": definition_id,
                "element_id": element_id,
                "element_type": None if element is None else element.type,
                "element_name": None if element is None else element.name[:300],
                "data": dict(data) if data else None,
            }
        )

    def _tell_history(self, instance: TrialInstance, advance: Advance, services: AnyService) -> None:
        """Element events in order; a service that ran is told before its element is left."""
        done: dict[str, deque[tuple[str, Mapping[str, Any], Mapping[str, Any]]]] = {}
        for job, result in services.done:
            done.setdefault(job.element_id, deque()).append((job.type, job.arguments, result))
        for event in advance.history:
            waiting = done.get(event.element_id)
            if waiting and event.kind in {"left", "cancelled"}:
                self._tell_job(instance, event.element_id, waiting.popleft())
            effects = [{"kind": effect.kind, **effect.attributes} for effect in event.effects]
            self.tell(event.kind, instance, event.element_id, {"effects": effects} if effects else None)
        for element_id, rows in done.items():
            for row in rows:
                self._tell_job(instance, element_id, row)
        for incident in advance.incidents:
            self.tell(
                "incident.opened", instance, incident.element_id, {"code": incident.code, "message": incident.message}
            )

    def _tell_job(
        self, instance: TrialInstance, element_id: str, row: tuple[str, Mapping[str, Any], Mapping[str, Any]]
    ) -> None:
        kind, arguments, result = row
        self.tell(
            "job.completed", instance, element_id, {"type": kind, "arguments": dict(arguments), "result": dict(result)}
        )

    def close(self) -> None:
        """Write what was told."""
        if self.trial.last_seq > self.bounds.history:
            raise TrialLimitReached(
                f"一个试运行最多记录 {self.bounds.history} 条历史。",
                f"A trial keeps {self.bounds.history} lines of history at most.",
            )
        if self._events:
            self.ctx.session.execute(insert(EVENTS), self._events)
            self._events = []
        self.ctx.session.flush()


def open_run(ctx: Context, bounds: Bounds, trial_id: int) -> Run:
    """Lock a trial of the actor. Raises :class:`NotFound`."""
    query = select(Trial).where(Trial.id == trial_id, Trial.owner_id == ctx.actor.user_id).with_for_update()
    trial = ctx.session.scalars(query).one_or_none()
    if trial is None or trial.expires_at <= ctx.clock.now():
        raise NotFound("没有这个试运行。", "There is no such trial.")
    expires_at = ctx.clock.now() + bounds.retention
    if abs(expires_at - trial.expires_at) > EXACT:  # not a row written by every step for some seconds' sake
        trial.expires_at = expires_at
    return Run(ctx, bounds, trial)
