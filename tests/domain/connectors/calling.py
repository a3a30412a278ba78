"""A process with one http task against a real server: what tests of calls share."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import select

from domain.actors import SYSTEM
from domain.connectors import hosts
from domain.connectors.models import HttpCall
from domain.secrets import service as secrets
from scheduler import jobs as scheduler
from tests.domain.connectors.conftest import Counter
from tests.support.external import asking
from tests.support.world import World

Start = Callable[..., Counter]
HUSH = "a-secret-that-must-not-be-found-anywhere-7c1f"


def model(
    inputs: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    *,
    catch: str = "",
    kind: str = "http",
    retries: str = "",
) -> bytes:
    """Review, an http task (inputs as written in the model), a task to finish; ``catch`` leads a BPMN error to ``refused``."""
    rows = "".join(
        f"<zeebe:input source={quoteattr(source)} target={quoteattr(target)}/>" for target, source in inputs.items()
    )
    rows += '<zeebe:output source="=answer" target="answer"/>'
    constants = "".join(
        f"<zeebe:header key={quoteattr(key)} value={quoteattr(value)}/>" for key, value in (headers or {}).items()
    )
    tries = f' retries="{retries}"' if retries else ""
    work = f'<zeebe:taskDefinition type="{kind}"{tries}/><zeebe:ioMapping>{rows}</zeebe:ioMapping><zeebe:taskHeaders>{constants}</zeebe:taskHeaders>'
    return asking(work, catch=catch)


def allow(world: World, served: Counter, *names: str, **more: Any) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        given = {"is_internal": True, "is_plain": served.scheme == "http", "names": names, **more}
        hosts.put(ctx, "127.0.0.1", "测试", site_id=None, port=served.port, **given)


def keep(world: World, name: str, value: str = HUSH) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        secrets.put(ctx, name, value, site_id=None)


def go(world: World, source: bytes) -> int:
    world.deploy(source)
    world.submit()
    world.complete("clerk", "review", note="1200", reason="张三")
    return scheduler.run_due(world.platform)


def calls(world: World) -> list[HttpCall]:
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.scalars(select(HttpCall).order_by(HttpCall.id)))


def answer_of(world: World) -> Any:
    return world.legs()["P_main"].variables.get("answer")
