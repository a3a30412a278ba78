"""Reading and writing .xlsx and .csv: bounded in bytes, parts, rows, columns and cells; formulas neither come in nor go out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from domain.errors import DomainError

MOST_BYTES: Final = 700_000
MOST_UNPACKED: Final = 24_000_000
MOST_PARTS: Final = 100
MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 40
MOST_CHARACTERS: Final = 1000
LONGEST_TAG: Final = 300_000
"""Bytes of one tag with the text before it: a parser that reads in pieces looks at a tag that does not end again and again."""
MOST_TAGS: Final = 1_500_000
MOST_TAGS_OF_ROW: Final = 20_000
"""Few bytes pack to many empty cells, and the library makes an object of each before it counts columns."""
_REVERSED: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet program may take for a formula at the beginning of a text."""
_FORMULA: Final = ("=", "@")


class SheetUnreadable(DomainError):
    """The file is no spreadsheet within the bounds; nothing was read of it."""

    code = "sheet-unreadable"
    title_zh = "无法读取表格"
    title_en = "The spreadsheet cannot be read"
    next_zh = "请用下载的模板填写，另存为 .xlsx 或 UTF-8 的 .csv。"
    next_en = "Fill in the template and save it as .xlsx or as .csv in UTF-8."


def read_sheet(content: bytes) -> list[list[str]]:
    """The rows of the first sheet as text, without empty rows at the end. Raises :class:`SheetUnreadable`."""
    if len(content) > MOST_BYTES:
        raise SheetUnreadable(f"文件超过 {MOST_BYTES // 1000} KB。", "The file is too large.")
    cells = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    rows: list[list[str]] = []
    for row in cells:
        if len(rows) > MOST_ROWS:
            raise SheetUnreadable(f"超过 {MOST_ROWS} 行。", f"More than {MOST_ROWS} rows.")
        if len(row) > MOST_COLUMNS:
            raise SheetUnreadable(f"超过 {MOST_COLUMNS} 列。", f"More than {MOST_COLUMNS} columns.")
        rows.append([_bounded(text, len(rows) + 1) for text in row])
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a mark that spreadsheet programs look for; texts that begin like formulas get an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([_harmless(text) for text in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """A workbook of texts: no cell is ever a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:30])
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type, cell.number_format = "s", "@"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_ACTIVE) else text


def _bounded(text: str, row: int) -> str:
    if len(text) > MOST_CHARACTERS:
        raise SheetUnreadable(
            f"第 {row} 行有超过 {MOST_CHARACTERS} 字的内容。", f"Row {row} has a cell of more than {MOST_CHARACTERS}."
        )
    if _REVERSED.search(text):
        raise SheetUnreadable(f"第 {row} 行含有改变文字方向的控制字符。", f"Row {row} overrides the direction of text.")
    if text.startswith(_FORMULA):
        raise SheetUnreadable(f"第 {row} 行含有公式，请改为文本。", f"Row {row} has a formula.")
    return text[1:] if text[:1] == "'" and text[1:].startswith(_ACTIVE) else text


def _csv(content: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise SheetUnreadable("不是 UTF-8 或 GB18030 编码的文本。", "It is neither UTF-8 nor GB18030.")
    if "\0" in text:
        raise SheetUnreadable("不是文本文件。", "It is no text.")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield [cell.strip() for cell in row]
    except csv.Error as wrong:
        raise SheetUnreadable("CSV 格式不正确。", "It is not well-formed CSV.") from wrong


def _xlsx(content: bytes) -> Iterator[list[str]]:
    _check_parts(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS + 2), 1):
            if any(cell.data_type == "f" for cell in row):
                raise SheetUnreadable(f"第 {number} 行含有公式，请改为文本。", f"Row {number} has a formula.")
            yield _trimmed([_text(cell.value) for cell in row])
    except (InvalidFileException, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError) as wrong:
        raise SheetUnreadable("不是有效的 Excel 文件。", "It is no valid workbook.") from wrong
    except (zipfile.BadZipFile, EOFError, OSError) as wrong:
        raise SheetUnreadable("Excel 文件已损坏。", "The workbook is damaged.") from wrong


def _check_parts(content: bytes) -> None:
    """No bomb (number and size of parts, by what is really in them), no document type, nothing encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise SheetUnreadable("Excel 文件展开后过大。", "The workbook is too large when unpacked.")
            for part in parts:
                _check_part(packed, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as wrong:
        raise SheetUnreadable("Excel 文件已损坏或加密。", "The workbook is damaged or encrypted.") from wrong


def _check_part(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if not part.filename.endswith((".xml", ".rels", ".vml")):
        return
    with packed.open(part) as stream:
        text = stream.read(part.file_size + 1)
    # NUL: UTF-16, where the marks would look different. Comments may stand at the top no more than a document type.
    hostile = b"<!" in text[:4096] or any(mark in text for mark in (b"<!DOCTYPE", b"<!ENTITY", b"\0"))
    rows = text.split(b"<row")[1:]
    crowded = text.count(b"<") > MOST_TAGS or any(row.count(b"<") > MOST_TAGS_OF_ROW for row in rows)
    if crowded or max(map(len, text.split(b">"))) > LONGEST_TAG:
        raise SheetUnreadable("Excel 文件的内容结构异常。", "The workbook has tags of unusual length or number.")
    if len(text) > part.file_size or not text.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") or hostile:
        raise SheetUnreadable("Excel 文件含有不允许的内容。", "The workbook has what is not allowed in it.")


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
