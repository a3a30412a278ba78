"""Log-ins: how, from where, until when; second factors, reset codes, failures by account and address; delegation

Revision: 0033
After: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORDS = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _sessions()
    _credentials()
    _delegations()
    op.add_column("tasks", sa.Column("completed_for", sa.BigInteger(), nullable=True))
    op.add_column("api_clients", sa.Column("items", WORDS, nullable=True))


def _sessions() -> None:
    number = sa.Column("number", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()"))
    op.add_column("login_sessions", number)
    op.add_column("login_sessions", sa.Column("authenticated_at", MOMENT, nullable=True))
    op.add_column("login_sessions", sa.Column("ends_at", MOMENT, nullable=True))
    op.add_column("login_sessions", sa.Column("level", sa.String(20), nullable=False, server_default=""))
    op.add_column("login_sessions", sa.Column("methods", WORDS, nullable=False, server_default='["pwd"]'))
    op.add_column("login_sessions", sa.Column("address", sa.String(64), nullable=False, server_default=""))
    op.add_column("login_sessions", sa.Column("must", sa.String(20), nullable=True))
    op.create_index("uq_login_sessions_number", "login_sessions", ["number"], unique=True)


def _credentials() -> None:
    must_change = sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("users", must_change)
    op.add_column("users", sa.Column("password_changed_at", MOMENT, nullable=True))
    op.create_table(
        "password_history",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _person("password_history"),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index("ix_password_history_user", "password_history", ["user_id", "id"])
    op.create_table(
        "login_failures",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("closed_until", MOMENT, nullable=True),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_login_failures")),
    )
    op.create_index("ix_login_failures_last", "login_failures", ["last_at"])
    op.create_table(
        "second_factors",
        _person("second_factors"),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _person("recovery_codes"),
        sa.Column("lookup", sa.String(8), nullable=False),
        sa.Column("code_hash", sa.String(200), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index("ix_recovery_codes_user", "recovery_codes", ["user_id"])
    op.create_table(
        "reset_codes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _person("reset_codes"),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_codes")),
    )
    op.create_index("ix_reset_codes_user", "reset_codes", ["user_id"])


def _delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("delegator_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("items", WORDS, nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["delegator_id"], ["users.id"], name=op.f("fk_delegations_delegator_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["users.id"], name=op.f("fk_delegations_delegate_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_delegations_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index("ix_delegations_delegate", "delegations", ["delegate_id", "ends_at"])
    op.create_index("ix_delegations_delegator", "delegations", ["delegator_id", "ends_at"])
    op.create_index("ix_delegations_site", "delegations", ["site_id", "id"])


def _person(table: str) -> sa.Column[int]:
    return sa.Column(
        "user_id", sa.BigInteger(), sa.ForeignKey("users.id", name=op.f(f"fk_{table}_user_id")), nullable=False
    )


def downgrade() -> None:
    op.drop_column("api_clients", "items")
    op.drop_column("tasks", "completed_for")
    for table in (
        "delegations",
        "reset_codes",
        "recovery_codes",
        "second_factors",
        "login_failures",
        "password_history",
    ):
        op.drop_table(table)
    op.drop_column("users", "password_changed_at")
    op.drop_column("users", "must_change_password")
    op.drop_index("uq_login_sessions_number", table_name="login_sessions")
    for name in ("must", "address", "methods", "level", "ends_at", "authenticated_at", "number"):
        op.drop_column("login_sessions", name)
