"""Data objects, properties, stores and associations are variables; messages are told apart by what they say."""

from __future__ import annotations

from engine.contract import Environment
from tests.engine.kit import (
    Drive,
    boundary,
    catch,
    chain,
    document,
    end,
    io,
    loop,
    message,
    node,
    start,
    throw,
    user,
)

OBJECT = '<bpmn:dataObject id="do1" name="order"/><bpmn:dataObjectReference id="ref1" dataObjectRef="do1"/>'


def spec(inputs: str = "", outputs: str = "") -> str:
    ins = "".join(f'<bpmn:dataInput id="in_{n}" name="{n}"/>' for n in inputs.split())
    outs = "".join(f'<bpmn:dataOutput id="out_{n}" name="{n}"/>' for n in outputs.split())
    refs_in = "".join(f"<bpmn:dataInputRefs>in_{n}</bpmn:dataInputRefs>" for n in inputs.split())
    refs_out = "".join(f"<bpmn:dataOutputRefs>out_{n}</bpmn:dataOutputRefs>" for n in outputs.split())
    return (
        f"<bpmn:ioSpecification>{ins}{outs}<bpmn:inputSet>{refs_in}</bpmn:inputSet>"
        f"<bpmn:outputSet>{refs_out}</bpmn:outputSet></bpmn:ioSpecification>"
    )


def moved(kind: str, source: str, target: str, inner: str = "") -> str:
    return (
        f"<bpmn:data{kind}Association><bpmn:sourceRef>{source}</bpmn:sourceRef><bpmn:targetRef>{target}</bpmn:targetRef>"
        f"{inner}</bpmn:data{kind}Association>"
    )


def test_an_association_takes_an_output_to_a_data_object_and_brings_it_to_the_next_task(drive: Drive) -> None:
    write = user("a", spec(outputs="result") + moved("Output", "out_result", "ref1"))
    read = user("b", spec(inputs="given") + moved("Input", "ref1", "in_given"))
    d = drive(document(OBJECT + start() + write + read + end() + chain("start", "a", "b", "end"))).start()
    d.complete("a", result={"no": 7})
    assert d.variables["order"] == {"no": 7}
    assert d.task("b").context == {"given": {"no": 7}}


def test_an_output_that_was_not_produced_changes_nothing(drive: Drive) -> None:
    write = user("a", spec(outputs="result") + moved("Output", "out_result", "ref1"))
    d = drive(document(OBJECT + start() + write + end() + chain("start", "a", "end"))).start({"order": "old"})
    d.complete("a", other=1)
    assert d.variables["order"] == "old"


def test_transformations_and_assignments_are_feel(drive: Drive) -> None:
    double = "<bpmn:transformation>order.no * 2</bpmn:transformation>"
    part = (
        "<bpmn:assignment><bpmn:from>result.sum + 1</bpmn:from><bpmn:to>order.total</bpmn:to></bpmn:assignment>"
        "<bpmn:assignment><bpmn:from>true</bpmn:from><bpmn:to>checked</bpmn:to></bpmn:assignment>"
    )
    tasks = user("a", spec(inputs="twice") + moved("Input", "ref1", "in_twice", double))
    tasks += user("b", spec(outputs="result") + moved("Output", "out_result", "ref1", part))
    d = drive(document(OBJECT + start() + tasks + end() + chain("start", "a", "b", "end")))
    d.start({"order": {"no": 4}})
    assert d.task("a").context == {"twice": 8}
    d.complete("a").complete("b", result={"sum": 2})
    assert d.variables["order"] == {"no": 4, "total": 3, "checked": True}


def test_a_data_object_of_a_sub_process_ends_with_it(drive: Drive) -> None:
    write = user("a", spec(outputs="result") + moved("Output", "out_result", "ref1"))
    inside = (
        OBJECT + start("s1") + write + user("b", ext=io({"seen": "=order"})) + end("e1") + chain("s1", "a", "b", "e1")
    )
    d = drive(document(start() + node("subProcess", "sub", inside) + end() + chain("start", "sub", "end")))
    d.start({"order": "outside"}).complete("a", result="inside")
    assert d.task("b").context == {"seen": "inside"}
    d.complete("b")
    assert d.variables["order"] == "outside"


def test_each_instance_of_a_multi_instance_has_its_own_data_object(drive: Drive) -> None:
    write = user("a", spec(outputs="result") + moved("Output", "out_result", "ref1"))
    inside = (
        OBJECT + start("s1") + write + user("b", ext=io({"seen": "=order"})) + end("e1") + chain("s1", "a", "b", "e1")
    )
    body = node("subProcess", "sub", loop("=items", "item", "all", "=order") + inside)
    d = drive(document(start() + body + end() + chain("start", "sub", "end"))).start({"items": [1, 2]})
    first, second = (t.id for t in d.open.values())
    for task_id, value in ((second, "two"), (first, "one")):
        d._took(d.engine.complete_task("d1", d.last.state, task_id, {"result": value}, d.env))
    d.complete("b").complete("b")
    assert d.variables["all"] == ["one", "two"]


