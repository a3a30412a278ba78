"""Errors of calls to the outside. None carries content, addresses of people or secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from domain.errors import Conflict, Kind


class CallFailed(Conflict):
    """Root of the room. ``is_passing``: the same call may succeed on another try."""

    code = "call-failed"
    title_zh = "对外调用未成功"
    title_en = "The call to the outside did not succeed"
    next_zh = "请核对外部连接的设置；对方恢复后可重试。"
    next_en = "Check the connection's settings; retry when the other side is well again."
    is_passing: ClassVar[bool] = False


class MailNotConfigured(CallFailed):
    """This deployment has no SMTP server."""

    code = "mail-not-configured"
    title_zh = "未设置邮件服务器"
    title_en = "No mail server is set"
    next_zh = "请设置 LIANBAN_SMTP_URL 与 LIANBAN_MAIL_FROM（docs/configuration.md）。"
    next_en = "Set LIANBAN_SMTP_URL and LIANBAN_MAIL_FROM (docs/configuration.md)."


class MailRefused(CallFailed):
    """The mail server will never take this message (SMTP 5xx, wrong log-in, no TLS)."""

    code = "mail-refused"
    title_zh = "邮件服务器拒收"
    title_en = "The mail server refused"


class MailUnreachable(CallFailed):
    """The mail server cannot be reached now, or asks to try again (SMTP 4xx)."""

    code = "mail-unreachable"
    title_zh = "邮件服务器暂时不可用"
    title_en = "The mail server cannot be reached now"
    is_passing = True


class BadCall(CallFailed):
    """The task asks for a call that cannot be made: address, method, header, body or an unknown field."""

    code = "call-invalid"
    kind = Kind.INVALID
    title_zh = "调用参数不正确"
    title_en = "The call cannot be made"
    next_zh = "请修改流程模型中该任务的设置，发布新版本后重试。"
    next_en = "Correct the task in the model, publish a new version, then retry."


class HostNotAllowed(CallFailed):
    """The host is not on the allow-list, or its address lies where calls may not go."""

    code = "host-not-allowed"
    title_zh = "不允许调用该地址"
    title_en = "This host may not be called"
    next_zh = "请管理员核实用途后把主机加入“外部连接”的白名单，然后重试。"
    next_en = "Ask an administrator to put the host on the allow-list, then retry."


class HostUnknown(CallFailed):
    """The host's name has no address now."""

    code = "host-unknown"
    title_zh = "无法解析主机名"
    title_en = "The host's name cannot be resolved"
    next_zh = "请核对主机名和域名解析；恢复后会自动重试。"
    next_en = "Check the host's name and the resolver; it is tried again by itself."
    is_passing = True


class CallUnreachable(CallFailed):
    """No connection, or it broke."""

    code = "call-unreachable"
    title_zh = "对方暂时无法连接"
    title_en = "The other side cannot be reached now"
    next_zh = "请核对对方主机和端口是否可达（防火墙、专线）；主机恢复后会自动重试，重试用完的在此点“重试”。"
    next_en = (
        "Check that host and port are reachable; it is tried again by itself, and here once the tries are used up."
    )
    is_passing = True


class CallTimedOut(CallFailed):
    """The other side took too long; whether it acted is not known."""

    code = "call-timeout"
    title_zh = "对方没有按时应答"
    title_en = "The other side did not answer in time"
    next_zh = "对方可能已经办理：请先与对方核对（幂等键见调用记录），再点“重试”；常超时的请在任务中加长超时。"
    next_en = "The other side may have acted: ask it first, then retry; give the task more time if it happens often."
    is_passing = True


class CallNotTrusted(CallFailed):
    """The certificate cannot be verified."""

    code = "call-not-trusted"
    title_zh = "对方证书无法核验"
    title_en = "The certificate cannot be verified"
    next_zh = "请核对对方证书是否过期、主机名是否一致；私有根证书登记为密钥并填入任务的“对方的根证书”，然后重试。"
    next_en = "Check the certificate's end and name; register a private authority as a secret of the task, then retry."


class AnswerTooLong(CallFailed):
    """The answer is larger than the task allows, packed or unpacked."""

    code = "answer-too-long"
    title_zh = "应答超过大小限制"
    title_en = "The answer is too long"
    next_zh = "请与对方约定分页或更小的应答，或在任务中调大应答上限，发布新版本后重试。"
    next_en = "Agree on a smaller answer, or raise the task's limit in a new version, then retry."


class AnswerUnreadable(CallFailed):
    """The answer is not what its headers say, or not HTTP."""

    code = "answer-unreadable"
    title_zh = "应答无法识别"
    title_en = "The answer cannot be read"
    next_zh = "请把主机、时间和状态码告诉对方：其应答与内容类型不符；对方更正后重试。"
    next_en = "Tell the other side host, time and status: its answer is not what it says; retry once it is corrected."


