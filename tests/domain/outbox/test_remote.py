"""Two deployments: each case lives at its own, messages go over HTTP, signed; silence is an incident, never consent."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest
from sqlalchemy import select, text

from bootstrap.container import Platform, make_sql_engine
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.audit import anchors
from domain.audit import keys as audit_keys
from domain.audit.models import AuditAnchor, AuditEvent
from domain.cases import queries
from domain.cases import service as cases
from domain.evidence import package, verifier
from domain.evidence.rights import grant_of
from domain.inbox import service as inbox
from domain.sites import keys
from domain.sites.models import FormerSiteKey, Site
from domain.trust import countersigning, key_change, notes, receiving
from domain.trust.errors import NoteRefused, NoteUnreadable
from domain.trust.models import Countersignature, ForeignAnchor
from scheduler import jobs
from tests.support import models
from tests.support.databases import copied
from tests.support.powercut import Cut, NodeDied, Where, cutting, fingerprint
from tests.support.world import World

pytestmark = [pytest.mark.network, pytest.mark.slow]


@dataclass
class Exchange:
    """A deployment's exchange address on this machine; ``is_down`` answers 503."""

    world: World
    is_down: bool = False
    lose_answer: bool = False
    seen: list[bytes] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        exchange = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                exchange.seen.append(raw)
                if exchange.is_down:
                    self.send_error(503)
                    return
                signature = self.headers["X-Lianban-Signature"]
                is_note = self.path.endswith("notes")
                with exchange.world.platform.transaction(SYSTEM) as ctx:
                    if is_note:
                        body = orjson.dumps(receiving.receive(ctx, raw, signature))
                    else:
                        receipt = inbox.receive(ctx, raw, signature)
                        told = {"messageId": receipt.message_id, "state": receipt.state, "code": receipt.code}
                        body = orjson.dumps(told)
                if exchange.lose_answer:
                    self.send_error(500)
                    return
                self.send_response(200 if is_note else 202)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def other(pg_admin_url: str, settings: Settings, worker_id: str) -> Iterator[World]:
    """The partner province's deployment: a database of its own."""
    with copied(pg_admin_url, f"lianban_other_{worker_id}") as url:
        sql = make_sql_engine(settings, url)
        yield World(Platform(settings, sql)).settle()
        sql.dispose()


@pytest.fixture
def exchange(world: World, other: World) -> Iterator[tuple[Exchange, Exchange]]:
    """Here and there, each knowing the other's site by public key and address only."""
    for each in (world, other):
        each.deploy(models.joint())
    here, there = Exchange(world), Exchange(other)
    _introduce(world, other, models.PARTNER_SITE, there.address)
    _introduce(other, world, models.MAIN_SITE, here.address)
    yield here, there
    for each in (here, there):
        each.server.shutdown()
        each.server.server_close()


def _introduce(to: World, of: World, code: str, address: str) -> None:
    with of.platform.transaction(SYSTEM) as ctx:
        key = ctx.session.execute(select(Site.public_key).where(Site.code == code)).scalar_one()
    with to.platform.transaction(SYSTEM) as ctx:
        site = ctx.session.execute(select(Site).where(Site.code == code)).scalar_one()
        site.is_local, site.endpoint, site.public_key = False, address, key
        ctx.session.execute(text("delete from site_keys where site_id = :id"), {"id": site.id})


def _ask(world: World) -> None:
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    jobs.run_due(world.platform)


def test_a_case_runs_over_two_deployments(world: World, other: World, exchange: tuple[Exchange, Exchange]) -> None:
    del exchange
    _ask(world)
    assert list(world.legs()) == ["P_main"]
    assert list(other.legs()) == ["P_partner"]
    assert other.case().application == {}
    assert other.case().collab_no == world.case().collab_no
    other.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(other.platform)
    assert world.open_tasks() == ["finish"]
    assert {work.state for work in world.work("message.ack")} == {"cancelled"}
    world.complete("clerk", "finish")


def test_a_lost_answer_leads_to_one_effect(world: World, other: World, exchange: tuple[Exchange, Exchange]) -> None:
    _, there = exchange
    there.lose_answer = True
    _ask(world)
    there.lose_answer = False
    world.pass_time("PT2M")
    jobs.run_due(world.platform)
    assert there.seen[0] == there.seen[1]
    assert other.open_tasks() == ["work"]
    assert world.messages("out")[0].state == "acknowledged"


