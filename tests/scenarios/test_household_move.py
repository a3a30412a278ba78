"""Item 2, the acceptance tests of DOMAIN §1.2.8, through the domain's services on a real database."""

from __future__ import annotations

import pytest

from tests.support.household import Household
from tests.support.scene import Scene


@pytest.mark.parametrize("direction", ["in", "out"])
def test_1_one_active_registration_both_vouchers_used_two_numbers(scene: Scene, direction: str) -> None:
    move = Household(scene, direction).to_settlement()
    kid = move.kids[0].id_no
    assert (kid, f"{move.from_region}-police", "MOVE_OUT_PENDING") in scene.registrations()
    move.settle()
    move.finish()
    assert scene.incidents() == []
    assert scene.open_tasks() == []
    mine = [(site, state) for number, site, state in scene.registrations() if number == kid]
    assert mine == [(f"{move.from_region}-police", "CANCELLED"), (f"{move.to_region}-police", "ACTIVE")]
    vouchers = [*scene.certificates("move-in-permit"), *scene.certificates("migration-certificate")]
    assert [voucher.state for voucher in vouchers] == ["USED", "USED"]
    legs = scene.legs()
    assert len({leg.case_no for leg in legs}) == 2
    assert {leg.case_id for leg in legs} == {scene.case_id}
    assert scene.case.collab_no
    assert (scene.case.result_code, scene.case.status) == ("0", "DELIVERED")
    assert scene.leg("partner").status == "CLOSED_SETTLED"
