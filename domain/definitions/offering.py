"""Which process serves an item, and the form it is applied for with: for items whose process does not come with the product."""

from __future__ import annotations

from sqlalchemy import select

from domain.audit import service as audit
from domain.context import Context
from domain.definitions import store
from domain.definitions.models import Form
from domain.errors import DomainError
from domain.items import service as items
from domain.items.models import Item
from domain.items.queries import get_item
from domain.registry.catalogue import ItemShipped


class ProcessRefused(DomainError):
    """The process is not deployed, or the form is not published."""

    code = "item-process-refused"
    title_zh = "不能关联该流程"
    title_en = "This process cannot be linked"
    next_zh = "请先由流程设计员发布流程和申请表单，再关联。"
    next_en = "Have the process and the application form published first, then link them."


def link(ctx: Context, code: str, definition_key: str | None, form_id: str | None) -> Item:
    """Let a deployed process and a published form serve the item from the next application on; without both nothing is offered.

    Raises :class:`ProcessRefused`, :class:`ItemShipped` for an item whose process comes with the product, ``NotFound``.
    """
    item = get_item(ctx.session, code)
    if is_shipped(code):
        raise ItemShipped(
            f"“{item.name}”的流程随产品提供。", f"The process of '{item.name_en}' comes with the product."
        )
    if (definition_key is None) != (form_id is None):
        raise ProcessRefused("流程和申请表单要一起填写。", "Process and form go together.", pointer="/applyFormId")
    if definition_key is not None and store.find_latest(ctx.session, definition_key) is None:
        raise ProcessRefused(
            f"没有发布流程“{definition_key}”。", f"No process '{definition_key}' is deployed.", pointer="/definitionKey"
        )
    published = select(Form.id).where(Form.form_id == form_id).limit(1)
    if form_id is not None and ctx.session.scalar(published) is None:
        raise ProcessRefused(f"没有发布表单“{form_id}”。", f"No form '{form_id}' is published.", pointer="/applyFormId")
    item.definition_key, item.apply_form_id = definition_key, form_id
    ctx.session.flush()
    audit.record(ctx, "item.linked", data={"item": code, "process": definition_key or "", "form": form_id or ""})
    return item


def is_shipped(code: str) -> bool:
    """Whether the product brings the item's process."""
    return any(row["code"] == code and row.get("definitionKey") for row in items.shipped())
