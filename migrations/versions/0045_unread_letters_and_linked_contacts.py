"""Until when a message between sites is to be read and who was told then; the accounts of who stands in the contact book

Revision: 0045
After: 0044
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("contact_messages", sa.Column("read_by_at", MOMENT, nullable=True))
    op.add_column("contact_messages", sa.Column("passed_at", MOMENT, nullable=True))
    op.add_column("contact_messages", sa.Column("passed", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("contact_messages", sa.Column("passed_name", sa.String(length=80), nullable=False, server_default=""))
    for name in ("user_id", "deputy_user_id"):
        op.add_column("contacts", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_contacts_{name}"), "contacts", "users", [name], ["id"])


def downgrade() -> None:
    for name in ("deputy_user_id", "user_id"):
        op.drop_column("contacts", name)
    for name in ("passed_name", "passed", "passed_at", "read_by_at"):
        op.drop_column("contact_messages", name)
