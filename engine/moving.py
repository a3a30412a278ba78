"""Where the elements of one version are in another, and what stands in the way (BPMN says nothing about it; the rules are ours).

A token moves to the element of the same id, or to the one that the mapping names: of the same type, trigger and multi-instance
behaviour, in the corresponding scope. Subscriptions of their hosts (boundary events, event sub-processes, events behind a gateway)
follow by themselves: those that the new version has not are closed, those it adds are opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.contract import Finding, Severity
from engine.source.rules_moving import MOVING_RULES

if TYPE_CHECKING:
    from engine.source.nodes import Node
    from engine.spiff.definition import Definition
    from engine.spiff.specs.base import NodeSpec


class Route:
    """From the elements of ``source`` to those of ``target``; ``mapping`` old id -> new id, same ids when not named."""

    def __init__(self, source: Definition, target: Definition, mapping: Mapping[str, str]) -> None:
        self.source = source
        self.target = target
        self.mapping = mapping

    def id(self, element_id: str) -> str:
        """The id in the new version (which may have no such element)."""
        return self.mapping.get(element_id, element_id)

    def node(self, element_id: str) -> NodeSpec | None:
        """The element's place in the new version."""
        return self.target.nodes.get(self.id(element_id))

    def flow(self, flow_id: str, join: NodeSpec, *, into: bool = True) -> str | None:
        """The flow into (or out of) ``join`` that corresponds to a flow of the old version."""
        flows = join.incoming if into else join.outgoing
        if any(flow.id == self.id(flow_id) for flow in flows):
            return self.id(flow_id)
        old = next((f for spec in self.source.nodes.values() for f in spec.outgoing if f.id == flow_id), None)
        if old is None:
            return None
        ends = (self.id(old.source), self.id(old.target))
        return next((flow.id for flow in flows if (flow.source, flow.target) == ends), None)

    def check(self, elements: Iterable[str]) -> list[Finding]:
        """What stands in the way of tokens at these elements; empty when nothing does."""
        found = [finding("moveSourceUnknown", old, id=old) for old in self.mapping if not self._known(old)]
        for element_id in dict.fromkeys(elements):
            found.extend(self._check(element_id))
        return found

    def _known(self, element_id: str) -> bool:
        return element_id in self.source.nodes or any(
            flow.id == element_id for spec in self.source.nodes.values() for flow in spec.outgoing
        )

    def _check(self, element_id: str) -> list[Finding]:
        old = self.source.nodes[element_id].node
        spec = self.node(element_id)
        if spec is None:
            return [finding("moveTargetMissing", element_id, id=element_id)]
        new = spec.node
        said: dict[str, Any] = {"id": old.id, "target": new.id}
        found = []
        if (old.type, old.event_subprocess) != (new.type, new.event_subprocess):
            found.append(finding("moveTypeDiffers", old.id, was=old.type, now=new.type, **said))
        elif _triggers(old) != _triggers(new):
            found.append(finding("moveTriggerDiffers", old.id, was=_triggers(old), now=_triggers(new), **said))
        if _repeats(old) != _repeats(new):
            found.append(finding("moveMultiDiffers", old.id, **said))
        if old.type != "process" and self.id(old.scope) != new.scope:
            found.append(finding("moveScopeDiffers", old.id, **said))
        more = len(spec.incoming) - len(self.source.nodes[element_id].incoming)
        if new.type == "parallelGateway" and more > 0:
            found.append(finding("moveJoinGrows", old.id, Severity.WARNING, count=more, **said))
        return found


def _triggers(node: Node) -> str:
    kinds = ", ".join(trigger.kind for trigger in node.triggers) or "none"
    return f"{kinds} (parallel)" if node.parallel else kinds


def _repeats(node: Node) -> tuple[bool, bool, bool]:
    return node.multi is not None, node.multi is not None and node.multi.sequential, node.loop is not None


def finding(rule: str, element_id: str | None, severity: Severity = Severity.ERROR, **values: Any) -> Finding:
    """A finding of this module at an element of the old version."""
    message_zh, message_en, hint_zh, hint_en = (text.format(**values) for text in MOVING_RULES[rule])
    return Finding(rule, severity, message_zh, message_en, hint_zh, hint_en, element_id)


def errors(findings: Collection[Finding]) -> list[Finding]:
    """Those that forbid the move."""
    return [each for each in findings if each.severity is Severity.ERROR]
