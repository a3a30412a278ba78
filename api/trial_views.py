"""Rows of trials as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.trials import queries
from domain.trials.models import Trial, TrialInstance, TrialStart
from domain.trials.queries import Picture, Starts
from domain.trials.resources import Resource

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
        "decisions": [],
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

    def home(waiting: Mapping[str, Any]) -> Resource:
        return known.get(waiting.get("definition_id", row.definition_id), resource)

    return {
        "id": row.id,
        "process_id": row.process_id,
        "process_name": process.name if process else "",
        "definition_id": row.definition_id,
        "parent_id": row.parent_id,
        "state": row.status,
        "variables": row.open["variables"],
        "tasks": [_task(each, row, home(each)) for each in row.open["tasks"]],
        "jobs": [_at(each, row, home(each)) for each in row.open["jobs"]],
        "timers": [_at(each, row, home(each)) | {"process_id": row.process_id} for each in row.open["timers"]],
        "subscriptions": [_at(each, row, home(each)) for each in row.open["subscriptions"]],
        "incidents": [_at(each, row, home(each)) for each in row.open["incidents"]],
        "active_elements": row.open["active_elements"],
        "started_at": row.started_at,
        "ended_at": row.ended_at,
    }


def _at(waiting: Mapping[str, Any], row: TrialInstance, resource: Resource) -> dict[str, Any]:
    element = resource.model.elements.get(waiting["element_id"])
    return {**waiting, "instance_id": row.id, "name": element.name if element else ""}


def _task(waiting: Mapping[str, Any], row: TrialInstance, resource: Resource) -> dict[str, Any]:
    element = resource.model.elements.get(waiting["element_id"])
    actions = () if element is None else element.actions
    return {
        **waiting,
        "instance_id": row.id,
        "process_id": row.process_id,
        "form_id": element.form_id if element else None,
        "actions": [
            {
                "value": each.value,
                "name": each.name,
                "nameEn": each.name_en,
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
        "process_id": row.process_id,
        "element_id": row.element_id,
        "name": element.name if element else "",
        "due_at": row.due_at,
    }


def _process(each: Starts) -> dict[str, Any]:
    starts = [{"kind": "none", "element_id": None, "value": ""}] if each.none else []
    starts += [{"kind": "message", "element_id": None, "value": value} for value in each.messages]
    starts += [{"kind": "timer", "element_id": None, "value": value} for value in each.timers]
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
