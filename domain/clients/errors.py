"""What the room of API clients refuses."""

from __future__ import annotations

from domain.errors import Conflict, DomainError


class BadClient(DomainError):
    """A client cannot be registered so; the fact and pointer say why."""

    code = "api-client-invalid"
    title_zh = "接口客户端不能这样登记"
    title_en = "The API client cannot be registered so"


class ClientRevoked(Conflict):
    """The client was withdrawn; it takes no new token."""

    code = "api-client-revoked"
    title_zh = "接口客户端已停用"
    title_en = "The API client is revoked"
    next_zh = "请登记新的客户端。"
    next_en = "Register a new client."
