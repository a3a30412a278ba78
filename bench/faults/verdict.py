"""What a run left in the database, against what its people were told, and against a case that nobody disturbed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from bench.faults.load import Accepted
from bench.faults.people import TIMER_ITEM, TIMERS_EACH
from bootstrap.container import Platform
from bootstrap.script import ITEM
from domain.actors import SYSTEM
from domain.audit import service as audit

LONGEST = 80
ORDERED = "{} in ('CBD', 'DBD')"
"""催办单 and 督办单: orders of the deadline ladder, which climbs with the time that a case takes. Counted against its steps."""
SHAPE = f"""
    select case_id, 'task ' || element_id || ' ' || state || ' ' || coalesce(action, '') as fact from tasks
    union all select case_id, 'leg ' || participant_id || ' ' || status || ' ' || (ended_at is not null) from legs
    union all select case_id, 'certificate ' || kind || ' ' || state from certificates
    union all select e.case_id, 'certificate event ' || c.kind || ' ' || e.operation
        from certificate_operations e join certificates c on c.id = e.certificate_id
    union all select case_id, 'registration ' || state from registrations
    union all select case_id, 'document ' || code from documents where not ({ORDERED.format("code")})
    union all select case_id, 'message ' || name || ' ' || direction || ' ' || state from messages
    union all select case_id, 'notice ' || template from notifications where template !~ '^(ladder|deadline|clock|remind|partner.late$)'
    union all select case_id, 'event ' || kind from audit_events
        where kind !~ '^(deadline|ladder|incident|work|message.acknowledged|message.parked|message.replayed|clock|notice)'
        and not (kind = 'document.issued' and ({ORDERED.format("data->>'code'")}))
