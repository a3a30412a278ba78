from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms.expressions import FeelExpressions
from forms.kernel import Kernel
from tests.engine.kit import Driver


@pytest.fixture(scope="session")
def feel() -> FeelExpressions:
    return FeelExpressions(Kernel())


@pytest.fixture
def drive(feel: FeelExpressions) -> Callable[..., Driver]:
    def make(xml: bytes, **options: Any) -> Driver:
        return Driver(xml, feel, **options)

    return make
