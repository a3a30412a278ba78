"""Two kinds of cases with a mark in every field, played to where each is interesting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bootstrap.demo.certificates import GUANGXI_BUILDER, YUNNAN_BUILDER
from bootstrap.demo.households import DemoChild
from bootstrap.demo.people import DemoApplicant
from bootstrap.story import PAPER
from domain.actors import SYSTEM
from domain.applications import service as applications
from domain.certificates import service as certificates
from domain.items import queries as items
from domain.materials import service as materials
from domain.materials.requirements import list_requirements
from domain.registrations import service as registrations
from domain.sites import service as sites
from tests.leaks.marks import Mint
from tests.support.household import ITEM as MOVE_ITEM
from tests.support.household import Household
from tests.support.safety import ITEM as SAFETY_ITEM
from tests.support.safety import PHOTO, Change
from tests.support.scene import Scene

SHARED_PAPERS = {MOVE_ITEM: {"M1", "M2", "M3", "M5", "M8"}, SAFETY_ITEM: {"M3", "M4", "M7"}}
"""Materials that the contract of the item lets the partner have (DOMAIN §1.2.5; the contract itself is compared in a test)."""


@dataclass
class Thing:
    """A case and whose it is. ``main`` and ``partner`` are codes of sites; ``partner`` is None until its leg runs."""

    key: str
    item: str
    applicant: str
    main: str
    partner: str | None = None
    ended: bool = False
    """The partner's access is over."""
    case_id: int = 0
    authors: set[str] = field(default_factory=set)
    """Log-ins whose typed drafts lie in tasks of the case; they hold those tasks."""
    places: dict[str, list[str]] = field(default_factory=dict)
    """Values for parameters of addresses that name this case or a part of it."""


class Move(Household):
    """A household move whose every field carries a mark."""

    def __init__(
        self, scene: Scene, mint: Mint, thing: Thing, applicant: DemoApplicant, places: tuple[str, ...]
    ) -> None:
        self.scene, self.mint, self.thing, self.person, self.login = scene, mint, thing, applicant, applicant.login
        self.here, self.to_region, self.there, self.from_region = places
        key = thing.key
        number = mint.id_no(key, "movers.idNo", "core", 2018)
        mint.known(key, "movers.birth", "core", [f"{number[6:10]}-{number[10:12]}-{number[12:14]}"])
        name = mint.name(key, "movers.name", "subject")
        address = mint.address(key, "moveOutAddr", "core")
        house = mint.number(key, "registration.houseNo", "register")
        self.kids = [DemoChild(name, number, f"{self.from_region}-police", address, house, self.login)]
        person = {"idNo": number, "name": name, "address": address, "houseNo": house}
        with scene.platform.transaction(SYSTEM) as ctx:
            registrations.register(ctx, sites.get_site(ctx, self.kids[0].site_code), person)
        self.extra = self._extra(key)

    def _extra(self, key: str) -> dict[str, Any]:
        mint = self.mint
        return {
            "applicantAddr": mint.address(key, "applicantAddr", "core"),
            "moveInAddr": mint.address(key, "moveInAddr", "core"),
            "targetName": mint.name(key, "targetName", "core"),
            "targetIdNo": mint.id_no(key, "targetIdNo", "rest", 1984),
            "targetHouseNo": mint.number(key, "targetHouseNo", "rest"),
            "deliveryMode": "EXPRESS",
            "deliveryAddress": {"region": self.to_region, "detail": mint.token(key, "deliveryAddress", "rest")},
        }

    def divorced(self) -> dict[str, Any]:
        """The sensitive group: a custody document."""
        name = self.mint.token(self.thing.key, "custodyDoc", "sensitive")
        return {"parentsStatus": "DIVORCED", "custodyDoc": [self.applicant.upload(f"{name}.pdf", paper(name))]}

    def word(self, name: str, kind: str) -> str:
        return self.mint.token(self.thing.key, name, kind)

    def submit(self, **more: Any) -> None:
        data = {name: value for name, value in {**self.data(), **more}.items() if value is not None}
        hand_in(self.scene, self.mint, self.thing, MOVE_ITEM, data)

    def marked_move_out(self) -> dict[str, Any]:
        form = self.move_out_form()
        mint, key = self.mint, self.thing.key
        form["people"][0] |= {
            "birthplace": self.word("birthplace", "reply"),
            "nativePlace": self.word("nativePlace", "reply"),
            "formerName": mint.name(key, "formerName", "reply"),
            "occupation": self.word("occupation", "reply"),
        }
        return form | {
            "holderName": mint.name(key, "holderName", "reply"),
            "oldAddr": mint.address(key, "oldAddr", "reply"),
        }

    def entry(self, target: str) -> dict[str, str]:
        """What a supplement notice asks for."""
        return {
            "target": target,
            "defect": self.word("notice.defect", "notice"),
            "rule": self.word("notice.rule", "notice"),
            "cure": self.word("notice.cure", "notice"),
        }


