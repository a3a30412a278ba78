"""What a case's pages show, assembled for the reader: the head, the legs, and everything below them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.actors import Role
from domain.cases import ad_hoc, labels, scope
from domain.cases import queries as cases
from domain.cases.models import Leg
from domain.cases.open_things import incidents_of, jobs_of, messages_of, tasks_of
from domain.cases.queries import Frame
from domain.cases.scope import Sight
from domain.certificates import queries as certificates
from domain.context import Context
from domain.deadlines import queries as deadlines
from domain.deadlines.queries import not_yet_counting
from domain.definitions import store
from domain.disclosure import consents
from domain.disclosure import service as disclosure
from domain.disclosure.masks import Masks
from domain.disclosure.models import Disclosure
from domain.documents import queries as documents
from domain.identity.queries import names_of, without_account
from domain.items import contracts
from domain.items import queries as items
from domain.materials import queries as materials
from domain.privacy import holds
from domain.registrations import queries as registrations
from domain.sites.models import Site


def summary(ctx: Context, frame: Frame) -> dict[str, Any]:
    """The head of a case."""
    item = items.get_item(ctx.session, frame.case.item_code)
    stuck = cases.stuck_among(ctx.session, [frame.case.id], ctx.clock.now())
    begins = not_yet_counting(ctx.session, [frame.case.id], ctx.clock.now())
    line = cases.line_of(
        ctx, frame, items.ItemNames(item.name, item.name_en), stuck=bool(stuck), begins_at=begins.get(frame.case.id)
    )
    key, version = cases.definition_of(ctx.session, frame.case.definition_id)
    head = {name: getattr(line, name) for name in line.__slots__}
    head |= {"definition_key": key, "definition_version": version}
    if frame.view.sight is not Sight.PARTNER:
        times = (deadlines.received_at(ctx.session, frame.case.id), frame.case.accepted_at)
    else:
        times = (None, None)
    head |= dict(zip(("received_at", "accepted_at"), times, strict=True))
    if frame.view.sight is Sight.FULL:
        head["query_code"] = frame.case.query_code
    return head


def detail(ctx: Context, frame: Frame) -> dict[str, Any]:
    """A case's page as its reader may see it (DOMAIN §5.3)."""
    view, own = frame.view, frame.own
    item = items.get_item(ctx.session, frame.case.item_code)
    partner = view.sight is Sight.PARTNER
    received = _received(ctx, frame, own) if partner and own is not None else None
    shown = [leg for leg in frame.legs if view.shows_leg(leg.site_id, leg.role)]
    shown_ids = [leg.id for leg in shown]
    tasks = tasks_of(ctx.session, frame.case.id)
    given = disclosure.find_current(ctx, frame.case.id)
    masks = disclosure.masks_of(ctx, item.apply_form_id)
    application = frame.case.application if view.shows_content or (given and view.sight is Sight.MASKED) else None
    return {
        "summary": summary(ctx, frame),
        "legs": [_leg(ctx, frame, leg, tasks) for leg in frame.legs],
        "application": _masked(masks, application, given),
        "apply_form_id": item.apply_form_id if application is not None else None,
        "received": _masked(masks, received, given),
        "received_names": _contract_names(ctx, own) if partner and own is not None else {},
        "materials": _materials(ctx, frame, shown_ids),
        "documents": documents.list_documents(ctx.session, frame.case.id, readable(ctx, frame))
        if view.shows_papers
        else [],
        "clocks": [] if view.is_partner else clocks(ctx, frame),
        "ladder": _ladder(ctx, frame, tasks, shown_ids),
        "certificates": [] if view.sight in (Sight.BLIND, Sight.SUMMARY) else certificate_rows(ctx, frame.case.id),
        "registrations": registration_rows(ctx, frame.case.id) if view.shows_papers else [],
        "messages": messages_of(ctx, frame),
        "tasks": [_task(frame, row) for row in tasks if row.leg_id in shown_ids],
        "incidents": [row for row in incidents_of(ctx, frame) if row["leg_id"] in shown_ids],
        "jobs": [row for row in jobs_of(ctx, frame) if row["leg_id"] in shown_ids],
        "offered": offered(ctx, frame),
        "may": _may(ctx, frame),
        "window": _window(ctx, frame),
        "privacy": _privacy(ctx, frame, masks.hidden(application if application is not None else received), given),
    }


