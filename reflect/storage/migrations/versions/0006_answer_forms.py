"""Answer forms: an answer is a choice of a form, no longer always a feeling of a vocabulary.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel
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
    for column in (
        sa.Column("labels", sa.JSON(), nullable=True),
        sa.Column("asks_note", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("simple_words", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("manner", sqlmodel.sql.sqltypes.AutoString(), server_default="character", nullable=False),
    ):
        op.add_column("checkin", column)
    for name in ("word", "note"):
        op.add_column("answer", sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_table(
        "released_text",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("random_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkin.id"], name=op.f("fk_released_text_checkin_id_checkin"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("checkin_id", "random_key", name=op.f("pk_released_text")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    # What is older knows no answer but a feeling: check-ins of other forms go, with their answers.
    op.execute(sa.text("DELETE FROM checkin WHERE form NOT LIKE 'words_%'"))
    for table in HOLD_CHOICES:
        op.execute(sa.text(f"DELETE FROM {table} WHERE choice IN ('skip', 'other_word')"))
    op.drop_table("released_text")
    for name in ("note", "word"):
        op.drop_column("answer", name)
    for name in ("manner", "simple_words", "asks_note", "labels"):
        op.drop_column("checkin", name)
    op.execute(sa.text("UPDATE checkin SET form = replace(form, 'words_', '')"))
    op.execute(sa.text("ALTER TABLE checkin RENAME COLUMN form TO vocabulary"))
    for table in HOLD_CHOICES:
        op.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN choice TO emotion"))
