"""Log-ins by identity providers: whom subjects are, sessions that hang on them, tokens used once, how providers do

Revision: 0034
After: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identity_links",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject_blind", sa.String(32), nullable=True),
        sa.Column("number_blind", sa.String(32), nullable=True),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identity_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_links")),
        sa.UniqueConstraint("issuer", "subject_blind", name=op.f("uq_identity_links_issuer_subject_blind")),
        sa.UniqueConstraint("issuer", "number_blind", name=op.f("uq_identity_links_issuer_number_blind")),
    )
    op.create_index("ix_identity_links_user_id", "identity_links", ["user_id"])
    op.create_table(
        "federated_sessions",
        sa.Column("number", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_blind", sa.String(32), nullable=False),
        sa.Column("sid_blind", sa.String(32), nullable=True),
        sa.Column("hint", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["number"], ["login_sessions.number"], name=op.f("fk_federated_sessions_number"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["identity_links.id"], name=op.f("fk_federated_sessions_link_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", "provider", name=op.f("pk_federated_sessions")),
    )
    op.create_index("ix_federated_sessions_link_id", "federated_sessions", ["link_id"])
    op.create_index("ix_federated_sessions_subject", "federated_sessions", ["issuer", "subject_blind"])
    op.create_index("ix_federated_sessions_sid", "federated_sessions", ["issuer", "sid_blind"])
    op.create_table(
        "spent_tokens",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_tokens")),
    )
    op.create_index("ix_spent_tokens_ends_at", "spent_tokens", ["ends_at"])
    op.create_table(
        "provider_states",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(40), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("note_en", sa.String(300), nullable=False),
        sa.Column("keys_at", MOMENT, nullable=True),
        sa.Column("key_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_states")),
    )


def downgrade() -> None:
    for table in ("provider_states", "spent_tokens", "federated_sessions", "identity_links"):
        op.drop_table(table)
