"""Migrations only add, so that old and new programs run side by side on one schema (docs/operations.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.settings import ROOT

FIRST = 25
"""Earlier ones are from before the first release: no old program ever ran beside them."""
VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
TAKES_AWAY = {"drop_column", "drop_table", "rename_table"}
REWRITES = {"type_", "new_column_name"}


def faults(source: str) -> Iterator[str]:
    """What an upgrade does that an old program beside it would not survive, or that locks a large table for long."""
    upgrade = next(
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    for call in (node for node in ast.walk(upgrade) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if name in TAKES_AWAY:
            yield f"{call.lineno}: {name} belongs into the version after"
        rewrites = REWRITES & set(given) and not only_longer(given)
        if name == "alter_column" and (rewrites or is_false(given.get("nullable"))):
            yield f"{call.lineno}: alter_column rewrites the table or refuses what old programs write"
        if name == "add_column":
            column = next((part for part in call.args if isinstance(part, ast.Call)), None)
            parts = {keyword.arg: keyword.value for keyword in column.keywords} if column else {}
            if is_false(parts.get("nullable")) and "server_default" not in parts:
                yield f"{call.lineno}: old programs do not fill the new column: give it a default"


def only_longer(given: dict[str | None, ast.expr]) -> bool:
    """A varchar that gets longer: PostgreSQL changes its catalogue only, and what old programs write still fits."""
    lengths = [
        re.fullmatch(r"sa\.String\((\d+)\)", ast.unparse(given[key]))
        for key in ("existing_type", "type_")
        if key in given
    ]
    before, after = [int(length[1]) if length else 0 for length in lengths] if len(lengths) == 2 else (0, 0)
    return "new_column_name" not in given and 0 < before < after


def is_false(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@pytest.mark.parametrize("path", [path for path in VERSIONS if int(path.name[:4]) >= FIRST], ids=lambda path: path.name)
def test_a_migration_only_adds(path: Path) -> None:
    assert list(faults(path.read_text("utf-8"))) == []


def test_what_takes_away_or_rewrites_is_found() -> None:
    source = """
def upgrade():
    op.drop_column("work", "ref")
    op.alter_column("work", "ref", type_=sa.Text())
    op.add_column("work", sa.Column("new", sa.Text(), nullable=False))
    op.add_column("work", sa.Column("fine", sa.Text(), nullable=False, server_default=""))
    op.alter_column("work", "ref", nullable=True)
    op.alter_column("work", "ref", existing_type=sa.String(40), type_=sa.String(80))
    op.alter_column("work", "ref", existing_type=sa.String(80), type_=sa.String(40))
"""
    assert [fault.partition(":")[0] for fault in faults(source)] == ["3", "4", "5", "9"]


def test_the_chain_is_one_line() -> None:
    numbers = [path.name[:4] for path in VERSIONS]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