class Safety(Change):
    """A change of a safety certificate whose every field carries a mark."""

    def __init__(
        self, scene: Scene, mint: Mint, thing: Thing, applicant: DemoApplicant, places: tuple[str, str]
    ) -> None:
        self.scene, self.mint, self.thing, self.person, self.login = scene, mint, thing, applicant, applicant.login
        self.here, self.there = places
        self.kind, key = "water-safety-C", thing.key
        inbound = self.here == "yunnan-water"
        self.region = "532622" if inbound else "451002"
        self.new_org, self.old_org = (YUNNAN_BUILDER, GUANGXI_BUILDER) if inbound else (GUANGXI_BUILDER, YUNNAN_BUILDER)
        issuer = "450000-water" if inbound else "530000-water"
        with scene.platform.transaction(SYSTEM) as ctx:
            made = certificates.register(
                ctx,
                sites.get_site(ctx, issuer),
                self.kind,
                {"idNo": applicant.id_no, "name": applicant.name},
                {"employer": self.word("certificate.employer", "register")},
                valid_until=scene.now.date() + timedelta(days=700),
            )
            self.number = made.number
        mint.known(key, "certNo", "core", [self.number])
        self.extra = {
            "newOrgName": self.word("newOrgName", "core"),
            "oldOrgName": self.word("oldOrgName", "core"),
            "newOrgQualNo": self.word("newOrgQualNo", "rest"),
            "newOrgSafetyPermit": self.word("newOrgSafetyPermit", "rest"),
            "ssMonths": [{"month": f"2026-0{month}", "payer": self.word("payer", "rest")} for month in (1, 2, 3)],
        }

    def word(self, name: str, kind: str) -> str:
        return self.mint.token(self.thing.key, name, kind)

    def submit(self) -> None:
        data = self.data()
        photo = self.word("photo", "rest")
        hand_in(
            self.scene,
            self.mint,
            self.thing,
            SAFETY_ITEM,
            {**data, "photo": [self.applicant.upload(f"{photo}.png", PHOTO)]},
        )


def paper(word: str) -> bytes:
    """A PDF that says a word."""
    return PAPER.replace(b"%%EOF", b"% " + word.encode() + b"\n%%EOF")


def hand_in(scene: Scene, mint: Mint, thing: Thing, item: str, data: Mapping[str, Any]) -> None:
    """Apply with a file for everything that is required, each with a mark in its name and another in what it holds."""
    with scene.platform.transaction(scene.as_user(thing.applicant).actor()) as ctx:
        needed = list_requirements(ctx, items.get_item(ctx.session, item), data)
        handed = []
        for entry in needed:
            if entry.required and entry.source == "UPLOAD":
                kind = "shared-paper" if entry.code in SHARED_PAPERS[item] else "paper"
                name = mint.token(thing.key, f"{entry.code} name", kind)
                content = mint.token(thing.key, f"{entry.code} content", kind)
                file = materials.store_file(ctx, f"{name}.pdf", paper(content))
                mint.known(thing.key, f"{entry.code} file", f"{kind}-no", [file.id])
                handed.append({"code": entry.code, "fileId": file.id})
        thing.case_id = scene.case_id = applications.submit(ctx, item, data, handed).case_id
    scene.run()