def _window(ctx: Context, frame: Frame) -> dict[str, Any] | None:
    """Where the applicant is served in person; None of what was handed in online, and for partners, who do not serve."""
    case = frame.case
    if case.window_site_id is None or case.applicant_user_id is None or frame.view.is_partner:
        return None
    site = ctx.session.get_one(Site, case.window_site_id)
    return {
        "site_name": site.name,
        "phone": site.phone,
        "has_account": not without_account(ctx.session, [case.applicant_user_id]),
        "may_serve": ctx.actor.has(Role.RECV_CLERK, site.id),
    }


def _masked(masks: Masks, data: Any, given: Disclosure | None) -> Any:
    if data is None:
        return None
    return masks.masked(data, plain=given is not None, sensitive=given is not None and given.is_sensitive)


def _privacy(ctx: Context, frame: Frame, has_sensitive: bool, given: Disclosure | None) -> dict[str, Any]:
    """What is masked on the page, until when it is not, and whether the reader may ask."""
    standing = disclosure.standing_of(ctx, frame)
    return {
        "shown_until": given.expires_at if given else None,
        "shows_sensitive": given is not None and given.is_sensitive,
        "has_sensitive": has_sensitive,
        "may_ask": standing is not None,
        "needs_second": standing is not None and standing.second,
        "needs_order": standing is not None and standing.needs_order,
        "consents": consents.list_of(ctx, frame.case.id) if frame.view.shows_subject else [],
        "erased_at": frame.case.erased_at,
        "held": _held(ctx, frame),
        "purposes": [
            {"code": each.code, "name": each.name, "name_en": each.name_en}
            for each in disclosure.purposes().values()
            if standing is not None and each.roles & standing.roles
        ],
    }


def _held(ctx: Context, frame: Frame) -> dict[str, Any] | None:
    """That the case is kept from deletion, why, by whom and until when; other sites' readers see no holds."""
    row = holds.find_of(ctx, frame.case.id)
    if row is None:
        return None
    return {"held_by": row.held_by, "held_at": row.held_at, "until_at": row.until_at, "reason": row.reason}


def _offered_element(each: Any) -> dict[str, Any]:
    name, name_en = labels.names_of(labels.ROLES, each.role)
    return asdict(each) | {"role_name": name, "role_name_en": name_en}


def offered(ctx: Context, frame: Frame) -> list[dict[str, Any]]:
    """What the reader may start in the open ad-hoc sub-processes of the case."""
    rows = []
    for found in ad_hoc.list_offered(ctx, frame):
        elements = [_offered_element(each) for each in found.elements]
        rows.append(asdict(found) | {"elements": elements})
    return rows


def _received(ctx: Context, frame: Frame, leg: Leg) -> Any:
    """What came to the leg, as far as the item's contract still lets it be read."""
    contract = contracts.find_contract(ctx.session, frame.case.item_code, frame.case.submitted_at)
    if contract is None or leg.received is None:
        return leg.received
    return contracts.only(leg.received, contract.paths_from("main"))


def _contract_names(ctx: Context, leg: Leg) -> dict[str, str]:
    """What the data contract calls the fields that come to a leg: path → name."""
    flows = store.load_definition(ctx.session, leg.definition_id).model.message_flows
    return {
        field.path.replace("[]", ""): field.name
        for flow in flows
        if flow.target_participant == leg.participant_id
        for field in flow.fields
        if field.name
    }


def clocks(ctx: Context, frame: Frame) -> list[dict[str, Any]]:
    """The case's two clocks with every change of their dates."""
    events = deadlines.list_clock_events(ctx.session, frame.case.id)
    rows = []
    for clock in deadlines.list_clocks(ctx.session, frame.case.id):
        read = deadlines.reading(ctx.session, clock, ctx.clock.now())
        rows.append(
            {
                "kind": clock.kind,
                "kind_name": labels.name_of(labels.CLOCKS, clock.kind),
                "total_days": read.total,
                "used_days": read.used,
                "remaining_days": read.remaining,
                "state": read.state,
                "due_at": clock.due_at,
                "provisional": clock.is_provisional,
                "source": clock.source,
                "events": [clock_event(event) for event in events if event.kind == clock.kind],
            }
        )
    return rows


