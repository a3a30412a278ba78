import flask
import pytest

from domain.actors import SYSTEM
from domain.outbox import delivery
from domain.outbox.models import Message
from tests.api.browser import assert_problem
from tests.support import models
from tests.support.world import World

PATH = "/api/v1/exchange/messages"


@pytest.fixture
def sealed(world: World) -> tuple[bytes, str]:
    """A request of the main site, signed, not yet delivered."""
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    with world.platform.transaction(SYSTEM) as ctx:
        message = ctx.session.get_one(Message, world.messages("out")[0].id)
        return delivery.sealed_envelope(ctx, message)


def test_a_signed_message_is_taken_once(world: World, app: flask.Flask, sealed: tuple[bytes, str]) -> None:
    raw, signature = sealed
    client = app.test_client()
    headers = {"X-Lianban-Signature": signature}
    first = client.post(PATH, data=raw, content_type="application/json", headers=headers)
    assert first.status_code == 202, first.text
    assert first.json is not None
    assert first.json["state"] == "delivered"
    again = client.post(PATH, data=raw, content_type="application/json", headers=headers)
    assert (again.status_code, again.json) == (200, first.json)
    assert world.count("legs") == 2


def test_altered_unsigned_and_unreadable_messages_are_refused(
    world: World, app: flask.Flask, sealed: tuple[bytes, str]
) -> None:
    raw, signature = sealed
    client = app.test_client()
    headers = {"X-Lianban-Signature": signature}
    altered = raw.replace("投靠父母".encode(), "投靠子女".encode())
    assert altered != raw
    answer = client.post(PATH, data=altered, content_type="application/json", headers=headers)
    assert_problem(answer, 403, "bad-signature")
    assert_problem(client.post(PATH, data=raw, content_type="application/json"), 401, "signature-missing")
    answer = client.post(PATH, data=b"{}", content_type="application/json", headers=headers)
    assert answer.status_code in {400, 422}
    assert_problem(
        client.post(PATH, data=raw, content_type="text/plain", headers=headers), 415, "unsupported-media-type"
    )
    assert world.count("legs") == 1
