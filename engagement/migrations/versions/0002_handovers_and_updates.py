"""What citizens leave with a hand-over, and what they say of a request later"""

import sqlalchemy as sa
from alembic import op

import engagement.tables

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contact_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('details', sa.JSON(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_handovers_contact_id'), 'contacts', ['contact_id'], ['id'])

    op.create_table('request_updates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('words', sa.Text(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_at', engagement.tables.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_request_updates_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request_updates')),
    sa.UniqueConstraint('key', name=op.f('uq_request_updates_key'))
    )
    with op.batch_alter_table('request_updates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_updates_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_updates_reference'), ['reference'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('request_updates', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_request_updates_reference'))
        batch_op.drop_index(batch_op.f('ix_request_updates_conversation_id'))

    op.drop_table('request_updates')
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_handovers_contact_id'), type_='foreignkey')
        batch_op.drop_column('details')
        batch_op.drop_column('contact_id')
