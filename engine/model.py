"""A Model as JSON data and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engine.contract import (
    Call,
    CalledDecision,
    ContractField,
    Effect,
    Element,
    MessageFlow,
    Model,
    Participant,
    ProcessInfo,
    Start,
    TaskAction,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.contract import Finding


def to_json(model: Model) -> dict[str, Any]:
    """Plain dicts, lists and text; :func:`from_json` gives an equal model."""
    data = asdict(model)
    data["elements"] = list(data["elements"].values())
    return data


def from_json(data: Mapping[str, Any]) -> Model:
    """The model that :func:`to_json` was given."""
    return Model(
        digest=data["digest"],
        name=data["name"],
        participants=tuple(Participant(**row) for row in data["participants"]),
        processes=tuple(_process(row) for row in data["processes"]),
        message_flows=tuple(_message_flow(row) for row in data["message_flows"]),
        elements={row["id"]: _element(row) for row in data["elements"]},
        form_ids=tuple(data["form_ids"]),
        policies=tuple(data["policies"]),
        service_types=tuple(data["service_types"]),
        data_stores=tuple(data.get("data_stores", ())),
        calls=tuple(Call(**row) for row in data.get("calls", ())),
    )


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """A finding as it is stored and shown."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "elementId": finding.element_id,
        "line": finding.line,
        "message": finding.message_zh,
        "messageEn": finding.message_en,
        "hint": finding.hint_zh,
        "hintEn": finding.hint_en,
    }


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, (list, tuple)) else value for key, value in row.items()}


def _process(row: Mapping[str, Any]) -> ProcessInfo:
    values = _tuples(row)
    values["starts"] = tuple(Start(**s) for s in row.get("starts", ()))
    return ProcessInfo(**values)


def _message_flow(row: Mapping[str, Any]) -> MessageFlow:
    values = dict(row)
    values["fields"] = tuple(ContractField(**f) for f in row["fields"])
    values["materials"] = tuple(row["materials"])
    return MessageFlow(**values)


def _element(row: Mapping[str, Any]) -> Element:
    values = _tuples(row)
    values["actions"] = tuple(TaskAction(**a) for a in row["actions"])
    values["effects"] = tuple(Effect(**e) for e in row["effects"])
    for name in ("inputs", "headers"):
        values[name] = tuple((each[0], each[1]) for each in row.get(name, ()))
    if row.get("decision") is not None:
        values["decision"] = CalledDecision(**row["decision"])
    return Element(**values)
