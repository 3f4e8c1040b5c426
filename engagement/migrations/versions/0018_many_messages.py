"""Messages are numbered beyond 2,147,483,647 on PostgreSQL; SQLite's numbers always were"""

from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

NUMBERS = {
    "messages": ("id", "reply_to", "part_of"),
    "photos": ("message_id",),
    "mentions": ("message_id",),
    "examples": ("message_id",),
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in NUMBERS.items():
        changes = ", ".join(f"ALTER COLUMN {column} TYPE BIGINT" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")  # all of a table's at once: it is written anew once
    op.execute("ALTER SEQUENCE messages_id_seq AS BIGINT")
