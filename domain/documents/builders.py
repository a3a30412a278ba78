"""The seventeen documents of DOMAIN §3.8: what each must say. A builder refuses when something essential is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.deadlines.joint import extension_days
from domain.documents.content import Content, Subject, day, told

Builder = Callable[[Subject], Content]
REFUSALS: Final = frozenset({"REFUSE", "PARTNER_REFUSED", "PARTNER_REFUSED_SOME"})
LICENSING_LAW: Final = "《中华人民共和国行政许可法》第三十二条（非行政许可事项参照执行）"


def receipt(s: Subject) -> Content:
    """收件凭证."""
    handed_in = [f"{code} {name}" for code, name, state in s.materials if state != "MISSING"]
    rows = [
        *_heading(s),
        ("查询码", s.case.query_code),
        ("收到日期", day(s.case.submitted_at)),
        ("收到的材料", "；".join(handed_in) or "无"),
        ("收件机构", s.site.name),
        ("说明", f"本机构将自收到之日起{told(s.values['acceptNotice'])}内告知是否受理；原件核验后当场退还。"),
    ]
    return Content(s.title, rows, LICENSING_LAW)


def one_time_notice(s: Subject) -> Content:
    """一次性告知书: every entry names its material or field, the defect, the rule and the cure."""
    source = s.source or ("precheck" if s.leg.status == "PRECHECK_RETURNED" else "notice")
    entries = s.part(source).get("entries") or []
    if not entries:
        s.refuse("需要补正的内容", "entries")
    rows = list(_heading(s))
    for number, entry in enumerate(entries, start=1):
        target = s.need(entry, "target", "补正对象")
        defect = s.need(entry, "defect", "缺陷说明")
        rule, cure = str(entry.get("rule") or ""), str(entry.get("cure") or "")
        text = (
            f"{s.targets.get(target, target)}：{defect}。"
            + (f"依据：{rule}。" if rule else "")
            + (f"补正方法：{cure}。" if cure else "")
        )
        rows.append((f"第{number}项", text))
    rows += [
        ("补正期限", f"收到本告知书后{told(s.values['supplement.applicant'])}内"),
        ("后果", "补正期间办理时限停止计算；逾期不补正的，按补正不来办结，可以重新申请。"),
        *_contact(s),
    ]
    return Content(s.title, rows, LICENSING_LAW)


def acceptance(s: Subject) -> Content:
    """受理通知书."""
    rows = [*_heading(s), ("受理日期", day(s.case.accepted_at or s.now))]
    if s.case.promise_due_at is not None:
        rows.append(("承诺办结日期", day(s.case.promise_due_at)))
    if s.case.legal_due_at is not None:
        rows.append(("法定办结日期", day(s.case.legal_due_at)))
    rows += [*_contact(s), ("印章", f"{s.site.name}行政审批专用章")]
    return Content(s.title, rows, LICENSING_LAW)


def not_accepted(s: Subject) -> Content:
    """不予受理通知书: reason, legal basis, the right authority, remedies."""
    refusal = s.part("refusal")
    rows = [*_heading(s), ("理由", s.need(refusal, "reason", "不予受理的理由"))]
    basis = s.need(refusal, "legalBasis", "法律依据")
    if refusal.get("rightAuthority"):
        rows.append(("应当向其申请的机关", str(refusal["rightAuthority"])))
    return Content(s.title, [*rows, *_contact(s)], basis, s.remedies)


def gap_acceptance(s: Subject) -> Content:
    """容缺受理通知书: what is missing, until when, what follows."""
    gap = s.part("gap")
    missing = gap.get("materials") or []
    if not missing:
        s.refuse("容缺材料", "gapMaterials")
    names = {code: name for code, name, _ in s.materials}
    rows = [
        *_heading(s),
        ("容缺材料", "；".join(f"{code} {names.get(code, '')}".strip() for code in _texts(missing))),
        ("补交期限", f"自受理之日起{told(s.values['gapAccept'])}内，不超过承诺办结日期"),
        ("申请人承诺", str(gap.get("promise") or "按期补交，逾期自行承担后果。")),
        ("后果", "逾期未补交的，终止办理。"),
        *_contact(s),
    ]
    return Content(s.title, rows, s.item_basis)


def commitment(s: Subject) -> Content:
    """告知承诺书."""
    text = s.part("commitment")
    rows = [
        *_heading(s),
        ("告知内容", s.need(text, "duty", "告知内容")),
        ("承诺内容", s.need(text, "promise", "承诺内容")),
        ("法律责任", "承诺不实的，依法终止办理、责令限期整改、撤销决定，并记入信用记录。"),
    ]
    return Content(s.title, rows, "《国务院办公厅关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见》")


def special_procedure(s: Subject) -> Content:
    """特别程序告知书: written notice of why and how long (art. 45)."""
    special = s.part("special")
    rows = [
        *_heading(s),
        ("事由", s.need(special, "reason", "特别程序的事由")),
        ("所需时间", f"{s.need(special, 'days', '所需时间')}个工作日，不计入办理时限"),
        *_waiting(special),
        *_contact(s),
    ]
    return Content(s.title, rows, "《中华人民共和国行政许可法》第四十五条")


def _waiting(special: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What kind it is, what the applicant does meanwhile, and that the dates follow."""
    rows = [("种类", str(special["kindName"]))] if special.get("kindName") else []
    if special.get("applicantDoes"):
        rows.append(("需要您配合", str(special["applicantDoes"])))
    rows.append(("办结日期", "特别程序结束后，按剩余的工作日重新计算并告知"))
    return rows


