"""docs/deadlines.md names every policy with the value that ships."""

from __future__ import annotations

from pathlib import Path

from domain.deadlines import policies

PAGE = Path(__file__).parents[2] / "docs" / "deadlines.md"


def test_the_page_lists_every_policy_as_it_ships() -> None:
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) > 3:
            rows[cells[0].strip("`")] = cells[3]
    assert rows == {key: entry.value for key, entry in policies.shipped().items()}
