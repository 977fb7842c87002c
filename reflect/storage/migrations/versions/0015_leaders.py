"""Leaders, terms, and the published weeks that leaders read

Revision ID: 0015
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def _numbers(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    figures = ("people", "students", "pleasant", "in_between", "unpleasant", "unsaid")
    op.create_table(
        "published_week",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        *_numbers(*figures, "named", "gone", "min_group_size"),
        _key("published_week", "course_id", "course"),
        sa.PrimaryKeyConstraint("course_id", "week_on", name=op.f("pk_published_week")),
    )
    op.create_table(
        "site_week",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        *_numbers("courses", *figures),
        _key("site_week", "registration_id", "registration"),
        sa.PrimaryKeyConstraint("registration_id", "week_on", name=op.f("pk_site_week")),
    )
    op.create_table(
        "counted_checkin",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("counted_at", MOMENT(), nullable=False),
        _key("counted_checkin", "checkin_id", "checkin"),
        sa.PrimaryKeyConstraint("checkin_id", name=op.f("pk_counted_checkin")),
    )
    # Who answered before this was told of no leaders: those check-ins count as looked at, and are never published.
    op.execute(
        "INSERT INTO counted_checkin (checkin_id, counted_at) "
        "SELECT id, opened_at FROM checkin WHERE opened_at IS NOT NULL"
    )
    op.create_table(
        "talk_period",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *_numbers("asked", "students", "waiting", "closed"),
        sa.Column("median_minutes", sa.Integer(), nullable=True),
        *_numbers("min_group_size"),
        _key("talk_period", "registration_id", "registration"),
        sa.PrimaryKeyConstraint("registration_id", "begins_on", name=op.f("pk_talk_period")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
    )
    with op.batch_alter_table("admin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", TEXT(), server_default="administrator", nullable=False))
        batch_op.add_column(sa.Column("registration_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_admin_registration_id_registration"),
            "registration",
            ["registration_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index(batch_op.f("ix_admin_registration_id"), ["registration_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("admin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_registration_id"))
        batch_op.drop_constraint(batch_op.f("fk_admin_registration_id_registration"), type_="foreignkey")
        batch_op.drop_column("registration_id")
        batch_op.drop_column("role")
    for table in ("term", "talk_period", "counted_checkin", "site_week", "published_week"):
        op.drop_table(table)
