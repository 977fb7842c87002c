"""The life of a check-in, and series

Revision ID: 0008
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("template", TEXT(), nullable=False),
        sa.Column("frequency", TEXT(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("weekdays", TEXT(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("at", TEXT(), nullable=False),
        sa.Column("zone", TEXT(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=True),
        sa.Column("skips", TEXT(), nullable=False),
        sa.Column("since_at", MOMENT(), nullable=False),
        sa.Column("paused_at", MOMENT(), nullable=True),
        sa.Column("ended_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_series_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_series_author_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_course_id"), "series", ["course_id"], unique=False)
    op.add_column("person", sa.Column("follow_ups", sa.Integer(), nullable=True))
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closes_after", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("closes_at", MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("opening_fault", TEXT(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("archived_at", MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("draft_key", TEXT(), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("occurs_on", sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f("ix_checkin_closes_at"), ["closes_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_checkin_deleted_at"), ["deleted_at"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_checkin_series_id_series"), "series", ["series_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_checkin_series_id_occurs_on"), ["series_id", "occurs_on"]
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_checkin_course_id_draft_key"), ["course_id", "draft_key"]
        )


def downgrade() -> None:
    # Older releases know no archive and no second thoughts: what was deleted goes now.
    op.execute(sa.text("DELETE FROM checkin WHERE deleted_at IS NOT NULL"))
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_checkin_course_id_draft_key"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_checkin_series_id_occurs_on"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_checkin_series_id_series"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_checkin_deleted_at"))
        batch_op.drop_index(batch_op.f("ix_checkin_closes_at"))
        for column in (
            "occurs_on", "series_id", "draft_key", "deleted_at", "archived_at", "opening_fault", "closes_at", "closes_after",
        ):
            batch_op.drop_column(column)
    op.drop_column("person", "follow_ups")
    op.drop_index(op.f("ix_series_course_id"), table_name="series")
    op.drop_table("series")
