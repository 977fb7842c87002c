"""Used states in one tree: a launch adds one, and needs neither a row id nor an index of moments for it.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_used_state_expires_at", "used_state")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("used_state", recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("used_state", recreate="always", table_kwargs={"sqlite_with_rowid": True}):
            pass
    op.create_index("ix_used_state_expires_at", "used_state", ["expires_at"])
