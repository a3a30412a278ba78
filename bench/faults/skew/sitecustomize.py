"""Loaded by Python itself in a node whose host clock is to be wrong: shifts time.time and datetime.now by CLOCK_SKEW seconds.

Used only where libfaketime is not installed.
"""

import datetime as dt
import os
import time
from typing import Any

_SECONDS = float(os.environ.get("CLOCK_SKEW", "0"))
_time, _time_ns, _real = time.time, time.time_ns, dt.datetime


class _Kind(type(_real)):  # type: ignore[misc]
    """What was made by C code is a datetime too."""

    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, _real)


class _Skewed(_real, metaclass=_Kind):  # type: ignore[misc]
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _real.now(tz) + dt.timedelta(seconds=_SECONDS)


if _SECONDS:
    time.time = lambda: _time() + _SECONDS
    time.time_ns = lambda: _time_ns() + int(_SECONDS * 1e9)
    dt.datetime = _Skewed  # type: ignore[misc]
