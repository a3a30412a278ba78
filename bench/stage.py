"""What benches run on: a database of their own with a site, people and a small model, a web server, the CPU of all of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection  # noqa: TID251 -- the bench is a client
from pathlib import Path

import psutil
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bench.load import PASSWORD
from bootstrap.container import Platform
from bootstrap.logging import configure_logging
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import ROOT, Settings
from domain.actors import SYSTEM, Role
from domain.cases import runtime
from domain.cases.runtime import NewCase
from domain.context import Context
from domain.definitions import service as definitions
from domain.identity import service as identity
from domain.items.models import Item
from domain.sites import service as sites
from domain.sites.models import Site

ITEM = "bench-item"
SITE = "bench-site"
FORM = {
    "type": "default",
    "id": "bench-form",
    "components": [{"type": "textfield", "id": "Field_note", "key": "note", "label": "意见"}],
}


def process(id: str, accept: str, refuse: str, rest: str) -> bytes:
    """A model of the bench's site: a review with two actions, and the ``rest`` of the process."""
    return f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lianban="https://lianban.org/schema/bpmn/1.0"
 id="{id}" targetNamespace="bench">
 <bpmn:collaboration id="c"><bpmn:participant id="pool" name="办理机构" processRef="main">
  <bpmn:extensionElements><lianban:site role="main" source="bench-site"/></bpmn:extensionElements>
 </bpmn:participant></bpmn:collaboration>
 <bpmn:process id="main" isExecutable="true">
  <bpmn:startEvent id="start"/>
  <bpmn:userTask id="review" name="审查"><bpmn:extensionElements>
   <zeebe:userTask/><zeebe:formDefinition formId="bench-form"/>
   <zeebe:assignmentDefinition candidateGroups="RECV_CLERK"/><lianban:deadline policy="precheck"/>
   <lianban:actions><lianban:action value="ACCEPT" name="{accept}"/><lianban:action value="REFUSE" name="{refuse}"/></lianban:actions>
   <zeebe:ioMapping><zeebe:output source="=action" target="decision"/></zeebe:ioMapping>
  </bpmn:extensionElements></bpmn:userTask>
{rest}
 </bpmn:process></bpmn:definitions>""".encode()


MODEL = process(
    "bench",
    "同意",
    "不同意",
    """  <bpmn:boundaryEvent id="late" attachedToRef="review" cancelActivity="false">
   <bpmn:timerEventDefinition id="t"><bpmn:timeDuration>PT4H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:endEvent id="reminded"/>
  <bpmn:scriptTask id="count" name="计算"><bpmn:extensionElements>
   <zeebe:script expression="=sum([1, 2, 3])" resultVariable="total"/></bpmn:extensionElements></bpmn:scriptTask>
  <bpmn:exclusiveGateway id="decided" default="toEnd"/>
  <bpmn:userTask id="approve" name="审批"><bpmn:extensionElements>
   <zeebe:userTask/><zeebe:formDefinition formId="bench-form"/>
   <zeebe:assignmentDefinition candidateGroups="APPROVER"/><lianban:separation from="review"/>
  </bpmn:extensionElements></bpmn:userTask>
  <bpmn:endEvent id="done"><bpmn:extensionElements><lianban:result code="0"/></bpmn:extensionElements></bpmn:endEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
  <bpmn:sequenceFlow id="f2" sourceRef="late" targetRef="reminded"/>
  <bpmn:sequenceFlow id="f3" sourceRef="review" targetRef="count"/>
  <bpmn:sequenceFlow id="f4" sourceRef="count" targetRef="decided"/>
  <bpmn:sequenceFlow id="toApprove" sourceRef="decided" targetRef="approve">
   <bpmn:conditionExpression>=decision = "ACCEPT" and total = 6</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="toEnd" sourceRef="decided" targetRef="done"/>
  <bpmn:sequenceFlow id="f5" sourceRef="approve" targetRef="done"/>""",
)


def prepare(ctx: Context) -> None:
    """A site, two people, the item, its form and model."""
    sites.register_regions(ctx, [("530000", "云南省", None), ("532622", "砚山县", "530000")])
    site = sites.register_site(ctx, SITE, "532622", "police", "测试机构", "测试")
    for login, role in (("reviewer", Role.RECV_CLERK), ("approver", Role.APPROVER)):
        person = identity.register_user(ctx, login, login, PASSWORD)
        identity.grant(ctx, person, role, ctx.session.get_one(Site, site.id))
    identity.register_user(ctx, "applicant", "applicant", PASSWORD, is_applicant=True)
    ctx.session.add(Item(code=ITEM, no=99, name="测试", name_en="Bench", mode="joint", definition_key=ITEM, sheet={}))
    ctx.session.flush()
    definitions.publish_form(ctx, "bench-form", FORM)
    definitions.deploy(ctx, ITEM, MODEL)


def open_case(platform: Platform, item: str = ITEM) -> str:
    """A new case; the id of its first task."""
    with platform.transaction(SYSTEM) as ctx:
        leg = runtime.open_case(ctx, NewCase(item, {"name": "测试"}, None))
        assert leg.advance is not None
        return leg.advance.opened_tasks[0].id


@contextmanager
def as_administrator(cluster: Cluster) -> Iterator[Connection]:
    """A connection that no policy binds and that keeps the house: the platform's own role sees nothing unless told who asks."""
    engine = create_engine(cluster.url(admin=True), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def settle(connection: Connection) -> None:
    """After a fill: as autovacuum and the checkpointer would have done in time, instead of while something is measured."""
    connection.execute(text("vacuum (analyze)"))
    connection.execute(text("checkpoint"))


def cpu_seconds(home: Path) -> float:
    """CPU time so far of our child processes and of those that name the run's folder."""
    named = [each for each in psutil.process_iter() if str(home) in " ".join(command_of(each))]
    family = {each.pid: each for root in named for each in [root, *root.children(recursive=True)]}
    family |= {each.pid: each for each in psutil.Process().children(recursive=True)}
    return sum(cpu_of(each) for each in family.values())


def command_of(process: psutil.Process) -> list[str]:
    """How a process was called; empty when it is gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def cpu_of(process: psutil.Process) -> float:
    """Its CPU seconds so far; none when it is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


@contextmanager
def served(home: Path, url: str, workers: int) -> Iterator[int]:
    """A web server on a free port of 127.0.0.1 until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LIANBAN_HOME": str(home),
        **{f"LIANBAN_{name}_RATE": "off" for name in ("READ", "WRITE", "SEARCH", "APPLY", "ADDRESS")},
        "LIANBAN_DATABASE_URL": url,
        "LIANBAN_PORT": str(port),
        "LIANBAN_WEB_WORKERS": str(workers),
        "LIANBAN_LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen([sys.executable, "-m", "bootstrap.cli", "web"], env=environment)
    try:
        ready = time.monotonic() + 120
        while time.monotonic() < ready:
            try:
                connection = HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/api/v1/session")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def prepared(home: Path) -> Iterator[tuple[Platform, Cluster]]:
    """A database with tables, people and the model, until the end of the block."""
    configure_logging(style="json", level="ERROR")
    cluster = Cluster(home / "pg")
    cluster.start()
    platform = None
    try:
        url = cluster.url()
        sql = create_engine(url)
        with sql.begin() as connection:
            migrate(connection)
        sql.dispose()
        platform = Platform.open(Settings(home=home, pool_size=10, database_url=url), url=url)
        with platform.transaction(SYSTEM) as ctx:
            prepare(ctx)
        yield platform, cluster
    finally:
        if platform is not None:
            platform.close()
        cluster.destroy()
