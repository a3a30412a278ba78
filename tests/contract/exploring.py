"""Requests made from the description of the API, sent as one person, each answer judged by the description.

Schemathesis makes the requests: such as the description allows and such as it forbids. Parameters that name a thing take, most of the
time, one that exists: what a person created before is found by those who come later.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import flask
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from bootstrap.container import Platform
from domain.actors import SYSTEM
from tests.api.browser import PASSWORD, Browser

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDS_THE_SESSION = {("delete", "/api/v1/session"), ("post", "/api/v1/session")}
ENDS_THE_PERSON = {("post", "/api/v1/my/erasure")}
"""Sent after all others: whoever is erased does not come back."""
THINGS = {
    "case_no": "select case_no from cases",
    "task_id": "select id from tasks union select id from service_jobs",
    "leg_id": "select id from legs",
    "code": "select code from items",
    "key": "select distinct key from definitions",
    "version_id": "select id from definitions",
    "definition_id": "select id from definitions",
    "document_id": "select id from documents",
    "file_id": "select id from files",
    "work_id": "select id from work",
    "message_id": "select id from messages",
    "incident_id": "select id from incidents",
    "notification_id": "select id from notifications",
    "siteId": "select id from sites",
    "region": "select code from regions",
    "form_id": "select 'test-form'",
    "job_id": "select id from service_jobs",
    "procedure_id": "select id from procedures",
    "year": "select 2026",
}
"""Parameter → those there are."""
RESTORE = (
    "update users set password_hash = :hash, is_active = true, must_change_password = false",
    "delete from login_failures",
    "delete from second_factors",
)
OFTEN = 0.8
"""How often a parameter names something that exists."""
REFUSED_AT_THE_DOOR = {401, 403, 429}
PROBLEM = "application/problem+json"


@dataclass
class Finding:
    """One answer that the description does not allow."""

    login: str
    operation: str
    text: str


def _named(operation: Any) -> tuple[str, str]:
    return operation.method.lower(), operation.path


@dataclass
class Explorer:
    """Goes through all operations as one person after the other."""

    app: flask.Flask
    platform: Platform
    description: Mapping[str, Any]
    examples: int
    password_hash: str
    """Of :data:`tests.api.browser.PASSWORD`, which everybody has."""
    seed: int = 0
    findings: list[Finding] = field(default_factory=list)
    _chance: random.Random = field(init=False)
    _judged: set[tuple[str, int, str, str]] = field(default_factory=set)
    answers: dict[str, dict[int, int]] = field(default_factory=dict)
    """Operation → status → how often, of all people."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 -- no secret is made of it

    def explore(self, logins: Sequence[str | None], modes: Sequence[GenerationMode]) -> None:
        """``examples`` requests of each mode to every operation, each sent as every one of these people (None: a visitor).

        Whom the guard of an operation refused is refused at the next request too: of those the first goes on asking.
        """
        browsers = {login: Browser(self.app) for login in logins}
        for login, browser in browsers.items():
            self._enter(browser, login)
        found = [each.ok() for each in schemathesis.openapi.from_dict(dict(self.description)).get_all_operations()]
        for operation in sorted(found, key=lambda each: _named(each) in ENDS_THE_PERSON):
            if _named(operation) in ENDS_THE_SESSION:
                continue
            known = self._known(operation)
            refused: list[str | None] = []
            for mode in modes:
                for case in self._requests(operation, mode):
                    for login, browser in browsers.items():
                        if login in refused[1:]:
                            continue
                        if self._send(browser, login, self._about_things(case, known)) and login not in refused:
                            refused.append(login)

    def _enter(self, browser: Browser, login: str | None) -> None:
        if login is None:
            browser.session()
            return
        with self.platform.transaction(SYSTEM) as ctx:
            for statement in RESTORE:  # an administrator of the run may have disabled somebody, or reset a password
                ctx.session.execute(text(statement), {"hash": self.password_hash} if ":hash" in statement else {})
        browser.log_in(login, PASSWORD)

    def _requests(self, operation: Any, mode: GenerationMode) -> list[Case]:
        made: list[Case] = []

        @seed(self.seed)
        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def make(case: Case) -> None:
            made.append(case)

        with suppress(Unsatisfiable):  # an operation without input cannot be sent wrong input
            make()
        return made

    def _about_things(self, case: Case, known: Mapping[str, Sequence[str]]) -> Case:
        for name, things in known.items():
            if things and self._chance.random() < OFTEN:
                where = case.path_parameters if name in case.path_parameters else case.query
                where[name] = self._chance.choice(things)
        return case

    def _send(self, browser: Browser, login: str | None, case: Case) -> bool:
        """Send and judge; whether the guard let this person in to nothing."""
        cookies = {cookie.key: cookie.value for cookie in browser.client._cookies.values()}
        headers = {"X-CSRF-Token": browser.csrf}
        response = case.call(app=self.app, headers=headers, cookies=cookies)
        seen = self.answers.setdefault(case.operation.label, {})
        seen[response.status_code] = seen.get(response.status_code, 0) + 1
        if not self._was_judged(case.operation.label, response):
            self._judge(login, case, response)
        if response.status_code == 401 and login is not None and _named(case.operation) not in ENDS_THE_PERSON:
            self._enter(browser, login)
        return response.status_code == 403 and response.json().get("code") == "forbidden"

    def _judge(self, login: str | None, case: Case, response: Response) -> None:
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            told = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            for one in told:
                self.findings.append(Finding(login or "visitor", case.operation.label, f"{response.status_code} {one}"))

    def _was_judged(self, operation: str, response: Response) -> bool:
        """Whether the operation refused somebody before in the very same words (a person without the right, most of the time)."""
        if response.status_code not in REFUSED_AT_THE_DOOR or response.headers.get("content-type") != [PROBLEM]:
            return False
        told = {name: value for name, value in response.json().items() if name != "requestId"}
        answer = operation, response.status_code, repr(sorted(response.headers)), repr(told)
        known = answer in self._judged
        self._judged.add(answer)
        return known

    def _known(self, operation: Any) -> dict[str, list[Any]]:
        names = [each.name for each in (*operation.path_parameters, *operation.query) if each.name in THINGS]
        with self.platform.transaction(SYSTEM) as ctx:
            return {name: [str(one) for one in ctx.session.scalars(text(f"{THINGS[name]} limit 20"))] for name in names}

    def served(self) -> Iterator[str]:
        """Operations that at least one person was let into."""
        for label, statuses in self.answers.items():
            if set(statuses) - REFUSED_AT_THE_DOOR:
                yield label
