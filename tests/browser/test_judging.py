"""What is judged once for all rows of a table is found in whichever row it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.judging import accessibility_findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PAGE = """<!doctype html><html lang="en"><title>Rows</title><style>.pale {{ color: #bbb; background: #fff }}</style>
<main><h1>Rows</h1><table><tr><th scope="col">Name</th></tr>{rows}</table></main></html>"""
ROW = "<tr><td><span>a name</span></td></tr>"


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        (ROW, []),
        ('<tr><td><span class="pale">a name</span></td></tr>', ["color-contrast"]),
        ('<tr><td style="background: #666"><span>a name</span></td></tr>', ["color-contrast"]),
        ('<tr style="opacity: 0.4"><td><span>a name</span></td></tr>', ["color-contrast"]),
        ('<tr><td><span>a name</span><img src="data:,"></td></tr>', ["image-alt"]),
    ],
)
def test_a_row_that_looks_different_is_judged(chromium: Browser, odd: str, found: list[str]) -> None:
    page = chromium.new_page()
    page.set_content(PAGE.format(rows=ROW * 20 + odd + ROW * 20))
    assert [rule for rule, _ in accessibility_findings(page)] == found
    assert page.locator("[data-judged]").count() == 0
    page.close()
