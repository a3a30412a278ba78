"""What a designer does with a trial. Every command locks the trial, acts, and lets everything it causes happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from domain.context import Context
from domain.deadlines.calendar import NATION, Calendar
from domain.deadlines.due import schedule
from domain.errors import NotFound
from domain.trials import clock, resources, routing, starting
from domain.trials.bounds import Bounds
from domain.trials.command import command
from domain.trials.errors import InstanceNotRunning, ProcessNotInTrial, TrialLimitReached
from domain.trials.models import Trial, TrialInstance
from domain.trials.resources import Given, Read, Resource
from domain.trials.routing import Incoming
from domain.trials.run import CANCELLED, RUNNING, Run
from domain.trials.surroundings import COMPLETE
from engine.contract import Advance, Environment, ProcessInfo, Variables
from engine.facade import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrial:
    """A trial to make. ``now`` is where its clock stands at first (None: the deployment's time)."""

    resources: Sequence[Given]
    name: str = ""
    now: datetime | None = None
    services: str = COMPLETE
    results: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    region_code: str = NATION


# -- trials ------------------------------------------------------------------------------------------


def create(ctx: Context, bounds: Bounds, new: NewTrial) -> Trial:
    """A trial of the actor with its first resources.

    Raises :class:`domain.definitions.errors.DefinitionRefused` with findings by resource, :class:`TrialLimitReached`.
    """
    _require_room(ctx, bounds)
    trial = Trial(
        owner_id=ctx.actor.user_id,
        name=new.name or (new.resources[0].name if new.resources else ""),
        region_code=new.region_code,
        services=new.services,
        results=dict(new.results),
        constants=dict(new.constants),
        stores={},
        now=new.now or ctx.clock.now(),
        last_seq=0,
        deployments=0,
        created_at=ctx.clock.now(),
        expires_at=ctx.clock.now() + bounds.retention,
    )
    read = resources.read_all(ctx, new.resources)
    ctx.session.add(trial)
    ctx.session.flush()
    run = Run(ctx, bounds, trial)
    _deploy(run, read)
    clock.settle(run)
    run.close()
    return trial


def add_resources(ctx: Context, bounds: Bounds, trial_id: int, given: Sequence[Given]) -> Trial:
    """A further deployment: new instances run the new models, running ones keep theirs."""
    with command(ctx, bounds, trial_id) as run:
        _deploy(run, resources.read_all(ctx, given))
        return run.trial


def remove(ctx: Context, trial_id: int) -> None:
    """Throw a trial away with everything in it. Raises :class:`NotFound`."""
    mine = (Trial.id == trial_id) & (Trial.owner_id == ctx.actor.user_id)
    if ctx.session.execute(delete(Trial).where(mine).returning(Trial.id)).scalar_one_or_none() is None:
        raise NotFound("没有这个试运行。", "There is no such trial.")


def drop_expired(ctx: Context) -> int:
    """Throw away the trials that nobody used for the time of retention; how many."""
    gone = ctx.session.execute(delete(Trial).where(Trial.expires_at <= ctx.clock.now()).returning(Trial.id))
    return len(gone.all())


# -- instances ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to start: by hand (neither), at a start event, or by the message or signal that it waits for."""

    message: str | None = None
    start_event: str | None = None


BY_HAND = Way()


def start(
    ctx: Context, bounds: Bounds, trial_id: int, process_id: str, variables: Variables, way: Way = BY_HAND
) -> TrialInstance:
    """Start a process: at its none start event or else its only one, at that of a message (``variables`` its payload), or at a given one.

    Raises :class:`ProcessNotInTrial`.
    """
    with command(ctx, bounds, trial_id) as run:
        resource, process = _process(run, process_id)
        way = _only_way(process) if way == BY_HAND else way
        if not _can_start(process, way):
            raise ProcessNotInTrial(
                f"流程“{process_id}”不能这样启动。",
                f"The process '{process_id}' cannot be started this way.",
                pointer="/message" if way.message else "/startEvent" if way.start_event else "/processId",
            )

        def begin(engine: Engine, definition_id: str, env: Environment) -> Advance:
            return engine.start(
                definition_id, process_id, env, variables, message=way.message, start_event=way.start_event
            )

        told: dict[str, Any] = {"variables": dict(variables)}
        if way.message is not None:
            told["message"] = way.message
        return run.start(resource, process_id, begin, application=variables, data=told)


def start_by_conditions(ctx: Context, bounds: Bounds, trial_id: int, variables: Variables) -> list[int]:
    """Start every process at each conditional start event whose condition holds for the variables. Gives the instances."""
    with command(ctx, bounds, trial_id) as run:
        return [instance.id for instance in starting.start_by_conditions(run, variables)]


def set_variables(
    ctx: Context, bounds: Bounds, trial_id: int, instance_id: int, values: Variables, *, scope: str | None = None
) -> TrialInstance:
    """Write variables of an instance (from an element's scope outwards); conditional events react."""

    def write(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.set_variables(definition_id, state, values, env, scope=scope)

    with command(ctx, bounds, trial_id) as run:
        instance = _running(run, instance_id)
        run.tell("variables.set", instance, scope, {"variables": dict(values)})
        run.command(instance, write)
        return instance


def cancel(ctx: Context, bounds: Bounds, trial_id: int, instance_id: int) -> TrialInstance:
    """End an instance with everything that is open in it."""

    def end(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.cancel(definition_id, state, env)

    with command(ctx, bounds, trial_id) as run:
        instance = _running(run, instance_id)
        instance.status = CANCELLED
        run.command(instance, end)
        instance.ended_at = run.trial.now
        run.tell("instance.cancelled", instance)
        return instance


# -- messages, signals, time -------------------------------------------------------------------------


def send_message(ctx: Context, bounds: Bounds, trial_id: int, incoming: Incoming) -> tuple[str, int | None]:
    """Give a message to exactly one receiver. Gives its state and the instance that got it."""
    with command(ctx, bounds, trial_id) as run:
        if incoming.only is not None:
            _running(run, incoming.only)
        return routing.post(run, incoming)


def send_signal(ctx: Context, bounds: Bounds, trial_id: int, name: str, payload: Variables) -> list[int]:
    """Give a signal to everybody who waits for it. Gives the instances that heard it."""
    with command(ctx, bounds, trial_id) as run:
        run.tell("signal.sent", None, None, {"name": name, "variables": dict(payload)})
        return [instance.id for instance in routing.broadcast(run, name, payload)]


def advance_by(ctx: Context, bounds: Bounds, trial_id: int, amount: str) -> Trial:
    """Let time pass (PT11S, P2D, 5wd)."""
    return _move(ctx, bounds, trial_id, lambda run: clock.advance_by(run, amount))


def advance_to(ctx: Context, bounds: Bounds, trial_id: int, moment: datetime | None) -> Trial:
    """Set the clock to a later moment, or with None to the next timer."""
    return _move(
        ctx,
        bounds,
        trial_id,
        lambda run: clock.advance_to_next(run) if moment is None else clock.advance_to(run, moment),
    )


# -- inside ------------------------------------------------------------------------------------------


def _move(ctx: Context, bounds: Bounds, trial_id: int, move: Callable[[Run], None]) -> Trial:
    with command(ctx, bounds, trial_id) as run:
        move(run)
        return run.trial


def _running(run: Run, instance_id: int) -> TrialInstance:
    instance = run.get_instance(instance_id)
    if instance.status != RUNNING:
        raise InstanceNotRunning("该流程实例已结束。", "The instance has ended.")
    return instance


def _process(run: Run, process_id: str) -> tuple[Resource, ProcessInfo]:
    found = run.current.get(process_id)
    if found is None:
        raise ProcessNotInTrial(
            f"试运行中没有流程“{process_id[:80]}”。",
            f"The trial has no process '{process_id[:80]}'.",
            pointer="/processId",
        )
    return found


def _only_way(process: ProcessInfo) -> Way:
    """By hand; where nothing is meant for that, at the one start event there is, as the engines do that models come from."""
    if process.none_start:
        return BY_HAND
    timers = [each.element_id for each in process.starts if each.kind == "timer"]
    events = timers or [each.element_id for each in process.starts]
    return Way(start_event=events[0]) if len(set(events)) == 1 else BY_HAND


def _can_start(process: ProcessInfo, way: Way) -> bool:
    if way.start_event is not None:
        return any(each.element_id == way.start_event for each in process.starts)
    return way.message in process.message_starts if way.message is not None else process.none_start


def _deploy(run: Run, read: Sequence[Read]) -> None:
    size = sum(len(each.source) for each in read)
    if run.count_resources() + len(read) > run.bounds.resources or size > run.bounds.bytes:
        raise TrialLimitReached(
            f"一个试运行最多 {run.bounds.resources} 个文件、每次 {run.bounds.bytes} 字节。",
            f"A trial holds {run.bounds.resources} resources at most, {run.bounds.bytes} bytes at a time.",
        )
    run.trial.deployments += 1
    for each in read:
        row = resources.row_of(run.trial.id, run.trial.deployments, each)
        row.deployed_at = run.trial.now
        run.ctx.session.add(row)
        if each.model is not None:
            run.ctx.engine.learn(resources.PREFIX + row.digest, each.xml)
    run.ctx.session.flush()
    run.reload()
    resources.require_calls(run.ctx, run.resources, read)
    for each in read:
        run.tell("deployed", None, None, {"resource": each.given.name})
    starting.arm(run, {process.id for each in read for process in each.processes})


def _require_room(ctx: Context, bounds: Bounds) -> None:
    query = select(func.count()).select_from(Trial).where(Trial.owner_id == ctx.actor.user_id)
    if ctx.session.execute(query).scalar_one() >= bounds.trials:
        raise TrialLimitReached(
            f"每人最多保留 {bounds.trials} 个试运行。", f"A person keeps {bounds.trials} trials at most."
        )


def duration(text: str) -> timedelta:
    """How long a message waits: an ISO duration of weeks to seconds. Raises BadLiteral."""
    begin = datetime(2000, 1, 1, tzinfo=UTC)
    return max(schedule(text, begin, Calendar()) - begin, timedelta(0))
