"""Codes and the words people read for them, Chinese and English (DOMAIN §3.7, §3.8, §5.1, GB/T 39046)."""

from __future__ import annotations

from typing import NamedTuple

from domain.identity.roles import ROLE_NAMES


class Label(NamedTuple):
    """The two names of a code."""

    name: str
    name_en: str


STATUSES: dict[str, Label] = {
    "DRAFT": Label("草稿", "Draft"),
    "DISCARDED": Label("已放弃", "Discarded"),
    "EXPIRED": Label("已失效", "Lapsed"),
    "SUBMITTED": Label("已提交", "Submitted"),
    "PRECHECK": Label("预审中", "Pre-check"),
    "PRECHECK_RETURNED": Label("预审退回", "Returned by pre-check"),
    "FORWARDED": Label("已转办", "Forwarded"),
    "RECEIVED": Label("已收件", "Received"),
    "SUPPLEMENT_NOTIFIED": Label("待补正", "Waiting for supplement"),
    "SUPPLEMENT_SUBMITTED": Label("补正待审", "Supplement received"),
    "NOT_ACCEPTED": Label("不予受理", "Not accepted"),
    "ACCEPTED": Label("已受理", "Accepted"),
    "ACCEPTED_GAP": Label("容缺受理", "Accepted with gaps"),
    "IN_REVIEW": Label("审查中", "In review"),
    "DISPATCHED": Label("已转协办地", "Sent to the other site"),
    "PARTNER_PROCESSING": Label("协办地办理中", "Other site at work"),
    "PARTNER_OBJECTED": Label("协办地有异议", "Other site objects"),
    "CONFERENCE": Label("会商中", "In conference"),
    "PARTNER_AGREED": Label("协办地已同意", "Other site agreed"),
    "PARTNER_REFUSED": Label("协办地不予办理", "Other site refused"),
    "SPECIAL": Label("特别程序", "Special procedure"),
    "EXTENDED": Label("已延期", "Extended"),
    "PENDING_DECISION": Label("待决定", "Decision pending"),
    "DECIDED_GRANTED": Label("准予", "Granted"),
    "DECIDED_REFUSED": Label("不予批准", "Refused"),
    "FULFILMENT": Label("执行中", "Being carried out"),
    "CLOSED": Label("已办结", "Closed"),
    "DELIVERING": Label("送达中", "Being delivered"),
    "DELIVERED": Label("已送达", "Delivered"),
    "DELIVERY_FAILED": Label("投递失败", "Delivery failed"),
    "WITHDRAW_REQUESTED": Label("撤件申请中", "Withdrawal requested"),
    "WITHDRAWN": Label("已撤件", "Withdrawn"),
    "RETURNED": Label("退件", "Returned"),
    "CLOSED_NO_SUPPLEMENT": Label("补正不来办结", "Closed without supplement"),
    "TERMINATED": Label("已终止", "Terminated"),
    "VOIDED": Label("已作废", "Void"),
    "REVOKED": Label("已撤销", "Revoked"),
    "EVALUATED": Label("已评价", "Rated"),
    # states of a partner's leg (DOMAIN §1.2.7)
    "SIGNED_IN": Label("已签收", "Signed in"),
    "VERIFYING": Label("核验中", "Verifying"),
    "OBJECTED": Label("已提出异议", "Objected"),
    "ANSWERED": Label("异议已答复", "Objection answered"),
    "AGREED": Label("已同意", "Agreed"),
    "REFUSED": Label("不予办理", "Refused"),
    "CANCELLED": Label("已取消", "Cancelled"),
    "MOVED_OUT_PENDING": Label("迁出待落户", "Moved out, not settled yet"),
    "CLOSED_SETTLED": Label("已落户办结", "Settled and closed"),
    "RESTORED": Label("已恢复户口", "Registration restored"),
    "FROZEN": Label("办理转出", "Transfer out"),
    "TRANSFERRED_OUT": Label("已转出", "Transferred out"),
}

