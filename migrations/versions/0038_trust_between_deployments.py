"""Keys of sites that change with an overlap, pins of partners' certificates, anchors that partners countersign

Revision: 0038
After: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("sites", sa.Column("endpoint_pins", sa.String(length=200), server_default="", nullable=False))
    op.add_column("site_keys", sa.Column("next_private_key", sa.LargeBinary(), nullable=True))
    op.add_column("site_keys", sa.Column("next_public_key", sa.String(length=60), nullable=True))
    op.add_column("site_keys", sa.Column("overlap_days", sa.BigInteger(), nullable=True))
    op.create_table(
        "former_site_keys",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.String(length=60), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("accepted_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_former_site_keys_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_site_keys")),
        sa.UniqueConstraint("site_id", "public_key", name=op.f("uq_former_site_keys_site_id_public_key")),
    )
    op.create_table(
        "key_notices",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.String(length=60), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_notices_site_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["sites.id"], name=op.f("fk_key_notices_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_notices")),
    )
    op.create_index("ix_key_notices_open", "key_notices", ["site_id"], postgresql_where=sa.text("answered_at is null"))
    op.create_table(
        "foreign_anchors",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("countersignature", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_foreign_anchors_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_anchors")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_foreign_anchors_site_id_number")),
    )
    op.create_table(
        "countersignatures",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("anchor_number", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_key", sa.String(length=60), nullable=True),
        sa.Column("statement", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.String(length=100), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_countersignatures_site_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["sites.id"], name=op.f("fk_countersignatures_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersignatures")),
        sa.UniqueConstraint("anchor_number", "partner_id", name=op.f("uq_countersignatures_anchor_number_partner_id")),
    )


def downgrade() -> None:
    for table in ("countersignatures", "foreign_anchors", "key_notices", "former_site_keys"):
        op.drop_table(table)
    for column in ("overlap_days", "next_public_key", "next_private_key"):
        op.drop_column("site_keys", column)
    op.drop_column("sites", "endpoint_pins")
