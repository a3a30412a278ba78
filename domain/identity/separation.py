"""Separation of duties (DOMAIN §5.2) as data: which roles nobody holds together, which steps of a leg nobody does both of."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from domain.actors import Role
from domain.errors import Forbidden

DATA: Final = Path(__file__).parent / "data" / "separation.json"


class DutiesApart(Forbidden):
    """The same person did, or holds, what must lie with two people."""

    code = "separation-of-duties"
    title_zh = "职责分离：须由另一人办理"
    title_en = "Separation of duties: somebody else must do this"
    next_zh = "请由未办理过前序环节的人员办理。"
    next_en = "Let a person do it who did not do the earlier step."


@dataclass(frozen=True, slots=True)
class TaskRule:
    """Who did a task of one of the first roles in a leg does none of the later roles' there."""

    key: str
    zh: str
    en: str
    first: frozenset[Role]
    then: frozenset[Role]


@dataclass(frozen=True, slots=True)
class ActRule:
    """Two functions on the same thing; ``enforced`` names the command that looks."""

    key: str
    zh: str
    en: str
    first: str
    then: str
    enforced: str


@dataclass(frozen=True, slots=True)
class RoleRule:
    """A role that is not held together with others (``apart`` None: with none), or only not at the same site."""

    key: str
    zh: str
    en: str
    role: Role
    apart: frozenset[Role] | None
    same_site: bool

    def clashes(self, one: Role, other: Role) -> bool:
        """Whether these two are kept apart."""
        if self.role not in (one, other) or one == other:
            return False
        return self.apart is None or bool({one, other} & self.apart)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules."""

    tasks: tuple[TaskRule, ...]
    acts: tuple[ActRule, ...]
    roles: tuple[RoleRule, ...]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules as they ship; no deployment loosens them."""
    raw = json.loads(DATA.read_text(encoding="utf-8"))
    return Rules(
        tasks=tuple(TaskRule(r["key"], r["zh"], r["en"], _roles(r["first"]), _roles(r["then"])) for r in raw["tasks"]),
        acts=tuple(ActRule(**row) for row in raw["acts"]),
        roles=tuple(
            RoleRule(
                row["key"],
                row["zh"],
                row["en"],
                Role(row["role"]),
                None if row["apart"] == ["*"] else _roles(row["apart"]),
                bool(row.get("sameSite")),
            )
            for row in raw["roles"]
        ),
    )


def earlier_roles(role: str) -> frozenset[Role]:
    """The roles whose tasks keep a person from a task of this role in the same leg."""
    return frozenset().union(*(rule.first for rule in rules().tasks if role in rule.then))


def task_rule(role: str, done: Collection[str]) -> TaskRule | None:
    """The rule that keeps who did tasks of the ``done`` roles from a task of ``role``; None: nothing does."""
    return next((rule for rule in rules().tasks if role in rule.then and rule.first & set(done)), None)


def role_rule(held: Iterable[tuple[Role, int | None]], role: Role, site_id: int | None) -> RoleRule | None:
    """The rule that keeps a role from who holds these (role, site); None: it may be given."""
    for other, place in held:
        for rule in rules().roles:
            if rule.clashes(role, other) and (not rule.same_site or place == site_id):
                return rule
    return None


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)
