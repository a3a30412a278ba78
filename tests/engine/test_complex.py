"""Complex gateways: split, n of m, reset; and inclusive gateways in corners."""

from __future__ import annotations

import pytest

from tests.engine.kit import (
    Drive,
    chain,
    declare,
    document,
    end,
    flow,
    message,
    node,
    quote,
    service,
    start,
    user,
)


def gateway(condition: str = "", **attributes: str) -> str:
    inner = f"<bpmn:activationCondition>{quote(condition)}</bpmn:activationCondition>" if condition else ""
    return node("complexGateway", "j", inner, **attributes)


def joined(condition: str = "", after: str = "", kinds: str = "abc") -> bytes:
    """Three branches a, b, c from a parallel split into the complex gateway j, then x."""
    rest = after or user("x") + end() + chain("j", "x", "end")
    branches = "".join(user(k) + chain("s", k, "j") for k in kinds)
    return document(start() + node("parallelGateway", "s") + branches + gateway(condition) + rest + chain("start", "s"))


@pytest.mark.parametrize(("x", "taken"), [(1, ["a"]), (2, ["b"]), (3, ["a", "b"]), (0, ["d"])])
def test_it_splits_like_an_inclusive_gateway(drive: Drive, x: int, taken: list[str]) -> None:
    d = drive(
        document(
            start() + gateway(default="f_j_d") + user("a") + user("b") + user("d") + end() + chain("start", "j", "d", "end")
            + flow("j", "a", "x = 1 or x = 3") + flow("j", "b", "x = 2 or x = 3") + chain("a", "end") + chain("b", "end")
        )
    )  # fmt: skip
    assert d.start({"x": x}).tasks() == taken


def test_nothing_that_holds_is_an_incident(drive: Drive) -> None:
    d = drive(
        document(
            start() + gateway() + user("a") + end() + chain("start", "j") + flow("j", "a", "x = 1") + chain("a", "end")
        )
    )
    assert d.start({"x": 0}).incidents() == [("j", "noFlowTaken")]
    d.set(x=1)
    assert d.retry().tasks() == ["a"]


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_n_of_m_starts_once_and_swallows_the_rest(drive: Drive, needed: int) -> None:
    d = drive(joined(f"activationCount >= {needed}")).start()
    for count, task in enumerate("bca", start=1):
        d.complete(task)
        assert ("x" in d.tasks()) is (count >= needed)
    assert d.tasks() == ["x"]
    assert d.last.active_elements == ("x",)
    assert d.complete("x").ended
    assert d.history.count(("j", "left")) == 1


def test_the_condition_may_read_variables_that_change_later(drive: Drive) -> None:
    d = drive(joined("activationCount >= quorum")).start({"quorum": 3})
    d.complete("a").complete("b")
    assert d.tasks() == ["c"]
    d.set(quorum=2)
    assert d.tasks() == ["c", "x"]
    d.complete("x")
    assert not d.ended
    assert d.last.active_elements == ("c",)
    assert d.complete("c").ended


def test_a_condition_that_is_no_boolean_is_an_incident_and_can_be_tried_again(drive: Drive) -> None:
    d = drive(joined("activationCount >= 2 and mode")).start({"mode": "all"})
    d.complete("a").complete("b")
    assert [code for _, code in d.incidents()] == ["conditionNotBoolean"] or d.tasks() == ["c"]
    d = drive(joined("mode")).start({"mode": "all"})
    d.complete("a")
    assert d.incidents() == [("j", "conditionNotBoolean")]
    d.set(mode=True)
    assert d.retry().tasks() == ["b", "c", "x"]


def test_without_activation_condition_it_waits_for_what_can_come(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("inclusiveGateway", "s") + user("a") + user("b") + user("c") + gateway() + user("x") + end() + chain("start", "s")
            + flow("s", "a", "true") + flow("s", "b", "true") + flow("s", "c", "both = false") + chain("a", "j") + chain("b", "j") + chain("c", "j", "x", "end")
        )
    )  # fmt: skip
    d.start({"both": True}).complete("a")
    assert d.tasks() == ["b"]
    assert d.complete("b").tasks() == ["x"]


def test_flows_may_be_taken_on_reset(drive: Drive) -> None:
    after = (
        user("first")
        + user("last")
        + end()
        + flow("j", "first", "waitingForStart")
        + flow("j", "last", "not(waitingForStart)")
        + chain("first", "end")
        + chain("last", "end")
    )
    d = drive(joined("activationCount >= 1", after)).start()
    assert d.complete("a").tasks() == ["b", "c", "first"]
    assert d.complete("first").tasks() == ["b", "c"]
    assert d.complete("b").tasks() == ["c"]
    assert d.complete("c").tasks() == ["last"]
    assert d.complete("last").ended


