"""Messages between the sites of a case, exceptions from one person one role, and whom a step of the ladder went to

Revision: 0043
After: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contact_messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("from_site_id", sa.BigInteger(), nullable=False),
        sa.Column("to_site_id", sa.BigInteger(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("sender_name", sa.String(length=80), nullable=False),
        sa.Column("told", sa.String(length=10), nullable=False),
        sa.Column("told_name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("read_by", sa.BigInteger(), nullable=True),
        sa.Column("read_name", sa.String(length=80), nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_contact_messages_case_id")),
        sa.ForeignKeyConstraint(["from_site_id"], ["sites.id"], name=op.f("fk_contact_messages_from_site_id")),
        sa.ForeignKeyConstraint(["to_site_id"], ["sites.id"], name=op.f("fk_contact_messages_to_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_messages")),
    )
    op.create_index("ix_contact_messages_case", "contact_messages", ["case_id", "id"])
    op.create_table(
        "role_exceptions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_role_exceptions_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_role_exceptions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_exceptions")),
    )
    op.create_index(
        "uq_role_exceptions_open",
        "role_exceptions",
        ["user_id", "site_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.add_column("ladder_steps", sa.Column("told", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("ladder_steps", sa.Column("told_name", sa.String(length=80), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("ladder_steps", "told_name")
    op.drop_column("ladder_steps", "told")
    op.drop_table("role_exceptions")
    op.drop_table("contact_messages")