"""
"""Facts of a case that no fault and no passing of time may change."""
ZERO = {
    "incidents open": "select count(*) from incidents where resolved_at is null",
    "incidents at all": "select count(*) from incidents",
    "legs not ended": "select count(*) from legs where ended_at is null",
    "work failed": "select count(*) from work where state = 'failed'",
    "work overdue": "select count(*) from work w where state in ('pending', 'promoted') and due_at < clock_timestamp() "
    "+ make_interval(secs => coalesce((select offset_seconds from training_clock where id = 1), 0)) - interval '30 seconds'",
    "work of closed timers": "select count(*) from work w join legs l on l.id = w.leg_id where w.kind = 'timer.fire' "
    "and w.state in ('pending', 'promoted', 'held') and l.ended_at is not null",
    "tasks doubled": "select count(*) from (select leg_id, element_id from tasks where state = 'open' group by leg_id, element_id "
    "having count(*) > 1) d",
    "certificates doubled": "select count(*) from (select case_id, kind from certificates where case_id is not null "
    "group by case_id, kind having count(*) > 1) d",
    "registrations doubled": "select count(*) from (select max(id) from registrations where state = 'ACTIVE' "
    "group by person_blind having count(*) > 1) d",
    "messages doubled": "select count(*) from (select case_id, name, direction from messages "
    "group by case_id, name, direction, correlation_key, sender_participant having count(*) > 1) d",
    "ladder steps doubled": "select count(*) from (select task_id, kind, level from ladder_steps group by task_id, source, kind, level "
    "having count(*) > 1) d",
    "ladder orders not matched by their document": "select count(*) from (select case_id, code, sum(n) from ("
    "select case_id, code, 1 as n from documents where code in ('CBD', 'DBD') union all "
    "select case_id, case kind when 'URGE' then 'CBD' else 'DBD' end, -1 from ladder_steps where kind in ('URGE', 'SUPERVISE')"
    ") b group by 1, 2 having sum(n) <> 0) d",
    "documents not matched by their record": "select count(*) from (select case_id, code, sum(n) from ("
    "select case_id, code, 1 as n from documents union all "
    "select case_id, data->>'code', -1 from audit_events where kind = 'document.issued') b group by 1, 2 having sum(n) <> 0) d",
    "timers fired twice": "select count(*) from (select leg_id, data->>'timerId' from audit_events where kind = 'timer.fired' "
    "group by leg_id, data->>'timerId' having count(*) > 1) d",
    "timers done without a record": "select count(*) from work w where kind = 'timer.fire' and state = 'done' and not exists "
    "(select 1 from audit_events a where a.leg_id = w.leg_id and a.kind = 'timer.fired' and a.data->>'timerId' = w.ref)",
    "queue jobs left": "select count(*) from procrastinate_jobs j where status <> 'todo' and exists "
    "(select 1 from work w where w.state = 'promoted' and j.args->'ids' @> to_jsonb(w.id))",
}


@dataclass
class Verdict:
    """``wrong`` must be empty. ``figures`` are for the table. ``lines``: each difference with the row or the case that it is about."""

    wrong: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def judge(platform: Platform, accepted: Accepted, calm: int, cases: int) -> Verdict:
    """Look at everything. ``calm`` cases were done before any harm was done; ``cases`` are all."""
    verdict = Verdict(wrong=list(dict.fromkeys(accepted.surprises)))
    with platform.transaction(SYSTEM) as ctx:

        def rows(query: str, **values: Any) -> list[Any]:
            return list(ctx.session.execute(text(query), values))

        for name, query in ZERO.items():
            count = int(rows(query)[0][0])
            verdict.figures[name] = count
            if count and name != "incidents at all":
                verdict.wrong.append(f"{name}: {count}")
                which = rows(query.replace("select count(*) from", "select * from", 1))
                verdict.lines += [f"{name}: {_told(row)}" for row in which]
        _kept(verdict, accepted, rows, cases)
        _alike(verdict, rows, calm)
        _timers(verdict, rows, cases)
        ids = [row.id for row in rows("select id from cases order by id")]
    broken = 0
    for case_id in ids:
        with platform.transaction(SYSTEM) as ctx:
            broken += not audit.verify(ctx, case_id).verified
    verdict.figures |= {"chains": len(ids), "chains broken": broken}
    if broken:
        verdict.wrong.append(f"chains broken: {broken}")
    return verdict


def _told(row: Any) -> str:
    """What can be read of a row."""
    return " ".join(f"{name}={value}" for name, value in row._mapping.items() if len(str(value)) < LONGEST)  # noqa: SLF001 -- its public name


def _kept(verdict: Verdict, accepted: Accepted, rows: Any, cases: int) -> None:
    """What was accepted is there; what is there was accepted."""
    known = {row.case_no for row in rows("select case_no from cases where item_code = :item", item=ITEM)}
    lost = set(accepted.applications.values()) - known
    doubled = known - set(accepted.applications.values())
    done = {row.id for row in rows("select t.id from tasks t join cases c on c.id = t.case_id where c.item_code = :item "
                                   "and t.state = 'completed'", item=ITEM)}  # fmt: skip
    lost_tasks = set(accepted.tasks) - done
    unknown = done - set(accepted.tasks)
    closed = int(rows("select count(*) from cases where item_code = :item and result_code = '0'", item=ITEM)[0][0])
    verdict.figures |= {
        "cases": len(known), "cases closed with a grant": closed, "tasks completed": len(done),
        "applications lost": len(lost), "applications doubled": len(doubled),
        "completions lost": len(lost_tasks), "completions unasked": len(unknown),
    }  # fmt: skip
    verdict.lines += [f"application {case_no} is not there" for case_no in sorted(lost)]
    verdict.lines += [f"case {case_no} was never promised" for case_no in sorted(doubled)]
    verdict.lines += [f"task {task} was answered and is not completed" for task in sorted(lost_tasks)]
    verdict.lines += [f"task {task} is completed and nobody was told" for task in sorted(unknown)]
    for name in ("applications lost", "applications doubled", "completions lost", "completions unasked"):
        if verdict.figures[name]:
            verdict.wrong.append(f"{name}: {verdict.figures[name]}")
    if closed != cases:
        verdict.wrong.append(f"{cases - closed} cases did not come to their end")


def _alike(verdict: Verdict, rows: Any, calm: int) -> None:
    """Every case has the same facts as the undisturbed ones of its kind (with or without 补正)."""
    kinds = {row.id: row.rounds for row in rows(
        "select id, supplement_rounds as rounds from cases where item_code = :item order by id", item=ITEM)}  # fmt: skip
    facts: dict[int, Counter[str]] = {case_id: Counter() for case_id in kinds}
    for row in rows(SHAPE):
        if row.case_id in facts:
            facts[row.case_id][row.fact] += 1
    models: dict[int, Counter[str]] = {}
    for case_id in list(kinds)[:calm]:
        models.setdefault(kinds[case_id], facts[case_id])
    different: Counter[str] = Counter()
    for case_id, rounds in kinds.items():
        model = models.get(rounds)
        if model is None:
            verdict.wrong.append(f"no undisturbed case with {rounds} rounds to compare with")
            return
        for fact in (facts[case_id] - model) | (model - facts[case_id]):
            more = facts[case_id][fact] - model[fact]
            different[f"{fact}: {more:+}"] += 1
            verdict.lines.append(f"case {case_id} ({rounds} × 补正): {fact}: {more:+}")
    verdict.figures["facts compared"] = sum(sum(each.values()) for each in facts.values())
    verdict.figures["facts different"] = sum(different.values())
    verdict.wrong += [f"{count} cases differ from the undisturbed: {fact}" for fact, count in different.most_common(12)]


def _timers(verdict: Verdict, rows: Any, cases: int) -> None:
    """Each timer case fired its timers once and ended."""
    found = rows(
        "select c.id, (select count(*) from audit_events a where a.case_id = c.id and a.kind = 'timer.fired') as fired, "
        "c.closed_at is not null as closed from cases c where c.item_code = :item",
        item=TIMER_ITEM,
    )
    wrong = [row for row in found if row.fired != TIMERS_EACH or not row.closed]
    (steps,) = rows("select count(*) from work where kind = 'deadline.step' and state = 'done'")
    (late,) = rows(
        "select percentile_disc(0.5) within group (order by d) as p50, percentile_disc(0.99) within group (order by d) as p99, "
        "max(d) as worst from (select extract(epoch from done_at - due_at) as d from work "
        "where kind = 'timer.fire' and state = 'done') l"
    )
    verdict.figures |= {
        "timers fired": sum(row.fired for row in found), "timers expected": cases * TIMERS_EACH,
        "ladder steps done": int(steps[0]),
        "timer lateness p50/p99/max s": [round(float(each or 0), 2) for each in late],
    }  # fmt: skip
    if wrong or len(found) != cases:
        verdict.wrong.append(f"{len(wrong)} of {len(found)} timer cases (of {cases}) did not fire each timer once")
