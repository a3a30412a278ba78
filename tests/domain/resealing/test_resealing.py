"""Keys are changed while data lies there: batch by batch, resumable, passing over what somebody holds."""

import base64
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, type_coerce, update

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.base import get_seal, set_seal
from domain.clock import FixedClock
from domain.context import Context
from domain.errors import Conflict
from domain.identity import service as identity
from domain.identity.models import User
from domain.nodes.service import Beat, beat
from domain.outbox.models import Work
from domain.resealing import ending, retiring, service
from domain.resealing.models import Resealing, ResealingPart
from domain.resealing.retiring import KeyInUse
from domain.sealing import AES, SM4, KeyRing, Seal, SealKey

OLD, NEW, BLIND = (
    b"an old key for tests of changing",
    b"the new key, which is a Chinese.",
    b"the blind index has a second key",
)


@dataclass
class Job:
    ref: str
    data: dict[str, Any]


def drain(ctx: Context, clock: FixedClock) -> int:
    """Do all work of this kind that is due; how many batches."""
    batches = 0
    while True:
        due = ctx.session.scalars(
            select(Work).where(Work.kind == service.KIND, Work.state == "pending", Work.due_at <= clock.now())
        ).all()
        if not due:
            return batches
        for duty in due:
            duty.state = "done"
            service.run(ctx, Job(duty.ref, duty.data))
            batches += 1


def heads(ctx: Context) -> set[bytes]:
    raw = type_coerce(User.__table__.c.person, LargeBinary)
    return {value[:3] for value in ctx.session.scalars(select(raw).where(User.__table__.c.person.is_not(None)))}


