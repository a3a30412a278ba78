"""One delivery: looked at again under its lock, handed over outside any transaction, and written down. Job ``notice.send``.

A failure that may pass is tried again after the rule's pauses, each try a row of work of its own; then the delivery has failed and
stands in the site's list, where it can be sent again. A node that dies in between sends the same message again, recognisable by its
Message-ID or idempotency key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import select

from domain.channels import people, rules
from domain.channels.models import Delivery, PersonChannel, SiteChannel
from domain.channels.spreading import plan
from domain.connectors import mail, robots
from domain.connectors.errors import CallFailed, RobotRefused
from domain.context import Context
from domain.errors import DomainError
from domain.identity.models import User
from domain.identity.queries import without_account
from domain.notifications import service as notifications
from domain.outbox.work import Outside, Postponed
from domain.secrets import service as secrets

log = structlog.get_logger(__name__)
NAME: Final = "联办"
"""Stands in every message of a robot: the keyword that a robot may ask for."""
LOG_IN: Final = re.compile("，请登录[^。]*")
COME: Final = "请带身份证件到收件窗口办理或查询。"
"""Who cannot log in is asked to come to the window instead."""
TEST: Final = "channel.test"
"""Template of a test message, written here."""


class WorkLike(Protocol):
    """A row of work: ``ref`` is the delivery."""

    id: int
    ref: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try: no code when it was taken; ``is_passing`` when another try may succeed, ``after`` no sooner than that."""

    code: str | None = None
    is_passing: bool = False
    after: timedelta = timedelta(0)


class TargetGone(DomainError):
    """The address was withdrawn or the robot removed since the notice was written."""

    code = "target-gone"
    title_zh = "地址已停用或机器人已删除"
    title_en = "The address was withdrawn or the robot removed"
    next_zh = "不再发送；需要时请重新登记地址或机器人。"
    next_en = "It is not sent any more; enter the address or the robot anew if it is needed."


def send(ctx: Context, work: WorkLike) -> Outside | None:
    """Do one try of a delivery that is still queued. Raises :class:`Postponed` while its robot has been told enough for now."""
    row = ctx.session.get(Delivery, int(work.ref), with_for_update=True)
    if row is None or row.state != "queued":
        return None
    try:
        call = _call(ctx, row)
    except TargetGone:
        row.state, row.error_code = "suppressed", TargetGone.code
        return None
    except DomainError as error:
        _write(ctx, row, Outcome(error.code))
        return None
    return Outside(partial(attempt, call), _settle)


def attempt(call: Callable[[], None]) -> Outcome:
    """Make the call; its failure is an outcome and never content of a log."""
    try:
        call()
    except RobotRefused as error:
        code = error.code if error.number is None else f"{error.code}:{error.number}"
        return Outcome(code, error.is_passing, error.after)
    except CallFailed as error:
        return Outcome(error.code, error.is_passing)
    except Exception as error:  # noqa: BLE001 -- whatever a library raises, its text may hold an address
        log.warning("notice.broken", kind=type(error).__name__)
        return Outcome("internal", is_passing=True)
    return Outcome()


def retry(ctx: Context, delivery_id: int) -> Delivery | None:
    """Send a failed delivery again, now; None when it is not failed. The caller checked whose it is."""
    row = ctx.session.get(Delivery, delivery_id, with_for_update=True)
    if row is None or row.state != "failed":
        return None
    row.state, row.attempts, row.error_code, row.due_at = "queued", 0, None, ctx.clock.now()
    ctx.session.flush()
    plan(ctx, [row.id], row.due_at)
    return row


def _settle(ctx: Context, work: Any, outcome: Outcome) -> None:
    row = ctx.session.get(Delivery, int(work.ref), with_for_update=True)
    if row is not None and row.state == "queued":
        _write(ctx, row, outcome)


def _write(ctx: Context, row: Delivery, outcome: Outcome) -> None:
    now = ctx.clock.now()
    row.attempts += 1
    row.error_code = outcome.code
    if outcome.code is None:
        row.state, row.sent_at = "sent", now
        return
    left = rules.pauses(rules.effective(ctx, row.site_id))
    if outcome.is_passing and row.attempts <= len(left):
        row.due_at = now + max(left[row.attempts - 1], outcome.after)
        ctx.session.flush()
        plan(ctx, [row.id], row.due_at)
        return
    row.state = "failed"
    log.warning("notice.failed", delivery=row.id, channel=row.channel, attempts=row.attempts, code=outcome.code)