class AnswerRefused(CallFailed):
    """The other side answered with a status that is no success; tried again it may answer otherwise."""

    code = "call-status"
    title_zh = "对方返回失败状态"
    title_en = "The other side answered with a failure"
    next_zh = "请在“外部连接”的调用记录中查看状态码：401、403 核对密钥，404 核对地址，5xx 联系对方；更正后重试。"
    next_en = (
        "See the status in the record of calls: 401, 403 the secret, 404 the address, 5xx the other side; then retry."
    )
    is_passing = True


class TokenUnavailable(CallFailed):
    """The authorisation server cannot be reached now, or fails."""

    code = "token-unavailable"
    title_zh = "暂时取不到访问令牌"
    title_en = "No access token can be had now"
    next_zh = "请核对令牌地址所在主机是否可达；恢复后会自动重试，也可手工重试。"
    next_en = "Look whether the host of the token endpoint is reachable; it is tried again by itself, or by hand."
    is_passing = True


class TokenRefused(CallFailed):
    """The authorisation server gives no token for these credentials, scopes or audience."""

    code = "token-refused"
    title_zh = "授权服务器拒绝发放访问令牌"
    title_en = "The authorisation server refuses a token"
    next_zh = "请与对方核对客户端标识、密钥或私钥、scopes 与 audience；更换密钥后重试即可，无需改流程。"
    next_en = (
        "Compare client id, secret or private key, scopes and audience with the other side; "
        "after a secret is replaced a retry is enough."
    )


class RobotRefused(CallFailed):
    """Root of what a robot's service says inside an HTTP 200.

    ``number`` is its own error code; another try makes no sense sooner than ``after``.
    """

    code = "robot-refused"
    title_zh = "机器人没有接受消息"
    title_en = "The robot did not take the message"
    next_zh = "请按对方错误码查阅该服务的文档；对方恢复后会自动重试。"
    next_en = "Look the number up in the service's documentation; it is tried again by itself."
    is_passing = True

    def __init__(
        self, fact_zh: str = "", fact_en: str = "", *, number: int | None = None, after: timedelta = timedelta(0)
    ) -> None:
        super().__init__(fact_zh, fact_en)
        self.number = number
        self.after = after


class RobotThrottled(RobotRefused):
    """Too many messages for the robot's quota; other programs may use it too."""

    code = "robot-throttled"
    title_zh = "机器人发送过于频繁，已被对方限流"
    title_en = "The robot's quota is used up"
    next_zh = "不必处理，限流结束后自动重发。常出现时请为本平台单独建一个机器人，或减少发往该群的通知类别。"
    next_en = (
        "Nothing to do: it goes again when the quota is back. If it is frequent, give the platform a robot of its own."
    )


class RobotUnsigned(RobotRefused):
    """The signature or its time does not fit."""

    code = "robot-signature"
    title_zh = "机器人加签核对不符"
    title_en = "The robot's signature does not fit"
    next_zh = "请重新填写机器人地址（密钥@令牌，密钥取自机器人的“加签”设置），并核对服务器时间；然后点“重新发送”。"
    next_en = "Enter the robot's address again (secret@token), check the server's time, then send again."
    is_passing = False


class RobotKeyword(RobotRefused):
    """None of the robot's keywords stands in the message."""

    code = "robot-keyword"
    title_zh = "消息不含机器人要求的关键词"
    title_en = "The message has none of the robot's keywords"
    next_zh = "请在机器人的安全设置中加入关键词“联办”（每条消息都有），或改用加签；然后点“重新发送”。"
    next_en = "Add the keyword 联办 (every message has it) to the robot, or use a signature; then send again."
    is_passing = False


class RobotAddress(RobotRefused):
    """Our address is not on the robot's list."""

    code = "robot-ip"
    title_zh = "机器人不接受本平台的出口地址"
    title_en = "The robot does not take messages from our address"
    next_zh = "请在机器人的安全设置中加入本平台的公网出口 IP，或改用加签；然后点“重新发送”。"
    next_en = "Add the platform's public address to the robot's list, or use a signature; then send again."
    is_passing = False


class RobotGone(RobotRefused):
    """The robot was removed or disabled, its group dissolved, or the token is wrong."""

    code = "robot-gone"
    title_zh = "机器人不存在、已停用或令牌有误"
    title_en = "There is no such robot, or it is disabled"
    next_zh = "请在群里确认机器人仍在，用新的令牌修改本渠道的地址；然后点“重新发送”。"
    next_en = "Look whether the robot is still in the group, enter its new token, then send again."
    is_passing = False


class RobotContent(RobotRefused):
    """The service found words or links that it does not let through."""

    code = "robot-content"
    title_zh = "消息内容被对方拦截"
    title_en = "The service stopped the message for its content"
    next_zh = "消息只有固定文字、办件编号和链接；多为链接域名未备案或被拦截，请联系该服务的管理员放行。"
    next_en = "The message holds fixed words, a number and a link: have the link's domain allowed at the service."
    is_passing = False
