"""Second factors, single sign-on, sessions that can be listed, tokens with scopes, an audit that can be searched"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

COLUMNS = {
    "staff": [
        ("password_once_until", sa.DateTime(timezone=True)),
        ("signed_in_at", sa.DateTime(timezone=True)),
        ("totp", sa.Text()),
        ("totp_new", sa.Text()),
        ("totp_step", sa.BigInteger()),
        ("openid_issuer", sa.String(255)),
        ("openid_subject", sa.String(255)),
    ],
    "staff_sessions": [("stage", sa.String(10)), ("way", sa.String(10)), ("browser", sa.String(80))],
    "api_tokens": [("scopes", sa.JSON()), ("expires_at", sa.DateTime(timezone=True))],
}
INDEXES = {
    "ix_audit_staff_id_id": ("audit", ["staff_id", "id"]),
    "ix_audit_staff_id_action_id": ("audit", ["staff_id", "action", "id"]),
    "ix_audit_action_id": ("audit", ["action", "id"]),
    "ix_audit_subject_id": ("audit", ["subject", "id"]),
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind))
    op.create_index("uq_staff_openid_issuer_openid_subject", "staff", ["openid_issuer", "openid_subject"], unique=True)
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
    )
    op.create_index("ix_recovery_codes_staff_id", "recovery_codes", ["staff_id"])
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name)
    op.drop_table("recovery_codes")
    op.drop_index("uq_staff_openid_issuer_openid_subject")
    for table, columns in COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)
