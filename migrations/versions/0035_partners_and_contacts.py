"""organisations, partnerships per item, the contact book, lists of responsibilities

Revision: 0035
After: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("region_code", sa.String(12)),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_organisations_region_code")),
        sa.PrimaryKeyConstraint("uscc", name=op.f("pk_organisations")),
    )
    op.create_table(
        "partnerships",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("agreement", sa.String(200), nullable=False),
        sa.Column("regions", JSONB, nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnerships")),
        sa.UniqueConstraint("name", name=op.f("uq_partnerships_name")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("item_code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("office_phone", sa.String(40), nullable=False),
        sa.Column("duty_time", sa.String(120), nullable=False),
        sa.Column("deputy_name", sa.String(60), nullable=False),
        sa.Column("deputy_phone", sa.String(40), nullable=False),
        sa.Column("private", sa.LargeBinary()),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("reminded_at", MOMENT),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_contacts_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("site_id", "item_code", name=op.f("uq_contacts_site_id_item_code")),
    )
    op.create_index("ix_contacts_confirmed", "contacts", ["confirmed_at"])
    op.create_table(
        "responsibility_lists",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("item_code", sa.String(60), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("entries", JSONB, nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_lists")),
        sa.UniqueConstraint("item_code", "version", name=op.f("uq_responsibility_lists_item_code_version")),
    )


def downgrade() -> None:
    for table in ("responsibility_lists", "contacts", "partnerships", "organisations"):
        op.drop_table(table)