@pytest.fixture
def people(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(service, "ROWS", 3)
    set_seal(Seal(OLD))
    numbers = [f"5326222015060100{number:02d}" for number in range(8)]
    return [
        identity.register_user(
            ctx, f"p{number}", "测试", "", is_applicant=True, person={"idNo": id_no}, password_hash="x"
        ).id
        for number, id_no in enumerate(numbers)
    ]


def new_ring() -> KeyRing:
    return KeyRing({0: SealKey(0, AES, OLD), 1: SealKey(1, SM4, NEW)}, 1, (OLD, BLIND))


def change_keys() -> None:
    set_seal(Seal(new_ring()))


def later(ctx: Context, clock: FixedClock, passes: int = 2) -> Resealing:
    """Look at every column again, a minute later each time; the run."""
    for _ in range(passes):
        clock.at += service.AGAIN
        drain(ctx, clock)
    run, _ = service.list_parts(ctx)
    assert run is not None
    return run


def test_everything_comes_under_the_new_keys(ctx: Context, people: list[int], clock: FixedClock) -> None:
    before = get_seal().blind("532622201506010003")
    change_keys()
    service.begin(ctx, "rotate")
    found = identity.find_applicant(ctx, "532622201506010003")
    assert found is not None, "search goes on while the index is being made anew"
    assert drain(ctx, clock) > len(people) // 3
    clock.advance(timedelta(minutes=1)) if hasattr(clock, "advance") else None
    assert heads(ctx) == {b"\x03\x00\x01"}
    ctx.session.expire_all()
    assert [ctx.session.get_one(User, number).person["idNo"][-2:] for number in people] == [
        f"{n:02d}" for n in range(8)
    ]
    blinds = set(ctx.session.scalars(select(User.id_no_blind).where(User.id.in_(people))))
    assert {value[0] for value in blinds} == {"g"}
    assert get_seal().raise_blind(before) in blinds
    assert identity.find_applicant(ctx, "532622201506010003") == found


def test_a_broken_value_is_counted_and_stops_nothing(ctx: Context, people: list[int], clock: FixedClock) -> None:
    broken = Seal(b"a key that nobody has any more..").seal(b"{}")
    raw = User.__table__
    ctx.session.execute(update(raw).where(raw.c.id == people[2]).values(person=type_coerce(broken, LargeBinary)))
    change_keys()
    run = service.begin(ctx)
    drain(ctx, clock)
    part = ctx.session.scalars(
        select(ResealingPart).where(ResealingPart.resealing_id == run.id, ResealingPart.place == "users.person")
    ).one()
    assert (part.done, part.broken, part.finished_at) == (7, 1, None)
    later(ctx, clock, 1)
    assert (part.done, part.broken, part.finished_at is not None) == (7, 1, True)
    assert ctx.session.get_one(Resealing, run.id).finished_at is not None
    held = {(each.place, each.key): each.values for each in service.census(ctx)}
    assert held["users.person", 1] == 7
    assert held["users.person", 0] == 1


def test_one_run_at_a_time_and_the_newer_keys_win(ctx: Context, people: list[int], clock: FixedClock) -> None:
    del people
    first = service.begin(ctx)
    with pytest.raises(Conflict):
        service.begin(ctx)
    change_keys()
    second = service.begin(ctx)
    assert first.finished_at is not None
    assert second.key_id == 1
    drain(ctx, clock)
    assert heads(ctx) == {b"\x03\x00\x01"}


def test_sealed_columns_and_the_blind_index_are_made_anew() -> None:
    found = {place for place, _, _ in service.places()}
    assert {"cases.application", "legs.state", "files.content", "users.id_no_blind", "site_keys.private_key"} <= found


def test_a_former_key_is_taken_out_only_when_nothing_is_sealed_with_it(
    ctx: Context, people: list[int], clock: FixedClock
) -> None:
    del people
    with pytest.raises(KeyInUse, match="the one in use"):
        retiring.require_unused(ctx, 0)
    change_keys()
    with pytest.raises(KeyInUse, match=r"16 values are still sealed with key 0: .*users.person 8"):
        retiring.require_unused(ctx, 0)
    service.begin(ctx, "rotate")
    with pytest.raises(KeyInUse, match="not finished"):
        retiring.require_unused(ctx, 0)
    drain(ctx, clock)
    later(ctx, clock, 1)
    retiring.require_unused(ctx, 0)
    kept = base64.b64encode(Seal(OLD).seal(b"{}", "x")).decode()
    audit.record(ctx, retiring.CORRECTED, data={"names": ["a"], "reason": "更正", "sealed": kept})
    ctx.session.flush()
    with pytest.raises(KeyInUse) as refused:
        retiring.require_unused(ctx, 0)
    assert "1 corrections in the record" in refused.value.fact_en
    assert "has to stay" in refused.value.next_en


def test_a_process_that_has_not_heard_of_the_change_looks_before_it_says_that_nothing_is_left(
    ctx: Context, people: list[int], clock: FixedClock
) -> None:
    del people
    change_keys()
    service.begin(ctx, "rotate")
    set_seal(Seal(KeyRing.single(OLD)))  # of another machine, to which the key was not brought
    drain(ctx, clock)
    assert later(ctx, clock).finished_at is None
    set_seal(Seal(KeyRing.single(OLD), new_ring))  # another process of this one, which sealed nothing since
    assert later(ctx, clock).finished_at is not None
    assert [each for each in service.census(ctx) if not each.present] == []


def test_what_a_long_transaction_sealed_before_and_commits_late_is_sealed_anew(
    platform: Platform, clock: FixedClock
) -> None:
    def passes() -> bool:
        with platform.transaction(SYSTEM) as ctx:
            return later(replace(ctx, clock=clock), clock, 1).finished_at is not None

    with platform.transaction(SYSTEM) as late:
        set_seal(Seal(OLD))
        identity.register_user(late, "late", "测试", "", person={"idNo": "532622201506010001"}, password_hash="x")
        change_keys()
        with platform.transaction(SYSTEM) as ctx:
            service.begin(replace(ctx, clock=clock), "rotate")
        assert [passes() for _ in range(3)] == [False, False, False]
    assert passes() is True
    with platform.transaction(SYSTEM) as ctx:
        assert [each for each in service.census(ctx) if not each.present] == []


def test_a_run_waits_for_nodes_that_still_use_the_former_key(
    ctx: Context, people: list[int], clock: FixedClock
) -> None:
    del people
    one, two = (Beat(id=name, name=name, role="web", version="1", pid=1) for name in ("one", "two"))

    def say(told: Beat, key: int | None, version: int | None) -> None:
        beat(ctx.session.connection(), replace(told, key_id=key, blind_version=version))

    say(one, 0, 1)
    say(two, None, None)
    change_keys()
    service.begin(ctx, "rotate")
    drain(ctx, clock)
    run = later(ctx, clock)
    say(one, 1, 2)
    assert (later(ctx, clock).finished_at, [told.name for told in ending.list_unaware(ctx, run)]) == (None, ["two"])
    say(two, 1, 2)
    assert later(ctx, clock).finished_at is not None
    assert ending.list_unaware(ctx, run) == []


def test_a_process_says_which_key_it_uses_once_those_beside_it_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[KeyRing] = []
    seal = Seal(KeyRing.single(OLD), lambda: changed.pop() if changed else None)
    assert seal.settled() is None
    with monkeypatch.context() as patch:
        patch.setattr("domain.sealing.LOOK_SECONDS", 0)
        assert seal.settled() == (0, 1)
    changed.append(new_ring())
    assert seal.settled() is None
