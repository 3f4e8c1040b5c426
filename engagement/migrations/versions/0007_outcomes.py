"""Three facts of each outcome and their history, tasks from question to end, what conversations cost"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

REQUESTS = (
    sa.Column("detailed_status", sa.String(80)),
    sa.Column("progress", sa.String(12)),
    sa.Column("progress_at", sa.DateTime(timezone=True)),
    sa.Column("progress_told", sa.String(12)),
    sa.Column("hears", sa.String(8), nullable=False, server_default="all"),
    sa.Column("linked_to", sa.String(80)),
    sa.Column("watch_at", sa.DateTime(timezone=True)),
    sa.Column("watch_failures", sa.Integer(), nullable=False, server_default="0"),
)
COSTS = ("cost_texts", "cost_turns", "cost_staff", "cost_overhead")


def upgrade() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("subject", sa.String(12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("requests.id"), index=True),
        sa.Column("handover_id", sa.Integer(), sa.ForeignKey("handovers.id")),
        sa.Column("reference", sa.String(80), index=True),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("task", sa.String(40), nullable=False),
        sa.Column("service_code", sa.String(80)),
        sa.Column("service_name", sa.String(200)),
        sa.Column("agency_responsible", sa.String(200)),
        sa.Column("partner", sa.String(200)),
        sa.Column("contractor", sa.String(200)),
        sa.Column("declared", sa.String(12)),
        sa.Column("declared_at", sa.DateTime(timezone=True)),
        sa.Column("declared_status", sa.String(80)),
        sa.Column("handled_at", sa.DateTime(timezone=True)),
        sa.Column("handled_by", sa.String(8)),
        sa.Column("confirmed", sa.String(10)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_channel", sa.String(10)),
        sa.Column("words", sa.Text()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("asked_in", sa.String(32), sa.ForeignKey("conversations.id"), index=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True)),
        sa.Column("remedy", sa.String(10)),
        sa.Column("remedy_at", sa.DateTime(timezone=True)),
        sa.Column("remedy_tries", sa.Integer(), nullable=False),
        sa.Column("remedy_reference", sa.String(80)),
        sa.Column("remedy_told_at", sa.DateTime(timezone=True)),
        sa.Column("act_by", sa.DateTime(timezone=True)),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("fee", sa.Float()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Index("ix_outcomes_state_due_at", "state", "due_at"),
        sa.Index("ix_outcomes_remedy_remedy_at", "remedy", "remedy_at"),
    )
    op.create_table(
        "outcome_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("outcome_id", sa.Integer(), sa.ForeignKey("outcomes.id"), nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fact", sa.String(12), nullable=False),
        sa.Column("value", sa.String(20)),
        sa.Column("given", sa.String(80)),
        sa.Column("notes", sa.Text()),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("channel", sa.String(10)),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(80), nullable=False, unique=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("task", sa.String(40), nullable=False),
        sa.Column("service_code", sa.String(80)),
        sa.Column("step", sa.String(40)),
        sa.Column("end", sa.String(12)),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("stepped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Index("ix_tasks_conversation_id_end", "conversation_id", "end"),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for column in REQUESTS:
        op.add_column("requests", column._copy())
    op.create_index("ix_requests_watch_at", "requests", ["watch_at"])
    for name in COSTS:
        op.add_column("conversations", sa.Column(name, sa.Float(), nullable=False, server_default="0"))
    # What was sent before is watched from now on, and what texts have cost stays known.
    op.execute("UPDATE requests SET watch_at = created_at, progress = 'open' WHERE state = 'sent' AND reference IS NOT NULL")
    op.execute(
        "UPDATE conversations SET cost_texts = "
        "COALESCE((SELECT SUM(cost) FROM messages WHERE messages.conversation_id = conversations.id), 0)"
    )
    op.execute(
        "INSERT INTO outcomes (key, subject, round, conversation_id, request_id, reference, channel, task, service_code, service_name, "
        "agency_responsible, partner, handled_at, handled_by, state, remedy_tries, created_at, updated_at) "
        "SELECT 'request:' || r.key || '\\:1', 'request', 1, r.conversation_id, r.id, r.reference, c.channel, 'report_problem', "
        "r.service_code, r.service_name, r.agency_responsible, r.agency_responsible, r.updated_at, 'bot', 'open', 0, r.created_at, r.updated_at "
        "FROM requests r JOIN conversations c ON c.id = r.conversation_id WHERE r.state = 'sent'"
    )


def downgrade() -> None:
    for name in COSTS:
        op.drop_column("conversations", name)
    op.drop_index("ix_requests_watch_at", "requests")
    for column in REQUESTS:
        op.drop_column("requests", column.name)
    for table in ("marks", "tasks", "outcome_events", "outcomes"):
        op.drop_table(table)
