from tests.engine.kit import *


def test_linear(drive):
    d = drive(
        document(
            start() + user("a") + user("b", ext=io(outputs={"x": "=y + 1"})) + end() + chain("start", "a", "b", "end")
        )
    )
    d.start({"n": 1})
    assert d.tasks() == ["a"]
    d.complete("a", who="me")
    assert d.tasks() == ["b"]
    d.complete("b", y=2)
    assert d.ended and d.variables == {"n": 1, "who": "me", "x": 3}
    print(d.history)


def test_xor(drive):
    x = document(
        start()
        + node("exclusiveGateway", "g", default="f_g_c")
        + user("b")
        + user("c")
        + node("parallelGateway", "s")
        + node("parallelGateway", "j")
        + user("p1")
        + user("p2")
        + end()
        + chain("start", "g")
        + flow("g", "b", "n > 3")
        + flow("g", "c")
        + chain("b", "s", "p1", "j", "end")
        + chain("s", "p2", "j")
        + chain("c", "end")
    )
    d = drive(x).start({"n": 5})
    assert d.tasks() == ["b"]
    d.complete("b")
    assert d.tasks() == ["p1", "p2"]
    d.complete("p1", r1=1)
    assert d.tasks() == ["p2"]
    d.complete("p2", r2=1)
    assert d.ended and d.variables == {"n": 5, "r1": 1, "r2": 1}
    d = drive(x).start({"n": 2})
    assert d.tasks() == ["c"]
