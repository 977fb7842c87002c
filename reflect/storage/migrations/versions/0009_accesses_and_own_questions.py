"""Who looked at named answers, and teachers' own questions.

Revision ID: 0009
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("hour", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkin.id"], name=op.f("fk_access_checkin_id_checkin"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["person.id"], name=op.f("fk_access_reader_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("checkin_id", "reader_id", "hour", name=op.f("pk_access")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_access_reader_id"), "access", ["reader_id"])
    op.create_table(
        "own_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_own_question_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_question")),
        sa.UniqueConstraint("person_id", "text", name=op.f("uq_own_question_person_id_text")),
    )


def downgrade() -> None:
    op.drop_table("own_question")
    op.drop_index(op.f("ix_access_reader_id"), "access")
    op.drop_table("access")
