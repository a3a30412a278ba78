"""The models of a trial: read, converted and checked on the way in; remembered by digest on the way to the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.context import Context
from domain.definitions.errors import DefinitionRefused
from domain.definitions.importing import as_bytes, change_row
from domain.definitions.resolve import unknown_calls
from domain.definitions.service import to_row
from domain.errors import NotFound
from domain.memory import Memory
from domain.trials import deciding
from domain.trials.models import TrialDefinition
from domain.trials.surroundings import find_called
from engine.contract import Model, ProcessInfo
from engine.errors import DefinitionRefused as EngineRefusal
from engine.model import from_json, to_json

PREFIX = "trial-"
"""Begins the ids by which the engine asks for models of trials; the digest of the normalised model follows."""
BPMN, DMN = "bpmn", "dmn"
OWN = "lianban"
FOREIGN = frozenset({"camunda", "flowable", "activiti"})
OWN_DIALECT = b"https://lianban.org/schema/bpmn/1.0"
_MODELS: Memory[Model] = Memory()


@dataclass(frozen=True, slots=True)
class Given:
    """A resource as it was sent."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A model of a trial as its instances need it."""

    id: int
    deployment: int
    name: str
    kind: str
    dialect: str
    digest: str
    model: Model

    @property
    def engine_id(self) -> str:
        """The definition id that the engine knows it by."""
        return PREFIX + self.digest


@dataclass(frozen=True, slots=True)
class Read:
    """A resource that may run: what it says, what was found and what the importer changed."""

    given: Given
    kind: str
    dialect: str
    source: bytes
    xml: bytes
    model: Model | None
    """None: decisions."""
    content: Mapping[str, Any]
    """What is kept as JSON: the model, or the decisions with their plan."""
    findings: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    changes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def processes(self) -> Sequence[ProcessInfo]:
        """The processes of a process model."""
        return () if self.model is None else self.model.processes


def read_all(ctx: Context, given: Sequence[Given]) -> list[Read]:
    """All resources, converted and checked. Raises :class:`DefinitionRefused` with the findings of every one."""
    accepted: list[Read] = []
    refused: list[dict[str, Any]] = []
    for resource in given:
        try:
            decisions = deciding.is_decisions(resource.content)
            accepted.append(_read_decisions(ctx, resource, given) if decisions else _read(ctx, resource))
        except EngineRefusal as error:
            refused += [to_row(finding) | {"resource": resource.name} for finding in error.findings]
    refused += [*_twice(accepted), *_same_message(accepted)]
    if refused:
        raise DefinitionRefused(refused)
    return accepted


def _read(ctx: Context, given: Given) -> Read:
    content = as_bytes(given.content)
    made = ctx.engine.convert(content)
    parsed = ctx.engine.parse(made.xml, written=content)
    return Read(
        given,
        BPMN,
        OWN if OWN_DIALECT in content else made.dialect,
        made.xml,
        parsed.xml,
        parsed.model,
        to_json(parsed.model),
        [to_row(finding) | {"resource": given.name} for finding in parsed.findings],
        [change_row(change) for change in made.changes],
        made.forms,
    )


def _read_decisions(ctx: Context, given: Given, others: Sequence[Given]) -> Read:
    content = as_bytes(given.content)
    parsed = ctx.engine.parse_decisions(content, deciding.imports(ctx.session, [each.content for each in others]))
    findings = [to_row(finding) | {"resource": given.name} for finding in parsed.findings]
    return Read(given, DMN, DMN, content, content, None, deciding.kept(parsed), findings)


def require_calls(ctx: Context, resources: Sequence[Resource], read: Iterable[Read]) -> None:
    """Every process that a new resource calls must be in the trial or deployed. Raises :class:`DefinitionRefused`."""
    refused = [
        to_row(finding) | {"resource": each.given.name}
        for each in read
        if each.model is not None
        for finding in unknown_calls(each.model, partial(find_called, ctx, resources))
    ]
    if refused:
        raise DefinitionRefused(refused)


