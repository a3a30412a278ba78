"""Rows of trials as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.trials import queries
from domain.trials.models import Trial, TrialInstance, TrialStart
from domain.trials.queries import Picture, Starts
from domain.trials.resources import Resource
from engine import places

Resources = Mapping[int, Resource]


def head(trial: Trial) -> dict[str, Any]:
    """A trial's own facts."""
    return {
        "id": trial.id,
        "name": trial.name,
        "now": trial.now,
        "services": trial.services,
        "region": trial.region_code,
        "created_at": trial.created_at,
        "expires_at": trial.expires_at,
    }


def whole(picture: Picture) -> dict[str, Any]:
    """A trial with everything in it."""
    instances = [instance(each, picture.resources) for each in picture.instances]
    starts = [_start_timer(each, picture.resources) for each in picture.starts]
    timers = [timer for each in instances for timer in each["timers"]] + starts
    return head(picture.trial) | {
        "processes": [_process(each) for each in picture.processes],
        "decisions": [
            {
                "id": row["id"],
                "name": row["name"],
                "kind": row["kind"],
                "version_tag": row["version_tag"],
                "definition_id": each.id,
            }
            for each in picture.decisions
            for row in each.model["decisions"]
        ],
        "conversions": [
            {
                "resource": each.name,
                "definition_id": each.id,
                "kind": each.kind,
                "dialect": each.dialect,
                "changes": each.changes,
            }
            for each in picture.definitions
        ],
        "findings": [_snake(row) for each in picture.definitions for row in each.findings],
        "instances": instances,
        "messages": [
            {
                "id": each.id,
                "name": each.name,
                "correlation_key": each.correlation_key,
                "variables": each.payload,
                "state": each.state,
                "instance_id": each.instance_id,
                "sender_id": each.sender_id,
                "sent_at": each.sent_at,
                "expires_at": each.expires_at,
            }
            for each in picture.messages
        ],
        "timers": sorted(timers, key=lambda row: str(row["due_at"])),
        "next_due_at": queries.next_due(picture.instances, picture.starts),
    }


def instance(row: TrialInstance, known: Resources) -> dict[str, Any]:
    """An instance with all it waits for. What has ended waits for nothing."""
    resource = known[row.definition_id]
    process = next((each for each in resource.model.processes if each.id == row.process_id), None)
    return {
        "id": row.id,
        "process_id": row.process_id,
        "process_name": process.name if process else "",
        "definition_id": row.definition_id,
        "parent_id": row.parent_id,
        "state": row.status,
        "variables": row.open["variables"],
        "tasks": [_task(each, row, known) for each in row.open["tasks"]],
        "jobs": [_at(each, row, known) for each in row.open["jobs"]],
        "timers": [_at(each, row, known) for each in row.open["timers"]],
        "subscriptions": [_at(each, row, known) for each in row.open["subscriptions"]],
        "incidents": [_at(each, row, known) for each in row.open["incidents"]],
        "ad_hocs": [
            _at(each, row, known) | {"enabled_elements": [places.split(name)[1] for name in each["enabled"]]}
            for each in row.open.get("ad_hocs", ())
        ],
        "active_elements": row.open["active_elements"],
        "started_at": row.started_at,
        "ended_at": row.ended_at,
    }


def _home(waiting: Mapping[str, Any], row: TrialInstance, known: Resources) -> Resource:
    """The resource that has the element: another one inside a called process."""
    return known.get(waiting.get("definition_id", row.definition_id), known[row.definition_id])


def _at(waiting: Mapping[str, Any], row: TrialInstance, known: Resources) -> dict[str, Any]:
    home = _home(waiting, row, known)
    element = home.model.elements.get(waiting["element_id"])
    return {
        **waiting,
        "definition_id": home.id,
        "process_id": element.process_id if element else row.process_id,
        "instance_id": row.id,
        "name": element.name if element else "",
    }


def _task(waiting: Mapping[str, Any], row: TrialInstance, known: Resources) -> dict[str, Any]:
    element = _home(waiting, row, known).model.elements.get(waiting["element_id"])
    actions = () if element is None else element.actions
    return _at(waiting, row, known) | {
        "form_id": element.form_id if element else None,
        "actions": [
            {
                "value": each.value,
                "name": each.name,
                "name_en": each.name_en,
                "primary": each.primary,
                "danger": each.danger,
            }
            for each in actions
        ],
    }


def _start_timer(row: TrialStart, known: Resources) -> dict[str, Any]:
    element = known[row.definition_id].model.elements.get(row.element_id)
    return {
        "instance_id": None,
        "definition_id": row.definition_id,
        "process_id": row.process_id,
        "element_id": row.element_id,
        "name": element.name if element else "",
        "due_at": row.due_at,
    }


def _process(each: Starts) -> dict[str, Any]:
    starts = [{"kind": row.kind, "element_id": row.element_id, "value": row.value} for row in each.starts]
    return {"id": each.id, "name": each.name, "definition_id": each.definition_id, "starts": starts}


def _snake(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rule": row["rule"],
        "severity": row["severity"],
        "element_id": row["elementId"],
        "line": row["line"],
        "message": row["message"],
        "message_en": row["messageEn"],
        "hint": row["hint"],
        "hint_en": row["hintEn"],
        "resource": row["resource"],
    }
