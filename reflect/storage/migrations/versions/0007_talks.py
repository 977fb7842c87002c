"""Students who would like to talk, staffed hours, crisis lines"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("for_anyone", sa.Boolean(), nullable=False),
        sa.Column("adult_id", sa.Integer(), nullable=True),
        sa.Column("message", text(), nullable=False),
        sa.Column("is_for_today", sa.Boolean(), nullable=False),
        sa.Column("sent_at", moment(), nullable=False),
        sa.Column("seen_at", moment(), nullable=True),
        sa.Column("closed_at", moment(), nullable=True),
        sa.Column("word", text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_talk_course_id_course"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["student_id"], ["person.id"], name=op.f("fk_talk_student_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["adult_id"], ["person.id"], name=op.f("fk_talk_adult_id_person"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
    )
    op.create_table(
        "talk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_act_talk_id_talk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_talk_act_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_talk_act_to_id_person"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_act")),
    )
    for table, columns in (("talk", ("course_id", "student_id", "adult_id")), ("talk_act", ("talk_id", "person_id", "to_id"))):
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.create_table(
        "support",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone", text(), nullable=False),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
    )
    op.create_table(
        "staffed_hours",
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("weekday", "starts", name=op.f("pk_staffed_hours")),
    )
    op.create_table(
        "crisis_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("contact", text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crisis_line")),
    )


def downgrade() -> None:
    for table in ("crisis_line", "staffed_hours", "support", "talk_act", "talk"):
        op.drop_table(table)
