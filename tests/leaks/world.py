"""The world of the walk: six cases of two items at seven sites in several states, everybody who might look, and their marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
from sqlalchemy import select, text

from api.app import create_app
from api.limits import Buckets, Rate
from bootstrap.demo.people import PASSWORD, DemoApplicant
from domain.actors import SYSTEM, Role
from domain.applications import service as applications
from domain.cases.models import Case, Leg, Task
from domain.channels import people as channels
from domain.clients import service as clients
from domain.deadlines import ladder
from domain.documents.models import Document
from domain.identity import delegations
from domain.identity import service as identity
from domain.identity.models import User
from domain.materials import service as materials
from domain.outbox.models import Message
from domain.partners import contacts
from domain.secrets import service as secrets
from domain.sites import service as sites
from domain.tasks import service as tasks
from tests.api.browser import Browser
from tests.leaks.cases import MOVE_ITEM, SAFETY_ITEM, Move, Safety, Thing, paper
from tests.leaks.marks import Ledger, Mark, Mint
from tests.support.household import ACCEPT, INVESTIGATE, PRECHECK
from tests.support.safety import ACCEPT as SAFETY_ACCEPT
from tests.support.safety import PRECHECK as SAFETY_PRECHECK
from tests.support.safety import REVIEW
from tests.support.scene import Scene

YANSHAN, SHUNDE, YOUJIANG, PUDONG = "532622-police", "440606-police", "451002-police", "310115-police"
YUNNAN, GUANGXI = "530000-water", "450000-water"
STAFF: dict[str, tuple[str, str]] = {
    **{f"yanshan.{desk}": (YANSHAN, role) for desk, role in
       (("clerk", "RECV_CLERK"), ("handler", "HANDLER"), ("approver", "APPROVER"), ("liaison", "LIAISON"), ("admin", "SITE_ADMIN"))},
    **{f"shunde.{desk}": (SHUNDE, role) for desk, role in
       (("clerk", "RECV_CLERK"), ("handler", "HANDLER"), ("approver", "APPROVER"), ("liaison", "LIAISON"), ("admin", "SITE_ADMIN"))},
    "yunnan-water.handler": (YUNNAN, "HANDLER"),
    "yunnan-water.admin": (YUNNAN, "SITE_ADMIN"),
    "guangxi-water.handler": (GUANGXI, "HANDLER"),
    "guangxi-water.liaison": (GUANGXI, "LIAISON"),
    "youjiang.approver": (YOUJIANG, "APPROVER"),
    "pudong.clerk": (PUDONG, "RECV_CLERK"),
    "pudong.admin": (PUDONG, "SITE_ADMIN"),
    "yanshan-supervision.officer": ("532622-supervision", "SUPERVISOR"),
    "shunde-supervision.officer": ("440606-supervision", "SUPERVISOR"),
    "shunde.deputy": (SHUNDE, "LIAISON"),
    "yanshan.agent": (YANSHAN, "AGENT"),
}  # fmt: skip
"""Log-in → site and role."""
PLATFORM = {"designer": "DESIGNER", "platform": "PLATFORM_ADMIN", "auditor": "AUDITOR"}
APPLICANTS = ("marked-a", "marked-b", "marked-c", "marked-d", "marked-e", "marked-f")
DELEGATE = "shunde.deputy"
"""A liaison who stands in for a handler of the site in item 2."""
EMAIL = "address of the channel"


class Unlimited(Buckets):
    """Rates are another test's matter."""

    def take(self, rate: Rate, who: str) -> None:
        del rate, who


@dataclass
class World:
    """Everything the walk needs."""

    scene: Scene
    ledger: Ledger
    mint: Mint
    app: flask.Flask
    cases: dict[str, Thing] = field(default_factory=dict)
    people: dict[str, DemoApplicant] = field(default_factory=dict)
    client_token: str = ""
    strangers: dict[str, Mapping[str, list[str]]] = field(default_factory=dict)
    """Things of persons, not of cases: log-in → values for parameters of addresses."""

    def browser(self, login: str | None) -> Browser:
        found = Browser(self.app)
        if login is None:
            found.session()
            return found
        return found.log_in(login, PASSWORD)


