from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import func, select

from bootstrap.container import Platform, make_sql_engine
from bootstrap.demo import load, load_pages
from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS, staff
from bootstrap.demo.places import SITES, SUPERVISION
from bootstrap.errors import BadInput
from bootstrap.settings import Settings
from bootstrap.story import Story
from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.cases.models import Case, IncidentRow
from domain.deadlines.models import LadderStep
from domain.definitions.models import Definition
from domain.identity.models import User
from domain.items import queries as items
from domain.partners import contacts, openings
from domain.partners.responsibilities import newest
from domain.registrations import service as registrations
from domain.sites import registry
from domain.sites.models import Site
from forms.checks import find_idcard_fault
from tests.support.databases import copied

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def demo(pg_admin_url: str, demo_template: str, settings: Settings, worker_id: str) -> Iterator[Platform]:
    with copied(pg_admin_url, f"lianban_demo_{worker_id}", template=demo_template) as url:
        engine = make_sql_engine(settings, url)
        yield Platform(settings, engine)
        engine.dispose()


def counts(platform: Platform) -> list[int]:
    with platform.transaction(SYSTEM) as ctx:
        return [ctx.session.scalar(select(func.count()).select_from(each)) or 0 for each in (User, Site, Definition)]


def test_loading_again_changes_nothing(demo: Platform) -> None:
    before = counts(demo)
    load(demo)
    assert counts(demo) == before
    for _ in range(2):
        load_pages(demo)
        with demo.transaction(SYSTEM) as ctx:
            lines = contacts.list_contacts(ctx)
            found = [
                len(lines),
                len(openings.list_partnerships(ctx.session)),
                len(registry.list_organisations(ctx.session)),
            ]
            assert found == [len(SITES), 2, len(SITES) + len(SUPERVISION) + 3]
            assert {line.account for line in lines} | {line.deputy_account for line in lines} == {"linked"}
            assert [line.site.code for line in lines if line.stale] == ["310115-police"]
            assert {row.code for row in items.list_items(ctx.session) if newest(ctx.session, row.code)} == {
                "hukou-join-parents",
                "water-safety-change",
            }


def test_the_numbers_of_demo_people_are_valid_and_belong_to_nobody() -> None:
    numbers = [person.id_no for person in APPLICANTS] + [child.id_no for child in CHILDREN]
    assert [find_idcard_fault(number, date(2026, 1, 1)) for number in numbers] == [None] * len(numbers)
    assert {number[14:17] for number in numbers} == {"000"}
    assert len({person.login for person in staff()}) == len(staff())


def test_the_household_move_plays_itself_and_the_child_is_registered_once(demo: Platform) -> None:
    told = list(Story(demo).play())
    assert any("自动催办" in line.text for line in told)
    assert {line.place for line in told if "看到催办" in line.text} == {"砚山县公安局", "佛山市公安局顺德分局"}
    with demo.transaction(SYSTEM) as ctx:
        case = ctx.session.execute(select(Case)).scalar_one()
        assert case.closed_at is not None
        assert ctx.session.scalars(select(IncidentRow)).all() == []
        assert ctx.session.scalar(select(func.count()).select_from(LadderStep).where(LadderStep.kind == "URGE")) == 1
        child = registrations.find_active(ctx, CHILDREN[0].id_no)
        assert child is not None
        assert ctx.session.get_one(Site, child.site_id).code == "532622-police"
        assert audit.verify(ctx, case.id).verified


def test_the_story_can_be_played_once_for_each_child(demo: Platform) -> None:
    children = [child for child in CHILDREN if child.parent == APPLICANTS[0].login]
    for _ in children:
        list(Story(demo).play())
    with pytest.raises(BadInput):
        list(Story(demo).play())
