"""Duties that one node does once an hour: expired log-ins, drafts and trials go, provisional dates are set anew."""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy import func, select

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.applications import service as applications
from domain.identity import sessions
from domain.recomputation import coverage
from domain.trials import service as trials

log = structlog.get_logger(__name__)
LOCK: Final = 7_310_042
"""Advisory lock of the duty: whoever holds it is the one node that does it now."""


def run(platform: Platform) -> bool:
    """Do the duties in one transaction; False when another node is at it."""
    with platform.transaction(SYSTEM) as ctx:
        if not ctx.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return False
        counts = {
            "sessions": sessions.drop_expired(ctx),
            "drafts": applications.drop_expired_drafts(ctx),
            "trials": trials.drop_expired(ctx),
            "dates": coverage.refresh_known(ctx),
            "years": coverage.alert(ctx),
        }
    if any(counts.values()):
        log.info("housekeeping.done", **counts)
    return True
