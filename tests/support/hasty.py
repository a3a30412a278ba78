"""A node that waits less long than the patient ones of the tests: for what happens when a limit is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from bootstrap.container import Platform, make_sql_engine


@contextmanager
def hasty(platform: Platform, **limits: Any) -> Iterator[Platform]:
    """The same deployment with these settings, over connections of its own."""
    settings = replace(platform.settings, **limits)
    sql = make_sql_engine(settings, platform.sql.url.render_as_string(hide_password=False))
    yield Platform(settings, sql, handlers=platform.handlers)
    sql.dispose()
