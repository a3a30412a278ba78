"""Ad-hoc sub-processes: what starts by itself, what is chosen, when it is done."""

from __future__ import annotations

import pytest

from engine.errors import AdHocNotOpen, ElementNotEnabled
from tests.engine.kit import (
    Drive,
    Driver,
    boundary,
    chain,
    declare,
    document,
    end,
    io,
    loop,
    message,
    node,
    quote,
    script,
    service,
    start,
    timer,
    user,
)

TASKS = user("a") + user("b") + user("c")


def ad_hoc(
    inside: str, condition: str = "", active: str = "", extra: str = "", ext: str = "", **attributes: str
) -> bytes:
    done = f"<bpmn:completionCondition>{quote(condition)}</bpmn:completionCondition>" if condition else ""
    listed = f'<zeebe:adHoc activeElementsCollection="{quote(active)}"/>' if active else ""
    sub = node("adHocSubProcess", "sub", inside + done, listed + ext, **attributes)
    return document(
        start() + sub + user("after") + end() + chain("start", "sub", "after", "end") + extra,
        declarations=declare(messages=["m"], errors=["e"]),
    )


def choose(d: Driver, *elements: str) -> Driver:
    return d._took(d.engine.activate("d1", d.last.state, d.last.ad_hocs[0].id, elements, d.env))


def test_scripts_start_by_themselves_all_at_once(drive: Drive) -> None:
    d = drive(ad_hoc(script("one", "1", "x") + script("two", "2", "y"))).start()
    assert (d.tasks(), d.variables) == (["after"], {"x": 1, "y": 2})
    assert d.last.ad_hocs == ()
    assert d.complete("after").ended


def test_in_sequence_each_once_one_after_the_other(drive: Drive) -> None:
    d = drive(ad_hoc(service("one", "work") + service("two", "work"), ordering="Sequential")).start()
    assert d.last.active_elements == ("sub", "one")
    d._took(d.engine.complete_job("d1", d.last.state, d.job("one"), {}, d.env))
    assert d.last.active_elements == ("sub", "two")
    d._took(d.engine.complete_job("d1", d.last.state, d.job("two"), {}, d.env))
    assert d.tasks() == ["after"]


@pytest.mark.parametrize(("ordering", "ran"), [("Parallel", ["one"]), ("Sequential", ["one"])])
def test_the_completion_condition_stops_what_has_not_run(drive: Drive, ordering: str, ran: list[str]) -> None:
    d = drive(ad_hoc(script("one", "1", "n") + script("two", "2", "n"), "n = 1", ordering=ordering)).start()
    assert (d.tasks(), d.variables) == (["after"], {"n": 1})
    assert [e for e, kind in d.history if kind == "left" and e in {"one", "two"}] == ran


def test_people_choose_what_they_do(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS)).start()
    assert d.tasks() == []
    (open_,) = d.last.ad_hocs
    assert (open_.element_id, open_.enabled) == ("sub", ("a", "b", "c"))
    choose(d, "b", "a")
    assert d.tasks() == ["a", "b"]
    d.complete("a").complete("b")
    assert d.tasks() == []  # c was not chosen yet
    choose(d, "b")
    assert d.complete("b").tasks() == []
    choose(d, "c")
    assert d.complete("c").tasks() == ["after"]
    with pytest.raises(AdHocNotOpen):
        d.engine.activate("d1", d.last.state, open_.id, ["a"], d.env)


def test_people_choose_until_the_condition_holds(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS, "enough")).start({"enough": False})
    choose(d, "a", "c", "a")
    assert d.complete("a", enough=False).tasks() == ["a", "c"]
    d.complete("c", enough=True)
    assert d.tasks() == ["after"]
    assert [t.element_id for t in d.last.closed_tasks if t.cancelled] == ["a"]


def test_what_runs_may_be_finished_when_the_condition_holds(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS, "enough", cancelRemainingInstances="false")).start({"enough": False})
    choose(d, "a", "b")
    d.complete("a", enough=True)
    assert d.tasks() == ["b"]
    assert d.last.ad_hocs[0].enabled == ()
    with pytest.raises(ElementNotEnabled):
        choose(d, "c")
    assert d.complete("b").tasks() == ["after"]


def test_chosen_in_sequence_they_queue(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS, ordering="Sequential")).start()
    choose(d, "b", "a")
    assert d.tasks() == ["b"]
    choose(d, "c")
    assert d.complete("b").tasks() == ["a"]
    assert d.complete("a").tasks() == ["c"]
    assert d.complete("c").tasks() == ["after"]


