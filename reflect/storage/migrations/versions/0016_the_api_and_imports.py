"""Keys of the API, what was read under them, and imported histories.

Revision ID: 0016
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reads_anonymous", sa.Boolean(), nullable=False),
        sa.Column("reads_named", sa.Boolean(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_in", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        _key("api_key", "registration_id", "registration"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
    )
    op.create_index(op.f("ix_api_key_registration_id"), "api_key", ["registration_id"], unique=False)
    op.create_table(
        "key_access",
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("hour", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        _key("key_access", "checkin_id", "checkin"),
        _key("key_access", "key_id", "api_key"),
        sa.PrimaryKeyConstraint("checkin_id", "key_id", "hour", name=op.f("pk_key_access")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_key_access_key_id"), "key_access", ["key_id"], unique=False)
    op.create_table(
        "imported_id",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("foreign_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        _key("imported_id", "deployment_id", "deployment"),
        _key("imported_id", "person_id", "person"),
        _key("imported_id", "course_id", "course"),
        sa.PrimaryKeyConstraint("deployment_id", "kind", "foreign_id", name=op.f("pk_imported_id")),
    )
    op.create_index(op.f("ix_imported_id_person_id"), "imported_id", ["person_id"], unique=False)
    op.create_index(op.f("ix_imported_id_course_id"), "imported_id", ["course_id"], unique=False)
    with op.batch_alter_table("checkin") as batch:
        batch.add_column(sa.Column("is_exported", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("import_key", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch.create_unique_constraint(op.f("uq_checkin_course_id_import_key"), ["course_id", "import_key"])
    op.create_index(op.f("ix_checkin_import_key"), "checkin", ["import_key"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_checkin_import_key"), table_name="checkin")
    with op.batch_alter_table("checkin") as batch:
        batch.drop_constraint(op.f("uq_checkin_course_id_import_key"), type_="unique")
        batch.drop_column("import_key")
        batch.drop_column("is_exported")
    for table in ("imported_id", "key_access", "api_key"):
        op.drop_table(table)
