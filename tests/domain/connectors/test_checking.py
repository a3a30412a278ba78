"""What a deployment says about http and email tasks: errors for what can never work, warnings for what an administrator must enter."""

from collections.abc import Mapping

import pytest

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.connectors import hosts
from domain.definitions import service as definitions
from domain.secrets import service as secrets
from domain.sites import service as sites
from tests.domain.connectors.calling import model
from tests.support import models
from tests.support.world import World

URL = "https://api.example.gov.cn/people/{id}"
MAIL = {"to": "applicant", "subject": "s", "body": "b"}


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform).settle()


def found(world: World, inputs: Mapping[str, str], headers: Mapping[str, str] | None = None, **more: str) -> list[str]:
    """``rule severity`` of each finding about the task."""
    with world.platform.transaction(SYSTEM) as ctx:
        rows = definitions.check(ctx, model(inputs, headers, **more)).findings
    mine = [row for row in rows if row["elementId"] == "ask"]
    assert all(row[text] for row in mine for text in ("message", "messageEn", "hint", "hintEn"))
    return [f"{row['rule']} {row['severity']}" for row in mine]


def test_a_host_is_told_until_it_is_allowed_to_the_site_or_the_platform(world: World) -> None:
    assert found(world, {"url": URL}) == ["hostNotAllowed warning"]
    assert found(world, {"url": f'="{URL}"'}) == ["hostNotAllowed warning"]
    assert found(world, {"url": "=application.url"}) == []
    with world.platform.transaction(SYSTEM) as ctx:
        other = sites.get_site(ctx, models.PARTNER_SITE).id
        hosts.put(ctx, "api.example.gov.cn", "agreed", site_id=other)
    assert found(world, {"url": URL}) == ["hostNotAllowed warning"]
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "api.example.gov.cn", "agreed", site_id=None)
    assert found(world, {"url": URL}) == []


def test_a_secret_must_be_registered_and_listed_at_the_host(world: World) -> None:
    inputs = {"url": URL, "authentication.type": "bearer", "authentication.token": "secret:PSC_TOKEN"}
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "api.example.gov.cn", "agreed", site_id=None)
    assert found(world, inputs) == ["secretUnavailable warning"]
    with world.platform.transaction(SYSTEM) as ctx:
        secrets.put(ctx, "PSC_TOKEN", "value", site_id=None)
    assert found(world, inputs) == ["secretUnavailable warning"]
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "api.example.gov.cn", "agreed", site_id=None, names=["PSC_TOKEN"])
    assert found(world, inputs) == []


def test_the_client_secret_goes_to_the_token_endpoint_and_is_listed_there(world: World) -> None:
    inputs = {
        "url": URL,
        "authentication.type": "oauth-client-credentials-flow",
        "authentication.oauthTokenEndpoint": "https://id.example.gov.cn/token",
        "authentication.clientId": "lianban",
        "authentication.clientSecret": "secret:CLIENT_SECRET",
    }
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "api.example.gov.cn", "agreed", site_id=None)
        secrets.put(ctx, "CLIENT_SECRET", "value", site_id=None)
    assert found(world, inputs) == ["hostNotAllowed warning"]
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "id.example.gov.cn", "agreed", site_id=None)
    assert found(world, inputs) == ["secretUnavailable warning"]
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "id.example.gov.cn", "agreed", site_id=None, names=["CLIENT_SECRET"])
    assert found(world, inputs) == []
    way = {**inputs, "authentication.clientAuthentication": "privateKeyJwt", "authentication.algorithm": "HS256"}
    assert found(world, way) == ["connectorInputMissing error", "connectorValue error"]
    certificate = {**inputs, "authentication.clientAuthentication": "tlsClientCertificate"}
    assert found(world, certificate) == ["connectorInputMissing error"]


@pytest.mark.parametrize(
    ("inputs", "headers", "rule"),
    [
        ({"method": "GET"}, {}, "connectorInputMissing"),
        ({"method": "FETCH"}, {}, "connectorValue"),
        ({"methode": "GET"}, {}, "connectorValue"),
        ({"authentication.type": "oauth"}, {}, "connectorValue"),
        ({"authentication.type": "bearer", "authentication.username": "u"}, {}, "connectorValue"),
        ({"readTimeoutInSeconds": "soon"}, {}, "connectorValue"),
        ({"readTimeoutInSeconds": "=301"}, {}, "connectorValue"),
        ({}, {"retryBackoff": "soon"}, "connectorValue"),
        ({}, {"errorCodes": "404"}, "connectorValue"),
        ({}, {"errorCode": "404=x"}, "connectorValue"),
        ({"url": "ftp://api.example.gov.cn/"}, {}, "connectorUrl"),
    ],
)
def test_what_can_never_work_is_an_error(
    world: World, inputs: dict[str, str], headers: dict[str, str], rule: str
) -> None:
    given = inputs if rule == "connectorInputMissing" else {"url": "=application.url", **inputs}
    assert found(world, given, headers) == [f"{rule} error"]


def test_a_letter_needs_someone_a_subject_and_a_body(world: World) -> None:
    assert found(world, MAIL, kind="email") == []
    assert found(world, {"to": "applicant"}, kind="email") == ["connectorInputMissing error"] * 2
    assert found(world, {**MAIL, "cc": "x"}, {"retryBackoff": "1 day"}, kind="email") == ["connectorValue error"] * 2
