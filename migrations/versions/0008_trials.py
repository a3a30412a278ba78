"""trials: models run before they are published

Revision: 0008
After: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("services", sa.String(length=10), nullable=False),
        sa.Column("results", sa.LargeBinary(), nullable=False),
        sa.Column("constants", sa.LargeBinary(), nullable=False),
        sa.Column("stores", sa.LargeBinary(), nullable=False),
        sa.Column("now", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("deployments", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_trials_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    op.create_index("ix_trials_expires_at", "trials", ["expires_at"], unique=False)
    op.create_index("ix_trials_owner_id_id", "trials", ["owner_id", "id"], unique=False)
    op.create_table(
        "trial_definitions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("deployment", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("dialect", sa.String(length=20), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("model", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_trial_definitions_trial_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_definitions")),
    )
    op.create_index("ix_trial_definitions_digest", "trial_definitions", ["digest"], unique=False)
    op.create_index(op.f("ix_trial_definitions_trial_id"), "trial_definitions", ["trial_id"], unique=False)
    op.create_table(
        "trial_instances",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=255), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("open", sa.LargeBinary(), nullable=False),
        sa.Column("open_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("application", sa.LargeBinary(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("incident_count", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["trial_definitions.id"],
            name=op.f("fk_trial_instances_definition_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_trial_instances_trial_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_instances")),
    )
    op.create_index(
        "ix_trial_instances_open_ids", "trial_instances", ["open_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index("ix_trial_instances_trial_id_status", "trial_instances", ["trial_id", "status"], unique=False)
    op.create_table(
        "trial_events",
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=True),
        sa.Column("element_type", sa.String(length=40), nullable=True),
        sa.Column("element_name", sa.String(length=300), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_trial_events_trial_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id", "seq", name=op.f("pk_trial_events")),
    )
    op.create_index("ix_trial_events_instance_id", "trial_events", ["instance_id"], unique=False)
    op.create_table(
        "trial_messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=100), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("correlation_key", sa.String(length=255), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("only_instance_id", sa.BigInteger(), nullable=True),
        sa.Column("target_process", sa.String(length=255), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("sender_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_trial_messages_trial_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_messages")),
        sa.UniqueConstraint("trial_id", "message_id", name=op.f("uq_trial_messages_trial_id_message_id")),
    )
    op.create_index(
        "ix_trial_messages_buffered",
        "trial_messages",
        ["trial_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'buffered'"),
    )
    op.create_table(
        "trial_starts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=255), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interval", sa.String(length=60), nullable=True),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["trial_definitions.id"], name=op.f("fk_trial_starts_definition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_trial_starts_trial_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_starts")),
    )
    op.create_index(op.f("ix_trial_starts_trial_id"), "trial_starts", ["trial_id"], unique=False)


def downgrade() -> None:
    op.drop_table("trial_starts")
    op.drop_table("trial_messages")
    op.drop_table("trial_events")
    op.drop_table("trial_instances")
    op.drop_table("trial_definitions")
    op.drop_table("trials")
