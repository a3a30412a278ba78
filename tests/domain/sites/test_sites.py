import re
from dataclasses import dataclass

import pytest

from domain.clock import FixedClock
from domain.context import Context
from domain.sites import keys, numbering
from domain.sites import service as sites
from domain.sites.models import Site, SiteKey


@dataclass(frozen=True)
class Numbered:
    no: int
    implementation_code: str | None


def test_each_site_signs_with_its_own_key(ctx: Context, main_site: Site, partner_site: Site) -> None:
    content = "申请迁出".encode()
    signature = keys.sign(ctx, main_site.id, content)
    assert main_site.public_key
    assert partner_site.public_key
    assert keys.verify(main_site.public_key, content, signature)
    assert not keys.verify(partner_site.public_key, content, signature)
    assert not keys.verify(main_site.public_key, content + b" ", signature)
    assert not keys.verify(main_site.public_key, content, "no signature")
    assert not keys.verify("no key", content, signature)


def test_registering_again_keeps_the_key(ctx: Context, main_site: Site) -> None:
    before = main_site.public_key
    again = sites.register_site(ctx, main_site.code, "532622", "police", "新名称", "砚山公安")
    assert again.id == main_site.id
    assert again.public_key == before
    assert again.name == "新名称"


def test_a_site_of_another_deployment_cannot_sign_here(ctx: Context, main_site: Site) -> None:
    ctx.session.delete(ctx.session.get_one(SiteKey, main_site.id))
    ctx.session.flush()
    with pytest.raises(keys.NoSigningKey):
        keys.sign(ctx, main_site.id, b"x")


def test_private_keys_are_sealed(ctx: Context, main_site: Site) -> None:
    raw = ctx.session.get_one(SiteKey, main_site.id).private_key
    stored = ctx.session.connection().exec_driver_sql("select private_key from site_keys").scalar_one()
    assert raw not in bytes(stored)


def test_unknown_sites(ctx: Context) -> None:
    assert sites.find_site(ctx, "nowhere") is None
    with pytest.raises(sites.SiteNotFound) as refusal:
        sites.get_site(ctx, "nowhere", pointer="/data/moveInOrg")
    assert refusal.value.pointer == "/data/moveInOrg"
    with pytest.raises(sites.SiteNotFound):
        sites.get_site_by_id(ctx, 999999)


def test_case_numbers_with_an_official_code_are_43_characters(ctx: Context, main_site: Site, clock: FixedClock) -> None:
    item = Numbered(2, "11370800MB28559184" + "3" + "370117002011")
    first = numbering.case_number(ctx, item, main_site, clock.now())
    second = numbering.case_number(ctx, item, main_site, clock.now())
    assert first == "11370800MB285591843370117002011" + "20260302" + "0001"
    assert second.endswith("0002")
    assert len(first) == 43
    assert not numbering.is_provisional(first)


def test_case_numbers_without_one_are_provisional(
    ctx: Context, main_site: Site, partner_site: Site, clock: FixedClock
) -> None:
    item = Numbered(2, None)
    one = numbering.case_number(ctx, item, main_site, clock.now())
    two = numbering.case_number(ctx, item, partner_site, clock.now())
    assert numbering.is_provisional(one)
    assert one.startswith("532622")
    assert one.endswith("02202603020001")
    assert one != two


def test_other_numbers(ctx: Context, main_site: Site, clock: FixedClock) -> None:
    assert numbering.document_number(ctx.session, main_site, "迁", clock.now()) == "砚公户迁〔2026〕1号"
    assert numbering.document_number(ctx.session, main_site, "迁", clock.now()) == "砚公户迁〔2026〕2号"
    assert numbering.document_number(ctx.session, main_site, "受", clock.now()) == "砚公户受〔2026〕1号"
    assert numbering.order_number(ctx.session, main_site, "C", clock.now()) == "532622C2026030200001"
    case_no, collab_no = numbering.opening_numbers(ctx, Numbered(2, None), main_site, clock.now())
    assert numbering.is_provisional(case_no)
    assert len(collab_no) == 30
    assert collab_no.endswith("02000001")
    taken: list[str] = []
    code = numbering.query_code(lambda c: not taken.append(c) and len(taken) < 3)
    assert code == taken[-1]
    assert len(taken) == 3
    assert re.fullmatch(r"\d{12}", code)