def build(scene: Scene) -> World:
    """Play all of it."""
    ledger = Ledger()
    world = World(scene, ledger, Mint(ledger), create_app(scene.platform, buckets=Unlimited()))
    for login in APPLICANTS:
        _register(world, login)
    _register_agent(scene)
    _old_move(world)
    scene.advance("P40D")
    _open_move(world)
    _verified_change(world)
    _reviewed_change(world)
    _fresh_move(world)
    _supplemented_move(world)
    _about_people(world)
    for thing in world.cases.values():
        _gather(world, thing)
    scene.run()
    return world


def _register(world: World, login: str) -> None:
    mint = world.mint
    name = mint.name(login, "name", "person")
    number = mint.id_no(login, "idNo", "person", 1985)
    mobile = mint.mobile(login, "mobile", "person")
    with world.scene.platform.transaction(SYSTEM) as ctx:
        hashed = ctx.session.scalars(select(User.password_hash).where(User.login == "parent")).one()
        person = {"idNo": number, "mobile": mobile}
        identity.register_user(ctx, login, name, PASSWORD, is_applicant=True, person=person, password_hash=hashed)
    mint.known(login, "password hash", "secret", [hashed])
    world.people[login] = DemoApplicant(login, name, number, mobile, "")


def _register_agent(scene: Scene) -> None:
    """The demo has nobody of this role."""
    with scene.platform.transaction(SYSTEM) as ctx:
        hashed = ctx.session.scalars(select(User.password_hash).where(User.login == "parent")).one()
        agent = identity.register_user(ctx, "yanshan.agent", "帮办代办员", PASSWORD, password_hash=hashed)
        identity.grant(ctx, agent, Role.AGENT, sites.get_site(ctx, YANSHAN))


def _begin(world: World, key: str, item: str, login: str, main: str) -> Thing:
    """A case of an applicant, whose name and numbers are in its application too."""
    thing = world.cases[key] = Thing(key, item, login, main)
    names = {"name": "applicantName", "idNo": "applicantIdNo", "mobile": "applicantMobile"}
    if item == SAFETY_ITEM:
        names = {"name": "holderName", "idNo": "holderIdNo", "mobile": "holderMobile"}
    for mark in [mark for mark in world.ledger.of(login) if mark.field in names]:
        kind = "subject" if item == SAFETY_ITEM and mark.field == "name" else "core"
        world.ledger.add(Mark(key, names[mark.field], kind, mark.clear, mark.masked))
    return thing


def _move(world: World, key: str, login: str, here: str, there: str) -> Move:
    codes = {"yanshan": "532622", "shunde": "440606", "youjiang": "451002", "pudong": "310115"}
    thing = _begin(world, key, MOVE_ITEM, login, f"{codes[here]}-police")
    return Move(world.scene, world.mint, thing, world.people[login], (here, codes[here], there, codes[there]))


