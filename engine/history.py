"""Collects what one command changes; what is opened and closed by the same command is not reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.contract import ClosedTask, ElementEvent

if TYPE_CHECKING:
    from engine.contract import Incident, Job, MessageOut, OpenTask, SignalOut, Subscription, Timer
    from engine.source.nodes import Node


class Changes:
    """The changes of one command. ``seq`` is the number of the last history event of the instance."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.history: list[ElementEvent] = []
        self.tasks: dict[str, OpenTask] = {}
        self.closed_tasks: list[ClosedTask] = []
        self.timers: dict[str, Timer] = {}
        self.closed_timers: list[str] = []
        self.moved_timers: list[Timer] = []
        self.subscriptions: dict[str, Subscription] = {}
        self.closed_subscriptions: list[str] = []
        self.jobs: dict[str, Job] = {}
        self.closed_jobs: list[str] = []
        self.incidents: dict[str, Incident] = {}
        self.resolved: list[str] = []
        self.messages: list[MessageOut] = []
        self.signals: list[SignalOut] = []
        self.stored: dict[str, Any] = {}

    def _event(self, element_id: str, kind: str, node: Node | None = None) -> None:
        self.seq += 1
        effects = () if node is None or not node.effects else node.at({"entered": "enter", "left": "leave"}[kind])
        self.history.append(ElementEvent(self.seq, element_id, kind, effects))

    def entered(self, node: Node) -> None:
        """A token entered the node."""
        self._event(node.id, "entered", node)

    def left(self, node: Node) -> None:
        """A token left the node as the model says."""
        self._event(node.id, "left", node)

    def cancelled(self, node: Node) -> None:
        """The node was interrupted."""
        self._event(node.id, "cancelled")

    def taken(self, flow_id: str) -> None:
        """A sequence flow was taken."""
        self._event(flow_id, "taken")

    def close_task(self, task_id: str, element_id: str, *, cancelled: bool) -> None:
        """A user task is no longer open."""
        if self.tasks.pop(task_id, None) is None:
            self.closed_tasks.append(ClosedTask(task_id, element_id, cancelled))

    def close_timer(self, timer_id: str) -> None:
        """A timer fired or is no longer needed."""
        if self.timers.pop(timer_id, None) is None:
            self.closed_timers.append(timer_id)

    def close_subscription(self, subscription_id: str) -> None:
        """Nobody waits with this subscription any more."""
        if self.subscriptions.pop(subscription_id, None) is None:
            self.closed_subscriptions.append(subscription_id)

    def close_job(self, job_id: str) -> None:
        """A job is done, failed or no longer needed."""
        if self.jobs.pop(job_id, None) is None:
            self.closed_jobs.append(job_id)

    def resolve(self, incident_id: str) -> None:
        """An incident is being retried or its place was cancelled."""
        if self.incidents.pop(incident_id, None) is None:
            self.resolved.append(incident_id)
