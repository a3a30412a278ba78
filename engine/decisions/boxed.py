"""Boxed expressions (DMN 1.5 §10.2 and §8) as entries of a plan; the kernel's `plan.ts` has the same shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.decisions.names import EXPRESSIONS, FEEL, child, children, name_of, text_of
from engine.source.names import line_of, local

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

    from engine.decisions.types import TypeReader
    from engine.source.findings import Findings

Entry = dict[str, Any]

HIT_POLICIES = frozenset({"UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT"})
AGGREGATIONS = frozenset({"SUM", "COUNT", "MIN", "MAX"})


class BoxedReader:
    """Reads the expressions of one document."""

    def __init__(self, types: TypeReader, findings: Findings, language: str | None) -> None:
        self._types = types
        self._findings = findings
        self._language = language
        self._readers: dict[str, Callable[[_Element], Entry]] = {
            "literalExpression": self._literal, "decisionTable": self._table, "context": self._context,
            "invocation": self._invocation, "functionDefinition": self.function, "list": self._list,
            "relation": self._relation, "conditional": self._conditional, "filter": self._filter, "for": self._iteration,
            "some": self._iteration, "every": self._iteration,
        }  # fmt: skip

    def inside(self, element: _Element | None, *, result: str | None = None) -> Entry | None:
        """The expression among the children of an element; ``result`` is the type of what it defines."""
        if element is None:
            return None
        found = next(children(element, *EXPRESSIONS), None)
        if found is None:
            return None
        entry = self.read(found)
        if entry["kind"] == "table":
            entry["result"] = entry["type"] or result
        return entry

    def read(self, element: _Element) -> Entry:
        """One expression."""
        return {**self._place(element), **self._readers[local(element.tag)](element)}

    def _place(self, element: _Element) -> Entry:
        near = element
        while near.get("id") is None and (above := near.getparent()) is not None:
            near = above
        return {
            "at": near.get("id"),
            "line": line_of(element),
            "type": self._types.key_of(element.get("typeRef"), element),
        }

    def _literal(self, element: _Element) -> Entry:
        self._check_language(element, element.get("expressionLanguage") or self._language)
        if child(element, "importedValues") is not None:
            self._findings.error("importedValues", element)
        return {"kind": "literal", "text": text_of(child(element, "text"))}

    def _check_language(self, element: _Element, language: str | None) -> None:
        if language and language.strip().lower() not in FEEL and language.strip() not in FEEL:
            self._findings.error("otherLanguage", element, language=language)

    def _unary(self, element: _Element | None) -> str | None:
        if element is None:
            return None
        self._check_language(element, element.get("expressionLanguage") or self._language)
        return text_of(child(element, "text")) or None

    def _table(self, element: _Element) -> Entry:
        policy = element.get("hitPolicy") or "UNIQUE"
        aggregation = element.get("aggregation") or None
        if policy not in HIT_POLICIES:
            self._findings.error("hitPolicyUnknown", element, policy=policy)
        if aggregation is not None and aggregation not in AGGREGATIONS:
            self._findings.error("aggregationUnknown", element, aggregation=aggregation)
        return {
            "kind": "table", "hitPolicy": policy, "aggregation": aggregation,
            "inputs": [self._input(part, index) for index, part in enumerate(children(element, "input"))],
            "outputs": [self._output(part, index) for index, part in enumerate(children(element, "output"))],
            "rules": [self._rule(rule) for rule in children(element, "rule")],
        }  # fmt: skip

    def _input(self, element: _Element, index: int) -> Entry:
        expression = child(element, "inputExpression")
        text = text_of(child(expression, "text"))
        typed = expression if expression is not None else element
        return {
            **self._place(element), "type": self._types.key_of(typed.get("typeRef"), typed), "text": text,
            "label": element.get("label") or text or str(index + 1),
            "allowed": self._unary(child(element, "inputValues")),
        }  # fmt: skip

    def _output(self, element: _Element, index: int) -> Entry:
        default = child(element, "defaultOutputEntry")
        return {
            **self._place(element), "name": name_of(element),
            "label": element.get("label") or name_of(element) or str(index + 1),
            "allowed": self._unary(child(element, "outputValues")),
            "default": None if default is None else (text_of(child(default, "text")) or None),
        }  # fmt: skip

    def _rule(self, element: _Element) -> Entry:
        return {
            "id": element.get("id"), "line": line_of(element),
            "tests": [self._unary(entry) or "" for entry in children(element, "inputEntry")],
            "outputs": [text_of(child(entry, "text")) for entry in children(element, "outputEntry")],
            "annotations": [text_of(child(entry, "text")) for entry in children(element, "annotationEntry")],
        }  # fmt: skip

    def _context(self, element: _Element) -> Entry:
        entries = []
        for part in children(element, "contextEntry"):
            variable = child(part, "variable")
            type_ = None if variable is None else self._types.key_of(variable.get("typeRef"), variable)
            entries.append(
                {
                    "name": None if variable is None else name_of(variable),
                    "type": type_,
                    "expression": self.inside(part, result=type_),
                }
            )
        return {"kind": "context", "entries": entries}

    def _invocation(self, element: _Element) -> Entry:
        bindings = []
        for part in children(element, "binding"):
            parameter = child(part, "parameter")
            if parameter is not None:
                type_ = self._types.key_of(parameter.get("typeRef"), parameter)
                bindings.append({"name": name_of(parameter), "type": type_, "expression": self.inside(part)})
        return {"kind": "invocation", "function": self._required(element), "bindings": bindings}

    def function(self, element: _Element) -> Entry:
        """A function definition, also of a knowledge model's encapsulated logic."""
        kind = element.get("kind") or "FEEL"
        if kind != "FEEL":
            self._findings.error("externalFunction", element, kind=kind)
        return {
            **self._place(element), "kind": "function", "language": kind,
            "parameters": [
                [name_of(part), self._types.key_of(part.get("typeRef"), part)]
                for part in children(element, "formalParameter")
            ],
            "body": self.inside(element),
        }  # fmt: skip

    def _list(self, element: _Element) -> Entry:
        return {"kind": "list", "items": [self.read(part) for part in children(element, *EXPRESSIONS)]}

    def _relation(self, element: _Element) -> Entry:
        columns = [
            [name_of(part), self._types.key_of(part.get("typeRef"), part)] for part in children(element, "column")
        ]
        rows = [[self.read(cell) for cell in children(row, *EXPRESSIONS)] for row in children(element, "row")]
        return {"kind": "relation", "columns": columns, "rows": rows}

    def _conditional(self, element: _Element) -> Entry:
        parts = {name: self._required(child(element, name), element) for name in ("if", "then", "else")}
        return {"kind": "conditional", **parts}

    def _filter(self, element: _Element) -> Entry:
        return {"kind": "filter", **{n: self._required(child(element, n), element) for n in ("in", "match")}}

    def _iteration(self, element: _Element) -> Entry:
        kind = local(element.tag)
        body = "return" if kind == "for" else "satisfies"
        return {
            "kind": kind, "variable": " ".join((element.get("iteratorVariable") or "").split()),
            "in": self._required(child(element, "in"), element), "body": self._required(child(element, body), element),
        }  # fmt: skip

    def _required(self, element: _Element | None, around: _Element | None = None) -> Entry:
        """The expression inside an element; where it is missing, null with a finding."""
        found = self.inside(element)
        if found is not None:
            typed = None if element is None or around is None else self._types.key_of(element.get("typeRef"), element)
            return {**found, "type": found["type"] or typed} if typed else found
        place = around if around is not None else element
        if place is None:
            raise AssertionError
        self._findings.error("expressionMissing", place)
        return {**self._place(place), "kind": "literal", "text": "null", "type": None}
