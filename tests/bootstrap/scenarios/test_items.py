"""Scenarios of an item: on the real platform, in a world that is thrown away."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, select, text

from bootstrap.container import Platform
from bootstrap.errors import BadInput
from bootstrap.scenarios import gate, reports, world
from bootstrap.scenarios.faults import ScenarioFailed, ScenarioUnreadable
from bootstrap.scenarios.outcomes import Outcome
from bootstrap.scenarios.running import run
from bootstrap.scenarios.world import NotThrowAway, World
from bootstrap.settings import ROOT, Settings
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.base import get_seal
from tests.support import models
from tests.support.world import World as SmallWorld

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
ITEM = "hukou-join-parents"
SCRATCH = f"lianban_test_{os.getpid()}"
HEAD = f"item: {ITEM}\nuse: shared.fragment.yaml\nscenarios:\n"
FAILING = """  - scenario: 期望落空
    steps:
      - complete: precheck PASS
        expect:
          status: ACCEPTED
          tasks: [acceptance@moveOut]
  - scenario: 任务、文书、报文、标记
    steps:
      - expect:
          tasks: [precheck@shunde, resubmit]
          documents: [{code: SJPZ, contains: [x]}]
          noTasks: [precheck]
          messages: [MOVE_OUT_REQUEST]
          flags: [GAP]
          legs: {moveOut: {status: X}}
          clocks: {statutory: running}
          registrations: {岑小雨: {yanshan: ACTIVE}}
          certificates: {move-in-permit: ISSUED}
          variables: {precheck.action: PASS}
          path: [precheck, acceptance]
          holds: [case.status = "ACCEPTED"]
          signals: [x]
  - scenario: 被拒绝而没有料到
    steps:
      - complete: {task: precheck, action: PASS, by: yanshan.approver}
  - scenario: 应当被拒绝却办成了
    steps:
      - complete: precheck PASS
        refused: not-your-task
  - scenario: 拒绝的原因不同
    steps:
      - complete: {task: precheck, action: PASS, by: yanshan.approver}
        refused: {code: form-rejected, at: /data/x, says: [没说的话]}
  - scenario: 没有这个人、任务、机构、步骤
    steps:
      - complete: {task: precheck, action: PASS, by: nobody.clerk}
  - scenario: 没有这个任务
    steps:
      - complete: signIn SIGN
  - scenario: 没有这个地方
    steps:
      - expect: {tasks: [precheck@moon]}
  - scenario: 申请没有通过
    given: {data: {movers: []}}
    steps:
      - expect: {status: SUBMITTED}
  - scenario: 表达式写错了
    given: {data: {applicantName: "=people."}}
    steps:
      - expect: {status: SUBMITTED}
"""
PASSING = """  - scenario: 自己的机构、人员和日历
    clock: 2026-03-02T09:30
    given:
      applicant: newcomer
      data:
        applicantName: =people.newcomer.name
        applicantIdNo: =people.newcomer.idNo
        applicantMobile: =people.newcomer.mobile
        targetName: =people.newcomer.name
        targetIdNo: =people.newcomer.idNo
        movers: [{name: 测小孩, idNo: =child.测小孩.idNo, sex: =child.测小孩.sex, ethnic: "01", relToApplicant: "30", relToTarget: DAUGHTER}]
    steps:
      - complete: precheck PASS
        expect: {due: {acceptance: 2026-03-10}}
      - complete: {task: acceptance, action: ACCEPT, by: clerk2@moveIn}
        expect: {registrations: {测小孩: {shunde: ACTIVE}}}
  - scenario: 前一个场景没有留下任何东西
    steps:
      - expect: {tasks: [precheck], registrations: {测小孩: {shunde: ACTIVE}}}
"""
EXTERNAL = """  - scenario: 证明由外部系统签发
    steps:
      - complete: precheck PASS
      - complete: acceptance ACCEPT
      - complete: investigation PROPOSE_GRANT
      - complete: approval APPROVE
        expect: {jobs: [issuePermit]}
      - job: {element: province.permit, fails: register-closed}
        expect: {incidents: [issuePermit], jobs: []}
      - retry: issuePermit
      - job: {element: issuePermit, result: {number: P-1, validUntil: 2026-04-01}}
        expect: {jobs: [], path: [issuePermit, dispatch], holds: ['=main.permit.number = "P-1"']}
  - scenario: 没有等待的外部系统
    steps:
      - job: {element: province.permit, result: {number: P-2}}
"""
WORLD = """world:
  applicants: [{login: newcomer, name: 测新来, region: "532622", birth: 1990-05-06}]
  registered: [{name: 测小孩, region: "440606", birth: 2019-09-01, site: 440606-police, address: 演示路2号}]
  calendar: [{region: "532622", day: 2026-03-04, work: false}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / ITEM
    shutil.copytree(ROOT / "workflows" / ITEM, made, ignore=shutil.ignore_patterns("*.scenario.yaml"))
    return made


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, pg_admin_url: str, settings: Settings) -> dict[str, list[Outcome]]:
    """Three files in one world: outcomes by file."""
    made = tmp_path_factory.mktemp("played") / ITEM
    shutil.copytree(ROOT / "workflows" / ITEM, made, ignore=shutil.ignore_patterns("*.scenario.yaml"))
    (made / "failing.scenario.yaml").write_text(HEAD + FAILING, encoding="utf-8")
    (made / "keys.scenario.yaml").write_text(HEAD + FAILING.replace("          signals: [x]\n", ""), encoding="utf-8")
    model = made / f"{ITEM}.bpmn"
    outside = model.read_text(encoding="utf-8").replace('type="certificate.issue"', 'type="province.permit"')
    model.write_text(outside, encoding="utf-8")
    (made / "external.scenario.yaml").write_text(HEAD + EXTERNAL, encoding="utf-8")
    (made / "own.scenario.yaml").write_text(WORLD + HEAD + PASSING, encoding="utf-8")
    seal = get_seal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.secrets, "token_hex", lambda _: SCRATCH.removeprefix("lianban_test_"))
        results = run(settings, [made], server=pg_admin_url)
    assert get_seal() is seal
    return {file.name.partition(".")[0]: outcomes for file, outcomes in reports.by_file(results.outcomes).items()}