def test_listed_elements_start_by_themselves(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS, active="=todo")).start({"todo": ["c", "a"]})
    assert d.tasks() == ["a", "c"]
    choose(d, "b")
    d.complete("a").complete("b")
    assert d.complete("c").tasks() == ["after"]
    assert drive(ad_hoc(TASKS, active="=todo")).start({"todo": []}).tasks() == ["after"]


@pytest.mark.parametrize(
    ("todo", "code"),
    [
        ("a", "collectionInvalid"),
        ([1], "collectionInvalid"),
        (["after"], "adHocElementUnknown"),
        (None, "collectionInvalid"),
    ],
)
def test_a_wrong_list_is_an_incident(drive: Drive, todo: object, code: str) -> None:
    d = drive(ad_hoc(TASKS, active="=todo")).start({"todo": todo})
    assert d.incidents() == [("sub", code)]
    d.set(todo=["b"])
    assert d.retry().tasks() == ["b"]


def test_only_what_nothing_leads_to_is_offered(drive: Drive) -> None:
    inside = (
        user("a")
        + user("then")
        + chain("a", "then")
        + service("auto", "work")
        + user("late")
        + boundary("b", "a", timer("PT1H"), interrupting=False)
        + chain("b", "late")
    )
    d = drive(ad_hoc(inside)).start()
    assert d.last.ad_hocs[0].enabled == ("a", "auto")
    d._took(d.engine.complete_job("d1", d.last.state, d.job("auto"), {}, d.env))
    for wrong in (["then"], ["a", "gone"], []):
        with pytest.raises(ElementNotEnabled):
            choose(d, *wrong)
    choose(d, "a").after(hours=1)
    assert d.tasks() == ["a", "late"]
    assert d.complete("a").tasks() == ["late", "then"]
    assert d.complete("then").tasks() == ["late"]
    assert d.complete("late").tasks() == ["after"]


def test_a_condition_that_is_no_boolean_is_an_incident(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS, "state")).start({"state": "x"})
    choose(d, "a", "b").complete("a")
    assert (d.incidents(), d.tasks()) == ([("sub", "conditionNotBoolean")], ["b"])
    d.complete("b")
    d.set(state=True)
    assert d.retry().tasks() == ["after"]
    assert d.incidents() == []


def test_boundary_events_interrupt_it(drive: Drive) -> None:
    d = drive(
        ad_hoc(TASKS, extra=boundary("late", "sub", timer("PT1H")) + user("x") + chain("late", "x", "end"))
    ).start()
    choose(d, "a").after(hours=1)
    assert (d.tasks(), d.last.ad_hocs) == (["x"], ())


@pytest.mark.parametrize("interrupting", ["true", "false"])
def test_an_event_subprocess_inside(drive: Drive, interrupting: str) -> None:
    handler = node(
        "subProcess",
        "h",
        start("hs", message("m_m"), isInterrupting=interrupting) + user("ht") + end("he") + chain("hs", "ht", "he"),
        triggeredByEvent="true",
    )
    d = drive(ad_hoc(TASKS + handler)).start()
    choose(d, "a")
    assert d.message("m")
    if interrupting == "true":
        assert (d.tasks(), d.last.ad_hocs[0].enabled) == (["ht"], ())
        assert d.complete("ht").tasks() == ["after"]
    else:
        assert d.tasks() == ["a", "ht"]
        choose(d, "b", "c")
        for each in ("a", "ht", "b", "c"):
            d.complete(each)
        assert d.tasks() == ["after"]


def test_its_variables_are_its_own(drive: Drive) -> None:
    d = drive(ad_hoc(script("one", "own + 1", "own"), ext=io({"own": "=1"}, {"out": "=own"}))).start()
    assert d.variables == {"out": 2}


def test_one_for_each_item(drive: Drive) -> None:
    d = drive(ad_hoc(loop("=[1, 2]", "item") + TASKS)).start()
    assert [o.loop_index for o in d.last.ad_hocs] == [0, 1]
    second = d.last.ad_hocs[1]
    d._took(d.engine.activate("d1", d.last.state, second.id, ["a"], d.env))
    assert d.tasks() == ["a"]


def test_cancelling_the_instance_closes_it(drive: Drive) -> None:
    d = drive(ad_hoc(TASKS)).start()
    choose(d, "a")
    d._took(d.engine.cancel("d1", d.last.state, d.env))
    assert d.ended
    assert d.last.ad_hocs == ()
