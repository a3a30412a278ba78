"""Two sites exchange messages: contract, once only, parked and replayed, rejected with a code."""

import pytest

from domain.actors import SYSTEM
from domain.cases import service as cases
from domain.cases.errors import WithdrawalRefused
from domain.inbox import service as inbox
from domain.inbox.rejections import BadSignature, SenderUnknown
from domain.outbox.envelope import read
from domain.outbox.models import Message
from domain.sites import keys
from domain.sites import service as sites
from scheduler import jobs
from tests.support import models
from tests.support.world import World


def _asked(world: World, **options: bool) -> None:
    world.deploy(models.joint(**options))
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")


def test_a_request_opens_the_partners_leg_and_the_answer_comes_back(world: World) -> None:
    _asked(world)
    assert list(world.legs()) == ["P_main"]
    assert jobs.run_due(world.platform) == 1
    legs = world.legs()
    assert legs["P_partner"].case_no != legs["P_main"].case_no
    assert legs["P_partner"].received == {"movers": [{"idNo": "532622201506010001"}], "reason": "投靠父母"}
    assert world.open_tasks() == ["work"]
    world.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["finish"]
    assert world.legs()["P_main"].variables["answer"] == "同意"
    world.complete("clerk", "finish")
    assert world.case().result_code == "0"
    assert [(m.name, m.state) for m in world.messages("out")] == [
        ("REQUEST", "acknowledged"),
        ("REPLY", "acknowledged"),
    ]
    assert [(m.name, m.state) for m in world.messages("in")] == [("REQUEST", "delivered"), ("REPLY", "delivered")]


def test_only_the_contract_crosses(world: World) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    sent = world.messages("out")[0]
    assert sent.raw is not None
    assert b"only for the main site" not in sent.raw
    assert read(sent.raw).body == {"movers": [{"idNo": "532622201506010001"}], "reason": "投靠父母"}


def test_a_missing_required_field_is_an_incident_that_names_it(world: World) -> None:
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare")
    incident = world.incidents()[0]
    assert incident.code == "contract-field-missing"
    assert "reason" in incident.message
    assert world.messages("out")[0].state == "blocked"
    assert world.work("message.deliver") == []


def test_the_same_message_three_times_has_one_effect(world: World) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    request = world.messages("out")[0]
    assert request.raw is not None
    for _ in range(3):
        with world.platform.transaction(SYSTEM) as ctx:
            receipt = inbox.receive(ctx, request.raw, request.signature)
            assert (receipt.state, receipt.duplicate) == ("delivered", True)
    assert world.open_tasks() == ["work"]
    assert world.count("legs") == 2


def test_an_early_answer_is_parked_and_replayed(world: World) -> None:
    _asked(world, ask_catches=False)
    jobs.run_due(world.platform)
    world.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(world.platform)
    assert [m.state for m in world.messages("in")] == ["delivered", "parked"]
    assert world.open_tasks() == ["think"]
    world.complete("clerk", "think")
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["finish"]
    assert [m.state for m in world.messages("in")] == ["delivered", "delivered"]


def test_a_parked_message_that_nobody_wants_expires(world: World) -> None:
    _asked(world, ask_catches=False)
    jobs.run_due(world.platform)
    world.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(world.platform)
    world.pass_time("P31D")
    jobs.run_due(world.platform)
    assert [m.state for m in world.messages("in")] == ["delivered", "rejected"]


def test_a_suspended_leg_parks_and_goes_on_when_resumed(world: World) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    main = world.legs()["P_main"].id
    with world.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, main, "test")
    world.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(world.platform)
    assert world.messages("in")[-1].state == "parked"
    with world.platform.transaction(SYSTEM) as ctx:
        cases.resume(ctx, main)
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["finish"]