def extension(s: Subject) -> Content:
    """延期办理通知书: leader's approval and reason (art. 42)."""
    reason = s.need(s.part("extension"), "reason", "延期理由")
    rows = [
        *_heading(s),
        ("延期理由", reason),
        ("延长", f"{extension_days(s.values)}个工作日"),
        ("延期后的承诺办结日期", day(s.case.promise_due_at) or "恢复计时后另行告知"),
        ("延期后的法定办结日期", day(s.case.legal_due_at) or "恢复计时后另行告知"),
        *_contact(s),
    ]
    return Content(s.title, rows, "《中华人民共和国行政许可法》第四十二条")


def decision(s: Subject) -> Content:
    """准予…决定书 or 不予…决定书; a refusal needs reason and legal basis and names the remedies."""
    decided = s.part("decision")
    kind = str(decided.get("kind") or ("REFUSE" if s.leg.status in {"DECIDED_REFUSED", "PARTNER_REFUSED"} else "GRANT"))
    if kind not in REFUSALS:
        settled = s.part("settled")
        rows = [*_heading(s), ("决定", f"准予办理“{s.item_name}”。")]
        if settled:
            rows.append(("落户", f"{day(settled.get('settledOn'))}落户于{settled.get('address') or ''}"))
        return Content(f"准予{s.title}", rows, s.item_basis)
    reason = s.need(decided, "reason", "不予办理的理由")
    basis = str(decided.get("legalBasis") or s.part("refusal").get("legalBasis") or "").strip()
    if not basis and kind != "REFUSE":
        basis = s.item_basis  # the partner's own refusal names its basis; ours passes it on
    if not basis:
        s.refuse("法律依据", "legalBasis")
    scope = "对下列人员不予办理。" if kind == "PARTNER_REFUSED_SOME" else "不予办理。"
    rows = [*_heading(s), ("决定", scope), ("理由", reason)]
    if decided.get("unit"):
        rows.append(("作出不予迁出（转出）意见的机关", f"{decided['unit']} {decided.get('phone') or ''}".strip()))
    return Content(f"不予{s.title}", [*rows, *_contact(s)], basis, s.remedies)


def partner_letter(s: Subject) -> Content:
    """转办/协查函 to the partner, with the collaboration number."""
    permit = s.part("permit")
    rows = [*_heading(s), ("业务协同编号", s.case.collab_no)]
    if permit.get("number"):
        rows.append(("准予迁入证明编号", str(permit["number"])))
    rows += [
        ("请求事项", f"请协助办理“{s.item_name}”，签收后按约定时限核查办理并反馈。"),
        ("时限", f"签收{told(s.values['partner.signIn'])}，办理{told(s.values['partner.work'])}"),
        *_contact(s),
    ]
    return Content(s.title, rows, s.item_basis)


def minutes(s: Subject) -> Content:
    """会商纪要."""
    held = s.part("minutes")
    rows = [
        *_heading(s),
        ("业务协同编号", s.case.collab_no),
        ("时间", day(held.get("heldAt")) or day(s.now)),
        ("参加单位和人员", _listed(held.get("participants"))),
        ("会商问题", _listed(held.get("questions"))),
        ("会商结论", s.need(held, "conclusion", "会商结论")),
        ("签字", "主办地：          协办地：          "),
    ]
    return Content(s.title, rows)


