import pytest
from sqlalchemy import event

from bootstrap.settings import ROOT
from domain.context import Context
from domain.deadlines import due, layers, policies
from domain.deadlines.errors import BadPolicyValue, UnknownPolicy
from domain.sites.models import Site


def test_every_shipped_value_has_a_unit_a_name_and_a_source() -> None:
    for entry in policies.shipped().values():
        assert entry.name
        assert entry.name_en
        assert entry.source
        layers.check_unit(entry, entry.value)
        for value, source in entry.items.values():
            assert source
            layers.check_unit(entry, value)


def test_layers_from_platform_to_partner(ctx: Context, main_site: Site, partner_site: Site) -> None:
    item = "hukou-join-parents"

    def now_is(value: str, layer: str) -> None:
        found = policies.effective(ctx, "partner.work", main_site, item, partner_site)
        assert (found.value, found.layer) == (value, layer)

    now_is("5wd", "platform")
    layers.put(ctx, "partner.work", "6wd", "省定", scope="province", scope_ref="530000")
    now_is("6wd", "province")
    layers.put(ctx, "partner.work", "7wd", "县定", scope="site", scope_ref=main_site.code)
    now_is("7wd", "site")
    layers.put(ctx, "partner.work", "8wd", "事项", scope="item", item_code=item)
    now_is("8wd", "item")
    layers.put(ctx, "partner.work", "1wd", "长三角协议", scope="partner", scope_ref=partner_site.code)
    now_is("1wd", "partner")
    layers.put(ctx, "partner.work", "2wd", "长三角协议", scope="partner", scope_ref=partner_site.code)
    now_is("2wd", "partner")
    assert policies.effective(ctx, "partner.work", main_site, item).value == "8wd"
    assert policies.effective(ctx, "partner.work", partner_site, "another-item").value == "5wd"
    assert "长三角协议" in policies.effective(ctx, "partner.work", main_site, item, partner_site).explanation


def test_all_deadlines_take_one_statement_per_edition_of_the_rules(ctx: Context, main_site: Site) -> None:
    statements: list[str] = []
    event.listen(ctx.session.connection(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    values = policies.deadlines_for(ctx, main_site, "water-safety-change")
    assert len(statements) == 2, "the edition, and the policies"
    assert policies.deadlines_for(ctx, main_site, "water-safety-change") == values
    assert len(statements) == 2
    assert values["clock.promise"] == "10wd"
    assert values["supplement.applicant"] == "15wd"
    assert policies.number(values, "clock.promise") == 10


@pytest.mark.parametrize(
    ("key", "value", "source", "scope", "ref", "item"),
    [
        ("partner.work", "5", "x", "platform", "", ""),
        ("partner.work", "5wd", " ", "platform", "", ""),
        ("partner.work", "5wd", "x", "galaxy", "", ""),
        ("partner.work", "5wd", "x", "site", "", ""),
        ("partner.work", "5wd", "x", "item", "", ""),
        ("dispatch.ack", "4 hours", "x", "platform", "", ""),
        ("calendar.officeEnd", "late", "x", "platform", "", ""),
        ("clock.deemedAcceptance", "maybe", "x", "platform", "", ""),
        ("clock.stopReasons", "because", "x", "platform", "", ""),
    ],
)
def test_bad_values_are_refused(
    ctx: Context, key: str, value: str, source: str, scope: str, ref: str, item: str
) -> None:
    with pytest.raises(BadPolicyValue):
        layers.put(ctx, key, value, source, scope=scope, scope_ref=ref, item_code=item)


def test_unknown_keys_are_refused(ctx: Context) -> None:
    with pytest.raises(UnknownPolicy):
        policies.effective(ctx, "no.such.key")
    with pytest.raises(UnknownPolicy):
        layers.put(ctx, "no.such.key", "1wd", "x", scope="platform")


def test_the_guide_lists_every_policy_with_its_value() -> None:
    guide = (ROOT / "docs" / "deadlines.md").read_text(encoding="utf-8")
    for entry in policies.shipped().values():
        line = next((row for row in guide.splitlines() if row.startswith(f"| `{entry.key}` |")), "")
        assert entry.value.replace(",", ", ") in line, entry.key
        assert entry.source in line, entry.key


@pytest.mark.parametrize(("literal", "told"), [("1wd", "1 working day"), ("5wd", "5 working days"), ("PT1H", "1 hour")])
def test_durations_are_told_in_good_english(literal: str, told: str) -> None:
    assert due.told(literal)[1] == told
