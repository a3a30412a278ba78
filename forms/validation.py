"""Submitted form data: accepted as a whole or refused with every reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.errors import FormRejected
from forms.kernel import Kernel


@dataclass(frozen=True)
class Accepted:
    """Data as it is kept: normalised, with computed values, without hidden fields."""

    data: dict[str, Any]


def validate(kernel: Kernel, schema: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> Accepted:
    """Accepts the data of a form or raises `FormRejected` with all its errors.

    `context` holds the variables the form's expressions may read beside the data, and `now` (aware datetime or ISO
    text): the clock of birth dates and of `today()`. Raises `FormBroken` when an expression of the form itself fails.
    """
    result = kernel.validate_form(schema, data, context)
    if result.errors:
        raise FormRejected(result.errors)
    return Accepted(result.data)


def accept_draft(kernel: Kernel, schema: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> Accepted:
    """Data of an unfinished form: whatever is wrong in it stays, except what the form does not know (refused)."""
    result = kernel.validate_form(schema, data, context)
    unknown = [error for error in result.errors if error.code in ("unknown_field", "wrong_type", "too_many_items")]
    if unknown:
        raise FormRejected(unknown)
    return Accepted(result.data)
