"""What the window refuses, and what to do next."""

from __future__ import annotations

from domain.errors import Conflict, DomainError


class IdentityNotChecked(Conflict):
    """Nobody checked just now who stands at the window, or the check is over."""

    code = "identity-not-checked"
    title_zh = "请先核验身份"
    title_en = "Check the identity first"
    next_zh = "请当面查验身份证件并登记核验结果，再代申请人办理；已填写的内容不会丢失。"
    next_en = "See the identity paper and record the check, then act for the applicant; nothing typed is lost."


class IdentityMismatch(DomainError):
    """The number on the paper is not the applicant's. Which one would be right is not told."""

    code = "identity-mismatch"
    title_zh = "证件号码与申请人不一致"
    title_en = "The number is not the applicant's"
    next_zh = "请核对证件和办件；不是申请人本人、监护人或受托人的，不能代办。"
    next_en = "Check the paper and the case; only the applicant, a guardian or an agent is served."


class WhoCameIncomplete(DomainError):
    """A guardian or agent came, and who it is was not filled in."""

    code = "agent-incomplete"
    title_zh = "请填写到场人信息"
    title_en = "Fill in who came"
    next_zh = "监护人、受托人到场的，请填写其姓名和公民身份号码。"
    next_en = "For a guardian or an agent give name and identity number."


class SignatureMissing(DomainError):
    """A withdrawal at the window needs the applicant's signature (DOMAIN §5.2: on behalf, with signature)."""

    code = "signature-missing"
    title_zh = "缺少申请人签名"
    title_en = "The applicant's signature is missing"
    next_zh = "请申请人在撤件申请书上签名：上传扫描件，或者确认签名原件已收存。"
    next_en = "Let the applicant sign the withdrawal: upload the scan, or confirm that the signed paper is kept."