def handover(s: Subject) -> Content:
    """档案移交清单: name, pages, hash of every file."""
    files = s.variables.get("archiveManifest") or s.part("archive").get("manifest") or []
    if not files:
        s.refuse("移交的档案", "manifest")
    rows = [*_heading(s), ("业务协同编号", s.case.collab_no)]
    for number, file in enumerate(files, start=1):
        name = s.need(file, "name", "档案名称")
        rows.append((f"第{number}件", f"{name}，{file.get('pages') or '—'}页，SHA-256：{file.get('hash') or '—'}"))
    return Content(s.title, [*rows, ("移交单位", s.site.name)])


def withdrawal(s: Subject) -> Content:
    """撤件确认书."""
    asked = s.part("withdrawal")
    reason = asked.get("reason") or s.variables.get("withdrawReason") or "申请人主动撤回"
    rows = [*_heading(s), ("撤回原因", str(reason)), ("确认", "同意撤回，所交材料退还申请人；撤回后可以重新申请。")]
    return Content(s.title, rows)


def delivery(s: Subject) -> Content:
    """送达回证."""
    delivered = s.part("delivered")
    ways = {
        "PICKUP": "窗口领取",
        "WINDOW": "窗口当面送达",
        "EXPRESS": "邮寄",
        "E_CERT": "电子送达",
        "E-CERT": "电子送达",
    }
    mode = str(delivered.get("mode") or "")
    rows = [
        *_heading(s),
        ("送达方式", ways.get(mode, mode or "电子送达")),
        ("送达时间", day(delivered.get("at")) or day(s.now)),
        ("签收人", str(delivered.get("receiver") or "申请人")),
    ]
    if delivered.get("papers"):
        rows.insert(-3, ("送达文书", str(delivered["papers"])))
        rows += [
            ("查验证件", str(delivered.get("seen") or "—")),
            ("签名", "签收人：              日期：              "),
        ]
    if delivered.get("trackingNo"):
        rows.append(("邮件号", str(delivered["trackingNo"])))
    return Content(s.title, rows)


def urging(s: Subject) -> Content:
    """催办单."""
    return _order(s, "urge", "催办内容")


def supervision(s: Subject) -> Content:
    """督办单: the fields of GB/T 39046 电子监察."""
    return _order(s, "supervision", "督办内容")


def rectification(s: Subject) -> Content:
    """差评整改反馈单."""
    report = s.part("rectification")
    rows = [
        *_heading(s),
        ("评价", s.need(report, "rating", "评价")),
        ("核实情况", s.need(report, "finding", "核实情况")),
        ("整改措施", s.need(report, "measure", "整改措施")),
        ("回访情况", str(report.get("callBack") or "待回访")),
    ]
    return Content(s.title, rows)


def _order(s: Subject, name: str, label: str) -> Content:
    order = s.part(name)
    rows = [
        *_heading(s),
        ("监察编号", s.need(order, "number", "监察编号")),
        ("规则编号", str(order.get("rule") or "—")),
        ("预警类型", str(order.get("alertType") or "—")),
        ("环节", str(order.get("taskName") or "—")),
        ("应办结日期", day(order.get("due")) or "—"),
        (label, s.need(order, "ask", label)),
        ("责任部门", str(order.get("responsible") or s.site.name)),
        ("答复期限", day(order.get("answerDue")) or told(s.values["urge.answer"])),
    ]
    return Content(s.title, rows)


def _heading(s: Subject) -> list[tuple[str, str]]:
    applicant = s.application.get("applicantName") or s.application.get("holderName") or ""
    rows = [("申请人", str(applicant))] if applicant else []
    return [*rows, ("办理事项", s.item_name), ("办件编号", str(s.leg.case_no))]


def _contact(s: Subject) -> list[tuple[str, str]]:
    who = s.part("acceptance")
    person = str(who.get("handlerName") or "")
    phone = str(who.get("handlerPhone") or s.site.phone or "")
    return [("联系人和电话", f"{s.site.name} {person} {phone}".strip())]


def _texts(values: Any) -> list[str]:
    return [
        str(value.get("code") or value.get("name")) if isinstance(value, Mapping) else str(value) for value in values
    ]


def _listed(value: Any) -> str:
    return "；".join(_texts(value)) if isinstance(value, list) else str(value or "—")


BUILDERS: Final[Mapping[str, Builder]] = {
    "SJPZ": receipt,
    "YCGZ": one_time_notice,
    "SLTZ": acceptance,
    "BYSL": not_accepted,
    "RQSL": gap_acceptance,
    "GZCN": commitment,
    "TBCX": special_procedure,
    "YQTZ": extension,
    "ZYJD": decision,
    "ZBH": partner_letter,
    "HSJY": minutes,
    "YJQD": handover,
    "CXSQ": withdrawal,
    "SDHZ": delivery,
    "CBD": urging,
    "DBD": supervision,
    "ZGFK": rectification,
}
