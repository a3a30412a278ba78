"""Steps of behaviour cases (JSON, see tests/vectors/conformance) on anything that can run models: the engine in memory, or the product over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

VECTORS = Path(__file__).parents[1] / "vectors" / "conformance"


class Refused(Exception):
    """The models were refused."""


class Failed(Exception):
    """The command ended in an error or left an incident."""


class Product(Protocol):
    """What the steps need. Instances have handles; task keys are element ids."""

    def deploy(self, models: Sequence[bytes]) -> None:
        """Import and deploy. Raises Refused."""

    def start(self, process: str, variables: Mapping[str, Any]) -> str:
        """Start a process at its none start event; the handle of the instance. Raises Failed."""

    def tasks(self, instance: str | None = None) -> list[str]:
        """Element ids of the open user tasks of one instance or all."""

    def complete(self, task: str, variables: Mapping[str, Any], *, every: bool) -> None:
        """Complete one open task of this element (or every one). Raises Failed."""

    def message(self, name: str) -> bool:
        """Deliver to exactly one receiver, or start a process; False when nobody waits."""

    def signal(self, name: str) -> None:
        """Tell everyone."""

    def advance(self, seconds: float) -> None:
        """Let time pass; what is due fires."""

    def set(self, variables: Mapping[str, Any]) -> None:
        """Set process variables of the first running instance."""

    def ended(self, instance: str | None = None) -> bool:
        """Whether one instance, or every one, has ended."""

    def log(self) -> list[str]:
        """Element ids of the service tasks that ran."""


def cases() -> list[dict[str, Any]]:
    """All cases."""
    found: list[dict[str, Any]] = json.loads((VECTORS / "cases.json").read_text(encoding="utf-8"))["cases"]
    return found


def models(case: Mapping[str, Any]) -> list[bytes]:
    """The models of a case, with its replacements made."""
    found = []
    for name in case["resources"]:
        xml = (VECTORS / name).read_bytes()
        for before, after in case.get("patch", ()):
            xml = xml.replace(before.encode(), after.encode())
        found.append(xml)
    return found


def play(case: Mapping[str, Any], product: Product) -> None:
    """Run a case; AssertionError says which step failed."""
    steps = list(case["steps"])
    if steps[0]["op"] == "deploy":
        _refused(lambda: product.deploy(models(case)), Refused, steps[0])
        return
    product.deploy(models(case))
    handles: dict[str, str] = {}
    for number, step in enumerate(steps, 1):
        try:
            _step(step, product, handles)
        except AssertionError as error:
            raise AssertionError(f"step {number} {step}: {error}") from None
        except (Failed, KeyError) as error:
            raise AssertionError(f"step {number} {step}: {error!r}") from error


def _refused(act: Callable[[], object], kind: type[Exception], step: Mapping[str, Any]) -> None:
    try:
        act()
    except kind:
        return
    raise AssertionError(f"{step}: was accepted")


def _step(step: Mapping[str, Any], product: Product, handles: dict[str, str]) -> None:  # noqa: C901  # one line a word
    which = handles.get(step.get("of", ""))
    match step["op"]:
        case "start":
            _start(step, product, handles)
        case "tasks":
            assert sorted(product.tasks(which)) == sorted(step["keys"])
        case "present":
            assert set(step["keys"]) <= set(product.tasks(which))
        case "absent":
            assert not set(step["keys"]) & set(product.tasks(which))
        case "complete":
            product.complete(step["task"], step.get("vars", {}), every=bool(step.get("all")))
        case "message":
            assert product.message(step["name"]) is (step.get("expect") != "not_waiting")
        case "signal":
            product.signal(step["name"])
        case "advance":
            product.advance(step["seconds"])
        case "set":
            product.set(step["vars"])
        case "ended":
            assert product.ended(which) is step["is"], f"open tasks: {product.tasks(which)}"
        case "log":
            assert sorted(product.log()) == sorted(step["entries"])
        case other:
            raise AssertionError(f"unknown step {other}")


def _start(step: Mapping[str, Any], product: Product, handles: dict[str, str]) -> None:
    if step.get("expect") == "error":
        _refused(lambda: product.start(step["key"], step.get("vars", {})), Failed, step)
        return
    handle = product.start(step["key"], step.get("vars", {}))
    if "as" in step:
        handles[step["as"]] = handle
