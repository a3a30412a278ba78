"""reads of personal data, chains outside of cases, where every event came from

Revision: 0027
After: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("origin", JSON, nullable=True))
    op.create_index(
        "ix_audit_events_unsealed",
        "audit_events",
        ["id"],
        postgresql_where=sa.text("hash is null and canonical is not null"),
    )
    op.create_index("ix_audit_events_site_kind", "audit_events", ["site_id", "kind", "id"])
    op.create_index("ix_audit_events_actor", "audit_events", ["actor_id", "id"])
    op.create_table(
        "audit_reads",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("leg_id", sa.BigInteger()),
        sa.Column("site_id", sa.BigInteger()),
        sa.Column("subject_id", sa.BigInteger()),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("actor_name", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("origin", JSON, nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("prev_hash", sa.LargeBinary()),
        sa.Column("hash", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_reads")),
    )
    for name in ("case", "site", "actor", "subject"):
        op.create_index(f"ix_audit_reads_{name}", "audit_reads", [f"{name}_id", "id"])
    op.create_index("ix_audit_reads_unsealed", "audit_reads", ["id"], postgresql_where=sa.text("hash is null"))
    op.create_table(
        "audit_chains",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary()),
        sa.Column("anchored_seq", sa.BigInteger(), nullable=False),
        sa.Column("anchored_head", sa.LargeBinary()),
        sa.Column("anchor_number", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_chains")),
    )
    op.create_index("ix_audit_chains_moved", "audit_chains", ["name"], postgresql_where=sa.text("seq <> anchored_seq"))
    _anchors()


def _anchors() -> None:
    op.create_table(
        "audit_anchors",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("leaf_count", sa.BigInteger(), nullable=False),
        sa.Column("events_up_to", sa.BigInteger(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("timestamp_token", sa.LargeBinary()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_anchors")),
    )
    op.create_index("ix_audit_anchors_at", "audit_anchors", ["at"])
    op.create_table(
        "audit_anchor_leaves",
        sa.Column("anchor_number", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["anchor_number"], ["audit_anchors.number"], name=op.f("fk_audit_anchor_leaves_anchor_number")
        ),
        sa.PrimaryKeyConstraint("anchor_number", "position", name=op.f("pk_audit_anchor_leaves")),
    )
    op.create_index("ix_audit_anchor_leaves_chain", "audit_anchor_leaves", ["chain", "anchor_number"])
    op.create_table(
        "audit_keys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_keys")),
    )


def downgrade() -> None:
    for name in ("audit_keys", "audit_anchor_leaves", "audit_anchors", "audit_chains"):
        op.drop_table(name)
    op.drop_table("audit_reads")
    op.drop_index("ix_audit_events_actor", "audit_events")
    op.drop_index("ix_audit_events_site_kind", "audit_events")
    op.drop_index("ix_audit_events_unsealed", "audit_events")
    op.drop_column("audit_events", "origin")
