"""Everything that can go wrong in the forms room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field.

    `path` is a JSON pointer into the submitted data (`/movers/0/idNo`), `code` a key of the message catalogue,
    `params` the values its text needs. None of them holds what the person typed.
    """

    path: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


class FormsError(Exception):
    """Root of the errors of this room."""

    code: ClassVar[str] = "forms"


class KernelNotBuilt(FormsError):
    """The kernel bundle is missing. Run `make build` (Node 20.19 or newer) and start again."""

    code = "kernel_not_built"

    def __init__(self, path: str) -> None:
        super().__init__(f"The expression kernel is not built ({path} is missing): run `make build`.")


class KernelForked(FormsError):
    """The process was forked after the kernel had started. Start the kernel only in the process that uses it."""

    code = "kernel_forked"

    def __init__(self) -> None:
        super().__init__("The kernel was started before this process was forked; create it after the fork.")


class KernelFailed(FormsError):
    """The kernel could not answer."""

    code = "kernel_failed"


class KernelInputRefused(KernelFailed):
    """A value cannot be handed to the kernel without changing it."""

    code = "kernel_input"


class KernelLimitReached(KernelFailed):
    """The evaluation was stopped at its time or memory limit. Make the expression simpler or the lists shorter."""

    code = "kernel_limit"

    def __init__(self, limit: str) -> None:
        super().__init__(f"The evaluation was stopped at its {limit} limit.")
        self.limit = limit


class PlanUnknown(KernelFailed):
    """The isolate does not hold this decision plan (any more): hand it over and ask again."""

    code = "plan_unknown"

    def __init__(self) -> None:
        super().__init__("The decision plan is not loaded.")


class FormBroken(KernelFailed):
    """The form definition itself is wrong; nothing the person filling it in can mend."""

    code = "form_broken"

    def __init__(self, component: str, message: str) -> None:
        super().__init__(message)
        self.component = component


class ExpressionFailed(FormsError):
    """An expression of a batch has no value. `index` is its place in the batch."""

    code = "expression_failed"

    def __init__(self, index: int, source: str, message: str, reason: str = "evaluation") -> None:
        super().__init__(f"{source}: {message}")
        self.index = index
        self.source = source
        self.message = message
        self.reason = reason


class FormRejected(FormsError):
    """The submitted data breaks rules of the form; `errors` says which and where."""

    code = "form_rejected"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} field(s) refused: {', '.join(sorted({e.code for e in errors}))}")
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a form definition: `where` is a component id, `rule` a slug, `message` English text."""

    where: str
    rule: str
    message: str
    hint: str = ""


class DefinitionRefused(FormsError):
    """A form definition breaks rules of the dialect; `findings` says which and where."""

    code = "form_definition"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{f.where}: {f.message}" for f in findings))
        self.findings = tuple(findings)


class UnknownCodeTable(FormsError):
    """No code table has this id."""

    code = "unknown_code_table"

    def __init__(self, table: str) -> None:
        super().__init__(f"Unknown code table: {table}")
        self.table = table
