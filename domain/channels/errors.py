"""Errors of the channels' room."""

from __future__ import annotations

from domain.errors import DomainError


class ChannelRefused(DomainError):
    """Root of the room: an address, a robot or a rule that cannot be kept."""

    code = "channel-refused"
    title_zh = "通知方式不能保存"
    title_en = "The channel cannot be kept"


class BadAddress(ChannelRefused):
    """Not an address of this channel."""

    code = "channel-address"
    title_zh = "地址不正确"
    title_en = "The address is wrong"
    next_zh = "请填写正确的邮箱地址或手机号码。"
    next_en = "Give an e-mail address or a mobile number."


class ConsentMissing(ChannelRefused):
    """Without consent no personal address is kept (PIPL art. 13)."""

    code = "channel-consent"
    title_zh = "需要您的同意"
    title_en = "Your consent is needed"
    next_zh = "请先勾选同意，再保存。"
    next_en = "Consent first, then save."


class WrongCode(ChannelRefused):
    """The code is wrong, old, or was tried too often."""

    code = "channel-code"
    title_zh = "验证码不正确或已过期"
    title_en = "The code is wrong or too old"
    next_zh = "请核对验证码；也可以重新保存地址以收到新的验证码。"
    next_en = "Check the code, or save the address again to get a new one."


class BadRule(ChannelRefused):
    """A rule's key or value is unknown."""

    code = "channel-rule"
    title_zh = "规则的取值不正确"
    title_en = "The rule's value is wrong"
