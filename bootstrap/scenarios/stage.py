"""Acting in a scenario of an item: people apply and complete tasks, time passes, messages go or lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, cast

from sqlalchemy import Table, select, update

from bootstrap.scenarios import values
from bootstrap.scenarios.calls import on_stage
from bootstrap.scenarios.people import People, Stumbled, find_leg
from bootstrap.scenarios.reading import Scenario, find_moment
from bootstrap.scenarios.world import StagePlatform, populate
from domain.actors import SYSTEM
from domain.applications import service as applications
from domain.cases import service as cases
from domain.cases.jobs import OPEN, ServiceJob
from domain.cases.models import IncidentRow, Leg, Task
from domain.deadlines import ladder, layers
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.deadlines.models import LadderStep
from domain.inbox import service as inbox
from domain.items import queries as items
from domain.jobs import service as external
from domain.materials import service as materials
from domain.materials.requirements import list_requirements
from domain.outbox.calls import Done, Failed, Outcome, Rejected
from domain.outbox.models import Message, Work
from domain.sites.models import Site
from domain.tasks import service as tasks
from domain.tasks.errors import SeparationOfDuties

WORK = cast("Table", Work.__table__)
MOST_ROUNDS: Final = 5_000
"""How often time may stop on the way to one moment: more would be a cycle that never ends."""
DEFAULT_APPLICANT: Final = "parent"


class Stage:
    """One case of one scenario."""

    def __init__(self, platform: StagePlatform, scenario: Scenario) -> None:
        self.platform = platform
        self.scenario = scenario
        self.case_id = 0
        self.network = True
        platform.handlers = on_stage(platform.handlers, scenario.given.get("services", {}))
        own = {row["login"]: row["code"] for row in scenario.world.get("sites", ())}
        self.people = People(platform, "", own)
        self._jobs = import_module("scheduler.jobs")
        with platform.transaction(SYSTEM) as ctx:
            populate(ctx, scenario.world)
            self._invented = values.invented(ctx, scenario.world)
        self.people.applicant = str(self.value(scenario.given.get("applicant", DEFAULT_APPLICANT)))
        self.policies(scenario.given.get("policies", {}))

    # -- what people do -------------------------------------------------------------------------------

    def apply(self, act: Mapping[str, Any] | None) -> None:
        """Submit the application, with a file for everything that is required (or for the materials named)."""
        given, own = self.scenario.given, act or {}
        login = self.people.login(0, str(self.value(own.get("by") or self.people.applicant)))
        written = _filled(given.get("data", {}), own.get("data", {}))
        papers = own.get("materials") or given.get("materials") or ["all"]
        actor = self.people.actor(login)
        data = self.value(written, upload=self._uploader(login))
        with self.platform.transaction(actor) as ctx:
            if papers == ["all"]:
                needed = list_requirements(ctx, items.get_item(ctx.session, self.scenario.item), data)
                papers = [entry.code for entry in needed if entry.required and entry.source == "UPLOAD"]
            handed = [
                {"code": code, "fileId": materials.store_file(ctx, f"{code}.pdf", values.PAPER).id} for code in papers
            ]
            leg = applications.submit(ctx, self.scenario.item, data, handed)
            self.case_id = leg.case_id
        self.run()

    def complete(self, act: Mapping[str, Any]) -> None:
        """Complete the newest open task of an element: by the person named, or by the first who may."""
        element, action, at = _task_and_action(act)
        task = self.find_task(element, at or act.get("at", ""))
        written = self._form(act, element, action)
        named = act.get("by")
        logins = [self.people.login(self.case_id, str(self.value(named)))] if named else self.people.performers(task)
        for login in logins:
            actor = self.people.actor(login)
            try:
                data = self.value(written, task=task.context or {}, upload=self._uploader(login))
                with self.platform.transaction(actor) as ctx:
                    tasks.complete(ctx, task.id, data, action or None)
                break
            except SeparationOfDuties:
                if login == logins[-1]:
                    raise
        self.run()

    def withdraw(self, act: Mapping[str, Any] | None) -> None:
        """撤件 by the applicant."""
        own = act or {}
        actor = self.people.actor(self.people.login(self.case_id, own.get("by", "applicant")))
        with self.platform.transaction(actor) as ctx:
            cases.withdraw(ctx, self.case_id, own.get("reason") or "不再需要办理")
        self.run()

    def rate(self, act: Mapping[str, Any]) -> None:
        """好差评 of every site of the case."""
        with self.platform.transaction(self.people.actor(self.people.applicant)) as ctx:
            legs = ctx.session.scalars(select(Leg).where(Leg.case_id == self.case_id)).all()
            codes = [ctx.session.get_one(Site, leg.site_id).code for leg in legs]
            given = {"level": act["level"], "comment": act.get("comment", "")}
            applications.rate(ctx, self.case_id, [{"site_code": code, **given} for code in codes])
        self.run()

    def urge(self, act: Mapping[str, Any] | None) -> None:
        """催办 by the applicant, or by whom the step names."""
        self._order(act or {}, ladder.urge)

    def supervise(self, act: Mapping[str, Any]) -> None:
        """督办 by a supervisor."""
        self._order(act, ladder.supervise)

    def _order(self, act: Mapping[str, Any], order: Callable[..., LadderStep]) -> None:
        actor = self.people.actor(self.people.login(self.case_id, act.get("by", "applicant")))
        with self.platform.transaction(actor) as ctx:
            leg = find_leg(ctx, self.case_id, act["at"]) if "at" in act else None
            if "at" in act and leg is None:
                raise Stumbled(f"没有分办件“{act['at']}”。", f"There is no leg {act['at']!r}.")
            order(ctx, self.case_id, None if leg is None else leg.id, act.get("note", ""))
        self.run()

    def answer(self, act: Mapping[str, Any]) -> None:
        """The urged site answers the newest 催办 or 督办 that waits for an answer."""
        actor = self.people.actor(self.people.login(self.case_id, act.get("by", "handler@partner")))
        waiting = select(LadderStep.id).where(
            LadderStep.case_id == self.case_id,
            LadderStep.kind.in_(("URGE", "SUPERVISE")),
            LadderStep.answered_at.is_(None),
            LadderStep.site_id.in_(actor.site_ids),
        )
        with self.platform.transaction(actor) as ctx:
            found = ctx.session.scalars(waiting.order_by(LadderStep.id.desc())).first()
            if found is None:
                raise Stumbled("该机构没有等待答复的催办、督办。", "No order waits for an answer of that site.")
            ladder.answer(ctx, found, act.get("note", ""))
        self.run()

    def retry(self, element: str) -> None:
        """The open incident at an element is tried again by the platform's administrator."""
        open_there = select(IncidentRow.id).where(
            IncidentRow.case_id == self.case_id, IncidentRow.element_id == element, IncidentRow.resolved_at.is_(None)
        )
        actor = self.people.actor("platform")
        with self.platform.transaction(actor) as ctx:
            found = ctx.session.scalars(open_there).first()
            if found is None:
                raise Stumbled(f"“{element}”没有异常。", f"There is no incident at {element!r}.")
            cases.retry_incident(ctx, found)
        self.run()

    def job(self, act: Mapping[str, Any]) -> None:
        """Another system does the service task that waits at an element (or has this type): with a result, an error, or in vain."""
        waiting = select(ServiceJob).where(ServiceJob.case_id == self.case_id, ServiceJob.state.in_(OPEN))
        with self.platform.transaction(SYSTEM) as ctx:
            open_jobs = ctx.session.scalars(waiting.order_by(ServiceJob.created_at.desc(), ServiceJob.id)).all()
            found = next((each for each in open_jobs if act["element"] in {each.element_id, each.topic}), None)
            if found is None:
                named = "、".join(sorted({each.element_id for each in open_jobs})) or "无 nothing"
                raise Stumbled(
                    f"没有等待外部系统的“{act['element']}”，现在等待：{named}。",
                    f"No service task {act['element']!r} waits; waiting: {named}.",
                )
            leg, job = external.lock(ctx, found.id)
            external.settle(ctx, leg, job, _outcome(act, self.value(act.get("result", {}))), by={"worker": "scenario"})
        self.run()

    # -- messages and rules ---------------------------------------------------------------------------

    def set_network(self, state: str) -> None:
        """``down``: messages between sites lie until it is ``up`` again."""
        self.network = state == "up"
        if self.network:
            with self.platform.transaction(SYSTEM) as ctx:
                lying = WORK.c.kind == "message.deliver", WORK.c.state == "held", WORK.c.case_id == self.case_id
                ctx.session.execute(update(WORK).where(*lying).values(state="pending"))
        self.run()

    def resend(self, act: Mapping[str, Any]) -> None:
        """The last message of this name that was sent arrives again, exactly as it was."""
        sent = select(Message).where(
            Message.case_id == self.case_id, Message.name == act["name"], Message.direction == "out"
        )
        with self.platform.transaction(SYSTEM) as ctx:
            message = ctx.session.scalars(sent.order_by(Message.id.desc()).limit(1)).first()
            if message is None or message.raw is None:
                raise Stumbled(f"没有发出过消息“{act['name']}”。", f"No message {act['name']!r} was sent.")
            raw, signature = message.raw, message.signature
        for _ in range(act.get("times", 1)):
            with self.platform.transaction(SYSTEM) as ctx:
                inbox.receive(ctx, raw, signature)
            self.run()

    def policies(self, rules: Mapping[str, str]) -> None:
        """Values of time rules for the whole platform."""
        for key, value in rules.items():
            with self.platform.transaction(SYSTEM) as ctx:
                layers.put(ctx, key, value, "场景", scope="platform")

    # -- time -----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Do all that is due now."""
        while True:
            if not self.network:
                with self.platform.transaction(SYSTEM) as ctx:
                    going = WORK.c.kind == "message.deliver", WORK.c.state.in_(("pending", "promoted"))
                    ctx.session.execute(update(WORK).where(*going).values(state="held"))
            if not self._jobs.run_due(self.platform):
                return

    def advance(self, act: Mapping[str, Any]) -> None:
        """Let the end of a deadline of this length pass, by a second; or go to when something is due next (``next``)."""
        amount = act["time"]
        if amount == "next":
            due = self._jobs.next_due(self.platform)
            if due is None:
                raise Stumbled("没有等待到期的事项。", "Nothing waits for a later time.")
            self._go(max(due, self.platform.moment))
            return
        with self.platform.transaction(SYSTEM) as ctx:
            leg = find_leg(ctx, self.case_id, act.get("calendar", "main"))
            region = NATION if leg is None else ctx.session.get_one(Site, leg.site_id).region_code
            if "calendar" in act and leg is None:
                region = act["calendar"]
            target = schedule(amount, ctx.clock.now(), load(ctx.session, region))
        self._go(target + timedelta(seconds=1))

    def set_clock(self, text: str) -> None:
        """To a moment; what is due until then is done at its own moment."""
        moment = find_moment(text, self.platform.moment)
        if moment is None or moment < self.platform.moment:
            now = self.platform.moment
            raise Stumbled(
                f"时钟不能设为“{text}”，现在是 {now:%Y-%m-%d %H:%M}。",
                f"The clock cannot go to {text!r}; it is {now:%Y-%m-%d %H:%M}.",
            )
        self._go(moment)

    def _go(self, target: datetime) -> None:
        self.run()
        for _ in range(MOST_ROUNDS):
            due = self._jobs.next_due(self.platform)
            if due is None or due > target:
                self.platform.moment = target
                self.run()
                return
            self.platform.moment = max(due, self.platform.moment)
            self.run()
        raise Stumbled("到期的事项没有尽头。", "Work keeps falling due without end.")

    # -- values ---------------------------------------------------------------------------------------

    def value(self, written: Any, *, task: Any = None, upload: values.Upload | None = None) -> Any:
        """A written value with its expressions evaluated."""
        if values.is_plain(written):
            return written
        facts = {**self._invented, **values.clock_facts(self.platform.moment), "row": dict(self.scenario.row)}
        facts |= {"task": task or {}, "application": self._application()}
        return values.resolve(self.platform.forms, written, facts, upload)

    def find_task(self, element: str, at: str = "") -> Task:
        """The newest open task of an element. Raises :class:`Stumbled` with what is open."""
        with self.platform.transaction(SYSTEM) as ctx:
            query = select(Task, Site.code).join(Site, Site.id == Task.site_id)
            query = query.where(Task.case_id == self.case_id, Task.state == "open").order_by(Task.opened_at.desc())
            rows = ctx.session.execute(query).all()
        code = self.people.site_code(self.case_id, at) if at else ""
        for task, site in rows:
            if task.element_id == element and (not code or site == code):
                return task
        waiting = "、".join(sorted({task.element_id for task, _ in rows})) or "无 nothing"
        raise Stumbled(
            f"没有等待办理的任务“{element}”，现在等待：{waiting}。",
            f"There is no open task {element!r}; open: {waiting}.",
        )

    def _form(self, act: Mapping[str, Any], element: str, action: str) -> dict[str, Any]:
        """The usual data of task and action, then those named by ``use``, then what stands in the step."""
        forms = self.scenario.forms
        usual = forms.get(f"{element} {action}".strip(), forms.get(element, {}))
        if "use" in act and act["use"] not in forms:
            raise Stumbled(f"forms 里没有“{act['use']}”。", f"There is no {act['use']!r} among the forms.")
        return _filled(usual, forms[act["use"]] if "use" in act else {}, act.get("data", {}))

    def _application(self) -> Any:
        if not self.case_id:
            return {}
        from domain.cases.models import Case

        with self.platform.transaction(SYSTEM) as ctx:
            return ctx.session.get_one(Case, self.case_id).application

    def _uploader(self, login: str) -> Callable[[str], Mapping[str, Any]]:
        def upload(name: str) -> Mapping[str, Any]:
            with self.platform.transaction(self.people.actor(login)) as ctx:
                file = materials.store_file(ctx, name, values.content_of(name))
                return {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}

        return upload


def _outcome(act: Mapping[str, Any], result: Mapping[str, Any]) -> Outcome:
    """What the step says of a service task; one that fails has no tries left."""
    if "error" in act:
        return Rejected(act["error"], variables=result)
    if "fails" in act:
        return Failed(act["fails"], act["fails"], retry=False)
    return Done(result)


def _task_and_action(act: Mapping[str, Any]) -> tuple[str, str, str]:
    """``signIn@moveOut SIGN`` → signIn, SIGN, moveOut."""
    element, _, action = str(act["task"]).strip().partition(" ")
    element, _, at = element.partition("@")
    return element, act.get("action", action.strip()), at


def _filled(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win; an empty value (~) takes the entry away."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= layer
    return {key: value for key, value in merged.items() if value is not None}
