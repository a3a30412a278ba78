"""States saved by released versions go on. A new state version gets a new file beside the old ones, made by ``remember``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.contract import Expressions
from tests.engine.kit import (
    Driver,
    boundary,
    catch,
    chain,
    declare,
    document,
    end,
    flow,
    io,
    loop,
    message,
    node,
    script,
    service,
    start,
    timer,
    user,
)

STATES = Path(__file__).parent / "states"
CALLED = start("cs") + user("ca") + end("ce") + chain("cs", "ca", "ce")
BRANCHES = ("task", "late", "receive", "choice", "far", "call", "people", "sub", "wrong")


def everything() -> bytes:
    """Each kind of waiting in a branch of its own."""
    parts = [
        user("task", ext=io({"shown": "=name"})),
        user("late") + boundary("again", "late", timer("R3/PT1H", "timeCycle"), interrupting=False) + user("urge") + chain("again", "urge"),
        node("receiveTask", "receive", messageRef="m_m"),
        node("eventBasedGateway", "choice") + catch("c1", timer("P9D")) + catch("c2", message("m_n")) + chain("choice", "c1", "join2") + chain("choice", "c2", "join2")
        + node("exclusiveGateway", "join2"),
        service("far", "far.away", ext=io({"x": "=name"})),
        node("callActivity", "call", ext='<zeebe:calledElement processId="called"/>'),
        user("people", loop("=list", "one", "answers", "=answer")),
        node("subProcess", "sub", user("inner") + node("subProcess", "h", start("hs", message("m_stop")) + user("stopped") + chain("hs", "stopped"), triggeredByEvent="true"),
             io({"own": "=1"}, {"fromSub": "=own + 1"})),
        script("wrong", "1", "w") + flow("wrong", "never", "name = 1") + user("never"),
    ]  # fmt: skip
    joins = (
        "".join(flow("fork", b) for b in BRANCHES)
        + "".join(flow(b, "join") for b in BRANCHES if b not in {"choice", "wrong"})
        + flow("join2", "join")
    )
    main = (
        start()
        + node("parallelGateway", "fork")
        + node("inclusiveGateway", "join")
        + end()
        + chain("start", "fork")
        + chain("join", "end")
    )
    return document(
        main + joins + "".join(parts), CALLED, ids=("p", "called"), declarations=declare(messages=["m", "n", "stop"])
    )


def remember(feel: Expressions, path: Path) -> None:
    """Write the fixture of the current state version."""
    d = Driver(everything(), feel).start({"name": "N", "list": [1, 2]})
    d.complete("people", 1, answer="second")
    path.write_text(
        json.dumps({"xml": d.parsed.xml.decode(), "state": d.last.state.decode()}, ensure_ascii=False, indent=1),
        encoding="utf-8",
    )


@pytest.mark.parametrize("file", sorted(STATES.glob("*.json")), ids=lambda p: p.stem)
def test_a_saved_state_goes_on_to_its_end(file: Path, drive: Callable[..., Driver]) -> None:
    saved = json.loads(file.read_text(encoding="utf-8"))
    d = drive(everything())
    d.sources["d1"] = saved["xml"].encode()
    snapshot = d.engine.inspect("d1", saved["state"].encode())
    d.open = {t.id: t for t in snapshot.tasks}
    d.waiting = {kind: {row.id for row in getattr(snapshot, kind)} for kind in d.waiting}
    d.seq = json.loads(saved["state"])["history"]
    d.last = d.engine.fire_timers("d1", saved["state"].encode(), d.env)
    assert d.tasks() == ["ca", "inner", "late", "people", "task"]
    assert d.incidents() == [("wrong", "noFlowTaken")]
    assert d.task("task").context == {"shown": "N"}
    d.after(hours=2)
    assert d.tasks().count("urge") == 2
    assert d.message("m", got=1)
    assert d.message("n")
    assert d.message("stop")
    d._took(d.engine.complete_job("d1", d.last.state, d.job("far"), {"answer": 7}, d.env))
    d.complete("people", 0, answer="first")
    for element in ("task", "late", "urge", "urge", "ca", "stopped"):
        d.complete(element, name=1) if element == "task" else d.complete(element)
    d.retry()
    d.complete("never")
    assert d.ended
    assert (d.variables["answers"], d.variables["fromSub"], d.variables["got"]) == (["first", "second"], 2, 1)
