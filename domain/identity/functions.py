"""Who may do what: the matrix of roles and functions (DOMAIN §5.2) as data, and the question every guard asks of it.

``data/functions.json`` holds every function with its acts and, for each of the eleven roles, a cell. A function of a route or a
command is named ``key:act`` (``urge:send``). A deployment may change cells within bounds (:mod:`domain.identity.overriding`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from domain.actors import Actor, Role
from domain.errors import Forbidden
from domain.identity.roles import role_name

COLUMNS: Final = tuple(role for role in Role if role is not Role.SYSTEM)
"""The eleven roles of the matrix, in its order."""
DATA: Final = Path(__file__).parent / "data" / "functions.json"


class Reach(StrEnum):
    """How far a cell reaches: everywhere, the own person, cases one is authorised for, own site, cases shared by contract, region."""

    FULL = "full"
    OWN = "own"
    AUTHORISED = "authorised"
    SITE = "site"
    SHARED = "shared"
    REGION = "region"


PERSONAL: Final = frozenset({Reach.OWN, Reach.AUTHORISED})
PLACED: Final = frozenset({Reach.SITE, Reach.REGION})
"""Reaches that are told by the sites where the role is held (a supervisor's region is in the actor's grants)."""


class UnknownFunction(LookupError):
    """No function or act of the matrix has this name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One permission of a cell: these acts, that far. ``conditions`` are asked where the act is done (reason, second person, …)."""

    acts: frozenset[str]
    reach: frozenset[Reach]
    masked: bool = False
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A row of the matrix. ``acts`` maps an act to whether it writes; ``content``: it shows or changes the content of cases."""

    key: str
    name_zh: str
    name_en: str
    source: str
    reason: str
    content: bool
    acts: Mapping[str, bool]
    act_names: Mapping[str, tuple[str, str]]
    cells: Mapping[Role, tuple[Part, ...]]

    def holders(self, act: str) -> tuple[Role, ...]:
        """The roles that may do the act, in the matrix's order."""
        return tuple(role for role, parts in self.cells.items() if any(act in part.acts for part in parts))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act is to be done: at a site; at a case shared with further sites; on one's own or an entrusted thing.

    What is None is not asked: without a place the question is whether the actor could do it anywhere.
    """

    site_id: int | None = None
    shared_with: Collection[int] = ()
    own: bool | None = None


ANYWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Matrix:
    """All functions by key, with the names of conditions."""

    functions: Mapping[str, Function]
    conditions: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Function, str]:
        """The function and the act of ``key:act``. Raises :class:`UnknownFunction`."""
        key, _, act = name.partition(":")
        function = self.functions.get(key)
        if function is None or act not in function.acts:
            raise UnknownFunction(name)
        return function, act

    def parts(self, actor: Actor, name: str, place: Place = ANYWHERE) -> list[tuple[Role, Part]]:
        """What lets the actor do it: every part of a held role's cell that reaches the place."""
        function, act = self.of(name)
        found = []
        for role, parts in function.cells.items():
            if _holds(actor, role):
                found += [(role, part) for part in parts if act in part.acts and _reaches(actor, role, part, place)]
        return found

    def may(self, actor: Actor, name: str, place: Place = ANYWHERE) -> bool:
        """Whether the actor may do it there. What all roles may, everybody with an account may; the platform itself always."""
        function, act = self.of(name)
        if actor.has(Role.SYSTEM):
            return True
        if actor.user_id and len(set(function.holders(act)) & set(COLUMNS)) == len(COLUMNS):
            return True
        return bool(self.parts(actor, name, place))


class FunctionRefused(Forbidden):
    """The actor's roles do not reach this function there (DOMAIN §5.2)."""

    code = "function-not-allowed"
    title_zh = "没有这项权限"
    title_en = "Your role does not include this"
    next_zh = "请由有相应角色的人员办理；“角色与权限”页面说明谁可以办理。"
    next_en = "Ask somebody with the role; the page of roles says who may do it."


class _Installed:
    """The process's matrix, set once by the container at start where a deployment changes cells."""

    matrix: Matrix | None = None


