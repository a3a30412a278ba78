"""Models with service tasks that are done outside, and their jobs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from domain.actors import SYSTEM
from domain.cases.jobs import ServiceJob
from tests.support import models
from tests.support.models import chain, node, pool, user
from tests.support.world import World

TOPIC = "tax.check"


def service(
    topic: str = TOPIC,
    *,
    retries: str = "",
    headers: Mapping[str, str] | None = None,
    catch: str = "",
    timeout: str = "",
) -> bytes:
    """One pool: review, a service task done outside (amount in, answer out), then a task to finish.

    ``catch``: code of a BPMN error that leads to the task ``refused``; ``timeout``: an interrupting timer to the task ``late``.
    """
    mapping = (
        '<zeebe:ioMapping><zeebe:input source="=note" target="amount"/>'
        '<zeebe:output source="=answer" target="answer"/></zeebe:ioMapping>'
    )
    rows = "".join(f'<zeebe:header key="{name}" value="{value}"/>' for name, value in (headers or {}).items())
    tries = f' retries="{retries}"' if retries else ""
    work = f'<zeebe:taskDefinition type="{topic}"{tries}/>{mapping}<zeebe:taskHeaders>{rows}</zeebe:taskHeaders>'
    return asking(work, catch=catch, timeout=timeout)


def asking(work: str, *, catch: str = "", timeout: str = "") -> bytes:
    """The pool around the service task ``ask``, whose extension elements are ``work``."""
    body = (
        node("startEvent", "start")
        + user("review", ext=models.outputs(note="note", reason="reason"))
        + node("serviceTask", "ask", ext=work)
        + user("finish", ext=models.outputs(note="note"))
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "review", "ask", "finish", "done")
    )
    declared = ""
    if catch:
        declared = f'<bpmn:error id="e" name="e" errorCode="{catch}"/>'
        body += models.boundary("caught", "ask", '<bpmn:errorEventDefinition errorRef="e"/>', interrupting=True)
        body += user("refused") + node("endEvent", "ended") + chain("caught", "refused", "ended")
    if timeout:
        body += models.boundary("tooLate", "ask", models.timer(timeout), interrupting=True)
        body += user("late") + node("endEvent", "lateEnd") + chain("tooLate", "late", "lateEnd")
    source = models.collaboration({"main": (pool("P_main", "main", "main", models.MAIN_SITE), body)})
    return source.replace(b"<bpmn:collaboration", declared.encode() + b"<bpmn:collaboration", 1)


def jobs(world: World) -> list[ServiceJob]:
    """All jobs, oldest first."""
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.scalars(select(ServiceJob).order_by(ServiceJob.created_at, ServiceJob.id)))


def ask(world: World, source: bytes | None = None, **data: Any) -> ServiceJob:
    """Deploy, apply, review: the job that opens."""
    world.deploy(source or service())
    world.submit()
    world.complete("clerk", "review", **{"note": "1200", "reason": "secret", **data})
    return jobs(world)[-1]