def _twice(accepted: Iterable[Read]) -> list[dict[str, Any]]:
    """Two resources of one deployment may not hold the same process."""
    seen: dict[str, str] = {}
    found = []
    for each in accepted:
        for process in each.processes:
            other = seen.setdefault(process.id, each.given.name)
            if other != each.given.name:
                found.append(
                    {
                        "rule": "processTwice",
                        "severity": "error",
                        "elementId": process.id,
                        "line": None,
                        "message": f"流程“{process.id}”在“{other}”中已有。",
                        "messageEn": f"The process '{process.id}' is in '{other}' already.",
                        "hint": "请修改其中一个流程的标识，或只上传一个文件。",
                        "hintEn": "Change one of the ids or send one of the files only.",
                        "resource": each.given.name,
                    }
                )
    return found


def _same_message(accepted: Iterable[Read]) -> list[dict[str, Any]]:
    """Imported processes of one deployment that the same message starts: the engines that they come from refuse it."""
    seen: dict[str, str] = {}
    found = []
    for each in accepted:
        if each.dialect not in FOREIGN:
            continue
        for process, message in ((p, m) for p in each.processes for m in p.message_starts):
            other = seen.setdefault(message, process.id)
            if other != process.id:
                found.append(
                    {
                        "rule": "messageStartsTwice",
                        "severity": "error",
                        "elementId": process.id,
                        "line": None,
                        "message": f"消息“{message}”已启动流程“{other}”，不能再启动“{process.id}”。",
                        "messageEn": f"The message '{message}' starts '{other}' already and cannot start '{process.id}' too.",
                        "hint": "一条消息只启动一个流程，请改用另一个消息名。",
                        "hintEn": "A message starts one process; use another name.",
                        "resource": each.given.name,
                    }
                )
    return found


def row_of(trial_id: int, deployment: int, read: Read) -> TrialDefinition:
    """The row that keeps a resource."""
    return TrialDefinition(
        trial_id=trial_id,
        deployment=deployment,
        name=read.given.name[:200],
        kind=read.kind,
        dialect=read.dialect,
        source=read.source,
        xml=read.xml,
        digest=hashlib.sha256(read.xml).hexdigest(),
        model=dict(read.content),
        findings=list(read.findings),
        changes=list(read.changes),
        forms=dict(read.forms),
    )


def list_resources(session: Session, trial_id: int, *, anew: bool = False) -> list[Resource]:
    """The process models of a trial, oldest first; read once per process, and their list once per transaction."""
    kept: dict[int, list[Resource]] = session.info.setdefault("trial-resources", {})
    if anew or trial_id not in kept:
        kept[trial_id] = _list_resources(session, trial_id)
    return kept[trial_id]


def _list_resources(session: Session, trial_id: int) -> list[Resource]:
    columns = (
        TrialDefinition.id,
        TrialDefinition.deployment,
        TrialDefinition.name,
        TrialDefinition.kind,
        TrialDefinition.dialect,
        TrialDefinition.digest,
    )
    query = select(*columns).where(TrialDefinition.trial_id == trial_id, TrialDefinition.kind == BPMN)
    query = query.order_by(TrialDefinition.id)
    return [Resource(*row, _model(session, row.id, row.digest)) for row in session.execute(query)]


def current(resources: Iterable[Resource]) -> dict[str, tuple[Resource, ProcessInfo]]:
    """Process id → the resource that was deployed last with it."""
    return {process.id: (each, process) for each in resources for process in each.model.processes}


def get_xml(session: Session, engine_id: str) -> bytes:
    """The normalised model behind one of the engine's ids of trials. Raises :class:`NotFound`."""
    query = select(TrialDefinition.xml).where(TrialDefinition.digest == engine_id.removeprefix(PREFIX)).limit(1)
    xml = session.execute(query).scalar_one_or_none()
    if xml is None:
        raise NotFound("试运行的模型已删除。", "The trial's model was deleted.")
    return xml


def _model(session: Session, definition_id: int, digest: str) -> Model:
    def read() -> Model:
        query = select(TrialDefinition.model).where(TrialDefinition.id == definition_id)
        return from_json(session.execute(query).scalar_one())

    return _MODELS.get(digest, read)
