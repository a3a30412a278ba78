"""What facts outside of a case's timeline are called in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.cases import events

WORDS: Final[dict[str, tuple[str, str]]] = {
    "audit.key-made": ("启用存证签名密钥", "Signing key of anchors made"),
    "calendar.changed": ("调整工作日历", "Calendar day changed"),
    "calendar.published": ("发布年度工作日历", "Calendar published"),
    "calendar.reverted": ("撤销日历调整", "Calendar day reverted"),
    "calendar.withdrawn": ("撤回年度工作日历", "Calendar withdrawn"),
    "call.tried": ("测试调用", "Call tried"),
    "channel.consented": ("同意外部通知", "Consent to outside notices"),
    "channel.removed": ("删除通知渠道", "Channel removed"),
    "channel.rule": ("调整通知规则", "Rule of notices changed"),
    "anchor.contradicted": ("锚点与先前联署的不一致", "An anchor contradicts one countersigned before"),
    "anchor.countersigned": ("伙伴已联署锚点", "A partner countersigned an anchor"),
    "anchor.countersigned-for": ("为伙伴联署锚点", "A partner's anchor was countersigned"),
    "channel.withdrawn": ("撤回外部通知同意", "Consent withdrawn"),
    "clock.moved": ("调整培训时钟", "Training clock moved"),
    "command.done": ("执行操作", "Command done"),
    "contract.approved": ("批准数据契约新版本", "Edition of a data contract approved"),
    "contract.drafted": ("起草数据契约新版本", "Edition of a data contract drafted"),
    "contract.dropped": ("撤回数据契约草案", "Draft of a data contract taken back"),
    "item.entered": ("登记事项", "A service item was entered"),
    "item.linked": ("为事项关联流程", "A process was linked to an item"),
    "contract.published": ("发布数据契约新版本", "Edition of a data contract published"),
    "contract.refused": ("不同意数据契约新版本", "Edition of a data contract refused"),
    "data.unmask-alert": ("频繁查看未脱敏信息", "Many looks at unmasked data"),
    "dates.recomputed": ("重新计算期限", "Dates recomputed"),
    "decision.deployed": ("发布决策表", "Decision deployed"),
    "definition.deployed": ("发布流程", "Model deployed"),
    "erasure.asked": ("申请销毁到期办件数据", "Erasure asked for"),
    "erasure.done": ("到期数据已销毁", "Erasure done"),
    "file.infected": ("拦截带病毒文件", "Infected file refused"),
    "form.published": ("发布表单", "Form published"),
    "host.allowed": ("允许外呼主机", "Host allowed"),
    "host.removed": ("移除外呼主机", "Host removed"),
    "job.fetched": ("外部系统领取任务", "Jobs fetched"),
    "keys.resealed": ("数据密钥更换完成", "Data sealed under the new key"),
    "keys.retired": ("旧数据密钥移出密钥环", "Former data key taken off the ring"),
    "keys.resealing": ("开始更换数据密钥", "Data key change begun"),
    "letter.tried": ("测试发送邮件", "Letter tried"),
    "person.erased": ("删除个人信息", "One person's data erased"),
    "person.exported": ("导出个人信息", "One person's data exported"),
    "policy.changed": ("调整时限参数", "Policy changed"),
    "role.exception": ("登记一人兼岗", "Exception: both roles for one person"),
    "role.lapsed": ("兼岗到期，收回角色", "Exception over, role taken back"),
    "secret.changed": ("更新密文", "Secret changed"),
    "secret.removed": ("删除密文", "Secret removed"),
    "site.key-accepted": ("接受伙伴机构的新密钥", "A partner site's new key was accepted"),
    "site.key-announced": ("向伙伴通知机构新密钥", "Partners are told of a site's next key"),
    "site.key-changed": ("机构签名密钥已更换", "A site's signing key was changed"),
    "site.partner-set": ("登记伙伴机构的地址和密钥", "A partner site's address and key were set"),
}
"""Kind → Chinese, English. A kind that is not here, nor on timelines, stands for itself."""


def title_of(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """A fact in words."""
    if kind in WORDS:
        return WORDS[kind]
    told = events.tell(kind, data, _names(data))
    return told.title, told.title_en


def _names(data: Mapping[str, Any]) -> dict[str, str]:
    """What timelines name by the case's model, which a list over many cases does not load, by its code."""
    message = str(data.get("name") or "")
    elements = "、".join(str(each) for each in data.get("elements") or ())
    site = str(data.get("toSite") or data.get("to") or "")
    action = str(data.get("action") or "")
    return {
        "message": message,
        "message_en": message,
        "site": site,
        "elements": elements,
        "login": str(data.get("login") or ""),
        "action": action,
        "action_en": action,
    }