@pytest.mark.parametrize("where", ["statement", "after commit"])
def test_a_receiver_that_dies_while_it_takes_a_message(
    world: World, other: World, exchange: tuple[Exchange, Exchange], where: Where
) -> None:
    """At every statement nothing is left of it; after the commit, before the answer, all of it: sent again, it is one effect."""
    _, there = exchange
    there.is_down = True
    _ask(world)
    raw, signature = there.seen[0], world.messages("out")[0].signature
    before = fingerprint(other.platform.sql)
    for number in range(1, 200):
        cut = Cut(number, where, dies=True)
        with cutting(other.platform.sql, cut), suppress(NodeDied), other.platform.transaction(SYSTEM) as ctx:
            inbox.receive(ctx, raw, signature)
        if not cut.happened or where == "after commit":
            break
        assert fingerprint(other.platform.sql) == before, number
    assert cut.happened is (where == "after commit")
    assert other.open_tasks() == ["work"]
    there.is_down = False
    world.pass_time("PT2M")
    jobs.run_due(world.platform)
    assert len(there.seen) == 2, "it was sent again, for nobody had answered"
    assert world.messages("out")[0].state == "acknowledged"
    assert other.open_tasks() == ["work"]
    assert len(other.messages("in")) == 1


def test_silence_is_an_incident_and_can_be_sent_again(
    world: World, other: World, exchange: tuple[Exchange, Exchange]
) -> None:
    _, there = exchange
    there.is_down = True
    _ask(world)
    for _ in range(7):
        world.pass_time("PT4H")
        jobs.run_due(world.platform)
    assert world.work("message.deliver")[0].state == "failed"
    assert {incident.code for incident in world.incidents()} == {"message-not-acknowledged", "receiver-unreachable"}
    assert world.open_tasks() == []
    there.is_down = False
    unreachable = next(each for each in world.incidents() if each.code == "receiver-unreachable")
    with world.platform.transaction(SYSTEM) as ctx:
        cases.retry_incident(ctx, unreachable.id)
    jobs.run_due(world.platform)
    assert other.open_tasks() == ["work"]
    assert world.incidents() == []


def _site(world: World, code: str) -> Site:
    with world.platform.transaction(SYSTEM) as ctx:
        return ctx.session.scalars(select(Site).where(Site.code == code)).one()


def test_a_site_changes_its_key_while_messages_are_on_their_way(
    world: World, other: World, exchange: tuple[Exchange, Exchange]
) -> None:
    _, there = exchange
    old = _site(world, models.MAIN_SITE).public_key
    there.is_down = True
    _ask(world)  # signed with the old key, not delivered
    with world.platform.transaction(SYSTEM) as ctx:
        site = ctx.session.scalars(select(Site).where(Site.code == models.MAIN_SITE)).one()
        assert key_change.begin(ctx, site).next_key is not None
    jobs.run_due(world.platform)
    assert _site(world, models.MAIN_SITE).public_key == old, "nobody knows the next key yet"
    there.is_down = False
    world.pass_time("PT2M")
    there.lose_answer = True
    jobs.run_due(world.platform)
    there.lose_answer = False
    world.pass_time("PT10M")
    jobs.run_due(world.platform)
    new = _site(world, models.MAIN_SITE).public_key
    assert new != old
    assert _site(other, models.MAIN_SITE).public_key == new
    assert other.open_tasks() == ["work"], "what was signed before the change was taken after it"
    with other.platform.transaction(SYSTEM) as ctx:
        assert [row.public_key for row in ctx.session.scalars(select(FormerSiteKey))] == [old]
    other.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(other.platform)
    assert world.open_tasks() == ["finish"]
    world.complete("clerk", "finish")
    with world.platform.transaction(world.people["approver"]) as ctx:
        frame = queries.get_frame(ctx, world.case().case_no)
        packed = package.export(ctx, frame, grant_of(ctx.actor, frame, "7"))
    assert verifier.verify(packed)["events"], "messages under the former key are still proved"


