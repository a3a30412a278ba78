"""The kernel of the built bundle, one for all tests of the room."""

from collections.abc import Iterator

import pytest

from forms.kernel import BUNDLE, Kernel


@pytest.fixture(scope="session")
def kernel() -> Iterator[Kernel]:
    assert BUNDLE.exists(), "build the kernel first: make build"
    made = Kernel(time_limit_ms=2000)
    yield made
    made.close()
