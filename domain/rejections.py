"""Refusals that name everything that is wrong at once: fields of a form, findings in a model."""

from __future__ import annotations

from typing import Any, Self

from domain.errors import DomainError, FieldError
from forms.errors import FormRejected as RulesBroken
from forms.messages import text_of


class FieldsRejected(DomainError):
    """What was filled in breaks the form's rules; ``errors`` says which fields and why."""

    code = "form-rejected"

    @classmethod
    def of(cls, broken: RulesBroken) -> Self:
        """From what the validator found, with texts in both languages and pointers into the request (``/data…``)."""
        fields = tuple(
            FieldError(
                f"/data{each.path}",
                each.code,
                text_of(each.code, each.params, "zh"),
                text_of(each.code, each.params, "en"),
                dict(each.params),
            )
            for each in broken.errors
        )
        return cls(
            f"有 {len(fields)} 项需要修改。",
            f"{len(fields)} fields need correction.",
            pointer=fields[0].pointer if fields else None,
            errors=fields,
        )


class ModelRefused(DomainError):
    """A model has errors; ``findings`` are all of them as JSON, with element, rule, line and hint."""

    next_zh = "请按所列问题逐项修改后重新部署。"
    next_en = "Correct the listed findings and deploy again."

    def __init__(self, findings: list[dict[str, Any]]) -> None:
        self.findings = findings
        errors = [row for row in findings if row["severity"] == "error"]
        first = errors[0] if errors else {"message": "", "messageEn": ""}
        super().__init__(
            f"共有 {len(errors)} 处错误，第一处：{first['message']}",
            f"{len(errors)} errors, the first: {first['messageEn']}",
        )
