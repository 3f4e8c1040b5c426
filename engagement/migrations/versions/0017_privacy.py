"""Who is mentioned where, legal holds, orders to erase, what retention did"""

import json

import sqlalchemy as sa
from alembic import op
from engagement.tables.base import Utc

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contacts.id", name="fk_mentions_contact_id"), primary_key=True),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("messages.id", name="fk_mentions_message_id"), primary_key=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_mentions_conversation_id"), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "message_id", name="pk_mentions"),
    )
    op.create_index("ix_mentions_conversation_id", "mentions", ["conversation_id"])
    _fill_mentions()
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contacts.id", name="fk_legal_holds_contact_id")),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_legal_holds_conversation_id")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Integer(), sa.ForeignKey("staff.id", name="fk_legal_holds_placed_by"), nullable=False),
        sa.Column("placed_at", Utc(), nullable=False),
        sa.Column("lifted_by", sa.Integer(), sa.ForeignKey("staff.id", name="fk_legal_holds_lifted_by")),
        sa.Column("lifted_at", Utc()),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    for column in ("contact_id", "conversation_id", "lifted_at"):
        op.create_index(f"ix_legal_holds_{column}", "legal_holds", [column])
    op.create_table(
        "erasure_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_erasure_orders_conversation_id"), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id", name="fk_erasure_orders_staff_id")),
        sa.Column("contacts", sa.JSON()),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("ordered_at", Utc(), nullable=False),
        sa.Column("done_at", Utc()),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_orders"),
        sa.UniqueConstraint("conversation_id", name="uq_erasure_orders_conversation_id"),
    )
    op.create_index("ix_erasure_orders_state", "erasure_orders", ["state"])
    op.create_table(
        "retention_rules",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), sa.ForeignKey("staff.id", name="fk_retention_rules_confirmed_by")),
        sa.Column("confirmed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_retention_rules"),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("leased_until", Utc(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc()),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_runs"),
        sa.UniqueConstraint("day", name="uq_retention_runs_day"),
    )
    erasing = sa.text("state = 'erasing'")
    op.create_index("ix_conversations_erasing", "conversations", ["state"], sqlite_where=erasing, postgresql_where=erasing)
    op.create_index("ix_handovers_contact_id", "handovers", ["contact_id"])


def _fill_mentions() -> None:
    """From what stands in the messages; a message may name a contact that was deleted since."""
    connection = op.get_bind()
    known = {row.id for row in connection.execute(sa.text("SELECT id FROM contacts"))}
    query = sa.text(
        "SELECT id, conversation_id, CAST(contacts AS TEXT) AS ids FROM messages"
        " WHERE id > :after AND CAST(contacts AS TEXT) LIKE '[%' ORDER BY id LIMIT :many"
    )
    after = 0
    while some := connection.execute(query, {"after": after, "many": AT_ONCE}).all():
        after = some[-1].id
        rows = [
            {"contact": contact, "message": row.id, "conversation": row.conversation_id}
            for row in some
            for contact in dict.fromkeys(json.loads(row.ids))
            if contact in known
        ]
        if rows:
            connection.execute(sa.text("INSERT INTO mentions VALUES (:contact, :message, :conversation)"), rows)


def downgrade() -> None:
    op.drop_index("ix_handovers_contact_id", "handovers")
    op.drop_index("ix_conversations_erasing", "conversations")
    for table in ("retention_runs", "retention_rules", "erasure_orders", "legal_holds", "mentions"):
        op.drop_table(table)
