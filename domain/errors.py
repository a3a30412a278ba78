"""Errors of the domain room. Each states a fact; ``api.problems`` maps the kind to an HTTP status.

A subclass fixes ``code`` (slug), ``title_zh/en`` and what to do next; ``fact`` fills the sentence. Personal data never goes into them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What sort of refusal this is."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    BUSY = "busy"


class DomainError(Exception):
    """Root of the room. ``pointer`` is a JSON pointer to the offending input field, ``errors`` further field errors."""

    code: ClassVar[str] = "domain-error"
    kind: ClassVar[Kind] = Kind.INVALID
    title_zh: ClassVar[str] = "操作未完成"
    title_en: ClassVar[str] = "The operation was not carried out"
    next_zh: ClassVar[str] = "请核对后重试。"
    next_en: ClassVar[str] = "Check and try again."

    def __init__(
        self,
        fact_zh: str = "",
        fact_en: str = "",
        *,
        pointer: str | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        super().__init__(fact_en or self.title_en)
        self.fact_zh = fact_zh
        self.fact_en = fact_en
        self.pointer = pointer
        self.errors = errors


class FieldError:
    """One thing wrong with one field: JSON pointer, slug code, localised texts."""

    __slots__ = ("code", "message_en", "message_zh", "params", "pointer")

    def __init__(
        self, pointer: str, code: str, message_zh: str, message_en: str, params: dict[str, object] | None = None
    ) -> None:
        self.pointer = pointer
        self.code = code
        self.message_zh = message_zh
        self.message_en = message_en
        self.params = params or {}


class NotFound(DomainError):
    """The thing does not exist, or not for this actor (the two are not told apart)."""

    code = "not-found"
    kind = Kind.NOT_FOUND
    title_zh = "没有找到"
    title_en = "Not found"
    next_zh = "请核对编号；无权查看的内容也按“没有找到”处理。"
    next_en = "Check the number; what you may not see counts as not found."


class Forbidden(DomainError):
    """The actor may see the thing but not do this to it."""

    code = "forbidden"
    kind = Kind.FORBIDDEN
    title_zh = "没有权限"
    title_en = "Not allowed"
    next_zh = "请由有相应角色的人员办理。"
    next_en = "Ask somebody with the role for it."


class Conflict(DomainError):
    """The thing is in another state than the command needs."""

    code = "conflict"
    kind = Kind.CONFLICT
    title_zh = "状态已变化"
    title_en = "The state has changed"
    next_zh = "请刷新页面查看最新状态。"
    next_en = "Reload to see the current state."


class Busy(DomainError):
    """Another step holds the lock; nothing happened."""

    code = "busy"
    kind = Kind.BUSY
    title_zh = "办件正在处理"
    title_en = "The case is being worked on"
    next_zh = "请稍候几秒再试，刚才的操作没有生效。"
    next_en = "Try again in a few seconds; nothing was changed."


def find_title(code: str) -> tuple[str, str] | None:
    """The titles, Chinese and English, of the error with this slug, wherever in the domain it is declared."""
    error = _find(code)
    return None if error is None else (error.title_zh, error.title_en)


def find_next(code: str) -> tuple[str, str] | None:
    """What to do about the error with this slug, Chinese and English."""
    error = _find(code)
    return None if error is None else (error.next_zh, error.next_en)


def _find(code: str) -> type[DomainError] | None:
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        error = waiting.pop()
        if "code" in vars(error) and error.code == code:
            return error
        waiting.extend(error.__subclasses__())
    return None
