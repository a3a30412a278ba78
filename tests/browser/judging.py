"""axe-core on a page as it stands. What stands in every row of a table in the same style is judged for contrast once."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

JUDGE = """async () => {
  const style = new Map(), seen = new Set(), marked = [];
  const look = (element) => {
    if (!element) return '';
    if (!style.has(element)) {
      const is = getComputedStyle(element);
      const own = [element.tagName, element.className, is.color, is.backgroundColor, is.backgroundImage, is.opacity,
                   is.fontSize, is.fontWeight, is.textShadow, is.position, is.visibility, is.display].join('|');
      style.set(element, look(element.parentElement) + '>' + own);
    }
    return style.get(element);
  };
  for (const element of document.querySelectorAll('*')) {
    const looks = look(element);
    if (seen.has(looks)) continue;
    seen.add(looks);
    element.setAttribute('data-judged', '');
    marked.push(element);
  }
  axe.configure({rules: [{id: 'color-contrast', selector: '[data-judged]'}]});
  const found = await axe.run({resultTypes: ['violations'], preload: false});
  marked.forEach((element) => element.removeAttribute('data-judged'));
  return found.violations.map((one) => [one.id, one.nodes.slice(0, 5).map((node) => node.target)]);
}"""
"""Elements alike in their own style and in that of everything around them are alike in contrast: the first of them is enough."""


def accessibility_findings(page: Page) -> list[Any]:
    """Rule and the first places, of each rule that is broken."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = page.evaluate(JUDGE)
    return found