def _call(ctx: Context, row: Delivery) -> Callable[[], None]:
    """What is to be said, and to whom, resolved now. Raises :class:`TargetGone`, ``SecretMissing``, ``MailNotConfigured``."""
    whose, _, number = row.target.partition(":")
    if whose == "site":
        title, text = _said(row)
        return _robot(ctx, row, int(number), title, text)
    person = ctx.session.execute(
        select(PersonChannel, User.is_applicant)
        .join(User, User.id == PersonChannel.user_id)
        .where(PersonChannel.id == int(number), User.is_active)
    ).one_or_none()
    if person is None or (person[0].confirmed_at is None) != (row.template == people.CODE):
        raise TargetGone
    target, is_applicant = person
    if row.template == people.CODE:
        title, text = (
            "联办验证码",
            f"您正在登记接收通知的地址，验证码 {people.code_of(target)}，30 分钟内有效。非本人操作请忽略。",
        )
    else:
        title, text = _said(row)
        if without_account(ctx.session, [target.user_id]):
            text = LOG_IN.sub("", text) + COME
    if row.channel == "sms":
        return robots.texting(ctx, gateway(ctx, row.site_id), target.address, f"【{title}】{text}")
    return _letter(ctx, row, target, is_applicant=is_applicant, title=title, text=text)


def _said(row: Delivery) -> tuple[str, str]:
    if row.template == TEST:
        return "测试消息", "这是一条测试消息，通知渠道已接通。"
    said = notifications.outsides()[row.template]
    return said.title, said.text.replace("{caseNo}", row.case_no)


def _letter(
    ctx: Context, row: Delivery, target: PersonChannel, *, is_applicant: bool, title: str, text: str
) -> Callable[[], None]:
    base = ctx.outward.public_url
    if row.template == people.CODE:
        body, leave = text, ""
    else:
        link = case_link(ctx, row.case_no, is_applicant=is_applicant)
        page = "/settings/channels" if is_applicant else "/staff/settings/channels"
        body, leave = (
            f"{text}\n\n{link}\n\n不再接收此类邮件：{base}{page}",
            f"{base}/api/v1/channels/leave/{target.leave_token}",
        )
    subject = f"【{title}】{row.case_no}"
    letter = mail.Mail(target.address, subject, body, f"delivery:{row.id}", row.created_at, leave)
    return partial(mail.post, mail.find_road(ctx), letter)


def case_link(ctx: Context, case_no: str, *, is_applicant: bool) -> str:
    """Where the reader finds the case, after logging in."""
    base = ctx.outward.public_url
    if not case_no:
        return base
    return f"{base}/my/{case_no}" if is_applicant else f"{base}/staff/cases/{case_no}"


def gateway(ctx: Context, site_id: int | None) -> SiteChannel:
    """The SMS gateway of the site, else of the platform. Raises :class:`TargetGone` when there is none."""
    own = (
        SiteChannel.site_id.is_(None)
        if site_id is None
        else (SiteChannel.site_id == site_id) | SiteChannel.site_id.is_(None)
    )
    query = select(SiteChannel).where(SiteChannel.kind == "sms", SiteChannel.is_enabled, own)
    found = ctx.session.scalar(query.order_by(SiteChannel.site_id.nulls_last(), SiteChannel.id).limit(1))
    if found is None:
        raise TargetGone
    return found


def _robot(ctx: Context, row: Delivery, channel_id: int, title: str, text: str) -> Callable[[], None]:
    channel = ctx.session.get(SiteChannel, channel_id)
    if channel is None or not channel.is_enabled:
        raise TargetGone
    address = secrets.resolve(ctx, channel.secret_name, channel.site_id)
    wait = robots.pace(ctx, address)
    if wait:
        raise Postponed(ctx.clock.now() + timedelta(seconds=wait))
    link = case_link(ctx, row.case_no, is_applicant=False)
    return robots.telling(ctx, address, f"【{NAME}·{title}】", f"{text}\n{link}", site_id=channel.site_id)
