import re

from bootstrap.settings import ROOT
from bootstrap.wiring import make_handlers
from scheduler.jobs import JOBS


def test_every_duty_that_is_planned_has_somebody_to_do_it() -> None:
    planned = set()
    for path in (ROOT / "domain").rglob("*.py"):
        planned |= set(re.findall(r'NewWork\(\s*"([a-z.]+)"', path.read_text(encoding="utf-8")))
    assert planned
    assert planned - set(JOBS) - set(make_handlers().jobs) == set()


def test_every_service_and_effect_of_the_dialect_is_offered() -> None:
    dialect = (ROOT / "docs" / "dialect.md").read_text(encoding="utf-8")
    services = set(
        re.findall(r"^\| `([a-z]+\.?[a-z]*)` \| [^|]*→|^\| `(notify|case\.close)` \|", dialect, re.MULTILINE)
    )
    named = {name for pair in services for name in pair if name}
    handlers = make_handlers()
    assert {"certificate.issue", "registration.settle", "notify", "case.close"} <= named
    assert named - set(handlers.services) - set(handlers.calls) == set()
    assert {"clock", "document", "supplement"} <= set(handlers.effects)
