"""What the room refuses."""

from __future__ import annotations

from domain.errors import DomainError, Forbidden


class BadLetter(DomainError):
    """A message that cannot be sent; ``pointer`` names the field."""

    code = "contact-message-refused"
    title_zh = "消息不能发送"
    title_en = "The message cannot be sent"
    next_zh = "请填写内容，并选择参与该办件的另一机构。"
    next_en = "Write something, to another site that takes part in the case."


class NotOfYourSite(Forbidden):
    """Only who works on the case at one of its sites writes."""

    code = "contact-message-not-yours"
    title_zh = "只有办件相关机构的人员可以联络"
    title_en = "Only staff of the case's sites write here"
    next_zh = "请由参与该办件的机构人员联络。"
    next_en = "Ask somebody of a site that takes part in the case."
