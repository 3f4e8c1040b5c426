"""What staff are called in front of citizens, their teams, and who of them wrote a message"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("display_name", sa.String(80)))
    op.add_column("staff", sa.Column("teams", sa.JSON()))
    op.add_column("staff", sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("messages", sa.Column("staff_id", sa.Integer()))


def downgrade() -> None:
    op.drop_column("messages", "staff_id")
    op.drop_column("staff", "shortcuts")
    op.drop_column("staff", "teams")
    op.drop_column("staff", "display_name")
