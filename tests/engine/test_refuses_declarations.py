"""Declarations that nothing uses, names that are shared, messages without a partner: warnings, never refusals."""

from __future__ import annotations

from engine.contract import Expressions, Severity
from tests.engine.kit import catch, chain, declare, document, end, message, node, start, throw
from tests.engine.plain import found

POOLS = '<bpmn:collaboration id="pools"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb" processRef="q"/>{}</bpmn:collaboration>'


def said(xml: bytes, feel: Expressions) -> list[tuple[str, str | None]]:
    rows = [f for f in found(xml, feel) if f.rule != "siteMissing"]
    assert all(f.severity is Severity.WARNING for f in rows)
    return [(f.rule, f.element_id) for f in rows]


def test_a_declaration_that_nothing_uses_is_named(feel: Expressions) -> None:
    declared = declare(messages=["m"], signals=["s"], errors=["e"], escalations=["x"])
    body = start() + catch("c", message("m_m")) + end() + chain("start", "c", "end")
    unused = [("declarationUnused", "s_s"), ("declarationUnused", "e_e"), ("declarationUnused", "x_x")]
    assert said(document(body, declarations=declared), feel) == unused


def test_two_messages_of_one_name_are_one(feel: Expressions) -> None:
    declared = '<bpmn:message id="m1" name="m"/><bpmn:message id="m2" name="m"/>'
    body = start() + catch("c", message("m1")) + catch("d", message("m2")) + end() + chain("start", "c", "d", "end")
    assert said(document(body, declarations=declared), feel) == [("declarationTwice", "m2")]


def test_between_pools_a_message_has_a_sender_and_a_receiver(feel: Expressions) -> None:
    declared = declare(messages=["ask", "answer", "lost", "applicant.withdraw"])
    first = (
        start()
        + throw("t", message("m_ask"))
        + catch("c", message("m_answer"))
        + end()
        + chain("start", "t", "c", "end")
    )
    second = (
        start("s2", message("m_ask")) + throw("t2", message("m_lost")) + catch("w", message("m_applicant.withdraw"))
    )
    second += end("e2") + chain("s2", "t2", "w", "e2")
    lonely = document(first, second, ids=("p", "q"), declarations=declared + POOLS.format(""))
    assert sorted(said(lonely, feel)) == [("messageNeverCaught", "t2"), ("messageNeverSent", "c")]
    outside = POOLS.format(
        '<bpmn:participant id="pc" name="outside"/><bpmn:messageFlow id="f1" sourceRef="pc" targetRef="c"/>'
        '<bpmn:messageFlow id="f2" sourceRef="t2" targetRef="pc"/>'
    )
    assert said(document(first, second, ids=("p", "q"), declarations=declared + outside), feel) == []


def test_one_pool_talks_to_whom_it_likes(feel: Expressions) -> None:
    body = start() + node("receiveTask", "r", messageRef="m_m") + end() + chain("start", "r", "end")
    assert said(document(body, declarations=declare(messages=["m"])), feel) == []
