"""What an instance is waiting for, read from its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.contract import Incident, Job, OpenTask, Snapshot, Subscription, Timer
from engine.execution import active_elements, ad_hocs
from engine.spiff.specs.activities import open_job, open_task
from engine.spiff.specs.waiting import timer_of

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance


def snapshot(instance: Instance) -> Snapshot:
    """All that is open."""
    tasks: list[OpenTask] = []
    timers: list[Timer] = []
    subscriptions: list[Subscription] = []
    jobs: list[Job] = []
    incidents: list[Incident] = []
    for token in instance.tasks.values():
        data, node = token.internal_data, token.task_spec.node
        if "task" in data:
            tasks.append(open_task(token))
        if "due" in data:
            timers.append(timer_of(node, data["due"]))
        if "msg" in data:
            subscriptions.append(Subscription(data["msg"][0], node.id, data["msg"][1], data["msg"][2]))
        if "job" in data:
            jobs.append(open_job(token))
        if "inc" in data:
            identity, code, message, job_id = data["inc"]
            incidents.append(Incident(identity, node.id, code, message, job_id))
    return Snapshot(
        ended=bool(instance.completed),
        variables=instance.task_tree.vars or {},
        tasks=tuple(tasks),
        timers=tuple(timers),
        subscriptions=tuple(subscriptions),
        jobs=tuple(jobs),
        incidents=tuple(incidents),
        active_elements=active_elements(instance),
        ad_hocs=ad_hocs(instance),
    )
