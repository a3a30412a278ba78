"""Several DMN files at once: which one needs which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.decisions.document import read
from engine.decisions.rules import DECISION_RULES
from engine.limits import Limits
from engine.source.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Head:
    """The namespace of a file and those it imports; empty for a file that cannot be read."""

    namespace: str = ""
    imports: tuple[str, ...] = ()


def read_head(xml: bytes) -> Head:
    """The head of one file; what is wrong with it is found when it is parsed."""
    document = read(xml, Limits(), Findings(DECISION_RULES))
    return Head() if document is None else Head(document.namespace, tuple(ns for _, ns in document.imports))


def in_order(files: Sequence[bytes]) -> list[int]:
    """Indices such that each file comes after those it imports."""
    heads = [read_head(xml) for xml in files]
    at = {head.namespace: index for index, head in enumerate(heads) if head.namespace}
    order: list[int] = []
    open_: set[int] = set()

    def visit(index: int) -> None:
        if index in order or index in open_:
            return
        open_.add(index)
        for namespace in heads[index].imports:
            if namespace in at:
                visit(at[namespace])
        order.append(index)

    for index in range(len(files)):
        visit(index)
    return order
