"""An old key is taken out: only when nothing is sealed with it any more, counted in every column and in the record."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select

from domain.audit import service as audit
from domain.audit.models import AuditEvent
from domain.base import get_seal
from domain.context import Context
from domain.errors import Conflict
from domain.resealing import service
from domain.resealing.service import Held

RECORD: Final = "audit_events.data"
CORRECTED: Final = "data.corrected"
"""The one event that keeps something sealed: what a correction replaced. A hash chain keeps it as it is: it is never sealed anew."""
HEAD: Final = 4
"""Characters of base64 that hold the first three bytes: version and key."""


class KeyInUse(Conflict):
    """The key seals now, or something is still sealed with it."""

    code = "key-in-use"
    title_zh = "不能移出该密钥"
    title_en = "This key cannot be taken out"
    next_zh = "请先用 lianban keys rotate 换用新密钥，等重新加密完成。"
    next_en = "Change to a new key first (lianban keys rotate) and wait until everything is sealed anew."


class ResealingUnfinished(KeyInUse):
    """Data is being sealed anew."""

    code = "resealing-unfinished"
    next_zh = "请等后台任务完成（lianban keys status），再重试。"
    next_en = "Wait until the background work is done (lianban keys status), then try again."


class ValuesLeft(KeyInUse):
    """Rows are still sealed with it."""

    code = "key-has-values"
    next_zh = "请执行 lianban keys rewrap 并等它完成；打不开的数据（见 lianban keys status）须先从备份恢复。"
    next_en = "Run lianban keys rewrap and wait for it; values that do not open (lianban keys status) come from a backup first."


class CorrectionsLeft(KeyInUse):
    """Corrections in the record are sealed with it."""

    code = "key-has-corrections"
    next_zh = "记录由哈希链固定，不能重新加密：这个密钥须一直保留在密钥环里。"
    next_en = "The record is fixed by its hash chain and cannot be sealed anew: this key has to stay on the ring."


def require_unused(ctx: Context, key: int) -> None:
    """Raise :class:`KeyInUse` with what is left, where, and what to do next."""
    if key == get_seal().ring.active:
        raise KeyInUse(f"密钥 {key} 正在使用。", f"Key {key} is the one in use.")
    run, _ = service.list_parts(ctx)
    if run is not None and run.finished_at is None:
        raise ResealingUnfinished("重新加密还没有完成。", "Sealing anew is not finished.")
    left = list(list_left(ctx, key))
    where = ", ".join(f"{each.place} {each.values}" for each in left)
    rows = sum(each.values for each in left if each.place != RECORD)
    if rows:
        raise ValuesLeft(
            f"还有 {rows} 条数据用密钥 {key} 加密：{where}。",
            f"{rows} values are still sealed with key {key}: {where}.",
        )
    if left:
        count = sum(each.values for each in left)
        raise CorrectionsLeft(
            f"办件记录中有 {count} 条数据更正用密钥 {key} 加密。",
            f"{count} corrections in the record are sealed with key {key}.",
        )


def list_left(ctx: Context, key: int) -> Iterator[Held]:
    """What is sealed with the key: columns first, then the record."""
    for held in service.census(ctx):
        if held.key == key and held.place not in service.BLIND:
            yield held
    head = func.substring(AuditEvent.data["sealed"].astext, 1, HEAD)
    counted = select(head, func.count()).where(AuditEvent.kind == CORRECTED).group_by(head)
    for begins, count in ctx.session.execute(counted):
        if begins and service.key_of_head(base64.b64decode(begins)) == key:
            yield Held(RECORD, key, count, present=False)


def record(ctx: Context, key: int) -> None:
    """The key was taken out."""
    audit.record(ctx, "keys.retired", data={"key": key})
