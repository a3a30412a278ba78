from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bootstrap.errors import BadSetting
from bootstrap.settings import Settings
from domain.actors import Actor, Role
from domain.context import Context, Outward
from domain.errors import Forbidden
from domain.identity import service as identity
from domain.identity.models import User
from domain.secrets import service as secrets
from domain.sites.models import Site


def test_the_sites_own_comes_before_the_platforms(
    ctx: Context, main_site: Site, partner_site: Site, context_for: Callable[[User], Context]
) -> None:
    admin = identity.register_user(ctx, "siteadmin", "管理", "Lianban-2026")
    identity.grant(ctx, admin, Role.SITE_ADMIN, main_site)
    own = context_for(admin)
    secrets.put(ctx, "KEY", "of the platform", site_id=None)
    kept = secrets.put(own, "KEY", "of the site", site_id=main_site.id, note="网关")
    assert [row.name for row in secrets.list_secrets(own, [main_site.id])] == ["KEY", "KEY"]
    assert secrets.resolve(ctx, "KEY", main_site.id) == "of the site"
    assert secrets.resolve(ctx, "KEY", partner_site.id) == "of the platform"
    assert secrets.resolve(ctx, "KEY", None) == "of the platform"
    secrets.remove(own, kept.id)
    assert secrets.resolve(ctx, "KEY", main_site.id) == "of the platform"
    for site_id in (None, partner_site.id):
        with pytest.raises(Forbidden):
            secrets.put(own, "KEY", "x", site_id=site_id)
    stranger = replace(ctx, actor=Actor(5, "x", {main_site.id: frozenset({Role.HANDLER})}))
    with pytest.raises(Forbidden):
        secrets.put(stranger, "KEY", "x", site_id=main_site.id)


def test_nothing_of_the_value_is_shown_or_lies_open_in_the_table(ctx: Context) -> None:
    row = secrets.put(ctx, "KEY", "a-very-open-value", site_id=None, note="网关")
    secrets.put(ctx, "KEY", "another-open-value", site_id=None)
    assert "open-value" not in repr(row) + repr(secrets.list_secrets(ctx, None))
    for table in ("secrets", "audit_events"):
        rows = ctx.session.execute(text(f"select row_to_json(t)::text from {table} t")).scalars().all()  # noqa: S608
        assert rows
        assert not any("open-value" in found or b"open-value".hex() in found for found in rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [("key", "x"), ("KEY", " "), ("KEY", "x" * 20_000), ("K" * 61, "x"), ("1KEY", "x"), ("KEY", "a\x00")],
)
def test_what_cannot_be_kept(ctx: Context, name: str, value: str) -> None:
    with pytest.raises(secrets.BadSecret) as refused:
        secrets.put(ctx, name, value, site_id=None)
    assert refused.value.pointer in ("/name", "/value")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("secret:API_KEY", "API_KEY"),
        ("secrets.API_KEY", "API_KEY"),
        ("{{secrets.API_KEY}}", "API_KEY"),
        (" secret:API_KEY ", "API_KEY"),
        ("secret:lower", None),
        ("my secret:API_KEY", None),
        ("", None),
    ],
)
def test_references(written: str, name: str | None) -> None:
    assert secrets.find_name(written) == name


def test_files_and_environment_come_last(ctx: Context, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "FILED").write_text("from the file\n", encoding="utf-8")
    environ = {
        "LIANBAN_HOME": str(tmp_path),
        "LIANBAN_SECRET_NAMED": "from the variable",
        "LIANBAN_SECRET_FILED": "hidden",
    }
    settings = Settings.from_environment(environ)
    outer = replace(ctx, outward=Outward(find_secret=settings.find_secret))
    assert secrets.resolve(outer, "FILED", None) == "from the file"
    assert secrets.resolve(outer, "NAMED", None) == "from the variable"
    assert secrets.is_known(outer, "NAMED", None)
    assert not secrets.is_known(outer, "KEY", None)
    with pytest.raises(secrets.SecretMissing):
        secrets.resolve(outer, "OTHER", None)
    secrets.put(outer, "NAMED", "kept", site_id=None)
    assert secrets.resolve(outer, "NAMED", None) == "kept"
    assert "from the variable" not in repr(settings)
    with pytest.raises(BadSetting):
        Settings.from_environment({**environ, "LIANBAN_SECRET_lower": "x"})


def test_the_key_of_cookies_is_no_secret_of_connectors(tmp_path: Path) -> None:
    settings = Settings.from_environment({"LIANBAN_HOME": str(tmp_path), "LIANBAN_SECRET_KEY": "k" * 40})
    assert settings.find_secret("KEY") is None
