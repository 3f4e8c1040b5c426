"""What lists filter by stands beside each conversation; words are found by an index; notes and saved views"""

import sqlalchemy as sa
from alembic import op

from engagement import glance
from engagement.tables import Utc

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

NUMBERS = ("message_count", "unanswered", "undelivered", "fallbacks", "corrections")
SETS = ("task_names", "task_ends", "services", "partners", "outcome_words", "handover_reasons")
OTHERS = {
    "last_intent": sa.String(40), "lowest_confidence": sa.Float(), "lowest_margin": sa.Float(), "rating": sa.Integer(),
    "looked_at": Utc(timezone=True), "looked_by": sa.Integer(),
}
SQLITE_MARGIN = """
UPDATE messages SET margin = json_extract(understanding, '$.intents[0].confidence') - json_extract(understanding, '$.intents[1].confidence')
WHERE understanding IS NOT NULL AND json_type(understanding, '$.intents[0].confidence') IN ('real', 'integer')
AND json_type(understanding, '$.intents[1].confidence') IN ('real', 'integer')
"""
POSTGRESQL_MARGIN = """
UPDATE messages SET margin = (understanding #>> '{intents,0,confidence}')::float - (understanding #>> '{intents,1,confidence}')::float
WHERE CASE WHEN json_typeof(understanding #> '{intents,0,confidence}') = 'number'
THEN json_typeof(understanding #> '{intents,1,confidence}') = 'number' ELSE false END
"""


def upgrade() -> None:
    for name in NUMBERS:
        op.add_column("conversations", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in SETS:
        op.add_column("conversations", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name, kind in OTHERS.items():
        op.add_column("conversations", sa.Column(name, kind))
    op.add_column("messages", sa.Column("margin", sa.Float()))
    op.add_column("messages", sa.Column("corrected", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.UniqueConstraint("staff_id", "name"),
    )
    connection = op.get_bind()
    connection.exec_driver_sql(SQLITE_MARGIN if connection.dialect.name == "sqlite" else POSTGRESQL_MARGIN)
    glance.set_up(connection)
    glance.fill(connection)
    op.create_index("ix_conversations_state_updated_at", "conversations", ["state", "updated_at"])
    for name in ("unanswered", "undelivered"):
        where = sa.text(f"{name} > 0")
        op.create_index(f"ix_conversations_{name}", "conversations", ["updated_at"], sqlite_where=where, postgresql_where=where)
    lower = "lower(reference)" if connection.dialect.name == "sqlite" else "lower(reference) text_pattern_ops"
    op.execute(f"CREATE INDEX ix_requests_reference_lower ON requests ({lower})")


def downgrade() -> None:
    glance.take_down(op.get_bind())
    op.execute("DROP INDEX ix_requests_reference_lower")
    for name in ("state_updated_at", "unanswered", "undelivered"):
        op.drop_index(f"ix_conversations_{name}", "conversations")
    op.drop_table("saved_views")
    op.drop_table("notes")
    for name in (*NUMBERS, *SETS, *OTHERS):
        op.drop_column("conversations", name)
    op.drop_column("messages", "corrected")
    op.drop_column("messages", "margin")