def test_a_key_that_nobody_proves_or_that_was_retired_is_refused(
    world: World, other: World, exchange: tuple[Exchange, Exchange]
) -> None:
    _, there = exchange
    with world.platform.transaction(SYSTEM) as ctx:
        key_change.begin(ctx, ctx.session.scalars(select(Site).where(Site.code == models.MAIN_SITE)).one())
    first = _site(world, models.MAIN_SITE).public_key
    jobs.run_due(world.platform)
    note = there.seen[-1]
    with world.platform.transaction(SYSTEM) as ctx:
        site = ctx.session.scalars(select(Site).where(Site.code == models.MAIN_SITE)).one()
        forged = note.replace(b'"key":"', b'"key":"A')
        for raw, signature in ((forged, keys.sign(ctx, site.id, forged)), (note, "AAAA")):
            with pytest.raises((NoteRefused, NoteUnreadable)), other.platform.transaction(SYSTEM) as there_ctx:
                receiving.receive(there_ctx, raw, signature)
        key_change.begin(ctx, site)
    jobs.run_due(world.platform)
    assert _site(other, models.MAIN_SITE).public_key not in {first, None}
    with other.platform.transaction(SYSTEM) as ctx:
        assert len(ctx.session.scalars(select(FormerSiteKey)).all()) == 2


def test_partners_countersign_anchors_and_notice_a_record_made_anew(
    world: World, other: World, exchange: tuple[Exchange, Exchange]
) -> None:
    _, there = exchange
    _ask(world)
    day = timedelta(days=1)
    with world.platform.transaction(SYSTEM) as ctx:
        anchor = anchors.take(ctx, wait=True)
        assert anchor is not None
        assert countersigning.ask(ctx, day) == 1
        assert countersigning.ask(ctx, day) == 0, "once a period"
    jobs.run_due(world.platform)
    with other.platform.transaction(SYSTEM) as ctx:
        assert [row.number for row in ctx.session.scalars(select(ForeignAnchor))] == [anchor.number]
    with world.platform.transaction(world.people["approver"]) as ctx:
        frame = queries.get_frame(ctx, world.case().case_no)
        packed = package.export(ctx, frame, grant_of(ctx.actor, frame, "7"))
    told = verifier.verify(packed)
    assert [(each["by"], each["number"]) for each in told["countersigned"]] == [(models.PARTNER_SITE, anchor.number)]
    files = dict(verifier.read_container(packed))
    signed = files["anchors/countersignatures.jsonl"]
    for change in (
        signed.replace(b'"number":', b'"number":9', 1),
        signed.replace(models.PARTNER_SITE.encode(), b"nobody"),
    ):
        entries = [(name, change if name.endswith("countersignatures.jsonl") else raw) for name, raw in files.items()]
        with pytest.raises(verifier.Broken, match="countersignatures"):
            verifier.verify(verifier.write_container(entries))
    note = there.seen[-1]
    with world.platform.transaction(SYSTEM) as ctx:  # another statement of the same number, properly signed
        row = ctx.session.scalars(select(AuditAnchor).where(AuditAnchor.number == anchor.number)).one()
        key = audit_keys.current_key(ctx)
        statement = bytes(row.statement).replace(b'"leaves":', b'"leaves":1')
        content = orjson.loads(note)["content"] | {
            "statement": statement.decode(),
            "signature": audit_keys.sign(key, statement).hex(),
        }
        site, partner = (_site(world, code) for code in (models.MAIN_SITE, models.PARTNER_SITE))
        raw = notes.write(ctx, countersigning.KIND, site, partner, content)
        signature = keys.sign(ctx, site.id, raw)
        same = keys.sign(ctx, site.id, note)
    with other.platform.transaction(SYSTEM) as ctx:
        assert receiving.receive(ctx, raw, signature)["state"] == "contradicts"
        assert receiving.receive(ctx, note, same)["state"] == "countersigned"
    with other.platform.transaction(SYSTEM) as ctx:
        kinds = ctx.session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.like("anchor.%"))).all()
    assert sorted(kinds) == ["anchor.contradicted", "anchor.countersigned-for"]
    with world.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(Countersignature.signature)).one()
