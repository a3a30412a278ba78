"""What somebody else's thing answers to an act, and what is told about a body that is wrong: nothing that was not known before."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.leaks.oracle import told
from tests.leaks.walk import (
    ABOUT_CASES,
    ALL,
    DOOR,
    OWNED,
    Operation,
    Walk,
    smallest,
    words_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ASKING = (
    "pudong.clerk", "shunde.handler", "youjiang.approver", "guangxi-water.liaison", "pudong.admin", "shunde-supervision.officer",
    "yanshan.agent", "designer", "marked-e", "anonymous", "client",
)  # fmt: skip
"""Somebody of each role to whom a case is nothing; who sees all cases has no foreign one."""


@pytest.mark.parametrize("who", ASKING)
def test_what_is_foreign_is_as_if_it_were_not(walk: Walk, who: str) -> None:
    """The same status and the same words for somebody else's thing and for one that there never was."""
    told_apart = []
    compared = 0
    before = walk.fingerprint()
    for operation in ALL.values():
        own = [name for name in operation.parameters if name in ABOUT_CASES]
        key = _foreign(walk, who, own)
        if key is None:
            continue
        body = None if operation.method == "GET" else _body(operation)
        nowhere = walk.nowhere(operation, key)
        absent = walk.send(who, operation, nowhere, body)
        if absent.status_code in DOOR:
            continue
        for path in walk.addresses(operation, key, most=1):
            compared += 1
            foreign = walk.send(who, operation, path, body, about=key)
            if _plain(foreign, path) != _plain(absent, nowhere):
                told_apart.append(
                    f"{operation.name}: {foreign.status_code} {_code(foreign)}, absent {absent.status_code} {_code(absent)}"
                )
            elif foreign.status_code < 400:
                told_apart.append(f"{operation.name}: {foreign.status_code}, it went through")
    assert not told_apart, told(told_apart)
    assert walk.fingerprint() == before, "what was refused changed nothing"
    walk.compared[who] = compared


def _foreign(walk: Walk, who: str, parameters: list[str]) -> str | None:
    """A case that does not exist for this person and has such parts."""
    if not parameters:
        return None
    for key, thing in walk.world.cases.items():
        shows = walk.oracle.table["relations"][walk.oracle.relation(who, key)]["shows"]
        if not shows and all(thing.places[name] for name in parameters):
            return key
    return None


BODIES: dict[str, Any] = {
    "POST /tasks/{task_id}/complete": {"data": {}},
    "POST /cases/{case_no}/procedures": {"kind": "EXTENSION", "reason": "需要更多时间"},
}


def _body(operation: Operation) -> Any:
    return BODIES.get(operation.name, smallest(operation.body) if operation.body else None)


def _plain(answer: TestResponse, path: str) -> tuple[int, str]:
    """Status and words, without the number of the request and without what was asked for."""
    words = answer.get_data(as_text=True)
    words = re.sub(r'"requestId":"[^"]*"', "", words)
    for part in path.split("/"):
        if len(part) > 3:
            words = words.replace(part, "…")
    return answer.status_code, words


def _code(answer: TestResponse) -> str:
    found: Any = answer.get_json(silent=True)
    return str(found.get("code", "")) if isinstance(found, dict) else ""


@pytest.mark.parametrize("who", ["pudong.admin", "pudong.clerk", "marked-e", "designer", "anonymous"])
def test_things_of_other_people_and_sites_are_as_if_they_were_not(walk: Walk, who: str) -> None:
    told_apart = []
    before = walk.fingerprint()
    for operation in ALL.values():
        own = [name for name in operation.parameters if name in OWNED]
        if len(own) != 1 or operation.method == "GET":
            continue
        body = _body(operation)
        nowhere = walk.address(operation, {own[0]: "999999999"})
        absent = walk.send(who, operation, nowhere, body)
        if absent.status_code in DOOR:
            continue
        path = walk.address(operation)
        foreign = walk.send(who, operation, path, body)
        if _plain(foreign, path) != _plain(absent, nowhere) or foreign.status_code < 400:
            told_apart.append(
                f"{operation.name}: {foreign.status_code} {_code(foreign)}, absent {absent.status_code} {_code(absent)}"
            )
    assert not told_apart, told(told_apart)
    assert walk.fingerprint() == before, "what was refused changed nothing"


ENDING = {
    "DELETE /session",
    "POST /session/sign-out",
    "POST /account/sessions/end-others",
    "POST /my/erasure",
    "POST /clock/reset",
}
"""What would end the walk."""


def test_errors_do_not_repeat_what_was_sent(walk: Walk) -> None:
    """Bodies in which every value is of the wrong kind, and bodies that are no JSON."""
    before = len(walk.leaks)
    repeated: list[str] = []
    torn: set[str] = set()
    for who in ("yanshan.handler", "yanshan.admin", "platform", "marked-a", "anonymous"):
        for operation in ALL.values():
            if operation.method == "GET" or operation.name in ENDING:
                continue
            sent = walk.world.mint.token("nobody", "sent", "secret")
            properties = (operation.body or {}).get("properties", {})
            path = walk.address(operation, {name: "1" for name in operation.parameters if name in ABOUT_CASES})
            answer = walk.send(who, operation, path, {name: {"x": [sent]} for name in properties})
            if answer.status_code in DOOR:
                continue
            answers = [answer]
            if operation.name not in torn:  # the parser is the same for everybody
                torn.add(operation.name)
                data = f'{{"q": "{sent}'
                answers.append(
                    walk.browser(who).send(operation.method, path, data=data, content_type="application/json")
                )
            repeated += [f"{operation.name}: {each.status_code}" for each in answers if sent in words_of(each)]
    assert not repeated, told(repeated)
    assert not walk.leaks[before:], told(walk.leaks[before:])
    assert walk.errors == []
