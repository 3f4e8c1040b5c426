"""Counts kept for the pages with measures, and the ways to what they and the lists of requests look for"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

HEARD = sa.text("author = 'citizen' AND intent IS NOT NULL AND payload IS NULL")


def upgrade() -> None:
    op.create_table(
        "kept_counts",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kept_counts"),
    )
    op.create_index(
        "ix_messages_heard", "messages", ["channel", "intent", "created_at", "confidence"], sqlite_where=HEARD, postgresql_where=HEARD
    )
    op.create_index("ix_outcomes_partner_request_id", "outcomes", ["partner", "request_id"])
    op.create_index("ix_handovers_state_reason", "handovers", ["state", "reason"])


def downgrade() -> None:
    op.drop_index("ix_handovers_state_reason", "handovers")
    op.drop_index("ix_outcomes_partner_request_id", "outcomes")
    op.drop_index("ix_messages_heard", "messages")
    op.drop_table("kept_counts")
