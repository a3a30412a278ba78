"""disclosures: who was shown personal data, of which case, for what, until when

Revision: 0031
After: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "disclosures",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("site_id", sa.BigInteger, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("user_id", sa.BigInteger, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("user_name", sa.String(60), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("order_no", sa.String(60), nullable=False),
        sa.Column("is_sensitive", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("decided_name", sa.String(60), nullable=False),
        sa.Column("decided_at", moment),
        sa.Column("expires_at", moment),
    )
    op.create_index("ix_disclosures_case", "disclosures", ["case_id", "asked_at"])
    op.create_index("ix_disclosures_user", "disclosures", ["user_id", "asked_at"])


def downgrade() -> None:
    op.drop_table("disclosures")
