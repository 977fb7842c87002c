"""How many of a check-in's guests came by a launch, and not by the public address.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("guest_opening") as table:
        table.add_column(sa.Column("launched", sa.Integer(), server_default="0", nullable=False))
    # What has no places was never opened by an address.
    op.execute("UPDATE guest_opening SET launched = answered WHERE places = 0")


def downgrade() -> None:
    with op.batch_alter_table("guest_opening") as table:
        table.drop_column("launched")