@pytest.fixture
def empty_url(pg_admin_url: str, worker_id: str) -> Iterator[str]:
    name = f"lianban_gate_{worker_id}"
    admin = create_engine(pg_admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield pg_admin_url.rsplit("/", 1)[0] + "/" + name
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


def places_of(outcome: Outcome) -> list[str]:
    assert outcome.failure is not None
    return [place for _, place, _ in outcome.failure.places()]


def test_each_way_to_fail_says_what_was_there(played: dict[str, list[Outcome]]) -> None:
    outcomes = played["failing"]
    told = ["\n".join(reports.failure_of(outcome)) for outcome in outcomes]
    assert [outcome.passed for outcome in outcomes] == [False] * 10
    assert "failing.scenario.yaml:8: expect.status" in told[0]
    assert "预期 expected: ACCEPTED\n    实际 found:    RECEIVED" in told[0]
    assert "没有“moveOut”这个机构或泳池" in told[0]
    assert "signals: for plain processes only" in told[1]
    assert places_of(outcomes[1]) == ["expect"]
    assert "[not-your-task]" in told[2]
    assert "should have been refused" in told[3]
    assert places_of(outcomes[4]) == ["refused.code", "refused.at", "refused.says"]
    assert "没有人员“nobody.clerk”" in told[5]
    assert "There is no open task 'signIn'; open: precheck." in told[6]
    assert "no site or pool 'moon'" in told[7]
    assert "/data/movers" in told[8]
    assert "=people." in told[9]


def test_what_another_system_does_is_said_by_a_step(played: dict[str, list[Outcome]]) -> None:
    done, missing = played["external"]
    assert done.passed, reports.failure_of(done)
    assert not missing.passed
    assert "waiting: 无 nothing" in "\n".join(reports.failure_of(missing))


def test_every_key_is_looked_at(played: dict[str, list[Outcome]]) -> None:
    assert places_of(played["keys"][1]) == [
        "expect.tasks",
        "expect.documents[1]",
        "expect.noTasks",
        "expect.messages",
        "expect.flags",
        "expect.legs.moveOut",
        "expect.clocks.statutory",
        "expect.registrations.岑小雨",
        "expect.certificates.move-in-permit",
        "expect.variables.precheck.action",
        "expect.path",
        "expect.holds[1]",
    ]


def test_a_world_of_its_own_that_leaves_nothing_behind(played: dict[str, list[Outcome]], pg_admin_url: str) -> None:
    assert ["\n".join(reports.failure_of(each)) for each in played["own"]] == ["", ""]
    admin = create_engine(pg_admin_url, poolclass=NullPool)
    with admin.connect() as connection:
        left = connection.execute(text("select datname from pg_database where datname = :name"), {"name": SCRATCH})
        assert left.all() == []


def test_an_item_without_a_model_here(tmp_path: Path, folder: Path, pg_admin_url: str, settings: Settings) -> None:
    (folder / "a.scenario.yaml").write_text(
        "item: nothing\nscenario: x\nsteps: [{expect: {ended: true}}]\n", encoding="utf-8"
    )
    with pytest.raises(ScenarioUnreadable) as refused:
        run(settings, [tmp_path], server=pg_admin_url)
    assert "has no deployed model" in refused.value.faults[0].en


def test_a_database_with_cases_is_never_used(platform: Platform, settings: Settings) -> None:
    small = SmallWorld(platform).settle()
    small.deploy(models.simple())
    small.submit()
    with pytest.raises(NotThrowAway):
        World(settings, platform.sql).make()


def test_a_failing_scenario_refuses_the_deployment(folder: Path, empty_url: str, settings: Settings) -> None:
    (folder / "a.scenario.yaml").write_text(
        HEAD
        + "  - scenario: 预审后即受理\n    steps:\n      - complete: precheck PASS\n        expect: {status: ACCEPTED}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioFailed) as refused:
        gate.require_passing(settings, [folder / f"{ITEM}.bpmn"], database=empty_url)
    assert "预期 expected: ACCEPTED" in refused.value.fact_zh
    assert "--no-test" in refused.value.next_en
    (folder / "a.scenario.yaml").unlink()
    assert gate.require_passing(settings, [folder], database=empty_url) is None


def test_deploying_without_tests_needs_a_reason_that_is_kept(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        with pytest.raises(BadInput):
            gate.record_untested(ctx, ["x"], "  ")
        gate.record_untested(ctx, ["x", "x"], "紧急修正")
        kept = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "definition.untested")).one()
        assert kept.data == {"keys": ["x"], "reason": "紧急修正"}
