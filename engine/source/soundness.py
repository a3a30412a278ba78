"""Plays the tokens of one scope through every choice, conditions left open: can it get stuck, does a node run more often than meant.

Only choices branch: tokens that do not wait for others move first and one at a time, so parallel paths are not multiplied.
Tokens wait at merges until nothing else can move; two of them there at once come from paths that were never joined.
What is waited for (a message, a person, a time) always comes; the number of markings is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from engine.source.tree import Tree, is_link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.source.nodes import Node

MOST_MARKINGS = 2_000
MOST_TOKENS = 40
MOST_CONDITIONS = 5
ENDS_ALL = frozenset({"terminate", "error", "cancel"})

Marking = tuple[str, ...]
"""Where tokens are: sorted ids of places. A place is a flow, or a node where a token begins."""


@dataclass(slots=True)
class Play:
    """What was seen. ``complete`` tells that every marking was visited; ``joined`` are the joins that went on at least once."""

    complete: bool = True
    joined: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)


class Scope:
    """The nodes of one scope as a net: each place has one node that takes its tokens."""

    def __init__(self, tree: Tree, inside: list[Node]) -> None:
        self.tree = tree
        self.nodes = {n.id: n for n in inside}
        self.target: dict[str, str] = {n.id: n.id for n in inside}
        self.into: dict[str, list[str]] = {}
        self.catches = {n.trigger.name: n.id for n in inside if is_link(n, "catch")}
        for node in inside:
            for flow, _ in tree.out.get(node.id, ()):
                self.target[flow.id] = flow.target
                self.into.setdefault(flow.target, []).append(flow.id)
        self.moves = {n.id: _moves(self, n) for n in inside}
        self.joins = {n.id for n in inside if n.type == "parallelGateway" and len(self.into.get(n.id, ())) > 1}
        self.waits = {n.id for n in inside if n.type == "inclusiveGateway" and len(self.into.get(n.id, ())) > 1}
        self.merges = {n.id for n in inside if len(self.into.get(n.id, ())) > 1} - self.joins - self.waits
        self._reach: dict[tuple[str, str], frozenset[str]] = {}

    def play(self, begin: Iterable[Iterable[str]]) -> Play:
        """Every way from each of these sets of places."""
        seen: set[Marking] = set()
        play = Play()
        todo: list[Marking] = [tuple(sorted(places)) for places in begin]
        while todo:
            marking = todo.pop()
            if marking in seen:
                continue
            seen.add(marking)
            if len(seen) > MOST_MARKINGS or len(marking) > MOST_TOKENS:
                play.complete = False
                return play
            if not marking:
                continue
            following = self._step(marking, play)
            if not following:
                play.stuck |= {self.target[p] for p in marking}
            todo.extend(following)
        return play

    def _step(self, marking: Marking, play: Play) -> list[Marking]:
        """The markings that may follow: all outcomes of one node that can move."""
        held = set(marking)
        merging: str | None = None
        for place in marking:
            node = self.target[place]
            if node in self.merges:
                merging = merging or place
            elif node not in self.joins and node not in self.waits:
                return self._fire(marking, (place,), node)
        for node in {self.target[p] for p in marking} & self.joins:
            if held.issuperset(self.into[node]):
                play.joined.add(node)
                return self._fire(marking, tuple(self.into[node]), node)
        if merging is not None:
            node = self.target[merging]
            if sum(self.target[p] == node for p in marking) > 1 and any(self.moves[node]):
                play.doubled.add(node)
            return self._fire(marking, (merging,), node)
        for node in sorted({self.target[p] for p in marking} & self.waits):
            if not self._awaited(marking, node):
                taken = tuple(p for p in self.into[node] if p in held)
                return self._fire(marking, taken, node)
        return []

    def _fire(self, marking: Marking, taken: tuple[str, ...], node: str) -> list[Marking]:
        rest = list(marking)
        for place in taken:
            rest.remove(place)
        if self.nodes[node].type == "endEvent" and self.nodes[node].trigger.kind in ENDS_ALL:
            return [()]
        return [tuple(sorted([*rest, *made])) for made in self.moves[node]]

    def _awaited(self, marking: Marking, join: str) -> bool:
        """Whether a token elsewhere can come over an empty flow of an inclusive join, and not over a filled one."""
        filled = {p for p in marking if self.target[p] == join}
        empty = set(self.into[join]) - filled
        for place in set(marking) - filled:
            reach = self._reachable(place, join)
            if reach & empty and not reach & filled:
                return True
        return False

    def _reachable(self, place: str, join: str) -> frozenset[str]:
        key = (place, join)
        if key not in self._reach:
            seen: set[str] = set()
            todo = [place]
            while todo:
                here = todo.pop()
                if here in seen:
                    continue
                seen.add(here)
                if self.target[here] != join:
                    todo.extend(p for made in self.moves[self.target[here]] for p in made)
            self._reach[key] = frozenset(seen)
        return self._reach[key]


def _moves(scope: Scope, node: Node) -> list[tuple[str, ...]]:
    """What a node may make of a token: the places that get one, for each of its outcomes."""
    if is_link(node, "throw"):
        catch = scope.catches.get(node.trigger.name)
        return [(catch,)] if catch else [()]
    outcomes = _flows_taken(scope.tree, node)
    for boundary in scope.tree.boundaries.get(node.id, ()):
        if boundary.trigger.kind == "compensate" or boundary.id not in scope.nodes:
            continue
        caught = _flows_taken(scope.tree, boundary)
        besides = [one + other for one in outcomes[:8] for other in caught[:8]]
        outcomes = outcomes + (caught if boundary.interrupting else besides)
    return outcomes


def _flows_taken(tree: Tree, node: Node) -> list[tuple[str, ...]]:
    flows = [flow for flow, _ in tree.out.get(node.id, ())]
    if node.type == "exclusiveGateway" or (node.type == "eventBasedGateway" and not node.all_events):
        return [(flow.id,) for flow in flows] or [()]
    if node.type in {"parallelGateway", "eventBasedGateway"}:
        return [tuple(flow.id for flow in flows)]
    always = tuple(f.id for f in flows if f.condition is None and f.id != node.default)
    asked = [f.id for f in flows if f.condition is not None and f.id != node.default]
    sizes = range(len(asked) + 1) if len(asked) <= MOST_CONDITIONS else (0, 1, len(asked))
    outcomes: list[tuple[str, ...]] = []
    for size in sizes:
        for chosen in combinations(asked, size):
            if not chosen and asked and not always:
                if node.default is not None:
                    outcomes.append((node.default,))
            elif not chosen and node.default is not None and asked:
                outcomes.append((*always, node.default))
            else:
                outcomes.append((*always, *chosen))
    return outcomes or [always]
