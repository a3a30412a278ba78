"""What can be proved about a flow: stuck for ever, run too often, never ending; and what is no fault."""

from __future__ import annotations

import time

import pytest

from engine.contract import Expressions, Severity
from engine.source.findings import Findings
from engine.source.soundness import Scope
from engine.source.tree import Tree
from tests.engine.kit import boundary, chain, declare, document, end, flow, loop, node, script, start, timer, user
from tests.engine.plain import found

S, E = start(), end()
AND, XOR, OR = "parallelGateway", "exclusiveGateway", "inclusiveGateway"


def block(split: str, join: str, *branches: str, before: str = "start", after: str = "end", name: str = "") -> str:
    """before → split → branches → join → after; an exclusive choice has a default."""
    s, j = f"s{name}", f"j{name}"
    default = {"default": f"f_{s}_{branches[-1]}"} if split == XOR else {}
    parts = [node(split, s, **default), node(join, j), chain(before, s), chain(j, after)]
    for b in branches:
        asked = None if split == AND or (split == XOR and b == branches[-1]) else f"{b} = 1"
        parts += [user(b), flow(s, b, asked), chain(b, j)]
    return "".join(parts)


def model(*parts: str) -> bytes:
    return document(S + "".join(parts) + E)


def said(xml: bytes, feel: Expressions) -> set[tuple[str, str | None, Severity]]:
    return {(f.rule, f.element_id, f.severity) for f in found(xml, feel) if f.rule != "noDefaultFlow"}


