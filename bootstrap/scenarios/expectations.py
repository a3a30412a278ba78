"""Looking at a case after a step: one function per key of ``expect``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import select

from bootstrap.scenarios import matching, values
from bootstrap.scenarios.documents import Steps
from bootstrap.scenarios.matching import Mismatch
from bootstrap.scenarios.people import Stumbled
from bootstrap.scenarios.stage import Stage
from domain.actors import SYSTEM
from domain.cases.jobs import OPEN, ServiceJob
from domain.cases.models import Case, IncidentRow, Leg, Task
from domain.certificates.models import Certificate
from domain.context import Context
from domain.deadlines.models import ClockRow, LadderStep
from domain.documents.models import Document
from domain.materials.models import Material
from domain.outbox.models import Message
from domain.registrations.models import Registration
from domain.sites.models import Site

Row = TypeVar("Row")
AT: Final[Steps] = ("expect",)


class Look:
    """One look at the case, in one transaction."""

    def __init__(self, stage: Stage, ctx: Context) -> None:
        self.stage, self.ctx = stage, ctx
        self.case = ctx.session.get(Case, stage.case_id) if stage.case_id else None
        self.legs = self.rows(Leg, Leg.case_id == stage.case_id)
        self.sites = {site.id: site for site in ctx.session.scalars(select(Site))}

    def rows(self, model: type[Row], *where: Any) -> list[Row]:
        """Rows in the order they were made."""
        columns: Any = model
        order = columns.opened_at if model is Task else next(iter(columns.__table__.primary_key.columns))
        return list(self.ctx.session.scalars(select(model).where(*where).order_by(order)))

    def leg(self, place: str) -> Leg | None:
        """The leg of a pool or role."""
        return next((leg for leg in self.legs if place in {leg.participant_id, leg.role}), None)

    def code(self, place: str) -> str:
        """Site code of a place as people write it."""
        return self.stage.people.site_code(self.stage.case_id, place)

    def open_tasks(self, *, with_site: bool) -> list[str]:
        """Elements of the open tasks, with ``@site code`` when asked for."""
        found = self.rows(Task, Task.case_id == self.stage.case_id, Task.state == "open")
        return sorted(
            f"{task.element_id}@{self.sites[task.site_id].code}" if with_site else task.element_id for task in found
        )


def check(stage: Stage, expect: Mapping[str, Any]) -> list[Mismatch]:
    """Everything that is not as expected. Open incidents that nobody expects are a mismatch as well."""
    expect = {key: stage.value(wanted) if key != "holds" else wanted for key, wanted in expect.items()}
    with stage.platform.transaction(SYSTEM) as ctx:
        look = Look(stage, ctx)
        found = [] if "incidents" in expect else list(_incidents(look, (), ("expect", "incidents")))
        if look.case is None and expect:
            return [Mismatch(AT, "还没有办件（申请没有提交）", "There is no case yet")]
        for key, wanted in expect.items():
            try:
                found += CHECKS[key](look, wanted, (*AT, key))
            except Stumbled as error:
                found.append(Mismatch((*AT, key), error.zh, str(error)))
        return found


def _status(look: Look, wanted: str, place: Steps) -> Iterator[Mismatch]:
    yield from matching.equal(place, wanted, look.case and look.case.status, "办件状态")


def _result(look: Look, wanted: str | None, place: Steps) -> Iterator[Mismatch]:
    yield from matching.equal(place, wanted, look.case and look.case.result_code, "办结结果代码")


def _closed(look: Look, wanted: bool, place: Steps) -> Iterator[Mismatch]:
    yield from matching.equal(place, wanted, bool(look.case and look.case.closed_at), "办件是否办结")


def _ended(look: Look, wanted: bool, place: Steps) -> Iterator[Mismatch]:
    going = [leg.participant_id for leg in look.legs if leg.ended_at is None]
    if wanted == bool(going):
        still = f"未结束 open: {matching.shown(going)}"
        yield Mismatch(place, "所有分办件是否结束不符", "whether all legs ended differs", str(wanted).lower(), still)


def _tasks(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    with_site = any("@" in each for each in wanted)
    codes = [_at_code(look, each) if with_site else each for each in wanted]
    found = look.open_tasks(with_site=with_site)
    if with_site:  # entries without a place stand for the element anywhere
        bare = {each for each in codes if "@" not in each}
        found = [each.partition("@")[0] if each.partition("@")[0] in bare else each for each in found]
    yield from matching.same_set(place, codes, found, "等待办理的任务")


def _some_tasks(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    found = look.open_tasks(with_site=False) + look.open_tasks(with_site=True)
    yield from matching.among(place, [_at_code(look, each) for each in wanted], found, "等待办理的任务")


def _no_tasks(look: Look, unwanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    found = look.open_tasks(with_site=False) + look.open_tasks(with_site=True)
    yield from matching.none_of(place, [_at_code(look, each) for each in unwanted], found, "等待办理的任务")


def _at_code(look: Look, written: str) -> str:
    element, at, where = written.partition("@")
    return f"{element}@{look.code(where)}" if at else element


def _legs(look: Look, wanted: Mapping[str, Mapping[str, Any]], place: Steps) -> Iterator[Mismatch]:
    for name, row in wanted.items():
        here, leg = (*place, name), look.leg(name)
        if leg is None:
            there = [each.participant_id for each in look.legs]
            yield Mismatch(here, f"没有分办件“{name}”", f"there is no leg {name!r}", name, matching.shown(there))
            continue
        facts = {"status": leg.status, "result": leg.result_code, "ended": leg.ended_at is not None}
        for key in facts.keys() & row.keys():
            yield from matching.equal((*here, key), row[key], facts[key], f"{leg.participant_name} {key} ")
        yield from _variables_of(leg, row.get("variables", {}), (*here, "variables"))
        seen = f"{leg.received} {leg.variables}"
        yield from matching.texts(here, row, seen)
        side = Material.leg_id.is_(None) if leg.role == "main" else Material.leg_id == leg.id
        codes = [each.code for each in look.rows(Material, Material.case_id == leg.case_id, side)]
        yield from matching.among((*here, "materials"), row.get("materials", ()), codes, "材料")
        yield from matching.none_of((*here, "noMaterials"), row.get("noMaterials", ()), codes, "材料")


def _flags(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    yield from matching.among(place, wanted, look.case.flags if look.case else [], "标记")


def _no_flags(look: Look, unwanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    yield from matching.none_of(place, unwanted, look.case.flags if look.case else [], "标记")


def _documents(look: Look, wanted: Sequence[Mapping[str, Any]], place: Steps) -> Iterator[Mismatch]:
    issued = look.rows(Document, Document.case_id == look.stage.case_id)
    codes = [document.code for document in issued]
    for number, row in enumerate(wanted):
        here = (*place, number)
        mine = [document for document in issued if document.code == row["code"]]
        if not mine:
            yield Mismatch(
                here,
                f"没有出具文书 {row['code']}",
                f"the document {row['code']} was not issued",
                row["code"],
                matching.shown(codes),
            )
            continue
        if "times" in row:
            yield from matching.equal((*here, "times"), row["times"], len(mine), "文书份数")
        if "to" in row and not any(
            document.to_applicant if row["to"] == "applicant" else document.to_partner for document in mine
        ):
            yield Mismatch((*here, "to"), "文书没有给对方", "the document is not for them", row["to"], "—")
        content = " ".join(str(document.content) for document in mine)
        yield from matching.texts(here, row, content)


def _no_documents(look: Look, unwanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    codes = [document.code for document in look.rows(Document, Document.case_id == look.stage.case_id)]
    yield from matching.none_of(place, unwanted, codes, "文书")


def _clocks(look: Look, wanted: Mapping[str, Mapping[str, Any]], place: Steps) -> Iterator[Mismatch]:
    clocks = {row.kind: row for row in look.rows(ClockRow, ClockRow.case_id == look.stage.case_id)}
    for kind, row in wanted.items():
        here, clock = (*place, kind), clocks.get(kind.upper())
        if clock is None:
            yield Mismatch(here, "办理时限还没有开始", "the clock has not begun", matching.shown(row), "—")
            continue
        if "state" in row:
            yield from matching.equal((*here, "state"), row["state"], clock.state.lower(), "时限状态")
        if "due" in row:
            yield from matching.equal((*here, "due"), row["due"], matching.moment(clock.due_at, row["due"]), "到期日")
        if "reason" in row:
            yield from matching.equal((*here, "reason"), row["reason"], clock.stop_reason, "暂停原因")


def _due(look: Look, wanted: Mapping[str, str | None], place: Steps) -> Iterator[Mismatch]:
    for element, due in wanted.items():
        task = look.stage.find_task(*element.split("@", 1))
        yield from matching.equal((*place, element), due, matching.moment(task.due_at, due or ""), "任务期限")


def _accepted(look: Look, wanted: str, place: Steps) -> Iterator[Mismatch]:
    found = matching.moment(look.case.accepted_at if look.case else None, wanted)
    yield from matching.equal(place, wanted, found, "受理日")


def _variables(look: Look, wanted: Mapping[str, Any], place: Steps) -> Iterator[Mismatch]:
    main = look.leg("main")
    if main is not None:
        yield from _variables_of(main, wanted, place)


def _variables_of(leg: Leg, wanted: Mapping[str, Any], place: Steps) -> Iterator[Mismatch]:
    for path, value in wanted.items():
        yield from matching.contained((*place, path), value, matching.walk(leg.variables, path))


def _certificates(look: Look, wanted: Mapping[str, Sequence[str]], place: Steps) -> Iterator[Mismatch]:
    """Kind → states of all certificates of that kind, in the order they were made; one state stands for all of them."""
    for kind, states in wanted.items():
        found = [row.state for row in look.rows(Certificate, Certificate.kind == kind)]
        fits = set(found) == set(states) if len(states) == 1 else found == list(states)
        if not fits:
            yield Mismatch(
                (*place, kind),
                f"证照 {kind} 的状态不符",
                f"states of {kind} differ",
                matching.shown(list(states)),
                matching.shown(found),
            )


def _registrations(look: Look, wanted: Mapping[str, Mapping[str, str]], place: Steps) -> Iterator[Mismatch]:
    """Person (name or ID number) → place → state: exactly these registrations."""
    rows = look.rows(Registration)
    for person, states in wanted.items():
        mine = [row for row in rows if person in {row.person["name"], row.person["idNo"]}]
        found = {look.sites[row.site_id].code: row.state for row in mine}
        codes = {look.code(where): state for where, state in states.items()}
        yield from matching.equal((*place, person), codes, found, f"{person} 的户口登记")


def _messages(look: Look, wanted: Sequence[Mapping[str, Any]], place: Steps) -> Iterator[Mismatch]:
    """Messages between the sites, in order; others may have gone between."""
    sent = look.rows(Message, Message.case_id == look.stage.case_id, Message.direction == "out")
    names = [message.name for message in sent]
    yield from matching.in_order(place, [row["name"] for row in wanted], names, "两地之间的消息")
    for number, row in enumerate(wanted):
        here = (*place, number)
        mine = [message for message in sent if message.name == row["name"]]
        if "times" in row:
            yield from matching.equal((*here, "times"), row["times"], len(mine), "消息份数")
        for key, column in (("sender", "sender_code"), ("receiver", "receiver_code")):
            if key in row and mine:
                yield from matching.equal((*here, key), look.code(row[key]), getattr(mine[-1], column), "消息的一方")
        if "state" in row and mine:
            yield from matching.equal((*here, "state"), row["state"], mine[-1].state, "消息状态")
        if mine:
            yield from matching.contained((*here, "payload"), row.get("payload", {}), mine[-1].payload)
            yield from matching.texts(here, row, str(mine[-1].payload))


def _no_messages(look: Look, unwanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    names = [message.name for message in look.rows(Message, Message.case_id == look.stage.case_id)]
    yield from matching.none_of(place, unwanted, names, "两地之间的消息")


def _incidents(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    rows = look.rows(IncidentRow, IncidentRow.case_id == look.stage.case_id, IncidentRow.resolved_at.is_(None))
    if sorted(wanted) != sorted(row.element_id for row in rows):
        found = [f"{row.element_id}: {row.code} {row.message}" for row in rows]
        yield Mismatch(place, "异常不符", "incidents differ", matching.shown(list(wanted)), matching.shown(found))


def _jobs(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    rows = look.rows(ServiceJob, ServiceJob.case_id == look.stage.case_id, ServiceJob.state.in_(OPEN))
    yield from matching.same_set(place, wanted, [row.element_id for row in rows], "等待的服务")


def _path(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    """Elements in the order in which each leg first entered them."""
    seen = {element for leg in look.legs for element in leg.visited}
    missing = [element for element in wanted if element not in seen]
    if missing:
        yield Mismatch(
            place,
            f"没有经过 {matching.shown(missing)}",
            f"never reached: {matching.shown(missing)}",
            matching.shown(list(wanted)),
            matching.shown(sorted(seen)),
        )
        return
    for leg in look.legs:
        mine = [element for element in wanted if element in leg.visited]
        yield from matching.in_order(place, mine, leg.visited, f"{leg.participant_name}的路径")


def _not_visited(look: Look, unwanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    seen = [element for leg in look.legs for element in leg.visited]
    yield from matching.none_of(place, unwanted, seen, "路径")


def _escalations(look: Look, wanted: Mapping[str, Sequence[str]], place: Steps) -> Iterator[Mismatch]:
    """Task → steps of the ladder that were raised: ``URGE 1 2026-03-04``, in order."""
    for element, rows in wanted.items():
        query = select(LadderStep).join(Task, Task.id == LadderStep.task_id)
        query = query.where(LadderStep.case_id == look.stage.case_id, Task.element_id == element)
        raised = look.ctx.session.scalars(query.order_by(LadderStep.id)).all()
        found = [f"{row.kind} {row.level} {matching.moment(row.raised_at, '')}" for row in raised]
        short = [each if each.count(" ") == 2 else f"{each} " for each in rows]  # noqa: PLR2004 -- kind, level, day
        told = [next((f for f in found if f.startswith(each)), each) if each.endswith(" ") else each for each in short]
        yield from matching.in_order((*place, element), told, found, "预警催办")


def _holds(look: Look, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    """Expressions that must be true; they see ``main`` and ``partner`` (variables), ``case`` and ``application``."""
    facts: dict[str, Any] = {leg.role: leg.variables for leg in look.legs}
    for leg in look.legs:
        facts[leg.participant_id] = leg.variables
    if look.case is not None:
        facts |= {"case": {"status": look.case.status, "result": look.case.result_code, "flags": look.case.flags}}
        facts |= {"application": look.case.application, **values.clock_facts(look.stage.platform.moment)}
        facts |= values.invented(look.ctx, look.stage.scenario.world) | {"row": dict(look.stage.scenario.row)}
    for number, source in enumerate(wanted):
        text = source if source.startswith("=") else f"={source}"
        if values.resolve(look.stage.platform.forms, text, facts) is not True:
            yield Mismatch((*place, number), f"不成立：{source}", f"does not hold: {source}", "true", "false")


CHECKS: Final[Mapping[str, Callable[[Look, Any, Steps], Iterator[Mismatch]]]] = {
    "status": _status,
    "result": _result,
    "closed": _closed,
    "ended": _ended,
    "tasks": _tasks,
    "someTasks": _some_tasks,
    "noTasks": _no_tasks,
    "legs": _legs,
    "flags": _flags,
    "noFlags": _no_flags,
    "documents": _documents,
    "noDocuments": _no_documents,
    "clocks": _clocks,
    "due": _due,
    "accepted": _accepted,
    "variables": _variables,
    "certificates": _certificates,
    "registrations": _registrations,
    "messages": _messages,
    "noMessages": _no_messages,
    "incidents": _incidents,
    "jobs": _jobs,
    "path": _path,
    "notVisited": _not_visited,
    "escalations": _escalations,
    "holds": _holds,
}
ONLY_PROCESS: Final = frozenset({"signals"})
"""Keys that a plain process has and an item has not."""
