"""YAML 1.2 (core schema) as plain data with the line of every key: bounded, without anchors, aliases and tags."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bootstrap.scenarios.faults import Fault, ScenarioUnreadable

Steps: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and indices from the top."""
MOST_BYTES: Final = 512 * 1024
MOST_NODES: Final = 20_000
DEEPEST: Final = 24
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INT: Final = re.compile(r"^[-+]?\d{1,15}$")
_CODE: Final = re.compile(r"^[-+]?0\d")
_FLOAT: Final = re.compile(r"^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d{1,3})?$")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content and the line of every place in it."""

    file: Path
    value: Any
    lines: Mapping[Steps, int] = field(repr=False)

    def line(self, place: Steps) -> int:
        """The line of a place, or of the nearest thing around it that stands in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, place: Steps, zh: str, en: str) -> Fault:
        """A fault at a place of this file."""
        return Fault(self.file, self.line(place), told(place), zh, en)


def told(place: Steps) -> str:
    """``steps[2].expect.status``: steps are counted from 1, as people count."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read(file: Path, source: bytes | None = None) -> Document:
    """Read a file (or its bytes). Raises :class:`ScenarioUnreadable` with the line of what is wrong."""
    try:
        raw = file.read_bytes() if source is None else source
        if len(raw) > MOST_BYTES:
            raise _refused(file, 1, f"文件超过 {MOST_BYTES // 1024} kB。", f"More than {MOST_BYTES // 1024} kB.")
        node = _compose(file, raw.decode("utf-8-sig"))
    except OSError as error:
        raise _refused(file, 1, f"无法读取：{error.strerror}。", f"Cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise _refused(file, 1, "不是 UTF-8 编码的文本。", "Not a text in UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        problem, hint = error.problem or "", _hint(raw, line)
        zh, en = f"不是有效的 YAML：{problem}。{hint[0]}", f"Not valid YAML: {problem}. {hint[1]}".strip()
        raise _refused(file, line, zh, en) from None
    except yaml.YAMLError as error:
        raise _refused(file, 1, f"不是有效的 YAML：{error}。", f"Not valid YAML: {error}.") from None
    lines: dict[Steps, int] = {}
    return Document(file, None if node is None else _plain(file, node, (), lines), lines)


def _hint(raw: bytes, line: int) -> tuple[str, str]:
    """Most often an expression lacks its quotes."""
    rows = raw.decode(errors="replace").splitlines()
    if line <= len(rows) and "=" in rows[line - 1]:
        zh = "以 = 开头的表达式里有 [ ] { } : # 或逗号时，要用单引号括起来。"
        return zh, "Put an expression that holds [ ] { } : # or a comma into single quotes."
    return "", ""


def _refused(file: Path, line: int, zh: str, en: str) -> ScenarioUnreadable:
    return ScenarioUnreadable([Fault(file, line, "", zh, en)])


class _Composer(yaml.SafeLoader):
    """Composes nodes and nothing else: what could grow without bound is refused while it is read."""

    def __init__(self, file: Path, text: str) -> None:
        super().__init__(text)
        self._file = file
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it open
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            zh, en = (
                "不支持锚点 & 和别名 *；要共用内容，请用 forms、parts 或 use。",
                ("Anchors (&) and aliases (*) are not supported; share with forms, parts or use."),
            )
            raise _refused(self._file, line, zh, en)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _refused(self._file, line, "不支持标签（!…）。", "Tags (!…) are not supported.")
        self._nodes += 1
        self._depth += 1
        if self._nodes > MOST_NODES or self._depth > DEEPEST:
            raise _refused(self._file, line, "内容过多或嵌套过深。", "Too many or too deeply nested values.")
        node: Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _compose(file: Path, text: str) -> Node | None:
    composer = _Composer(file, text)
    try:
        node: Node | None = composer.get_single_node()
        return node
    finally:
        composer.dispose()


def _plain(file: Path, node: Node, place: Steps, lines: dict[Steps, int]) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _mapping(file, node, place, lines)
    if isinstance(node, SequenceNode):
        return [_plain(file, child, (*place, number), lines) for number, child in enumerate(node.value)]
    return _scalar(node)


def _mapping(file: Path, node: MappingNode, place: Steps, lines: dict[Steps, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            raise _refused(file, line, "键必须是文字。", "A key must be a text.")
        key = str(key_node.value)
        if key in found:
            raise _refused(file, line, f"“{key}”写了两次。", f"The key {key!r} is there twice.")
        lines[(*place, key)] = line
        found[key] = _plain(file, value_node, (*place, key), lines)
    return found


def _scalar(node: Node) -> Any:
    """YAML 1.2: ``on``, ``yes`` and dates stay text; so do numbers that begin with 0 (codes of regions and the like)."""
    text = str(node.value)
    if not isinstance(node, ScalarNode) or node.style is not None:
        return text
    for known, value in ((_NULL, None), (_TRUE, True), (_FALSE, False)):
        if text in known:
            return value
    if _CODE.match(text):
        return text
    readers: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = ((_INT, int), (_FLOAT, float))
    for pattern, make in readers:
        if pattern.match(text):
            number = make(text)
            return number if math.isfinite(number) else text
    return text
