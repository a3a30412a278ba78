"""States saved by released versions go on. A new state version gets a new file beside the old ones, made by ``remember``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.contract import Expressions
from tests.engine.calling import call
from tests.engine.compensating import CANCEL, compensate, undo
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
    throw,
    timer,
    user,
)
from tests.engine.scoping import CALLED, sub

STATES = Path(__file__).parent / "states"
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


@pytest.mark.parametrize("file", sorted(STATES.glob("v*.json")), ids=lambda p: p.stem)
def test_a_saved_state_goes_on_to_its_end(file: Path, drive: Callable[..., Driver]) -> None:
    saved = json.loads(file.read_text(encoding="utf-8"))
    d = drive(everything())
    d.sources["d1"] = saved["xml"].encode()
    d.resume(saved["state"].encode())
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


def undoing() -> tuple[bytes, bytes]:
    """(a model that calls, compensates and cancels; the model it calls)."""
    booked = user("b") + undo("b")
    transaction = node(
        "transaction",
        "tx",
        start("ts") + sub("s", booked) + user("ask") + end("no", CANCEL) + chain("ts", "s", "ask", "no"),
    )
    main = (
        start() + node("parallelGateway", "fork") + call() + transaction + boundary("cancelled", "tx", CANCEL) + user("bad")
        + user("c") + throw("t", compensate("c"), '<lianban:compensation order="sequential"/>') + undo("c")
        + node("parallelGateway", "join") + user("ask2") + end("end", compensate())
        + chain("start", "fork", "call", "join", "ask2", "end") + node("exclusiveGateway", "m") + chain("fork", "tx", "m", "join") + chain("cancelled", "bad", "m")
        + chain("fork", "c", "t", "join")
    )  # fmt: skip
    called = start() + user("a") + user("b") + end() + chain("start", "a", "b", "end") + undo("a")
    return document(main), document(called, ids=("q",))


def remember_undoing(feel: Expressions, path: Path) -> None:
    """Write the fixture of a state in the middle of a call, a compensation and a cancelled transaction."""
    main, called = undoing()
    d = Driver(main, feel).deploy("17", called).start()
    d.complete("17#a").complete("c").complete("b").complete("ask")
    files = {name: xml.decode() for name, xml in d.sources.items()}
    path.write_text(
        json.dumps({"files": files, "state": d.last.state.decode()}, ensure_ascii=False, indent=1), encoding="utf-8"
    )


@pytest.mark.parametrize("file", sorted(STATES.glob("undoing-*.json")), ids=lambda p: p.stem)
def test_a_saved_compensation_goes_on_to_its_end(file: Path, drive: Callable[..., Driver]) -> None:
    saved = json.loads(file.read_text(encoding="utf-8"))
    d = drive(undoing()[0])
    d.sources.update({name: xml.encode() for name, xml in saved["files"].items()})
    d.resume(saved["state"].encode())
    assert d.tasks() == ["17#b", "undo_b", "undo_c"]
    d.complete("undo_b").complete("undo_c").complete("17#b").complete("bad").complete("ask2")
    assert d.tasks() == ["17#undo_a"]
    d.complete("17#undo_a")
    assert d.ended
