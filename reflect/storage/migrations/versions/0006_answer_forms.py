"""Answer forms: an answer is a choice of a form, no longer always a feeling of a vocabulary.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HOLD_CHOICES = ("answer", "tally", "class_total")


def upgrade() -> None:
    # Both databases rename a column in place: no table of anonymous answers is written anew.
    for table in HOLD_CHOICES:
        op.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN emotion TO choice"))
    op.execute(sa.text("ALTER TABLE checkin RENAME COLUMN vocabulary TO form"))
    op.execute(sa.text("UPDATE checkin SET form = 'words_' || form"))


def downgrade() -> None:
    op.execute(sa.text("UPDATE checkin SET form = replace(form, 'words_', '')"))
    op.execute(sa.text("ALTER TABLE checkin RENAME COLUMN form TO vocabulary"))
    for table in HOLD_CHOICES:
        op.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN choice TO emotion"))
