"""What was looked at, in figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leaks.pages import Looking
    from tests.leaks.walk import Walk


def lines_of(walk: Walk) -> list[str]:
    """The table as Markdown."""
    table = walk.oracle.table
    marks = walk.world.ledger.marks
    relations = sorted({cell[0] for cell in walk.cells})
    sites = {cell[1] for cell in walk.cells}
    rows = [
        ("关系 relations", len(relations)),
        ("机构与账号 sites and accounts", len(sites)),
        ("功能 functions (operations of the API)", len(walk.oracle.bundle_of)),
        ("字段类 kinds of fields", len(table["kinds"])),
        ("字段中的标记 marks in fields", len(marks)),
        ("矩阵单元 cells of the matrix (relation × who × function × kind)", len(walk.cells)),
        ("调用 calls", sum(walk.calls.values())),
        ("服务器错误 server errors", len(walk.errors)),
        ("泄露 leaks", len(walk.leaks)),
    ]
    text = ["| 数 What | |", "|---|---:|", *(f"| {name} | {number:,} |" for name, number in rows), *_NOTED, ""]
    text += [
        "调用的状态 Statuses: " + " · ".join(f"{status}: {count:,}" for status, count in sorted(walk.statuses.items())),
        "",
    ]
    text += ["| 关系 Relation | 办件标记 marks shown masked | clear |", "|---|---:|---:|"]
    counts: dict[str, list[int]] = {}
    for (who, _), shown in walk.seen.items():
        for name, level in shown.items():
            relation = walk.oracle.relation(who, name.partition(".")[0])
            if not table["relations"][relation]["shows"]:
                continue  # an answer repeats the address that was asked for, and no more
            counts.setdefault(relation, [0, 0])[level - 1] += 1
    text += [f"| {name} | {masked:,} | {clear:,} |" for name, (masked, clear) in sorted(counts.items())]
    return text


_NOTED: list[str] = []
"""What the walk through the pages adds to the report."""


def note(looking: Looking) -> None:
    """Remember the figures of the pages for the report."""
    rows = [
        ("网页 pages", sum(looking.pages.values())),
        ("打开网页的人 people", len(looking.pages)),
        ("网页取得的答复 answers that pages asked for", looking.answers),
        ("网页上的标记 marks that stood in pages", sum(looking.shown.values())),
        ("网页上的泄露 leaks in pages", len(looking.leaks)),
    ]
    _NOTED[:] = [f"| {name} | {number:,} |" for name, number in rows]


def write_report(walk: Walk, target: Path) -> None:
    """Write the table to a file."""
    target.write_text("\n".join(lines_of(walk)) + "\n", encoding="utf-8")
