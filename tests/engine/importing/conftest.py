from __future__ import annotations

from collections.abc import Iterator

import pytest

from forms.expressions import FeelExpressions
from forms.kernel import Kernel


@pytest.fixture(scope="session")
def feel_kernel() -> Iterator[FeelExpressions]:
    kernel = Kernel(time_limit_ms=20_000)  # a busy machine must not matter here
    yield FeelExpressions(kernel)
    kernel.close()