def clock_event(event: Any) -> dict[str, Any]:
    """One change of a promised date, in words."""
    action = event.action.upper()
    return {
        "at": event.at,
        "action": event.action,
        "action_name": labels.name_of(labels.CLOCK_ACTIONS, action),
        "reason": event.reason,
        "reason_name": labels.name_of(labels.STOP_REASONS, event.reason),
        "due_before": event.due_before,
        "due_after": event.due_after,
        "used_days": event.used_days,
    }


def certificate_rows(ctx: Context, case_id: int) -> list[dict[str, Any]]:
    """The certificates of a case, holders masked."""
    return [
        asdict(line)
        | {
            "kind_name": labels.name_of(labels.CERTIFICATES, line.kind),
            "kind_name_en": labels.name_en_of(labels.CERTIFICATES, line.kind),
            "state_name": labels.name_of(labels.CERTIFICATE_STATES, line.state),
            "state_name_en": labels.name_en_of(labels.CERTIFICATE_STATES, line.state),
        }
        for line in certificates.list_certificates(ctx.session, case_id)
    ]


def registration_rows(ctx: Context, case_id: int) -> list[dict[str, Any]]:
    """The registrations that a case moves, people masked."""
    return [
        asdict(line)
        | {
            "state_name": labels.name_of(labels.REGISTRATION_STATES, line.state),
            "state_name_en": labels.name_en_of(labels.REGISTRATION_STATES, line.state),
        }
        for line in registrations.list_registrations(ctx.session, case_id)
    ]


def readable(ctx: Context, frame: Frame) -> Any:
    """Which documents of the case its reader may open."""
    if not frame.view.shows_papers:
        return documents.for_nobody()
    if frame.view.sight is Sight.PARTNER:
        contract = contracts.find_contract(ctx.session, frame.case.item_code, frame.case.submitted_at)
        own = [leg.id for leg in frame.legs if frame.view.shows_leg(leg.site_id, leg.role)]
        return documents.for_partner(own, None if contract is None else contract.documents)
    return documents.for_lead()


def _leg(ctx: Context, frame: Frame, leg: Leg, tasks: list[Any]) -> dict[str, Any]:
    """A leg; of the main leg a partner reads only the coarse state and the dates."""
    site = frame.sites[leg.site_id]
    full = frame.view.shows_leg(leg.site_id, leg.role)
    coarse = labels.coarse(leg.status, ended=leg.ended_at is not None)
    table = labels.STATUSES if full else labels.COARSE_STATUSES
    status = leg.status if full else coarse
    return {
        "id": leg.id,
        "participant_id": leg.participant_id,
        "participant_name": leg.participant_name,
        "site_id": leg.site_id,
        "site_code": site.code,
        "site_name": site.name,
        "site_phone": site.phone,
        "role": leg.role,
        "role_name": labels.name_of(labels.LEG_ROLES, leg.role),
        "role_name_en": labels.name_en_of(labels.LEG_ROLES, leg.role),
        "case_no": leg.case_no,
        "status": status,
        "status_name": labels.name_of(table, status),
        "status_name_en": labels.name_en_of(table, status),
        "suspended": leg.is_suspended,
        "started_at": leg.started_at,
        "ended_at": leg.ended_at,
        "current_elements": _current(ctx, leg, tasks) if full else [],
        "mine": leg.site_id in frame.view.my_sites,
    }


def _current(ctx: Context, leg: Leg, tasks: list[Any]) -> list[dict[str, Any]]:
    """Where the leg's tokens are: since when, in whose hands, due when."""
    elements = store.load_elements(ctx.session, leg.definition_id)
    open_tasks = {row.element_id: row for row in tasks if row.leg_id == leg.id and row.state == "open"}
    rows = []
    for element_id in leg.active_elements:
        element, task = elements.get(element_id), open_tasks.get(element_id)
        since = leg.active_since.get(element_id)
        performer = None
        if task is not None:
            performer = task.assignee_name or labels.name_of(labels.ROLES, task.role)
        rows.append(
            {
                "id": element_id,
                "name": labels.one_line(element.name if element else "") or element_id,
                "since": datetime.fromisoformat(since) if since else leg.updated_at,
                "performer": performer,
                "due_at": task.due_at if task else None,
            }
        )
    return rows


