"""cases.partner_code: with whom a case is handled, so that agreements with that partner count at the main site too

Revision: 0028
After: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("partner_code", sa.String(40), nullable=False, server_default=""))
    op.execute(
        """
        update cases set partner_code = sites.code
        from legs join sites on sites.id = legs.site_id
        where legs.case_id = cases.id and legs.role = 'partner' and cases.closed_at is null
        """
    )


def downgrade() -> None:
    op.drop_column("cases", "partner_code")