FLAGS: dict[str, Label] = {
    "INTERIM_APPROVED": Label("已准予迁入", "Move-in approved"),
    "EXTENDED": Label("已延期", "Extended"),
    "EVALUATED": Label("已评价", "Rated"),
    "DEEMED_ACCEPTED": Label("视为受理", "Deemed accepted"),
    "ACCEPTED_ON_RECEIPT": Label("收件即受理", "Accepted on receipt"),
    "SPECIAL": Label("特别程序", "Special procedure"),
    "GAP": Label("容缺受理", "Accepted with promised items"),
    "PARTIAL": Label("部分人员办结", "Granted for some of the persons"),
    "SHARED_DATA": Label("按共享数据办理", "Handled on shared data"),
    "SUPERVISION_RED": Label("电子监察红灯", "Red in electronic supervision"),
}

RESULTS: dict[str, Label] = {
    "0": Label("出证办结", "Closed with certificate"),
    "1": Label("退回办结", "Closed by refusal"),
    "2": Label("作废办结", "Closed as void"),
    "3": Label("删除办结", "Closed as entered by mistake"),
    "4": Label("转报办结", "Closed by passing on"),
    "5": Label("补正不来办结", "Closed without supplement"),
    "6": Label("办结", "Closed"),
}

ROLES: dict[str, Label] = {str(role): Label(*names) for role, names in ROLE_NAMES.items()}

LEG_ROLES: dict[str, Label] = {"main": Label("主办", "Lead"), "partner": Label("协办", "Partner")}

LADDER: dict[str, Label] = {
    "INQUIRE": Label("进度询问", "Question about progress"),
    "REMIND": Label("预警", "Reminder"),
    "URGE": Label("催办", "Urge"),
    "SUPERVISE": Label("督办", "Supervision"),
    "CONFER": Label("会商", "Conference"),
}

CLOCKS: dict[str, Label] = {
    "LEGAL": Label("法定时限", "Statutory period"),
    "STATUTORY": Label("法定时限", "Statutory period"),
    "PROMISE": Label("承诺时限", "Promised period"),
    "INTERNAL": Label("环节时限", "Time of the step"),
}

CLOCK_ACTIONS: dict[str, Label] = {
    "RECEIVE": Label("收件", "Received"),
    "DEEMED": Label("视为受理", "Deemed accepted"),
    "START": Label("开始计时", "Started"),
    "STOP": Label("暂停计时", "Stopped"),
    "RESUME": Label("恢复计时", "Resumed"),
    "EXTEND": Label("延长", "Extended"),
    "END": Label("结束计时", "Ended"),
    "RECOMPUTE": Label("重新计算", "Recomputed"),
}

STOP_REASONS: dict[str, Label] = {
    "SUPPLEMENT": Label("补正", "Supplement"),
    "HEARING": Label("听证", "Hearing"),
    "BID": Label("招标", "Tender"),
    "AUCTION": Label("拍卖", "Auction"),
    "INSPECT": Label("检验", "Inspection"),
    "TEST": Label("检测", "Testing"),
    "QUARANTINE": Label("检疫", "Quarantine"),
    "APPRAISE": Label("鉴定", "Appraisal"),
    "EXPERT": Label("专家评审", "Expert review"),
    "PUBLICITY": Label("公示", "Public notice"),
    "WAIT_PAYMENT": Label("等待缴费", "Waiting for payment"),
    "APPLICANT_REQUEST": Label("申请人要求", "At the applicant's request"),
    "DEEMED": Label("视为受理", "Deemed accepted"),
    "ON_RECEIPT": Label("收件即受理", "Accepted on receipt"),
    "EXTENSION": Label("延期", "Extension"),
    "CALENDAR": Label("工作日历调整", "The calendar changed"),
    "POLICY": Label("时限规则调整", "The policy changed"),
}

