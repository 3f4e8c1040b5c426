"""What was done for a message is named, from the door to the back office"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("trace", sa.String(16)))


def downgrade() -> None:
    op.drop_column("messages", "trace")
