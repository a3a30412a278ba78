"""The outside of an evidence package, and how the first thing that does not fit is named. Part of the verifier that is handed out."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Dict

from domain.evidence.primitives import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

Files = Dict[str, bytes]


class Broken(Exception):
    """The first thing that is not as it was issued: file, number of the event (or None), field (or None), in two languages."""

    def __init__(self, file: str, zh: str, en: str, event: int | None = None, field: str | None = None) -> None:
        super().__init__(f"{file}: {en}")
        self.file, self.zh, self.en, self.event, self.field = file, zh, en, event, field

    def lines(self) -> list[str]:
        """In both languages."""
        at_zh = (f" 第 {self.event} 条" if self.event else "") + (f" 字段 {self.field}" if self.field else "")
        at_en = (f", event {self.event}" if self.event else "") + (f", field {self.field}" if self.field else "")
        return [f"校验未通过：{self.file}{at_zh}：{self.zh}", f"NOT WHOLE: {self.file}{at_en}: {self.en}"]


# --- the container: a ZIP of stored entries whose every byte follows from names and contents ---------------------------------


def write_container(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """A ZIP archive: entries in order, not compressed, no times, no attributes."""
    body, directory = [], []
    offset = 0
    for name, content in entries:
        raw = name.encode("ascii")
        fixed = struct.pack(
            "<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(raw), 0
        )
        local = b"PK\x03\x04" + fixed + raw
        directory.append(
            b"PK\x01\x02" + struct.pack("<H", 20) + fixed + struct.pack("<HHHII", 0, 0, 0, 0, offset) + raw
        )
        body += [local, content]
        offset += len(local) + len(content)
    listed = b"".join(directory)
    count = len(directory)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), offset, 0)
    return b"".join([*body, listed, end])


def read_container(package: bytes) -> list[tuple[str, bytes]]:
    """Names and contents as the local headers tell them."""
    entries: list[tuple[str, bytes]] = []
    at = 0
    try:
        while package[at : at + 4] == b"PK\x03\x04":
            size, longer, extra = struct.unpack("<IHH", package[at + 22 : at + 30])
            name = package[at + 30 : at + 30 + longer].decode("ascii")
            start = at + 30 + longer + extra
            if start + size > len(package):
                raise ValueError("an entry is longer than the package")
            entries.append((name, package[start : start + size]))
            at = start + size
    except UNREADABLE:
        last = entries[-1][0] if entries else ""
        raise Broken("(zip)", f"压缩包结构损坏（在 {last} 之后）", f"the archive is damaged after '{last}'") from None
    if not entries:
        raise Broken("(zip)", "不是存证包", "this is no evidence package")
    return entries


def split_lines(content: bytes) -> tuple[list[bytes], bool]:
    """The lines, and whether the last one ended."""
    lines = content.split(b"\n")
    return (lines[:-1], True) if lines[-1] == b"" else (lines, False)
