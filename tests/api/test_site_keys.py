"""Signing keys of sites on the page: who may see and change them, what is kept of former ones, and a partner's address and key."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.outbox.models import Message
from domain.sites import keys
from domain.sites.models import Site, SiteKey
from tests.api.browser import Browser
from tests.api.conftest import FAR_SITE
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def site_id(world: World, code: str) -> int:
    with world.platform.transaction(SYSTEM) as ctx:
        return ctx.session.execute(select(Site.id).where(Site.code == code)).scalar_one()


def read(answer: TestResponse) -> Any:
    return answer.json


def kinds(world: World) -> set[str]:
    with world.platform.transaction(SYSTEM) as ctx:
        return set(ctx.session.scalars(select(AuditEvent.kind)))


@pytest.fixture
def far(world: World) -> int:
    """A site that another deployment serves."""
    number = site_id(world, FAR_SITE)
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.get(SiteKey, number)
        if row is not None:
            ctx.session.delete(row)
        ctx.session.execute(update(Site).where(Site.id == number).values(is_local=False, endpoint=None))
    return number


def test_a_sites_administrator_changes_the_own_key_and_sees_what_the_former_signed(world: World, log_in: LogIn) -> None:
    own, there = site_id(world, models.MAIN_SITE), site_id(world, models.PARTNER_SITE)
    admin = log_in("siteadmin")
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    with world.platform.transaction(SYSTEM) as ctx:  # as if it had gone to another deployment
        ctx.session.execute(update(Message).where(Message.direction == "out").values(signature="x"))
    before: Any = admin.get(f"/admin/sites/{own}/keys").json
    [first] = before["keys"]
    assert (first["state"], first["signed"]["messages"], before["mayChange"]) == ("present", 1, True)
    assert first["signed"]["firstAt"] == first["signed"]["lastAt"] is not None
    for method, path in (("GET", f"/admin/sites/{there}/keys"), ("POST", f"/admin/sites/{there}/keys")):
        answer = admin.get(path) if method == "GET" else admin.post(path, {})
        assert read(answer)["code"] == "function-not-allowed"
    assert log_in("clerk").get(f"/admin/sites/{own}/keys").status_code == 403
    assert admin.post(f"/admin/sites/{own}/keys", {"overlapDays": 0}).status_code == 422
    world.pass_time("PT1H")
    changed = admin.post(f"/admin/sites/{own}/keys", {"overlapDays": 3})
    assert changed.status_code == 201, changed.text
    new, old = read(changed)["keys"]
    assert (new["state"], old["state"], old["publicKey"]) == ("present", "overlap", first["publicKey"])
    assert (new["signed"]["messages"], old["signed"]["messages"]) == (0, 1)
    assert old["endedAt"] == new["beganAt"]
    assert "site.key-changed" in kinds(world)
    assert admin.post(f"/admin/sites/{own}/keys/finish", {}).status_code == 409, "no change goes on"


def test_a_change_waits_for_partners_and_may_be_ended_without_them(world: World, log_in: LogIn, far: int) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(Site).where(Site.id == far).values(endpoint="https://far.example.test/x"))
    own, admin = site_id(world, models.MAIN_SITE), log_in("admin")
    told: Any = admin.post(f"/admin/sites/{own}/keys", {}).json
    assert [each["state"] for each in told["keys"]] == ["next", "present"]
    assert [(each["code"], each["confirmedAt"]) for each in told["notices"]] == [(FAR_SITE, None)]
    assert read(admin.post(f"/admin/sites/{own}/keys", {}))["code"] == "key-change-open"
    used: Any = admin.post(f"/admin/sites/{own}/keys/finish", {}).json
    assert [each["state"] for each in used["keys"]] == ["present", "overlap"]
    assert used["keys"][0]["publicKey"] == told["keys"][0]["publicKey"]


def test_a_partners_address_and_key_are_entered_and_the_former_key_is_kept(
    world: World, log_in: LogIn, far: int
) -> None:
    admin = log_in("admin")
    first, second = (keys.make_pair()[1] for _ in range(2))
    pin = base64.b64encode(b"p" * 32).decode()

    def put(**changes: Any) -> Any:
        body = {"endpoint": "https://far.example.test/api/v1/exchange/messages", "publicKey": first, "pins": [pin]}
        return admin.put(f"/admin/sites/{far}/line", body | changes)

    shown: Any = put().json
    assert (shown["endpoint"], shown["pins"], shown["keys"][0]["publicKey"]) == (
        "https://far.example.test/api/v1/exchange/messages",
        [pin],
        first,
    )
    states = [(each["publicKey"], each["state"]) for each in put(publicKey=second).json["keys"]]
    assert states[:2] == [(second, "present"), (first, "former")]
    for change, pointer in (
        ({"endpoint": "http://far.example.test/"}, "/endpoint"),
        ({"endpoint": "https://[::1/"}, "/endpoint"),
        ({"publicKey": "AAAA"}, "/publicKey"),
        ({"pins": [pin, "x"]}, "/pins/1"),
    ):
        refused = put(**change)
        assert (refused.status_code, read(refused)["pointer"]) == (422, pointer)
    assert put(publicKey="", pins=[]).json["keys"][0]["publicKey"] == second
    assert (
        log_in("siteadmin").put(f"/admin/sites/{far}/line", {"endpoint": "", "publicKey": "", "pins": []}).status_code
        == 403
    )
    own = site_id(world, models.MAIN_SITE)
    assert (
        read(admin.put(f"/admin/sites/{own}/line", {"endpoint": "", "publicKey": "", "pins": []}))["code"]
        == "site-served-here"
    )
    assert "site.partner-set" in kinds(world)
