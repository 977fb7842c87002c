"""Marks that are sent again, when a check-in is to open, and further hosts of a platform's services"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_waiting", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute(sa.text("UPDATE score SET is_waiting = false WHERE sent_at IS NOT NULL"))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("service_hosts", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opens_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_checkin_opens_at"), ["opens_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkin_opens_at"))
        batch_op.drop_column("opens_at")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("service_hosts")
    # Marks that wait to be sent again are taken as sent: what is older knows of no second time.
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_column("is_waiting")
