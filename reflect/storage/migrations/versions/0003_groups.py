"""Groups"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("lti_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_group_course_id_course"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_group")),
        sa.UniqueConstraint("course_id", "lti_id", name=op.f("uq_course_group_course_id_lti_id")),
    )
    op.create_table(
        "group_membership",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_group_membership_group_id_course_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_membership_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_group_membership")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_group_membership_person_id"), "group_membership", ["person_id"], unique=False)
    op.create_table(
        "checkin_group",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkin.id"], name=op.f("fk_checkin_group_checkin_id_checkin"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_checkin_group_group_id_course_group"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("checkin_id", "group_id", name=op.f("pk_checkin_group")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_checkin_group_group_id"), "checkin_group", ["group_id"], unique=False)
    op.add_column("checkin", sa.Column("for_groups", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("course_service", sa.Column("groups_url", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column("course_service", "groups_url")
    op.drop_column("checkin", "for_groups")
    for table in ("checkin_group", "group_membership", "course_group"):
        op.drop_table(table)
