"""What measures need to have at hand: first contacts, places, repeats, questions of tasks, staff's minutes"""

import json
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from engagement.places import place_key

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

INDEXES = {
    "ix_conversations_contacted_at": ("conversations", ["contacted_at"]),
    "ix_requests_repeat_of": ("requests", ["repeat_of"]),
    "ix_requests_service_code_place_key_created_at": ("requests", ["service_code", "place_key", "created_at"]),
    "ix_outcomes_confirmed_settled_at": ("outcomes", ["confirmed", "settled_at"]),
    "ix_requests_contact_id": ("requests", ["contact_id"]),
}


def upgrade() -> None:
    op.add_column("conversations", sa.Column("contacted_at", sa.DateTime(timezone=True)))
    op.add_column("handovers", sa.Column("minutes", sa.Float()))
    op.add_column("handovers", sa.Column("note", sa.Text()))
    op.add_column("requests", sa.Column("place_key", sa.String(40)))
    op.add_column("requests", sa.Column("repeat_of", sa.Integer()))
    op.add_column("tasks", sa.Column("steps", sa.Text()))
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    op.execute(
        "UPDATE conversations SET contacted_at = (SELECT MIN(created_at) FROM messages WHERE messages.conversation_id = conversations.id "
        "AND messages.author = 'citizen' AND messages.intent IS NOT NULL)"
    )
    op.execute("UPDATE tasks SET steps = step")
    _places()


def _places() -> None:
    """Give each request its place, and the latest one of two weeks that asked for the same."""
    connection = op.get_bind()
    requests = sa.table("requests", sa.column("id"), sa.column("place_key"), sa.column("repeat_of"))
    rows = connection.execute(
        sa.text(
            "SELECT r.id, r.service_code, r.report, r.created_at, r.conversation_id, r.contact_id, c.contact_id AS own "
            "FROM requests r JOIN conversations c ON c.id = r.conversation_id ORDER BY r.id"
        ).columns(created_at=sa.DateTime(timezone=True))
    ).all()
    before: dict = {}
    for row in rows:
        report = json.loads(row.report) if isinstance(row.report, str) else row.report
        place = place_key(report or {})
        keys = [(row.service_code, one) for one in (place, row.contact_id, row.own) if one is not None]
        earlier = [
            one.id
            for key in keys
            for one in before.get(key, [])[-5:]
            if row.created_at - timedelta(days=14) <= one.created_at
            and (one.conversation_id != row.conversation_id or one.created_at < row.created_at - timedelta(hours=1))
        ]
        change = {"place_key": place, "repeat_of": max(earlier, default=None)}
        connection.execute(requests.update().where(requests.c.id == row.id).values(**change))
        for key in set(keys):
            before.setdefault(key, []).append(row)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
    op.drop_column("tasks", "steps")
    op.drop_column("requests", "repeat_of")
    op.drop_column("requests", "place_key")
    op.drop_column("handovers", "note")
    op.drop_column("handovers", "minutes")
    op.drop_column("conversations", "contacted_at")
