"""What definitions refuse."""

from __future__ import annotations

from domain.errors import Conflict, DomainError
from domain.identity.separation import DutiesApart
from domain.rejections import ModelRefused


class DefinitionRefused(ModelRefused):
    """The model has errors; ``findings`` are all of them as JSON, with element, rule, line and hint."""

    code = "definition-refused"
    title_zh = "流程模型不能部署"
    title_en = "The model cannot be deployed"


class DraftConflict(Conflict):
    """Somebody else saved the draft since it was opened."""

    code = "draft-conflict"
    title_zh = "草稿已被他人保存"
    title_en = "The draft was saved by somebody else"
    next_zh = "请刷新后在最新草稿上修改，或另存为新的流程。"
    next_en = "Reload and work on the newest draft, or save under another key."


class BadKey(DomainError):
    """A definition's key is a slug."""

    code = "bad-definition-key"
    title_zh = "流程标识不符合要求"
    title_en = "The definition key is not usable"
    next_zh = "请用小写字母开头，只含小写字母、数字和连字符，最长 60 个字符。"
    next_en = "Begin with a lower-case letter; use lower-case letters, digits and hyphens, at most 60 characters."


class PublisherIsEditor(DutiesApart):
    """The last editor of a model does not publish it (DOMAIN §5.2)."""

    code = "publisher-is-editor"
    title_zh = "设计与发布须由两人完成"
    title_en = "Design and publication lie with two people"
    next_zh = "请由另一名平台管理员发布。"
    next_en = "Let another platform administrator publish it."


class NotDrafted(DutiesApart):
    """Only what a designer saved as a draft is published by somebody else."""

    code = "publication-not-drafted"
    title_zh = "只能发布设计员保存的草稿"
    title_en = "Only a designer's saved draft is published"
    next_zh = "请设计员先保存草稿，再由平台管理员打开草稿发布。"
    next_en = "Let the designer save the draft first; the platform administrator opens it and publishes."
