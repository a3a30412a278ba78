"""What decisions refuse."""

from __future__ import annotations

from typing import Any

from domain.errors import DomainError


class DecisionRefused(DomainError):
    """The decision model has errors; ``findings`` are all of them as JSON, with element, rule, line and hint."""

    code = "decision-refused"
    title_zh = "决策模型不能部署"
    title_en = "The decision model cannot be deployed"
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


class BadDecisionKey(DomainError):
    """The key of a decision model is a slug."""

    code = "bad-decision-key"
    title_zh = "决策标识不符合要求"
    title_en = "The decision key is not usable"
    next_zh = "请用小写字母开头，只含小写字母、数字和连字符，最长 60 个字符。"
    next_en = "Begin with a lower-case letter; use lower-case letters, digits and hyphens, at most 60 characters."
