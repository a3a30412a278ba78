"""service tasks that are done outside: their rows

Revision: 0012
After: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = sa.text("state in ('open', 'locked') and not is_call")


def upgrade() -> None:
    op.create_table(
        "service_jobs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("is_call", sa.Boolean(), nullable=False),
        sa.Column("arguments", sa.LargeBinary(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("retries_left", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("worker_id", sa.String(length=120), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("trouble", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("incident_id", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_service_jobs_case_id")),
        sa.ForeignKeyConstraint(["leg_id"], ["legs.id"], name=op.f("fk_service_jobs_leg_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_service_jobs_site_id")),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_service_jobs_definition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_jobs")),
    )
    fetch = [sa.text("priority desc"), "available_at", "id"]
    op.create_index("ix_service_jobs_fetch", "service_jobs", ["topic", "site_id", *fetch], postgresql_where=OPEN)
    op.create_index("ix_service_jobs_fetch_all", "service_jobs", ["topic", *fetch], postgresql_where=OPEN)
    op.create_index("ix_service_jobs_leg", "service_jobs", ["leg_id"])
    op.create_index("ix_service_jobs_case", "service_jobs", ["case_id"])
    op.create_index(
        "ix_service_jobs_state", "service_jobs", ["state", "created_at"], postgresql_where=sa.text("state <> 'done'")
    )


def downgrade() -> None:
    op.drop_table("service_jobs")
