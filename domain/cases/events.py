"""What the record's facts are called on a timeline: Chinese, English, tone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from domain.cases import labels


class Told(NamedTuple):
    """A fact in words; ``tone`` is info, good, warn or bad."""

    title: str
    title_en: str
    tone: str


TOLD: dict[str, Told] = {
    "case.opened": Told("申请已提交，生成办件", "Application submitted, case opened", "info"),
    "case.closed": Told("办件办结：{result}", "Case closed: {result_en}", "good"),
    "case.withdrawn": Told("申请人撤回申请", "Withdrawn by the applicant", "warn"),
    "case.rated": Told("申请人作出评价", "Rated by the applicant", "info"),
    "leg.started": Told("协办地生成分办件", "The partner site's leg started", "info"),
    "leg.ended": Told("分办件结束：{status}", "Leg ended: {status_en}", "good"),
    "leg.suspended": Told("分办件暂停", "Leg suspended", "warn"),
    "leg.resumed": Told("分办件恢复", "Leg resumed", "info"),
    "leg.moved": Told("迁移到流程新版本", "Moved to another version of the process", "info"),
    "login.succeeded": Told("登录", "Logged in", "info"),
    "login.failed": Told("登录失败", "Log-in failed", "warn"),
    "login.confirmed": Told("再次验证身份", "Identity confirmed again", "info"),
    "administrator.created": Told(
        "命令行建立首位平台管理员：{login}", "First platform administrator made: {login}", "warn"
    ),
    "administrator.recovered": Told(
        "命令行恢复平台管理员 {login}：{reason}", "Platform administrator {login} let in again: {reason}", "warn"
    ),
    "password.changed": Told("修改密码", "Password changed", "info"),
    "password.initial-renewed": Told("管理员签发新的初始密码", "A new initial password was given", "warn"),
    "password.reset-issued": Told("管理员签发密码重置码：{reason}", "Reset code issued: {reason}", "warn"),
    "password.reset": Told("用重置码设置新密码", "Password set with a reset code", "warn"),
    "second-factor.enrolled": Told("绑定动态验证码", "Second factor set up", "good"),
    "second-factor.codes": Told("生成恢复码", "Recovery codes made", "info"),
    "second-factor.removal-asked": Told(
        "申请解除他人的动态验证码：{reason}", "Removal of a second factor asked for: {reason}", "warn"
    ),
    "second-factor.removal-refused": Told(
        "不同意解除动态验证码：{reason}", "Removal of a second factor refused: {reason}", "info"
    ),
    "second-factor.removed": Told("解除动态验证码：{reason}", "Second factor removed: {reason}", "warn"),
    "sessions.ended": Told("管理员强制退出：{reason}", "Logged out by an administrator: {reason}", "warn"),
    "delegation.asked": Told("提出委托代理", "Delegation asked for", "info"),
    "delegation.arranged": Told("设置委托代理", "Delegation arranged", "info"),
    "delegation.accepted": Told("接受委托代理", "Delegation accepted", "good"),
    "delegation.declined": Told("谢绝委托代理", "Delegation declined", "warn"),
    "delegation.ended": Told("结束委托代理", "Delegation ended", "warn"),
    "status.changed": Told("状态变为：{status}", "Status: {status_en}", "info"),
    "flag.set": Told("里程碑：{flag}", "Milestone: {flag_en}", "good"),
    "result.set": Told("结果：{result}", "Result: {result_en}", "info"),
    "return.passed": Told("已过可直接撤回的环节", "Point of no return passed", "info"),
    "task.opened": Told("任务产生", "Task opened", "info"),
    "task.claimed": Told("任务签领", "Task claimed", "info"),
    "task.released": Told("任务退回待领", "Task released", "info"),
    "task.returned": Told("办理人账号停用，任务退回待领", "The account was disabled: back to the group", "warn"),
    "task.assigned": Told("任务指派", "Task assigned", "info"),
    "task.completed": Told("任务完成（{action}）", "Task completed ({action_en})", "good"),
    "task.cancelled": Told("任务取消", "Task cancelled", "warn"),
    "element.activated": Told("启动环节：{elements}", "Element started", "info"),
    "timer.fired": Told("到时自动推进", "A timer fired", "info"),
    "message.sent": Told("向{site}发出：{message}", "Sent: {message_en}", "info"),
    "message.acknowledged": Told("对方已收到：{message}", "Acknowledged: {message_en}", "good"),
    "message.received": Told("收到：{message}", "Received: {message_en}", "info"),
    "message.delivered": Told("收到：{message}", "Received: {message_en}", "info"),
    "message.parked": Told("已收到，等待处理：{message}", "Received, parked: {message_en}", "info"),
    "message.replayed": Told("处理先前收到的：{message}", "Taken up: {message_en}", "info"),
    "message.rejected": Told("消息被拒收：{message}", "Rejected: {message_en}", "bad"),
    "message.failed": Told("消息发送失败：{message}", "Not delivered: {message_en}", "bad"),
    "signal.thrown": Told("发出信号：{signal}", "Signal: {signal}", "info"),
    "signal.received": Told("收到信号：{signal}", "Signal heard: {signal}", "info"),
    "incident.opened": Told("发生异常，等待处理", "Something failed and waits for an administrator", "bad"),
    "incident.resolved": Told("异常已处理", "The incident was resolved", "good"),
    "data.corrected": Told("管理员更正流程数据：{names}", "Process data corrected: {names}", "warn"),
    "data.unmasked": Told("查看个人信息原文：{purpose}", "Personal data was shown: {purpose_en}", "warn"),
    "data.unmask-asked": Told("申请查看个人信息原文：{purpose}", "Asked to see personal data: {purpose_en}", "warn"),
    "data.unmask-refused": Told("查看原文的申请未获批准", "A request to see personal data was refused", "warn"),
    "data.erased": Told("保存期满，个人信息已删除", "Personal data erased after its time of keeping", "warn"),
    "data.held": Told("暂停删除", "Kept from deletion", "warn"),
    "data.hold-agreed": Told("暂停删除已经另一人批准", "A second person agreed to keep it from deletion", "info"),
    "data.release-asked": Told("申请解除暂停删除", "Its release for deletion was asked for", "info"),
    "data.release-refused": Told("解除暂停删除未获批准", "Its release for deletion was refused", "info"),
    "material.erased": Told(
        "材料保存期满，文件已删除", "A material's file was erased after its time of keeping", "warn"
    ),
    "data.released": Told("解除暂停删除", "No longer kept from deletion", "info"),
    "data.exported": Told("导出个人信息副本", "A copy of personal data was exported", "warn"),
    "consent.minor": Told(
        "监护人已单独同意处理不满十四周岁未成年人信息", "A guardian consented for a child under 14", "info"
    ),
    "incident.retried": Told("重试异常环节", "The incident was retried", "info"),
    "work.retried": Told("管理员重试后台作业", "Background work is tried again by an administrator", "info"),
    "work.put-off": Told("管理员推迟后台作业", "Background work was put off by an administrator", "warn"),
    "work.given-up": Told("管理员放弃后台作业：{reason}", "Background work was given up: {reason}", "warn"),
    "job.completed": Told("外部系统完成：{topic}", "Done by an external system: {topic}", "good"),
    "job.error": Told("外部系统报告业务错误：{topic}", "Business error of an external system: {topic}", "warn"),
    "job.failed": Told("外部系统处理失败：{topic}", "An external system failed: {topic}", "bad"),
    "job.unlocked": Told("管理员解除外部作业的锁定：{topic}", "Lock of an external task taken away: {topic}", "warn"),
    "job.retried": Told("管理员要求立即重试：{topic}", "Tried again at once: {topic}", "info"),
    "job.retries-set": Told("管理员调整重试次数：{topic}", "Number of tries set: {topic}", "info"),
    "clock.receive": Told("承诺时限：自收件起等待受理", "Promise: received, waits for acceptance", "info"),
    "clock.start": Told("承诺时限：开始计时", "Promise: started", "info"),
    "clock.stop": Told("承诺时限：暂停计时（{reason}）", "Promise: stopped ({reason_en})", "warn"),
    "clock.resume": Told("承诺时限：恢复计时", "Promise: resumed", "info"),
    "clock.extend": Told("承诺时限：延长", "Promise: extended", "warn"),
    "clock.end": Told("承诺时限：结束计时", "Promise: ended", "good"),
    "clock.recompute": Told("承诺时限：重新计算", "Promise: recomputed", "info"),
    "task.due.moved": Told(
        "任务时限：日历或规则变化，重新计算", "Task: date set anew, a calendar or rule changed", "info"
    ),
    "timer.moved": Told("流程定时器：日历或规则变化，重新计算", "Timer: set anew, a calendar or rule changed", "info"),
    "clock.leg.start": Told("协办时限：开始计时", "Partner's time: started", "info"),
    "clock.leg.stop": Told("协办时限：暂停计时（{reason}）", "Partner's time: stopped ({reason_en})", "warn"),
    "clock.leg.resume": Told("协办时限：恢复计时", "Partner's time: resumed", "info"),
    "clock.leg.end": Told("协办时限：结束计时", "Partner's time: ended", "good"),
    "clock.leg.recompute": Told("协办时限：重新计算", "Partner's time: recomputed", "info"),
    "procedure.asked": Told("提出{reason}", "Asked for: {reason_en}", "info"),
    "procedure.refused": Told("未批准{reason}", "Not approved: {reason_en}", "info"),
    "procedure.begun": Told("批准{reason}，书面告知申请人", "Approved, told in writing: {reason_en}", "warn"),
    "procedure.extended": Told("批准延期，书面告知申请人", "Extension approved, told in writing", "warn"),
    "procedure.ended": Told("{reason}结束", "Ended: {reason_en}", "good"),
    "procedure.overdue": Told("{reason}已到预计时间", "Past its expected time: {reason_en}", "warn"),
    "acceptance.deemed": Told("逾期未告知，视为受理", "Deemed accepted", "warn"),
    "document.issued": Told("签发文书：{title}", "Document issued: {document_en}", "good"),
    "certificate.issued": Told("签发证照", "Certificate issued", "good"),
    "certificate.changed": Told("证照状态变更", "Certificate's state changed", "info"),
    "registration.moved-out": Told("迁出登记：迁出待落户", "Moved out, not settled yet", "info"),
    "registration.cancelled": Told("迁出注销", "Registration cancelled", "info"),
    "registration.restored": Told("恢复户口登记", "Registration restored", "warn"),
    "registration.settled": Told("落户登记", "Registration settled", "good"),
    "registration.pending": Told("迁出待落户超过预警天数", "Moved out but not settled for long", "warn"),
    "supplement.requested": Told("一次性告知补正", "Supplement requested", "warn"),
    "supplement.answered": Told("申请人补正", "Supplement handed in", "info"),
    "window.identified": Told("窗口核验申请人身份：{how}", "Identity checked at the window: {how_en}", "info"),
    "window.refused": Told("窗口身份核验不一致，未代办", "Identity not confirmed at the window", "warn"),
    "window.delivered": Told("窗口当面送达：{title}", "Handed over at the window: {title}", "good"),
    "window.signed": Told("窗口收存申请人签名的撤件申请", "Signed withdrawal kept at the window", "info"),
    "material.supplied": Told("提交材料", "Material handed in", "info"),
    "material.verified": Told("核验材料", "Material verified", "good"),
    "ladder.reminded": Told("预警：即将到期", "Reminder: due soon", "warn"),
    "ladder.inquired": Told("申请人询问进度", "The applicant asked how it goes", "info"),
    "ladder.urged": Told("催办（第 {level} 次）", "Urged (no. {level})", "warn"),
    "ladder.supervised": Told("督办", "Supervision", "bad"),
    "ladder.conferred": Told("会商", "Conference called", "bad"),
    "ladder.answer.moved": Told(
        "{ladder}答复期限：日历或规则变化，重新计算",
        "Answer to {ladder_en}: date set anew, a calendar or rule changed",
        "info",
    ),
    "ladder.answered": Told("答复{ladder}", "{ladder_en} answered", "good"),
    "liaison.written": Told("工作联络：{sender}向{receiver}发出消息", "Message between the sites", "info"),
    "liaison.passed": Told(
        "工作联络：{receiver}逾时未读，已转联络员", "Message not read in time: passed on to the site's liaison", "warn"
    ),
    "liaison.read": Told("工作联络：{receiver}已读", "The other site has read the message", "info"),
}

SILENT = frozenset({"result.set"})
"""Facts that are recorded but make no line on a timeline: another line says it too."""
ANONYMOUS = frozenset({"task.opened", "task.cancelled"})
"""Facts that nobody does: they follow from somebody's step."""
ARROWS = frozenset({"message.sent", "message.received", "message.parked"})
"""Facts that may be drawn from lane to lane."""
COARSE = frozenset({"case.opened", "case.closed", "case.withdrawn"})
"""What a partner may know of the main leg's events."""
SHOWN_DATA = frozenset(
    {"action", "from", "to", "code", "result", "status", "level", "kind", "name", "number", "title", "round"}
)
"""Members of an event's data that pages show; ids of other things stay inside."""


