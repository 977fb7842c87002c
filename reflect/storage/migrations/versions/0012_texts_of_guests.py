"""Notes and own words of guests, as they were released.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guest_text",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("random_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkin.id"], name=op.f("fk_guest_text_checkin_id_checkin"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("checkin_id", "random_key", name=op.f("pk_guest_text")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("guest_text")
