"""Duties that one node does once an hour: what expired goes, provisional dates are set anew, finished work is cleared away."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Final

import structlog
from sqlalchemy import func, select

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.applications import service as applications
from domain.audit import anchors, sealing
from domain.channels import retention as deliveries
from domain.connectors import retention as calls
from domain.context import Context
from domain.errors import DomainError
from domain.federation import service as federation
from domain.federation import spent
from domain.identity import attempts, credentials, devices, exceptions, idempotency, sessions
from domain.jobs import retention as jobs
from domain.nodes import queries as nodes
from domain.outbox import retention
from domain.partners import contacts
from domain.rates import service as rates
from domain.recomputation import coverage
from domain.resealing import names
from domain.trials import service as trials
from domain.trust import countersigning, stamping
from domain.trust.stamping import Authority

log = structlog.get_logger(__name__)
LOCK: Final = 7_310_042
"""Advisory lock of the duty: whoever holds it is the one node that does it now."""


def run(platform: Platform) -> bool:
    """Do the duties; False when another node is at it."""
    with platform.transaction(SYSTEM) as ctx:
        if not _alone(ctx):
            return False
        counts = {
            "sessions": sessions.drop_expired(ctx),
            "login_failures": attempts.drop_old(ctx),
            "reset_codes": credentials.drop_old_codes(ctx),
            "devices": devices.drop_old(ctx),
            "spent_tokens": spent.drop_old(ctx),
            "drafts": applications.drop_expired_drafts(ctx),
            "trials": trials.drop_expired(ctx),
            "dates": coverage.refresh_known(ctx),
            "years": coverage.alert(ctx),
            "contacts": contacts.remind(ctx),
            "role_exceptions": exceptions.lapse(ctx),
            "lost_calls": calls.end_lost(ctx),
            "calls": calls.drop_old(ctx, ctx.clock.now() - platform.settings.record_retention),
            "deliveries": deliveries.drop_old(ctx, ctx.clock.now() - platform.settings.record_retention),
            "rates": rates.drop_full(ctx),
            "idempotency_keys": idempotency.drop_old(ctx),
            "service_jobs": jobs.drop_ended(ctx, ctx.clock.now() - platform.settings.work_retention),
        }
    counts["work"] = _drop_work(platform)
    counts["names"] = seal_names(platform)
    _look_at_providers(platform)
    if any(counts.values()):
        log.info("housekeeping.done", **counts)
    return True


def seal_names(platform: Platform) -> int:
    """Seal names that lie plainly, batch by batch; none while a node of another version runs, which would not read them."""
    total = 0
    while True:
        with platform.transaction(SYSTEM) as ctx:
            if not (_alone(ctx) and nodes.all_run(ctx, version("lianban"))):
                return total
            done = names.seal_some(ctx)
        total += done
        if done == 0:
            return total


def seal(platform: Platform) -> int:
    """Chain reads and acts outside of cases that were written since the tick before (:mod:`domain.audit.sealing`)."""
    with platform.transaction(SYSTEM) as ctx:
        return sealing.seal(ctx)


def anchor(platform: Platform) -> bool:
    """Anchor what moved, and publish it where the deployment says."""
    with platform.transaction(SYSTEM) as ctx:
        taken = anchors.take(ctx)
        if taken is None:
            return False
        number, line = taken.number, json.dumps(anchors.published(taken), sort_keys=True)
    folder = platform.settings.anchor_folder
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"anchor-{number:08d}.json").write_text(f"{line}\n", encoding="utf-8")
    log.info("audit.anchored", number=number)
    _countersign(platform)
    _stamp(platform)
    return True


def _stamp(platform: Platform) -> None:
    """A time stamp for the newest anchor, asked for outside of transactions; without one the anchor stands all the same."""
    settings = platform.settings
    if settings.tsa_url is None:
        return
    with platform.transaction(SYSTEM) as ctx:
        found = stamping.find_unstamped(ctx)
    if found is None:
        return
    number, statement = found
    try:
        token = stamping.stamp(
            Authority(settings.tsa_url, settings.tsa_ca), statement, tls_ca_file=platform.outward.ca_file
        )
    except DomainError as error:
        log.warning("audit.not_stamped", number=number, reason=error.code)
        return
    with platform.transaction(SYSTEM) as ctx:
        stamping.keep(ctx, number, token)
    log.info("audit.stamped", number=number)


def _countersign(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        countersigning.ask(ctx, platform.settings.countersign_every)


def _look_at_providers(platform: Platform) -> None:
    """How identity providers are, for the administrators' page; asked outside of transactions."""
    for provider in platform.settings.providers.every:
        checked = federation.look(platform.federation, provider)
        with platform.transaction(SYSTEM) as ctx:
            federation.write_state(ctx, provider, checked)


def _drop_work(platform: Platform) -> int:
    """Finished work, in transactions short enough to be in nobody's way."""
    total, after = 0, 0
    while True:
        with platform.transaction(SYSTEM) as ctx:
            if not _alone(ctx):
                return total
            before = ctx.clock.now() - platform.settings.work_retention
            dropped = retention.drop_finished(ctx, before, after=after)
        total += dropped.rows
        if dropped.after is None:
            return total
        after = dropped.after


def _alone(ctx: Context) -> bool:
    return bool(ctx.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))
