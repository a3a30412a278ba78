"""Broken models, decisions, messages, drafts and files: each is refused or taken, none breaks the server or holds it up."""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import flask
import pytest
import structlog
from sqlalchemy import text
from werkzeug.test import TestResponse

from bootstrap.settings import ROOT
from domain.actors import SYSTEM
from domain.outbox import delivery
from domain.outbox.models import Message
from domain.sites import keys
from forms import definitions
from forms.errors import FormsError
from tests.api.browser import Browser
from tests.api.conftest import *  # noqa: F403 -- the fixtures of the API's tests
from tests.contract import mutating
from tests.support import models
from tests.support.world import APPLICATION, ITEM, World

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "15"))
"""Broken documents of each sort; more of them for a night: FUZZ_ROUNDS=5000 make test-python T=tests/contract/test_fuzz.py."""
LONGEST_SECONDS = 20.0
"""CPU of this process for one answer; the engine's and the kernel's own limits stop them long before."""
MODELS = sorted((ROOT / "workflows").glob("*/*.bpmn"))
FORMS = sorted((ROOT / "workflows").glob("*/forms/*"))[::6]
DECISIONS = sorted((ROOT / "tests" / "vectors" / "dmn-tck").rglob("*.dmn"))[::12]
FILES = {
    "a.pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "a.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00",
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


def judged(answer: TestResponse, began: float) -> None:
    assert answer.status_code < 500, answer.text
    assert time.process_time() - began < LONGEST_SECONDS
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["code"] != "internal-error"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_broken_models(path: Path, log_in: Callable[[str], Browser]) -> None:
    designer = log_in("designer")
    sound = path.read_bytes()
    for seed in range(ROUNDS):
        broken = mutating.xml_of(sound, seed) if seed % 4 else mutating.bytes_of(sound, seed)
        began = time.process_time()
        judged(designer.post("/definitions/check", {"xml": broken.decode("utf-8", "replace")}), began)


def test_broken_decisions(log_in: Callable[[str], Browser]) -> None:
    designer = log_in("designer")
    for seed in range(ROUNDS):
        sound = DECISIONS[seed % len(DECISIONS)].read_bytes()
        broken = mutating.xml_of(sound, seed) if seed % 4 else mutating.bytes_of(sound, seed)
        began = time.process_time()
        judged(designer.post("/decisions/check", {"xml": broken.decode("utf-8", "replace")}), began)


def test_broken_messages_of_a_known_sender(world: World, app: flask.Flask) -> None:
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    client = app.test_client()
    with world.platform.transaction(SYSTEM) as ctx:
        message = ctx.session.get_one(Message, world.messages("out")[0].id)
        sound, _ = delivery.sealed_envelope(ctx, message)
        sender = ctx.session.execute(
            text("select id from sites where code = :code"), {"code": models.MAIN_SITE}
        ).scalar_one()
    for seed in range(ROUNDS):
        bent = json.dumps(mutating.json_of(json.loads(sound), seed)).encode()
        broken = bent if seed % 4 else mutating.bytes_of(sound, seed)
        with world.platform.transaction(SYSTEM) as ctx:
            signature = keys.sign(ctx, sender, broken)
        began = time.process_time()
        judged(
            client.post(
                "/api/v1/exchange/messages", data=broken, content_type="application/json",
                headers={"X-Lianban-Signature": signature},
            ),
            began,
        )  # fmt: skip
    assert world.count("cases") == 1


def test_broken_applications_and_drafts(world: World, log_in: Callable[[str], Browser]) -> None:
    world.deploy(models.joint())
    applicant = log_in("applicant")
    sound = {"itemCode": ITEM, "data": dict(APPLICATION), "materials": {}, "revision": None}
    for seed in range(ROUNDS):
        broken = mutating.json_of(sound, seed)
        began = time.process_time()
        body = {"data": json.dumps(broken), "content_type": "application/json"}
        judged(applicant.post("/applications", **body), began)
        judged(applicant.put(f"/items/{ITEM}/draft", **body), began)


def test_broken_models_are_tried(log_in: Callable[[str], Browser]) -> None:
    """What passes the check after all is run: a start, and whatever the engine does by itself."""
    designer = log_in("designer")
    sound = models.simple()
    started = 0
    for seed in range(ROUNDS):
        source = mutating.xml_of(sound, seed).decode("utf-8", "replace")
        began = time.process_time()
        made = designer.post("/trials", {"resources": [{"name": "a.bpmn", "content": source}]})
        judged(made, began)
        if made.status_code == 201 and made.json is not None:
            run = designer.post(f"/trials/{made.json['id']}/instances", {"processId": "main", "variables": {}})
            judged(run, began)
            started += run.status_code == 201
            designer.send("DELETE", f"/trials/{made.json['id']}")
    assert started, "no broken model was sound enough to run: nothing is shown"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_broken_forms(world: World, path: Path) -> None:
    kernel = world.platform.forms
    sound = json.loads(path.read_text(encoding="utf-8"))
    for seed in range(ROUNDS):
        source = (
            json.dumps(mutating.json_of(sound, seed)).encode()
            if seed % 4
            else mutating.bytes_of(path.read_bytes(), seed)
        )
        began = time.process_time()
        try:
            definitions.load(kernel, source)
        except FormsError as error:
            assert error.code  # noqa: PT017 -- the fact is named
        assert time.process_time() - began < LONGEST_SECONDS


def test_broken_files(log_in: Callable[[str], Browser]) -> None:
    applicant = log_in("applicant")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as ofd:
        ofd.writestr("OFD.xml", "<ofd/>")
        ofd.writestr("Doc_0/Document.xml", "<d/>" * 100)
    sound = [*FILES.items(), ("a.ofd", archive.getvalue())]
    for seed in range(ROUNDS):
        name, content = sound[seed % len(sound)]
        broken = mutating.bytes_of(content, seed)
        name = name if seed % 3 else mutating.ODD_TEXTS[seed % (len(mutating.ODD_TEXTS) - 1)] + name
        began = time.process_time()
        judged(
            applicant.post("/files", data={"file": (io.BytesIO(broken), name)}, content_type="multipart/form-data"),
            began,
        )
