"""connections to the outside: secrets, allowed hosts, calls; channels of people and sites, deliveries

Revision: 0016
After: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "secrets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_secrets_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets")),
        sa.UniqueConstraint(
            "site_id", "name", name=op.f("uq_secrets_site_id_name"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "allowed_hosts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.BigInteger(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("is_plain", sa.Boolean(), nullable=False),
        sa.Column("secrets", JSON, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_allowed_hosts_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_hosts")),
        sa.UniqueConstraint(
            "site_id",
            "host",
            "port",
            name=op.f("uq_allowed_hosts_site_id_host_port"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "host_states",
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_states")),
    )
    op.create_table(
        "http_calls",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("leg_id", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("milliseconds", sa.BigInteger(), nullable=True),
        sa.Column("sent_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_http_calls")),
    )
    op.create_index(
        "ix_http_calls_running", "http_calls", ["host"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index("ix_http_calls_site", "http_calls", ["site_id", "id"], unique=False)
    op.create_table(
        "person_channels",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("categories", JSON, nullable=False),
        sa.Column("consent_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("code_tries", sa.BigInteger(), nullable=False),
        sa.Column("code_sent_at", MOMENT, nullable=False),
        sa.Column("leave_token", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_person_channels_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_channels")),
        sa.UniqueConstraint("leave_token", name=op.f("uq_person_channels_leave_token")),
        sa.UniqueConstraint("user_id", "channel", name=op.f("uq_person_channels_user_id_channel")),
    )
    op.create_table(
        "site_channels",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("secret_name", sa.String(length=60), nullable=False),
        sa.Column("categories", JSON, nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_channels_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_channels")),
    )
    op.create_index("ix_site_channels_site", "site_channels", ["site_id"], unique=False)
    op.create_table(
        "channel_rules",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_channel_rules_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_rules")),
        sa.UniqueConstraint(
            "site_id", "key", name=op.f("uq_channel_rules_site_id_key"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("notification_id", sa.BigInteger(), nullable=True),
        sa.Column("target", sa.String(length=30), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("case_no", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_failed", "deliveries", ["id"], unique=False, postgresql_where=sa.text("state = 'failed'")
    )
    op.create_index("ix_deliveries_recent", "deliveries", ["target", "template", "case_id", "created_at"], unique=False)
    op.create_index("ix_deliveries_site", "deliveries", ["site_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("channel_rules")
    op.drop_table("site_channels")
    op.drop_table("person_channels")
    op.drop_table("http_calls")
    op.drop_table("host_states")
    op.drop_table("allowed_hosts")
    op.drop_table("secrets")
