"""The lines of the household move: what is filled in at each step (item 2: 子女投靠父母户口迁移)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bootstrap.demo.households import DemoChild
from bootstrap.demo.people import DemoApplicant

ITEM = "hukou-join-parents"
RATINGS = {"level": "VERY_SATISFIED", "comment": "只跑一次，两地都办好了。"}

Filled = Callable[[Mapping[str, Any], datetime], dict[str, Any]]
"""(the task's context, now in Chinese time) → the form's data."""


@dataclass(frozen=True, slots=True)
class Act:
    """One task of the script. ``silence``: nobody does it until it was urged."""

    element: str
    action: str = ""
    says: str = ""
    form: Mapping[str, Any] | Filled = field(default_factory=dict)
    silence: bool = False

    def data(self, context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """What is filled in."""
        return self.form(context, now) if callable(self.form) else dict(self.form)


def application(parent: DemoApplicant, child: DemoChild) -> dict[str, Any]:
    """The application: the child's registration moves from its county to the parent's."""
    return {
        "consentCross": True,
        "applicantRole": "PARENT",
        "applicantName": parent.name,
        "applicantIdNo": parent.id_no,
        "applicantMobile": parent.mobile,
        "applicantRegion": "532622",
        "applicantAddr": "江那镇演示路8号",
        "movers": [
            {
                "name": child.name,
                "idNo": child.id_no,
                "sex": "2" if int(child.id_no[16]) % 2 == 0 else "1",
                "ethnic": "08",
                "relToApplicant": "30",
                "relToTarget": "DAUGHTER",
            }
        ],
        "isMinor": "是",
        "reasonCode": "JOIN_PARENTS",
        "moveOutRegion": "440606",
        "moveOutAddr": child.address,
        "moveInRegion": "532622",
        "moveInAddr": "江那镇演示路8号",
        "targetName": parent.name,
        "targetIdNo": parent.id_no,
        "targetHouseNo": "000000008",
        "housing": "OWN",
        "parentsStatus": "MARRIED",
        "otherParentConsent": True,
        "minorConsent": True,
        "deliveryMode": "PICKUP",
        "bookReturn": "WINDOW",
    }


def _ask(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del context, now
    entry = {
        "target": "M6",
        "defect": "另一方监护人的同意书没有签名",
        "rule": "户口登记规定：未成年人迁移须监护人一致同意",
        "cure": "请补交双方签名的同意书，或到窗口当面签名",
    }
    return {"entries": [entry], "opinion": "材料需要补正一项。"}


def _accept(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del context, now
    return {
        "identityMethod": "READER",
        "originals": ["M1", "M2"],
        "points": ["complete", "relation", "consent", "conditions"],
        "opinion": "材料齐全，符合受理条件。",
    }


def _investigate(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del context, now
    return {
        "method": ["REGISTER", "VISIT"],
        "points": ["residence", "kinship", "dwelling", "householder", "noDispute"],
        "opinion": "经核实，亲子关系、住所属实，户主同意，建议准予迁入。",
    }


def _verify(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del context
    return {
        "points": ["permit", "register", "hold", "duplicate", "household"],
        "contactedAt": now.replace(microsecond=0).isoformat(),
        "contactResult": "CONFIRMED",
        "opinion": "已与申请人确认，户口信息相符。",
    }


def _move_out(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del now
    people = [
        {
            "idNo": mover["idNo"],
            "relToHolder": "30",
            "education": "90",
            "marital": "10",
            "birthplace": "广东省佛山市顺德区",
            "nativePlace": "云南省砚山县",
        }
        for mover in context["movers"]
    ]
    return {
        "permitChecked": True,
        "people": people,
        "holderName": context["movers"][0]["name"],
        "oldRegion": "440606",
        "oldAddr": "大良街道演示路1号",
        "urbanRural": "URBAN",
    }


def _settle(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del context
    return {
        "checked": ["name", "idNo", "birth", "permit", "cert"],
        "settledOn": now.date().isoformat(),
        "houseNo": "000000008",
        "settledAddress": "江那镇演示路8号",
    }


def _deliver(context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    del context
    return {
        "deliveredMode": "PICKUP",
        "deliveredAt": now.replace(microsecond=0).isoformat(),
        "receiver": "岑美玲",
    }


SCRIPT = (
    Act(
        "precheck",
        "PASS",
        "预审通过",
        {"points": ["jurisdiction", "relation", "identity", "guardian", "household"], "opinion": "通过"},
    ),
    Act("acceptance", "SUPPLEMENT", "一次性告知补正，时限暂停", _ask),
    Act("supplement", "SUBMIT", "补正完成", {"note": "已到窗口当面签名。"}),
    Act("acceptance", "ACCEPT", "核验原件，受理", _accept),
    Act("investigation", "PROPOSE_GRANT", "调查核实，建议准予", _investigate),
    Act("approval", "APPROVE", "准予迁入，签发准迁证，转迁出地", {"opinion": "同意。"}),
    Act("signIn", silence=True),
    Act("signIn", "SIGN", "签收"),
    Act("verification", "AGREE", "核验相符，同意迁出", _verify),
    Act("moveOutTask", "MOVE_OUT", "迁出登记，签发迁移证，反馈迁入地", _move_out),
    Act(
        "archiveTask",
        "SEND",
        "移交户籍档案",
        {"manifest": [{"name": "常住人口登记表", "pages": 1}]},
    ),
    Act("settlement", "SETTLE", "核对反馈，落户登记", _settle),
    Act(
        "booklet",
        "DONE",
        "制作居民户口簿",
        {"bookletNo": "000000008", "pages": 4, "electronic": True, "oldBook": "RETURNED"},
    ),
    Act("delivery", "DELIVERED", "送达", _deliver),
)
