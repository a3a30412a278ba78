from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.cases.rows import LegRow
from domain.certificates import handlers, states
from domain.certificates import service as certificates
from domain.certificates.errors import CertificateNotFound, HolderMissing, TransitionRefused, ValidCertificateExists
from domain.certificates.models import Certificate, CertificateOperation
from domain.clock import FixedClock
from domain.context import Context
from domain.notifications.models import Notification
from domain.outbox.models import Work
from engine.contract import Job, ServiceError

CHILD = {"idNo": "532622201506010001", "name": "测试子"}
ENGINEER = {"idNo": "451002198806120000", "name": "测试工"}


@dataclass
class Duty:
    ref: str
    data: dict[str, Any] = field(default_factory=dict)
    leg_id: int | None = None


def operations(ctx: Context, certificate: Certificate) -> list[tuple[str, str, str]]:
    query = select(CertificateOperation).where(CertificateOperation.certificate_id == certificate.id)
    return [
        (row.operation, row.from_state, row.to_state)
        for row in ctx.session.scalars(query.order_by(CertificateOperation.id))
    ]


def issue_b(ctx: Context, leg: LegRow, **data: Any) -> Certificate:
    return certificates.issue(ctx, leg, "water-safety-B", [ENGINEER], data, valid_until=date(2028, 5, 1))


@pytest.mark.parametrize(
    "sample",
    [
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    ],
)
def test_published_identifiers_have_right_check_characters(sample: str) -> None:
    type_code, issuer_code, serial, version, _ = sample.removeprefix(f"{states.ROOT}.").split(".")
    assert states.make_identifier(type_code, issuer_code, serial, version) == sample


def test_a_permit_is_valid_for_forty_days_and_watched(ctx: Context, main_leg: LegRow) -> None:
    permit = certificates.issue(ctx, main_leg, "move-in-permit", [CHILD], {"handler": "x"}, valid_for="P40D")
    assert permit.number == "砚公户准迁〔2026〕1号"
    assert permit.state == "ISSUED"
    assert permit.valid_until == date(2026, 4, 11)
    due = {row.kind: row.due_at.date() for row in ctx.session.scalars(select(Work))}
    assert due == {"certificate.expire": date(2026, 4, 11), "certificate.remind": date(2026, 4, 1)}
    assert certificates.belongs_to(permit, CHILD["idNo"])
    assert not certificates.belongs_to(permit, ENGINEER["idNo"])


@pytest.mark.parametrize("to", ["USED", "VOID", "REISSUED"])
def test_vouchers_end_once(ctx: Context, main_leg: LegRow, to: str) -> None:
    permit = certificates.issue(ctx, main_leg, "move-in-permit", [CHILD], {})
    certificates.transition(ctx, main_leg, "move-in-permit", permit.number, to)
    certificates.transition(ctx, main_leg, "move-in-permit", permit.number, to)
    assert len(operations(ctx, permit)) == 2
    for other in {"USED", "VOID", "EXPIRED", "ISSUED"} - {to}:
        with pytest.raises(TransitionRefused):
            certificates.transition(ctx, main_leg, "move-in-permit", permit.number, other)


def test_a_voucher_expires_after_its_last_day_and_people_are_told(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    permit = certificates.issue(ctx, main_leg, "move-in-permit", [CHILD], {}, valid_for="P40D")
    duty = Duty(str(permit.id))
    handlers.expire(ctx, duty)
    assert permit.state == "ISSUED"
    handlers.remind(ctx, duty)
    clock.advance(timedelta(days=41))
    handlers.expire(ctx, duty)
    handlers.expire(ctx, duty)
    assert permit.state == "EXPIRED"
    told = ctx.session.scalars(select(Notification.template).order_by(Notification.id)).all()
    assert told == ["certificate.expiring", "certificate.expired"]
    certificates.transition(ctx, main_leg, "move-in-permit", permit.number, "VOID")
    assert permit.state == "VOID"


def test_a_used_voucher_does_not_expire(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    permit = certificates.issue(ctx, main_leg, "move-in-permit", [CHILD], {}, valid_for="P40D")
    certificates.transition(ctx, main_leg, "move-in-permit", permit.number, "USED")
    clock.advance(timedelta(days=41))
    assert certificates.expire(ctx, permit.id) is None
    assert certificates.expire(ctx, 999_999) is None


def test_one_valid_certificate_per_holder_and_class(ctx: Context, main_leg: LegRow, partner_leg: LegRow) -> None:
    old = issue_b(ctx, partner_leg)
    assert old.state == "01"
    assert old.identifier is not None
    parts = old.identifier.removeprefix(f"{states.ROOT}.").split(".")
    assert states.make_identifier(*parts[:-1]) == old.identifier
    with pytest.raises(ValidCertificateExists):
        issue_b(ctx, main_leg, oldNumber=old.number)
    certificates.issue(ctx, main_leg, "water-safety-C", [ENGINEER], {})


def test_a_transfer_in_carries_the_old_identifier_and_its_expiry(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow
) -> None:
    old = issue_b(ctx, partner_leg)
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "06")
    new = certificates.issue(ctx, main_leg, "water-safety-B", [ENGINEER], {"oldNumber": old.number})
    assert new.linked_identifier == old.identifier
    assert new.valid_until == old.valid_until
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "04")
    valid = [c.number for c in certificates.list_by_holder(ctx, ENGINEER["idNo"]) if c.state == "01"]
    assert valid == [new.number]
    assert operations(ctx, old) == [("01", "", "01"), ("05", "01", "06"), ("05", "06", "04")]
    assert operations(ctx, new) == [("08", "", "01")]