def test_a_branch_that_ends_elsewhere_resets_it(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + node("exclusiveGateway", "g", default="f_g_j") + gateway("activationCount >= 1") + user("x") + end() + end("e2")
            + chain("start", "s", "a", "j", "x", "end") + chain("s", "b", "g", "j") + flow("g", "e2", "away")
        )
    )  # fmt: skip
    d.start({"away": True}).complete("a").complete("x")
    assert not d.ended
    assert d.complete("b").ended


def test_it_starts_anew_in_a_loop(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("exclusiveGateway", "m") + node("parallelGateway", "s") + user("a") + user("b") + gateway("activationCount >= 1")
            + user("x") + node("exclusiveGateway", "g", default="f_g_end") + end() + chain("start", "m", "s", "a", "j", "x", "g", "end") + chain("s", "b", "j") + flow("g", "m", "again")
        )
    )  # fmt: skip
    d.start()
    for again in (True, True, False):
        d.complete("a")
        assert d.tasks() == ["b", "x"]
        d.complete("b")
        assert d.tasks() == ["x"]
        d.complete("x", again=again)
    assert d.ended


def test_a_second_token_of_one_flow_waits_for_the_next_start(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + gateway("activationCount >= 2") + user("x") + end()
            + chain("start", "s", "a", "j", "x", "end") + chain("s", "b", "j").replace('id="f_b_j"', 'id="f_b_j"') + chain("s", "a").replace('id="f_s_a"', 'id="f_s_a2"')
        )
    )  # fmt: skip
    d.start()
    assert d.tasks() == ["a", "a", "b"]
    d.complete("a").complete("a")
    assert d.tasks() == ["b", "x"]  # two tokens, of one flow: one is taken, one stays
    d.complete("b")
    assert d.tasks() == ["x"]
    d.complete("x")
    assert not d.ended
    assert d.last.active_elements == ("j",)


def test_all_at_once_counts_each(drive: Drive) -> None:
    branches = "".join(service(k, "work") + chain("s", k, "j") for k in "abc")
    d = drive(
        document(start() + node("parallelGateway", "s") + branches + gateway("activationCount = 2") + user("x") + end() + chain("start", "s") + chain("j", "x", "end")),
        services={"work": lambda _: {}},
    )  # fmt: skip
    assert d.start().tasks() == ["x"]
    assert d.complete("x").ended


# -- inclusive corners ------------------------------------------------------------------------------------


def test_an_inclusive_join_that_a_loop_leads_back_into(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + node("inclusiveGateway", "j") + user("x") + node("exclusiveGateway", "g", default="f_g_end") + end()
            + chain("start", "s", "a", "j", "x", "g", "end") + chain("s", "b", "j") + flow("g", "j", "again")
        )
    )  # fmt: skip
    d.start().complete("a")
    assert d.tasks() == ["b"]
    assert d.complete("b").tasks() == ["x"]
    assert d.complete("x", again=True).tasks() == ["x"]
    assert d.complete("x", again=False).ended


def test_an_inclusive_join_in_an_event_subprocess(drive: Drive) -> None:
    inner = (
        start("hs", message("m_m"), isInterrupting="false") + node("inclusiveGateway", "hf") + user("h1") + user("h2") + node("inclusiveGateway", "hj") + user("h3") + end("he")
        + chain("hs", "hf") + flow("hf", "h1", "true") + flow("hf", "h2", "both") + chain("h1", "hj", "h3", "he") + chain("h2", "hj")
    )  # fmt: skip
    d = drive(
        document(
            start()
            + user("a")
            + end()
            + node("subProcess", "h", inner, triggeredByEvent="true")
            + chain("start", "a", "end"),
            declarations=declare(messages=["m"]),
        )
    )
    d.start({"both": False})
    assert d.message("m")
    d.complete("h1")
    assert d.tasks() == ["a", "h3"]
    d.set(both=True)
    assert d.message("m")
    assert d.tasks() == ["a", "h1", "h2", "h3"]
    assert d.complete("h1").tasks() == ["a", "h2", "h3"]
    assert d.complete("h2").tasks() == ["a", "h3", "h3"]


def test_an_inclusive_join_waits_for_a_token_that_stands_at_an_incident(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + node("exclusiveGateway", "g") + node("inclusiveGateway", "j") + user("x") + end()
            + chain("start", "s", "a", "j", "x", "end") + chain("s", "b", "g") + flow("g", "j", "ok")
        )
    )  # fmt: skip
    d.start({"ok": False}).complete("b").complete("a")
    assert (d.tasks(), d.incidents()) == ([], [("g", "noFlowTaken")])
    d.set(ok=True)
    assert d.retry().tasks() == ["x"]