def _old_move(world: World) -> None:
    """B: done and rated; the partner's access ends 30 days later."""
    move = _move(world, "B", "marked-b", "youjiang", "yanshan")
    scene, word = world.scene, move.word
    move.submit(deliveryMode="PICKUP", deliveryAddress=None)
    move.main("clerk").complete("precheck", "PASS", **PRECHECK, opinion=word("opinion", "opinion"))
    move.main("clerk").complete("acceptance", "ACCEPT", **ACCEPT, opinion=word("opinion", "opinion"))
    move.main("handler").complete(
        "investigation", "PROPOSE_GRANT", **INVESTIGATE | {"opinion": word("opinion", "opinion")}
    )
    move.main("approver").complete("approval", "APPROVE", opinion=word("opinion", "opinion"))
    move.partner("handler").complete("signIn", "SIGN", note=word("note", "partner-opinion"))
    move.agree(opinion=word("opinion", "partner-opinion"))
    move.partner("handler").complete("moveOutTask", "MOVE_OUT", **move.marked_move_out())
    settled = move.settle_form() | {
        "houseNo": world.mint.number("B", "houseNo", "settled"),
        "settledAddress": world.mint.address("B", "settledAddress", "settled"),
    }
    move.main("handler").complete("settlement", "SETTLE", **settled)
    move.partner("handler").complete("archiveTask", "SEND", manifest=[{"name": word("archive", "reply"), "pages": 2}])
    booklet = {
        "bookletNo": world.mint.number("B", "bookletNo", "rest"),
        "pages": 4,
        "electronic": True,
        "oldBook": "RETURNED",
    }
    move.main("clerk").complete("booklet", "DONE", **booklet)
    receiver = world.mint.name("B", "receiver", "rest")
    delivered = {"deliveredMode": "PICKUP", "deliveredAt": scene.now.isoformat(), "receiver": receiver}
    move.main("clerk").complete("delivery", "DELIVERED", **delivered)
    with scene.platform.transaction(move.applicant.actor()) as ctx:
        rated = [
            {"site_code": code, "level": "SATISFIED", "comment": word("comment", "rating")}
            for code in (YOUJIANG, YANSHAN)
        ]
        applications.rate(ctx, scene.case_id, rated)
    move.thing.partner, move.thing.ended = YANSHAN, True


def _open_move(world: World) -> None:
    """A: supplemented, approved, verified by the partner, who has typed half of the next form."""
    move = _move(world, "A", "marked-a", "yanshan", "shunde")
    word = move.word
    move.submit(**move.divorced())
    move.main("clerk").complete("precheck", "PASS", **PRECHECK, opinion=word("opinion", "opinion"))
    move.main("clerk").complete("acceptance", "SUPPLEMENT", originals=["M5"], entries=[move.entry("M6")])
    more = word("M6 name", "paper")
    file = move.applicant.upload(f"{more}.pdf", paper(word("M6 content", "paper")))
    move.applicant.complete(
        "supplement", "SUBMIT", note=word("answer", "answer"), materials=[{"code": "M6", "files": [file]}]
    )
    move.main("clerk").complete("acceptance", "ACCEPT", **ACCEPT, opinion=word("opinion", "opinion"))
    move.main("handler").complete(
        "investigation", "PROPOSE_GRANT", **INVESTIGATE | {"opinion": word("opinion", "opinion")}
    )
    move.main("approver").complete("approval", "APPROVE", opinion=word("opinion", "opinion"))
    move.thing.partner = SHUNDE
    with world.scene.platform.transaction(move.main("handler").actor()) as ctx:
        step = ladder.urge(ctx, world.scene.case_id, None, word("urge", "urge"))
        step_id = step.id
    with world.scene.platform.transaction(move.partner("handler").actor()) as ctx:
        ladder.answer(ctx, step_id, word("urge.answer", "urge"))
    move.partner("handler").complete("signIn", "SIGN", note=word("note", "partner-opinion"))
    move.agree(opinion=word("opinion", "partner-opinion"))
    _type(
        world,
        move.thing,
        "moveOutTask",
        "shunde.handler",
        move.marked_move_out(),
        {"birthplace": word("typed", "draft")},
    )


def _verified_change(world: World) -> None:
    """C: dispatched; the partner verifies."""
    thing = _begin(world, "C", SAFETY_ITEM, "marked-c", YUNNAN)
    change = Safety(world.scene, world.mint, thing, world.people["marked-c"], ("yunnan-water", "guangxi-water"))
    _to_review(change)
    change.main("handler").complete("review", "DISPATCH", **REVIEW | {"opinion": change.word("opinion", "opinion")})
    thing.partner = GUANGXI
    change.partner("handler").complete("signIn", "SIGN", note=change.word("note", "partner-opinion"))
    _type(world, thing, "verification", "guangxi-water.handler", {"opinion": change.word("typed", "draft")})


