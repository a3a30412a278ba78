"""Registers are filled from a file: all rows or none, and nothing of a person in what is told."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bootstrap import registers
from bootstrap.container import Platform
from bootstrap.errors import BadInput
from domain.actors import SYSTEM
from domain.certificates.models import Certificate
from domain.registrations.models import Registration
from domain.registrations.service import find_active
from domain.sheets.files import write_csv
from domain.sites.service import get_site
from tests.support import models
from tests.support.world import World

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CHILD = "44060620180601000X"


def content_of(kind: str, *rows: list[str]) -> bytes:
    return write_csv([registers.REGISTERS[kind].template[0], *rows])


def test_a_household_register_is_loaded_once(platform: Platform) -> None:
    World(platform).settle()
    content = content_of("households", [CHILD, "示例一", "示例路1号", "000000001"])
    for told in ((1, 0), (0, 1)):
        with platform.transaction(SYSTEM) as ctx:
            assert registers.load(ctx, "households", get_site(ctx, models.MAIN_SITE), content) == told
    with platform.transaction(SYSTEM) as ctx:
        found = find_active(ctx, CHILD)
        assert found is not None
        assert (found.person["name"], found.person["houseNo"]) == ("示例一", "000000001")


def test_certificates_keep_their_numbers(platform: Platform) -> None:
    World(platform).settle()
    row = [CHILD, "示例一", "water-safety-B", "旧编号0001", "示例公司", "91350100M000100Y43", "2030-12-31", ""]
    with platform.transaction(SYSTEM) as ctx:
        site = get_site(ctx, models.MAIN_SITE)
        assert registers.load(ctx, "certificates", site, content_of("certificates", row)) == (1, 0)
        assert registers.load(ctx, "certificates", site, content_of("certificates", row)) == (0, 1)
        assert ctx.session.scalars(select(Certificate.number)).all() == ["旧编号0001"]


@pytest.mark.parametrize("row", [["440606201806010001", "示例一"], [CHILD, ""]])
def test_a_fault_names_the_place_and_not_the_person(platform: Platform, row: list[str]) -> None:
    World(platform).settle()
    with platform.transaction(SYSTEM) as ctx, pytest.raises(BadInput) as refused:
        registers.load(
            ctx, "households", get_site(ctx, models.MAIN_SITE), content_of("households", [CHILD, "示例二"], row)
        )
    told = f"{refused.value.fact_zh} {refused.value.fact_en}"
    assert "第 3 行" in told
    assert "row 3" in told
    assert CHILD not in told
    assert "440606" not in told
    with platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(Registration)).all() == []


def test_registers_from_the_command_line(lianban: Run, tmp_path: Path) -> None:
    template = lianban("registers", "template", "households").stdout
    assert template.startswith("公民身份号码 ID number,")
    missing = lianban("registers", "load", "households", str(tmp_path / "no.csv"), "--site", "x")
    assert (missing.returncode, "[bad-input]" in missing.stderr) == (2, True)
    (tmp_path / "a.csv").write_text(template, encoding="utf-8")
    refused = lianban("registers", "load", "households", str(tmp_path / "a.csv"), "--site", "no-such-site")
    assert (refused.returncode, "[site-not-found]" in refused.stderr) == (8, True)
