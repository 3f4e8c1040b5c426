"""Tokens of a chat, ratings, photos, codes; parts and pages of texts, what they cost"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'chat_tokens',
        sa.Column('token_hash', sa.String(length=64), primary_key=True),
        sa.Column('conversation_id', sa.String(length=32), sa.ForeignKey('conversations.id'), nullable=False, index=True),
        sa.Column('browser', sa.String(length=64), nullable=False),
        sa.Column('origin', sa.String(length=200), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('replaced_at', sa.DateTime(timezone=True)),
        sa.Column('successor', sa.String(length=64)),
    )
    op.create_table(
        'ratings',
        sa.Column('conversation_id', sa.String(length=32), sa.ForeignKey('conversations.id'), primary_key=True),
        sa.Column('score', sa.Integer(), nullable=False),
        sa.Column('words', sa.Text()),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        'photos',
        sa.Column('id', sa.String(length=32), primary_key=True),
        sa.Column('conversation_id', sa.String(length=32), sa.ForeignKey('conversations.id'), nullable=False, index=True),
        sa.Column('message_id', sa.Integer(), sa.ForeignKey('messages.id')),
        sa.Column('content_type', sa.String(length=40), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        'phone_codes',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('conversation_id', sa.String(length=32), sa.ForeignKey('conversations.id'), nullable=False, index=True),
        sa.Column('contact_id', sa.Integer(), sa.ForeignKey('contacts.id'), nullable=False, index=True),
        sa.Column('code_hash', sa.String(length=64), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True)),
    )
    # The chats that are under way keep their tokens, for another thirty days.
    month = "datetime(created_at, '+30 days')" if op.get_bind().dialect.name == 'sqlite' else "created_at + interval '30 days'"
    op.execute(
        "INSERT INTO chat_tokens (token_hash, conversation_id, browser, origin, created_at, expires_at) "
        f"SELECT token_hash, id, '', '', created_at, {month} FROM conversations WHERE token_hash IS NOT NULL"
    )
    op.execute('UPDATE conversations SET token_hash = NULL')
    op.add_column('conversations', sa.Column('ended_at', sa.DateTime(timezone=True)))
    op.add_column('contacts', sa.Column('declined_at', sa.DateTime(timezone=True)))
    op.add_column('messages', sa.Column('part_of', sa.Integer()))
    op.add_column('messages', sa.Column('page', sa.Integer(), server_default='0', nullable=False))
    op.add_column('messages', sa.Column('outreach', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('messages', sa.Column('cost', sa.Float()))


def downgrade() -> None:
    for table, names in {'messages': ('cost', 'outreach', 'page', 'part_of'), 'contacts': ('declined_at',), 'conversations': ('ended_at',)}.items():
        for name in names:
            op.drop_column(table, name)
    for table in ('phone_codes', 'photos', 'ratings', 'chat_tokens'):
        op.drop_table(table)
