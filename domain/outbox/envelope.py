"""The envelope of a message between sites: canonical JSON, signed over its very bytes by the sending site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from domain.errors import DomainError

VERSION = 1
LARGEST = 2 * 1024 * 1024
"""Bytes of an envelope (files do not travel in it)."""
LONGEST_NAME = 80
TEXTS = ("collabNo", "itemCode", "messageId", "name", "sentAt")


class EnvelopeUnreadable(DomainError):
    """The bytes are no envelope of a version known here."""

    code = "envelope-unreadable"
    title_zh = "消息格式无法识别"
    title_en = "The envelope cannot be read"
    next_zh = "请按接口文档的信封格式发送。"
    next_en = "Send an envelope as the interface description says."


@dataclass(frozen=True, slots=True)
class End:
    """One end of a message: the site and the pool that it runs."""

    site: str
    participant: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message between two legs. ``manifest`` names materials with their SHA-256; ``body`` is the contract part of the payload."""

    message_id: str
    name: str
    collab_no: str
    item_code: str
    sender: End
    receiver: End
    sent_at: str
    body: Mapping[str, Any]
    manifest: list[dict[str, Any]] = field(default_factory=list)
    correlation_key: str | None = None
    definition: str = ""
    """Key and version of the sender's model, for people who look for a mistake."""

    def to_bytes(self) -> bytes:
        """Canonical bytes: sorted keys, no spaces. These are signed, sent and kept."""
        content = {
            "header": {
                "version": VERSION,
                "messageId": self.message_id,
                "name": self.name,
                "collabNo": self.collab_no,
                "itemCode": self.item_code,
                "sender": {"site": self.sender.site, "participant": self.sender.participant},
                "receiver": {"site": self.receiver.site, "participant": self.receiver.participant},
                "sentAt": self.sent_at,
                "correlationKey": self.correlation_key,
                "definition": self.definition,
            },
            "materials": self.manifest,
            "body": dict(self.body),
        }
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def read(raw: bytes) -> Envelope:
    """The envelope in these bytes. Raises :class:`EnvelopeUnreadable`."""
    if len(raw) > LARGEST:
        raise EnvelopeUnreadable("消息超过允许的大小。", "The envelope is too large.")
    if b"\\u0000" in raw:
        raise EnvelopeUnreadable("消息含有不允许的空字符。", "The envelope holds NUL characters.")
    try:
        content = orjson.loads(raw)
        header = content["header"]
        if header["version"] != VERSION:
            raise EnvelopeUnreadable(
                "不支持的消息版本。", "The envelope's version is not supported.", pointer="/header/version"
            )
        texts = {name: _text(header[name], 64 if name == "messageId" else LONGEST_NAME) for name in TEXTS}
        datetime.fromisoformat(texts["sentAt"])
        key = header.get("correlationKey")
        manifest = [dict(row) for row in content.get("materials", [])]
        body = dict(content["body"])
        return Envelope(
            message_id=texts["messageId"],
            name=texts["name"],
            collab_no=texts["collabNo"],
            item_code=texts["itemCode"],
            sender=_end(header["sender"]),
            receiver=_end(header["receiver"]),
            sent_at=texts["sentAt"],
            body=body,
            manifest=manifest,
            correlation_key=None if key is None else _text(key, 200),
            definition=str(header.get("definition", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EnvelopeUnreadable(
            "消息缺少必填内容或格式不对。", "A required part is missing or has the wrong form.", pointer="/header"
        ) from error


def _end(value: Mapping[str, Any]) -> End:
    return End(_text(value["site"], 40), _text(value["participant"], 120))


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value or len(value) > longest or "\x00" in value:
        raise TypeError("text")
    return value
