"""The household move of the demo, step by step: who does what with which form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from bootstrap.script import application
from tests.support.scene import JointCase, Scene

ITEM = "hukou-join-parents"
ACCEPT: dict[str, Any] = {
    "identityMethod": "READER",
    "originals": ["M2", "M3", "M5"],
    "points": ["complete", "relation", "consent", "conditions"],
}
PRECHECK = {"points": ["jurisdiction", "relation", "identity", "guardian", "household"]}
INVESTIGATE: dict[str, Any] = {
    "method": ["REGISTER", "VISIT"],
    "points": ["residence", "kinship", "dwelling", "householder", "noDispute"],
    "opinion": "亲子关系、住所属实，户主同意。",
}
VERIFY: dict[str, Any] = {
    "points": ["permit", "register", "hold", "duplicate", "household"],
    "contactResult": "CONFIRMED",
}
NOTICE = {"target": "M6", "defect": "缺少一页", "rule": "材料应当完整", "cure": "补交全部页面"}
DIRECTIONS = {
    "in": ("parent", "532622", "yanshan", "440606", "shunde"),
    "out": ("father", "451002", "youjiang", "532622", "yanshan"),
}
"""砚山县 as 迁入地 and as 迁出地: applicant, county and log-ins of the receiving site, of the origin."""


@dataclass
class Household(JointCase):
    """A case of item 2 in a scene. ``direction``: 砚山县 is where the child moves in, or out."""

    item = ITEM
    scene: Scene
    direction: str = "in"
    children: int = 1
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.login, self.to_region, self.here, self.from_region, self.there = DIRECTIONS[self.direction]
        self.kids = [child for child in CHILDREN if child.parent == self.login][: self.children]
        self.person = next(each for each in APPLICANTS if each.login == self.login)

    def data(self) -> dict[str, Any]:
        base = application(self.person, self.kids[0])
        movers = [
            base["movers"][0]
            | {"name": kid.name, "idNo": kid.id_no, "sex": _sex(kid.id_no), "relToTarget": _relation(kid.id_no)}
            for kid in self.kids
        ]
        places = {"moveInRegion": self.to_region, "moveOutRegion": self.from_region, "applicantRegion": self.to_region}
        return {**base, **places, "movers": movers, "moveOutAddr": self.kids[0].address, **self.extra}

    # -- steps
    def to_acceptance(self) -> Household:
        self.apply()
        self.main("clerk").complete("precheck", "PASS", **PRECHECK)
        return self

    def to_investigation(self) -> Household:
        self.to_acceptance()
        self.main("clerk").complete("acceptance", "ACCEPT", **ACCEPT)
        return self

    def to_dispatch(self) -> Household:
        """Approved, permit issued, request at the origin."""
        self.to_investigation()
        self.main("handler").complete("investigation", "PROPOSE_GRANT", **INVESTIGATE)
        self.main("approver").complete("approval", "APPROVE", opinion="同意。")
        return self

    def to_verification(self) -> Household:
        self.to_dispatch()
        self.partner("handler").complete("signIn", "SIGN")
        return self

    def agree(self, **more: Any) -> None:
        data = VERIFY | {"contactedAt": self.scene.now.isoformat()} | more
        self.partner("handler").complete("verification", "AGREE", **data)

    def move_out_form(self, kids: list[Any] | None = None) -> dict[str, Any]:
        people = [
            {
                "idNo": kid.id_no,
                "relToHolder": "30",
                "education": "90",
                "marital": "10",
                "birthplace": "演示地",
                "nativePlace": "演示地",
            }
            for kid in (self.kids if kids is None else kids)
        ]
        return {
            "permitChecked": True,
            "people": people,
            "holderName": self.kids[0].name,
            "oldRegion": self.from_region,
            "oldAddr": self.kids[0].address,
            "urbanRural": "URBAN",
        }

    def move_out(self, kids: list[Any] | None = None) -> None:
        self.partner("handler").complete("moveOutTask", "MOVE_OUT", **self.move_out_form(kids))

    def to_settlement(self) -> Household:
        self.to_verification()
        self.agree()
        self.move_out()
        return self

    def settle_form(self) -> dict[str, Any]:
        return {
            "checked": ["name", "idNo", "birth", "permit", "cert"],
            "settledOn": self.scene.now.date().isoformat(),
            "houseNo": "000000008",
            "settledAddress": "演示路8号",
        }

    def settle(self) -> None:
        self.main("handler").complete("settlement", "SETTLE", **self.settle_form())

    def finish(self) -> None:
        """Booklet, delivery, archive."""
        self.partner("handler").complete("archiveTask", "SEND", manifest=[{"name": "常住人口登记表", "pages": 2}])
        self.main("clerk").complete(
            "booklet", "DONE", bookletNo="000000008", pages=4, electronic=True, oldBook="RETURNED"
        )
        self.main("clerk").complete(
            "delivery", "DELIVERED", deliveredMode="PICKUP", deliveredAt=self.scene.now.isoformat(), receiver="岑美玲"
        )


def _sex(number: str) -> str:
    return "1" if int(number[16]) % 2 else "2"


def _relation(number: str) -> str:
    return "SON" if _sex(number) == "1" else "DAUGHTER"
