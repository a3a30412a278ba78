"""Whatever is sent, and whoever sends it: no server error, and no answer that the description does not allow."""

import os

import flask
import orjson
import pytest
import structlog
from schemathesis import GenerationMode

from bootstrap.settings import ROOT
from tests.api.conftest import *  # noqa: F403 -- the fixtures of the API's tests
from tests.api.conftest import HASH
from tests.contract.exploring import Explorer
from tests.support import models
from tests.support.world import World

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "1"))
"""Requests to each operation, of each mode; more of them for a night: CONTRACT_EXAMPLES=50 make test-python T=tests/contract."""
PEOPLE = (
    None,
    "applicant",
    "stranger",
    "clerk",
    "handler",
    "approver",
    "far",
    "overseer",
    "designer",
    "siteadmin",
    "admin",
    "auditor",
)
MOST = 0.9
"""Of the operations somebody must be let into; routes of API clients and other deployments let none of these people in."""


@pytest.mark.slow
@pytest.mark.timeout(120 + 240 * EXAMPLES)
def test_every_answer_is_one_that_the_description_allows(world: World, app: flask.Flask) -> None:
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    description = orjson.loads((ROOT / "web" / "src" / "api" / "openapi.json").read_bytes())
    explorer = Explorer(app, world.platform, description, EXAMPLES, HASH)
    with structlog.testing.capture_logs():
        explorer.explore(PEOPLE, [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    assert not explorer.findings, [f"{one.login} {one.operation}: {one.text}" for one in explorer.findings[:20]]
    operations = sum(method != "parameters" for path in description["paths"].values() for method in path)
    assert len(list(explorer.served())) > MOST * operations, "too many let nobody in: little is shown"
