"""Uploaded files: recognised by their content, limited in size, hashed, sealed."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile

from domain.context import Context
from domain.deadlines import policies
from domain.materials.errors import FileTooLarge, FileTypeRefused
from domain.materials.models import File

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]")
OFD = "application/ofd"
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    OFD: (".ofd",),
}
LONGEST_NAME = 200
MOST_ENTRIES = 10_000
MOST_RATIO = 100
"""How many times larger than itself an OFD may become when it is unpacked; drawings rarely pass 20."""
SMALL_BYTES = 10_000_000
"""Below this nobody minds the ratio."""


def store_file(ctx: Context, name: str, content: bytes) -> File:
    """Keep an upload. Raises :class:`FileTooLarge`, :class:`FileTypeRefused` (also for an empty file)."""
    media_type = recognise(ctx, content)
    file = File(
        id=uuid.uuid4().hex,
        name=fitting_name(safe_name(name), media_type),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=ctx.actor.user_id,
        uploaded_at=ctx.clock.now(),
    )
    ctx.session.add(file)
    ctx.session.flush()
    return file


def recognise(ctx: Context, content: bytes) -> str:
    """The media type of an upload that may be kept. Raises :class:`FileTooLarge`, :class:`FileTypeRefused`."""
    limit = int(policies.effective(ctx, "files.maxBytes").value)
    if len(content) > limit:
        raise FileTooLarge(
            f"单个文件不超过 {limit // 1024 // 1024} MB。", f"A file may have {limit} bytes at most.", pointer="/file"
        )
    media_type = sniff(content)
    if media_type is None:
        raise FileTypeRefused("文件内容不是可接受的类型。", "The content is of no accepted type.", pointer="/file")
    return media_type


def sniff(content: bytes) -> str | None:
    """The media type by the first bytes: PDF, JPEG, PNG, OFD (GB/T 33190, a ZIP with OFD.xml); None for anything else."""
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            return media_type
    if content.startswith(b"PK\x03\x04") and _is_ofd(content):
        return OFD
    return None


def safe_name(name: str) -> str:
    """The last part of the name without control and direction characters."""
    last = re.split(r"[\\/]", name)[-1]
    clean = _UNSAFE.sub("", last).strip()
    return clean[-LONGEST_NAME:] or "file"


def fitting_name(name: str, media_type: str) -> str:
    """The name with an ending of its type: who saves a file must not find a script that begins like a document."""
    endings = ENDINGS[media_type]
    return name if name.lower().endswith(endings) else name[: LONGEST_NAME - len(endings[0])] + endings[0]


def _is_ofd(content: bytes) -> bool:
    """Whether readers of OFD can open it safely: a ZIP of modest size once unpacked, whose entries stay inside of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    return (
        "OFD.xml" in names
        and len(entries) == len(names) <= MOST_ENTRIES
        and unpacked <= max(MOST_RATIO * len(content), SMALL_BYTES)
        and not any(_leads_out(name) for name in names)
    )


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[\\/]", name)