MATERIAL_STATES: dict[str, Label] = {
    "MISSING": Label("未提交", "Missing"),
    "SUPPLIED": Label("已提交", "Supplied"),
    "VERIFIED": Label("已核验", "Verified"),
    "DEFECT": Label("有缺陷", "Defective"),
    "PROMISED": Label("承诺后补", "Promised"),
    "SHARED": Label("数据共享", "From shared data"),
}

MATERIAL_ORIGINS: dict[str, Label] = {
    "APPLICANT": Label("申请人上传", "Uploaded by the applicant"),
    "UPLOAD": Label("申请人上传", "Uploaded by the applicant"),
    "WINDOW": Label("窗口扫描", "Scanned at the window"),
    "WINDOW_PAPER": Label("窗口收取纸质件并扫描", "Paper handed in at the window, scanned there"),
    "WINDOW_FILE": Label("窗口接收电子文件", "Electronic file handed in at the window"),
    "SHARED": Label("数据共享", "From shared data"),
    "SYSTEM": Label("系统生成", "Made by the system"),
    "PARTNER": Label("其他机构移交", "Handed over by another site"),
}

APPEARED: dict[str, Label] = {
    "APPLICANT": Label("申请人本人", "The applicant in person"),
    "GUARDIAN": Label("监护人", "A guardian"),
    "AGENT": Label("受托人（持授权委托书）", "An agent with a power of attorney"),
}
"""Who came to the window for the applicant."""

IDENTITY_PAPERS: dict[str, Label] = {
    "ID_CARD": Label("居民身份证原件", "Identity card (original)"),
    "TEMPORARY_CARD": Label("临时居民身份证原件", "Temporary identity card (original)"),
    "ELECTRONIC": Label("电子身份证件扫码", "Electronic identity, scanned"),
    "HOUSEHOLD_BOOK": Label("居民户口簿原件", "Household booklet (original)"),
    "OTHER": Label("其他有效身份证件原件", "Another valid identity paper (original)"),
}
"""What the window clerk saw to know who it is."""

MESSAGE_STATES: dict[str, Label] = {
    "queued": Label("待发送", "Queued"),
    "sent": Label("已发送", "Sent"),
    "acknowledged": Label("对方已收到", "Acknowledged"),
    "failed": Label("发送失败", "Failed"),
    "blocked": Label("缺少必填信息，未发出", "Held back: a required field is missing"),
    "received": Label("已收到", "Received"),
    "delivered": Label("已投递", "Delivered"),
    "parked": Label("暂存待处理", "Parked"),
    "rejected": Label("已拒收", "Rejected"),
}

CERTIFICATES: dict[str, Label] = {
    "move-in-permit": Label("准予迁入证明", "Move-in permit"),
    "migration-certificate": Label("户口迁移证", "Migration certificate"),
    "water-safety-A": Label("安全生产考核合格证书（A类）", "Safety certificate, class A"),
    "water-safety-B": Label("安全生产考核合格证书（B类）", "Safety certificate, class B"),
    "water-safety-C": Label("安全生产考核合格证书（C类）", "Safety certificate, class C"),
}

CERTIFICATE_STATES: dict[str, Label] = {
    "ISSUED": Label("有效", "Valid"),
    "USED": Label("已使用", "Used"),
    "VOID": Label("已作废", "Void"),
    "EXPIRED": Label("已过期", "Expired"),
    "REISSUED": Label("已换发", "Reissued"),
    "01": Label("有效", "Valid"),
    "02": Label("暂扣", "Suspended"),
    "03": Label("撤销", "Withdrawn"),
    "04": Label("注销", "Cancelled"),
    "05": Label("失效", "Lapsed"),
    "06": Label("办理转出", "Transfer out"),
    "07": Label("吊销", "Revoked"),
    "99": Label("其他", "Other"),
}

REGISTRATION_STATES: dict[str, Label] = {
    "ACTIVE": Label("在籍", "Registered"),
    "MOVE_OUT_PENDING": Label("迁出待落户", "Moved out, not settled yet"),
    "CANCELLED": Label("已注销", "Cancelled"),
}

