"""Why a message is not taken: the codes of the police exchange (DOMAIN §1.2.5)."""

from __future__ import annotations

from typing import Final

from domain.errors import DomainError, Forbidden, Kind

UNKNOWN_COLLABORATION: Final = "-901"
SENDER_UNKNOWN: Final = "-42"
RECEIVER_UNKNOWN: Final = "-43"
BAD_DATA: Final = "-41"
NO_RIGHT: Final = "-50"
TEXTS: Final = {
    UNKNOWN_COLLABORATION: ("业务协同编号不存在", "The collaboration number is not known"),
    SENDER_UNKNOWN: ("发送单位不存在", "The sender is not known"),
    RECEIVER_UNKNOWN: ("接收单位不存在", "The receiver is not known here"),
    BAD_DATA: ("协同数据异常", "The data does not fit the contract"),
    NO_RIGHT: ("许可证校验错误", "The signature does not belong to the sender"),
}


class BadSignature(Forbidden):
    """The signature over the raw bytes is not the sender's (−50)."""

    code = "bad-signature"
    title_zh = "消息签名无效"
    title_en = "The signature is not valid"
    next_zh = "请用发送机构的密钥对原始报文签名。"
    next_en = "Sign the raw bytes with the sending site's key."


class SenderUnknown(Forbidden):
    """No site with this code may send here (−42)."""

    code = "sender-unknown"
    title_zh = "发送单位不存在"
    title_en = "The sender is not known"
    next_zh = "请双方核对机构代码，并登记发送方的公钥。"
    next_en = "Compare the site codes, and register the public key of the sender."


class Rejected(DomainError):
    """The message cannot be taken; ``reason`` is the exchange's code."""

    code = "message-rejected"
    kind = Kind.INVALID
    title_zh = "消息被拒收"
    title_en = "The message was rejected"

    def __init__(self, reason: str, detail_zh: str = "", detail_en: str = "") -> None:
        self.reason = reason
        zh, en = TEXTS[reason]
        super().__init__(f"{zh}（{reason}）{detail_zh}", f"{en} ({reason}) {detail_en}".strip())


class OutsideContract(Rejected):
    """The message takes along fields or materials that the data contract does not list. Their names are not repeated."""

    def __init__(self, fields: int, materials: int) -> None:
        super().__init__(
            BAD_DATA,
            f"：含有数据契约之外的内容（字段 {fields} 个，材料 {materials} 项），未予接收",
            f"it takes along what the data contract does not list ({fields} fields, {materials} materials)",
        )
