"""Who opened a student's page, private notes about students, and what adults are reminded of.

Revision ID: 0014
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_Text, _Moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def _key(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def upgrade() -> None:
    op.create_table(
        "student_access",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("hour", _Moment(), nullable=False),
        sa.Column("kind", _Text(), nullable=False),
        _key("student_access", "course_id", "course"),
        _key("student_access", "student_id", "person"),
        _key("student_access", "reader_id", "person"),
        sa.PrimaryKeyConstraint(
            "course_id", "student_id", "reader_id", "hour", "kind", name=op.f("pk_student_access")
        ),
        sqlite_with_rowid=False,
    )
    _indexed("student_access", "student_id", "reader_id")
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("words", _Text(), nullable=False),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.Column("written_at", _Moment(), nullable=False),
        sa.Column("changed_at", _Moment(), nullable=False),
        _key("follow_up", "course_id", "course"),
        _key("follow_up", "student_id", "person"),
        _key("follow_up", "author_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    _indexed("follow_up", "course_id", "student_id", "author_id")
    op.create_table(
        "reminder",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("adult_id", sa.Integer(), nullable=False),
        sa.Column("kind", _Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        _key("reminder", "course_id", "course"),
        _key("reminder", "adult_id", "person"),
        sa.PrimaryKeyConstraint("course_id", "adult_id", "kind", name=op.f("pk_reminder")),
    )
    _indexed("reminder", "adult_id")
    op.create_table(
        "prompt",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("adult_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("settled_at", _Moment(), nullable=True),
        sa.Column("settled_as", _Text(), nullable=False),
        sa.Column("handed_to_id", sa.Integer(), nullable=True),
        sa.Column("handed_by_id", sa.Integer(), nullable=True),
        sa.Column("handed_at", _Moment(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=True),
        _key("prompt", "course_id", "course"),
        _key("prompt", "adult_id", "person"),
        _key("prompt", "student_id", "person"),
        _key("prompt", "handed_to_id", "person", "SET NULL"),
        _key("prompt", "handed_by_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("course_id", "adult_id", "student_id", name=op.f("pk_prompt")),
    )
    _indexed("prompt", "adult_id", "student_id", "handed_to_id", "handed_by_id")


def downgrade() -> None:
    for table in ("prompt", "reminder", "follow_up", "student_access"):
        op.drop_table(table)
