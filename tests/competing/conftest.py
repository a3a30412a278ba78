import pytest

from bootstrap.container import Platform
from tests.support.world import World


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform).settle()