def _reviewed_change(world: World) -> None:
    """D: a special procedure waits for the leader; no partner yet."""
    thing = _begin(world, "D", SAFETY_ITEM, "marked-d", GUANGXI)
    change = Safety(world.scene, world.mint, thing, world.people["marked-d"], ("guangxi-water", "yunnan-water"))
    _to_review(change)
    special = {"specialKind": "EXPERT", "specialDays": 5, "specialReason": change.word("special", "opinion")}
    change.main("handler").complete("review", "SPECIAL", **special)


def _to_review(change: Safety) -> None:
    word = change.word
    change.submit()
    change.applicant.complete("holderConfirm", "CONFIRM", method="FACE", confirmed=True)
    person = change.mint.name(change.thing.key, "contactPerson", "rest")
    contacted = {"contactedAt": change.scene.now.isoformat(), "contactPerson": person}
    change.main("clerk").complete("contactEmployer", "CONFIRMED", **contacted, note=word("note", "opinion"))
    change.main("handler").complete("precheck", "PASS", **SAFETY_PRECHECK, opinion=word("opinion", "opinion"))
    change.main("handler").complete("acceptance", "ACCEPT", **SAFETY_ACCEPT, opinion=word("opinion", "opinion"))


def _fresh_move(world: World) -> None:
    """E: just handed in at a site that nobody else works with; a clerk has begun. Its partner has heard nothing yet."""
    move = _move(world, "E", "marked-e", "pudong", "shunde")
    move.submit()
    _type(world, move.thing, "precheck", "pudong.clerk", {"opinion": move.word("typed", "draft")})


def _supplemented_move(world: World) -> None:
    """F: the applicant has to supplement."""
    move = _move(world, "F", "marked-f", "yanshan", "youjiang")
    move.submit()
    move.main("clerk").complete("precheck", "PASS", **PRECHECK, opinion=move.word("opinion", "opinion"))
    move.main("clerk").complete("acceptance", "SUPPLEMENT", originals=["M5"], entries=[move.entry("M6")])


def _type(world: World, thing: Thing, element: str, login: str, *parts: dict[str, Any]) -> None:
    """Somebody takes a task and types without handing in."""
    task = world.scene.task(element)
    data = dict(parts[0])
    for more in parts[1:]:
        data["people"] = [data["people"][0] | more]
    with world.scene.platform.transaction(world.scene.as_user(login).actor()) as ctx:
        tasks.claim(ctx, task.id)
        tasks.save_draft(ctx, task.id, data)
    thing.authors.add(login)


