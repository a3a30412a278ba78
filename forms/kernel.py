"""The expression and form kernel: the browser's TypeScript bundle in an embedded V8 without any access to the host."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from py_mini_racer import JSEvalException, JSFunction, JSOOMException, JSTimeoutException, MiniRacer

from forms import isolate as v8
from forms.errors import (
    FieldError,
    FormBroken,
    KernelFailed,
    KernelForked,
    KernelInputRefused,
    KernelLimitReached,
    KernelNotBuilt,
    PlanUnknown,
)

BUNDLE = Path(__file__).parent / "bundle" / "kernel.js"
ENTRY = "lianbanKernel.call"
DEFAULT_TIME_LIMIT_MS = 2000
"""A cold isolate on a busy machine needs several hundred for a large form; a loop is still stopped."""
DEFAULT_MEMORY_LIMIT_MB = 64
#: Largest whole number JavaScript holds exactly.
SAFE_INTEGER = 2**53 - 1


@dataclass(frozen=True)
class Expression:
    """A FEEL expression without the leading `=`; `unary` for a unary test over the variable `?`."""

    source: str
    unary: bool = False


@dataclass(frozen=True)
class KernelProblem:
    """Why an expression has no value; `start` and `end` are offsets in the source where known."""

    code: str
    message: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Evaluation:
    """Value of one expression.

    `value` is plain JSON; a date, time, date-time or duration is `{"$feel": type, "value": iso}`, see `plain`.
    `type` is its FEEL type. `warnings` say what was null on the way (code and text, never a value).
    """

    value: Any
    type: str
    warnings: tuple[str, ...] = ()
    error: KernelProblem | None = None


@dataclass(frozen=True)
class Inspection:
    """Reading of one expression without evaluating it: the variables it reads, and those inside filters."""

    error: KernelProblem | None
    names: frozenset[str]
    filter_names: frozenset[str]


@dataclass(frozen=True)
class FormResult:
    """Errors of the data, and the data that would be accepted (normalised, computed in, hidden out)."""

    errors: tuple[FieldError, ...]
    data: dict[str, Any]


@dataclass(frozen=True)
class FormState:
    """State of every field by JSON pointer (visible, required, readonly, computed, options) and the visible data."""

    fields: dict[str, dict[str, Any]]
    data: dict[str, Any]


def plain(value: Any) -> Any:
    """Kernel JSON with ISO text in place of tagged dates and durations: the form in which values are stored."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        if (
            value.keys() == {"$feel", "value"}
            and isinstance(value.get("$feel"), str)
            and isinstance(value.get("value"), str)
        ):
            return value["value"]
        return {key: plain(item) for key, item in value.items()}
    return value


def _number(value: float | Decimal) -> float:
    if isinstance(value, Decimal):
        if value != value.to_integral_value():
            return float(value)
        value = int(value)
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        raise KernelInputRefused("A whole number beyond 2^53 would lose digits: hand it over as text.")
    return value


def jsonable(value: Any) -> Any:
    """Python values as kernel JSON: aware datetimes, dates and decimals included; anything else is refused."""
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise KernelInputRefused("A date-time without time zone cannot be handed to the kernel.")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    raise KernelInputRefused(f"A {type(value).__name__} cannot be handed to the kernel.")


def _problem(raw: Mapping[str, Any] | None) -> KernelProblem | None:
    if raw is None:
        return None
    position = raw.get("position") or {}
    return KernelProblem(raw["code"], raw["message"], position.get("from"), position.get("to"))


def _close(isolate: MiniRacer, pid: int) -> None:
    """Ends an isolate in the process that made it; in a fork of it the threads it would wait for do not exist."""
    if os.getpid() == pid:
        # A stopped call still reports its end; one more call waits for that report, which nobody could take after this.
        with contextlib.suppress(JSEvalException):
            isolate.eval("0", timeout_sec=1)
        isolate.close()
    else:
        # One reference that nobody ever gives back: its __del__ would wait for those threads at exit.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(isolate))


