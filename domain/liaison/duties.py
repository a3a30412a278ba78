"""A draft of an item's 权责清单: who does what at which step, from its deployed model, the matrix of roles and the item's sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from domain.actors import Role
from domain.cases import labels
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.due import told
from domain.definitions import store
from domain.identity import functions
from domain.items.contracts import SIDES
from domain.items.models import Item
from domain.items.queries import get_item
from domain.partners.responsibilities import LONGEST, Duty
from engine.contract import Element, Model

STEP, DUTY, BASIS = 60, 300, 200
"""Longest texts of a line."""
ALSO: Final = (
    ("supplement:author", "main"),
    ("intake:check", "main"),
    ("delivery:record", "main"),
    ("rating:handle", "main"),
    ("supervision:answer", "main"),
    ("supervision:answer", "partner"),
    ("liaison:write", "main"),
    ("liaison:write", "partner"),
    ("contact:confirm", "partner"),
)
"""Duties beside the steps (R-03.1: who notifies, keeps originals, delivers, answers): function of the matrix, and whose side."""
_AT_WORK: Final = (Role.HANDLER, Role.RECV_CLERK, Role.LIAISON, Role.APPROVER, Role.SUPERVISOR)


def draft(ctx: Context, item_code: str) -> list[Duty]:
    """The lines as they follow from model, matrix and sheet; empty roles and doubled lines are left out. Raises ``NotFound``."""
    item = get_item(ctx.session, item_code)
    lines = [*_of_model(ctx, item), *_of_matrix()]
    return list(dict.fromkeys(lines))[:LONGEST]


def _of_model(ctx: Context, item: Item) -> Iterator[Duty]:
    deployed = store.find_latest(ctx.session, item.definition_key) if item.definition_key else None
    if deployed is None:
        return
    basis = _law(item)
    for pool in deployed.model.participants:
        if pool.process_id is None or pool.role not in SIDES:
            continue
        for element in _steps(deployed.model, pool.process_id):
            stage = labels.one_line(element.name)[:STEP]
            yield Duty(stage, pool.role, element.role or "", _duty(element)[:DUTY], _basis(ctx, item, element, basis))


def _steps(model: Model, process_id: str) -> Iterator[Element]:
    known = set(Role) - {Role.SYSTEM, Role.APPLICANT}
    for element in model.elements.values():
        if element.process_id == process_id and element.type == "userTask" and element.role in known:
            yield element


def _duty(element: Element) -> str:
    actions = "、".join(action.name for action in element.actions)
    words = element.documentation.strip() or f"办理“{labels.one_line(element.name)}”"
    return f"{words}（{actions}）" if actions else words


def _basis(ctx: Context, item: Item, element: Element, law: str) -> str:
    values: dict[str, Any] = policies.all_effective(ctx, None, item.code) if element.deadline else {}
    limit = values.get(element.deadline or "")
    time = f"{limit.name}：{told(limit.value)[0]}；" if limit is not None else ""
    return f"{time}{law}"[:BASIS]


def _law(item: Item) -> str:
    guide = item.sheet.get("guide") or {}
    return next((str(each) for each in guide.get("legalBasis", ())), "")


def _of_matrix() -> Iterator[Duty]:
    matrix = functions.matrix()
    for name, leg in ALSO:
        function, act = matrix.of(name)
        role = next((each for each in _AT_WORK if each in function.holders(act)), None)
        if role is not None:
            yield Duty(
                function.name_zh[:STEP], leg, str(role), f"{function.name_zh}：{function.act_names[act][0]}"[:DUTY], ""
            )
