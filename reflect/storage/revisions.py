"""The schemas that this release knows, by the files of its migrations.

Alembic knows them, too, but takes a tenth of a start to import; so it only comes where something is to be migrated.
"""

import re
from collections.abc import Set
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

MIGRATIONS: Final = Path(__file__).parent / "migrations"
REVISIONS: Final = tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))
"""From the first to the newest; one leads to the next."""
NEWEST: Final = REVISIONS[-1]
_NUMBER: Final = re.compile(r"[0-9]{4}")
VERSIONS: Final = "alembic_version"
"""The table, of one row, in which a database says which schema it has. Other programs have one of this name, too."""
ALWAYS: Final = frozenset({"checkin", "registration"})
"""Tables that every Reflect has."""
OURS_ALONE: Final = frozenset({"participation", "sealed_answer"})
"""With these it is a Reflect’s, though perhaps of a newer one than this."""


class DatabaseForeign(Exception):
    """The database is another program's, which says with Alembic, too, which schema it has."""


def is_behind(revision: str | None) -> bool:
    """Whether a database lacks something that this release needs.

    One of a newer release does not: a release only adds. So while machines are updated one after the other, and after
    going back, the older release goes on with it.
    """
    return revision != NEWEST and not is_newer(revision)


def is_newer(revision: str | None) -> bool:
    """Whether a database was migrated by a newer release than this, which numbers on."""
    return revision is not None and _NUMBER.fullmatch(revision) is not None and revision > NEWEST


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for one that was never migrated. Raises DatabaseForeign."""
    there = set(inspect(connection).get_table_names())
    revision = said(connection) if VERSIONS in there else None
    if revision is not None and not is_ours(revision, there):
        raise DatabaseForeign
    return revision


def is_ours(revision: str | None, there: Set[str]) -> bool:
    """Whether a database with this revision and these tables is a Reflect's: others may number as we do."""
    known = revision in REVISIONS
    return there >= ALWAYS and (known or (is_newer(revision) and there >= OURS_ALONE))


def said(connection: Connection) -> str | None:
    """What a database that has the table says of itself, whosever it is."""
    return connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()  # noqa: S608 - our own name
