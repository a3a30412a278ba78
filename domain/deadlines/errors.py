"""What goes wrong with dates, clocks and the ladder."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden


class BadLiteral(DomainError, ValueError):
    """A duration or date that nobody can read (a ``ValueError`` too: the engine turns it into an incident)."""

    code = "bad-duration"
    title_zh = "无法识别的时限写法"
    title_en = "A duration that cannot be read"
    next_zh = "请写成 5wd（工作日）、PT4H、P40D、R3/P1D 或 ISO 日期。"
    next_en = "Write 5wd (working days), PT4H, P40D, R3/P1D or an ISO date."


class CalendarUnusable(DomainError):
    """The overrides of a region leave no workday."""

    code = "calendar-unusable"
    title_zh = "日历无法使用"
    title_en = "The calendar cannot be used"
    next_zh = "请管理员检查该地区的日历调整。"
    next_en = "Ask an administrator to check the region's calendar overrides."


class UnknownPolicy(DomainError):
    """No policy has this key."""

    code = "unknown-policy"
    title_zh = "没有这一时限规则"
    title_en = "There is no such policy"
    next_zh = "请从时限规则列表中选择。"
    next_en = "Choose one from the list of policies."


class BadPolicyValue(DomainError):
    """The value does not have the policy's unit, or breaks its bound."""

    code = "bad-policy-value"
    title_zh = "时限规则的取值不符合要求"
    title_en = "The policy cannot have this value"
    next_zh = "请按该规则的单位填写，并写明依据。"
    next_en = "Use the unit of the policy and name the source."


class StopReasonNotAllowed(DomainError):
    """Only listed reasons stop a clock; waiting for another site is none."""

    code = "stop-reason-not-allowed"
    title_zh = "该理由不能停止计时"
    title_en = "This reason does not stop the clock"
    next_zh = "只有补正、听证、检验、检测、鉴定、专家评审等法定事由可以停表；等待协办地不是理由。"
    next_en = "Only reasons listed by law stop the clock (supplement, hearing, inspection, …); waiting for a partner site is none."


class StopNeedsNotice(DomainError):
    """A stop is told to the applicant in writing, with its reason and how long it takes."""

    code = "stop-needs-notice"
    title_zh = "停止计时须先书面告知"
    title_en = "A stop needs its written notice"
    next_zh = "补正须出具一次性告知书，特别程序须出具写明所需时间的特别程序告知书，然后才停止计时。"
    next_en = "Issue the one-time notice (supplement) or the notice of a special procedure with its time; then the clock stops."


class ClockNotInState(Conflict):
    """The clock is not in the state this action needs."""

    code = "clock-not-in-state"
    title_zh = "计时状态不允许该操作"
    title_en = "The clock is in another state"


class ExtensionRefused(Conflict):
    """An extension is possible once, before the deadline, with a reason and an approver (行政许可法 art. 42)."""

    code = "extension-refused"
    title_zh = "不能延期"
    title_en = "The time cannot be extended"
    next_zh = "延期只能在到期前、经负责人批准并说明理由办理一次。"
    next_en = "An extension is possible once, before the deadline, with a reason and a leader's approval."


class UrgeTooEarly(Conflict):
    """The applicant may ask how it goes, and urge after the promised date, once per interval each."""

    code = "urge-too-early"
    title_zh = "暂时不能催办"
    title_en = "Not possible yet"
    next_zh = "承诺时限到期前可以询问进度，到期后可以催办，两次之间有间隔；其间请查看进度和答复。"
    next_en = "Before the promised date you may ask how it goes, after it urge, with an interval between two; see the answers meanwhile."


class AlreadyAnswered(Conflict):
    """The order has its answer."""

    code = "already-answered"
    title_zh = "该催办（督办）已回复"
    title_en = "This was answered already"


class NotYours(Forbidden):
    """Only the site concerned answers."""

    code = "ladder-not-yours"
    next_zh = "请由被催办（督办）的机构回复。"
    next_en = "The site that was urged answers."


class NoticeUnreadable(DomainError):
    """The text is no arrangement of days off."""

    code = "notice-unreadable"
    title_zh = "无法识别放假安排"
    title_en = "The notice cannot be read"
    next_zh = "请粘贴通知原文（一、元旦：1月1日至3日放假……），或使用 JSON、CSV（日期,休/班,名称）。"
    next_en = "Paste the notice's own text, or JSON, or CSV (day, rest/work, name)."


class NoticeRefused(DomainError):
    """The year has errors, or warnings that nobody confirmed."""

    code = "notice-refused"
    title_zh = "日历没有通过检查"
    title_en = "The calendar did not pass its checks"
    next_zh = "请按检查结果修改；确认无误的提示可以勾选确认后发布。"
    next_en = "Correct what the checks found; warnings may be confirmed."


class NothingToRevert(Conflict):
    """There is no such version, or it is in force already."""

    code = "version-not-usable"
    title_zh = "不能恢复到这个版本"
    title_en = "This version cannot be brought back"
    next_zh = "请刷新版本列表后重新选择。"
    next_en = "Reload the versions and choose again."
