"""Service tasks of type ``email``: a letter to a person of the case, to the holders of a role, or to an address that the rules allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import BigInteger, column, select, table

from domain.actors import Role
from domain.channels import rules
from domain.channels.models import PersonChannel
from domain.connectors import checking, mail
from domain.connectors.errors import BadCall, CallFailed, HostNotAllowed
from domain.connectors.mail import Mail, Road
from domain.context import Context
from domain.identity import service as identity
from domain.identity.models import User
from domain.outbox.calls import Done, Failed, JobView, Outcome, Prepared
from engine.contract import Element, Finding

TYPE: Final = "email"
ARGUMENTS: Final = frozenset({"to", "subject", "body"})
HEADERS: Final = frozenset({"retryBackoff", "priority", "elementTemplateId", "elementTemplateVersion"})
MOST: Final = 50
_CASES: Final = table("cases", column("id", BigInteger), column("applicant_user_id", BigInteger))


def connect(ctx: Context, job: JobView) -> Prepared:
    """Prepare the letters. People without a confirmed address are left out and counted. Raises ``BadCall``, ``HostNotAllowed``."""
    subject, body = read(job.arguments, job.headers)
    addresses, missing = _addresses(ctx, job)
    road = mail.find_road(ctx)
    now = ctx.clock.now()
    letters = [Mail(to, subject, body, f"{job.request_key}:{to}", now) for to in addresses]
    return Prepared(partial(_post, road, letters, missing))


def read(arguments: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[str, str]:
    """Subject and body. Raises ``BadCall``."""
    unknown = sorted((set(arguments) - ARGUMENTS) | (set(headers) - HEADERS))
    if unknown:
        raise BadCall(f"不认识的参数：{'、'.join(unknown)[:200]}。", f"Unknown arguments: {', '.join(unknown)[:200]}.")
    subject, body = arguments.get("subject"), arguments.get("body")
    if not isinstance(subject, str) or not subject.strip() or not isinstance(body, str) or not body.strip():
        raise BadCall("邮件缺少主题或正文。", "The letter lacks a subject or a body.")
    return subject, body


def recipients(given: Any) -> list[str]:
    """Whom a letter names. Raises ``BadCall``."""
    wanted = [given] if isinstance(given, str) else given
    if (
        not isinstance(wanted, list)
        or not wanted
        or len(wanted) > MOST
        or not all(isinstance(to, str) for to in wanted)
    ):
        raise BadCall("收件人不正确。", "The recipients are wrong.")
    return wanted


def allowed_domains(ctx: Context, site_id: int | None) -> list[str]:
    """Domains of addresses that the site may write to."""
    return rules.effective(ctx, site_id)["mail.domains"].value.split(",")


def check(_: Context, element: Element, site_id: int | None) -> Iterator[Finding]:
    """What can be told of such a task at deployment."""
    del site_id  # whom a site may write to is judged when the letter is sent
    names = {target.partition(".")[0] for target, _source in element.inputs}
    yield from checking.unknown(element, names, ARGUMENTS, HEADERS)
    yield from checking.missing(element, names, sorted(ARGUMENTS))
    yield from checking.tries(element)


def _post(road: Road, letters: Sequence[Mail], missing: int) -> Outcome:
    """One after the other. After a failure all are tried again: who has a letter already gets the same one, by its Message-ID."""
    for letter in letters:
        try:
            mail.post(road, letter)
        except CallFailed as failure:
            return Failed(failure.code, failure.fact_zh or failure.title_zh, retry=failure.is_passing)
    return Done({"count": len(letters), "missing": missing})


def _addresses(ctx: Context, job: JobView) -> tuple[list[str], int]:
    wanted = recipients(job.arguments.get("to"))
    allowed = allowed_domains(ctx, job.site_id)
    found: dict[str, None] = {}
    missing = 0
    for to in wanted:
        if "@" in to:
            require_address(to, allowed)
            found[to] = None
            continue
        people = _people(ctx, job, to)
        known = confirmed(ctx, people)
        missing += len(people) - len(known)
        found |= dict.fromkeys(known)
    return list(found)[:MOST], missing


def _people(ctx: Context, job: JobView, to: str) -> list[int]:
    if to == "applicant":
        owner = ctx.session.execute(
            select(_CASES.c.applicant_user_id).where(_CASES.c.id == job.case_id)
        ).scalar_one_or_none()
        return [] if owner is None else [owner]
    require_role(to)
    return identity.list_holders(ctx, job.site_id, [to])


def require_address(to: str, allowed: Sequence[str]) -> None:
    """An address that may be written to. Raises ``HostNotAllowed``."""
    if not mail.is_address(to) or to.rpartition("@")[2].lower() not in allowed:
        raise HostNotAllowed("不允许给该域名发信。", "Mail to this domain is not allowed.")


def require_role(to: str) -> None:
    """The code of a role. Raises ``BadCall``."""
    if to not in {role.value for role in Role}:
        raise BadCall(
            "收件人应为 applicant、角色代码或邮箱地址。", "A recipient is applicant, a role's code or an address."
        )


def confirmed(ctx: Context, people: Sequence[int]) -> list[str]:
    """The confirmed addresses of these people."""
    query = (
        select(PersonChannel.address)
        .join(User, User.id == PersonChannel.user_id)
        .where(
            PersonChannel.user_id.in_(people),
            PersonChannel.channel == "email",
            PersonChannel.confirmed_at.is_not(None),
            User.is_active,
        )
        .order_by(PersonChannel.id)
    )
    return list(ctx.session.scalars(query))
