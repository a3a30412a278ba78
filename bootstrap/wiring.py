"""What models may ask the platform for: service tasks, effects, later duties, materials of a message; wired once."""

from __future__ import annotations

from typing import Any

from domain.cases import effects as cases
from domain.cases.rows import LegRow
from domain.certificates import handlers as certificates
from domain.channels import letters, sending, spreading
from domain.connectors import checking, http
from domain.connectors.reading import TYPES as HTTP_TYPES
from domain.context import Context, Handlers
from domain.deadlines import clocks
from domain.documents import service as documents
from domain.jobs import calling, operations
from domain.liaison import unread
from domain.materials import service as materials
from domain.materials import supplements
from domain.notifications import listeners
from domain.notifications import service as notifications
from domain.outbox.calls import CALL
from domain.partners import contacts
from domain.privacy import retention
from domain.procedures import service as procedures
from domain.recomputation import service as recomputation
from domain.registrations import service as registrations
from domain.resealing import service as resealing
from domain.trust import countersigning, key_change


def make_handlers() -> Handlers:
    """The handlers of this product. Kinds and arguments: docs/dialect.md."""
    return Handlers(
        services={
            **cases.SERVICES,
            "certificate.issue": certificates.issue,
            "certificate.transition": certificates.transition,
            "document.issue": documents.issue_service,
            "notify": notifications.notify,
            "registration.settle": registrations.settle_service,
            "registration.transition": registrations.transition_service,
        },
        effects={
            "clock": clocks.effect,
            "document": documents.effect,
            "supplement": supplements.effect,
        },
        calls={**dict.fromkeys(HTTP_TYPES, http.make_connect()), letters.TYPE: letters.connect},
        checks={**dict.fromkeys(HTTP_TYPES, checking.http), letters.TYPE: letters.check},
        jobs={
            CALL: calling.call,
            "certificate.expire": certificates.expire,
            "certificate.remind": certificates.remind,
            operations.RETRY: operations.retry_one,
            unread.KIND: unread.pass_on,
            recomputation.KIND: recomputation.run,
            "notice.send": sending.send,
            procedures.EXPECTED: procedures.expected,
            "registration.pending": registrations.alert,
            resealing.KIND: resealing.run,
            retention.KIND: retention.run,
            key_change.JOB: key_change.announce,
            countersigning.JOB: countersigning.send,
        },
        listeners={
            "task.opened": listeners.task_opened,
            "case.closed": _case_closed,
            "leg.ended": clocks.leg_ended,
        },
        spread_notice=spreading.spread,
        reach_liaison=contacts.reached,
        offer_materials=materials.offer,
        take_materials=materials.take,
    )


def _case_closed(ctx: Context, leg: LegRow, thing: Any) -> None:
    """Everybody who has to know that a case was closed."""
    procedures.case_closed(ctx, leg, thing)
    listeners.case_closed(ctx, leg, thing)
