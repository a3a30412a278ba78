"""What costs much in every test and proves nothing there: hashes of pass words, cold V8 isolates, the same model read again,
programs for addresses that nobody builds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest
from argon2 import PasswordHasher
from werkzeug.routing import Rule

from bootstrap import container
from bootstrap.container import Platform
from bootstrap.telemetry.observed import ObservedEngine
from domain.identity import passwords
from domain.identity.rules import HashCost
from engine.contract import Parsed
from engine.facade import Engine
from engine.limits import Limits
from forms.kernel import Kernel

hash_at_cost = passwords._hasher
"""As the product hashes; for the tests of just that."""
_compile_builder: Any = Rule._compile_builder
_make_kernel: Any = Platform.__dict__["forms"].func
_kernels: dict[tuple[object, ...], Kernel] = {}
_models: dict[tuple[bytes, bytes | None, Limits], Parsed] = {}


def hash_cheaply(cost: HashCost) -> PasswordHasher:
    """A thousandth of the work; dearer is still dearer, and a hash of another cost is still of another."""
    return PasswordHasher(time_cost=cost.passes, memory_cost=max(8, cost.memory_kib // 1024), parallelism=1)


def warm_kernel(platform: Platform) -> Kernel:
    """The process's isolate for these limits, whichever platform made it."""
    chosen = platform.settings
    limits = (
        chosen.expression_milliseconds,
        chosen.expression_megabytes,
        chosen.expression_steps,
        chosen.expression_depth,
        chosen.expression_items,
        chosen.expression_characters,
    )
    if limits not in _kernels:
        _kernels[limits] = _make_kernel(platform)
    return _kernels[limits]


def parse_once(engine: ObservedEngine, xml: bytes, *, written: bytes | None = None) -> Parsed:
    """What became of these very bytes before; what is refused is read each time."""
    asked = xml, written, engine._limits
    if asked not in _models:
        _models[asked] = Engine.parse(engine, xml, written=written)
    return _models[asked]


def build_when_asked(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """Werkzeug writes and compiles two programs for every rule of every application, to build addresses of it."""
    made: list[Callable[..., Any]] = []

    def build(*given: Any, **named: Any) -> Any:
        if not made:
            made.append(_compile_builder(rule, append_unknown))
        return made[0](*given, **named)

    return build


def economise(patch: pytest.MonkeyPatch) -> None:
    """For the whole session of a worker."""
    shared = cached_property(warm_kernel)
    shared.__set_name__(Platform, "forms")
    patch.setattr(Platform, "forms", shared)
    patch.setattr(ObservedEngine, "parse", parse_once)
    patch.setattr(Rule, "_compile_builder", build_when_asked)
    patch.setattr(passwords, "_hasher", hash_cheaply)
    patch.setattr(container, "POOL_WAIT_SECONDS", 60)  # a busy machine must not matter
