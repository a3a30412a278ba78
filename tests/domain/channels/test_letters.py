from dataclasses import replace
from typing import Any

import pytest

from domain.actors import Role
from domain.cases.rows import LegRow
from domain.channels import letters, rules
from domain.channels.models import PersonChannel
from domain.connectors import mail
from domain.connectors.errors import BadCall, HostNotAllowed, MailUnreachable
from domain.context import Context, Outward
from domain.identity import service as identity
from domain.identity.models import User
from domain.outbox.calls import Done, Failed, JobView
from domain.sites.models import Site


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[mail.Mail]:
    taken: list[mail.Mail] = []
    monkeypatch.setattr(mail, "post", lambda _road, letter: taken.append(letter))
    return taken


@pytest.fixture
def outside(ctx: Context) -> Context:
    return replace(ctx, outward=Outward(smtp_url="smtp://h", mail_from="a@example.cn"))


def job(leg: LegRow, headers: dict[str, str] | None = None, **arguments: Any) -> JobView:
    given = {"to": "applicant", "subject": "主题", "body": "正文", **arguments}
    return JobView("j", "key-1", "email", "mail", given, headers or {}, 1, leg.case_id, leg.id, leg.site_id, 1)


def reachable(ctx: Context, user: User, address: str) -> None:
    now = ctx.clock.now()
    ctx.session.add(
        PersonChannel(
            user_id=user.id,
            channel="email",
            address=address,
            categories=[],
            consent_at=now,
            confirmed_at=now,
            code_sent_at=now,
            leave_token=address,
        )
    )
    ctx.session.flush()


def test_people_of_the_case_get_a_letter(
    outside: Context, main_leg: LegRow, main_site: Site, applicant: User, posted: list[mail.Mail]
) -> None:
    clerks = [identity.register_user(outside, name, "窗口", "Lianban-2026") for name in ("clerk1", "clerk2")]
    for clerk in clerks:
        identity.grant(outside, clerk, Role.RECV_CLERK, main_site)
    reachable(outside, clerks[0], "clerk@example.cn")
    reachable(outside, applicant, "applicant@example.cn")
    asked = job(main_leg, to=["applicant", "RECV_CLERK"])
    assert letters.connect(outside, asked).call() == Done({"count": 2, "missing": 1})
    assert [letter.to for letter in posted] == ["applicant@example.cn", "clerk@example.cn"]
    letters.connect(outside, asked).call()
    assert [letter.key for letter in posted[:2]] == [letter.key for letter in posted[2:]]


def test_addresses_are_written_to_when_the_rules_allow_their_domain(
    outside: Context, main_leg: LegRow, posted: list[mail.Mail]
) -> None:
    asked = job(main_leg, to="bureau@example.gov.cn")
    with pytest.raises(HostNotAllowed):
        letters.connect(outside, asked)
    rules.put(outside, "mail.domains", "example.gov.cn,example.cn", "省厅要求", site_id=main_leg.site_id)
    assert letters.connect(outside, asked).call() == Done({"count": 1, "missing": 0})
    assert posted[0].to == "bureau@example.gov.cn"


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "NOBODY"},
        {"to": []},
        {"to": 5},
        {"to": ["applicant"] * 51},
        {"subject": " "},
        {"body": None},
        {"cc": "x@example.cn"},
    ],
)
def test_letters_that_cannot_be_written(outside: Context, main_leg: LegRow, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadCall):
        letters.connect(outside, job(main_leg, **wrong))
    with pytest.raises(BadCall):
        letters.connect(outside, job(main_leg, {"resultVaraible": "x"}))


def test_a_server_that_is_away_is_tried_again(
    outside: Context, main_leg: LegRow, applicant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise MailUnreachable

    monkeypatch.setattr(mail, "post", away)
    reachable(outside, applicant, "applicant@example.cn")
    outcome = letters.connect(outside, job(main_leg)).call()
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retry) == ("mail-unreachable", True)
