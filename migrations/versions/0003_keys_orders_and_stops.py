"""keys of sites, orders of the ladder, stops of the clocks, materials of drafts

Revision: 0003
After: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED = {
    "case_clocks": [
        ("extended_days", sa.BigInteger(), "0"),
        ("stop_reason", sa.String(40), ""),
        ("region_code", sa.String(12), ""),
    ],
    "ladder_steps": [
        ("source", sa.String(10), "deadline"),
        ("rule", sa.String(60), ""),
        ("alert_type", sa.String(20), ""),
        ("responsible", sa.String(200), ""),
        ("answer_due_at", sa.DateTime(timezone=True), None),
    ],
    "application_drafts": [("materials", postgresql.JSONB(), "[]")],
    "certificate_operations": [("site_id", sa.BigInteger(), None), ("actor_id", sa.BigInteger(), None)],
    "materials": [("method", sa.String(20), "")],
    "supplement_notices": [("new_fact", sa.LargeBinary(), None), ("written_by", sa.BigInteger(), None)],
    "notifications": [("template", sa.String(60), "")],
}


def upgrade() -> None:
    op.create_table(
        "site_keys",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_keys_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_keys")),
    )
    for table, columns in ADDED.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
            if default is not None:
                op.alter_column(table, name, server_default=None)
    op.create_foreign_key(
        op.f("fk_certificate_operations_site_id"), "certificate_operations", "sites", ["site_id"], ["id"]
    )
    op.drop_constraint(op.f("uq_ladder_steps_task_id_kind_level"), "ladder_steps")
    op.create_unique_constraint(
        op.f("uq_ladder_steps_task_id_source_kind_level"), "ladder_steps", ["task_id", "source", "kind", "level"]
    )
    op.create_unique_constraint(
        op.f("uq_grants_user_id_site_id_role"),
        "grants",
        ["user_id", "site_id", "role"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_unique_constraint(
        op.f("uq_application_drafts_user_id_item_code"), "application_drafts", ["user_id", "item_code"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_application_drafts_user_id_item_code"), "application_drafts")
    op.drop_constraint(op.f("uq_grants_user_id_site_id_role"), "grants")
    op.drop_constraint(op.f("uq_ladder_steps_task_id_source_kind_level"), "ladder_steps")
    op.create_unique_constraint(
        op.f("uq_ladder_steps_task_id_kind_level"), "ladder_steps", ["task_id", "kind", "level"]
    )
    for table, columns in ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
    op.drop_table("site_keys")
