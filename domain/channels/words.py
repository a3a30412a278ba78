"""What people read in the record of deliveries instead of keys: the notice, and why it did not go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.channels import people, sending
from domain.errors import find_next, find_title

Words = tuple[str, str]
"""Chinese, English."""

NOTICES: Final[Mapping[str, Words]] = {
    sending.TEST: ("测试消息", "Test message"),
    people.CODE: ("地址验证码", "Code that confirms an address"),
    "promise.moved": ("承诺办结日期变化", "Promised date moved"),
    "calendar.missing": ("缺少工作日历", "A year without calendar"),
    "application.received": ("申请已提交", "Application received"),
    "task.applicant": ("需要申请人处理", "Something for the applicant to do"),
    "supplement.requested": ("请补正材料", "Supplement asked for"),
    "supplement.received": ("申请人已补正", "Supplement received"),
    "accepted": ("申请已受理", "Accepted"),
    "not.accepted": ("不予受理", "Not accepted"),
    "decision.granted": ("准予办理", "Granted"),
    "decision.refused": ("不予办理", "Refused"),
    "partner.refused": ("协办地不予办理", "Refused by the other site"),
    "partner.late": ("协办地尚未答复", "No answer from the other site yet"),
    "moved.out": ("已办理迁出", "Moved out"),
    "settled": ("已落户", "Settled"),
    "certificate.issued": ("证书已制发", "Certificate issued"),
    "certificate.expiring": ("凭证即将到期", "Certificate about to expire"),
    "certificate.expired": ("凭证已到期", "Certificate expired"),
    "closed": ("办件已办结", "Case closed"),
    "withdrawn": ("申请已撤回", "Withdrawn"),
    "restored": ("户口已恢复", "Registration restored"),
    "objection.raised": ("协办地提出异议", "Objection of the other site"),
    "ladder.REMIND": ("到期提醒", "Reminder: due soon"),
    "ladder.INQUIRE": ("申请人询问进度", "The applicant asks how it goes"),
    "ladder.URGE": ("催办", "Urged"),
    "ladder.SUPERVISE": ("督办", "Supervision order"),
    "ladder.CONFER": ("请组织会商", "Conference asked for"),
    "ladder.answered": ("催办（询问）已答复", "Answered"),
    "bad.rating": ("收到差评", "Bad rating"),
    "registration.pending": ("迁出待落户", "Moved out, not settled"),
    "withdraw.too-late": ("不能撤件", "Too late to withdraw"),
    "task.partner": ("收到协同请求", "Request of another site"),
    "procedure.asked": ("特别程序或延期待批准", "Special procedure or extension to approve"),
    "procedure.decided": ("特别程序或延期已有结果", "Special procedure or extension decided"),
    "procedure.begun": ("办理时限暂停计算", "Clock stopped"),
    "procedure.ended": ("办理时限恢复计算", "Clock goes on"),
    "procedure.extended": ("办理时限已延长", "Time extended"),
    "procedure.overdue": ("特别程序已到预计时间", "Special procedure past its time"),
    "liaison.written": ("对方机构来信", "Message from the other site"),
    "liaison.unread": ("对方机构来信逾时未读", "Message from the other site not read in time"),
    "contact.stale": ("联络员信息待确认", "Contacts to confirm"),
    "delegation.asked": ("请您接受委托代理", "Asked to act for somebody"),
    "delegation.arranged": ("已安排委托代理", "Delegation arranged"),
    "delegation.accepted": ("委托代理已接受", "Delegation accepted"),
    "delegation.declined": ("委托代理被谢绝", "Delegation declined"),
    "delegation.ended": ("委托代理已结束", "Delegation ended"),
    "security.new-device": ("新设备登录", "Log-in with a new device"),
    "security.password": ("密码已修改", "Password changed"),
    "security.reset-issued": ("管理员签发了重置码", "Reset code issued"),
    "security.link-set": ("统一身份认证工号绑定有变化", "Staff number linked to the account"),
    "security.sessions-ended": ("管理员结束了登录", "Logged out by an administrator"),
    "security.factor-set": ("已绑定动态验证码", "Second factor set up"),
    "security.factor-asked": ("申请解除动态验证码", "Removal of the second factor asked for"),
    "security.factor-removed": ("动态验证码已解除", "Second factor removed"),
    "factor.decide": ("解除动态验证码待确认", "Removal of a second factor to confirm"),
    "unmask.asked": ("查看原文申请待批准", "Unmasking to approve"),
    "unmask.alert": ("查看原文次数异常", "Unusually many unmaskings"),
}
REASONS: Final[Mapping[str, Words]] = {
    "repeated": ("短时间内已发送过相同通知", "The same notice was sent shortly before"),
    "internal": ("发送程序出错，已记入日志", "The sending program failed; see the log"),
}
UNKNOWN_NOTICE: Final[Words] = ("通知", "Notice")
UNKNOWN_REASON: Final[Words] = ("未能发送", "Could not be sent")


def of_notice(template: str) -> Words:
    """The notice of a delivery."""
    return NOTICES.get(template, UNKNOWN_NOTICE)


def of_reason(code: str | None) -> Words:
    """Why it did not go out; empty when it did or still may."""
    if code is None:
        return "", ""
    slug, _, number = code.partition(":")
    zh, en = REASONS.get(slug) or find_title(slug) or UNKNOWN_REASON
    return (f"{zh}（对方错误码 {number}）", f"{en} (its code {number})") if number else (zh, en)


def of_next(code: str | None) -> Words:
    """What to do about it; empty when nothing need be done or nothing is known."""
    if code is None or code in REASONS:
        return "", ""
    return find_next(code.partition(":")[0]) or ("", "")
