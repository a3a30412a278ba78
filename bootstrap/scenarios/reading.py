"""From files to scenarios: fragments merged, parts put in their place, one scenario per row of ``each``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bootstrap.errors import BadInput
from bootstrap.scenarios import complaints, documents, schema
from bootstrap.scenarios.documents import Document, Steps
from bootstrap.scenarios.faults import Fault, ScenarioUnreadable
from domain.clock import CHINA

SUFFIX: Final = ".scenario.yaml"
MONDAY: Final = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
"""When a scenario begins that does not say: a plain working day."""
DEEPEST: Final = 20
"""How deep parts may use parts."""
MOST_STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``number`` as people count, with the part it comes from: ``4 to-dispatch.2``."""

    verb: str
    act: Any
    expect: Mapping[str, Any] | None
    refused: Mapping[str, Any] | None
    note: str
    number: str
    document: Document = field(repr=False)
    place: Steps = ()

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.document.line(self.place)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to be played. ``item`` or ``process`` is set. ``row`` is its row of ``each``."""

    name: str
    document: Document = field(repr=False)
    place: Steps
    item: str
    process: str
    model: str
    tags: frozenset[str]
    only: bool
    clock: datetime
    given: Mapping[str, Any]
    forms: Mapping[str, Mapping[str, Any]]
    world: Mapping[str, Sequence[Mapping[str, Any]]]
    row: Mapping[str, Any]
    steps: tuple[Step, ...]

    @property
    def file(self) -> Path:
        """The file it stands in."""
        return self.document.file

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.document.line(self.place)


@dataclass(slots=True)
class _Shared:
    given: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, tuple[Document, Steps, list[dict[str, Any]]]] = field(default_factory=dict)
    world: dict[str, list[Any]] = field(default_factory=dict)


def find(paths: Iterable[Path]) -> list[Path]:
    """The scenario files of folders and files. Raises :class:`BadInput` for a path that holds none."""
    found: set[Path] = set()
    for path in paths:
        files = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path] if path.is_file() else []
        if not files:
            raise BadInput(
                f"{path} 里没有场景文件（*{SUFFIX}）。",
                f"There is no scenario file (*{SUFFIX}) in {path}.",
                next_zh="写法见 docs/scenarios.md。",
                next_en="How to write one: docs/scenarios.md.",
            )
        found.update(files)
    return sorted(found)


def beside(paths: Iterable[Path]) -> list[Path]:
    """The scenario files of what is to be deployed: below a folder, or beside a model file. None is no mistake."""
    found: set[Path] = set()
    for path in paths:
        found.update(path.rglob(f"*{SUFFIX}") if path.is_dir() else path.parent.glob(f"*{SUFFIX}"))
    return sorted(found)


def read(files: Iterable[Path]) -> list[Scenario]:
    """All scenarios of the files. Raises :class:`ScenarioUnreadable` with every fault of all of them."""
    faults: list[Fault] = []
    made: list[Scenario] = []
    for file in files:
        try:
            made += _Reader(file).scenarios()
        except ScenarioUnreadable as error:
            faults += error.faults
    if faults:
        raise ScenarioUnreadable(faults)
    return made


class _Reader:
    """Reads one file with the fragments it uses."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._faults: list[Fault] = []

    def scenarios(self) -> list[Scenario]:
        document = documents.read(self._file)
        content, self._faults = complaints.load(schema.File, document)
        if self._faults:
            raise ScenarioUnreadable(self._faults)
        shared = _Shared()
        self._take(shared, document, content, set())
        rows = content.get("scenarios")
        single: Steps = ()
        told = [(("scenarios", n), row) for n, row in enumerate(rows)] if rows else [(single, content)]
        made = [scene for place, row in told for scene in self._scenes(document, content, shared, place, row)]
        if self._faults:
            raise ScenarioUnreadable(self._faults)
        return made

    def _take(self, shared: _Shared, document: Document, content: Mapping[str, Any], seen: set[Path]) -> None:
        """Fragments first, so that what stands in the file itself wins."""
        for number, name in enumerate(content.get("use", ())):
            path = document.file.parent / name
            if Path(name).is_absolute() or ".." in Path(name).parts or path in seen or not path.is_file():
                self._fault(
                    document,
                    ("use", number),
                    f"没有片段文件“{name}”（须在同一目录下，且不能互相引用）。",
                    f"There is no fragment {name!r} in this folder, or it uses itself.",
                )
                continue
            fragment = documents.read(path)
            inner, faults = complaints.load(schema.Shared, fragment)
            self._faults += faults
            self._take(shared, fragment, inner, seen | {path})
        shared.given = _merged(shared.given, content.get("given", {}))
        shared.forms |= content.get("forms", {})
        shared.parts |= {name: (document, ("parts", name), steps) for name, steps in content.get("parts", {}).items()}
        for key, entries in content.get("world", {}).items():
            shared.world[key] = [*shared.world.get(key, []), *entries]

    def _scenes(
        self, document: Document, content: Mapping[str, Any], shared: _Shared, place: Steps, row: Mapping[str, Any]
    ) -> Iterator[Scenario]:
        kind = "item" if "item" in content else "process"
        steps = list(self._steps(document, shared, (*place, "steps"), row["steps"], kind, "", 0))
        if len(steps) > MOST_STEPS:
            self._fault(document, place, f"超过 {MOST_STEPS} 步。", f"More than {MOST_STEPS} steps.")
        for variant in row.get("each") or [{}]:
            label = str(next(iter(variant.values()), ""))[:60]
            yield Scenario(
                name=row["scenario"] + (f"（{label}）" if variant else ""),
                document=document,
                place=place,
                item=content.get("item", ""),
                process=content.get("process", ""),
                model=content.get("model", ""),
                tags=frozenset([*content.get("tags", ()), *row.get("tags", ())]),
                only=bool(row.get("marked")),
                clock=self._clock(document, place, row, content),
                given=_merged(shared.given, row.get("given", {})),
                forms=shared.forms,
                world=shared.world,
                row=variant,
                steps=tuple(steps),
            )

    def _steps(
        self,
        document: Document,
        shared: _Shared,
        place: Steps,
        rows: Sequence[Mapping[str, Any]],
        kind: str,
        prefix: str,
        depth: int,
    ) -> Iterator[Step]:
        for number, row in enumerate(rows):
            here, label = (*place, number), f"{prefix}{number + 1}"
            verb = next((each for each in schema.VERBS if each in row and each != "expect"), "expect")
            if schema.VERBS[verb] not in {kind, "both"}:
                self._fault(
                    document,
                    (*here, verb),
                    f"{verb} 不能用在 {kind} 的场景里。",
                    f"{verb} has no meaning in a scenario of a {kind}.",
                )
                continue
            if verb != "use":
                act = row.get(verb) if verb != "expect" else None
                yield Step(verb, act, row.get("expect"), row.get("refused"), row.get("note", ""), label, document, here)
                continue
            part = shared.parts.get(row["use"])
            if part is None or depth >= DEEPEST:
                known = "、".join(sorted(shared.parts)) or "无"
                self._fault(
                    document,
                    (*here, "use"),
                    f"没有步骤组“{row['use']}”（有：{known}），或互相引用过深。",
                    f"There is no part {row['use']!r}, or parts use each other too deeply.",
                )
                continue
            yield from self._steps(part[0], shared, part[1], part[2], kind, f"{label} {row['use']}.", depth + 1)
            if "expect" in row:
                yield Step("expect", None, row["expect"], None, row.get("note", ""), label, document, here)

    def _clock(self, document: Document, place: Steps, row: Mapping[str, Any], content: Mapping[str, Any]) -> datetime:
        own = "clock" in row
        text = row.get("clock") or content.get("clock")
        if not text:
            return MONDAY
        moment = find_moment(text, MONDAY)
        if moment is None:
            where = (*place, "clock") if own else ("clock",)
            self._fault(document, where, f"无法识别的时间“{text}”。", f"{text!r} is not a time.")
        return moment or MONDAY

    def _fault(self, document: Document, place: Steps, zh: str, en: str) -> None:
        fault = document.fault(place, zh, en)
        if fault not in self._faults:
            self._faults.append(fault)


def find_moment(text: str, base: datetime) -> datetime | None:
    """``2026-03-02`` (at the time of day of ``base``) or ``2026-03-02T09:30``; Chinese time unless it has an offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if "T" not in text and ":" not in text:
        local = base.astimezone(CHINA)
        moment = moment.replace(hour=local.hour, minute=local.minute)
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def select(scenarios: Sequence[Scenario], *, tags: Sequence[str] = (), text: str = "") -> list[Scenario]:
    """Those with one of the tags whose name holds the text; when any is marked ``only``, only those."""
    chosen = [each for each in scenarios if (not tags or each.tags & set(tags)) and text in each.name]
    marked = [each for each in chosen if each.only]
    return marked or chosen


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """``data``, ``policies``, ``variables`` and ``services`` are joined; everything else is replaced."""
    made = {**base, **more}
    for key in ("data", "policies", "variables", "services"):
        if key in base and key in more:
            made[key] = {**base[key], **more[key]}
    return made
