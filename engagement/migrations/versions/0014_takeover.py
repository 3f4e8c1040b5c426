"""Whose a conversation is while a colleague talks with the citizen, who is there, and which team waits for it"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended", sa.String(12)),
        sa.Column("result", sa.String(20)),
        sa.Column("minutes", sa.Float()),
        sa.Column("note", sa.Text()),
    )
    op.create_index("ix_claims_conversation_id", "claims", ["conversation_id"])
    op.create_index("ix_claims_ended_at_id", "claims", ["ended_at", "id"])
    still = sa.text("ended_at IS NULL")
    op.create_index("uq_claims_open", "claims", ["conversation_id"], unique=True, sqlite_where=still, postgresql_where=still)
    op.create_table(
        "presence",
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("away", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("handovers", sa.Column("team", sa.String(40)))
    op.add_column("handovers", sa.Column("claimed_at", sa.DateTime(timezone=True)))
    op.add_column("handovers", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.add_column("handovers", sa.Column("result", sa.String(20)))
    op.create_index("ix_handovers_state_created_at", "handovers", ["state", "created_at"])
    op.create_index("ix_handovers_claimed_at", "handovers", ["claimed_at"])
    op.add_column("messages", sa.Column("by", sa.String(80)))
    op.add_column("messages", sa.Column("form", sa.String(40)))
    sent = sa.text("form IS NOT NULL")
    op.create_index("uq_messages_form", "messages", ["form"], unique=True, sqlite_where=sent, postgresql_where=sent)


def downgrade() -> None:
    op.drop_index("uq_messages_form", "messages")
    op.drop_column("messages", "form")
    op.drop_column("messages", "by")
    op.drop_index("ix_handovers_claimed_at", "handovers")
    op.drop_index("ix_handovers_state_created_at", "handovers")
    for column in ("result", "told_at", "claimed_at", "team"):
        op.drop_column("handovers", column)
    op.drop_table("presence")
    op.drop_table("claims")
