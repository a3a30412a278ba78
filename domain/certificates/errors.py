"""What certificates refuse."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, NotFound


class CertificateNotFound(NotFound):
    """No certificate has this number (or kind)."""

    code = "certificate-not-found"
    title_zh = "没有找到证照"
    title_en = "The certificate was not found"
    next_zh = "请核对证照编号。"
    next_en = "Check the number."


class HolderMissing(DomainError):
    """A certificate needs a holder with an ID number."""

    code = "holder-missing"
    title_zh = "缺少持证人信息"
    title_en = "The holder is missing"
    next_zh = "请补全持证人的证件号码；由流程给出的，请流程设计员核对数据映射。"
    next_en = "Fill in the ID number of the holder; if the model gives it, let the designer check the mapping."


class TransitionRefused(Conflict):
    """The certificate cannot change its state like this."""

    code = "certificate-state"
    title_zh = "证照状态不允许该操作"
    title_en = "The certificate's state does not allow this"


class ValidCertificateExists(Conflict):
    """Exactly one valid certificate per holder and class, outside the transfer window."""

    code = "valid-certificate-exists"
    title_zh = "已有有效证书"
    title_en = "There is a valid certificate already"
    next_zh = "请先办理原证书的转出或注销。"
    next_en = "Transfer or cancel the existing one first."
