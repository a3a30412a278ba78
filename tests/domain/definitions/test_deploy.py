"""Models are checked against the platform, deployed as versions that never change, drafted without lost updates."""

import threading

import pytest

from domain.actors import SYSTEM
from domain.definitions import service as definitions
from domain.definitions.errors import BadKey, DefinitionRefused, DraftConflict
from domain.errors import Forbidden
from tests.support import models
from tests.support.world import ITEM, World


def test_the_same_model_again_is_no_new_version(world: World) -> None:
    first = world.deploy(models.simple())
    assert world.deploy(models.simple()) == first
    assert world.deploy(models.simple(deadline="approve")) != first
    with world.platform.transaction(SYSTEM) as ctx:
        latest = definitions.find_latest(ctx, ITEM)
        assert latest is not None
        assert latest.version == 2


def test_running_cases_keep_their_version_and_new_ones_take_the_new(world: World) -> None:
    first = world.deploy(models.simple())
    old = world.submit(subject="a")
    second = world.deploy(models.simple().replace(b'role="main"', b'role="main" ', 1).replace(b"PT4H", b"PT6H"))
    new = world.submit(subject="b")
    assert (old.definition_id, new.definition_id) == (first, second)
    world.complete("clerk", "review", "RETURN")
    assert {leg.definition_id for leg in (old, new)} == {first, second}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b'formId="test-form"', b'formId="no-form"', "formUnknown"),
        (b'"APPROVER"', b'"EMPEROR"', "roleUnknown"),
        (b'code="ACCEPTED"', b'code="AKZEPTIERT"', "statusUnknown"),
        (b'<lianban:result code="0"/>', b'<lianban:result code="9"/>', "resultUnknown"),
        (b'policy="precheck"', b'policy="nonsense"', "policyUnknown"),
        (b'from="review"', b'from="nobody"', "separationUnknown"),
        (b'source="test-yanshan-police"', b'source="no-such-site"', "siteUnresolvable"),
        (b'<lianban:status code="RECEIVED"', b'<lianban:document code="XXXX"', "documentUnknown"),
    ],
)
def test_what_does_not_resolve_is_refused_with_element_and_hint(
    world: World, old: bytes, new: bytes, rule: str
) -> None:
    source = models.simple().replace(old, new)
    assert source != models.simple()
    with pytest.raises(DefinitionRefused) as refused:
        world.deploy(source)
    found = [row for row in refused.value.findings if row["severity"] == "error"]
    assert rule in {row["rule"] for row in found}
    assert all(row["message"] and row["messageEn"] and row["hint"] for row in found)
    assert world.count("definitions") == 0


def test_a_message_without_flow_and_two_main_pools_are_refused(world: World) -> None:
    source = models.joint()
    cut = source[: source.index(b'<bpmn:messageFlow id="mf_REPLY"')] + source[source.index(b"</bpmn:collaboration>") :]
    with pytest.raises(DefinitionRefused) as refused:
        world.deploy(cut)
    assert "messageFlowMissing" in {row["rule"] for row in refused.value.findings}
    with pytest.raises(DefinitionRefused) as refused:
        world.deploy(source.replace(b'role="partner"', b'role="main"'))
    assert "mainPool" in {row["rule"] for row in refused.value.findings}


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
        b"<html/>",
        "<流程/>".encode("utf-16"),
    ],
)
def test_what_is_no_model_is_a_finding_and_never_a_crash(world: World, source: bytes) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        checked = definitions.check(ctx, source)
    assert not checked.deployable
    assert checked.findings
    with pytest.raises(DefinitionRefused):
        world.deploy(source)


def test_who_may_deploy(world: World) -> None:
    with pytest.raises(Forbidden), world.platform.transaction(world.people["clerk"]) as ctx:
        definitions.deploy(ctx, ITEM, models.simple())
    with pytest.raises(BadKey), world.platform.transaction(SYSTEM) as ctx:
        definitions.deploy(ctx, "Not A Key", models.simple())


def test_drafts_are_not_lost(world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        assert definitions.save_draft(ctx, "new-one", "草稿", b"<a/>", revision=None).revision == 1
        assert definitions.save_draft(ctx, "new-one", "草稿", b"<b/>", revision=1).revision == 2
    for stale in (None, 1):
        with pytest.raises(DraftConflict), world.platform.transaction(SYSTEM) as ctx:
            definitions.save_draft(ctx, "new-one", "草稿", b"<c/>", revision=stale)
    with world.platform.transaction(SYSTEM) as ctx:
        definitions.discard_draft(ctx, "new-one")


def test_of_two_who_create_a_draft_at_once_one_is_told(world: World) -> None:
    answers: list[str] = []

    def save() -> None:
        try:
            with world.platform.transaction(SYSTEM) as ctx:
                definitions.save_draft(ctx, "new-one", "草稿", b"<a/>", revision=None)
            answers.append("saved")
        except DraftConflict:
            answers.append("told")

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["saved", "told"]


def test_identical_forms_are_no_new_version(world: World) -> None:
    schema = {"type": "default", "id": "other", "components": []}
    with world.platform.transaction(SYSTEM) as ctx:
        assert definitions.publish_form(ctx, "other", schema).version == 1
        assert definitions.publish_form(ctx, "other", schema).version == 1
        assert definitions.publish_form(ctx, "other", schema | {"x": 1}).version == 2
