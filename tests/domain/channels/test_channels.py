import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bootstrap.wiring import make_handlers
from domain.actors import Role
from domain.channels import rules, sending
from domain.channels.errors import BadRule
from domain.channels.models import Delivery, PersonChannel, SiteChannel
from domain.clock import FixedClock
from domain.connectors import mail
from domain.connectors.errors import MailRefused, MailUnreachable
from domain.context import Context, Outward
from domain.errors import Forbidden
from domain.identity import service as identity
from domain.identity.models import User
from domain.notifications import service as notifications
from domain.outbox.models import Work
from domain.outbox.work import Outside
from domain.sites.models import Site

ALL = [category.key for category in rules.categories()]


@pytest.fixture
def outside(ctx: Context) -> Context:
    """A context whose notices go out of the platform."""
    handlers = replace(ctx.handlers, spread_notice=make_handlers().spread_notice)
    outward = Outward(public_url="https://lianban.example.cn", smtp_url="smtp://h", mail_from="a@example.cn")
    return replace(ctx, handlers=handlers, outward=outward)


def reachable(
    ctx: Context, user: User, channel: str = "email", categories: list[str] = ALL, *, confirmed: bool = True
) -> PersonChannel:
    now = ctx.clock.now()
    row = PersonChannel(
        user_id=user.id,
        channel=channel,
        address="reader@example.cn" if channel == "email" else "13800000000",
        categories=categories,
        consent_at=now,
        confirmed_at=now if confirmed else None,
        code_sent_at=now,
        leave_token=f"token-{user.id}-{channel}",
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def deliveries(ctx: Context) -> list[Delivery]:
    return list(ctx.session.scalars(select(Delivery).order_by(Delivery.id).execution_options(populate_existing=True)))


def work(ctx: Context) -> list[Work]:
    return list(ctx.session.scalars(select(Work).where(Work.kind == "notice.send").order_by(Work.id)))


def run(ctx: Context, item: Work) -> None:
    made = sending.send(ctx, item)
    item.state = "done"
    if isinstance(made, Outside):
        made.then(ctx, item, made.call())
    ctx.session.flush()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[mail.Mail]:
    taken: list[mail.Mail] = []
    monkeypatch.setattr(mail, "post", lambda _road, letter: taken.append(letter))
    return taken


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(mail, "post", fail)


def test_nobody_outside_means_no_delivery(outside: Context, applicant: User) -> None:
    reachable(outside, applicant, confirmed=False)
    notifications.send(outside, [applicant.id], "accepted", {"caseNo": "N1"})
    assert deliveries(outside) == []
    assert work(outside) == []


def test_a_notice_is_mailed_with_the_case_number_and_a_link_alone(
    outside: Context, applicant: User, letters: list[mail.Mail]
) -> None:
    reachable(outside, applicant)
    notifications.send(outside, [applicant.id], "task.applicant", {"caseNo": "N1", "taskName": "李某某的补正材料"})
    item = work(outside)[0]
    assert (item.queue, item.due_at, item.leg_id) == ("notice", outside.clock.now(), None)
    run(outside, item)
    row = deliveries(outside)[0]
    assert (row.state, row.attempts, row.sent_at, row.error_code) == ("sent", 1, outside.clock.now(), None)
    assert letters[0].key == f"delivery:{row.id}"
    assert "https://lianban.example.cn/my/N1" in letters[0].text
    assert letters[0].unsubscribe == f"https://lianban.example.cn/api/v1/channels/leave/token-{applicant.id}-email"
    assert "李某某" not in letters[0].text + letters[0].subject
    run(outside, item)
    assert len(letters) == 1


def test_no_template_carries_more_than_the_case_number() -> None:
    known = {category.key for category in rules.categories()}
    for key, said in notifications.outsides().items():
        assert said.category in known, key
        assert set(re.findall(r"\{(\w+)\}", said.title + said.text)) <= {"caseNo"}, key
        assert said.title, key


def test_people_get_the_categories_they_want_and_the_rules_allow(outside: Context, applicant: User) -> None:
    reachable(outside, applicant, categories=["result"])
    reachable(outside, applicant, "sms")
    notifications.send(outside, [applicant.id], "accepted", {"caseNo": "N1"})
    assert deliveries(outside) == []  # progress: not wanted by e-mail, not sent by SMS
    rules.put(outside, "progress.sms", "on", "试点", site_id=None)
    notifications.send(outside, [applicant.id], "accepted", {"caseNo": "N1"})
    assert [row.channel for row in deliveries(outside)] == ["sms"]


def test_the_same_notice_about_the_same_case_goes_once_in_ten_minutes(
    outside: Context, applicant: User, clock: FixedClock, joint_case: Any
) -> None:
    reachable(outside, applicant)

    def tell(case_id: int | None, template: str = "task.applicant") -> None:
        notifications.send(outside, [applicant.id], template, {"caseNo": "N1"}, case_id=case_id)

    for case_id in (joint_case.case.id, joint_case.case.id, None):
        tell(case_id)
    tell(joint_case.case.id, "closed")
    clock.advance(timedelta(minutes=11))
    tell(joint_case.case.id)
    assert [row.state for row in deliveries(outside)] == ["queued", "suppressed", "queued", "queued", "queued"]
    assert deliveries(outside)[1].error_code == "repeated"
    assert len(work(outside)) == 4


def test_quiet_hours_hold_all_but_urging_back(outside: Context, applicant: User, clock: FixedClock) -> None:
    reachable(outside, applicant)
    clock.at = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 23:30 in China
    notifications.send(outside, [applicant.id], "task.applicant", {"caseNo": "N1"})
    notifications.send(outside, [applicant.id], "ladder.SUPERVISE", {"caseNo": "N1"})
    assert [item.due_at for item in work(outside)] == [datetime(2026, 3, 3, 0, 0, tzinfo=UTC), clock.at]


@pytest.mark.parametrize(
    ("hour", "minute", "quiet", "day", "until"),
    [
        (20, 59, "21:00-08:00", 2, (20, 59)),
        (21, 0, "21:00-08:00", 3, (8, 0)),
        (7, 59, "21:00-08:00", 2, (8, 0)),
        (8, 0, "21:00-08:00", 2, (8, 0)),
        (12, 30, "12:00-14:00", 2, (14, 0)),
        (23, 0, "off", 2, (23, 0)),
    ],
)
def test_the_end_of_quiet_hours(hour: int, minute: int, quiet: str, day: int, until: tuple[int, int]) -> None:
    now = datetime(2026, 3, 2, hour, minute, tzinfo=rules.CHINA)
    assert rules.after_quiet(now, quiet) == datetime(2026, 3, day, *until, tzinfo=rules.CHINA)


def test_a_failure_that_may_pass_is_tried_again_and_then_fails(
    outside: Context, applicant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, MailUnreachable())
    reachable(outside, applicant)
    notifications.send(outside, [applicant.id], "closed", {"caseNo": "N1"})
    waits = []
    for number in range(5):
        item = work(outside)[number]
        waits.append((item.due_at - outside.clock.now()) // timedelta(minutes=1))
        run(outside, item)
    row = deliveries(outside)[0]
    assert waits == [0, 1, 5, 30, 120]
    assert (row.state, row.attempts, row.error_code) == ("failed", 5, "mail-unreachable")
    assert len(work(outside)) == 5
    assert sending.retry(outside, row.id) is row
    assert work(outside)[5].due_at == outside.clock.now()
    assert sending.retry(outside, row.id) is None


def test_a_refusal_for_good_fails_at_once(outside: Context, applicant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, MailRefused())
    reachable(outside, applicant)
    notifications.send(outside, [applicant.id], "closed", {"caseNo": "N1"})
    run(outside, work(outside)[0])
    assert [(row.state, row.attempts) for row in deliveries(outside)] == [("failed", 1)]


def test_without_a_mail_server_the_delivery_says_so(outside: Context, applicant: User) -> None:
    bare = replace(outside, outward=Outward())
    reachable(bare, applicant)
    notifications.send(bare, [applicant.id], "closed", {"caseNo": "N1"})
    run(bare, work(bare)[0])
    assert [(row.state, row.error_code) for row in deliveries(bare)] == [("failed", "mail-not-configured")]


def test_an_address_that_was_withdrawn_is_not_written_to(
    outside: Context, applicant: User, letters: list[mail.Mail]
) -> None:
    channel = reachable(outside, applicant)
    notifications.send(outside, [applicant.id], "closed", {"caseNo": "N1"})
    outside.session.delete(channel)
    outside.session.flush()
    run(outside, work(outside)[0])
    assert [(row.state, row.error_code) for row in deliveries(outside)] == [("suppressed", "target-gone")]
    assert letters == []


def test_a_library_that_breaks_is_a_failure_without_its_text(
    outside: Context, applicant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, RuntimeError("reader@example.cn"))
    reachable(outside, applicant)
    notifications.send(outside, [applicant.id], "closed", {"caseNo": "N1"})
    run(outside, work(outside)[0])
    assert [(row.state, row.error_code) for row in deliveries(outside)] == [("queued", "internal")]


def test_a_sites_robot_hears_of_its_own_site_alone(
    outside: Context, main_site: Site, partner_site: Site, applicant: User
) -> None:
    for site, name in ((main_site, "甲"), (partner_site, "乙"), (None, "平台")):
        outside.session.add(
            SiteChannel(
                site_id=site.id if site else None,
                kind="robot",
                name=name,
                provider="feishu",
                secret_name="ROBOT",
                categories=["collaboration"],
                is_enabled=True,
                changed_at=outside.clock.now(),
                changed_by="x",
            )
        )
    outside.session.flush()
    names = {row.id: row.name for row in outside.session.scalars(select(SiteChannel))}
    notifications.send(outside, [applicant.id], "task.partner", {"caseNo": "N1"}, site_id=partner_site.id)
    told = [names[int(row.target.partition(":")[2])] for row in deliveries(outside)]
    assert sorted(told) == sorted(["乙", "平台"])
    run(outside, work(outside)[0])
    assert deliveries(outside)[0].error_code == "secret-missing"


def test_rules_are_inherited_and_kept_by_their_administrators(
    outside: Context, main_site: Site, partner_site: Site, context_for: Callable[[User], Context]
) -> None:
    admin = identity.register_user(outside, "siteadmin", "管理", "Lianban-2026")
    identity.grant(outside, admin, Role.SITE_ADMIN, main_site)
    own = context_for(admin)
    rules.put(own, "quiet", "off", "窗口夜间值守", site_id=main_site.id)
    rules.put(outside, "quiet", "22:00-07:00", "省厅要求", site_id=None)
    rules.put(outside, "quiet", "22:00-07:30", "省厅要求（二）", site_id=None)
    at_main = rules.effective(outside, main_site.id)["quiet"]
    elsewhere = rules.effective(outside, partner_site.id)["quiet"]
    assert (at_main.value, at_main.layer, at_main.source) == ("off", "site", "窗口夜间值守")
    assert (elsewhere.value, elsewhere.layer) == ("22:00-07:30", "platform")
    for site_id in (partner_site.id, None):
        with pytest.raises(Forbidden):
            rules.put(own, "quiet", "off", "x", site_id=site_id)
    wrong = (
        ("quiet", "25:00-07:00", "x"),
        ("no.such", "on", "x"),
        ("action.email", "maybe", "x"),
        ("digest", "1", " "),
    )
    for key, value, reason in wrong:
        with pytest.raises(BadRule):
            rules.put(outside, key, value, reason, site_id=None)