class Kernel:
    """One V8 isolate, made at the first call (so after any fork), used by one thread at a time.

    A call that reaches the time or memory limit raises `KernelLimitReached`; the next call gets a fresh isolate.
    `limits` bound single expressions before that: steps, depth, items, text, pattern, matched, source, nesting
    (defaults in `web/src/kernel/interpreter/limits.ts`); one that reaches a limit has the problem `limit`.
    """

    def __init__(
        self,
        *,
        bundle: Path = BUNDLE,
        time_limit_ms: int = DEFAULT_TIME_LIMIT_MS,
        memory_limit_mb: int = DEFAULT_MEMORY_LIMIT_MB,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        self._bundle = bundle
        self._time_limit = time_limit_ms / 1000
        self._memory_limit = memory_limit_mb * 1024 * 1024
        self._limits = dict(limits or {})
        self._lock = threading.Lock()
        self._isolate: MiniRacer | None = None
        self._pid: int | None = None
        self._digest: str | None = None
        self._ending: weakref.finalize[[MiniRacer, int], Kernel] | None = None

    @property
    def digest(self) -> str:
        """sha256 (hex) of the bundle: recorded with each published form version."""
        if self._digest is None:
            self._digest = hashlib.sha256(self._source().encode()).hexdigest()
        return self._digest

    def evaluate(self, batch: Sequence[Expression], context: Mapping[str, Any]) -> list[Evaluation]:
        """Values of a batch over one context, in order, in one call; each carries its own error.

        `context["now"]` (aware datetime or ISO text) is the clock of `now()` and `today()`.
        """
        expressions = [{"id": str(i), "source": e.source, "unary": e.unary} for i, e in enumerate(batch)]
        answers = self.call("evaluate", {"expressions": expressions, "context": jsonable(context)})
        return [
            Evaluation(
                value=a["value"],
                type=a["type"],
                warnings=tuple(f"{w['code']}: {w['message']}" for w in a["warnings"]),
                error=_problem(a.get("error")),
            )
            for a in answers
        ]

    def parse(self, batch: Sequence[Expression]) -> list[Inspection]:
        """Syntax, unknown functions and variables read of a batch, without values."""
        expressions = [{"id": str(i), "source": e.source, "unary": e.unary} for i, e in enumerate(batch)]
        answers = self.call("parse", {"expressions": expressions})
        return [
            Inspection(_problem(a.get("error")), frozenset(a["names"]), frozenset(a["filterNames"])) for a in answers
        ]

    def validate_form(self, schema: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> FormResult:
        """Everything wrong with the data of a form, and what would be accepted of it."""
        answer = self._form("validateForm", schema, data, context)
        errors = tuple(FieldError(e["path"], e["code"], e["params"]) for e in answer["errors"])
        return FormResult(errors, answer["data"])

    def compute_form(self, schema: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> FormState:
        """What a page showing the form must show: visible, required, read-only, computed, by JSON pointer."""
        answer = self._form("computeForm", schema, data, context)
        return FormState(answer["fields"], answer["data"])

    def check(
        self, kind: str, value: str, *, today: date, option: str | None = None
    ) -> tuple[str, dict[str, Any]] | None:
        """Code and parameters of what is wrong with one value (idcard, uscc, …), or None; for comparing with `fields`."""
        request: dict[str, Any] = {"kind": kind, "value": value, "today": today.isoformat()}
        if option is not None:
            request["option"] = option
        answer = self.call("check", request)
        return None if answer is None else (answer["code"], answer.get("params") or {})

    def normalise_code(self, value: str) -> str:
        """Full-width to ASCII, white space out, upper case."""
        return str(self.call("normaliseCode", {"value": value}))

    def is_pattern(self, pattern: str) -> bool:
        """Whether the text is a regular expression of the kernel (ECMAScript, unicode mode)."""
        return bool(self.call("isPattern", {"pattern": pattern}))

    def mask(self, kind: str, value: str) -> str:
        """Masked form of a personal value (name, idcard, mobile, address, account, text)."""
        return str(self.call("mask", {"kind": kind, "value": value}))

    def close(self) -> None:
        """Gives the isolate back; the next call makes a new one."""
        with self._lock:
            self._drop()

    def _form(self, operation: str, schema: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> Any:
        return self.call(operation, {"schema": schema, "data": jsonable(data), "context": jsonable(context)})

    def _source(self) -> str:
        try:
            return self._bundle.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KernelNotBuilt(str(self._bundle)) from None

    def _start(self) -> MiniRacer:
        made: list[MiniRacer | BaseException] = []

        def make() -> None:
            # In a thread of its own: an isolate made inside a running event loop would be bound to that loop.
            try:
                made.append(MiniRacer())
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
                made.append(error)

        source = self._source()
        thread = threading.Thread(target=make, name="kernel-start")
        thread.start()
        thread.join()
        isolate = made[0]
        if isinstance(isolate, BaseException):
            raise KernelFailed("The V8 isolate could not be started.") from isolate
        isolate.set_hard_memory_limit(self._memory_limit)
        isolate.eval(source)
        if not isinstance(isolate.eval(ENTRY), JSFunction):
            raise KernelFailed("The kernel bundle has no entry point: run `make build`.")
        if self._limits:
            limits = orjson.dumps({"limits": self._limits}).decode()
            answer = orjson.loads(v8.call(isolate, ENTRY, "configure", limits, seconds=self._time_limit))
            if "failed" in answer:
                raise KernelFailed(answer["failed"]["message"])
        self._isolate, self._pid = isolate, os.getpid()
        # At exit too, and before the interpreter stops the isolate's daemon thread: its __del__ would wait for ever.
        self._ending = weakref.finalize(self, _close, isolate, self._pid)
        return isolate

    def _drop(self) -> None:
        self._isolate = None
        if self._ending is not None:
            self._ending()
            self._ending = None

    def _run(self, operation: str, text: str) -> str:
        for last in (False, True):
            isolate = self._start() if self._isolate is None else self._isolate
            before = time.process_time()
            try:
                return v8.call(isolate, ENTRY, operation, text, seconds=self._time_limit)
            except JSTimeoutException:
                # The limit is by the wall clock. On a machine so busy that this process hardly ran, once more.
                if last or time.process_time() - before > self._time_limit / 2:
                    raise
                self._drop()
        raise AssertionError

    def call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """One operation of the bundle (`host.ts`), JSON in and out."""
        text = orjson.dumps(request).decode()
        with self._lock:
            if self._pid is not None and self._pid != os.getpid():
                raise KernelForked
            try:
                raw = self._run(operation, text)
            except JSTimeoutException:
                self._drop()
                raise KernelLimitReached("time") from None
            except JSOOMException:
                self._drop()
                raise KernelLimitReached("memory") from None
            except JSEvalException:
                # Also how V8 reports the first call ended by the memory limit; either way the isolate is not trusted.
                reached = self._isolate is not None and self._isolate.was_hard_memory_limit_reached()
                self._drop()
                if reached:
                    raise KernelLimitReached("memory") from None
                raise KernelFailed(f"The kernel failed in {operation}.") from None
            except BaseException:
                # Interrupted: its answer is still to come, and would be taken for the next call's.
                self._drop()
                raise
        answer = orjson.loads(raw)
        if "failed" in answer:
            failed = answer["failed"]
            if failed["code"] == "form_broken":
                raise FormBroken(failed["component"], failed["message"])
            if failed["code"] == "plan_unknown":
                raise PlanUnknown
            raise KernelFailed(failed["message"])
        return answer.get("ok")