def tell(kind: str, data: Mapping[str, Any], names: Mapping[str, str]) -> Told:
    """The words for one fact."""
    told = TOLD.get(kind)
    if told is None:
        return Told(kind, kind, "info")
    words = {**_words(data), **names}
    tone = told.tone
    if kind == "case.closed" and str(data.get("result")) in {"1", "2", "5"}:
        tone = "warn"
    return Told(_fill(told.title, words), _fill(told.title_en, words), tone)


def _words(data: Mapping[str, Any]) -> dict[str, str]:
    status = str(data.get("to") or data.get("status") or "")
    tables = {
        "status": (labels.STATUSES, status),
        "result": (labels.RESULTS, str(data.get("result") or data.get("code") or "")),
        "flag": (labels.FLAGS, str(data.get("code") or "")),
        "reason": (labels.STOP_REASONS, str(data.get("reason") or "")),
        "ladder": (labels.LADDER, str(data.get("kind") or "")),
    }
    words = {name: labels.name_of(table, code) for name, (table, code) in tables.items()}
    words |= {f"{name}_en": labels.name_en_of(table, code) for name, (table, code) in tables.items()}
    seen = str(data.get("appeared") or ""), str(data.get("paper") or "")
    words["how"] = "，".join(filter(None, _seen(labels.name_of, *seen)))
    words["how_en"] = ", ".join(filter(None, _seen(labels.name_en_of, *seen)))
    words["level"] = str(data.get("level") or 1)
    words["document_en"] = labels.name_en_of(labels.DOCUMENTS, str(data.get("code") or ""))
    words["purpose"] = str(data.get("purposeName") or "")
    words["purpose_en"] = str(data.get("purposeNameEn") or "")
    words["names"] = "、".join(str(each) for each in data.get("names") or ())
    words["sender"], words["receiver"] = str(data.get("fromSite") or ""), str(data.get("toSite") or "")
    words["topic"] = str(data.get("topic") or "")
    words["signal"] = str(data.get("name") or "")
    words["title"] = str(data.get("title") or data.get("number") or data.get("code") or "")
    return words


def _seen(name: Callable[[dict[str, labels.Label], str | None], str], appeared: str, paper: str) -> tuple[str, str]:
    """Who came to the window, and which paper was seen."""
    return name(labels.APPEARED, appeared), name(labels.IDENTITY_PAPERS, paper)


def _fill(sentence: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        sentence = sentence.replace("{" + name + "}", word)
    return sentence.replace("（）", "").replace("()", "").rstrip("：: ")
