"""At whose window an application was handed in, and the identity checks there

Revision: 0046
After: 0045
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("cases", sa.Column("window_site_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_cases_window_site_id"), "cases", "sites", ["window_site_id"], ["id"])
    # Until now only the leading site's window could go on with such a case.
    op.execute("update cases set window_site_id = main_site_id where source = '1' and applicant_user_id is not null")
    op.create_index(
        "ix_cases_window", "cases", ["window_site_id", "id"], postgresql_where=sa.text("window_site_id is not null")
    )
    op.create_table(
        "window_visits",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("clerk_id", sa.BigInteger(), nullable=False),
        sa.Column("clerk_name", sa.String(length=80), nullable=False),
        sa.Column("appeared", sa.String(length=20), nullable=False),
        sa.Column("paper", sa.String(length=20), nullable=False),
        sa.Column("agent", sa.LargeBinary(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_window_visits_case_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_window_visits_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_visits")),
    )
    op.create_index("ix_window_visits_case", "window_visits", ["case_id", "id"])


def downgrade() -> None:
    op.drop_table("window_visits")
    op.drop_index("ix_cases_window", table_name="cases")
    op.drop_column("cases", "window_site_id")
