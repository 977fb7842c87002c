"""Guests of an anonymous check-in, what staff give back to an answer, and what changed because of the answers.

Revision ID: 0010
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _key(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "guest_opening",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        _key("guest_opening", "checkin_id", "checkin"),
        _key("guest_opening", "opened_by_id", "person", "SET NULL"),
        _key("guest_opening", "closed_by_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("checkin_id", name=op.f("pk_guest_opening")),
        sa.UniqueConstraint("code", name=op.f("uq_guest_opening_code")),
    )
    op.create_table(
        "sealed_guest_answer",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("random_key", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        _key("sealed_guest_answer", "checkin_id", "checkin"),
        sa.PrimaryKeyConstraint("checkin_id", "random_key", name=op.f("pk_sealed_guest_answer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "guest_tally",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("choice", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _key("guest_tally", "checkin_id", "checkin"),
        sa.PrimaryKeyConstraint("checkin_id", "choice", name=op.f("pk_guest_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("responded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        _key("response", "checkin_id", "checkin"),
        _key("response", "person_id", "person"),
        _key("response", "author_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("checkin_id", "person_id", name=op.f("pk_response")),
    )
    op.create_index(op.f("ix_response_person_id"), "response", ["person_id"], unique=False)
    op.create_table(
        "change",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        _key("change", "checkin_id", "checkin"),
        _key("change", "author_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("checkin_id", name=op.f("pk_change")),
    )


def downgrade() -> None:
    for table in ("change", "response", "guest_tally", "sealed_guest_answer", "guest_opening"):
        op.drop_table(table)
