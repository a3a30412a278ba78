"""Messages and signals inside a trial: exactly one receiver for a message, everybody for a signal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from domain.outbox.contract import ContractFieldMissing, cut
from domain.trials import starting
from domain.trials.models import TrialInstance, TrialMessage
from domain.trials.resources import Resource
from domain.trials.run import Run
from engine.contract import Advance, Environment, MessageFlow, MessageOut, ProcessInfo, SignalOut
from engine.facade import Engine

DELIVERED, STARTED, BUFFERED, DISCARDED, EXPIRED = "delivered", "started", "buffered", "discarded", "expired"
DUPLICATE = "duplicate"
TIME_TO_LIVE = timedelta(hours=1)
"""How long a message waits for a receiver when its sender does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message to deliver. ``only`` is the one instance it may go to; ``process_id`` and ``group_id`` bind it to a pool."""

    name: str
    payload: Mapping[str, Any]
    key: str | None = None
    message_id: str | None = None
    ttl: timedelta = TIME_TO_LIVE
    only: int | None = None
    process_id: str | None = None
    sender: TrialInstance | None = None

    @property
    def group_id(self) -> int | None:
        """The collaboration that a message along a message flow stays in."""
        return None if self.sender is None or self.process_id is None else self.sender.group_id or self.sender.id


def post(run: Run, incoming: Incoming) -> tuple[str, int | None]:
    """Deliver a message, start a process with it, or keep it. Gives its state and the instance that got it."""
    known = _find_twin(run, incoming)
    if known is not None:
        return DUPLICATE, known.instance_id
    state, receiver = _receive(run, incoming)
    if state is None:
        state = BUFFERED if incoming.ttl > timedelta(0) else DISCARDED
    run.ctx.session.add(
        TrialMessage(
            trial_id=run.trial.id,
            message_id=incoming.message_id,
            name=incoming.name,
            correlation_key=incoming.key,
            payload=dict(incoming.payload),
            state=state,
            instance_id=None if receiver is None else receiver.id,
            only_instance_id=incoming.only,
            target_process=incoming.process_id,
            group_id=incoming.group_id,
            sender_id=None if incoming.sender is None else incoming.sender.id,
            sent_at=run.trial.now,
            expires_at=run.trial.now + incoming.ttl,
        )
    )
    if receiver is None:
        run.tell(f"message.{state}", None, None, {"name": incoming.name, "correlationKey": incoming.key})
    return state, None if receiver is None else receiver.id


def carry(run: Run, sender: TrialInstance, out: MessageOut | SignalOut) -> None:
    """Take a message or signal that an instance threw to the others."""
    if isinstance(out, SignalOut):
        run.tell("signal.thrown", sender, out.element_id, {"name": out.signal, "variables": dict(out.payload)})
        broadcast(run, out.signal, out.payload, besides=sender)
        return
    resource = run.by_id[sender.definition_id]
    flow = _flow_of(resource, sender, out)
    data: dict[str, Any] = {"name": out.message, "correlationKey": out.correlation_key, "variables": dict(out.payload)}
    payload: Mapping[str, Any] = out.payload
    target = None
    if flow is not None:
        pool = next((each for each in resource.model.participants if each.id == flow.target_participant), None)
        target = None if pool is None else pool.process_id
        data["to"] = flow.target_participant
        if flow.fields:
            try:
                payload = cut(flow.fields, payload)
            except ContractFieldMissing as error:
                run.tell("message.blocked", sender, out.element_id, data | {"missing": error.path})
                return
    run.tell("message.thrown", sender, out.element_id, data | {"variables": dict(payload)})
    if flow is not None and target is None:
        run.tell("message.external", sender, out.element_id, {"name": out.message, "to": flow.target_participant})
        return
    post(run, Incoming(name=out.message, payload=payload, key=out.correlation_key, process_id=target, sender=sender))


def deliver_buffered(run: Run) -> bool:
    """Give kept messages to those who wait by now, oldest first; those whose time is over go."""
    query = select(TrialMessage).where(TrialMessage.trial_id == run.trial.id, TrialMessage.state == BUFFERED)
    delivered = False
    for message in run.ctx.session.scalars(query.order_by(TrialMessage.id)).all():
        if message.expires_at <= run.trial.now:
            message.state = EXPIRED
            run.tell("message.expired", None, None, {"name": message.name})
            continue
        kept = Incoming(
            name=message.name,
            payload=message.payload,
            key=message.correlation_key,
            only=message.only_instance_id,
            process_id=message.target_process,
        )
        receiver = _deliver(run, kept, message.group_id)
        if receiver is not None:
            message.state, message.instance_id = DELIVERED, receiver.id
            delivered = True
    return delivered


def broadcast(
    run: Run, name: str, payload: Mapping[str, Any], *, besides: TrialInstance | None = None
) -> list[TrialInstance]:
    """Give a signal to every instance that waits for it and to every signal start event. Gives who heard it."""
    heard = []
    for instance in run.running():
        if instance is besides:
            continue

        def deliver(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance | None:
            return engine.deliver_signal(definition_id, state, name, payload, env)

        if run.command(instance, deliver):
            run.tell("signal.delivered", instance, None, {"name": name})
            heard.append(instance)
    return heard + starting.start_by_signal(run, name, payload)


def _find_twin(run: Run, incoming: Incoming) -> TrialMessage | None:
    if incoming.message_id is None:
        return None
    query = select(TrialMessage).where(
        TrialMessage.trial_id == run.trial.id, TrialMessage.message_id == incoming.message_id
    )
    return run.ctx.session.scalars(query).one_or_none()


def _receive(run: Run, incoming: Incoming) -> tuple[str | None, TrialInstance | None]:
    """Who waits comes first, then a message start event."""
    receiver = _deliver(run, incoming, incoming.group_id)
    if receiver is not None:
        return DELIVERED, receiver
    if incoming.only is not None:
        return None, None
    for process_id, (resource, process) in run.current.items():
        if incoming.name not in process.message_starts or incoming.process_id not in {None, process_id}:
            continue
        if _has_begun(run, incoming, process):
            continue
        start = partial(_start_by_message, process_id=process_id, incoming=incoming)
        told = {"message": incoming.name, "variables": dict(incoming.payload)}
        parent = incoming.sender if incoming.group_id is not None else None
        made = run.start(resource, process_id, start, application=incoming.payload, parent=parent, data=told)
        return STARTED, made
    return None, None


def _start_by_message(
    engine: Engine, definition_id: str, env: Environment, *, process_id: str, incoming: Incoming
) -> Advance:
    return engine.start(definition_id, process_id, env, incoming.payload, message=incoming.name)


def _deliver(run: Run, incoming: Incoming, group_id: int | None) -> TrialInstance | None:
    """The one waiting instance that takes it: equal keys before open ones, older before younger, others before the sender."""

    def deliver(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance | None:
        return engine.deliver_message(
            definition_id, state, incoming.name, incoming.payload, env, correlation_key=incoming.key
        )

    for instance in _waiting(run, incoming, group_id):
        if run.command(instance, deliver):
            if group_id not in {None, instance.id, instance.group_id}:
                instance.group_id = group_id
            run.tell(
                "message.delivered",
                instance,
                None,
                {"name": incoming.name, "correlationKey": incoming.key, "variables": dict(incoming.payload)},
            )
            return instance
    return None


def _waiting(run: Run, incoming: Incoming, group_id: int | None) -> list[TrialInstance]:
    """Who waits for it. What was started by itself may still join a collaboration; who is in it already comes first."""
    ranked = []
    running = run.running()
    leaders = {each.group_id for each in running}
    for instance in running:
        if incoming.only not in {None, instance.id} or incoming.process_id not in {None, instance.process_id}:
            continue
        joins = group_id not in {None, instance.id, instance.group_id}
        if joins and (instance.group_id is not None or instance.id in leaders):
            continue
        keys = [row["correlation_key"] for row in instance.open["subscriptions"] if row["message"] == incoming.name]
        fitting = [key for key in keys if key is None or key == incoming.key]
        if fitting:
            ranked.append((joins, instance is incoming.sender, None in fitting, instance.id, instance))
    return [row[-1] for row in sorted(ranked, key=lambda row: row[:-1])]


def _has_begun(run: Run, incoming: Incoming, process: ProcessInfo) -> bool:
    """Whether the pool already runs in this collaboration and will itself catch the message: then it waits for that."""
    if incoming.group_id is None or incoming.name not in process.messages_caught:
        return False
    return any(
        each.process_id == process.id and incoming.group_id in {each.id, each.group_id} for each in run.running()
    )


def _flow_of(resource: Resource, sender: TrialInstance, out: MessageOut) -> MessageFlow | None:
    """The message flow that starts at the throwing element, else the pool's only one with this message."""
    model = resource.model
    pool = next((each.id for each in model.participants if each.process_id == sender.process_id), None)
    flows = [flow for flow in model.message_flows if flow.source_participant == pool]
    own = [flow for flow in flows if flow.source_element == out.element_id]
    return _first(own) or _first([flow for flow in flows if flow.message == out.message])


def _first(flows: Iterable[MessageFlow]) -> MessageFlow | None:
    return next(iter(flows), None)
