from datetime import UTC, datetime, timedelta

import pytest

from domain.actors import Role
from domain.context import Context
from domain.errors import Forbidden
from domain.identity import masking, sessions
from domain.identity import service as identity
from domain.identity.arrivals import find_login
from domain.identity.models import LoginSession, User
from domain.sites import service as sites
from domain.sites.models import Site

PASSWORD = "Lianban-2026"
HOUR = timedelta(hours=1)


@pytest.fixture
def user(ctx: Context) -> User:
    return identity.register_user(ctx, "Yanshan.Clerk1", "测试一", PASSWORD)


def test_sessions_slide_and_end(ctx: Context, user: User) -> None:
    token, row = sessions.open_session(ctx, user, HOUR)
    assert token not in row.token_hash
    row.last_seen_at -= timedelta(minutes=50)
    row.expires_at -= timedelta(minutes=50)
    ctx.session.flush()
    found = find_login(ctx.session, token, HOUR)
    assert found is not None
    assert (found.actor.user_id, found.csrf_token) == (user.id, row.csrf_token)
    ctx.session.refresh(row)
    assert row.expires_at - datetime.now(UTC) > timedelta(minutes=59)
    row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    ctx.session.flush()
    assert find_login(ctx.session, token, HOUR) is None
    assert sessions.drop_expired(ctx) == 1
    assert ctx.session.query(LoginSession).count() == 0


def test_logging_out(ctx: Context, user: User) -> None:
    one, _ = sessions.open_session(ctx, user, HOUR)
    two, _ = sessions.open_session(ctx, user, HOUR)
    sessions.close_session(ctx, one)
    assert find_login(ctx.session, one, HOUR) is None
    assert find_login(ctx.session, two, HOUR) is not None
    sessions.close_sessions_of(ctx, user.id)
    assert find_login(ctx.session, two, HOUR) is None
    assert find_login(ctx.session, "forged", HOUR) is None


def test_actors_hold_roles_at_sites(ctx: Context, user: User, main_site: Site, partner_site: Site) -> None:
    identity.grant(ctx, user, Role.RECV_CLERK, main_site)
    identity.grant(ctx, user, Role.RECV_CLERK, main_site)
    identity.grant(ctx, user, Role.DESIGNER)
    actor = identity.actor_for(ctx.session, user)
    assert actor.has(Role.RECV_CLERK, main_site.id)
    assert not actor.has(Role.RECV_CLERK, partner_site.id)
    assert actor.site_ids == (main_site.id,)
    assert actor.roles_at(0) == {Role.DESIGNER}
    assert identity.list_holders(ctx, main_site.id, [Role.RECV_CLERK]) == [user.id]
    identity.revoke(ctx, user, Role.RECV_CLERK, main_site)
    identity.revoke(ctx, user, Role.DESIGNER)
    assert identity.actor_for(ctx.session, user).grants == {}


def test_a_supervisor_supervises_every_site_of_the_region(
    ctx: Context, user: User, main_site: Site, partner_site: Site
) -> None:
    office = sites.register_site(ctx, "yanshan-service", "532622", "supervision", "砚山县政务服务管理局", "砚山政务")
    identity.grant(ctx, user, Role.SUPERVISOR, office)
    actor = identity.actor_for(ctx.session, user)
    assert actor.has(Role.SUPERVISOR, main_site.id)
    assert not actor.has(Role.SUPERVISOR, partner_site.id)
    assert identity.list_supervisors(ctx, "532622") == [user.id]
    assert identity.list_supervisors(ctx, "440606") == []


def test_duties_that_must_be_separate(ctx: Context, user: User, main_site: Site) -> None:
    identity.grant(ctx, user, Role.HANDLER, main_site)
    with pytest.raises(Forbidden):
        identity.grant(ctx, user, Role.PLATFORM_ADMIN)
    with pytest.raises(Forbidden):
        identity.grant(ctx, user, Role.AUDITOR)


def test_applicants_are_found_by_id_number_without_storing_it_in_clear(ctx: Context) -> None:
    id_no = "532622198502030000"
    someone = identity.register_user(ctx, "zhang", "测试父", PASSWORD, is_applicant=True, person={"idNo": id_no})
    assert identity.find_applicant(ctx, id_no) is someone
    assert identity.find_applicant(ctx, "440106198704150000") is None
    row = ctx.session.connection().exec_driver_sql("select person, id_no_blind from users").one()
    assert id_no.encode() not in bytes(row[0])
    assert id_no not in row[1]


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (masking.mask_name("张三"), "张*"),
        (masking.mask_name("张小三"), "张*三"),
        (masking.mask_name("欧阳小三"), "欧**三"),
        (masking.mask_name("买买提·艾力"), "买*"),
        (masking.mask_name(""), ""),
        (masking.mask_list_name("张小三"), "张*"),
        (masking.mask_id_no("532622198502030000"), "5326**********0000"),
        (masking.mask_id_no("532622198502030000", public=True), "532************000"),
        (masking.mask_id_no("1234"), "****"),
        (masking.mask_mobile("13800005678"), "138****5678"),
        (masking.mask_mobile("12345"), "*****"),
        (masking.mask_address("云南省文山州砚山县江那镇测试路1号"), "云南省文山州砚山县江那镇****"),
        (masking.mask_address("广东省佛山市顺德区测试路1号"), "广东省佛山市顺德区****"),
        (masking.mask_address("某处"), "****"),
        (masking.mask_number("6222000000001234"), "************1234"),
        (masking.mask_number("12"), "**"),
    ],
)
def test_masks(masked: str, expected: str) -> None:
    assert masked == expected
