"""The schemas that this release knows, by the files of its migrations.

Alembic knows them, too, but takes a tenth of a start to import; so it only comes where something is to be migrated.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

MIGRATIONS: Final = Path(__file__).parent / "migrations"
REVISIONS: Final = tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))
"""From the first to the newest; one leads to the next."""
NEWEST: Final = REVISIONS[-1]
VERSIONS: Final = "alembic_version"
"""The table, of one row, in which a database says which schema it has."""


def is_behind(revision: str | None) -> bool:
    """Whether a database lacks something that this release needs.

    One with a schema that this release does not know does not: it was migrated by a newer release, which only adds. So
    while machines are updated one after the other, and after going back, the older release goes on with it.
    """
    return revision is None or revision in REVISIONS[:-1]


def is_newer(revision: str | None) -> bool:
    """Whether a database was migrated by a newer release than this."""
    return revision is not None and revision not in REVISIONS


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for one that was never migrated."""
    return said(connection) if inspect(connection).has_table(VERSIONS) else None


def said(connection: Connection) -> str | None:
    """The same; raises DBAPIError for a database without such a table."""
    return connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()  # noqa: S608 - our own name
