"""What BPMN 2.0 itself forbids: each rule with a diagram that breaks it and its valid twin."""

from __future__ import annotations

import re
import time

import pytest

from engine.contract import Expressions, Severity
from engine.errors import DefinitionRefused
from engine.facade import Engine
from engine.source.findings import MOST
from tests.engine.kit import HEAD as DIALECT
from tests.engine.kit import chain, flow, node, start
from tests.engine.plain import SOURCES, file, found, plain, pool
from tests.engine.standard_faults import COND, IO, TABLE, TIMER, E, S, conditional, gateway, link, listed


@pytest.mark.parametrize(("rule", "element", "wrong", "right"), TABLE, ids=[f"{r[0]}-{n}" for n, r in enumerate(TABLE)])
def test_what_the_standard_forbids_is_refused_and_its_twin_is_not(
    rule: str, element: str | None, wrong: bytes, right: bytes, feel: Expressions
) -> None:
    rows = [f for f in found(wrong, feel) if f.rule == rule]
    assert (element, Severity.ERROR) in {(f.element_id, f.severity) for f in rows}, [
        (f.rule, f.element_id) for f in found(wrong, feel)
    ]
    assert all(f.line and f.message_zh and f.message_en and f.hint_zh and f.hint_en for f in rows)
    assert rule not in {f.rule for f in found(right, feel)}, [
        f.message_en for f in found(right, feel) if f.rule == rule
    ]


def test_plain_bpmn_that_keeps_the_rules_is_deployed_without_a_word(feel: Expressions) -> None:
    assert found(listed("<bpmn:incoming>f1</bpmn:incoming>"), feel) == ()
    assert found(conditional("=a = 1"), feel) == ()
    assert found(gateway("Diverging"), feel) == ()
    ignored = gateway("Diverging").replace(b'targetRef="b0">', f'targetRef="b0">{COND}'.encode())
    assert [(f.rule, f.severity) for f in found(ignored, feel)] == [("conditionIgnored", Severity.WARNING)]


@pytest.mark.parametrize(
    "rule", ["operationMissing", "expressionNatural", "endMissing", "nodeWithoutOutgoing", "loopWithoutInput"]
)
def test_a_dialect_is_not_held_to_what_it_relaxes(rule: str, feel: Expressions) -> None:
    wrong = next(xml for name, _, xml, _ in TABLE if name == rule)
    head, _, rest = wrong.decode().partition(">")
    spoken = f'{head} xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">{rest}'.encode()
    assert rule in {f.rule for f in found(wrong, feel)}
    assert rule not in {f.rule for f in found(spoken, feel)}


def test_the_exporter_tells_who_wrote_a_file(feel: Expressions) -> None:
    wrong = next(xml for name, _, xml, _ in TABLE if name == "operationMissing").decode()
    zeebe = wrong.replace(" id=", ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id=', 1)
    drawn = zeebe.replace(" id=", ' exporter="Some BPMN Editor" id=', 1)
    ours = zeebe.replace(" id=", ' exporter="Camunda Modeler" id=', 1)
    used = drawn.replace("<bpmn:intermediateCatchEvent ", '<bpmn:intermediateCatchEvent zeebe:modelerTemplate="x" ')
    told = [
        any(f.rule == "operationMissing" for f in found(x.encode(), feel)) for x in (wrong, zeebe, drawn, ours, used)
    ]
    assert told == [True, False, True, False, False]


@pytest.mark.parametrize("rule", ["operationMissing", "expressionNatural", "endMissing"])
def test_a_file_that_lists_no_flows_is_written_for_an_engine(rule: str, feel: Expressions) -> None:
    wrong = next(xml for name, _, xml, _ in TABLE if name == rule)
    short = re.sub(rb"<bpmn:(incoming|outgoing)>[^<]*</bpmn:(incoming|outgoing)>", b"", wrong)
    assert rule not in {f.rule for f in found(short, feel)}


def test_a_conversion_does_not_make_good_what_the_standard_forbids(feel: Expressions) -> None:
    engine = Engine(feel, source=SOURCES.__getitem__)
    accepted = []
    for rule, _, wrong, _ in TABLE:
        try:
            engine.parse(engine.convert(wrong).xml, written=wrong)
        except DefinitionRefused:
            continue
        accepted.append(rule)
    assert accepted == []


def test_faults_of_a_process_that_is_only_drawn_are_warnings(feel: Expressions) -> None:
    drawn = pool(node("task", "b", startQuantity="0"), id="drawn", executable="false")
    xml = file(pool(S, E, chain("start", "end")), drawn)
    assert [(f.rule, f.severity) for f in found(xml, feel)] == [("quantity", Severity.WARNING)]


def test_the_order_of_children_does_not_matter(feel: Expressions) -> None:
    mixed = DIALECT + '<bpmn:process id="p" isExecutable="true">' + S + E + chain("start", "end")
    mixed += '<bpmn:laneSet id="ls"/><bpmn:documentation>late</bpmn:documentation></bpmn:process><bpmn:category id="c"/></bpmn:definitions>'
    assert found(mixed.encode(), feel) == ()


def test_what_is_harmless_in_the_schema_is_a_warning(feel: Expressions) -> None:
    xml = plain(S, node("task", "a", "<foreign/>", colour="red"), E, chain("start", "a", "end"))
    rows = found(xml.replace(b' targetNamespace="urn:t"', b""), feel)
    assert {f.rule for f in rows} == {"attributeUnknown", "foreignElement", "attributeMissing"}
    assert all(f.severity is Severity.WARNING for f in rows)


def test_long_lists_are_cut_and_say_how_much_is_missing(feel: Expressions) -> None:
    wild = "".join(f'<bpmn:task id="t{n}" startQuantity="0"/>' for n in range(700))
    rows = found(plain(S, E, chain("start", "end"), wild), feel)
    assert len(rows) == MOST + 1
    assert all(f.severity is Severity.ERROR for f in rows[:MOST])
    assert rows[-1].rule == "findingsOmitted"
    assert int(rows[-1].message_en.split()[0]) >= 700 - MOST


HOSTILE = {
    "links": lambda n: "".join(link(side, f"{side}{i}", f"L{i}") for i in range(n) for side in ("throw", "catch")),
    "event sub-processes": lambda n: "".join(node("subProcess", f"h{i}", start(f"s{i}", TIMER), triggeredByEvent="true") for i in range(n)),
    "sub-processes": lambda n: "".join(node("subProcess", f"h{i}", node("task", f"t{i}")) for i in range(n)),
    "joins": lambda n: "".join(node("parallelGateway", f"g{i}") for i in range(n)) + "".join(flow(f"g{i}", f"g{i + 1}", id=f"{k}{i}") for i in range(n - 1) for k in "ab") + chain("start", "g0"),
    "loose": lambda n: "".join(node("task", f"t{i}") for i in range(n)),
    "sets": lambda n: IO.format("", "", "").replace("<bpmn:inputSet>", "".join(f'<bpmn:inputSet id="i{i}"><bpmn:outputSetRefs>o</bpmn:outputSetRefs></bpmn:inputSet>' for i in range(n)) + "<bpmn:inputSet>"),
    "bad values": lambda n: "".join(f'<bpmn:task id="t{i}" startQuantity="x" isForCompensation="y"/>' for i in range(n)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_looked_at_in_bounded_time(name: str, feel: Expressions) -> None:
    """What takes four times as long for twice as much would take minutes at the limits of a document."""
    begun = time.process_time()
    assert found(plain(S, E, chain("start", "end"), HOSTILE[name](2_000)), feel)
    assert time.process_time() - begun < 45
