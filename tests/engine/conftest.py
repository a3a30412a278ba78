from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from forms.expressions import FeelExpressions
from forms.kernel import Kernel
from tests.engine.kit import Driver


@pytest.fixture(scope="session")
def feel() -> Iterator[FeelExpressions]:
    kernel = Kernel(time_limit_ms=20_000)  # a busy machine must not matter here
    yield FeelExpressions(kernel)
    kernel.close()


@pytest.fixture
def drive(feel: FeelExpressions) -> Callable[..., Driver]:
    def make(xml: bytes, **options: Any) -> Driver:
        return Driver(xml, feel, **options)

    return make
