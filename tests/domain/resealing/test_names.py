"""Names of accounts and files lie sealed; what a program from before wrote plainly is read, and sealed in the background."""

from typing import Any

from sqlalchemy import LargeBinary, Table, select, type_coerce, update

from domain.base import get_seal
from domain.context import Context
from domain.identity import queries as people
from domain.identity import service as identity
from domain.identity.models import User
from domain.materials import files
from domain.materials.models import File
from domain.resealing import names

NAME = "测试张三"
PDF = b"%PDF-1.4\n%%EOF\n"
USERS: Any = User.__table__


def stored(ctx: Context, table: Table, row_id: Any) -> tuple[str, bytes | None]:
    raw = select(table.c.name, type_coerce(table.c.sealed_name, LargeBinary)).where(table.c.id == row_id)
    plain, sealed = ctx.session.execute(raw).one()
    return plain, sealed


def test_a_name_lies_sealed_and_is_read_everywhere(ctx: Context) -> None:
    person = identity.register_user(ctx, "zhangsan", NAME, "", is_applicant=True, password_hash="x")
    file = files.store_file(ctx, "张三的户口簿.pdf", PDF)
    for table, row_id, name in ((USERS, person.id, NAME), (File.__table__, file.id, "张三的户口簿.pdf")):
        plain, sealed = stored(ctx, table, row_id)  # type: ignore[arg-type]  # a mapped class's table
        assert plain == ""
        assert sealed is not None
        assert name.encode() not in sealed
        assert get_seal().unseal(sealed, f"{table.name}.sealed_name").decode() == name  # type: ignore[attr-defined]
    ctx.session.expire_all()
    assert ctx.session.get_one(User, person.id).name == NAME
    assert ctx.session.execute(select(User.name).where(User.id == person.id)).scalar_one() == NAME
    assert people.names_of(ctx.session, {person.id}) == {person.id: NAME}


def test_plain_names_are_read_and_then_sealed(ctx: Context) -> None:
    """``plain``: from before the upgrade; ``renamed``: sealed already, then changed by a node of the older version."""
    plain, renamed = (
        identity.register_user(ctx, login, "旧名", "", is_applicant=True, password_hash="x") for login in ("a1", "b1")
    )
    ctx.session.execute(update(USERS).where(USERS.c.id == plain.id).values(name="李四", sealed_name=None))
    ctx.session.execute(update(USERS).where(USERS.c.id == renamed.id).values(name="王五"))
    wanted = {plain.id: "李四", renamed.id: "王五"}
    assert people.names_of(ctx.session, set(wanted)) == wanted
    assert names.seal_some(ctx) >= len(wanted)
    assert names.seal_some(ctx) == 0
    assert people.names_of(ctx.session, set(wanted)) == wanted
    assert {stored(ctx, USERS, row_id)[0] for row_id in wanted} == {""}
