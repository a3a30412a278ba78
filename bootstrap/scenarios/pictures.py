"""The diagram of a model coloured by what its scenarios reached: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

import orjson

from bootstrap.scenarios.coverage import ModelCoverage
from bootstrap.scenarios.outcomes import Outcome, Results
from engine.drawing import Drawing, Line, Shape, drawing
from engine.limits import Limits

MARGIN: Final = 30
EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
FRAMES: Final = frozenset({"participant", "lane", "group", "textAnnotation"})
TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>'
)
STYLE: Final = """
body{font:14px/1.5 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;margin:16px;color:#1f2329;background:#fff}
svg{border:1px solid #d0d3d9;max-width:none}
.frame rect{fill:none;stroke:#8f959e}.frame text{fill:#646a73;font-size:13px}
.node rect,.node circle,.node polygon{fill:#fff;stroke:#8f959e;stroke-width:1.5}
.line{fill:none;stroke:#8f959e;stroke-width:1.5}.message{stroke-dasharray:6 4}
.reached rect,.reached circle,.reached polygon{fill:#e3f4e8;stroke:#1a7f3c}.line.reached{stroke:#1a7f3c}
.missing rect,.missing circle,.missing polygon{fill:#fde7e4;stroke:#b42318;stroke-dasharray:5 3}
.line.missing{stroke:#b42318;stroke-dasharray:5 3}
.label{display:flex;align-items:center;justify-content:center;text-align:center;font-size:12px;line-height:1.25;height:100%;overflow:hidden}
.dim{opacity:.25}ul{margin:4px 0 16px}select{font:inherit;margin:8px 0;max-width:100%}
"""
SCRIPT: Final = """
const seen = JSON.parse(document.getElementById('seen').textContent);
document.getElementById('pick').addEventListener('change', event => {
  const mine = seen[event.target.value];
  for (const part of document.querySelectorAll('.node, .line:not(.message)'))
    part.classList.toggle('dim', mine !== undefined && !mine.includes(part.dataset.id));
});
"""


def page(model: ModelCoverage, picture: Drawing, outcomes: Sequence[Outcome]) -> str:
    """The page: figures, the diagram, what nobody reached, and a choice of scenarios to follow one way."""
    reached = {each for pool in model.pools for each in (*pool.reached, *pool.taken)}
    counted = {each for pool in model.pools for each in (*pool.elements, *pool.flows)}
    done, total = model.counts
    title = escape(f"{model.name} {model.key}")
    seen = [
        sorted({each for visit in outcome.visits for each in (*visit.elements, *visit.flows)}) for outcome in outcomes
    ]
    names = "".join(f'<option value="{n}">{escape(each.scenario.name)}</option>' for n, each in enumerate(outcomes))
    parts = [
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{title}</title><style>{STYLE}</style></head><body>",
        f"<h1>{title}</h1><p>场景覆盖率 coverage <strong>{model.percent} %</strong>（{done}/{total}），场景 scenarios {len(outcomes)}</p>",
        '<label>只看一个场景走过的路 follow one scenario<br><select id="pick"><option value="">全部 all</option>',
        f"{names}</select></label>",
        *_svg(picture, reached, counted),
        "<h2>没有场景到达 never reached</h2>",
        *_missing(model),
        f'<script type="application/json" id="seen">{_json(seen)}</script><script>{SCRIPT}</script></body></html>',
    ]
    return "\n".join(parts)


def _json(value: object) -> str:
    """JSON that cannot end its script element."""
    return orjson.dumps(value).decode().replace("<", "\\u003c")


def _svg(picture: Drawing, reached: Iterable[str], counted: Iterable[str]) -> Iterator[str]:
    inside = set(reached)
    known = set(counted)
    corners = [(shape.x + shape.width, shape.y + shape.height) for shape in picture.shapes]
    corners += [point for line in picture.lines for point in line.points]
    if not corners:
        yield "<p>模型没有图形信息。The model holds no picture.</p>"
        return
    left = min([shape.x for shape in picture.shapes] + [x for x, _ in corners]) - MARGIN
    top = min([shape.y for shape in picture.shapes] + [y for _, y in corners]) - MARGIN
    width = max(x for x, _ in corners) - left + MARGIN
    height = max(y for _, y in corners) - top + MARGIN
    view = f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"
    yield f'<div style="overflow:auto"><svg width="{width:.0f}" height="{height:.0f}" viewBox="{view}">'
    yield TIP
    yield from (_frame(shape) for shape in picture.shapes if shape.type in FRAMES)
    yield from (_line(line, _mark(line.id, inside, known)) for line in picture.lines if line.points)
    yield from (_node(shape, _mark(shape.id, inside, known)) for shape in picture.shapes if shape.type not in FRAMES)
    yield "</svg></div>"


def _mark(part: str, reached: set[str], counted: set[str]) -> str:
    if part not in counted:
        return ""
    return "reached" if part in reached else "missing"


def _frame(shape: Shape) -> str:
    name = escape(shape.name.replace("\n", " ")[:80])
    box = f'<rect x="{shape.x:.0f}" y="{shape.y:.0f}" width="{shape.width:.0f}" height="{shape.height:.0f}"/>'
    if shape.type == "participant":
        x, y = shape.x + 18, shape.y + shape.height / 2
        text = f'<text transform="translate({x:.0f} {y:.0f}) rotate(-90)" text-anchor="middle">{name}</text>'
    else:
        text = f'<text x="{shape.x + 6:.0f}" y="{shape.y + 16:.0f}">{name}</text>'
    return f'<g class="frame">{box}{text}</g>'


def _line(line: Line, mark: str) -> str:
    kind = "line" if line.type == "sequenceFlow" else "line message"
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in line.points)
    title = f"<title>{escape(line.name or line.id)}</title>"
    return f'<g><polyline class="{kind} {mark}" data-id="{escape(line.id)}" points="{path}" marker-end="url(#tip)">{title}</polyline></g>'


def _node(shape: Shape, mark: str) -> str:
    x, y, wide, high = shape.x, shape.y, shape.width, shape.height
    name = escape(shape.name.replace("\n", " "))
    if shape.type in EVENTS:
        figure = f'<circle cx="{x + wide / 2:.0f}" cy="{y + high / 2:.0f}" r="{wide / 2:.0f}"/>'
    elif shape.type.endswith("Gateway"):
        across, down = x + wide / 2, y + high / 2
        corners = f"{across:.0f},{y:.0f} {x + wide:.0f},{down:.0f} {across:.0f},{y + high:.0f} {x:.0f},{down:.0f}"
        figure = f'<polygon points="{corners}"/>'
    else:
        figure = f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{high:.0f}" rx="8"/>'
    if shape.type in EVENTS or shape.type.endswith("Gateway"):
        middle = x + wide / 2
        label = f'<text x="{middle:.0f}" y="{y + high + 14:.0f}" text-anchor="middle" font-size="11">{name}</text>'
    else:
        inner = f'<div xmlns="http://www.w3.org/1999/xhtml" class="label">{name}</div>'
        box = f'x="{x + 2:.0f}" y="{y:.0f}" width="{wide - 4:.0f}" height="{high:.0f}"'
        label = f"<foreignObject {box}>{inner}</foreignObject>"
    title = f"<title>{escape(shape.id)} {name}</title>"
    return f'<g class="node {mark}" data-id="{escape(shape.id)}">{title}{figure}{label}</g>'


def _missing(model: ModelCoverage) -> Iterator[str]:
    for pool in model.pools:
        rows = [f"{each} {pool.elements[each]}".strip() for each in pool.missing_elements]
        rows += [f"{each}（{pool.flows[each]}）" for each in pool.telling_flows]
        listed = "".join(f"<li>{escape(row)}</li>" for row in rows) or "<li>无 none</li>"
        yield f"<h3>{escape(pool.name)}</h3><ul>{listed}</ul>"


def write_pages(results: Results, folder: Path) -> list[Path]:
    """A page for each model: ``<key>.html``. Returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for model in results.coverage:
        processes = {pool.process_id for pool in model.pools}
        mine = [each for each in results.outcomes if {visit.process_id for visit in each.visits} & processes]
        file = folder / f"{model.key}.html"
        file.write_text(page(model, drawing(model.source, Limits()), mine), encoding="utf-8")
        written.append(file)
    return written
