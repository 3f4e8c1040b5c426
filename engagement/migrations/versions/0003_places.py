"""Shared locations, and reports that are followed"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("location", sa.JSON(), nullable=True))
    op.add_column("requests", sa.Column("followed", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("requests", "followed")
    op.drop_column("messages", "location")
