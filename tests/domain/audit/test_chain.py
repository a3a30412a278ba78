"""The record of a case is a chain: whoever changes a row or drops one is found out."""

import pytest
from sqlalchemy import text

from domain.actors import SYSTEM
from domain.audit import service as audit
from tests.support.owner import as_owner
from tests.support.world import World


@pytest.fixture
def closed(world: World) -> World:
    return world.with_closed_case()


@pytest.mark.parametrize(
    "change",
    [
        """update audit_events set data = '{"action": "RETURN"}' where kind = 'task.completed' and seq < 8""",
        "update audit_events set actor_name = 'somebody' where seq = 3",
        "update audit_events set at = at + interval '1 day' where seq = 2",
        "delete from audit_events where seq = (select max(seq) from audit_events)",
        "delete from audit_events where seq = 2",
        "update audit_events set canonical = canonical || '\\x20' where seq = 4",
        "update cases set audit_head = '\\x00'",
    ],
)
def test_every_change_breaks_the_chain(closed: World, change: str) -> None:
    case_id = closed.case().id
    with closed.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, case_id).verified
        with as_owner(ctx.session):
            ctx.session.execute(text(change))
        found = audit.verify(ctx, case_id)
    assert not found.verified
    assert found.broken_at is not None


def test_events_outside_a_step_join_the_chain(closed: World) -> None:
    case_id = closed.case().id
    with closed.platform.transaction(SYSTEM) as ctx:
        audit.record(ctx, "case.looked-at", case_id=case_id, data={"purpose": "test"})
        audit.record(ctx, "case.looked-at", case_id=case_id, data={"purpose": "again"})
    with closed.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, case_id).verified


def test_the_record_holds_no_personal_data(closed: World) -> None:
    with closed.platform.transaction(SYSTEM) as ctx:
        rows = ctx.session.execute(text("select convert_from(canonical, 'UTF8') from audit_events where case_id > 0"))
        everything = "".join(rows.scalars())
    assert "532622201506010001" not in everything
    assert "applicant" not in everything.replace("applicant.", "")
    assert "申请人" in everything
