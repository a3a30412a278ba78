"""No command without an event: what a writing request did not record itself is recorded here, in its transaction."""

from __future__ import annotations

from typing import Any, Final

import flask

from api.auth import SAFE_METHODS
from domain.audit import service as audit
from domain.audit.service import RECORDED
from domain.context import Context

KIND: Final = "command.done"
EVENTLESS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "calendars.check_notice",
            "calendars.preview_day",
            "calendars.preview_year",
            "calendars.read_notice",
            "call_trials.preview_call",
            "decisions.check_decisions",
            "decisions.evaluate_decision",
            "decisions.try_decision",
            "definitions.check",
            "imports.import_model",
            "moves.preview",
            "policies.preview_policy",
        ),
        "answers a question and changes nothing; a body where an address would be too short",
    ),
    **dict.fromkeys(
        ("cases.search_cases", "tasks.search_tasks", "catalogue.get_progress", "window.find_cases"),
        "a read, on record among the reads",
    ),
    **dict.fromkeys(
        (
            "applications.put_draft",
            "applications.delete_draft",
            "tasks.save_draft",
            "window.save_draft",
            "definitions.put_draft",
            "definitions.delete_draft",
        ),
        "keeps what its author typed and nobody else sees; what is handed in is recorded",
    ),
    "notifications.read_notification": "a mark for the reader alone",
    "external_tasks.fetch_and_lock": "recorded by itself when something was handed out; asking in vain every second is not",
    "external_tasks.extend_lock": "a sign of life of a worker, every few seconds",
}
"""Writing routes whose requests need no event, and why. ``trials`` play without cases in a room of their own."""
TRIALS: Final = "trials."
TOLD: Final = frozenset(
    {
        "ad_hoc_id",
        "case_no",
        "channel",
        "channel_id",
        "client_id",
        "code",
        "contact_id",
        "day",
        "delegation_id",
        "delivery_id",
        "disclosure_id",
        "document_id",
        "erasure_id",
        "hold_id",
        "host_id",
        "incident_id",
        "item_code",
        "job_id",
        "key",
        "kind",
        "leg_id",
        "link_id",
        "message_id",
        "notification_id",
        "number",
        "partnership_id",
        "procedure_id",
        "region",
        "secret_id",
        "site_id",
        "step_id",
        "task_id",
        "uscc",
        "user_id",
        "version",
        "version_id",
        "work_id",
        "year",
    }
)
"""Parts of an address that name things; others (one-time tokens) are not kept."""


def needs_event(endpoint: str, method: str) -> bool:
    """Whether a request of this route must leave an event."""
    return method not in SAFE_METHODS and endpoint not in EVENTLESS and not endpoint.startswith(TRIALS)


def record_command(ctx: Context, path: dict[str, Any], response: flask.Response) -> None:
    """At the end of a request: when it should have left an event and did not, leave one with its route and what it named."""
    request = flask.request
    endpoint = request.endpoint or ""
    if ctx.session.info.get(RECORDED) or not needs_event(endpoint, request.method):
        return
    sites = [site for site in ctx.actor.grants if site]
    data: dict[str, Any] = {"command": endpoint, "status": response.status_code}
    data |= {name: value for name, value in path.items() if name in TOLD}
    audit.record(ctx, KIND, site_id=sites[0] if len(sites) == 1 else None, data=data)
