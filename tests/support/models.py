"""Small collaborations for tests of the domain: one pool, or two that exchange messages."""

from __future__ import annotations

import itertools

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lianban="https://lianban.org/schema/bpmn/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions" targetNamespace="test">'
)
MAIN_SITE = "test-yanshan-police"
PARTNER_SITE = "test-shunde-police"


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def chain(*ids: str) -> str:
    return "".join(flow(a, b) for a, b in itertools.pairwise(ids))


def node(kind: str, id: str, inner: str = "", ext: str = "", **attributes: str) -> str:
    attrs = "".join(f' {name}="{value}"' for name, value in attributes.items())
    extension = f"<bpmn:extensionElements>{ext}</bpmn:extensionElements>" if ext else ""
    return f'<bpmn:{kind} id="{id}" name="{id}"{attrs}>{extension}{inner}</bpmn:{kind}>'


def user(id: str, role: str = "RECV_CLERK", ext: str = "", form: str = "test-form") -> str:
    head = (
        f'<zeebe:userTask/><zeebe:formDefinition formId="{form}"/>'
        f'<zeebe:assignmentDefinition candidateGroups="{role}"/>'
    )
    return node("userTask", id, ext=head + ext)


def actions(*values: str) -> str:
    rows = "".join(f'<lianban:action value="{value}" name="{value}"/>' for value in values)
    return f"<lianban:actions>{rows}</lianban:actions>"


def outputs(**mapping: str) -> str:
    rows = "".join(f'<zeebe:output source="={source}" target="{target}"/>' for target, source in mapping.items())
    return f"<zeebe:ioMapping>{rows}</zeebe:ioMapping>"


def inputs(**mapping: str) -> str:
    rows = "".join(f'<zeebe:input source="={source}" target="{target}"/>' for target, source in mapping.items())
    return f"<zeebe:ioMapping>{rows}</zeebe:ioMapping>"


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def boundary(id: str, host: str, inner: str, *, interrupting: bool = False) -> str:
    return node("boundaryEvent", id, inner, attachedToRef=host, cancelActivity=str(interrupting).lower())


def pool(id: str, process: str, role: str, source: str) -> str:
    ext = f'<bpmn:extensionElements><lianban:site role="{role}" source="{source}"/></bpmn:extensionElements>'
    return f'<bpmn:participant id="{id}" name="{id}" processRef="{process}">{ext}</bpmn:participant>'


def message_flow(name: str, source: str, target: str, *fields: str) -> str:
    rows = "".join(
        f'<lianban:field path="{path.rstrip("!")}" name="{path.rstrip("!")}" required="{str(path.endswith("!")).lower()}"/>'
        for path in fields
    )
    return (
        f'<bpmn:messageFlow id="mf_{name}" name="{name}" sourceRef="{source}" targetRef="{target}">'
        f"<bpmn:extensionElements><lianban:dataContract>{rows}</lianban:dataContract></bpmn:extensionElements>"
        "</bpmn:messageFlow>"
    )


def collaboration(pools: dict[str, tuple[str, str]], flows: str = "", messages: tuple[str, ...] = ()) -> bytes:
    """``pools``: process id → (participant element, process body)."""
    declared = "".join(f'<bpmn:message id="m_{name}" name="{name}"/>' for name in messages)
    participants = "".join(participant for participant, _ in pools.values())
    processes = "".join(
        f'<bpmn:process id="{process}" name="{process}" isExecutable="true">{body}</bpmn:process>'
        for process, (_, body) in pools.items()
    )
    return (
        f'{HEAD}{declared}<bpmn:collaboration id="c">{participants}{flows}</bpmn:collaboration>'
        f"{processes}</bpmn:definitions>"
    ).encode()


def simple(*, deadline: str = "precheck") -> bytes:
    """One pool: review (RECV_CLERK) then approve (APPROVER, four eyes), a reminder after four hours of review."""
    review = (
        actions("ACCEPT", "RETURN")
        + f'<lianban:deadline policy="{deadline}"/>'
        + outputs(decision="action", note="note")
    )
    body = (
        node("startEvent", "start", ext='<lianban:status code="RECEIVED" on="leave"/>')
        + user("review", ext=review + '<lianban:plainText value="正在预审" valueEn="Being checked"/>')
        + boundary("late", "review", timer("PT4H"))
        + user("chase", role="SUPERVISOR")
        + node("endEvent", "chased")
        + node("exclusiveGateway", "decided", default="f_decided_returned")
        + node("endEvent", "returned", ext='<lianban:result code="1"/><lianban:status code="RETURNED" on="leave"/>')
        + user(
            "approve",
            role="APPROVER",
            ext='<lianban:separation from="review"/><lianban:status code="ACCEPTED" on="enter"/>',
        )
        + node(
            "endEvent",
            "done",
            ext='<lianban:result code="0"/><lianban:status code="CLOSED" on="leave"/>'
            '<lianban:plainText value="已办结" valueEn="Closed"/>',
        )
        + chain("start", "review", "decided")
        + flow("decided", "approve", 'decision = "ACCEPT"')
        + chain("decided", "returned")
        + chain("approve", "done")
        + chain("late", "chase", "chased")
    )
    return collaboration({"main": (pool("P_main", "main", "main", MAIN_SITE), body)})


def joint(*, ask_catches: bool = True) -> bytes:
    """Two pools: prepare, ask the partner, wait for its answer, finish; the partner works and answers.

    Without ``ask_catches`` the main pool does a task of its own before it waits: the answer comes early and is parked.
    """
    middle = () if ask_catches else ("think",)
    main = (
        node("startEvent", "start")
        + user("prepare", ext=outputs(reason="reason"))
        + node(
            "intermediateThrowEvent",
            "ask",
            message("REQUEST"),
            ext=inputs(movers="movers", reason="reason", secret="secret"),
        )
        + "".join(user(id) for id in middle)
        + node("intermediateCatchEvent", "answered", message("REPLY"), ext=outputs(answer="answer"))
        + user("finish")
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + node("subProcess", "withdrawal", _withdrawal(), triggeredByEvent="true")
        + chain("start", "prepare", "ask", *middle, "answered", "finish", "done")
    )
    partner = (
        node("startEvent", "asked", message("REQUEST"))
        + user(
            "work",
            role="HANDLER",
            ext=actions("AGREE") + outputs(answer="note") + '<lianban:status code="SIGNED_IN" on="leave"/>',
        )
        + node("endEvent", "reply", message("REPLY"), ext=inputs(answer="answer"))
        + chain("asked", "work", "reply")
    )
    return collaboration(
        {
            "main": (pool("P_main", "main", "main", "=application.moveInOrg"), main),
            "partner": (pool("P_partner", "partner", "partner", PARTNER_SITE), partner),
        },
        message_flow("REQUEST", "ask", "asked", "movers[].idNo!", "reason!")
        + message_flow("REPLY", "reply", "answered", "answer!"),
        ("REQUEST", "REPLY", "applicant.withdraw"),
    )


def _withdrawal() -> str:
    return (
        node("startEvent", "withdrawAsked", message("applicant.withdraw"), isInterrupting="true")
        + node("endEvent", "withdrawn", ext='<lianban:result code="2"/><lianban:status code="WITHDRAWN" on="enter"/>')
        + chain("withdrawAsked", "withdrawn")
    )
