from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from domain.audit.models import AuditEvent
from domain.context import Context
from domain.deadlines import layers, policies, rules
from domain.deadlines.errors import BadPolicyValue
from domain.deadlines.layers import Place
from domain.deadlines.models import Policy
from domain.errors import NotFound
from domain.sites.models import Site

ITEM = "hukou-join-parents"
ALL = (
    ("platform", "", ""),
    ("platform", "", ITEM),
    ("province", "530000", ""),
    ("site", "test-yanshan-police", ""),
    ("site", "test-yanshan-police", ITEM),
    ("item", "", ITEM),
    ("partner", "test-shunde-police", ""),
)
"""From the least to the most specific."""


def test_the_most_specific_layer_wins_for_every_combination(ctx: Context, main_site: Site, partner_site: Site) -> None:
    for size in range(len(ALL) + 1):
        for chosen in combinations(range(len(ALL)), size):
            with ctx.session.begin_nested() as tried:
                for rank in chosen:
                    scope, ref, item = ALL[rank]
                    row = Policy(key="partner.work", scope=scope, scope_ref=ref, item_code=item, value=f"{rank + 10}wd")
                    row.source, row.updated_at = "测试", ctx.clock.now()
                    ctx.session.add(row)
                ctx.session.flush()
                rules.forget(ctx.session)
                found = policies.effective(ctx, "partner.work", main_site, ITEM, partner_site)
                listed = layers.list_layers(ctx, main_site, ITEM, partner_site)["partner.work"]
                assert found.value == listed[0].value == (f"{chosen[-1] + 10}wd" if chosen else "5wd")
                assert [row.value for row in listed] == [f"{rank + 10}wd" for rank in reversed(chosen)] + ["5wd"]
                assert [row.wins for row in listed] == [True] + [False] * len(chosen)
                elsewhere = policies.effective(ctx, "partner.work", partner_site, "another").value
                assert elsewhere == ("10wd" if 0 in chosen else "5wd")
                tried.rollback()
            rules.forget(ctx.session)


def test_every_change_is_kept_with_who_when_and_why(ctx: Context, main_site: Site) -> None:
    place = Place("site", main_site.code)
    layers.put(ctx, "investigate", "6wd", "本县规定", scope="site", scope_ref=main_site.code, reason="人手不足")
    layers.put(ctx, "investigate", "4wd", "本县新规定", scope="site", scope_ref=main_site.code, also_open=True)
    layers.take_back(ctx, "investigate", place, reason="并入省定标准")
    history = layers.list_history(ctx, "investigate")
    assert [(row.value, row.reason, row.also_open) for row in history] == [
        (None, "并入省定标准", False),
        ("4wd", "", True),
        ("6wd", "人手不足", False),
    ]
    assert {row.changer for row in history} == {"系统"}
    assert policies.effective(ctx, "investigate", main_site).value == "5wd"
    assert len(ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "policy.changed")).all()) == 3
    with pytest.raises(NotFound):
        layers.take_back(ctx, "investigate", place)


def test_shipped_values_keep_all_bounds() -> None:
    shipped = policies.shipped()
    for bound in layers.bounds():
        assert bound.source
        for item in (None, *shipped[bound.key].items):
            value = policies.winner(shipped[bound.key], item, [])[1]
            limit = bound.most or policies.winner(shipped[bound.other], item, [])[1]
            assert not layers.exceeds(value, limit, strict=bound.strict), (bound.key, item)


@pytest.mark.parametrize(
    ("key", "value", "scope", "ref", "item"),
    [
        ("clock.promise", "21wd", "platform", "", ""),
        ("clock.promise", "21wd", "item", "", ITEM),
        ("clock.legal", "9wd", "item", "", "water-safety-change"),
        ("clock.legal", "15wd", "platform", "", ""),
        ("clock.extension", "11wd", "site", "test-yanshan-police", ""),
        ("acceptNotice", "6wd", "province", "530000", ""),
        ("supplement.remindBefore", "15wd", "platform", "", ""),
        ("supplement.applicant", "3wd", "site", "test-yanshan-police", ""),
        ("supervise", "6wd", "platform", "", ""),
        ("moveInPermit.remind", "P2M", "platform", "", ""),
    ],
)
def test_a_value_beyond_law_or_sense_is_refused(
    ctx: Context, main_site: Site, key: str, value: str, scope: str, ref: str, item: str
) -> None:
    del main_site
    with pytest.raises(BadPolicyValue) as refused:
        layers.put(ctx, key, value, "x", scope=scope, scope_ref=ref, item_code=item)
    assert "依据" in refused.value.fact_zh


def test_a_bound_holds_where_layers_cross(ctx: Context, main_site: Site) -> None:
    """A county shortens the statutory time; then no promise of any item may be longer there."""
    layers.put(ctx, "clock.promise", "8wd", "省定", scope="item", item_code=ITEM)
    layers.put(ctx, "clock.promise", "9wd", "县定", scope="site", scope_ref=main_site.code)
    layers.put(ctx, "clock.promise", "10wd", "全平台", scope="platform")
    with pytest.raises(BadPolicyValue):
        layers.put(ctx, "clock.legal", "8wd", "县定", scope="site", scope_ref=main_site.code)
    with pytest.raises(BadPolicyValue):
        layers.put(ctx, "partner.work", "8wd", "x", scope="site", scope_ref="nowhere")


@given(one=st.integers(0, 99), other=st.integers(0, 99))
def test_terms_compare_by_their_length(one: int, other: int) -> None:
    assert layers.exceeds(f"{one}wd", f"{other}wd", strict=False) == (one > other)
    assert layers.exceeds(f"P{one}D", f"P{other}D", strict=True) == (one >= other)
    assert not layers.exceeds(f"{one}wd", f"P{other}D", strict=True)
