"""Which answers the back office has been told"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("published_at", sa.DateTime(timezone=True)))
    op.create_index("ix_outcomes_confirmed_at", "outcomes", ["confirmed_at"])


def downgrade() -> None:
    op.drop_index("ix_outcomes_confirmed_at", "outcomes")
    op.drop_column("outcomes", "published_at")
