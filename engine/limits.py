"""How much one model, one instance and one command may be. Exceeding a limit is a refusal or an incident, never a hang."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the engine.

    ``document_bytes``, ``document_depth`` and ``document_elements`` bound a model file; ``steps`` how many nodes one command
    may run; ``timer_fires`` how often timers may fire in one command; ``call_depth`` how deep call activities may nest;
    ``instances`` how many items one multi-instance activity may have; ``tokens`` how many tokens one instance may hold;
    ``value_bytes`` how much data one command may bring (as JSON); ``state_bytes`` how large a saved state may be
    (uncompressed); ``cached_definitions`` how many parsed models are kept.
    """

    document_bytes: int = 5_000_000
    document_depth: int = 100
    document_elements: int = 50_000
    steps: int = 10_000
    timer_fires: int = 1_000
    call_depth: int = 25
    instances: int = 2_000
    tokens: int = 10_000
    value_bytes: int = 2_000_000
    state_bytes: int = 8_000_000
    cached_definitions: int = 256
