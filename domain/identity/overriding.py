"""Cells of the matrix that a deployment sets itself, within the bounds of the law and of the separation of duties (DOMAIN §5.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain.actors import Role
from domain.errors import DomainError
from domain.identity.functions import Function, Matrix, Part, Reach, read_part, shipped

STAFF_REACH = frozenset(Reach) - {Reach.OWN, Reach.AUTHORISED}


class OverrideRefused(DomainError):
    """A cell that no deployment may set so."""

    code = "role-override-refused"
    title_zh = "不能这样设置角色权限"
    title_en = "The matrix of roles cannot be set so"
    next_zh = "请按“角色与权限”文档的范围修改。"
    next_en = "Keep within the bounds described in docs/roles.md."


def overridden(matrix: Matrix, raw: Any) -> Matrix:
    """The matrix with the deployment's cells: {function: {role: [part, …]}}. Raises :class:`OverrideRefused`.

    Bounds: the platform administrator never reaches the content of cases, the auditor never writes, decisions stay with the
    approver, applicants reach their own things only, and a cell names known acts of its function.
    """
    if not isinstance(raw, Mapping):
        raise OverrideRefused(
            "须为“功能 → 角色 → 权限”的对象。", "An object function → role → permissions is expected."
        )
    functions = dict(matrix.functions)
    for key, cells in raw.items():
        function = functions.get(key)
        if function is None or not isinstance(cells, Mapping):
            raise OverrideRefused(f"没有功能“{key}”。", f"There is no function '{key}'.", pointer=f"/{key}")
        changed = dict(function.cells)
        for role, parts in cells.items():
            changed[_role(key, role)] = _cell(function, key, role, parts)
        functions[key] = replace(function, cells=changed)
    return replace(matrix, functions=functions)


def read_overrides(path: Path | None) -> Matrix | None:
    """The matrix with the cells of a deployment's file; None without a file. Raises :class:`OverrideRefused`."""
    if path is None:
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise OverrideRefused(f"无法读取 {path.name}。", f"{path.name} cannot be read as JSON.") from wrong
    return overridden(shipped(), raw)


def _role(key: str, role: str) -> Role:
    if role not in set(Role) - {Role.SYSTEM}:
        raise OverrideRefused(f"没有角色“{role}”。", f"There is no role '{role}'.", pointer=f"/{key}/{role}")
    return Role(role)


def _cell(function: Function, key: str, role: str, raw: Any) -> tuple[Part, ...]:
    pointer = f"/{key}/{role}"
    try:
        parts = tuple(read_part(part) for part in raw)
    except (KeyError, TypeError, ValueError) as wrong:
        raise OverrideRefused(
            "权限须写明 acts 和 reach。", "A permission names acts and reach.", pointer=pointer
        ) from wrong
    for part in parts:
        refused = _beyond(function, Role(role), part)
        if refused is not None:
            raise OverrideRefused(*refused, pointer=pointer)
    return parts


def _beyond(function: Function, role: Role, part: Part) -> tuple[str, str] | None:
    """Why this permission is out of bounds; None: it is not."""
    if not part.acts <= set(function.acts):
        return "功能没有这项操作。", "The function has no such act."
    if role is Role.PLATFORM_ADMIN and function.content:
        return "平台管理员不得接触办件内容。", "The platform administrator never reaches the content of cases."
    if role is Role.AUDITOR and any(function.acts[act] for act in part.acts):
        return "审计员不得有写权限。", "The auditor never writes."
    if function.key == "decision" and role is not Role.APPROVER:
        return "决定只能由审批人作出。", "Decisions are the approver's."
    if role in (Role.APPLICANT, Role.AGENT) and function.content and part.reach & STAFF_REACH:
        return "申请人只能办理本人或受托事项。", "Applicants reach their own things only."
    return None
