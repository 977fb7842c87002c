"""What people have read of Reflect, and the institution's sign-in.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "introduction",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        _key("introduction", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_introduction")),
    )
    op.create_table(
        "identity",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        _key("identity", "person_id", "person"),
        _key("identity", "deployment_id", "deployment"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_identity")),
        sa.UniqueConstraint("deployment_id", "mark", name=op.f("uq_identity_deployment_id_mark")),
    )
    op.create_index(op.f("ix_identity_mark"), "identity", ["mark"], unique=False)
    op.add_column("enrolment", sa.Column("vouched_on", sa.Date(), nullable=True))
    waits = sa.Column("awaits_sign_in", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("launch_session", waits)


def downgrade() -> None:
    op.drop_column("launch_session", "awaits_sign_in")
    op.drop_column("enrolment", "vouched_on")
    op.drop_index(op.f("ix_identity_mark"), table_name="identity")
    op.drop_table("identity")
    op.drop_table("introduction")
