"""What is told and asked by e-mail, from the moment it is due until the mail server has it"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contacts.id"), index=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("response", sa.String(60), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.String(64), index=True),
        sa.Column("outcome_id", sa.Integer(), sa.ForeignKey("outcomes.id")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.String(40)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Index("ix_mails_state_due_at", "state", "due_at"),
    )


def downgrade() -> None:
    op.drop_table("mails")
