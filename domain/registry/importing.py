"""A spreadsheet is tried as a whole and comes in as a whole: every error by row and column, then all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.audit import service as audit
from domain.context import Context
from domain.errors import DomainError, NotFound
from domain.identity import functions
from domain.registry.kinds import SHEETS, Sheet
from domain.registry.rows import Outcome
from domain.sheets.files import read_sheet, write_csv, write_xlsx

MOST_ERRORS: Final = 200
TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing wrong: the row as the spreadsheet counts it, the column's heading (empty: the row as a whole)."""

    row: int
    column: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a file; ``applied`` only without errors and when it was no trial. ``closed``: people whose tasks go back."""

    rows: int
    added: int
    changed: int
    errors: list[CellError]
    applied: bool
    passwords: list[dict[str, str]]
    closed: tuple[int, ...] = ()


def get_sheet(kind: str) -> Sheet:
    """The kind of spreadsheet. Raises :class:`NotFound`."""
    sheet = SHEETS.get(kind)
    if sheet is None:
        raise NotFound("没有这种表格。", "There is no such spreadsheet.")
    return sheet


def import_sheet(ctx: Context, kind: str, content: bytes, *, trial: bool) -> Report:
    """Read, check and apply all rows in a savepoint; a trial and a file with errors leave nothing behind."""
    sheet = get_sheet(kind)
    _require(ctx, sheet)
    rows = read_sheet(content)
    errors = _headings(sheet, rows[0] if rows else [])
    filled = [(number, row) for number, row in enumerate(rows[1:], 2) if any(row)]
    outcome, applied = Outcome(), False
    if not errors:
        savepoint = ctx.session.begin_nested()
        errors = _apply(ctx, sheet, filled, outcome)
        applied = not errors and not trial
        if applied:
            savepoint.commit()
        else:
            savepoint.rollback()
    if applied:
        audit.record(ctx, "sheet.imported", data={"kind": kind, "added": outcome.added, "changed": outcome.changed})
    told = [dict(zip(("login", "name", "password"), each, strict=True)) for each in outcome.passwords if applied]
    return Report(
        len(filled),
        outcome.added,
        outcome.changed,
        errors[:MOST_ERRORS],
        applied,
        told,
        tuple(outcome.closed) if applied else (),
    )


def template(kind: str, form: str) -> bytes:
    """The headings and one example."""
    sheet = get_sheet(kind)
    rows = [[column.heading for column in sheet.columns], [column.example for column in sheet.columns]]
    return _written(sheet, rows, form)


def export(ctx: Context, kind: str, form: str) -> bytes:
    """Everything of a kind that the reader keeps, in the shape that can be imported again."""
    sheet = get_sheet(kind)
    _require(ctx, sheet)
    rows = [[column.heading for column in sheet.columns], *sheet.rows(ctx)]
    audit.record(ctx, "sheet.exported", data={"kind": kind, "rows": len(rows) - 1})
    return _written(sheet, rows, form)


def _written(sheet: Sheet, rows: Sequence[Sequence[str]], form: str) -> bytes:
    return write_csv(rows) if form == "csv" else write_xlsx(rows, sheet.zh)


def _require(ctx: Context, sheet: Sheet) -> None:
    if not any(functions.may(ctx.actor, name) for name in sheet.functions):
        functions.require(ctx.actor, sheet.functions[0])


def _headings(sheet: Sheet, first: Sequence[str]) -> list[CellError]:
    expected = [column.heading for column in sheet.columns]
    if list(first) == expected:
        return []
    english = ", ".join(column.en for column in sheet.columns)
    return [CellError(1, "", f"第一行须为：{'、'.join(expected)}", f"The first row must be the template's: {english}")]


def _apply(ctx: Context, sheet: Sheet, rows: Sequence[tuple[int, list[str]]], outcome: Outcome) -> list[CellError]:
    errors: list[CellError] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in rows:
        values, wrong = _values(sheet, number, cells)
        if not wrong:
            first = seen.setdefault(tuple(str(values[name]) for name in sheet.key), number)
            if first != number:
                wrong = [CellError(number, "", f"与第 {first} 行重复。", f"The same as row {first}.")]
        errors += wrong or _apply_row(ctx, sheet, number, values, outcome)
    return errors


def _values(sheet: Sheet, number: int, cells: Sequence[str]) -> tuple[dict[str, Any], list[CellError]]:
    values: dict[str, Any] = {}
    errors = []
    if any(cells[len(sheet.columns) :]):
        errors.append(CellError(number, "", "列数多于模板。", "There are more columns than in the template."))
    for column, text in zip(sheet.columns, [*cells, *[""] * len(sheet.columns)], strict=False):
        try:
            values[column.key] = column.value(text)
        except ValueError as wrong:
            zh, en = wrong.args
            errors.append(CellError(number, column.heading, zh, en))
    return values, errors


def _apply_row(ctx: Context, sheet: Sheet, number: int, values: dict[str, Any], outcome: Outcome) -> list[CellError]:
    try:
        with ctx.session.begin_nested():
            sheet.apply(ctx, values, outcome)
    except DomainError as refused:
        named = (refused.pointer or "").removeprefix("/").partition("/")[0]
        heading = next((each.heading for each in sheet.columns if named in (each.key, _camel(each.key))), "")
        zh, en = refused.fact_zh or refused.title_zh, refused.fact_en or refused.title_en
        return [CellError(number, heading, zh, en)]
    return []


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(part.title() for part in rest)
