"""What is wrong with a decision model beyond what reading finds."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.decisions.names import name_of
from engine.decisions.overlap import overlapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

    from engine.decisions.contract import DecisionPlan, Decisions
    from engine.decisions.document import Document
    from engine.source.findings import Findings

Entry: TypeAlias = "Mapping[str, Any]"

RANKED = frozenset({"PRIORITY", "OUTPUT ORDER"})
#: Pairs of overlapping rules told for one table.
MOST_PAIRS = 10
_FEEL_RULES = {"unknown_function": "unknownFunction", "unknown_name": "unknownName"}


def validate(document: Document, plan: DecisionPlan, decisions: Decisions, findings: Findings) -> None:
    """Add everything wrong with the document's own nodes, tables and texts."""
    places = {identity: e for e in document.root.iter("{*}*") if (identity := e.get("id"))}
    own = {k: n for k, n in plan.data["nodes"].items() if k.startswith(document.namespace + "#")}
    _names(document, findings)
    for key, node in own.items():
        element = document.elements[key.rpartition("#")[2]]
        _node(node, element, findings)
        for table in _tables(node.get("logic")):
            _table(table, places.get(table["at"], element), places, findings, plan)
    _cycles(own, plan, document, findings)
    _type_cycles(document, plan, findings)
    for problem in decisions.check_plan(plan):
        place = places.get(problem.element or "")
        rule = _FEEL_RULES.get(problem.code, "badFeel")
        say = findings.warning if rule == "unknownName" else findings.error
        say(rule, place, line=problem.line, reason=problem.message[:200])


def _names(document: Document, findings: Findings) -> None:
    if not any(True for _ in document.all("decision", "businessKnowledgeModel", "decisionService")):
        findings.error("nothingToDecide", document.root)
    seen: set[str] = set()
    for _, element in document.all("decision", "inputData", "businessKnowledgeModel", "decisionService"):
        name = name_of(element)
        if not name:
            findings.error("nameMissing", element)
        elif name in seen:
            findings.error("duplicateName", element, name=name)
        seen.add(name)


def _node(node: Entry, element: _Element, findings: Findings) -> None:
    kind = node["kind"]
    own_name = name_of(element)
    if own_name and node["name"] != own_name:
        findings.warning("variableNameDiffers", element, name=own_name, variable=node["name"])
    if kind in ("decision", "knowledge") and not node["logic"]:
        findings.warning("logicMissing", element, name=node["name"])
    elif kind == "service" and not node["outputs"]:
        findings.error("serviceWithoutOutput", element, name=node["name"])
    elif kind == "input" and node["type"] is None:
        findings.warning("inputUntyped", element, name=node["name"])


def _tables(entry: Any) -> Iterator[Entry]:
    """Every decision table in an expression, however deep."""
    if isinstance(entry, dict):
        if entry.get("kind") == "table":
            yield entry
        for value in entry.values():
            yield from _tables(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from _tables(value)


def _table(
    table: Entry, element: _Element, places: Mapping[str, _Element], findings: Findings, plan: DecisionPlan
) -> None:
    outputs, policy, aggregation = table["outputs"], table["hitPolicy"], table["aggregation"]
    if not outputs:
        findings.error("tableWithoutOutput", element)
    if not table["rules"]:
        findings.warning("tableWithoutRules", element)
    if len(outputs) > 1 and not all(output["name"] for output in outputs):
        findings.error("outputNameMissing", element)
    if len({output["name"] for output in outputs}) < len(outputs):
        findings.error("duplicateOutput", element)
    if aggregation and policy != "COLLECT":
        findings.warning("aggregationIgnored", element, policy=policy)
    if aggregation and aggregation != "COUNT" and len(outputs) > 1:
        findings.error("aggregationOfSeveral", element, aggregation=aggregation)
    if policy in RANKED and not any(_ranks(output, table, plan) for output in outputs):
        findings.error("prioritiesMissing", element, policy=policy)
    for index, rule in enumerate(table["rules"]):
        if len(rule["tests"]) != len(table["inputs"]) or len(rule["outputs"]) != len(outputs):
            findings.error("ruleIncomplete", places.get(rule["id"] or "", element), line=rule["line"], number=index + 1)
    _overlaps(table, element, findings)


def _ranks(output: Entry, table: Entry, plan: DecisionPlan) -> bool:
    """Whether an output's values are listed, by itself or by a type."""
    types = plan.data["types"]

    def listed(key: str | None) -> bool:
        type_ = types.get(key)
        return bool(type_) and bool(type_["allowed"] or listed(type_["base"]))

    def field(key: str | None) -> str | None:
        type_ = types.get(key)
        if type_ is None or len(table["outputs"]) == 1:
            return key
        return dict(type_["fields"]).get(output["name"]) if type_["fields"] else field(type_["base"])

    return bool(output["allowed"]) or listed(output["type"]) or listed(field(table.get("result")))


def _overlaps(table: Entry, element: _Element, findings: Findings) -> None:
    rules = table["rules"]
    if table["hitPolicy"] == "UNIQUE":
        for first, second in islice(overlapping(rules), MOST_PAIRS):
            findings.warning("rulesOverlap", element, first=first + 1, second=second + 1)
    elif table["hitPolicy"] == "FIRST":
        for index, rule in enumerate(rules[:-1]):
            if all(test.strip() in ("", "-") for test in rule["tests"]):
                findings.warning("rulesUnreachable", element, number=index + 1)
                break


def _cycles(own: Mapping[str, Entry], plan: DecisionPlan, document: Document, findings: Findings) -> None:
    """A decision that needs itself. Knowledge models may call themselves."""
    nodes = plan.data["nodes"]
    done: set[str] = set()

    def visit(key: str, path: tuple[str, ...]) -> None:
        if key in path:
            around = path[path.index(key) :]
            first = next((k for k in around if k in own), key)
            names = " → ".join(nodes[k]["name"] for k in (*around, key))
            findings.error("decisionCycle", document.elements.get(first.rpartition("#")[2]), path=names)
            return
        if key in done or key not in nodes:
            return
        for needed in nodes[key].get("requires", ()):
            if nodes.get(needed["id"], {}).get("kind") == "decision":
                visit(needed["id"], (*path, key))
        done.add(key)

    for key, node in own.items():
        if node["kind"] == "decision":
            visit(key, ())


def _type_cycles(document: Document, plan: DecisionPlan, findings: Findings) -> None:
    types = plan.data["types"]

    def reaches(key: str, target: str, seen: set[str]) -> bool:
        type_ = types.get(key)
        if type_ is None or key in seen:
            return False
        seen.add(key)
        parts = [type_["base"], *(part for _, part in type_["fields"] or ())]
        return any(part == target or (part is not None and reaches(part, target, seen)) for part in parts)

    for name, element in document.types.items():
        if reaches(f"{document.namespace}#{name}", f"{document.namespace}#{name}", set()):
            findings.error("typeCycle", element, name=name)
