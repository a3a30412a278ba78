"""What a document is made from and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from domain.clock import CHINA
from domain.errors import DomainError
from domain.locked import LockedCase, LockedLeg


class DocumentIncomplete(DomainError):
    """A document may not be issued without what the law asks it to say (reason, legal basis, entries)."""

    code = "document-incomplete"
    title_zh = "文书内容不完整"
    title_en = "The document is incomplete"
    next_zh = "请补充缺少的内容后再提交；没有理由和依据的不予决定不能出具。"
    next_en = "Fill in what is missing; a refusal without reason and legal basis cannot be issued."


class UnknownDocument(DomainError):
    """No document has this code."""

    code = "unknown-document"
    title_zh = "没有这种文书"
    title_en = "There is no such document"
    next_zh = "请流程设计员改用代码表中的文书代码，重新部署。"
    next_en = "Let the process designer use a code of the table of documents and deploy again."


@dataclass(frozen=True, slots=True)
class Content:
    """A document's text: labelled paragraphs, legal basis, remedies, title."""

    title: str
    paragraphs: Sequence[tuple[str, str]]
    legal_basis: str = ""
    remedies: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything a builder may look at. ``values`` are effective policies, ``materials`` (code, name, state) of the case.

    ``source`` is the variable that the model names for this document.
    """

    case: LockedCase
    leg: LockedLeg
    site: Any
    item_name: str
    item_basis: str
    variables: Mapping[str, Any]
    application: Mapping[str, Any]
    values: Mapping[str, str]
    materials: Sequence[tuple[str, str, str]]
    now: datetime
    title: str
    source: str = ""
    targets: Mapping[str, str] = field(default_factory=dict)
    """What may have to be supplemented, by its code, as the forms of the definition call it."""

    def part(self, name: str) -> dict[str, Any]:
        """A variable that is an object; empty when it is absent."""
        found = self.variables.get(name)
        return dict(found) if isinstance(found, Mapping) else {}

    def need(self, source: Mapping[str, Any], key: str, label: str) -> str:
        """A text that must be there. Raises :class:`DocumentIncomplete`, naming what is missing."""
        text = str(source.get(key) or "").strip()
        if not text:
            self.refuse(label, key)
        return text

    def refuse(self, label: str, key: str) -> NoReturn:
        """The document lacks something."""
        raise DocumentIncomplete(
            f"《{self.title}》缺少{label}。", f"The document lacks '{key}'.", pointer=f"/data/{key}"
        )

    @property
    def remedies(self) -> str:
        """The block on legal remedies."""
        review, court = self.values["remedy.reconsideration"], self.values["remedy.lawsuit"]
        return (
            f"如不服本决定，可以自知道本决定之日起{review}内依法申请行政复议，"
            f"也可以自知道或者应当知道之日起{court}内依法向人民法院提起行政诉讼。"
        )


def day(moment: Any) -> str:
    """2026年3月2日, from a moment, an ISO text or nothing."""
    if isinstance(moment, datetime):
        local = moment.astimezone(CHINA)
        return f"{local.year}年{local.month}月{local.day}日"
    text = str(moment or "").strip().strip('@"')
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text
    parsed = parsed if parsed.tzinfo else parsed.replace(tzinfo=CHINA)
    return day(parsed)


def told(literal: str) -> str:
    """A literal in words: 15wd → 15个工作日, P40D → 40日."""
    if literal.endswith("wd"):
        return f"{literal[:-2]}个工作日"
    if literal.startswith("P") and literal.endswith("D") and literal[1:-1].isdigit():
        return f"{literal[1:-1]}日"
    return literal
