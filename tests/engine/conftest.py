from __future__ import annotations

from typing import Any

import pytest

from forms.expressions import FeelExpressions
from tests.engine.kit import Drive, Driver


@pytest.fixture
def drive(feel: FeelExpressions) -> Drive:
    def make(xml: bytes, **options: Any) -> Driver:
        return Driver(xml, feel, **options)

    return make