RIGHT = {
    "and": model(block(AND, AND, "a", "b")),
    "xor": model(block(XOR, XOR, "a", "b")),
    "or": model(block(OR, OR, "a", "b", "c")),
    "xor closed by or": model(block(XOR, OR, "a", "b")),
    "and closed by or": model(block(AND, OR, "a", "b")),
    "nested": model(block(AND, AND, "a", "b", after="x"), user("x"), block(XOR, XOR, "c", "d", before="x", name="2")),
    "loop": model(user("a"), node(XOR, "g", default="f_g_end"), chain("start", "a", "g", "end"), flow("g", "a", "again")),
    "branches that end by themselves": model(node(AND, "s"), user("a"), user("b"), end("e2"), chain("start", "s", "a", "end"), chain("s", "b", "e2")),
    "an early end": model(block(AND, AND, "a", "b"), node("endEvent", "stop", "<bpmn:terminateEventDefinition/>"), boundary("late", "a", timer("PT1H")), chain("late", "stop")),
    "a reminder": model(user("a"), boundary("t", "a", timer("PT1H"), interrupting=False), user("r"), end("e2"), chain("start", "a", "end"), chain("t", "r", "e2")),
    "many in parallel": model(node(AND, "s"), node(AND, "j"), chain("start", "s"), chain("j", "end"), *(user(f"a{n}") + user(f"b{n}") + chain("s", f"a{n}", f"b{n}", "j") for n in range(20))),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_sound_flow_is_not_spoken_of(name: str, feel: Expressions) -> None:
    assert said(RIGHT[name], feel) == set()


def test_a_choice_never_fills_a_parallel_join(feel: Expressions) -> None:
    long = model(node(XOR, "s", default="f_s_b"), node(AND, "j"), user("a"), user("a2"), block(AND, AND, "c", "d", before="a2", after="j", name="2"), user("b"), chain("start", "s"), flow("s", "a", "x"), chain("a", "a2"), chain("s", "b", "j", "end"))  # fmt: skip
    assert ("parallelDeadlock", "j", Severity.ERROR) in said(long, feel)


def test_a_join_that_only_some_ways_fill_may_wait_for_ever(feel: Expressions) -> None:
    assert said(model(block(OR, AND, "a", "b")), feel) == {("mayDeadlock", "j", Severity.WARNING)}
    parts = (
        node(AND, "s"),
        user("a"),
        user("b"),
        node(AND, "j"),
        chain("start", "s", "b", "j", "end"),
        chain("s", "a"),
    )
    assert said(model(*parts, chain("a", "j")), feel) == set()
    leaving = node(XOR, "g", default="f_g_j") + end("e2") + chain("a", "g", "j") + flow("g", "e2", "no")
    assert said(model(*parts, leaving), feel) == {("mayDeadlock", "j", Severity.WARNING)}


def test_parallel_paths_that_meet_without_a_join_run_what_follows_twice(feel: Expressions) -> None:
    twice = model(
        node(AND, "s"), user("a"), user("b"), user("x"), chain("start", "s", "a", "x", "end"), chain("s", "b", "x")
    )
    assert said(twice, feel) == {("runsTwice", "x", Severity.WARNING)}
    assert said(model(block(AND, XOR, "a", "b")), feel) == {("runsTwice", "j", Severity.WARNING)}
    assert ("runsTwice", "j", Severity.WARNING) in said(model(block(OR, XOR, "a", "b")), feel)


def test_a_loop_that_nothing_leaves_and_nothing_delays_is_refused(feel: Expressions) -> None:
    forever = model(
        node(AND, "s"), node(XOR, "m"), script("x", "1", "v"), chain("start", "m", "x", "s", "m"), chain("s", "end")
    )
    assert "endlessLoop" in {rule for rule, _, _ in said(forever, feel)}
    person = model(node(AND, "s"), node(XOR, "m"), user("x"), chain("start", "m", "x", "s", "m"), chain("s", "end"))
    assert "endlessLoop" not in {rule for rule, _, _ in said(person, feel)}
    asked = model(node(XOR, "m"), script("x", "1", "v"), node(XOR, "g", default="f_g_end"), chain("start", "m", "x", "g", "end"), flow("g", "m", "again"))  # fmt: skip
    assert said(asked, feel) == set()


def test_a_loop_that_waits_at_a_join_for_a_person_is_no_endless_one(feel: Expressions) -> None:
    round_about = chain("start", "g", "f", "j", "again", "g") + chain("again", "end")
    for gateway in (OR, AND):
        parts = node(gateway, "g") + node(gateway, "f") + node(gateway, "j") + node(gateway, "again") + round_about

        waits = model(parts, user("x"), chain("f", "x", "j"))
        assert "endlessLoop" not in {rule for rule, _, _ in said(waits, feel)}
        hurries = model(parts, script("x", "1", "v"), chain("f", "x", "j"))
        assert ("endlessLoop" in {rule for rule, _, _ in said(hurries, feel)}) == (gateway == OR)


def test_each_start_event_begins_alone(feel: Expressions) -> None:
    starts = start("s1", '<bpmn:messageEventDefinition messageRef="m_m"/>') + start(
        "s2", '<bpmn:messageEventDefinition messageRef="m_n"/>'
    )
    body = starts + user("a") + user("b") + node(AND, "j") + E + chain("s1", "a", "j", "end") + chain("s2", "b", "j")
    xml = document(body, declarations=declare(messages=["m", "n"]))
    assert ("parallelDeadlock", "j", Severity.ERROR) in said(xml, feel)


def test_sub_processes_are_played_by_themselves(feel: Expressions) -> None:
    inside = start("si") + block(XOR, AND, "a", "b", before="si", after="ei") + end("ei")
    xml = model(node("subProcess", "sub", inside + loop("=list", "item")), chain("start", "sub", "end"))
    assert ("parallelDeadlock", "j", Severity.ERROR) in said(xml, feel)


def test_a_wild_flow_is_looked_at_in_bounded_time(feel: Expressions) -> None:
    """Twenty inclusive choices one after the other, all joined by one gateway."""
    parts = []
    for n in range(20):
        parts += [node(OR, f"s{n}"), *(user(f"t{n}_{k}") for k in range(6))]
        parts += [flow(f"s{n}", f"t{n}_{k}", f"x = {k}") + chain(f"t{n}_{k}", "j") for k in range(6)]
        parts.append(chain("start" if n == 0 else f"t{n - 1}_0", f"s{n}"))
    xml = model(*parts, node(OR, "j"), chain("j", "end"))
    begun = time.process_time()
    found(xml, feel)
    assert time.process_time() - begun < 30


def test_the_number_of_markings_is_bounded() -> None:
    from engine.limits import Limits
    from engine.source.normalise import normalise
    from engine.source.read import read

    tasks = "".join(user(f"t{n}") + flow("s", f"t{n}", "x") + chain(f"t{n}", "j") for n in range(5))
    many = "".join(node(OR, f"g{n}") + "".join(user(f"g{n}{k}") + flow(f"g{n}", f"g{n}{k}", "x") + chain(f"g{n}{k}", f"m{n}") for k in "abcd") + node(AND, f"m{n}") + chain("s0", f"g{n}") + chain(f"m{n}", "end") for n in range(6))  # fmt: skip
    root, _ = read(
        model(
            node(AND, "s0"), chain("start", "s0", "s"), node(OR, "s"), tasks, node(AND, "j"), chain("j", "end"), many
        ),
        Limits(),
    )
    assert root is not None
    normalise(root, Findings())
    tree = Tree(root)
    play = Scope(tree, list(tree.nodes.values())).play([["start"]])
    assert not play.complete