def test_what_is_only_drawn_moves_nothing(drive: Drive) -> None:
    drawn = '<bpmn:property id="ph" name="__targetRef_placeholder"/>' + moved("Input", "ref1", "ph")
    drawn += '<bpmn:dataOutputAssociation id="doa"><bpmn:targetRef>ref1</bpmn:targetRef></bpmn:dataOutputAssociation>'
    d = drive(document(OBJECT + start() + user("a", drawn) + end() + chain("start", "a", "end"))).start({"order": 1})
    assert d.task("a").context == {}
    d.complete("a", x=2)
    assert d.variables == {"order": 1, "x": 2}


def test_a_data_store_is_read_and_written_through_the_platform(drive: Drive) -> None:
    store = '<bpmn:dataStoreReference id="ref2" name="ledger" dataStoreRef="ds1"/>'
    declared = '<bpmn:dataStore id="ds1" name="ledger"/>'
    write = user(
        "a", spec("seen", "result") + moved("Input", "ref2", "in_seen") + moved("Output", "out_result", "ref2")
    )
    read = user("b", spec(inputs="again") + moved("Input", "ref2", "in_again"))
    body = store + start() + write + read + end() + chain("start", "a", "b", "end")
    d = drive(document(body, declarations=declared))
    kept = {"ledger": 3}

    def env() -> Environment:
        return Environment(now=d.clock.now, schedule=d.clock.schedule, stores=kept)

    d._took(d.engine.start("d1", "p", env(), {}))
    assert d.task("a").context == {"seen": 3}
    d._took(d.engine.complete_task("d1", d.last.state, d.task("a").id, {"result": 4}, env()))
    assert d.last.stored == {"ledger": 4}
    assert d.task("b").context == {"again": 4}
    assert "ledger" not in d.variables


def test_data_goes_with_a_message(drive: Drive) -> None:
    ins = '<bpmn:dataInput id="di" name="payload"/><bpmn:dataInputAssociation><bpmn:sourceRef>ref1</bpmn:sourceRef>'
    ins += "<bpmn:targetRef>di</bpmn:targetRef></bpmn:dataInputAssociation>"
    ins += "<bpmn:inputSet><bpmn:dataInputRefs>di</bpmn:dataInputRefs></bpmn:inputSet>"
    body = OBJECT + start() + throw("t", ins + message("m_m")) + end() + chain("start", "t", "end")
    d = drive(document(body, declarations='<bpmn:message id="m_m" name="m"/>')).start({"order": "x"})
    assert d.sent == [("m", {"payload": "x"})]


def correlated(*, bound: str = "") -> str:
    paths = "".join(
        '<bpmn:correlationPropertyRetrievalExpression messageRef="m_{}"><bpmn:messagePath>{}</bpmn:messagePath>'
        "</bpmn:correlationPropertyRetrievalExpression>".format(*row)
        for row in (("ask", "orderNo"), ("answer", "reply.no"))
    )
    return (
        '<bpmn:message id="m_ask" name="ask"/><bpmn:message id="m_answer" name="answer"/>'
        f'<bpmn:correlationProperty id="cp">{paths}</bpmn:correlationProperty>'
        '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:correlationKey id="ck">'
        f"<bpmn:correlationPropertyRef>cp</bpmn:correlationPropertyRef></bpmn:correlationKey></bpmn:collaboration>{bound}"
    )


def test_the_first_message_of_a_conversation_says_what_the_answer_must_say(drive: Drive) -> None:
    ask = throw("ask", message("m_ask"), io({"orderNo": "=no"}))
    body = start() + ask + catch("wait", message("m_answer")) + end() + chain("start", "ask", "wait", "end")
    d = drive(document(body, declarations=correlated())).start({"no": 5})
    assert not d.message("answer", reply={"no": 6})
    assert d.message("answer", reply={"no": 5})
    assert d.ended


def test_a_process_binds_a_property_to_its_data(drive: Drive) -> None:
    subscription = (
        '<bpmn:correlationSubscription id="cs" correlationKeyRef="ck"><bpmn:correlationPropertyBinding '
        'correlationPropertyRef="cp"><bpmn:dataPath>file.no</bpmn:dataPath></bpmn:correlationPropertyBinding>'
        "</bpmn:correlationSubscription>"
    )
    wait = user("a") + boundary("b", "a", message("m_answer"), interrupting=False) + end("eb") + chain("b", "eb")
    body = start() + wait + end() + chain("start", "a", "end") + subscription
    d = drive(document(body, declarations=correlated())).start({"file": {"no": "N1"}})
    assert not d.message("answer", reply={"no": "N2"})
    assert d.message("answer", reply={"no": "N1"})
    assert d.tasks() == ["a"]


def test_instances_of_a_multi_instance_hold_conversations_of_their_own(drive: Drive) -> None:
    ask = throw("ask", message("m_ask"), io({"orderNo": "=item"}))
    wait = catch("wait", message("m_answer"), io(outputs={"got": "=reply"}))
    inside = start("s1") + ask + wait + end("e1") + chain("s1", "ask", "wait", "e1")
    body = node("subProcess", "sub", loop("=items", "item") + inside)
    d = drive(document(start() + body + end() + chain("start", "sub", "end"), declarations=correlated()))
    d.start({"items": [1, 2]})
    assert d.message("answer", reply={"no": 2})
    assert not d.message("answer", reply={"no": 2})
    assert d.message("answer", reply={"no": 1})
    assert d.ended
