"""One call into V8 by the shortest way: one hand-over to the isolate's thread and back, instead of five through an event loop.

``mini-racer`` calls a function by building its arguments in the isolate one by one and waits through an ``asyncio`` loop in a
third thread; that costs ten times what the kernel computes. Here the call is one script, and its end is awaited on the queue that
the library itself uses for calls without a time limit. The library is pinned to the version whose inside this was written for;
``tests/forms/test_kernel.py`` holds the limits of time and memory.
"""

from __future__ import annotations

import contextlib
import queue

import orjson
from py_mini_racer import JSEvalException, JSTimeoutException, MiniRacer

_ON_QUEUE = 0
"""Callback number of results that go to the queue. Nothing else may be awaited there meanwhile: the caller holds a lock."""
_REPORT_SECONDS = 1
"""How long a stopped call may take to report its end."""


def call(isolate: MiniRacer, function: str, *arguments: str, seconds: float) -> str:
    """The text that ``function(...arguments)`` returns.

    Raises ``JSTimeoutException`` after ``seconds`` of wall time, ``JSEvalException`` for what JavaScript threw. After anything raised
    the isolate must be given up: a result that nobody took would be the answer to the next call.
    """
    source = f"{function}({','.join(orjson.dumps(each).decode() for each in arguments)})"
    context = isolate._ctx  # noqa: SLF001 -- see above
    if context is None:
        raise JSEvalException("the isolate was closed")
    script = context._python_to_value_handle(source)  # noqa: SLF001
    results = context._non_cancelable_mr_task_results_queue  # noqa: SLF001
    dll, native = context._dll, context._ctx  # noqa: SLF001
    number = dll.mr_eval(native, script.raw, _ON_QUEUE)
    try:
        result = results.get(timeout=seconds)
    except queue.Empty:
        dll.mr_cancel_task(native, number)
        with contextlib.suppress(queue.Empty):
            results.get(timeout=_REPORT_SECONDS)
        raise JSTimeoutException from None
    return str(context._value_handle_to_python(result))  # noqa: SLF001
