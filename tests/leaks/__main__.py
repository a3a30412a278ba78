"""``python -m tests.leaks``: walk, and print the table of what was looked at."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest


def main() -> int:
    """Run the walk and print its report. Arguments go to pytest, ``--pages`` adds the walk through the pages in a browser."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.md"
        os.environ["LEAKS_REPORT"] = str(target)
        here, given = Path(__file__).parent, sys.argv[1:]
        files = sorted(path.name for path in here.glob("test_*.py"))
        if "--pages" in given:
            files.append("walking_pages.py")
        more = [each for each in given if each != "--pages"]
        status = pytest.main([*(str(here / name) for name in files), "-q", *more])
        if target.exists():
            sys.stdout.write(target.read_text(encoding="utf-8"))
    return int(status)


if __name__ == "__main__":
    raise SystemExit(main())
