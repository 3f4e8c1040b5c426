"""What waits in a conversation is found at once, however long it is"""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_messages_conversation_id_state_id', 'messages', ['conversation_id', 'state', 'id'])


def downgrade() -> None:
    op.drop_index('ix_messages_conversation_id_state_id', 'messages')