DOCUMENTS: dict[str, Label] = {
    "SJPZ": Label("收件凭证", "Receipt"),
    "YCGZ": Label("一次性告知书", "One-time notice"),
    "SLTZ": Label("受理通知书", "Notice of acceptance"),
    "BYSL": Label("不予受理通知书", "Notice of non-acceptance"),
    "RQSL": Label("容缺受理通知书", "Acceptance with gaps"),
    "GZCN": Label("告知承诺书", "Declaration"),
    "TBCX": Label("特别程序告知书", "Notice of a special procedure"),
    "YQTZ": Label("延期办理通知书", "Notice of extension"),
    "ZYJD": Label("决定书", "Decision"),
    "ZBH": Label("转办/协查函", "Request to the partner site"),
    "HSJY": Label("会商纪要", "Minutes of a conference"),
    "YJQD": Label("档案移交清单", "File transfer list"),
    "CXSQ": Label("撤回申请书", "Withdrawal"),
    "SDHZ": Label("送达回证", "Proof of delivery"),
    "CBD": Label("催办单", "Urge slip"),
    "DBD": Label("督办单", "Supervision order"),
    "ZGFK": Label("差评整改反馈单", "Rectification report"),
}

MODES: dict[str, Label] = {
    "ONLINE": Label("全程网办", "Entirely online"),
    "FULL_ONLINE": Label("全程网办", "Entirely online"),
    "REMOTE_RELAY": Label("异地代收代办", "Received elsewhere"),
    "MULTI_SITE": Label("多地联办", "Several sites jointly"),
}

SERVICES: dict[str, Label] = {
    "certificate.issue": Label("签发证照", "Issue a certificate"),
    "certificate.transition": Label("变更证照状态", "Change a certificate's state"),
    "registration.transition": Label("变更户口登记状态", "Change a registration's state"),
    "registration.settle": Label("落户登记", "Settle a registration"),
    "document.issue": Label("签发文书", "Issue a document"),
    "notify": Label("通知", "Notify"),
    "case.close": Label("办结", "Close the case"),
}

COARSE: dict[str, str] = {
    "SUPPLEMENT_NOTIFIED": "WAIT_APPLICANT",
    "PRECHECK_RETURNED": "WAIT_APPLICANT",
    "DISPATCHED": "WAIT_PARTNER",
    "PARTNER_PROCESSING": "WAIT_PARTNER",
    "PARTNER_OBJECTED": "WAIT_PARTNER",
    "CONFERENCE": "WAIT_PARTNER",
}
"""What the partner may know of the main leg's status; everything else is at work or closed (DOMAIN §5.3: coarse)."""

COARSE_STATUSES: dict[str, Label] = {
    "AT_WORK": Label("主办地办理中", "Lead site at work"),
    "WAIT_APPLICANT": Label("等待申请人", "Waiting for the applicant"),
    "WAIT_PARTNER": Label("等待协办地", "Waiting for the partner site"),
    "ENDED": Label("已结束", "Ended"),
}


def name_of(table: dict[str, Label], code: str | None) -> str:
    """The Chinese name, of several codes (``A,B``) their names; an unknown code is shown as it is."""
    return "、".join(table[each].name if each in table else each for each in (code or "").split(","))


def name_en_of(table: dict[str, Label], code: str | None) -> str:
    """The English name, of several codes (``A,B``) their names; an unknown code is shown as it is."""
    return ", ".join(table[each].name_en if each in table else each for each in (code or "").split(","))


def names_of(table: dict[str, Label], code: str | None) -> tuple[str, str]:
    """The Chinese and the English name."""
    return name_of(table, code), name_en_of(table, code)


def one_line(name: str) -> str:
    """A name from a diagram, where long ones are broken into lines."""
    return " ".join(name.split())


def coarse(status: str, *, ended: bool) -> str:
    """The main leg's status as a partner may know it."""
    return "ENDED" if ended else COARSE.get(status, "AT_WORK")