def test_foreign_and_forged_messages_are_refused(world: World) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    raw = world.messages("out")[0].raw
    assert raw is not None
    with pytest.raises(BadSignature), world.platform.transaction(SYSTEM) as ctx:
        inbox.receive(ctx, raw.replace(b"REQUEST", b"REQUESU"), world.messages("out")[0].signature)
    with pytest.raises(SenderUnknown), world.platform.transaction(SYSTEM) as ctx:
        inbox.receive(ctx, raw.replace(models.MAIN_SITE.encode(), b"nobody"), "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b'"name":"REQUEST"', b'"name":"NONSENSE"'), "-41"),
        ((b'"reason":"', b'"raison":"'), "-41"),
        ((b"P_partner", b"P_nobody"), "-41"),
        ((b'"site":"test-shunde-police"', b'"site":"test-elsewhere"'), "-43"),
        ((b'"itemCode":"test-item"', b'"itemCode":"unknown"'), None),
        ((b'"collabNo":"5', b'"collabNo":"9'), None),
    ],
)
def test_rejections_have_the_exchanges_codes(world: World, change: tuple[bytes, bytes], code: str | None) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    original = world.messages("out")[0].raw
    assert original is not None
    message_id = read(original).message_id.encode()
    raw = original.replace(*change).replace(message_id, message_id[::-1])
    assert raw != original
    with world.platform.transaction(SYSTEM) as ctx:
        site = sites.get_site(ctx, models.MAIN_SITE)
        receipt = inbox.receive(ctx, raw, keys.sign(ctx, site.id, raw))
    if code is not None:
        assert (receipt.state, receipt.code) == ("rejected", code)
    assert world.count("tasks") == 2 + (receipt.state == "delivered" and b"collabNo" in change[0])


def test_a_reply_to_an_unknown_collaboration_is_minus_901(world: World) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    world.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(world.platform)
    reply = world.messages("out")[1]
    assert reply.raw is not None
    raw = reply.raw.replace(reply.collab_no.encode(), b"000000")
    with world.platform.transaction(SYSTEM) as ctx:
        site = sites.get_site(ctx, models.PARTNER_SITE)
        receipt = inbox.receive(ctx, raw, keys.sign(ctx, site.id, raw))
    assert receipt.duplicate
    raw = raw.replace(reply.message_id.encode(), b"another")
    with world.platform.transaction(SYSTEM) as ctx:
        receipt = inbox.receive(ctx, raw, keys.sign(ctx, site.id, raw))
    assert (receipt.state, receipt.code) == ("rejected", "-901")


def test_a_site_speaks_only_for_its_own_part(world: World) -> None:
    _asked(world)
    jobs.run_due(world.platform)
    original = world.messages("out")[0]
    assert original.raw is not None
    forged = original.raw.replace(
        b'"sender":{"participant":"P_main","site":"test-yanshan-police"}',
        b'"sender":{"participant":"P_main","site":"test-shunde-police"}',
    ).replace(original.message_id.encode(), b"forged")
    assert b"forged" in forged
    with world.platform.transaction(SYSTEM) as ctx:
        site = sites.get_site(ctx, models.PARTNER_SITE)
        receipt = inbox.receive(ctx, forged, keys.sign(ctx, site.id, forged))
    assert (receipt.state, receipt.code) == ("rejected", "-50")


def test_messages_of_a_case_keep_their_order(world: World) -> None:
    _asked(world)
    with world.platform.transaction(SYSTEM) as ctx:
        first = ctx.session.get_one(Message, world.messages("out")[0].id)
        later = Message(
            **{
                column.name: getattr(first, column.name)
                for column in Message.__table__.columns
                if column.name not in ("id", "message_id", "raw", "signature")
            },
            message_id="later",
            signature="",
        )
        ctx.session.add(later)
        ctx.session.flush()
        item = jobs.Work(
            kind="message.deliver",
            queue="message",
            ref=str(later.id),
            case_id=first.case_id,
            leg_id=first.leg_id,
            due_at=first.created_at,
            data={},
            created_at=first.created_at,
        )
        ctx.session.add(item)
        ctx.session.flush()
        item_id = item.id
    assert not jobs.run(world.platform, item_id)
    assert [m.state for m in world.messages("out")] == ["queued", "queued"]


def test_withdrawal_while_the_model_listens(world: World) -> None:
    world.deploy(models.joint())
    world.submit()
    with world.platform.transaction(world.people["applicant"]) as ctx:
        cases.withdraw(ctx, world.case().id, "不办了")
    case = world.case()
    assert (case.status, case.result_code) == ("WITHDRAWN", "2")
    with pytest.raises(WithdrawalRefused), world.platform.transaction(world.people["applicant"]) as ctx:
        cases.withdraw(ctx, case.id, "再撤")
