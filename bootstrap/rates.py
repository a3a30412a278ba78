"""Rate limits of the whole deployment: each token is taken in a transaction of its own, whatever becomes of the request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bootstrap.numbers import is_exhausted
from domain.rates import service

log = structlog.get_logger(__name__)
Take = Callable[[str, str, int, float], float]
"""(rate, who, burst, seconds between tokens) → seconds to wait; 0: taken."""


def sharing(sql: Engine) -> Take:
    """Take over another connection of the pool. When there is none, or the database is away, only the process's own count holds."""

    def take(rate: str, who: str, burst: int, seconds: float) -> float:
        if is_exhausted(sql):
            return 0.0
        try:
            with sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return service.take(connection, rate, who, burst, seconds)
        except (DBAPIError, PoolTimeout) as error:
            log.warning("rates.not_shared", rate=rate, reason=type(error).__name__)
            return 0.0

    return take
