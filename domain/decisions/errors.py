"""What decisions refuse."""

from __future__ import annotations

from domain.errors import DomainError
from domain.rejections import ModelRefused


class DecisionRefused(ModelRefused):
    """The decision model has errors; ``findings`` are all of them as JSON, with element, rule, line and hint."""

    code = "decision-refused"
    title_zh = "决策模型不能部署"
    title_en = "The decision model cannot be deployed"


class BadDecisionKey(DomainError):
    """The key of a decision model is a slug."""

    code = "bad-decision-key"
    title_zh = "决策标识不符合要求"
    title_en = "The decision key is not usable"
    next_zh = "请用小写字母开头，只含小写字母、数字和连字符，最长 60 个字符。"
    next_en = "Begin with a lower-case letter; use lower-case letters, digits and hyphens, at most 60 characters."
