"""Namespaces and the element names of BPMN 2.0 that the engine knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.etree import _Element

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
LIANBAN = "https://lianban.org/schema/bpmn/1.0"

TASKS = frozenset({
    "task", "userTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "manualTask", "businessRuleTask",
})  # fmt: skip
CHOSEN = frozenset({"userTask", "manualTask"})
"""What a person does: in an ad-hoc sub-process it begins when a person chooses it."""
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SCOPES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
EVENT_DEFINITIONS = frozenset(
    f"{kind}EventDefinition"
    for kind in (
        "message",
        "timer",
        "error",
        "escalation",
        "signal",
        "terminate",
        "link",
        "conditional",
        "compensate",
        "cancel",
    )
)
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
"""Reusable tasks at the root of a file, and what a process that calls them does."""


def bpmn(name: str) -> str:
    """The qualified tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def zeebe(name: str) -> str:
    """The qualified tag of a zeebe extension element."""
    return f"{{{ZEEBE}}}{name}"


def lianban(name: str) -> str:
    """The qualified tag of one of our extension elements."""
    return f"{{{LIANBAN}}}{name}"


def local(tag: object) -> str:
    """The name without namespace; '' for comments and processing instructions."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def line_of(element: _Element) -> int | None:
    """The 1-based line of an element in the source; None for one that was made later."""
    line: Any = element.sourceline  # the stubs know no type
    return int(line) if line else None


def is_bpmn(tag: object) -> bool:
    """Whether the tag is of the BPMN model namespace."""
    return isinstance(tag, str) and tag.startswith("{" + BPMN + "}")
