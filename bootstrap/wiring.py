"""What models may ask the platform for: service tasks, effects, facts others listen to, and materials, wired once."""

from __future__ import annotations

from domain.cases import effects as cases
from domain.context import Handlers
from domain.deadlines import clocks
from domain.notifications import service as notifications


def make_handlers() -> Handlers:
    """The handlers of this product. Kinds and arguments: docs/dialect.md."""
    return Handlers(
        services={
            **cases.SERVICES,
            "notify": notifications.notify,
        },
        effects={
            "clock": clocks.effect,
        },
    )