def _doer(row: Any) -> str | None:
    """Who has a task or did it; an applicant is not named, the clerk who did it for the applicant at a window is."""
    if row.role != Role.APPLICANT:
        name: str | None = row.assignee_name or row.completed_name
        return name
    applicant = labels.name_of(labels.ROLES, row.role)
    return f"{row.completed_name} 窗口代 {applicant}" if row.completed_name else applicant


def _task(frame: Frame, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": labels.one_line(row.name),
        "site_name": frame.sites[row.site_id].name if row.site_id in frame.sites else "",
        "state": row.state,
        "role_name": labels.name_of(labels.ROLES, row.role),
        "assignee_name": _doer(row),
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
    }


def _materials(ctx: Context, frame: Frame, shown_ids: list[int]) -> list[Any]:
    if frame.view.sight is Sight.FULL:
        return materials.list_materials(ctx.session, frame.case.id, leg_ids=[None])
    if frame.view.shows_papers:
        return materials.list_materials(ctx.session, frame.case.id, leg_ids=shown_ids)
    return []


def _ladder(ctx: Context, frame: Frame, tasks: list[Any], shown_ids: list[int]) -> list[dict[str, Any]]:
    names = {row.id: labels.one_line(row.name) for row in tasks}
    steps = [step for step in deadlines.list_ladder(ctx.session, frame.case.id) if _shows_step(frame, step, shown_ids)]
    people = names_of(ctx.session, {step.raised_by for step in steps if step.raised_by})
    # The platform's administrator keeps the platform running and reads nothing of what sites write to each other (DOMAIN §5.1).
    words = frame.view.sight is not Sight.BLIND or any(ctx.actor.roles_at(leg.site_id) for leg in frame.legs)
    return [
        {
            "id": step.id,
            "number": step.number,
            "kind": step.kind,
            "kind_name": labels.name_of(labels.LADDER, step.kind),
            "kind_name_en": labels.name_en_of(labels.LADDER, step.kind),
            "level": step.level,
            "source": step.source,
            "site_name": frame.sites[step.site_id].name if step.site_id in frame.sites else "",
            "task_name": names.get(step.task_id or ""),
            "due_at": step.due_at,
            "raised_at": step.raised_at,
            "raised_by_name": _raised_by(frame, step, people),
            "note": step.note if words else "",
            "told": step.told,
            "told_name": step.told_name,
            "answer": step.answer if words else None,
            "answered_at": step.answered_at,
            "may_answer": step.answered_at is None
            and bool(ctx.actor.roles_at(step.site_id) & (scope.DESK | {Role.LIAISON})),
        }
        for step in steps
    ]


def _raised_by(frame: Frame, step: Any, people: dict[int, str]) -> str | None:
    """Who raised a step; an applicant is not named, the clerk at whose window the applicant did it is."""
    if step.source != "applicant":
        return people.get(step.raised_by or 0)
    at_window = step.raised_by and step.raised_by != frame.case.applicant_user_id
    return f"{people.get(step.raised_by, '')} 窗口代 申请人".strip() if at_window else "申请人"


def _shows_step(frame: Frame, step: Any, shown_ids: list[int]) -> bool:
    """Both sites see an urge: the one that is urged, and the one that waits."""
    return step.leg_id in shown_ids or step.site_id in frame.view.my_sites


def _may(ctx: Context, frame: Frame) -> dict[str, bool]:
    actor = ctx.actor
    involved = {leg.site_id for leg in frame.legs}
    open_case = frame.case.closed_at is None
    works = any(actor.roles_at(site) & (scope.DESK | {Role.LIAISON, Role.SUPERVISOR}) for site in involved)
    runs = actor.has(Role.PLATFORM_ADMIN) or any(Role.SITE_ADMIN in actor.roles_at(site) for site in involved)
    return {"urge": open_case and works, "suspend": open_case and runs, "retry": runs}
