"""Chains outside of cases are sealed in batches; anchors find what chains alone cannot: cut ends and whole cases gone."""

import json

import pytest
from sqlalchemy import func, select, text

from domain.actors import SYSTEM
from domain.audit import anchors, sealing, whole
from domain.audit import service as audit
from domain.audit.merkle import Tree
from domain.audit.models import AuditChain, AuditRead
from domain.evidence.verifier import climb
from tests.support import models
from tests.support.owner import as_owner
from tests.support.world import World


@pytest.fixture
def anchored(world: World) -> World:
    world.deploy(models.simple())
    world.submit()
    world.complete("clerk", "review", "ACCEPT", note="齐全")
    case_id = world.case().id
    with world.platform.transaction(world.people["clerk"]) as ctx:
        audit.record_read(ctx, "case.page", case_id=case_id, fields=["application"])
        audit.record_read(ctx, "case.search", fields=["subject"], data={"found": 1})
        audit.record(ctx, "policy.changed", data={"key": "x", "before": 1, "after": 2})
    with world.platform.transaction(SYSTEM) as ctx:
        assert anchors.take(ctx) is not None
    return world


def check(world: World, change: str | None = None) -> whole.Whole:
    """What is found after a change, which is rolled back. CASE stands for the case's id."""
    case_id = world.case().id
    with world.platform.transaction(SYSTEM) as ctx:
        if change is not None:
            with as_owner(ctx.session):
                ctx.session.execute(text(change.replace("CASE", str(case_id))))
        found = whole.verify_all(ctx)
        ctx.session.rollback()
    return found


def test_everything_that_was_written_is_whole(anchored: World) -> None:
    found = check(anchored)
    assert found.findings == ()
    assert (found.cases, found.anchors) == (1, 1)
    with anchored.platform.transaction(SYSTEM) as ctx:
        names = set(ctx.session.scalars(select(AuditChain.name)))
        waiting = ctx.session.scalar(select(func.count()).select_from(AuditRead).where(AuditRead.hash.is_(None)))
    case_id = anchored.case().id
    assert {f"case:{case_id}", f"reads:{case_id}", "site:0"} <= names
    assert any(name.startswith("lookups:") for name in names)
    assert waiting == 0


@pytest.mark.parametrize(
    ("change", "chain"),
    [
        (
            "delete from audit_events where seq = (select max(seq) from audit_events where case_id = CASE) and case_id = CASE",
            "case:CASE",
        ),
        ("update audit_events set actor_name = 'x' where case_id is null and kind = 'policy.changed'", "site:"),
        ("delete from audit_events where case_id is null and kind = 'policy.changed'", "site:"),
        ("update audit_reads set purpose = 'own' where case_id = CASE", "reads:CASE"),
        ("delete from audit_reads where case_id = CASE", "reads:CASE"),
        ("delete from audit_reads where case_id is null", "lookups:"),
        ("update audit_anchors set signature = '\\x00'", "anchors"),
        ("update audit_anchors set statement = 'x'", "anchors"),
        ("update audit_anchor_leaves set seq = seq + 1 where chain = 'case:CASE'", "anchors"),
        ("delete from audit_anchor_leaves where chain = 'reads:CASE'", "anchors"),
    ],
)
def test_what_was_changed_or_dropped_is_found(anchored: World, change: str, chain: str) -> None:
    found = check(anchored, change)
    assert found.findings
    assert found.findings[0].chain.startswith(chain.replace("CASE", str(anchored.case().id))), found.findings


def test_an_end_cut_off_with_the_stored_head_is_found_by_the_anchor(anchored: World) -> None:
    cut = """
    delete from audit_events where case_id = CASE and seq > 3;
    update cases set audit_seq = 3, audit_head = (select hash from audit_events where case_id = CASE and seq = 3)
    """
    found = check(anchored, cut)
    assert [(each.chain, each.seq) for each in found.findings] == [(f"case:{anchored.case().id}", 4)]


def test_a_whole_case_that_is_gone_is_found(anchored: World) -> None:
    case_id = anchored.case().id
    with anchored.platform.transaction(SYSTEM) as ctx:
        with as_owner(ctx.session):
            ctx.session.execute(text("set local session_replication_role = replica"))
            ctx.session.execute(text("delete from audit_events where case_id = :id"), {"id": case_id})
            ctx.session.execute(text("delete from cases"))
        found = whole.verify_all(ctx)
        ctx.session.rollback()
    assert [each.chain for each in found.findings] == [f"case:{case_id}"]


def test_published_anchors_tell_of_anchors_made_anew(anchored: World) -> None:
    with anchored.platform.transaction(SYSTEM) as ctx:
        newest = anchors.find_newest(ctx)
        assert newest is not None
        published = json.loads(json.dumps(anchors.published(newest)))
        forged = published | {"statement": published["statement"].replace('"leaves":', '"leaves": ')}
        assert whole.verify_all(ctx, known=[published]).findings == ()
        assert whole.verify_all(ctx, known=[forged]).findings[0].chain == "anchors"


def test_only_what_moved_is_anchored_again(anchored: World) -> None:
    with anchored.platform.transaction(SYSTEM) as ctx:
        assert anchors.take(ctx) is None
    anchored.complete("approver", "approve")
    with anchored.platform.transaction(SYSTEM) as ctx:
        anchor = anchors.take(ctx)
        assert anchor is not None
        assert (anchor.number, [leaf.chain for leaf in anchors.leaves_of(ctx, anchor.number)]) == (
            2,
            [f"case:{anchored.case().id}"],
        )
    assert check(anchored).findings == ()


def test_two_nodes_do_not_seal_at_once(anchored: World) -> None:
    with anchored.platform.transaction(SYSTEM) as one, anchored.platform.transaction(SYSTEM) as other:
        audit.record(one, "policy.changed", data={"key": "y"})
        assert sealing.try_lock(one.session)
        assert sealing.seal(other) == 0
        assert anchors.take(other) is None


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_a_path_leads_to_the_root(count: int) -> None:
    leaves = [anchors.Leaf(f"case:{number}", number, bytes([number] * 32)) for number in range(count)]
    tree = anchors.tree_of(leaves)
    for place, leaf in enumerate(leaves):
        told = {"seq": leaf.seq, "head": leaf.head.hex(), "path": tree.path(place)}
        assert climb(leaf.chain, told) == tree.root.hex()
    assert Tree([]).root != tree.root
