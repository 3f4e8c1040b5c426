"""What colleagues teach the assistant, and the trainings that took it up"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

RUNNING, OPEN = sa.text("state = 'running'"), sa.text("state in ('waiting', 'approved')")


def upgrade() -> None:
    op.create_table(
        "teachings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("base", sa.String(80)),
        sa.Column("model", sa.String(80)),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.Text()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("uq_teachings_running", "teachings", ["state"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING)
    op.create_table(
        "examples",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("messages.id")),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(40), nullable=False),
        sa.Column("about", sa.String(120)),
        sa.Column("marked", sa.JSON(), nullable=False),
        sa.Column("heard", sa.JSON(), nullable=False),
        sa.Column("redacted", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("corrected_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("teaching_id", sa.Integer(), sa.ForeignKey("teachings.id")),
        sa.Column("change", sa.JSON()),
    )
    op.create_index("ix_examples_message_id", "examples", ["message_id"])
    op.create_index("ix_examples_teaching_id", "examples", ["teaching_id"])
    op.create_index("ix_examples_state_id", "examples", ["state", "id"])
    op.create_index("uq_examples_open_message", "examples", ["message_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("examples")
    op.drop_table("teachings")
