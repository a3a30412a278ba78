"""Refusals of log-ins by a provider. None names a person, a number, a token or an address of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import DomainError, Kind


class FederationError(DomainError):
    """Root of the room."""

    code = "sso-failed"
    kind = Kind.FORBIDDEN
    title_zh = "统一身份认证登录未完成"
    title_en = "The log-in by the identity provider was not completed"
    next_zh = "请重新登录；仍不成功时请联系管理员，并提供请求编号。"
    next_en = "Log in again; if it still fails, tell the administrator the request's number."


class UnknownProvider(FederationError):
    """No such provider is configured."""

    code = "sso-unknown-provider"
    kind = Kind.NOT_FOUND
    title_zh = "没有这个身份认证系统"
    title_en = "There is no such identity provider"
    next_zh = "请从登录页重新开始。"
    next_en = "Start again from the log-in page."


class ProviderAway(FederationError):
    """The provider does not answer now. Local accounts are not touched by that."""

    code = "sso-away"
    kind = Kind.BUSY
    title_zh = "统一身份认证暂时无法使用"
    title_en = "The identity provider cannot be used now"
    next_zh = "请过几分钟再试。工作人员如遇紧急情况，可由管理员用本地账号登录处理。"
    next_en = "Try again in a few minutes. In an emergency administrators log in with their local accounts."


class ProviderUnusable(FederationError):
    """What the provider publishes about itself is wrong or unsafe: an administrator has to look."""

    code = "sso-unusable"
    kind = Kind.BUSY
    title_zh = "统一身份认证的配置有误"
    title_en = "The identity provider's configuration is wrong"
    next_zh = "请联系平台管理员核对“统一身份认证”页面的提示。"
    next_en = "Ask the platform's administrator to look at the page of identity providers."


class AttemptUnknown(FederationError):
    """The answer belongs to no log-in that this browser began."""

    code = "sso-attempt-unknown"
    kind = Kind.INVALID
    title_zh = "这次登录不是从本浏览器发起的，或已超时"
    title_en = "This log-in was not begun by this browser, or took too long"
    next_zh = "请从登录页重新开始，并在十分钟内完成；浏览器须允许本站使用 Cookie。"
    next_en = "Start again from the log-in page and finish within ten minutes; cookies of this site must be allowed."


class AttemptSpent(FederationError):
    """The answer to this log-in was used already (reload, back button, replay)."""

    code = "sso-attempt-spent"
    kind = Kind.CONFLICT
    title_zh = "这次登录已经使用过"
    title_en = "This log-in was used already"
    next_zh = "请不要刷新或后退到登录过程中的页面；请从登录页重新开始。"
    next_en = "Do not reload or go back to pages of the log-in; start again from the log-in page."


class WrongIssuer(FederationError):
    """The answer comes from another issuer than the one that was asked (mix-up)."""

    code = "sso-wrong-issuer"
    kind = Kind.INVALID
    title_zh = "应答不是来自所选的身份认证系统"
    title_en = "The answer does not come from the provider that was asked"


class AccessDenied(FederationError):
    """The person, or the provider, said no."""

    code = "sso-access-denied"
    title_zh = "统一身份认证没有同意登录"
    title_en = "The identity provider did not agree to the log-in"
    next_zh = "如需继续，请重新登录，并同意提供登录所需的信息。"
    next_en = "To go on, log in again and agree to hand over what the log-in needs."


class ProviderRefused(FederationError):
    """The provider answered with an error of its own."""

    code = "sso-refused"
    title_zh = "统一身份认证返回错误"
    title_en = "The identity provider answered with an error"


class TokenRefused(FederationError):
    """A token does not stand up: signature, algorithm, issuer, audience, time, nonce."""

    code = "sso-token-refused"
    kind = Kind.INVALID
    title_zh = "身份认证结果未通过核验"
    title_en = "The result of the authentication was not accepted"


class LogoutRefused(FederationError):
    """A log-out notice does not stand up."""

    code = "sso-logout-refused"
    kind = Kind.INVALID
    title_zh = "退出通知未通过核验"
    title_en = "The log-out notice was not accepted"


class LevelNotReached(FederationError):
    """The provider authenticated the person, but not as strongly as was asked."""

    code = "sso-level-not-reached"
    title_zh = "身份核验等级仍然不够"
    title_en = "The level of assurance is still too low"
    next_zh = "请在统一身份认证中完成更高等级的核验（实名或实人）后重试；没有条件的，请到窗口办理。"
    next_en = "Complete the higher level with the identity provider and try again, or come to the counter."


class OtherPerson(FederationError):
    """A step-up came back as somebody else than the person who is logged in."""

    code = "sso-other-person"
    kind = Kind.CONFLICT
    title_zh = "核验的不是当前登录的人"
    title_en = "Somebody else was authenticated than the person who is logged in"
    next_zh = "请由本人核验；要换人，请先退出登录。"
    next_en = "The person who is logged in has to do it; to change over, log out first."


class IdentityIncomplete(FederationError):
    """The provider did not hand over what an account needs, or what it gave is not valid (GB 11643, GB 32100)."""

    code = "sso-identity-incomplete"
    title_zh = "统一身份认证提供的身份信息不完整或不正确"
    title_en = "What the identity provider says about the person is incomplete or invalid"
    next_zh = "请先在统一身份认证中完成实名认证，再登录；仍不成功时请到窗口办理。"
    next_en = "Complete the real-name registration with the identity provider first, or come to the counter."


class NotLinked(FederationError):
    """A member of staff whom nobody linked to an account here."""

    code = "sso-not-linked"
    title_zh = "您的统一身份认证尚未与工作账号绑定"
    title_en = "Your identity is not linked to a staff account"
    next_zh = "请所在机构的管理员在“统一身份认证”页面用您的工号绑定账号，然后重新登录。"
    next_en = "Ask your administrator to link your account by your staff number, then log in again."


class AccountClosed(FederationError):
    """The account here is disabled."""

    code = "sso-account-closed"
    title_zh = "账号已停用"
    title_en = "The account is disabled"
    next_zh = "如需恢复，请联系所在机构的管理员；申请人请到窗口办理。"
    next_en = "Ask your administrator; applicants ask at the counter."


class LinkContradicts(FederationError):
    """Two ways to find the account lead to different accounts, or the account belongs to another subject."""

    code = "sso-link-contradicts"
    kind = Kind.CONFLICT
    title_zh = "身份信息与已有绑定相矛盾"
    title_en = "The identity contradicts an existing link"
    next_zh = "为防止冒用，本次登录已拒绝。请到窗口核验身份，或请管理员核实后解除旧的绑定再登录。"
    next_en = "The log-in was refused. Have your identity checked at the counter, or ask the administrator to undo the old link."


class BadLink(FederationError):
    """An administrator's link that cannot be made."""

    code = "sso-bad-link"
    kind = Kind.INVALID
    title_zh = "不能这样绑定"
    title_en = "This link cannot be made"


class LocalLoginClosed(FederationError):
    """This deployment lets only administrators in with a password."""

    code = "local-login-closed"
    title_zh = "请使用统一身份认证登录"
    title_en = "Log in by the identity provider"
    next_zh = "本平台只允许管理员用本地账号登录；请点击登录页上的统一身份认证。"
    next_en = "Only administrators log in with a password here; use the identity provider on the log-in page."


class LevelTooLow(FederationError):
    """The session's level of assurance is lower than the act asks for. ``extra`` tells the page which level, and by whom it is reached."""

    code = "level-too-low"
    title_zh = "需要更高等级的身份核验"
    title_en = "A higher level of assurance is needed"
    next_zh = "请按提示在统一身份认证中核验身份；已填写的内容不会丢失。"
    next_en = "Prove your identity with the identity provider as shown; nothing you typed is lost."

    def __init__(self, fact_zh: str, fact_en: str, extra: Mapping[str, Any]) -> None:
        super().__init__(fact_zh, fact_en)
        self.extra = extra
