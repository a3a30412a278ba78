"""The change of a safety certificate in the demo's world, step by step."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from bootstrap.demo.certificates import CERTIFICATES, GUANGXI_BUILDER, YUNNAN_BUILDER
from bootstrap.demo.people import APPLICANTS
from domain.actors import SYSTEM
from domain.certificates import service as certificates
from domain.certificates.models import Certificate
from tests.support.scene import JointCase, Scene

ITEM = "water-safety-change"
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""A picture of one point."""
PRECHECK = {"points": ["authority", "certificate", "employer", "holder", "release"]}
ACCEPT = {"originals": ["M3"], "points": ["complete", "commitment", "class"]}
REVIEW: dict[str, Any] = {
    "points": ["contract", "insurance", "qualification", "conditions", "credit"],
    "siteLock": "NONE",
    "credit": "GOOD",
    "opinion": "符合条件。",
}
FINAL = {"points": ["transfer", "noPenalty", "consistent"], "opinion": "审核通过。"}
POSITIONS = {"A": "MANAGER", "B": "PROJECT", "C": "FULL_TIME"}
PLACES = {
    "engineer": ("yunnan-water", "guangxi-water", "532622", YUNNAN_BUILDER, GUANGXI_BUILDER),
    "engineer2": ("guangxi-water", "yunnan-water", "451002", GUANGXI_BUILDER, YUNNAN_BUILDER),
}
"""Applicant → log-ins of the new and the old authority, region of the new employer, new and former employer."""


@dataclass
class Change(JointCase):
    """A case of item 12 in a scene."""

    item = ITEM
    scene: Scene
    login: str = "engineer"
    kind: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.here, self.there, self.region, self.new_org, self.old_org = PLACES[self.login]
        self.person = next(each for each in APPLICANTS if each.login == self.login)
        own = [each.kind for each in CERTIFICATES if each.login == self.login]
        self.kind = self.kind or own[0]
        with self.scene.platform.transaction(SYSTEM) as ctx:
            held = certificates.list_by_holder(ctx, self.person.id_no)
            self.number = next(each.number for each in held if each.kind == self.kind)

    def data(self) -> dict[str, Any]:
        letter = self.kind[-1]
        today = self.scene.now.date()
        return {
            "changeType": "EMPLOYER_CROSS",
            "certNo": self.number,
            "certClass": letter,
            "holderName": self.person.name,
            "holderIdType": "111",
            "holderIdNo": self.person.id_no,
            "holderMobile": self.person.mobile,
            "photo": [self.applicant.upload("photo.png", PHOTO)],
            "newOrgName": self.new_org.name,
            "newOrgUscc": self.new_org.uscc,
            "newOrgRegion": self.region,
            "newOrgQualNo": "D000000001",
            "newOrgQualGrade": "GRADE2",
            "newOrgSafetyPermit": "JZ000000001",
            "newPosition": POSITIONS[letter],
            "oldOrgName": self.old_org.name,
            "oldOrgUscc": self.old_org.uscc,
            "laborStart": today.isoformat(),
            "laborEnd": today.replace(year=today.year + 2).isoformat(),
            "ssMonths": [{"month": f"2026-0{month}", "payer": self.new_org.name} for month in (1, 2, 3)],
            "commitment": True,
            **({"regNo": "ZC000000001"} if letter == "B" else {}),
            **self.extra,
        }

    # -- steps
    def confirmed(self) -> Change:
        self.apply()
        self.applicant.complete("holderConfirm", "CONFIRM", method="FACE", confirmed=True)
        return self

    def to_acceptance(self) -> Change:
        self.confirmed()
        self.main("clerk").complete(
            "contactEmployer", "CONFIRMED", contactedAt=self.scene.now.isoformat(), contactPerson="测试联系人"
        )
        self.main("handler").complete("precheck", "PASS", **PRECHECK)
        return self

    def to_dispatch(self) -> Change:
        self.to_acceptance()
        self.main("handler").complete("acceptance", "ACCEPT", **ACCEPT)
        self.main("handler").complete("review", "DISPATCH", **REVIEW)
        return self

    def to_confirm(self) -> Change:
        self.to_dispatch()
        self.partner("handler").complete("signIn", "SIGN")
        self.partner("handler").complete(
            "verification",
            "AGREE",
            points=["genuine", "penalty", "projects", "archive"],
            validUntil=self.old().valid_until.isoformat(),
            accidents="NONE",
            archive=[{"name": "考核登记表", "pages": 12}],
        )
        return self

    def to_transfer(self) -> Change:
        """The old certificate is frozen, the confirmation has come."""
        self.to_confirm()
        self.partner("approver").complete("confirm", "AGREE", opinion="同意转出。")
        return self

    def to_decision(self) -> Change:
        self.to_transfer()
        self.main("handler2").complete("finalReview", "PASS", **FINAL)
        return self

    # -- looking
    def old(self) -> Any:
        return next(each for each in self.scene.certificates(self.kind) if each.number == self.number)

    def new(self) -> Certificate | None:
        mine = self.scene.certificates(self.kind)
        return next((each for each in mine if each.case_id == self.scene.case_id and each.number != self.number), None)

    def valid(self) -> list[str]:
        """Numbers of the holder's valid certificates of this class."""
        with self.scene.platform.transaction(SYSTEM) as ctx:
            held = certificates.list_by_holder(ctx, self.person.id_no)
            return [each.number for each in held if each.kind == self.kind and each.state == "01"]
