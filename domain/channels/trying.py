"""试发邮件: a designer's look at the letter of an ``email`` task, and the letter itself to the designer's own confirmed address."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from domain.audit import service as audit
from domain.channels import letters
from domain.channels.errors import ChannelRefused
from domain.connectors import mail, samples
from domain.connectors.mail import Mail
from domain.connectors.samples import Sample
from domain.context import Context
from domain.errors import DomainError
from domain.identity import service as identity
from engine.contract import Finding

MARK: Final = "【试发】"


class NoOwnAddress(ChannelRefused):
    """The designer has no confirmed e-mail address to send the trial to."""

    code = "no-own-address"
    title_zh = "您还没有已确认的邮箱"
    title_en = "You have no confirmed e-mail address"
    next_zh = "请先在“通知方式”中填写并确认自己的邮箱，再试发。"
    next_en = "Give and confirm an own address on the page of notices first."


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom the letter names. ``kind``: applicant, role, address. ``people`` and ``reachable`` are known of roles at a site."""

    to: str
    kind: str
    people: int | None = None
    reachable: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it would be written. ``own`` is where a trial goes, masked; empty: nowhere."""

    recipients: tuple[Recipient, ...]
    subject: str = field(repr=False)
    body: str = field(repr=False)
    own: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A trial letter between its two transactions."""

    own: str
    call: Callable[[], None]


def preview(ctx: Context, sample: Sample) -> tuple[Letter | None, list[Finding]]:
    """The letter, and why it would not be sent. Raises ``Forbidden``."""
    samples.require_designer(ctx, sample.site_id)
    found = samples.check(ctx, sample)
    letter: Letter | None = None
    try:
        given = samples.arguments(ctx, sample)
        subject, body = letters.read(given, sample.headers)
        whom = tuple(_recipient(ctx, sample, to) for to in letters.recipients(given.get("to")))
        letter = Letter(
            whom, mail.one_line(subject)[: mail.LONGEST_SUBJECT], body[: mail.LONGEST_TEXT], own_address(ctx)
        )
    except DomainError as error:
        found.append(samples.finding_of(sample, error))
    return letter, found


def prepare(ctx: Context, sample: Sample) -> Ready:
    """First transaction: the letter to the actor alone. Raises :class:`NoOwnAddress`, ``MailNotConfigured``, ``BadCall``, …"""
    samples.require_designer(ctx, sample.site_id)
    given: dict[str, Any] = samples.arguments(ctx, sample)
    subject, body = letters.read(given, sample.headers)
    for to in letters.recipients(given.get("to")):
        _recipient(ctx, sample, to)
    own = letters.confirmed(ctx, [ctx.actor.user_id])
    if not own:
        raise NoOwnAddress
    road = mail.find_road(ctx)
    letter = Mail(own[0], f"{MARK}{subject}", body, f"try-{randomness.token_hex(16)}", ctx.clock.now())
    audit.record(ctx, "letter.tried", site_id=sample.site_id, data={"element": sample.element_id[:120]})
    return Ready(mail.mask_address(own[0]), partial(mail.post, road, letter))


def own_address(ctx: Context) -> str:
    """The actor's confirmed address, masked; empty when there is none."""
    own = letters.confirmed(ctx, [ctx.actor.user_id])
    return mail.mask_address(own[0]) if own else ""


def _recipient(ctx: Context, sample: Sample, to: str) -> Recipient:
    if "@" in to:
        letters.require_address(to, letters.allowed_domains(ctx, sample.site_id))
        return Recipient(to, "address")
    if to == "applicant":
        return Recipient(to, "applicant")
    letters.require_role(to)
    if sample.site_id is None:
        return Recipient(to, "role")
    people = identity.list_holders(ctx, sample.site_id, [to])
    return Recipient(to, "role", len(people), len(letters.confirmed(ctx, people)))
