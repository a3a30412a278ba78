"""Files: upload and download of materials."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import flask
from marshmallow import fields

from api import problems
from api.auth import guard
from api.entry import Again, Routes, platform
from api.limits import UPLOAD
from api.problems import ApiError, Problem
from api.schemas import Answer
from domain.audit import service as audit
from domain.context import Context
from domain.materials import previews
from domain.materials import queries as materials
from domain.materials.errors import FileInfected
from domain.materials.files import recognise, store_file
from domain.privacy.materials import is_masked

routes = Routes("files", "文件 Files")
_FORM_OVERHEAD = 64 * 1024
"""Bytes that multipart boundaries and headers may add to a file."""


class StoredFile(Answer):
    """An uploaded file: the type that was recognised in it, SHA-256 over its bytes."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    media_type = fields.String(required=True)


class FileMissing(ApiError):
    """The upload has no part named ``file`` (422)."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                422,
                "file-missing",
                "没有收到文件（multipart 的 file 部分）。",
                "There is no file (part `file` of the multipart body).",
                pointer="/file",
            )
        )


class FileMasked(ApiError):
    """A photograph in a form that cannot be blurred, for a reader who may not see it clearly (403)."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                403,
                "file-masked",
                "这份照片材料需要申请查看原文后才能打开。",
                "This photograph opens only after asking to see personal data.",
                title="照片已脱敏",
                title_en="The photograph is masked",
                next="请在办件页“查看原文”并写明目的，或先领取任务。",
                next_en="Ask to see it on the case page with a purpose, or take the task first.",
            )
        )


class NotMultipart(ApiError):
    """An upload that is not multipart/form-data (415)."""

    def __init__(self) -> None:
        super().__init__(Problem(415, "unsupported-media-type", "", ""))


def widen_uploads() -> None:
    """Before a request: the one route that takes more than the ordinary body size."""
    if flask.request.endpoint == "files.upload":
        flask.request.max_content_length = platform().settings.max_file_bytes + _FORM_OVERHEAD


@routes.on("POST", "/files", answer=StoredFile, status=201)
@guard("task:do", "application.edit:edit", rate=UPLOAD)
def upload(ctx: Context) -> Any:
    """上传 Store a file (multipart, part `file`): PDF or picture, checked by its content."""
    if flask.request.mimetype != "multipart/form-data":
        raise NotMultipart
    part = flask.request.files.get("file")
    if part is None or not part.filename:
        raise FileMissing
    part.stream.seek(0)  # a request that was away for the scan reads it again
    content = part.stream.read()
    recognise(ctx, content)
    malware = _scan(content)
    if malware is None:
        return store_file(ctx, part.filename, content)
    audit.record(ctx, "file.infected", data={"malware": malware, "sha256": hashlib.sha256(content).hexdigest()})
    # Answered, not raised: the record has to be committed.
    return problems.respond(FileInfected("上传的文件含有恶意程序。", "The file holds malware.", pointer="/file"))


def _scan(content: bytes) -> str | None:
    """What the deployment's scanner finds; the request holds neither transaction nor place while it looks."""
    scanner = platform().scanner
    if scanner is None:
        return None
    if "malware" not in flask.g:

        def look() -> None:
            flask.g.malware = scanner.scan(content)

        raise Again(look)
    found: str | None = flask.g.malware
    return found


@routes.on("GET", "/files/<file_id>", answer=None)
@guard("task:read", "case:content", "case:own")
def download(ctx: Context, file_id: str) -> flask.Response:
    """下载 A file that the reader may open; never shown inline by type guessing. Photographs of persons blurred until asked for."""
    file = materials.get_file(ctx, file_id)
    case_id, leg_id, subject_id = materials.find_place(ctx, file_id) or (None, None, None)
    masked = is_masked(ctx, file_id)
    audit.record_read(
        ctx,
        "material.file",
        case_id=case_id,
        leg_id=leg_id,
        subject_id=subject_id,
        fields=["materials"],
        data={"file": file_id, "sha256": file.sha256} | ({"masked": True} if masked else {}),
    )
    if masked:
        return _blurred(file.content)
    shown = file.media_type in {"application/pdf", "image/png", "image/jpeg"}
    response = flask.Response(file.content, mimetype=file.media_type)
    disposition = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["ETag"] = f'"{file.sha256}"'
    return _closed(response)


def _blurred(content: bytes) -> flask.Response:
    """So little of a photograph that nobody is known by it; what is no picture is not shown."""
    preview = previews.blurred(content)
    if preview is None:
        raise FileMasked
    response = flask.Response(preview, mimetype=previews.MEDIA_TYPE)
    response.headers["Content-Disposition"] = "inline"
    return _closed(response)


def _closed(response: flask.Response) -> flask.Response:
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