def install(matrix: Matrix | None) -> None:
    """Let every guard of this process ask this matrix (None: the shipped one)."""
    _Installed.matrix = matrix


def matrix() -> Matrix:
    """The matrix in force."""
    return _Installed.matrix or shipped()


def may(
    actor: Actor,
    function: str,
    *,
    site_id: int | None = None,
    shared_with: Collection[int] = (),
    own: bool | None = None,
) -> bool:
    """Whether the actor may do ``key:act``: at the site, at a case shared with these sites, on the own thing. See :class:`Place`."""
    return matrix().may(actor, function, Place(site_id, shared_with, own))


def require(
    actor: Actor,
    function: str,
    *,
    site_id: int | None = None,
    shared_with: Collection[int] = (),
    own: bool | None = None,
) -> None:
    """Raise :class:`FunctionRefused`, which names the roles that may, unless :func:`may` says yes."""
    if not may(actor, function, site_id=site_id, shared_with=shared_with, own=own):
        raise FunctionRefused(*refusal(function))


def sites_where(actor: Actor, function: str) -> set[int] | None:
    """The sites where the actor may do this; None: everywhere."""
    if any(Reach.FULL in part.reach for _, part in matrix().parts(actor, function)):
        return None
    return {site for site in actor.site_ids if may(actor, function, site_id=site)}


def allowed(actor: Actor) -> list[str]:
    """Everything the actor may do somewhere, as ``key:act``."""
    names = (f"{key}:{act}" for key, function in matrix().functions.items() for act in function.acts)
    return [name for name in names if may(actor, name)]


def refusal(function: str) -> tuple[str, str]:
    """Which function was refused and who may do it, in Chinese and English."""
    row, act = matrix().of(function)
    holders = [role for role in row.holders(act) if role in COLUMNS]
    zh = "、".join(role_name(role)[0] for role in holders) or "系统"
    en = ", ".join(role_name(role)[1] for role in holders) or "the system"
    act_zh, act_en = row.act_names[act]
    return f"“{row.name_zh}：{act_zh}”由{zh}办理。", f"'{row.name_en}: {act_en}' is done by: {en}."


@lru_cache(maxsize=1)
def shipped() -> Matrix:
    """The matrix as it ships."""
    return read_matrix(json.loads(DATA.read_text(encoding="utf-8")))


def read_matrix(raw: Mapping[str, Any]) -> Matrix:
    """The matrix of a document with ``functions`` and ``conditions``."""
    conditions = {key: (text["zh"], text["en"]) for key, text in raw["conditions"].items()}
    return Matrix({row["key"]: _function(row) for row in raw["functions"]}, conditions)


def read_part(raw: Mapping[str, Any]) -> Part:
    """A permission of a cell."""
    return Part(
        frozenset(raw["acts"]),
        frozenset(Reach(reach) for reach in raw["reach"]),
        masked=bool(raw.get("masked")),
        conditions=tuple(raw.get("conditions", ())),
    )


def _function(raw: Mapping[str, Any]) -> Function:
    return Function(
        key=raw["key"],
        name_zh=raw["name"]["zh"],
        name_en=raw["name"]["en"],
        source=raw["source"],
        reason=raw.get("reason", ""),
        content=bool(raw.get("content")),
        acts={act: bool(told.get("writes")) for act, told in raw["acts"].items()},
        act_names={act: (told["zh"], told["en"]) for act, told in raw["acts"].items()},
        cells={Role(role): tuple(read_part(part) for part in parts) for role, parts in raw["cells"].items()},
    )


def _holds(actor: Actor, role: Role) -> bool:
    return actor.has(role) or (role is Role.APPLICANT and actor.is_applicant)


def _reaches(actor: Actor, role: Role, part: Part, place: Place) -> bool:
    """Whether one of the part's reaches covers the place for who holds the role."""
    if Reach.FULL in part.reach or place == ANYWHERE:
        return True
    if part.reach & PERSONAL and place.own:
        return True
    if part.reach & PLACED and place.site_id is not None and actor.has(role, place.site_id):
        return True
    return Reach.SHARED in part.reach and any(actor.has(role, site) for site in place.shared_with)