def test_a_refused_transfer_restores_the_old_certificate(ctx: Context, partner_leg: LegRow) -> None:
    old = issue_b(ctx, partner_leg)
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "06")
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "01")
    assert old.state == "01"
    assert operations(ctx, old)[-1] == ("10", "06", "01")


def test_the_old_certificate_is_not_restored_beside_a_new_one(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow
) -> None:
    old = issue_b(ctx, partner_leg)
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "06")
    issue_b(ctx, main_leg, oldNumber=old.number)
    with pytest.raises(ValidCertificateExists):
        certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "01")


@pytest.mark.parametrize(
    ("first", "then"), [("02", "06"), ("03", "01"), ("04", "01"), ("07", "01"), ("06", "02"), ("05", "01")]
)
def test_safety_certificates_refuse_other_ways(ctx: Context, partner_leg: LegRow, first: str, then: str) -> None:
    old = issue_b(ctx, partner_leg)
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, first)
    with pytest.raises(TransitionRefused):
        certificates.transition(ctx, partner_leg, "water-safety-B", old.number, then)


def test_operations_without_a_change_of_state_are_logged(ctx: Context, partner_leg: LegRow) -> None:
    old = issue_b(ctx, partner_leg)
    certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "01", operation="02")
    assert operations(ctx, old)[-1] == ("02", "01", "01")
    with pytest.raises(TransitionRefused):
        certificates.transition(ctx, partner_leg, "water-safety-B", old.number, "06", operation="10")


def test_a_safety_certificate_lapses(ctx: Context, partner_leg: LegRow, clock: FixedClock) -> None:
    old = issue_b(ctx, partner_leg)
    clock.advance(timedelta(days=900))
    certificates.expire(ctx, old.id)
    assert old.state == "05"


def test_unknown_numbers_kinds_and_holders(ctx: Context, main_leg: LegRow) -> None:
    permit = certificates.issue(ctx, main_leg, "move-in-permit", [CHILD], {})
    assert certificates.find_by_number(ctx, f" {permit.number} ") is permit
    with pytest.raises(CertificateNotFound):
        certificates.transition(ctx, main_leg, "migration-certificate", permit.number, "USED")
    with pytest.raises(CertificateNotFound):
        certificates.issue(ctx, main_leg, "passport", [CHILD], {})
    with pytest.raises(CertificateNotFound):
        certificates.get_by_number(ctx, "nothing")
    with pytest.raises(HolderMissing):
        certificates.issue(ctx, main_leg, "move-in-permit", [], {})


def test_the_services(ctx: Context, main_leg: LegRow) -> None:
    def job(_type: str, **arguments: Any) -> Job:
        return Job("j", "e", _type, arguments)

    asked = job("certificate.issue", kind="move-in-permit", holders=[CHILD], validFor="P40D", data={"handler": "x"})
    issued = handlers.issue(ctx, main_leg, asked)
    assert issued["validUntil"] == "2026-04-11"
    done = handlers.transition(ctx, main_leg, job("x", kind="move-in-permit", number=issued["number"], to="VOID"))
    assert done["state"] == "VOID"
    with pytest.raises(ServiceError) as refusal:
        handlers.transition(ctx, main_leg, job("x", kind="move-in-permit", number=issued["number"], to="USED"))
    assert refusal.value.code == "certificate-state"
    with pytest.raises(ServiceError):
        handlers.issue(ctx, main_leg, job("x", kind="move-in-permit", holders=[CHILD], validUntil="soon"))
    with pytest.raises(ServiceError):
        handlers.issue(ctx, main_leg, job("x", kind="move-in-permit", holders=[CHILD], validFor="soon"))


def test_holders_are_sealed(ctx: Context, main_leg: LegRow) -> None:
    certificates.issue(ctx, main_leg, "move-in-permit", [CHILD], {})
    row = ctx.session.connection().exec_driver_sql("select holder, holder_blind from certificates").one()
    assert CHILD["idNo"].encode() not in bytes(row[0])
    assert CHILD["idNo"] not in row[1]


def test_a_certificate_from_another_deployment_is_linked_by_its_identifier(ctx: Context, main_leg: LegRow) -> None:
    abroad = {"oldNumber": "桂水安B（2024）0000009", "linkedIdentifier": "1.2.156.3005.2.X"}
    new = certificates.issue(ctx, main_leg, "water-safety-B", [ENGINEER], abroad, valid_until=date(2028, 5, 1))
    assert new.linked_identifier == "1.2.156.3005.2.X"
    assert operations(ctx, new) == [("08", "", "01")]
    with pytest.raises(CertificateNotFound):
        certificates.issue(ctx, main_leg, "water-safety-C", [ENGINEER], {"oldNumber": "nowhere"})