def _about_people(world: World) -> None:
    """What belongs to persons and sites: a draft, a loose file, a channel, a contact, a delegation, secrets."""
    scene, mint = world.scene, world.mint
    with scene.platform.transaction(scene.as_user("marked-a").actor()) as ctx:
        typed = {
            "holderName": mint.name("marked-a", "typed name", "own-draft"),
            "newOrgName": mint.token("marked-a", "typed", "own-draft"),
        }
        applications.save_draft(ctx, SAFETY_ITEM, typed, [])
        name = mint.token("marked-a", "file name", "own-draft")
        file = materials.store_file(ctx, f"{name}.pdf", paper(mint.token("marked-a", "file content", "own-draft")))
        mint.known("marked-a", "file", "own-draft", [file.id])
        world.strangers["marked-a"] = {"file_id": [file.id], "code": [SAFETY_ITEM]}
        word = mint.token("marked-a", EMAIL, "channel")
        channels.put(ctx, "email", f"{word}@example.org", [], consent=True)
    with scene.platform.transaction(scene.as_user("yanshan.admin").actor()) as ctx:
        values = {
            "name": "联络员", "office_phone": "0876-0000001", "duty_time": "9:00", "deputy_name": "副", "deputy_phone": "0876-0000003",
            "is_public": True, "mobile": mint.mobile(YANSHAN, "mobile", "contact"), "deputy_mobile": mint.mobile(YANSHAN, "deputy", "contact"),
        }  # fmt: skip
        contacts.put(ctx, sites.get_site(ctx, YANSHAN), "", values)
        secrets.put(
            ctx, "PARTNER_KEY", mint.token(YANSHAN, "secret", "secret"), site_id=sites.get_site(ctx, YANSHAN).id
        )
        new = clients.NewClient(
            "登记系统",
            ["*"],
            site_id=sites.get_site(ctx, YANSHAN).id,
            expires_at=datetime.now(UTC) + timedelta(days=30),
        )
        _, world.client_token = clients.create(ctx, new)
        mint.known(YANSHAN, "token of a client", "secret", [world.client_token])
    with scene.platform.transaction(scene.as_user("shunde.handler").actor()) as ctx:
        deputy = identity.find_user(ctx, DELEGATE)
        assert deputy is not None
        now = ctx.clock.now()
        asked = delegations.NewDelegation(
            deputy.id, sites.get_site(ctx, SHUNDE).id, "HANDLER", now, now + timedelta(days=3),
            mint.token(SHUNDE, "delegation", "delegation"), (MOVE_ITEM,),
        )  # fmt: skip
        delegation_id = delegations.ask(ctx, asked, {MOVE_ITEM}).id
    with scene.platform.transaction(scene.as_user(DELEGATE).actor()) as ctx:
        delegations.answer(ctx, delegation_id, accepts=True)


PARTS: dict[str, str] = {
    "file_id": "select file_id from materials where case_id = :case and file_id is not null",
    "document_id": "select id from documents where case_id = :case",
    "leg_id": "select id from legs where case_id = :case",
    "message_id": "select id from messages where case_id = :case",
    "incident_id": "select id from incidents where case_id = :case",
    "procedure_id": "select id from procedures where case_id = :case",
    "step_id": "select id from ladder_steps where case_id = :case",
    "notification_id": "select id from notifications where case_id = :case",
    "work_id": "select id from work where case_id = :case",
    "delivery_id": "select id from deliveries where case_id = :case",
    "task_id": "select id from tasks where case_id = :case order by state desc, opened_at desc",
    "job_id": "select id from service_jobs where case_id = :case",
}
"""Parameter of an address → the parts of a case that it can name."""


def _gather(world: World, thing: Thing) -> None:
    """The numbers that the product gave, as marks and as values for addresses."""
    with world.scene.platform.transaction(SYSTEM) as ctx:
        case = ctx.session.get_one(Case, thing.case_id)
        legs = ctx.session.scalars(select(Leg).where(Leg.case_id == case.id)).all()
        numbers = [case.case_no, case.collab_no, *(leg.case_no for leg in legs)]
        documents = ctx.session.scalars(select(Document).where(Document.case_id == case.id)).all()
        told = ctx.session.scalars(select(Message.message_id).where(Message.case_id == case.id)).all()
        steps = ctx.session.scalars(select(Task).where(Task.case_id == case.id)).all()
        rows = {
            name: _ids(ctx.session.execute(text(query), {"case": case.id}).scalars()) for name, query in PARTS.items()
        }
    known = world.mint.known
    known(thing.key, "numbers", "frame", numbers)
    known(thing.key, "query code", "query", [case.query_code])
    known(thing.key, "messages", "messages", told)
    main = {leg.id for leg in legs if leg.role == "main"}
    for task in steps:
        mine = "steps" if task.leg_id in main else "partner-steps"
        known(thing.key, f"task {task.element_id}", "own-steps" if task.role == "APPLICANT" else mine, [task.id])
    for document in documents:
        kind = "steps" if document.leg_id in main | {None} and not document.to_partner else "partner-steps"
        known(thing.key, f"document {document.code}", "own-steps" if document.to_applicant else kind, [document.number])
    thing.places = {"case_no": list(dict.fromkeys(numbers)), **rows}


def _ids(found: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in found))
