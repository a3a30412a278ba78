"""The product's trials over HTTP, as any client would use them (docs/trials.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.api.browser import Browser
from tests.conformance.steps import Failed, Refused

CREATED = 201
OK = 200


class OverHttp:
    """A :class:`tests.conformance.steps.Product`: one trial."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.path = ""

    # -- commands ------------------------------------------------------------------------------------

    def deploy(self, models: Sequence[bytes]) -> None:
        resources = [{"name": f"{n}.bpmn", "content": model.decode()} for n, model in enumerate(models)]
        answer = self.browser.post("/trials", {"resources": resources, "now": "2026-03-02T01:00:00Z"})
        if answer.status_code != CREATED:
            raise Refused(answer.text)
        self.path = f"/trials/{_json(answer)['id']}"

    def start(self, process: str, variables: Mapping[str, Any]) -> str:
        made = self._send("/instances", {"processId": process, "variables": variables}, expected=CREATED)
        _no_incident(made)
        return str(made["id"])

    def complete(self, task: str, variables: Mapping[str, Any], *, every: bool) -> None:
        found = [row["id"] for row in self._get("/tasks")["items"] if row["elementId"] == task]
        if not found:
            raise Failed(f"no open task {task}")
        for task_id in found if every else found[:1]:
            if task_id in {row["id"] for row in self._get("/tasks")["items"]}:
                _no_incident(self._send(f"/tasks/{task_id}/complete", {"variables": variables}))

    def message(self, name: str) -> bool:
        return self._send("/messages", {"name": name, "ttl": "PT0S"})["state"] in {"delivered", "started"}

    def signal(self, name: str) -> None:
        self._send("/signals", {"name": name})

    def advance(self, seconds: float) -> None:
        self._send("/clock/advance", {"by": f"PT{seconds:g}S"})

    def set(self, variables: Mapping[str, Any]) -> None:
        first = next(row["id"] for row in self._instances() if row["state"] == "running")
        answer = self.browser.put(f"{self.path}/instances/{first}/variables", {"variables": variables})
        if answer.status_code != OK:
            raise Failed(answer.text)

    # -- looks ---------------------------------------------------------------------------------------

    def tasks(self, instance: str | None = None) -> list[str]:
        rows = self._get("/tasks")["items"]
        return [row["elementId"] for row in rows if instance in {None, str(row["instanceId"])}]

    def ended(self, instance: str | None = None) -> bool:
        return all(row["state"] != "running" for row in self._instances() if instance in {None, str(row["id"])})

    def log(self) -> list[str]:
        return [row["elementId"] for row in self._get("/history?kinds=job.completed")["items"]]

    # -- inside --------------------------------------------------------------------------------------

    def _instances(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/instances")["items"]
        return found

    def _get(self, rest: str) -> dict[str, Any]:
        answer = self.browser.get(self.path + rest)
        assert answer.status_code == OK, answer.text
        return _json(answer)

    def _send(self, rest: str, body: Mapping[str, Any], *, expected: int = OK) -> dict[str, Any]:
        answer = self.browser.post(self.path + rest, dict(body))
        if answer.status_code != expected:
            raise Failed(answer.text)
        return _json(answer)


def _json(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer.json
    return body


def _no_incident(instance: Mapping[str, Any]) -> None:
    if instance["incidents"]:
        raise Failed(", ".join(f"{row['elementId']}: {row['code']}" for row in instance["incidents"]))
